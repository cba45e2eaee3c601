# SPDX-License-Identifier: EUPL-1.2
"""The programme that is put together is the one that is solved."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from models.planning.solver import LinearProgramme

LIMITS = {"relative_gap": 0.0, "maximum_nodes": 1_000, "time_limit_seconds": 60.0, "seed": 0}


class TestLinearProgramme:
    def test_finds_the_best_whole_numbers(self):
        # worth 5 and 4, weighing 6 and 5, at most 11 in all: one of each
        programme = LinearProgramme()
        first = programme.column(cost=-5.0, upper=9.0, whole=True)
        second = programme.column(cost=-4.0, upper=9.0, whole=True)
        programme.row([(first, 6.0), (second, 5.0)], upper=11.0)
        solution = programme.solve(**LIMITS)

        assert solution.values.tolist() == [1.0, 1.0]
        assert solution.objective == -9.0
        assert solution.proven

    def test_adds_up_a_column_that_is_named_twice(self):
        programme = LinearProgramme()
        column = programme.column(cost=1.0)
        programme.row([(column, 1.0), (column, 1.0)], lower=10.0)

        assert programme.solve(**LIMITS).values.tolist() == [5.0]

    def test_keeps_the_offset_out_of_the_gap_and_in_the_cost(self):
        programme = LinearProgramme()
        programme.column(cost=1.0, lower=3.0)
        programme.offset = 100.0

        assert programme.solve(**LIMITS).objective == 103.0

    def test_bounds_the_cost_with_the_offset_in_it(self):
        programme = LinearProgramme()
        programme.column(cost=2.0, lower=3.0)
        programme.offset = 1.0
        programme.cost_row(upper=6.5)

        assert programme.solve(**LIMITS) is None

    def test_has_no_answer_where_rows_exclude_each_other(self):
        programme = LinearProgramme()
        column = programme.column(upper=1.0, whole=True)
        programme.row([(column, 1.0)], lower=2.0)

        assert programme.solve(**LIMITS) is None

    @given(
        st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=6),
        st.integers(0, 30),
    )
    def test_agrees_with_another_interface_to_a_solver(self, items, weight):
        worth, weighs = np.array(items, dtype=float).T
        programme = LinearProgramme()
        columns = [programme.column(cost=-one, upper=2.0, whole=True) for one in worth]
        programme.row(zip(columns, weighs, strict=True), upper=float(weight))
        other = milp(
            -worth,
            constraints=LinearConstraint(weighs[np.newaxis], ub=weight),
            bounds=Bounds(0, 2),
            integrality=np.ones(len(worth)),
        )

        assert programme.solve(**LIMITS).objective == pytest.approx(other.fun)
