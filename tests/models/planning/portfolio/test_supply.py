# SPDX-License-Identifier: EUPL-1.2
"""New locations come late or never by stated odds, and no plan counts on them before."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.planning.location_plan.plan import plan_capacity
from models.planning.location_plan.question import Question
from models.planning.portfolio.capacity_plan import PlanSettings, UseState
from models.planning.portfolio.portfolio import Awaited
from models.planning.portfolio.supply import NEVER, SUPPLY_ORIGINS, SupplyRisk, draw_delays
from models.planning.portfolio.terms import Terms
from tests.models.planning.builders import (
    CERTAIN,
    INDIFFERENT,
    PERIODS,
    candidate,
    emergency,
    regular,
)
from tests.models.planning.enumeration import least_cost

RISKY = SupplyRisk(late_chance=0.5, later_chance=0.5, failure_chance=0.1)
SMALL = PlanSettings(
    half_years=3,
    futures=3,
    step_months=6,
    minimum_opening=0,
    relative_gap=0.0,
    supply=SupplyRisk(late_chance=0.6, failure_chance=0.2),
    criteria=INDIFFERENT,
)


def delays_of(location, *, count, risk=RISKY, seed=1, horizon=10):
    terms = [Terms.of(location, start=PERIODS[0], horizon=horizon)]
    return draw_delays([location], terms=terms, risk=risk, count=count, seed=seed)[:, 0]


NEW = candidate("new", 80, lead_time_months=6, extension_months=60)


class TestDelays:
    def test_meet_the_odds_as_nearly_as_their_number_allows(self):
        late = delays_of(NEW, count=1_000)
        shares = {delay: float(np.mean(late == delay)) for delay in (0, 1, 2, 3, NEVER)}

        assert shares == pytest.approx({0: 0.4, 1: 0.25, 2: 0.125, 3: 0.0625, NEVER: 0.1}, abs=2e-3)

    def test_follow_the_odds_of_the_location_where_it_has_its_own(self):
        sure = replace(NEW, late_chance=0.0, failure_chance=0.0)
        hopeless = replace(NEW, late_chance=0.0, failure_chance=1.0)

        assert not delays_of(sure, count=50).any()
        assert set(delays_of(hopeless, count=50)) == {NEVER}

    def test_are_those_of_candidates_only(self):
        assert not delays_of(regular("open", 80), count=50).any()
        assert not delays_of(emergency("hall", 80), count=50).any()

    def test_never_exceed_the_term_of_the_agreement(self):
        short = replace(NEW, extension_months=12)

        assert set(delays_of(short, count=200)) == {0, 1, 2, NEVER}

    def test_hang_on_the_line_and_the_seed_alone(self):
        others = [candidate("other", 10), NEW]
        terms = [Terms.of(one, start=PERIODS[0], horizon=10) for one in others]
        beside = draw_delays(others, terms=terms, risk=RISKY, count=40, seed=1)

        assert beside[:, 1].tolist() == delays_of(NEW, count=40).tolist()
        assert beside[:, 1].tolist() != beside[:, 0].tolist()
        assert beside[:, 1].tolist() != delays_of(NEW, count=40, seed=2).tolist()

    def test_default_odds_have_their_origins(self):
        assert set(SUPPLY_ORIGINS) == set(SupplyRisk.__dataclass_fields__)
        assert SupplyRisk().late_chance == pytest.approx(7 / 12)

    @pytest.mark.parametrize(
        "odds",
        [
            {"late_chance": -0.1},
            {"late_chance": 0.8, "failure_chance": 0.3},
            {"later_chance": 1.0},
        ],
    )
    def test_odds_that_are_none_are_refused(self, odds):
        with pytest.raises(InvalidInput):
            SupplyRisk(**odds)


class TestAwaited:
    def test_counts_a_place_from_its_opening_until_it_is_there(self):
        terms = [Terms.of(NEW, start=PERIODS[0], horizon=5)]
        course = (UseState.ABSENT, *(UseState.OPEN,) * 4)
        late = np.array([[0], [1], [2], [NEVER]], dtype=np.int8)
        awaited = Awaited.of([NEW], terms=terms, states=[course], delays=late, costs=SMALL.costs)

        assert awaited.regular.tolist() == [
            [0, 0, 0, 0, 0],
            [0, 80, 0, 0, 0],
            [0, 80, 80, 0, 0],
            [0, 80, 80, 80, 80],
        ]
        assert awaited.spared_eur[1, 1] == pytest.approx(80 * SMALL.costs.regular_open / 2)


class TestExhaustiveEnumeration:
    @settings(max_examples=8)
    @given(
        st.lists(st.lists(st.integers(0, 260), min_size=3, max_size=3), min_size=3, max_size=3),
        st.sampled_from([1, 3]),
        st.integers(0, 5),
    )
    @example(levels=[[0, 0, 0], [0, 0, 0], [0, 160, 0]], branches=1, seed=2)
    def test_finds_no_cheaper_plan_where_openings_come_late_or_never(self, levels, branches, seed):
        register = (
            regular("core", 100, fixed_core=True),
            candidate("new", 80, extension_months=12),
            candidate("hired", 60, extension_months=6),
        )
        need = np.repeat(np.array(levels, dtype=float), 6, axis=1)
        asked = replace(SMALL, branches=branches)
        made = plan_capacity(register, need, periods=PERIODS[:18], settings=asked, seed=seed)
        question = Question.of(register, need, start=PERIODS[0], settings=asked, seed=seed)

        assert made.objective_eur == pytest.approx(
            least_cost(register, need, asked, question.delays)
        )


class TestPlan:
    def test_does_not_count_on_a_place_before_it_is_there(self):
        need = np.full((1, 24), 150.0)
        register = (regular("core", 100, fixed_core=True), NEW)
        asked = replace(SMALL, half_years=4, futures=1)
        never = replace(asked, supply=SupplyRisk(late_chance=0.0, failure_chance=1.0))
        certain = replace(asked, supply=CERTAIN)
        failed, in_time = (
            plan_capacity(register, need, periods=PERIODS[:24], settings=one, seed=1)
            for one in (never, certain)
        )

        assert UseState.OPEN in in_time.states["new"]
        assert UseState.OPEN not in failed.states["new"]

    def test_reports_with_the_places_that_are_late_on_each_path(self):
        need = np.full((200, 24), 150.0)
        register = (regular("core", 100, fixed_core=True), NEW)
        asked = replace(SMALL, half_years=4, futures=20, supply=RISKY)
        made = plan_capacity(register, need, periods=PERIODS[:24], settings=asked, seed=1)
        second = made.totals[1]

        assert made.states["new"][1] is UseState.OPEN
        assert second.places_regular == 180
        # 80 places at a chance of 0.6 that they are late or never come
        assert second.places_late == 48
        assert second.chance_sufficient == pytest.approx(0.4, abs=0.01)
