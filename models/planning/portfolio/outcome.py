# SPDX-License-Identifier: EUPL-1.2
"""What happens in the places of a plan on every path, and what that comes to."""

from collections.abc import Sequence

import numpy as np

from models.periods import Months
from models.planning.portfolio.capacity_plan import HalfYearTotals, PlanSettings
from models.planning.portfolio.portfolio import Awaited, Portfolio
from models.planning.portfolio.scenarios import Futures
from models.planning.portfolio.terms import (
    LENT_MONTHS_UNTIL_BACK,
    LENT_NOTICE_MONTHS,
    MONTHS_PER_HALF_YEAR,
)
from models.planning.portfolio.walk import Tiers, Walk, walk
from models.planning.register.locations import ReceptionGroup
from models.types import Floats

__all__ = ["half_year_totals", "housing_cost", "mixed_totals", "walk_months"]

_NOBODY = 1e-6


def _tiers(portfolio: Portfolio, awaited: Awaited | None, *, every: int) -> Tiers:
    """Places at the first month of every step of some months."""

    def by_step(places: Floats) -> Floats:
        return np.repeat(places, MONTHS_PER_HALF_YEAR, axis=-1)[..., ::every]

    # A lent place can be back once its term and notice have passed, if it is still lent.
    before = np.full(LENT_MONTHS_UNTIL_BACK, float(portfolio.lent_before))
    lent = np.concatenate([before, np.repeat(portfolio.lent, MONTHS_PER_HALF_YEAR)])
    long_lent = np.lib.stride_tricks.sliding_window_view(lent, LENT_MONTHS_UNTIL_BACK + 1)
    late_regular = 0.0 if awaited is None else awaited.regular
    late_emergency = 0.0 if awaited is None else awaited.emergency
    return Tiers(
        regular=by_step(portfolio.regular - late_regular),
        reserve=by_step(portfolio.reserve),
        lent=long_lent.min(axis=1)[::every],
        emergency=by_step(portfolio.emergency - late_emergency),
    )


def _housed(
    portfolio: Portfolio,
    need: Floats,
    *,
    minors: Floats | None,
    awaited: Awaited | None,
    occupancy_norm: float,
    months: int,
) -> Walk:
    """Walk in steps of some months, by group where groups are kept apart.

    Minors come first: in their own places, then in those for everyone; the others find their own
    places and what minors leave over.
    """

    def walked(persons: Floats, tiers: Tiers) -> Walk:
        return walk(
            persons,
            tiers=tiers,
            occupancy_norm=occupancy_norm,
            reserve_delay=round(portfolio.recall_months / months),
            lent_delay=round(LENT_NOTICE_MONTHS / months),
        )

    def own(group: ReceptionGroup) -> Tiers:
        if group not in portfolio.apart:
            return everywhere.without(everywhere)
        late = None if awaited is None else awaited.apart[group]
        return _tiers(portfolio.apart[group], late, every=months)

    everywhere = _tiers(portfolio, awaited, every=months)
    if minors is None or not portfolio.apart:
        return walked(need, everywhere)
    for_minors = own(ReceptionGroup.UNACCOMPANIED_MINORS)
    for_others = own(ReceptionGroup.ADULTS_AND_FAMILIES)
    of_minors = walked(minors, everywhere.without(for_others))
    taken = of_minors.places(occupancy_norm=occupancy_norm).without(for_minors)
    return of_minors + walked(need - minors, everywhere.without(for_minors).without(taken))


def walk_months(
    portfolio: Portfolio,
    need: Floats,
    *,
    occupancy_norm: float,
    awaited: Awaited | None = None,
    minors: Floats | None = None,
) -> Walk:
    """Walk along each path month by month; nobody knows a shortage before it is there.

    Args:
        portfolio: Places of the plan.
        need: Need by month [persons], shape (paths, months).
        occupancy_norm: Share of places that can be slept in at the same time [-].
        awaited: Places that are late on each path; none where every opening comes in time.
        minors: Unaccompanied minors in the need [persons], of the same shape; None where groups
            are not kept apart.
    """
    return _housed(
        portfolio,
        need,
        minors=minors,
        awaited=awaited,
        occupancy_norm=occupancy_norm,
        months=1,
    )


def housing_cost(
    portfolio: Portfolio,
    futures: Futures,
    *,
    settings: PlanSettings,
    awaited: Awaited | None = None,
) -> float:
    """Expected cost of the persons, in the steps of the programme [EUR]."""
    months = settings.step_months
    housed = _housed(
        portfolio,
        futures.need,
        minors=futures.minors,
        awaited=awaited,
        occupancy_norm=settings.occupancy_norm,
        months=months,
    )
    cost = futures.weights @ housed.cost(settings.costs, years=months / 12)
    return float(cost.sum())


def half_year_totals(
    portfolio: Portfolio,
    need: Floats,
    *,
    periods: Months,
    settings: PlanSettings,
    awaited: Awaited | None = None,
    minors: Floats | None = None,
) -> tuple[HalfYearTotals, ...]:
    """What the plan comes to in each half-year, expected over every path.

    Args:
        portfolio: Places of the plan.
        need: Need by month [persons], shape (paths, months).
        periods: Months of the need.
        settings: Occupancy norm and costs.
        awaited: Places that are late on each path; none where every opening comes in time.
        minors: Unaccompanied minors in the need [persons]; None where groups are not kept apart.
    """
    norm = settings.occupancy_norm
    housed = walk_months(portfolio, need, occupancy_norm=norm, awaited=awaited, minors=minors)

    def halves(by_month: Floats) -> Floats:
        return by_month.reshape(len(need), -1, MONTHS_PER_HALF_YEAR)

    def expected(by_month: Floats) -> Floats:
        total: Floats = halves(by_month).sum(axis=2).mean(axis=0)
        return total

    inside = expected(housed.regular + housed.called_up + housed.emergency)
    held = portfolio.regular + portfolio.reserve + portfolio.emergency
    never_short = (halves(housed.missing) <= _NOBODY).all(axis=2).mean(axis=0)
    persons_eur = expected(housed.cost(settings.costs, years=1 / 12))
    cost = persons_eur + portfolio.running_eur + portfolio.changes_eur
    late = np.zeros_like(held)
    if awaited is not None:
        late = (awaited.regular + awaited.emergency).mean(axis=0)
        cost = cost - awaited.spared_eur.mean(axis=0)
    called_up = expected(housed.called_up + housed.recalled)
    missing, needed = expected(housed.missing), expected(need) / MONTHS_PER_HALF_YEAR
    return tuple(
        HalfYearTotals(
            period=str(periods[at * MONTHS_PER_HALF_YEAR]),
            places_regular=round(portfolio.regular[at]),
            places_emergency=round(portfolio.emergency[at]),
            places_reserve=round(portfolio.reserve[at]),
            places_lent=round(portfolio.lent[at]),
            places_late=round(late[at]),
            need_persons=float(needed[at]),
            chance_sufficient=float(never_short[at]),
            called_up_place_months=float(called_up[at]),
            empty_place_months=float((held - late)[at] * MONTHS_PER_HALF_YEAR - inside[at]),
            missing_place_months=float(missing[at]),
            cost_eur=float(cost[at]),
        )
        for at in range(len(cost))
    )


def mixed_totals(
    totals: Sequence[Sequence[HalfYearTotals]], chances: Floats
) -> tuple[HalfYearTotals, ...]:
    """Totals expected over branches.

    Args:
        totals: Totals of every branch, expected over its own paths.
        chances: Chance of every branch [-].
    """
    return tuple(_mixed(branches, chances) for branches in zip(*totals, strict=True))


def _mixed(branches: Sequence[HalfYearTotals], chances: Floats) -> HalfYearTotals:
    def mean(name: str) -> float:
        return float(chances @ np.array([getattr(one, name) for one in branches], dtype=float))

    return HalfYearTotals(
        period=branches[0].period,
        places_regular=round(mean("places_regular")),
        places_emergency=round(mean("places_emergency")),
        places_reserve=round(mean("places_reserve")),
        places_lent=round(mean("places_lent")),
        places_late=round(mean("places_late")),
        need_persons=mean("need_persons"),
        chance_sufficient=mean("chance_sufficient"),
        called_up_place_months=mean("called_up_place_months"),
        empty_place_months=mean("empty_place_months"),
        missing_place_months=mean("missing_place_months"),
        cost_eur=mean("cost_eur"),
    )
