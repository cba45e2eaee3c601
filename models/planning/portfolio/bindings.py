# SPDX-License-Identifier: EUPL-1.2
"""What binds each action of a plan: a rule of the register, a limit or a demand, or nothing."""

from collections.abc import Set
from enum import StrEnum

from models.planning.portfolio.terms import Terms
from models.planning.register.locations import Location

__all__ = ["Binding", "binding_of"]


class Binding(StrEnum):
    """The constraint that keeps a line from what would be better."""

    NONE = "none"
    FIXED_CORE = "fixed_core"
    AGREEMENT = "agreement"
    """Leaving before the agreement ends costs more than it saves."""
    NOTICE = "notice"
    """It cannot be left before its notice has passed."""
    MINIMUM_TERM = "minimum_term"
    """It cannot be left before its minimum term has passed."""
    LEAD_TIME = "lead_time"
    """It cannot be there sooner."""
    MINIMUM_OPENING = "minimum_opening"
    """It is too small to open."""
    LENDING_LIMIT = "lending_limit"
    """More would be lent if the limit of the board allowed it."""
    LADDER = "ladder"
    """An earlier step of the ladder of up-scaling comes first."""
    DEMAND = "demand"
    """A demand on the plan as a whole."""


def binding_of(
    location: Location,
    terms: Terms,
    *,
    half_year: int,
    there: bool,
    lent: bool,
    pays: bool,
    minimum_opening: int,
    demands: Set[str],
) -> Binding:
    """What binds one action.

    Args:
        location: The line.
        terms: Its terms in the plan.
        half_year: First half-year of the action.
        there: Whether the line is there from then on.
        lent: Whether it is lent from then on.
        pays: Whether its places are worth what they cost.
        minimum_opening: Fewest places that a new location is opened with [places].
        demands: Names of the demands that make the plan dearer.

    Source:
        docs/methods.md, Reasons.
    """
    if location.fixed_core:
        return Binding.FIXED_CORE
    if there:
        return _binding_there(location, terms, half_year, lent=lent, pays=pays, demands=demands)
    if terms.candidate and terms.places < minimum_opening:
        return Binding.MINIMUM_OPENING
    if terms.candidate and terms.earliest_opening >= terms.horizon:
        return Binding.LEAD_TIME
    return _of_demands(demands) if pays else Binding.NONE


def _binding_there(
    location: Location,
    terms: Terms,
    half_year: int,
    *,
    lent: bool,
    pays: bool,
    demands: Set[str],
) -> Binding:
    if terms.candidate and pays:
        return Binding.LEAD_TIME if 0 < terms.earliest_opening == half_year else Binding.NONE
    if not terms.candidate and not pays and half_year < terms.earliest_closing:
        return Binding.NOTICE if half_year < terms.notice else Binding.MINIMUM_TERM
    if not pays and _of_demands(demands) is not Binding.NONE:
        return _of_demands(demands)
    if not terms.candidate and not pays and half_year < terms.bound_until:
        return Binding.AGREEMENT
    more_to_lend = location.dual_use.recallable and not terms.candidate and not lent
    return Binding.LENDING_LIMIT if more_to_lend and "lending_limit" in demands else Binding.NONE


def _of_demands(demands: Set[str]) -> Binding:
    if "follow_ladder" in demands:
        return Binding.LADDER
    return Binding.DEMAND if demands - {"lending_limit"} else Binding.NONE
