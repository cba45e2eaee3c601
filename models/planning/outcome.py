# SPDX-License-Identifier: EUPL-1.2
"""What a plan comes to: its places per half-year, and what happens in them on every path."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.periods import Months
from models.planning.capacity_plan import HalfYearTotals, PlanSettings, UseState
from models.planning.costs import CostParameters
from models.planning.locations import Location, LocationStatus
from models.planning.scenarios import Futures
from models.planning.terms import (
    LENT_MONTHS_UNTIL_BACK,
    LENT_NOTICE_MONTHS,
    MONTHS_PER_HALF_YEAR,
    Terms,
)
from models.planning.walk import Tiers, Walk, walk
from models.types import Floats

__all__ = ["Portfolio", "half_year_totals", "housing_cost", "walk_months"]

_NOBODY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Portfolio:
    """Places per use and half-year; each array has shape (half-years,).

    Attributes:
        regular: Regular places open [places].
        reserve: Places in reserve [places].
        lent: Places lent [places].
        emergency: Emergency places open [places].
        lent_before: Places that were lent when the plan began [places].
        changes_eur: Cost of opening, switching and leaving early [EUR].
        recall_months: From calling up the reserve to its first night, the slowest line [months].
    """

    regular: Floats
    reserve: Floats
    lent: Floats
    emergency: Floats
    lent_before: int
    changes_eur: Floats
    recall_months: int

    @classmethod
    def of(
        cls,
        register: Sequence[Location],
        *,
        terms: Sequence[Terms],
        states: Sequence[Sequence[UseState]],
        costs: CostParameters,
    ) -> Self:
        """The places that a use of every line in every half-year comes to."""
        uses = np.array(states, dtype=object)
        places = np.array([of.places for of in terms], dtype=float)
        emergency = np.array([one.kind.is_emergency for one in register])

        def total(use: UseState, among: NDArray[np.bool_]) -> Floats:
            held: Floats = (places * among) @ (uses == use)
            return held

        everywhere = np.ones(len(register), dtype=bool)
        lent_before = (one.places for one in register if one.status is LocationStatus.LENT)
        return cls(
            regular=total(UseState.OPEN, ~emergency),
            reserve=total(UseState.RESERVE, everywhere),
            lent=total(UseState.LENT, everywhere),
            emergency=total(UseState.OPEN, emergency),
            lent_before=sum(lent_before),
            changes_eur=_changes(register, terms=terms, uses=uses, costs=costs),
            recall_months=max(one.recall_months for one in register),
        )

    def with_more(self, tier: str, places: int, half_years: slice) -> Self:
        """The same portfolio with so many more, or fewer, places in one tier."""
        changed = getattr(self, tier).copy()
        changed[half_years] += places
        return replace(self, **{tier: changed})

    def places_eur_per_year(self, costs: CostParameters) -> Floats:
        """Cost of the places, without that of the persons [EUR/year], shape (half-years,)."""
        cost: Floats = (
            costs.regular_open * self.regular
            + costs.empty_place * self.reserve
            + (costs.empty_place - costs.lending_income) * self.lent
            + costs.emergency_housing * self.emergency
        )
        return cost


def _changes(
    register: Sequence[Location],
    *,
    terms: Sequence[Terms],
    uses: NDArray[np.object_],
    costs: CostParameters,
) -> Floats:
    """Cost of opening, switching and leaving early [EUR], shape (half-years,)."""
    start = {
        LocationStatus.OPEN: UseState.OPEN,
        LocationStatus.RESERVE: UseState.RESERVE,
        LocationStatus.LENT: UseState.LENT,
        LocationStatus.CANDIDATE: UseState.ABSENT,
    }
    places = np.array([of.places for of in terms], dtype=float)
    ends = np.array([0 if of.open_ended else of.agreement_end for of in terms])
    before = np.column_stack([[start[one.status] for one in register], uses[:, :-1]])
    changed = before != uses
    into_use = changed & ((uses == UseState.OPEN) | (uses == UseState.LENT))
    early = np.arange(uses.shape[1]) < ends[:, np.newaxis]
    left = changed & (uses == UseState.ABSENT) & early
    cost: Floats = costs.open_place * (places @ into_use) + costs.close_place * (places @ left)
    return cost


def _tiers(portfolio: Portfolio, *, every: int) -> Tiers:
    """Places at the first month of every step of some months."""

    def by_month(places: Floats) -> Floats:
        return np.repeat(places, MONTHS_PER_HALF_YEAR)

    # A lent place can be back once its term and notice have passed, if it is still lent.
    before = np.full(LENT_MONTHS_UNTIL_BACK, float(portfolio.lent_before))
    lent = np.concatenate([before, by_month(portfolio.lent)])
    long_lent = np.lib.stride_tricks.sliding_window_view(lent, LENT_MONTHS_UNTIL_BACK + 1)
    return Tiers(
        regular=by_month(portfolio.regular)[::every],
        reserve=by_month(portfolio.reserve)[::every],
        lent=long_lent.min(axis=1)[::every],
        emergency=by_month(portfolio.emergency)[::every],
    )


def walk_months(portfolio: Portfolio, need: Floats, *, occupancy_norm: float) -> Walk:
    """Walk along each path month by month; nobody knows a shortage before it is there.

    Args:
        portfolio: Places of the plan.
        need: Need by month [persons], shape (paths, months).
        occupancy_norm: Share of places that can be slept in at the same time [-].
    """
    return walk(
        need,
        tiers=_tiers(portfolio, every=1),
        occupancy_norm=occupancy_norm,
        reserve_delay=portfolio.recall_months,
        lent_delay=LENT_NOTICE_MONTHS,
    )


def housing_cost(portfolio: Portfolio, futures: Futures, *, settings: PlanSettings) -> float:
    """Expected cost of the persons, in the steps of the programme [EUR]."""
    months = settings.step_months
    housed = walk(
        futures.need,
        tiers=_tiers(portfolio, every=months),
        occupancy_norm=settings.occupancy_norm,
        reserve_delay=round(portfolio.recall_months / months),
        lent_delay=round(LENT_NOTICE_MONTHS / months),
    )
    cost = futures.weights @ housed.cost(settings.costs, years=months / 12)
    return float(cost.sum())


def half_year_totals(
    portfolio: Portfolio, need: Floats, *, periods: Months, settings: PlanSettings
) -> tuple[HalfYearTotals, ...]:
    """What the plan comes to in each half-year, expected over every path.

    Args:
        portfolio: Places of the plan.
        need: Need by month [persons], shape (paths, months).
        periods: Months of the need.
        settings: Occupancy norm and costs.
    """
    housed = walk_months(portfolio, need, occupancy_norm=settings.occupancy_norm)

    def halves(by_month: Floats) -> Floats:
        return by_month.reshape(len(need), -1, MONTHS_PER_HALF_YEAR)

    def expected(by_month: Floats) -> Floats:
        total: Floats = halves(by_month).sum(axis=2).mean(axis=0)
        return total

    inside = expected(housed.regular + housed.called_up + housed.emergency)
    held = portfolio.regular + portfolio.reserve + portfolio.emergency
    never_short = (halves(housed.missing) <= _NOBODY).all(axis=2).mean(axis=0)
    persons_eur = expected(housed.cost(settings.costs, years=1 / 12))
    places_eur = portfolio.places_eur_per_year(settings.costs) * MONTHS_PER_HALF_YEAR / 12
    cost = persons_eur + places_eur + portfolio.changes_eur
    called_up = expected(housed.called_up + housed.recalled)
    missing, needed = expected(housed.missing), expected(need) / MONTHS_PER_HALF_YEAR
    return tuple(
        HalfYearTotals(
            period=str(periods[at * MONTHS_PER_HALF_YEAR]),
            places_regular=int(portfolio.regular[at]),
            places_emergency=int(portfolio.emergency[at]),
            places_reserve=int(portfolio.reserve[at]),
            places_lent=int(portfolio.lent[at]),
            need_persons=float(needed[at]),
            chance_sufficient=float(never_short[at]),
            called_up_place_months=float(called_up[at]),
            empty_place_months=float(held[at] * MONTHS_PER_HALF_YEAR - inside[at]),
            missing_place_months=float(missing[at]),
            cost_eur=float(cost[at]),
        )
        for at in range(len(cost))
    )
