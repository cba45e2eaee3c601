# SPDX-License-Identifier: EUPL-1.2
"""The programme that is put together is the one that is solved."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from models.planning.solving.solver import LinearProgramme

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


def two_demands():
    """Between 3 and 5 of something that is at most 2, each bound by a demand of its own."""
    programme = LinearProgramme()
    column = programme.column(cost=1.0, upper=1.0, whole=True, demand="small")
    programme.row([(column, 1.0)], lower=3.0, demand="least")
    programme.row([(column, 1.0)], upper=5.0, demand="most")
    return programme


class TestDemands:
    def test_are_named_where_rows_and_bounds_come_from_them(self):
        assert two_demands().demands == ("least", "most", "small")

    def test_exclude_each_other_until_one_gives_way(self):
        programme = two_demands()
        relaxed = programme.copy()
        missed = relaxed.relax("least")
        relaxed.minimise({missed: 1.0})

        assert programme.solve(**LIMITS) is None
        assert relaxed.solve(**LIMITS).objective == 2.0
        assert programme.solve(**LIMITS) is None

    def test_change_nothing_while_nobody_puts_them_in_question(self):
        programme = LinearProgramme()
        column = programme.column(cost=1.0, lower=2.0, demand="bound")
        programme.row([(column, 1.0)], lower=3.0, demand="row")

        assert programme.solve(**LIMITS).values[column] == 3.0
        programme.relax("row")
        assert programme.solve(**LIMITS).values[column] == 2.0
        programme.relax("bound")
        assert programme.solve(**LIMITS).values[column] == 0.0


class TestMinimise:
    def test_looks_for_something_else_within_the_same_rows(self):
        programme = LinearProgramme()
        cheap, dear = programme.column(cost=1.0), programme.column(cost=2.0)
        programme.row([(cheap, 1.0), (dear, 1.0)], lower=10.0)
        programme.cost_row(upper=12.0)
        programme.minimise({cheap: 1.0})
        solution = programme.solve(**LIMITS)

        assert programme.priced == [(cheap, 1.0)]
        # every unit moved costs one more, and two may be spent
        assert solution.values.tolist() == [8.0, 2.0]
        assert solution.objective == 8.0

    def test_may_keep_a_share_of_the_cost_to_decide_between_equals(self):
        programme = LinearProgramme()
        cheap, dear = programme.column(cost=1.0), programme.column(cost=2.0)
        programme.row([(cheap, 1.0), (dear, 1.0)], lower=10.0)
        programme.offset = 7.0
        programme.minimise({}, keep=0.01)

        assert programme.solve(**LIMITS).values.tolist() == [10.0, 0.0]
        assert programme.solve(**LIMITS).objective == pytest.approx(0.17)


class TestRelaxation:
    def programme(self):
        programme = LinearProgramme()
        first = programme.column(cost=3.0, upper=1.0, whole=True)
        second = programme.column(cost=5.0, upper=1.0, whole=True)
        programme.row([(first, 4.0), (second, 4.0)], lower=6.0)
        return programme, first, second

    def test_finds_the_best_point_that_need_not_be_whole_and_prices_its_bounds(self):
        programme, first, second = self.programme()
        best = programme.relaxed(seed=0).best

        assert best.values.tolist() == [1.0, 0.5]
        assert best.cost == pytest.approx(5.5)
        # one more of the first would do without one of the second
        assert best.prices[[first, second]].tolist() == pytest.approx([3.0 - 5.0, 0.0])

    def test_answers_each_question_by_itself(self):
        programme, first, second = self.programme()
        relaxation = programme.relaxed(seed=0)
        dearer = relaxation.otherwise({first: (0.0, 0.5)})
        impossible = relaxation.otherwise({first: (0.0, 0.0)})
        both = relaxation.watch([(first, 1.0), (second, 1.0)])
        more = relaxation.otherwise({}, {both: (2.0, np.inf)})

        assert dearer.cost == pytest.approx(6.5)
        assert impossible is None
        assert more.cost == pytest.approx(8.0)
        assert relaxation.otherwise({}).cost == relaxation.best.cost

    def test_has_no_point_where_rows_exclude_each_other(self):
        assert two_demands().relaxed(seed=0) is None
