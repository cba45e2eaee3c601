# SPDX-License-Identifier: EUPL-1.2
"""Room for dual use per half-year: what can be missed, what is offered and what the plan lends."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.periods import Months
from models.planning.dual_use.odds import SparePlaces, chance_needed, most_spare
from models.planning.portfolio.offers import DualUseOffer, LendingRoom
from models.planning.portfolio.terms import MONTHS_PER_HALF_YEAR
from models.planning.register.contract_forms import LENT_MONTHS_UNTIL_BACK
from models.types import Floats

__all__ = ["lending_rooms"]


def lending_rooms(
    found: Sequence[DualUseOffer],
    *,
    spare: SparePlaces,
    lent: Floats,
    recalled: Floats,
    member: NDArray[np.intp],
    known_from: int,
    periods: Months,
    limit: float,
) -> tuple[LendingRoom, ...]:
    """Per half-year: the places that can be missed, those that are offered, and those lent.

    Args:
        found: Every offer of the plan.
        spare: Places that nobody needs when nothing is lent.
        lent: Places that the plan lends [places], shape (paths, half-years).
        recalled: Persons in lent places that were called back [persons], shape (paths, months).
        member: Branch that each path lies in, shape (paths,).
        known_from: First half-year at whose start the branch is known.
        periods: Months of the need.
        limit: Largest chance that lent places are needed too early [-].

    Source:
        docs/methods.md, Dual use, equations 1 and 3.
    """
    everywhere = np.ones(len(member), dtype=bool)
    return tuple(
        _room(
            [one for one in found if one.period == str(periods[at * MONTHS_PER_HALF_YEAR])],
            spare.since(at, paths=everywhere),
            lent=lent[:, at],
            recalled=recalled[:, at * MONTHS_PER_HALF_YEAR : (at + 1) * MONTHS_PER_HALF_YEAR],
            member=member if at >= known_from else np.zeros_like(member),
            period=str(periods[at * MONTHS_PER_HALF_YEAR]),
            limit=limit,
        )
        for at in range(lent.shape[1])
    )


def _room(
    found: Sequence[DualUseOffer],
    spare: SparePlaces,
    *,
    lent: Floats,
    recalled: Floats,
    member: NDArray[np.intp],
    period: str,
    limit: float,
) -> LendingRoom:
    """The room of one half-year, with its offers; `spare` begins there."""
    free = spare.every[:, :LENT_MONTHS_UNTIL_BACK].min(axis=1)
    chances = np.bincount(member) / len(member)
    most = [most_spare(free[member == branch], limit=limit) for branch in np.flatnonzero(chances)]

    def expected(name: str) -> float:
        weighted = (
            getattr(one, name) * (1.0 if one.branch is None else chances[one.branch])
            for one in found
        )
        return float(sum(weighted))

    return LendingRoom(
        period=period,
        places_spare=round(float(chances[chances > 0] @ most)),
        chance_first_needed=chance_needed(free, 1),
        places_offered=round(expected("places")),
        tenants_offered=round(expected("tenants")),
        income_eur=expected("income_eur"),
        value_eur=expected("value_eur"),
        places_lent=round(lent.mean()),
        chance_short_before_back=chance_needed(free - lent, 0),
        chance_recalled=float(np.mean(recalled.max(axis=1) > 0)),
    )
