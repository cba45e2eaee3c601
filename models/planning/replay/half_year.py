# SPDX-License-Identifier: EUPL-1.2
"""One half-year of a replay: the decision for it, what stands ready in it, what that costs."""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Self

import numpy as np

from models.errors import InvalidInput
from models.planning.buffer.activation import call_up_level, expected_growth, ready_up_to
from models.planning.buffer.tiers import BufferTier, TierName, usual_tiers
from models.planning.costs import CostParameters
from models.types import Floats

__all__ = ["LEAD", "Ready", "Reserves", "Step", "Terms", "half_year_cost", "stand_ready"]

LEAD = 6
"""From a decision to the half-year it is for [months]."""


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
        costs, norm = terms.costs, terms.norm
        level = call_up_level(tier, costs=costs, missing_eur=costs.missing_premium, norm=norm)
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """One decision: places for one half-year, decided one half-year before it begins.

    Attributes:
        decided_at: Day of the decision, ISO.
        period: First month of the half-year it is for, YYYY-MM.
        need: Need as forecast then, from the month after the decision on [persons], shape
            (paths, months).
        official: Places of the official plan in force then [places]; None where none was
            published yet.
        realised: Need as it turned out, from the month after the decision to the end of the
            half-year it is for [persons], shape (LEAD + 6,).
        terms: Prices of the time, occupancy norm and size of a location.
    """

    decided_at: str
    period: str
    need: Floats
    official: int | None
    realised: Floats
    terms: Terms

    @property
    def outcome(self) -> Floats:
        """Need as it turned out in the half-year that the decision is for [persons], shape (6,)."""
        return self.realised[LEAD:]

    def ready(self, reserves: Reserves) -> Ready | None:
        """What would have been ready had there been any number of places under agreement.

        Reserves are called up by the need of the day and the growth that this decision's forecast
        expects; by nothing that came later.

        Returns:
            In the half-year that the decision is for, shape (6,); None where all are open.
        """
        then = self.realised[np.newaxis]
        found = stand_ready(then, expected=self.need, terms=self.terms, reserves=reserves)
        if found is None:
            return None
        return replace(found, agreed=found.agreed[0, LEAD:], on_call=found.on_call[0, LEAD:])
