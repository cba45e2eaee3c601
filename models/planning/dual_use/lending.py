# SPDX-License-Identifier: EUPL-1.2
"""Dual use: how many places can be lent, where and to whom, and the odds that they are missed."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.periods import Months
from models.planning.dual_use.lendable import Lendable, lendable
from models.planning.dual_use.odds import LendingOdds, SparePlaces
from models.planning.dual_use.room import lending_rooms
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.offers import DualUseOffer, LendingRoom
from models.planning.portfolio.outcome import walk_months
from models.planning.portfolio.portfolio import Awaited, Portfolio, places_by_use
from models.planning.portfolio.terms import MONTHS_PER_HALF_YEAR, Terms
from models.planning.portfolio.uses import UseState
from models.planning.register.contract_forms import LENT_MONTHS_UNTIL_BACK
from models.planning.register.locations import Location
from models.types import Floats

__all__ = ["BranchPlaces", "dual_use", "lending_floor", "offers"]


def _peaks_until_back(need: Floats) -> Floats:
    """Highest need before a place lent at the start of a half-year could be back.

    Returns:
        Peak [persons], shape (paths, half-years); cut off where the need ends.
    """
    starts = range(0, need.shape[1], MONTHS_PER_HALF_YEAR)
    return np.stack(
        [need[:, at : at + LENT_MONTHS_UNTIL_BACK].max(axis=1) for at in starts], axis=1
    )


def lending_floor(need: Floats, *, settings: PlanSettings) -> Floats:
    """Persons that the places which are not lent must house before anything may be lent.

    Args:
        need: Need by month [persons], shape (paths, months), whole half-years.
        settings: Holds the board's limit on the chance of a shortage.

    Returns:
        The need that is exceeded in at most a share `lending_limit` of the futures [persons],
        shape (half-years,).

    Source:
        docs/methods.md, Location plan, equation 9.
    """
    peaks = _peaks_until_back(need)
    floor: Floats = np.quantile(peaks, 1 - settings.lending_limit, axis=0, method="inverted_cdf")
    return floor


class BranchPlaces(Protocol):
    """What dual use asks of one branch of a plan; a `Scene` has it."""

    @property
    def states(self) -> Sequence[Sequence[UseState]]:
        """Use of every line in every half-year."""

    @property
    def portfolio(self) -> Portfolio:
        """The places that the uses come to."""

    @property
    def awaited(self) -> Awaited:
        """Places that are late on each of its paths."""

    @property
    def need(self) -> Floats:
        """Need by month on each of its paths [persons], shape (paths, months)."""


def dual_use(
    register: Sequence[Location],
    branches: Sequence[BranchPlaces],
    *,
    terms: Sequence[Terms],
    known_from: int,
    periods: Months,
    settings: PlanSettings,
) -> tuple[tuple[LendingRoom, ...], tuple[DualUseOffer, ...]]:
    """What a plan could lend: the room in every half-year, and the offers by location.

    Args:
        register: Lines of the plan.
        branches: Its branches, the lowest need first.
        terms: Terms of the lines in this plan.
        known_from: First half-year at whose start the branch is known.
        periods: Months of the need.
        settings: Board's limit, occupancy norm and costs.

    Source:
        docs/methods.md, Dual use.
    """
    spare = [_spare(one, occupancy_norm=settings.occupancy_norm) for one in branches]
    every = SparePlaces(
        housing=np.concatenate([one.housing for one in spare]),
        every=np.concatenate([one.every for one in spare]),
    )
    paths = [len(one.need) for one in branches]
    member = np.repeat(np.arange(len(branches)), paths)
    found = offers(
        register,
        courses=[one.states for one in branches],
        places=np.stack([places_by_use(terms, one.states) for one in branches]).astype(np.int64),
        member=member,
        known_from=known_from,
        spare=every,
        periods=periods,
        settings=settings,
    )
    rooms = lending_rooms(
        found,
        spare=every,
        lent=np.repeat([one.portfolio.lent for one in branches], paths, axis=0),
        recalled=np.concatenate(
            [
                walk_months(
                    one.portfolio,
                    one.need,
                    occupancy_norm=settings.occupancy_norm,
                    awaited=one.awaited,
                ).recalled
                for one in branches
            ]
        ),
        member=member,
        known_from=known_from,
        periods=periods,
        limit=settings.lending_limit,
    )
    return rooms, found


def _spare(of: BranchPlaces, *, occupancy_norm: float) -> SparePlaces:
    held, late = of.portfolio, of.awaited
    return SparePlaces.of(
        of.need,
        housing=held.regular + held.reserve + held.lent - late.regular,
        emergency=held.emergency - late.emergency,
        occupancy_norm=occupancy_norm,
    )


def offers(
    register: Sequence[Location],
    *,
    courses: Sequence[Sequence[Sequence[UseState]]],
    places: NDArray[np.int64],
    member: NDArray[np.intp],
    known_from: int,
    spare: SparePlaces,
    periods: Months,
    settings: PlanSettings,
) -> tuple[DualUseOffer, ...]:
    """What may be lent at each location from the start of each half-year, below the limit.

    Until branches can be told apart, an offer must hold on all paths; later there are offers for
    each branch, with the odds within it.

    Args:
        register: Lines of the plan.
        courses: What the plan does in each branch with each line in every half-year.
        places: Places of each line [places], shape (branches, lines, half-years).
        member: Branch that each path lies in, shape (paths,).
        known_from: First half-year at whose start the branch is known.
        spare: Places that nobody needs when nothing is lent.
        periods: Months of the need.
        settings: Board's limit, occupancy norm and costs.

    Returns:
        Offers by half-year and branch, in the order in which to lend; none where no place can be
        missed.

    Source:
        docs/methods.md, Dual use, equations 1 to 5.
    """
    found: list[DualUseOffer] = []
    half_years = spare.every.shape[1] // MONTHS_PER_HALF_YEAR
    together = tuple(range(len(courses)))
    for at in range(half_years):
        apart = at >= known_from and len(courses) > 1
        for branches in [(branch,) for branch in together] if apart else [together]:
            inside = np.isin(member, branches)
            if not inside.any():
                continue
            candidates = lendable(
                register,
                courses=list(zip(*(courses[branch] for branch in branches), strict=True)),
                places=places[branches[0], :, at].tolist(),
                half_year=at,
                costs=settings.costs,
            )
            found += _from_half_year(
                candidates,
                spare.since(at, paths=inside),
                period=str(periods[at * MONTHS_PER_HALF_YEAR]),
                branch=branches[0] if apart else None,
                settings=settings,
            )
    return tuple(found)


def _from_half_year(
    candidates: Sequence[Lendable],
    spare: SparePlaces,
    *,
    period: str,
    branch: int | None,
    settings: PlanSettings,
) -> Iterator[DualUseOffer]:
    """Offers from the start of one half-year, where `spare` begins too."""
    left = spare.every.shape[1]
    away = np.zeros(left)
    before = 0
    for until_back, alike in groupby(candidates, key=lambda one: one.months_until_back):
        judged = left if until_back is None else min(until_back, left)
        odds = LendingOdds(spare, away=away, judged=judged, before=before, settings=settings)
        taken = 0
        for one in alike:
            free = min(max(odds.most - taken, 0), one.places)
            units = free // one.location.residents_per_unit
            if units:
                yield odds.offer(one, first=taken, units=units, period=period, branch=branch)
            # Whole, even where less is offered: nothing that comes later may be lent then.
            taken += one.places
        away[:judged] += taken
        before += taken
