# SPDX-License-Identifier: EUPL-1.2
"""Later decisions may differ by branch, first ones may not; waiting to see never costs more."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.planning.location_plan.plan import plan_capacity
from models.planning.portfolio.branches import Branches
from models.planning.portfolio.capacity_plan import Action, PlanSettings, UseState
from models.planning.portfolio.scenarios import Futures
from models.planning.portfolio.supply import SupplyRisk
from models.planning.register.locations import ContractForm
from tests.models.planning.builders import (
    CERTAIN,
    INDIFFERENT,
    PERIODS,
    candidate,
    emergency,
    regular,
)
from tests.models.planning.enumeration import least_cost

SMALL = PlanSettings(
    half_years=3,
    futures=3,
    step_months=6,
    minimum_opening=0,
    relative_gap=0.0,
    branches=3,
    supply=CERTAIN,
    criteria=INDIFFERENT,
)
THREE = (
    regular("core", 100, fixed_core=True),
    emergency("hall", 60, extension_months=6),
    candidate("new", 80, extension_months=18),
)
LEVELS = st.lists(
    st.lists(st.integers(0, 260), min_size=3, max_size=3), min_size=3, max_size=3, unique_by=tuple
)


def by_half_year(*levels):
    return np.repeat(np.array(levels, dtype=float), 6, axis=1)


def plan(register, need, asked=SMALL):
    return plan_capacity(register, need, periods=PERIODS[: need.shape[1]], settings=asked, seed=1)


RISING = by_half_year([90, 80, 80, 80], [90, 85, 85, 85], [90, 95, 200, 200])


def futures(*levels, weights=None):
    need = np.array(levels, dtype=float)
    weights = np.full(len(need), 1 / len(need)) if weights is None else np.array(weights)
    return Futures(need=need, weights=weights, distance=0.0)


class TestBranches:
    def test_are_told_apart_by_the_need_when_a_year_has_passed(self):
        branches = Branches.of(
            futures([9, 1, 9, 9], [1, 3, 1, 1], [1, 2, 5, 5]), count=3, steps_per_half_year=1
        )

        assert branches.member.tolist() == [0, 2, 1]
        assert branches.limits.tolist() == [1.5, 2.5]
        assert branches.assign(np.array([[0, 2.6, 0, 0], [0, 1.4, 0, 0]])).tolist() == [2, 0]

    def test_keep_futures_together_that_cannot_be_told_apart(self):
        branches = Branches.of(
            futures([5, 5, 1], [5, 5, 2], [5, 5, 3]), count=3, steps_per_half_year=1
        )

        assert branches.count == 1

    def test_are_as_likely_as_the_futures_in_them(self):
        branches = Branches.of(
            futures([0, 1, 0], [0, 2, 0], [0, 3, 0], weights=[0.5, 0.3, 0.2]),
            count=2,
            steps_per_half_year=1,
        )

        assert branches.chances.tolist() == [0.5, 0.5]

    def test_wait_for_what_must_be_decided_earlier(self):
        branches = Branches.of(futures([0, 1, 0], [0, 2, 0]), count=2, steps_per_half_year=1)

        assert [branches.apart(at, lag=0) for at in range(4)] == [False, False, True, True]
        assert [branches.apart(at, lag=1) for at in range(4)] == [False, False, False, True]


class TestExhaustiveEnumeration:
    @settings(max_examples=8)
    @given(LEVELS)
    def test_finds_no_cheaper_plan_where_the_third_half_year_may_wait(self, levels):
        need = by_half_year(*levels)

        assert plan(THREE, need).objective_eur == pytest.approx(least_cost(THREE, need, SMALL))

    @settings(max_examples=6)
    @given(LEVELS)
    def test_finds_no_cheaper_plan_where_notice_and_lead_time_come_first(self, levels):
        register = (THREE[0], replace(THREE[1], notice_months=6), THREE[2])
        asked = replace(SMALL, half_years=4)
        need = by_half_year(*([*one, one[-1]] for one in levels))

        assert plan(register, need, asked).objective_eur == pytest.approx(
            least_cost(register, need, asked)
        )

    def test_finds_no_cheaper_plan_with_a_reserve_and_sizes_to_choose(self):
        sized = regular("sized", 60, technical_places=90, contractual_places=90, recall_months=0)
        register = (replace(sized, dual_use=ContractForm.NONE), THREE[2])
        need = by_half_year([100, 120, 200], [100, 90, 60], [100, 100, 100])

        assert plan(register, need).objective_eur == pytest.approx(
            least_cost(register, need, SMALL)
        )


class TestRecourse:
    @settings(max_examples=8)
    @given(st.integers(0, 1_000))
    def test_never_costs_more_on_the_futures_than_deciding_all_at_once(self, seed):
        need = by_half_year(*np.random.default_rng(seed).integers(0, 260, (6, 6)))
        asked = replace(SMALL, half_years=6, futures=6)
        together = plan(THREE, need, replace(asked, branches=1))
        apart = plan(THREE, need, asked)

        assert apart.objective_eur <= together.objective_eur + 1e-3

    def test_opens_where_the_need_rose_and_only_then(self):
        made = plan((THREE[0], THREE[2]), RISING, replace(SMALL, half_years=4))

        assert [one.states["new"][:2] for one in made.branches] == [(UseState.ABSENT,) * 2] * 3
        assert [one.states["new"][2] for one in made.branches] == [
            UseState.ABSENT,
            UseState.ABSENT,
            UseState.OPEN,
        ]
        assert made.known_from == "2027-01"

    def test_cannot_wait_where_the_lead_time_is_long(self):
        slow = replace(THREE[2], lead_time_months=12)
        made = plan((THREE[0], slow), RISING, replace(SMALL, half_years=4))

        assert len({one.states["new"] for one in made.branches}) == 1

    def test_says_with_what_chance_a_later_decision_will_be_taken(self):
        made = plan((THREE[0], THREE[2]), RISING, replace(SMALL, half_years=4))
        chances = {(one.action, one.from_period): one.chance for one in made.lines}

        assert chances[Action.OPEN, "2027-01"] == pytest.approx(1 / 3)
        assert chances[Action.LEAVE, "2026-01"] == pytest.approx(2 / 3)
        assert all(line.chance == 1 for line in made.lines if line.decide_now)


class TestNeedThatIsKnownForCertain:
    def test_has_one_branch_and_one_course(self):
        made = plan(THREE, by_half_year([150, 120, 90]))

        assert [one.chance for one in made.branches] == [1.0]
        assert {line.chance for line in made.lines} == {1.0}


def test_default_settings_tell_three_branches_apart_and_count_on_late_openings():
    assert PlanSettings().branches == 3
    assert PlanSettings().supply == SupplyRisk()
