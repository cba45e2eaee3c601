# SPDX-License-Identifier: EUPL-1.2
"""Against see-sawing: how often a plan opens, closes, and takes back what it had given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.planning.portfolio.portfolio import USE_BEFORE
from models.planning.portfolio.uses import UseState
from models.planning.register.locations import Location

__all__ = ["Stability", "stability_of"]

_TWELVE_MONTHS = 2
"""Half-years within which a return counts as see-sawing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """What a plan changes, expected over its branches.

    Attributes:
        openings: Locations opened, or opened again after they were closed.
        closures: Locations closed.
        returns_within_12_months: Locations taken back into use within twelve months after they
            were closed, put in reserve or lent.
        returns: The same by location, where it is not 0.
    """

    openings: float
    closures: float
    returns_within_12_months: float
    returns: Mapping[str, float]


def stability_of(
    register: Sequence[Location],
    courses: Sequence[Sequence[Sequence[UseState]]],
    *,
    chances: Sequence[float],
) -> Stability:
    """Count what a plan changes.

    Args:
        register: Lines of the register.
        courses: Use of every line in every half-year, by branch.
        chances: Chance of every branch [-].

    Source:
        docs/methods.md, Location plan, equation 19.
    """
    openings = closures = 0.0
    returns: dict[str, float] = {}
    for chance, states in zip(chances, courses, strict=True):
        for location, course in zip(register, states, strict=True):
            uses = (USE_BEFORE[location.status], *course)
            steps = list(zip(uses, course, strict=False))
            openings += chance * sum(
                was is UseState.ABSENT and now is not was for was, now in steps
            )
            closures += chance * sum(
                now is UseState.ABSENT and now is not was for was, now in steps
            )
            back = _returns(uses)
            if back:
                returns[location.location_id] = (
                    returns.get(location.location_id, 0.0) + chance * back
                )
    return Stability(
        openings=openings,
        closures=closures,
        returns_within_12_months=sum(returns.values()),
        returns=returns,
    )


def _returns(uses: Sequence[UseState]) -> int:
    """How often a line is open again at most twelve months after it was last open."""
    opened = [at for at, use in enumerate(uses) if use.is_open]
    gaps = [later - earlier - 1 for earlier, later in pairwise(opened)]
    return sum(0 < gap <= _TWELVE_MONTHS for gap in gaps)
