# SPDX-License-Identifier: EUPL-1.2
"""Dual use as the page shows it: the room per half-year, and the offers that can be made first."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.planning.portfolio.capacity_plan import CapacityPlan
from models.planning.portfolio.offers import LendingRoom
from models.planning.register.contract_forms import CONTRACT_FORMS, ContractTerms
from models.planning.register.locations import Location
from service.usecases.dual_use import LocatedOffer, located_offers

__all__ = ["DualUse", "join_dual_use"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DualUse:
    """What a plan could lend to others.

    Attributes:
        limit: Largest chance that lent places are needed too early [-].
        rooms: One entry per half-year.
        known_from: First half-year in which the room hangs on how high the need is by then,
            YYYY-MM; None where the plan tells no branches apart.
        every: Offers of all half-years, in the order in which to lend.
    """

    limit: float
    rooms: tuple[LendingRoom, ...]
    known_from: str | None
    every: tuple[LocatedOffer, ...]

    @property
    def first(self) -> LendingRoom:
        """The half-year that a decision of today is about."""
        return self.rooms[0]

    @property
    def offers(self) -> tuple[LocatedOffer, ...]:
        """What can be lent in that half-year."""
        return tuple(one for one in self.every if one.period == self.first.period)

    @property
    def forms(self) -> tuple[ContractTerms, ...]:
        """Contract forms of these offers, with what the law says of each."""
        used = {one.form for one in self.offers}
        return tuple(terms for form, terms in CONTRACT_FORMS.items() if form in used)

    @property
    def later(self) -> LendingRoom | None:
        """The first half-year with anything to offer, where the first of all has nothing."""
        if self.first.places_offered:
            return None
        return next((room for room in self.rooms if room.places_offered), None)


def join_dual_use(plan: CapacityPlan, register: Sequence[Location]) -> DualUse:
    """What a plan could lend, with the locations it is about."""
    return DualUse(
        limit=plan.settings.lending_limit,
        rooms=plan.lending,
        known_from=plan.known_from if len(plan.branches) > 1 else None,
        every=located_offers(plan, register),
    )
