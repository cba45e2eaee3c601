# SPDX-License-Identifier: EUPL-1.2
"""Minors live in places for minors or for everyone, the others in places for others or everyone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from models.errors import InvalidInput
from models.planning.location_plan.plan import plan_capacity
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.register.locations import ReceptionGroup
from tests.models.planning.builders import (
    CERTAIN,
    INDIFFERENT,
    PERIODS,
    candidate,
    emergency,
    regular,
)

MINORS, OTHERS = ReceptionGroup.UNACCOMPANIED_MINORS, ReceptionGroup.ADULTS_AND_FAMILIES
ONE = PlanSettings(
    half_years=1,
    futures=10,
    step_months=6,
    occupancy_norm=1.0,
    minimum_opening=0,
    relative_gap=0.0,
    supply=CERTAIN,
    criteria=INDIFFERENT,
)
FIXED = (
    regular("for-all", 40, fixed_core=True, recall_months=0),
    regular("youth", 30, group=MINORS, fixed_core=True, recall_months=0),
    regular("families", 50, group=OTHERS, fixed_core=True, recall_months=0),
    emergency("hall", 25, group=OTHERS, notice_months=12),
)


def plan(register, others, minors, asked=ONE):
    others, minors = (
        np.repeat(np.array(one, dtype=float)[:, np.newaxis], 6, axis=1) for one in (others, minors)
    )
    return plan_capacity(
        register, others + minors, periods=PERIODS[:6], settings=asked, seed=1, minors=minors
    )


def least_cost_by_name(others, minors, costs):
    """The slow and obvious way: so many of each group in each kind of place [EUR]."""
    places = [(40, "both"), (30, "minors"), (50, "others"), (25, "others"), (1e6, "both")]
    housed = costs.regular_housed
    prices = [housed, housed, housed, costs.emergency_housed, costs.last_resort_person]
    lives = [[kind in {"both", group} for _, kind in places] for group in ("minors", "others")]
    bounds = [(0, None if may else 0) for group in lives for may in group]
    solved = linprog(
        [*prices, *prices],
        A_ub=np.hstack([np.eye(5), np.eye(5)]),
        b_ub=[count for count, _ in places],
        A_eq=np.kron(np.eye(2), np.ones(5)),
        b_eq=[minors, others],
        bounds=bounds,
    )
    return solved.fun / 2 + (120 * costs.regular_open + 25 * costs.emergency_housing) / 2


class TestGroups:
    @settings(max_examples=25)
    @given(st.integers(0, 150), st.integers(0, 120))
    def test_find_the_places_that_serve_them_at_the_least_cost(self, others, minors):
        made = plan(FIXED, [others], [minors])
        least = least_cost_by_name(others, minors, ONE.costs)

        assert made.objective_eur == pytest.approx(least)
        # Own places first and minors before others: with these places that is the cheapest too.
        assert made.cost_eur == pytest.approx(least)

    def test_leave_who_fits_nowhere_without_a_place_beside_empty_ones(self):
        (half_year,) = plan(FIXED, [0], [100]).totals

        assert half_year.missing_place_months == 6 * 30
        assert half_year.empty_place_months == 6 * (145 - 70)

    def test_count_together_where_the_register_keeps_no_places_apart(self):
        register = tuple(replace(one, group=ReceptionGroup.EVERYONE) for one in FIXED)
        made = plan(register, [0], [100])

        assert made.totals[0].missing_place_months == 0

    def test_open_places_for_those_who_need_them(self):
        new = (
            candidate("for-minors", 60, group=MINORS),
            candidate("for-others", 60, group=OTHERS, place_eur=1_000.0),
        )
        made = plan((*FIXED, *new), [50], [130])
        states = {name: uses[0].is_open for name, uses in made.states.items()}

        assert states["for-minors"]
        assert not states["for-others"]

    def test_keep_their_share_in_the_futures_that_stand_for_many(self):
        rng = np.random.default_rng(3)
        others = rng.integers(20, 150, 60)
        made = plan(FIXED, others, others // 4, replace(ONE, futures=12))

        assert abs(made.scenario_error.cost_error) < 0.02

    def test_are_parts_of_the_need(self):
        need = np.full((1, 6), 10.0)

        with pytest.raises(InvalidInput):
            plan_capacity(FIXED, need, periods=PERIODS[:6], settings=ONE, seed=1, minors=need + 1)
