# SPDX-License-Identifier: EUPL-1.2
"""Every demand of a board is met, costs something or nothing, and never lowers the cost."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.planning.costs import CostParameters
from models.planning.location_plan.plan import plan_capacity
from models.planning.portfolio.capacity_plan import PlanSettings, UseState
from models.planning.portfolio.portfolio import open_places
from models.planning.register.locations import LocationKind, LocationStatus
from models.planning.register.spread import indicative_shares, spread_deviation
from tests.models.planning.builders import (
    CERTAIN,
    INDIFFERENT,
    PERIODS,
    candidate,
    emergency,
    regular,
)

ASKED = PlanSettings(
    half_years=4,
    futures=4,
    step_months=6,
    minimum_opening=0,
    relative_gap=0.0,
    branches=3,
    supply=CERTAIN,
    criteria=INDIFFERENT,
)
REGISTER = (
    regular("core", 100, province="Drenthe", indicative_places=50, fixed_core=True),
    regular("school", 60, indicative_places=50, school_children=20, extension_months=12),
    emergency("hall", 60, extension_months=6, municipality_code="GM0200"),
    candidate("one", 80, province="Utrecht", municipality_code="GM0344", indicative_places=100),
    candidate("two", 50, province="Utrecht", municipality_code="GM0344", indicative_places=100),
)
needs = st.lists(st.lists(st.integers(0, 350), min_size=4, max_size=4), min_size=4, max_size=4).map(
    lambda levels: np.repeat(np.array(levels, dtype=float), 6, axis=1)
)


def plan(need, asked=ASKED, register=REGISTER):
    return plan_capacity(register, need, periods=PERIODS[:24], settings=asked, seed=1)


def by_half_year(*levels):
    return np.repeat(np.array(levels, dtype=float), 6, axis=1)


class TestDemands:
    @settings(max_examples=6)
    @given(
        needs,
        st.sampled_from(
            [
                {"minimum_places": 150},
                {"maximum_openings": 0},
                {"maximum_moved_children": 0},
                {"maximum_spread_deviation": 0.4},
                {"follow_ladder": True},
            ]
        ),
    )
    def test_never_lower_the_cost(self, need, demand):
        free, bound = plan(need), plan(need, replace(ASKED, **demand))

        assert bound.objective_eur >= free.objective_eur - 1e-3

    def test_on_moves_of_children_keep_open_what_would_close(self):
        need = by_half_year([80, 80, 80, 80])
        free = plan(need)
        bound = plan(need, replace(ASKED, maximum_moved_children=19))

        assert free.states["school"][0] is not UseState.OPEN
        assert set(bound.states["school"]) == {UseState.OPEN}

    def test_on_spread_bring_places_to_where_the_task_is(self):
        need = by_half_year([100, 100, 100, 100])
        asked = replace(ASKED, maximum_spread_deviation=0.35)
        shares = indicative_shares(REGISTER)

        def deviation(made):
            places = dict.fromkeys(shares, 0.0)
            for location in REGISTER:
                use = made.states[location.location_id][-1]
                held = location.places if use is UseState.RESERVE else open_places(location, use)
                places[location.province] += held
            return spread_deviation(places, shares)

        assert deviation(plan(need)) > 0.35
        assert deviation(plan(need, asked)) <= 0.35 + 1e-9

    def test_on_a_half_year_spread_the_cost(self):
        need = by_half_year([150, 150, 300, 150])
        free = plan(need)
        dearest = max(total.cost_eur for total in free.totals)
        certain = replace(ASKED, branches=1)
        bound = plan(need, replace(certain, maximum_half_year_eur=0.98 * dearest))

        assert max(total.cost_eur for total in bound.totals) <= 0.98 * dearest * 1.0001
        assert bound.objective_eur > free.objective_eur


class TestLadder:
    HALL = candidate("new-hall", 60, kind=LocationKind.EMERGENCY, extension_months=6)
    SPARE = regular("spare", 60, status=LocationStatus.RESERVE, notice_months=24, recall_months=0)

    def settings(self, **changed):
        costs = replace(CostParameters(), emergency_person=42_000.0)
        return replace(ASKED, branches=1, costs=costs, **changed)

    def test_opens_an_emergency_only_when_the_reserve_is_in_use(self):
        need = by_half_year([91, 120, 91, 91])
        cheap = replace(self.HALL, place_eur=0.0, opening_eur=0.0)
        register = (REGISTER[0], replace(self.SPARE, opening_eur=20_000.0), cheap)
        free = plan(need, self.settings(), register)
        bound = plan(need, self.settings(follow_ladder=True), register)

        def opened_beside_a_reserve(made):
            hall, spare = made.states["new-hall"], made.states["spare"]
            before = (UseState.ABSENT, *hall)
            return any(
                now is UseState.OPEN is not was and use is UseState.RESERVE
                for was, now, use in zip(before, hall, spare, strict=False)
            )

        assert opened_beside_a_reserve(free)
        assert not opened_beside_a_reserve(bound)
        assert bound.objective_eur > free.objective_eur

    def test_names_the_step_of_new_and_returning_places(self):
        need = by_half_year([91, 400, 400, 400])
        temporary = candidate("park", 50, kind=LocationKind.TEMPORARY, extension_months=6)
        register = (REGISTER[0], *REGISTER[3:], self.HALL, self.SPARE, temporary)
        made = plan(need, self.settings(), register)
        steps = {line.location_id: line.ladder_step for line in made.lines if line.ladder_step}

        assert steps == {"one": 1, "two": 1, "spare": 2, "park": 3, "new-hall": 4}

    def test_does_not_wait_for_what_could_not_be_there_by_then(self):
        need = by_half_year([150, 150, 150, 150])
        slow = candidate("slow", 80, lead_time_months=18, extension_months=12)
        made = plan(need, self.settings(follow_ladder=True), (REGISTER[0], slow, self.HALL))

        assert made.states["new-hall"][0] is UseState.OPEN


class TestPrices:
    @settings(max_examples=6)
    @given(needs)
    def test_a_dearer_last_resort_never_leaves_more_people_without_a_place(self, need):
        asked = replace(ASKED, branches=1)
        dear = replace(asked, costs=replace(asked.costs, last_resort_person=200_000.0))

        def missing(made):
            return sum(total.missing_place_months for total in made.totals)

        # The programme weighs the steps of the futures, the report every month of every path:
        # with steps of half a year, and nobody called up, the two are the same.
        without = tuple(replace(one, recall_months=0) for one in REGISTER)
        assert missing(plan(need, dear, without)) <= missing(plan(need, asked, without)) + 1e-6


class TestOwnCosts:
    def test_of_a_location_count_instead_of_the_average(self):
        need = by_half_year([150, 150, 150, 150])
        register = (REGISTER[0], *(replace(one, places=0) for one in REGISTER[3:]))
        dear = replace(register[1], place_eur=30_000.0)
        made = plan(need, ASKED, (register[0], dear, register[2]))

        assert made.states["one"][0] is UseState.ABSENT
        assert made.states["two"][0] is UseState.OPEN
        assert made.cost_eur == pytest.approx(made.objective_eur)
