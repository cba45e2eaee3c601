# SPDX-License-Identifier: EUPL-1.2
"""Room for dual use in a plan: what can be missed, what is offered, what is lent, and the odds."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.planning.dual_use.lending import dual_use, lending_floor
from models.planning.location_plan.plan import plan_capacity
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.portfolio import Awaited, Portfolio
from models.planning.portfolio.terms import Terms
from models.planning.portfolio.uses import UseState
from models.planning.register.locations import ContractForm
from tests.models.planning.builders import PERIODS, candidate, regular

OPEN, LENT, ABSENT = UseState.OPEN, UseState.LENT, UseState.ABSENT


@dataclass
class Branch:
    """One branch of a plan of three half-years."""

    states: list[list[UseState]]
    portfolio: Portfolio
    awaited: Awaited
    need: np.ndarray


def settings(**changed):
    return PlanSettings(half_years=3, **({"lending_limit": 0.25, "occupancy_norm": 1.0} | changed))


def terms_of(register):
    return [Terms.of(one, start=PERIODS[0], horizon=3) for one in register]


def branch(register, courses, need, *, late=0.0):
    """A branch in which a number of places is late on every path."""
    paths = len(need)
    return Branch(
        states=courses,
        portfolio=Portfolio.of(
            register, terms=terms_of(register), states=courses, costs=settings().costs
        ),
        awaited=Awaited(
            regular=np.full((paths, 3), late),
            emergency=np.zeros((paths, 3)),
            spared_eur=np.zeros((paths, 3)),
        ),
        need=need,
    )


def found(register, *branches, known_from=2, asking=None):
    return dual_use(
        register,
        branches,
        terms=terms_of(register),
        known_from=known_from,
        periods=PERIODS,
        settings=asking or settings(),
    )


def by_quarter(*levels):
    return np.repeat(np.array(levels, dtype=float), 3, axis=1)


TWO = (regular("a", 100), regular("b", 100))


class TestLendingFloor:
    def test_is_the_peak_of_nine_months_that_few_enough_futures_exceed(self):
        # quarters; the peak until a place is back spans three of them
        need = by_quarter(
            [10, 20, 30, 99, 5, 5],
            [10, 10, 10, 10, 5, 5],
            [40, 10, 10, 10, 5, 5],
            [10, 10, 50, 10, 5, 5],
        )

        assert lending_floor(need, settings=settings()).tolist() == [40, 50, 5]

    @given(st.integers(0, 1_000), st.sampled_from([0.01, 0.1, 0.25, 0.5]))
    def test_is_exceeded_in_no_more_futures_than_the_limit(self, seed, limit):
        need = np.random.default_rng(seed).integers(0, 100, (20, 18)).astype(float)
        floor = lending_floor(need, settings=settings(lending_limit=limit))
        peaks = np.stack([need[:, at : at + 9].max(axis=1) for at in (0, 6, 12)], axis=1)

        assert np.all(np.mean(peaks > floor, axis=0) <= limit)


class TestRoom:
    def test_counts_what_can_be_missed_until_it_could_be_back(self):
        need = by_quarter([60, 60, 60, 60, 150, 150])
        rooms, offers = found(TWO, branch(TWO, [[OPEN] * 3] * 2, need))

        # in the second half-year, nine months reach into the need of 150
        assert [one.places_spare for one in rooms] == [140, 50, 50]
        assert [one.places_offered for one in rooms] == [140, 50, 50]
        assert [one.places for one in offers] == [100, 40, 50, 50]
        assert {one.places_lent for one in rooms} == {0}

    def test_says_how_likely_the_first_place_is_needed_too_early(self):
        calm, tight = [60] * 6, [60, 60, 200, 200, 200, 200]
        rooms, _ = found(TWO, branch(TWO, [[OPEN] * 3] * 2, by_quarter(calm, calm, calm, tight)))

        assert [one.chance_first_needed for one in rooms] == [0.25, 0.25, 0.25]

    def test_gives_the_odds_that_a_lent_place_is_missed_and_that_it_is_recalled(self):
        calm, rising = [60] * 6, [60, 60, 150, 150, 150, 150]
        need = by_quarter(calm, calm, calm, rising)
        rooms, _ = found(TWO, branch(TWO, [[OPEN] * 3, [LENT] * 3], need))

        assert [one.chance_short_before_back for one in rooms] == [0.25, 0.25, 0.25]
        # called back when short in month 7, back in month 10 after nine months' absence
        assert [one.chance_recalled for one in rooms] == [0.0, 0.25, 0.25]
        assert [one.places_lent for one in rooms] == [100, 100, 100]

    def test_does_not_count_on_places_that_are_late(self):
        need = by_quarter([60] * 6)
        rooms, _ = found(TWO, branch(TWO, [[OPEN] * 3] * 2, need, late=30.0))

        assert [one.places_spare for one in rooms] == [110, 110, 110]

    def test_expects_offers_over_the_branches_once_they_can_be_told_apart(self):
        low = branch(TWO, [[OPEN] * 3] * 2, by_quarter(*[[60] * 6] * 3))
        high = branch(TWO, [[OPEN] * 3] * 2, by_quarter([60, 60, 60, 160, 160, 160]))
        rooms, offers = found(TWO, low, high, known_from=1, asking=settings(lending_limit=0.2))

        # before they can, what is offered must hold on all four paths
        assert [one.places_spare for one in rooms] == [140, 115, 115]
        assert [one.places_offered for one in rooms] == [140, round(0.75 * 140 + 0.25 * 40), 115]
        assert {one.branch for one in offers if one.period == "2026-01"} == {None}
        assert {one.branch for one in offers if one.period == "2026-07"} == {0, 1}

    def test_is_the_sum_of_the_offers(self):
        need = by_quarter([60, 60, 60, 60, 150, 150])
        rooms, offers = found(TWO, branch(TWO, [[OPEN] * 3] * 2, need))

        for room in rooms:
            inside = [one for one in offers if one.period == room.period]
            assert room.tenants_offered == sum(one.tenants for one in inside)
            assert room.income_eur == pytest.approx(sum(one.income_eur for one in inside))
            assert room.value_eur == pytest.approx(sum(one.value_eur for one in inside))


class TestPlan:
    """A whole plan, which must keep 300 places for a need that wanders about 100."""

    asking = PlanSettings(half_years=4, futures=5, minimum_places=300, occupancy_norm=1.0)
    need = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.03, (60, 60)), axis=1))

    def plan(self, *register):
        return plan_capacity(register, self.need, periods=PERIODS, settings=self.asking, seed=1)

    def test_offers_what_it_keeps_but_seldom_needs(self):
        made = self.plan(regular("a", 200), regular("b", 100))

        assert made.lending[0].places_offered > 100
        assert all(one.chance_needed_early <= 0.05 for one in made.offers)

    def test_never_lends_or_holds_as_a_reserve_what_cannot_be_recalled(self):
        campus = regular("campus", 200, dual_use=ContractForm.CAMPUS_CONTRACT)
        made = self.plan(campus, regular("b", 100))

        assert all(LENT not in one.states["campus"] for one in made.branches)
        assert all(one.places_lent == 0 for one in made.lending)
        given_away = [one for one in made.offers if one.location_id == "campus"]
        assert given_away
        assert {one.months_until_back for one in given_away} == {None}

    def test_offers_nothing_where_nothing_may_be_lent(self):
        made = self.plan(
            regular("a", 300, dual_use=ContractForm.NONE),
            candidate("c", 80, dual_use=ContractForm.NONE),
        )

        assert made.offers == ()
        assert made.lending[0].places_spare > 0
