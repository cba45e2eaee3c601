# SPDX-License-Identifier: EUPL-1.2
"""What any mix of places would do in a window of sampled need, and the cheapest mix.

Every place has a number, and what it costs and saves does not depend on the places with other
numbers. So the cheapest mix is found by adding tier after tier in their order, without a search.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy.ndimage import minimum_filter1d

from models.errors import InvalidInput
from models.planning.buffer.activation import (
    Stay,
    call_up_level,
    expected_growth,
    ready_up_to,
    stay,
)
from models.planning.buffer.rungs import Levels, Rung, missing_rung, regular_rung, tier_rung
from models.planning.buffer.tiers import BufferTier, TierName, check_tiers
from models.planning.costs import CostParameters
from models.types import Floats

__all__ = ["Places", "Sizing", "SufficiencyPoint"]

Places = tuple[int, ...]
"""Regular places, and those of each held tier in the order of the ladder [places]."""

_CURVE_POINTS = 41
_MOST_STEPS = 40_000
"""Places are weighed one by one up to this number, and in so many equal steps beyond it."""
_CENT = 0.01
_NOBODY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class SufficiencyPoint:
    """What a number of places would do in the window: one point of the S-curve.

    Attributes:
        places: Places held, reserves included [places].
        chance_every_month: Share of futures in which nobody misses one of them in any month [-].
        chance_average_month: Share of months, over all futures, in which nobody does [-].
        empty_place_months: Expected places that stand ready and nobody sleeps in [place·months].
        missing_place_months: Expected persons without one of them [place·months].
        cost_eur: Expected cost above that of a regular place for everybody [EUR].
    """

    places: int
    chance_every_month: float
    chance_average_month: float
    empty_place_months: float
    missing_place_months: float
    cost_eur: float


class Sizing:
    """Costs of any mix of places, and the cheapest one, exact on the sample."""

    def __init__(
        self,
        need: Floats,
        *,
        tiers: Sequence[BufferTier],
        costs: CostParameters,
        norm: float,
        before: int = 0,
        level: float | None = None,
    ) -> None:
        """Take the need of a window, and of the months before it that are known.

        Args:
            need: Need [persons], shape (paths, before + months).
            tiers: The ladder, in the order in which tiers are called up.
            costs: Costs of regular places and of the last resort.
            norm: Share of places that can be slept in at the same time [-], in (0, 1].
            before: Months of need that come before the window.
            level: Share of futures in which a place that is called up turns out enough [-], the
                same for every held tier; None for what the prices of each make it.

        Raises:
            InvalidInput: tiers that make no ladder, or costs at which no place pays for itself.
        """
        check_tiers(tiers, costs=costs)
        has_emergency = bool(tiers) and tiers[-1].name is TierName.EMERGENCY
        self.held = tuple(tiers[:-1] if has_emergency else tiers)
        self.tiers = tuple(tiers)
        self._costs, self._norm = costs, norm
        self._emergency = tiers[-1].person_eur - costs.regular_person if has_emergency else 0.0
        self._waiting = max(costs.last_resort_person - costs.regular_person, self._emergency)
        self._premium = self._emergency if has_emergency else self._waiting
        if costs.regular_open >= norm * (self._premium + costs.regular_open):
            raise InvalidInput(
                f"At {self._premium:,.0f} EUR for a missing and {costs.regular_open:,.0f} EUR for "
                "an empty place, no place pays for itself."
            )
        # Sums differ in the last digit with the order of the paths; so the paths get one order.
        need = need[np.lexsort(need.T)]
        self.window: Floats = need[:, before:]
        self._peaks = np.sort(self.window.max(axis=1))
        self._ready = tuple(
            self._ready_up_to(need, tier=tier, before=before, level=level) for tier in self.tiers
        )
        self._most = self.places_for(float(self._peaks[-1]))
        self._step = max(-(-self._most // _MOST_STEPS), 1)
        self._found: dict[tuple[float | None, int], Places] = {}

    def _ready_up_to(
        self, need: Floats, *, tier: BufferTier, before: int, level: float | None
    ) -> Floats:
        if level is None or tier.name is TierName.EMERGENCY:
            level = call_up_level(
                tier, costs=self._costs, missing_eur=self._premium, norm=self._norm
            )
        growth = expected_growth(need, tier=tier, before=before, level=level)
        return ready_up_to(need, tier=tier, before=before, growth=growth)

    @cached_property
    def _rungs(self) -> tuple[Rung, ...]:
        """Regular places, each held tier, and no place at all."""
        has_emergency = len(self.tiers) > len(self.held)
        levels = Levels(
            window=self.window,
            found=np.minimum(self._ready[-1] if has_emergency else 0.0, self.window),
            step=self._step,
            count=-(-self._most // self._step),
            norm=self._norm,
            emergency_eur=self._emergency,
            waiting_eur=self._waiting,
        )
        return (
            regular_rung(levels, costs=self._costs),
            *(
                tier_rung(levels, tier=tier, ready=ready, costs=self._costs)
                for tier, ready in zip(self.held, self._ready, strict=False)
            ),
            missing_rung(levels),
        )

    def places_for(self, persons: float) -> int:
        """The fewest places that house this many persons."""
        # Without the tolerance, rounding noise in the division would buy a whole place.
        return int(np.ceil(persons / self._norm - 1e-6))

    def cheapest(self, price: float | None = None, *, least_regular: int = 0) -> Places:
        """The mix with the least expected cost; the fewest places where several tie.

        Args:
            price: What everybody who misses a place costs more than a person in a regular one,
                instead of the price of emergency reception and of the last resort
                [EUR/(person·year)].
            least_regular: Regular places that there are in any case [places].

        Source:
            docs/methods.md, Buffer, equations 12 and 13.
        """
        asked = price, -(-least_regular // self._step)
        if asked not in self._found:
            self._found[asked] = self._solve(*asked)
        return self._found[asked]

    def _solve(self, price: float | None, least_steps: int) -> Places:
        regular, *held, nothing = self._rungs
        costs = [rung.cost(price) for rung in held]
        best = [regular.cost(price)]
        best[0][:least_steps] = np.inf
        for rung, cost in zip(held, costs, strict=True):
            best.append(cost + _least_before(best[-1] - cost, rung.most))
        top = _first_least(best[-1] - nothing.cost(price))
        steps: list[int] = []
        for rung, cost, lower in zip(held[::-1], costs[::-1], best[-2::-1], strict=True):
            low = 0 if rung.most is None else max(top - rung.most, 0)
            # Where two are as cheap, the place goes to the lower tier.
            steps.append(_first_least((lower - cost)[low : top + 1][::-1]))
            top -= steps[-1]
        return tuple(self._step * count for count in (top, *steps[::-1]))

    def stay(self, places: Places) -> Stay:
        """Where everybody was on every path with a mix of places."""
        return stay(
            self.window, tiers=self.tiers, ready=self._ready, places=places, norm=self._norm
        )

    def costs_by_path(self, places: Places, housed: Stay) -> Floats:
        """Cost of a mix above that of a regular place for everybody [EUR], shape (rows, paths).

        Returns:
            One row for the regular places, one per held tier, and one for who misses a place.
        """
        months = self.window.shape[1]
        ready, used = housed.ready.sum(axis=2), housed.used.sum(axis=2)
        empty = self._costs.regular_open * (ready - used)
        rows = [empty[0] / 12]
        for at, tier in enumerate(self.held, start=1):
            rises = np.maximum(np.diff(housed.ready[at], axis=1, prepend=0.0), 0.0).sum(axis=1)
            yearly = (
                (tier.person_eur - self._costs.regular_person) * used[at]
                + empty[at]
                + tier.holding_eur * (months * places[at] - ready[at])
            )
            rows.append(yearly / 12 + tier.activation_eur * rises)
        in_emergency, waiting = housed.emergency.sum(axis=1), housed.waiting.sum(axis=1)
        rows.append((self._emergency * in_emergency + self._waiting * waiting) / 12)
        return np.stack(rows)

    def outcome(self, places: int | Places) -> SufficiencyPoint:
        """What a mix, or a number of regular places alone, would do over the window."""
        mix = self.regular(places) if isinstance(places, int) else places
        housed = self.stay(mix)
        # A place for a millionth of a person is no place too few.
        short = housed.missing > 1e-6 * self._norm
        return SufficiencyPoint(
            places=sum(mix),
            chance_every_month=float(np.mean(~short.any(axis=1))),
            chance_average_month=float(np.mean(~short)),
            empty_place_months=float((housed.ready - housed.used).sum(axis=(0, 2)).mean()),
            missing_place_months=float(housed.missing.sum(axis=1).mean()),
            cost_eur=float(self.costs_by_path(mix, housed).sum(axis=0).mean()),
        )

    def regular(self, places: int) -> Places:
        """A mix of regular places alone."""
        return (places, *(0 for _ in self.held))

    def at_service_level(self, level: float) -> Places:
        """The cheapest mix with which nobody misses a place in any month, with a chosen chance.

        A place that must be called up is too late for who comes unexpected, so regular places
        keep this promise: they are added until the rest, chosen for its cost, needs no more.

        Args:
            level: The chance asked for [-], above 0 and at most 1.

        Source:
            docs/methods.md, Buffer, equation 15.
        """
        peak = self._peaks[int(np.ceil(level * len(self._peaks) - 1e-9)) - 1]
        low, high = -1, self.places_for(float(peak))
        while high - low > 1:
            middle = (low + high) // 2
            mix = self.cheapest(least_regular=middle)
            enough = self.outcome(mix).chance_every_month >= level - 1e-9
            low, high = (low, middle) if enough else (middle, high)
        return self.cheapest(least_regular=high)

    def least_that(self, keeps: Callable[[Places], bool]) -> Places:
        """The cheapest mix that keeps a promise about missing places.

        Args:
            keeps: Whether a mix does; a dearer shortage must not make it worse.

        Source:
            docs/methods.md, Buffer, equation 16.
        """
        best = self.cheapest()
        if keeps(best):
            return best
        _, fails, holds = self._crossing(keeps)
        # At that price all between the two is as cheap; less is cheaper at the price there is.
        parts = max(abs(more - less) for less, more in zip(fails, holds, strict=True))
        low, high = 0, parts
        while high - low > 1:
            middle = (low + high) // 2
            enough = keeps(_between(fails, holds, middle / parts))
            low, high = (low, middle) if enough else (middle, high)
        return _between(fails, holds, high / max(parts, 1))

    def implied_price(self, places: int | Places) -> float | None:
        """What a missing place must cost per year for it to be worth missing no more [EUR].

        Args:
            places: A mix, or a number of regular places alone.

        Returns:
            The lowest price at which the cheapest mix leaves no more persons without a place;
            0 for no places, None where no future fills the last one.

        Source:
            docs/methods.md, Buffer, equation 17.
        """
        mix = self.regular(places) if isinstance(places, int) else places
        if sum(mix) < 1:
            return 0.0
        if sum(mix) >= self.places_for(float(self._peaks[-1])) + self._step:
            return None
        missing = float(self.stay(mix).missing.sum(axis=1).mean()) * (1 + 1e-9) + 1e-9
        price, *_ = self._crossing(lambda other: self._line(other)[1] <= missing)
        return price

    def _crossing(self, keeps: Callable[[Places], bool]) -> tuple[float, Places, Places]:
        """The price of a missing place from which on the cheapest mix keeps a promise.

        Returns:
            That price, at which two mixes are equally cheap, and both: the one that does not
            keep the promise and the one that does.
        """
        fails = self.regular(0)
        holds = self.regular(self._step * (len(self._rungs[0].missing) - 1))
        if keeps(fails):
            return 0.0, fails, fails
        while True:
            (without, more), (dear, fewer) = self._line(fails), self._line(holds)
            if more - fewer <= _NOBODY:
                return 0.0, fails, holds
            price = max((dear - without) / (more - fewer), 0.0)
            middle = self.cheapest(12 * price)
            held, missing = self._line(middle)
            if held + price * missing >= without + price * more - _CENT:
                return 12 * price, fails, holds
            fails, holds = (fails, middle) if keeps(middle) else (middle, holds)

    def _line(self, places: Places) -> tuple[float, float]:
        """Cost of holding a mix of whole steps, and who misses a place [EUR, person·months]."""
        edges = [0, *(int(edge) for edge in np.cumsum(places) // self._step)]
        *held, nothing = self._rungs
        eur = nothing.held_eur[-1] - nothing.held_eur[edges[-1]]
        missing = nothing.missing[-1] - nothing.missing[edges[-1]]
        for rung, (low, high) in zip(held, pairwise(edges), strict=True):
            eur += rung.held_eur[high] - rung.held_eur[low]
            missing += rung.missing[high] - rung.missing[low]
        return float(eur), float(missing)

    def grid(self) -> list[int]:
        """Numbers of places from where they hardly ever to where they always suffice."""
        low = self.places_for(float(np.quantile(self.window, 0.005)))
        high = self.places_for(float(self._peaks[-1]))
        return sorted({round(places) for places in np.linspace(low, high, _CURVE_POINTS).tolist()})


def _least_before(values: Floats, most: int | None) -> Floats:
    """The least of the values at most `most` places back, for every place."""
    if most is None or most >= len(values):
        return np.minimum.accumulate(values)
    least: Floats = minimum_filter1d(
        values, most + 1, origin=most - (most + 1) // 2, mode="constant", cval=np.inf
    )
    return least


def _first_least(values: Floats) -> int:
    """Where the values are first least; sums of euros are not exact."""
    return int(np.argmax(values <= values.min() + _CENT))


def _between(less: Places, more: Places, share: float) -> Places:
    """A mix part of the way from one to another, in whole places."""
    return tuple(round(one + share * (other - one)) for one, other in zip(less, more, strict=True))
