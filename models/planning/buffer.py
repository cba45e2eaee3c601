# SPDX-License-Identifier: EUPL-1.2
"""How many places to hold: the cheapest number, the house rule, and what each choice implies."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models.errors import InvalidInput
from models.periods import Months
from models.planning.costs import CostParameters
from models.planning.locations import parse_month
from models.types import Floats

__all__ = [
    "BOARD_LEVELS",
    "BufferAdvice",
    "BufferOption",
    "DecisionWindow",
    "OptionBasis",
    "SufficiencyPoint",
    "advise_buffer",
]

BOARD_LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Chances of enough places in every month that the board is shown [-]."""

_CURVE_POINTS = 41
_NOBODY = 1e-9


class OptionBasis(StrEnum):
    """Where an offered number of places comes from."""

    COST_OPTIMAL = "cost_optimal"
    """The least expected cost of empty and missing places together."""
    HOUSE_RULE = "house_rule"
    """Median need in the last month of the window, divided by the occupancy norm."""
    SERVICE_LEVEL = "service_level"
    """The fewest places that suffice in every month with a chosen chance."""
    CONSIDERED = "considered"
    """A number that was asked about, for instance the places of today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionWindow:
    """The months that a number of places is chosen for, first and last included.

    Attributes:
        first: First month, YYYY-MM.
        last: Last month, YYYY-MM.
    """

    first: str
    last: str

    def __post_init__(self) -> None:
        if parse_month(self.first) > parse_month(self.last):
            raise InvalidInput(f"The window ends in {self.last}, before it begins in {self.first}.")

    def within(self, periods: Months) -> slice:
        """Where the window lies in successive months.

        Raises:
            InvalidInput: part of it lies outside them.
        """
        start = int((parse_month(self.first) - periods[0].astype("datetime64[M]")).astype(int))
        stop = int((parse_month(self.last) - periods[0].astype("datetime64[M]")).astype(int)) + 1
        if start < 0 or stop > len(periods):
            raise InvalidInput(
                f"The window {self.first} to {self.last} lies outside the forecast, which runs "
                f"from {periods[0]} to {periods[-1]}."
            )
        return slice(start, stop)


@dataclass(frozen=True, slots=True, kw_only=True)
class SufficiencyPoint:
    """What a number of places would do in the window: one point of the S-curve.

    Attributes:
        places: Places held [places].
        chance_every_month: Share of futures in which they suffice in every month [-].
        chance_average_month: Share of months, over all futures, in which they suffice [-].
        empty_place_months: Expected places that nobody sleeps in [place·months].
        missing_place_months: Expected persons without one of them [place·months].
        cost_eur: Expected cost of the empty and the missing places [EUR].
    """

    places: int
    chance_every_month: float
    chance_average_month: float
    empty_place_months: float
    missing_place_months: float
    cost_eur: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferOption:
    """A number of places that the board may choose.

    Attributes:
        basis: Where the number comes from.
        service_level: The chance asked for; None unless the basis is a service level [-].
        outcome: What the number would do.
        buffer_places: Places above the highest monthly median of need; may be negative [places].
        implied_price_eur: What a missing place must cost per year for the last place held to
            pay for itself; None where no future fills it [EUR/(person·year)].
    """

    basis: OptionBasis
    service_level: float | None
    outcome: SufficiencyPoint
    buffer_places: int
    implied_price_eur: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferAdvice:
    """How many places to hold over a window, and what the alternatives would do.

    Attributes:
        window: The months it is about.
        occupancy_norm: Share of places that can be slept in at the same time [-].
        costs: Costs it rests on.
        futures: Number of sample paths.
        median_need: Highest monthly median of need in the window [persons].
        recommended: The cost-optimal option.
        house_rule: The usual rule, beside it.
        service_levels: One option per level in `BOARD_LEVELS`, rising.
        curve: The S-curve, by rising number of places.
        considered: One option per number that was asked about.
    """

    window: DecisionWindow
    occupancy_norm: float
    costs: CostParameters
    futures: int
    median_need: float
    recommended: BufferOption
    house_rule: BufferOption
    service_levels: tuple[BufferOption, ...]
    curve: tuple[SufficiencyPoint, ...]
    considered: tuple[BufferOption, ...] = ()


def advise_buffer(
    need: Floats,
    *,
    periods: Months,
    window: DecisionWindow,
    costs: CostParameters,
    occupancy_norm: float,
    considered: Sequence[int] = (),
) -> BufferAdvice:
    """The cost-optimal number of places for a window, beside the house rule and service levels.

    Args:
        need: Need for places [persons], shape (paths, months).
        periods: Months of the need, without gaps, shape (months,).
        window: The months to decide for.
        costs: Costs of an empty and of a missing place.
        occupancy_norm: Share of places that can be slept in at the same time [-], in (0, 1].
        considered: Numbers to be told about as well, for instance the places of today [places].

    Returns:
        The advice; it does not depend on the order of the paths.

    Raises:
        InvalidInput: need that is no count, a norm outside (0, 1], a window outside the
            forecast, fewer than no places, or costs at which no place would pay for itself.

    Source:
        docs/methods.md, Buffer, equations 1 to 6.
    """
    sample = _in_window(need, periods=periods, window=window)
    if not 0 < occupancy_norm <= 1:
        raise InvalidInput(f"An occupancy norm of {occupancy_norm} is not above 0 and at most 1.")
    if min(considered, default=0) < 0:
        raise InvalidInput("There cannot be fewer than no places.")
    sizing = _Sizing(sample, costs=costs, norm=occupancy_norm)
    medians = np.median(sample, axis=0)
    peaks = np.sort(sample.max(axis=1))

    def option(places: int, basis: OptionBasis, service_level: float | None = None) -> BufferOption:
        return BufferOption(
            basis=basis,
            service_level=service_level,
            outcome=sizing.outcome(places),
            buffer_places=places - int(np.ceil(medians.max())),
            implied_price_eur=sizing.implied_price(places),
        )

    return BufferAdvice(
        window=window,
        occupancy_norm=occupancy_norm,
        costs=costs,
        futures=len(sample),
        median_need=float(medians.max()),
        recommended=option(sizing.cheapest(), OptionBasis.COST_OPTIMAL),
        house_rule=option(sizing.places_for(medians[-1]), OptionBasis.HOUSE_RULE),
        service_levels=tuple(
            option(
                sizing.places_for(peaks[int(np.ceil(level * len(peaks) - 1e-9)) - 1]),
                OptionBasis.SERVICE_LEVEL,
                level,
            )
            for level in BOARD_LEVELS
        ),
        curve=tuple(sizing.outcome(places) for places in sizing.grid()),
        considered=tuple(option(places, OptionBasis.CONSIDERED) for places in considered),
    )


def _in_window(need: Floats, *, periods: Months, window: DecisionWindow) -> Floats:
    if need.ndim != 2 or not need.size or need.shape[1] != len(periods):
        raise InvalidInput(
            f"Need of shape {need.shape} does not fit {len(periods)} months: paths by months."
        )
    if not np.isfinite(need).all() or np.any(need < 0):
        raise InvalidInput("Need for places is finite and never negative.")
    sample: Floats = need[:, window.within(periods)]
    return sample


class _Sizing:
    """Expected empty and missing places for any number of places, exact on the sample."""

    def __init__(self, sample: Floats, *, costs: CostParameters, norm: float) -> None:
        if costs.empty_place >= norm * (costs.missing_premium + costs.empty_place):
            raise InvalidInput(
                f"At {costs.missing_premium:,.0f} EUR for a missing and "
                f"{costs.empty_place:,.0f} EUR for an empty place, no place pays for itself."
            )
        self._peaks = np.sort(sample.max(axis=1))
        self._pooled = np.sort(sample, axis=None)
        self._cumulative = np.concatenate([[0.0], np.cumsum(self._pooled)])
        self._months = sample.shape[1]
        self._costs = costs
        self._norm = norm

    def places_for(self, persons: float) -> int:
        """The fewest places that house this many persons."""
        # Without the tolerance, rounding noise in the division would buy a whole place.
        return int(np.ceil(persons / self._norm - 1e-6))

    def _missing_and_empty(self, places: int) -> tuple[float, float]:
        """Expected missing and empty places, per month."""
        usable = self._norm * places
        count = len(self._pooled)
        within = int(np.searchsorted(self._pooled, usable, side="right"))
        above = self._cumulative[-1] - self._cumulative[within]
        missing = (above - (count - within) * usable) / count
        housed = self._cumulative[-1] / count - missing
        return float(missing), float(places - housed)

    def outcome(self, places: int) -> SufficiencyPoint:
        """What a number of places would do over the window."""
        missing, empty = self._missing_and_empty(places)
        yearly = self._costs.missing_premium * missing + self._costs.empty_place * empty
        return SufficiencyPoint(
            places=places,
            chance_every_month=self._chance(self._peaks, places),
            chance_average_month=self._chance(self._pooled, places),
            empty_place_months=empty * self._months,
            missing_place_months=missing * self._months,
            cost_eur=yearly * self._months / 12,
        )

    def _chance(self, rising: Floats, places: int) -> float:
        usable = self._norm * places + 1e-6 * self._norm
        return float(np.searchsorted(rising, usable, side="right") / len(rising))

    def cheapest(self) -> int:
        """The number of places with the least expected cost; the fewest where several tie."""
        ratio = self._costs.empty_place / (self._costs.missing_premium + self._costs.empty_place)
        level = 1 - ratio / self._norm
        rank = max(int(np.ceil(level * len(self._pooled) - 1e-9)), 1)
        best = self._pooled[rank - 1] / self._norm
        # The cost is convex in the places, so the best whole number is next to the best number.
        candidates = sorted({int(np.floor(best)), int(np.ceil(best))})
        return min(candidates, key=lambda places: self.outcome(places).cost_eur)

    def implied_price(self, places: int) -> float | None:
        """What a missing place must cost per year for the last place to pay for itself [EUR]."""
        if places < 1:
            return 0.0
        missing, empty = self._missing_and_empty(places)
        missing_before, empty_before = self._missing_and_empty(places - 1)
        spared = missing_before - missing
        if spared <= _NOBODY:
            return None
        return self._costs.empty_place * max(empty - empty_before, 0.0) / spared

    def grid(self) -> list[int]:
        """Numbers of places from where they hardly ever to where they always suffice."""
        low = self.places_for(float(np.quantile(self._pooled, 0.005)))
        high = self.places_for(float(self._peaks[-1]))
        return sorted({round(places) for places in np.linspace(low, high, _CURVE_POINTS).tolist()})
