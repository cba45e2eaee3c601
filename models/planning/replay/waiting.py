# SPDX-License-Identifier: EUPL-1.2
"""How many places to decide on now, when one can decide again every half-year."""

from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import count, takewhile
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInput
from models.planning.buffer.activation import call_up_level, expected_growth, ready_up_to
from models.planning.buffer.tiers import BufferTier, TierName, usual_tiers
from models.planning.costs import CostParameters
from models.types import Floats

__all__ = [
    "LEAD",
    "MONTHS_AHEAD",
    "Ready",
    "Reserves",
    "Terms",
    "best_places",
    "half_year_cost",
    "stand_ready",
]

LEAD = 6
"""From a decision to the half-year it is for [months]."""

DECISIONS = 4
"""Decisions that are looked through, this one included; half a year apart."""

MONTHS_AHEAD = LEAD + 6 * DECISIONS
"""Months of need that the decisions are about, from the one after this decision on."""

GROUPS = 10
"""Parts of the futures that a later decision can tell apart, by the need of its day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holding and changing places takes.

    Attributes:
        costs: Prices of places that are empty, missing, opened and closed.
        norm: Share of places that can be slept in at the same time, in (0, 1] [-].
        lot: Places come and go in whole locations of this size [places].
    """

    costs: CostParameters
    norm: float
    lot: int

    def __post_init__(self) -> None:
        if not 0 < self.norm <= 1 or self.lot < 1:
            raise InvalidInput("Deciding needs a norm in (0, 1] and locations with places.")

    def tier(self, name: TierName) -> BufferTier:
        """A tier of the buffer at these prices."""
        return next(tier for tier in usual_tiers(self.costs) if tier.name is name)


class Reserves(IntEnum):
    """Which reserves there are, each beside the one before."""

    NONE = 0
    """All places are open."""
    DIRECT = 1
    """Places under agreement that nobody is expected to need soon are closed for the time being."""
    INDIRECT = 2
    """Besides, other places are on call, beyond all that are under agreement."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ready:
    """Up to which number of people places stand ready, those who come first in regular ones.

    Attributes:
        agreed: Places under agreement [persons], shape (..., months).
        on_call: Places of the indirect reserve [persons], of the same shape; they begin where the
            agreements end.
        most_on_call: Number of those, ready or not [places].
    """

    agreed: Floats
    on_call: Floats
    most_on_call: float = 0.0

    def between(self, begin: int, end: int) -> Self:
        """The same, of some months only."""
        agreed, on_call = self.agreed[..., begin:end], self.on_call[..., begin:end]
        return replace(self, agreed=agreed, on_call=on_call)


def stand_ready(
    need: Floats, *, expected: Floats, terms: Terms, reserves: Reserves
) -> Ready | None:
    """What stands ready in each month, the rest being kept in reserve.

    Places are made ready as the tiers of a buffer are: for the need that is expected once they are.

    Args:
        need: Need [persons], shape (paths, months).
        expected: Futures of the same months as forecast before the first [persons], shape (other
            paths, at least as many months); they say how much the need grows while places are made
            ready.
        terms: Gives prices and the time that takes.
        reserves: Which reserves there are.

    Returns:
        Persons, of the shape of `need`; 0 in the first months, of which nobody could decide. None
        where all places are open.

    Source:
        docs/methods.md, Buffer, equations 7 to 9.
    """

    def ready(tier: BufferTier) -> Floats:
        level = call_up_level(tier, costs=terms.costs, norm=terms.norm)
        futures = expected[:, : need.shape[1]]
        growth = expected_growth(futures, tier=tier, before=0, level=level)
        return ready_up_to(need, tier=tier, before=0, growth=growth)

    if reserves is Reserves.NONE:
        return None
    agreed = ready(terms.tier(TierName.DIRECT_RESERVE))
    if reserves is Reserves.DIRECT:
        return Ready(agreed=agreed, on_call=np.zeros_like(agreed))
    indirect = terms.tier(TierName.INDIRECT_RESERVE)
    return Ready(
        agreed=agreed, on_call=ready(indirect), most_on_call=float(indirect.most_places or 0)
    )


def half_year_cost(
    need: Floats, places: Floats | float, *, terms: Terms, ready: Ready | None = None
) -> Floats:
    """Cost of open, reserved and missing places over some months, and of calling up [EUR].

    Args:
        need: Need by month [persons], shape (..., months).
        places: Under agreement throughout [places], of a shape that goes with all but the months.
        terms: Prices and norm.
        ready: What stands ready, beginning a month earlier, shape (..., months + 1); None where
            all places are open.

    Source:
        docs/methods.md, Replay, equation 1.
    """
    costs, held = terms.costs, np.asarray(places, dtype=float)[..., np.newaxis]
    room = terms.norm * held
    there = np.broadcast_to(room, need.shape) if ready is None else np.minimum(ready.agreed, room)
    stood = there if ready is None else there[..., 1:]
    housed = np.minimum(need, stood)
    yearly = (
        costs.missing_premium * (need - housed)
        + costs.regular_open * (stood / terms.norm - housed)
        + costs.empty_place * (held - stood / terms.norm)
    )
    cost: Floats = yearly.sum(axis=-1) / 12
    if ready is None:
        return cost
    called = np.maximum(np.diff(there, axis=-1), 0.0).sum(axis=-1) / terms.norm
    cost = cost + terms.tier(TierName.DIRECT_RESERVE).activation_eur * called
    return cost + _on_call_cost(need, room, terms=terms, ready=ready)


def _on_call_cost(need: Floats, room: Floats, *, terms: Terms, ready: Ready) -> Floats:
    """Cost of the indirect reserve, less the missing places that it spares [EUR]."""
    costs, tier = terms.costs, terms.tier(TierName.INDIRECT_RESERVE)
    end = room + terms.norm * ready.most_on_call
    there = np.clip(ready.on_call, room, end) - room
    stood = there[..., 1:]
    housed = np.minimum(stood, np.clip(need, room, end) - room)
    yearly = (
        (tier.person_eur - costs.regular_person - costs.missing_premium) * housed
        + costs.regular_open * (stood / terms.norm - housed)
        + tier.holding_eur * (ready.most_on_call - stood / terms.norm)
    )
    called = np.maximum(np.diff(there, axis=-1), 0.0).sum(axis=-1) / terms.norm
    cost: Floats = yearly.sum(axis=-1) / 12 + tier.activation_eur * called
    return cost


def best_places(need: Floats, *, held: float, terms: Terms, reserves: Reserves) -> float:
    """The cheapest number of places to decide on now, knowing what can be mended later.

    Every half-year one decides again, for the half-year that begins half a year on. By then the
    need of that day is known, and with it which tenth of the futures one is in. Places that are
    opened now may have to be closed again, and what is closed now may have to be opened again;
    both are paid for. So it is worth waiting where little is lost by it, and a small change of the
    forecast changes nothing.

    Args:
        need: Futures of the need from the next month on [persons], shape (paths, months), at
            least `MONTHS_AHEAD` of them; later ones are not looked at.
        held: Places in the half-year before the one that is decided on [places].
        terms: Prices, norm and size of a location.
        reserves: Which reserves there are.

    Returns:
        Places [places]: those held, and whole locations more or fewer.

    Raises:
        InvalidInput: too few months of need, or need that is no count.

    Source:
        Bellman (1957), Dynamic Programming; docs/methods.md, Replay, equation 2.
    """
    if need.ndim != 2 or not len(need) or need.shape[1] < MONTHS_AHEAD:
        raise InvalidInput(f"Need of shape {need.shape} is no {MONTHS_AHEAD} months on any path.")
    if not np.isfinite(need).all() or need.min() < 0 or held < 0:
        raise InvalidInput("Need for places is finite and never negative.")
    choices = _choices(need, held=held, terms=terms)
    change = choices[np.newaxis, :] - choices[:, np.newaxis]
    moving = terms.costs.open_place * np.maximum(change, 0.0)
    moving += terms.costs.close_place * np.maximum(-change, 0.0)
    ready = stand_ready(need, expected=need, terms=terms, reserves=reserves)

    def cost(decision: int) -> Floats:
        return _by_choice(need, ready, decision, choices, terms=terms)

    # What comes after each choice, by path; at the end of what is looked through, nothing.
    after = np.zeros((len(need), len(choices)))
    for decision in range(DECISIONS - 1, 0, -1):
        ahead = after + cost(decision)
        group = _groups(need[:, 6 * decision - 1])
        expected = np.stack([ahead[group == one].mean(axis=0) for one in range(group.max() + 1)])
        after = (moving + expected[:, np.newaxis, :]).min(axis=2)[group]
    now = (after + cost(0)).mean(axis=0)
    at = int(np.flatnonzero(choices == held)[0])
    return float(choices[np.argmin(moving[at] + now)])


def _choices(need: Floats, *, held: float, terms: Terms) -> Floats:
    """Numbers of places a whole number of locations away from what is held, rising."""
    # Places that one future in a thousand would fill pay at no price anybody has published.
    most = max(float(np.quantile(need, 0.999)) / terms.norm, held) + terms.lot
    up = takewhile(lambda places: places <= most, count(held + terms.lot, terms.lot))
    down = takewhile(lambda places: places >= 0, count(held, -terms.lot))
    return np.array(sorted([*down, *up]), dtype=float)


def _by_choice(
    need: Floats, ready: Ready | None, decision: int, choices: Floats, *, terms: Terms
) -> Floats:
    """Cost of the half-year that a decision is for [EUR], shape (paths, choices)."""
    begin, end = LEAD + 6 * decision, LEAD + 6 * (decision + 1)
    there = None if ready is None else ready.between(begin - 1, end)
    months = need[:, begin:end]
    costs = [half_year_cost(months, one, terms=terms, ready=there) for one in choices]
    return np.stack(costs, axis=1)


def _groups(known: Floats) -> NDArray[np.intp]:
    """Which part of the futures each belongs to, by the need of a day; shape (paths,).

    Parts are equal but for ties: futures that are alike that day are in the same part.
    """
    groups = min(GROUPS, len(known))
    rank = np.searchsorted(np.sort(known), known, side="left")
    part: NDArray[np.intp] = np.unique(rank * groups // len(known), return_inverse=True)[1]
    return part
