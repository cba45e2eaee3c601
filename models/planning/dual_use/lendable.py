# SPDX-License-Identifier: EUPL-1.2
"""Which places of a plan may be lent from the start of a half-year, those needed last first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.planning.costs import CostParameters
from models.planning.portfolio.terms import MONTHS_PER_HALF_YEAR
from models.planning.portfolio.uses import UseState
from models.planning.register.contract_forms import CONTRACT_FORMS, ContractTerms
from models.planning.register.kinds import ContractForm, DualUseGroup, LocationStatus
from models.planning.register.locations import Location
from models.planning.register.place_costs import PlaceCosts, place_costs

__all__ = ["Lendable", "lendable"]

_NEEDED_FIRST = {UseState.LENT: 0, UseState.RESERVE: 1}
"""How early the plan counts on a place, by its use; on what is open it counts first of all."""

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Lendable:
    """Places of one location that contract and plan allow to be lent from a half-year on.

    Attributes:
        location: The line of the register.
        use: What the plan does with it in that half-year.
        places: Places in whole units [places].
        groups: To whom they may be lent.
        term_months: Longest term [months]; None where the tenants stay for good.
        months_until_back: From lending until they can be back [months]; None for never.
        lent_already: Whether tenants live there already, so that only the notice counts.
        costs: What a place there costs.
    """

    location: Location
    use: UseState
    places: int
    groups: tuple[DualUseGroup, ...]
    term_months: int | None
    months_until_back: int | None
    lent_already: bool
    costs: PlaceCosts

    @property
    def is_idle(self) -> bool:
        """Whether the plan keeps nobody there who seeks asylum, nor staff for them."""
        return self.use in {UseState.RESERVE, UseState.LENT}

    @property
    def saving_eur(self) -> float:
        """Rent and saved staff of a place, against keeping it as the plan does [EUR/year]."""
        return self.costs.lent_eur + self.saved_eur

    @property
    def saved_eur(self) -> float:
        """Staff that a place needs as the plan uses it, but not while it is lent [EUR/year]."""
        return 0.0 if self.is_idle else self.costs.place_eur - self.costs.reserve_eur


Courses = Sequence[Sequence[UseState]]
"""What the plan does with one line in every half-year, in each branch of the future."""


def lendable(
    register: Sequence[Location],
    *,
    courses: Sequence[Courses],
    places: Sequence[int],
    half_year: int,
    costs: CostParameters,
) -> tuple[Lendable, ...]:
    """Places that may be lent from the start of a half-year, in the order in which to lend them.

    First what can be back soonest; of that, first what the plan lends itself, then its reserve,
    then what it has open; of that, first what saves most. The order does not hang on the need.

    Args:
        register: Lines of the plan.
        courses: Of each line, what the plan does with it in every branch that may yet come.
        places: Places of each line in that half-year [places].
        half_year: The half-year in which lending begins.
        costs: National averages.

    Source:
        docs/methods.md, Dual use.
    """
    found = [
        _of_line(line, count, course, half_year=half_year, costs=costs)
        for line, count, course in zip(register, places, courses, strict=True)
    ]
    return tuple(sorted((one for one in found if one is not None), key=_order))


def _order(one: Lendable) -> tuple[int, int, float, str]:
    until_back = _NEVER if one.months_until_back is None else one.months_until_back
    counted_on = _NEEDED_FIRST.get(one.use, len(_NEEDED_FIRST))
    return until_back, counted_on, -one.saving_eur, one.location.location_id


def _of_line(
    location: Location, places: int, courses: Courses, *, half_year: int, costs: CostParameters
) -> Lendable | None:
    """The places of one line; None where nothing of it may be lent."""
    if location.dual_use is ContractForm.NONE or location.fixed_core:
        return None
    terms = CONTRACT_FORMS[location.dual_use]
    units = places // location.residents_per_unit
    stays, to_the_end = _stay(courses, half_year)
    already = _lent_already(location, courses[0], half_year)
    until_back, term = _time_away(terms, stays=None if to_the_end else stays, already=already)
    leaves_first = not to_the_end and (until_back is None or until_back > stays)
    if location.kind.is_emergency or not units or leaves_first:
        return None
    return Lendable(
        location=location,
        use=courses[0][half_year],
        places=units * location.residents_per_unit,
        groups=location.lent_to or terms.groups,
        term_months=term,
        months_until_back=until_back,
        lent_already=already,
        costs=place_costs(location, costs=costs),
    )


def _stay(courses: Courses, half_year: int) -> tuple[int, bool]:
    """How long a line is there for sure [months], and whether that is to the end of the plan."""
    there = [
        all(use is not UseState.ABSENT for use in uses)
        for uses in zip(*(course[half_year:] for course in courses), strict=True)
    ]
    half_years = len(there) if all(there) else there.index(False)
    return half_years * MONTHS_PER_HALF_YEAR, all(there)


def _lent_already(location: Location, course: Sequence[UseState], half_year: int) -> bool:
    was_lent = (
        course[half_year - 1] is UseState.LENT
        if half_year
        else location.status is LocationStatus.LENT
    )
    return was_lent and course[half_year] is UseState.LENT


def _time_away(
    terms: ContractTerms, *, stays: int | None, already: bool
) -> tuple[int | None, int | None]:
    """Months until the places can be back, and the longest term; None for never and no end.

    Args:
        terms: What the law says of the form.
        stays: How long the line is still there [months]; None for as long as the plan looks.
        already: Whether tenants live there already.
    """
    if not terms.returns:
        return None, None
    limits = (terms.longest_months, stays)
    term = min((months for months in limits if months is not None), default=None)
    by_notice = terms.notice_months if already else terms.months_until_back
    return (term if by_notice is None else by_notice), term
