# SPDX-License-Identifier: EUPL-1.2
"""The smallest set of demands that exclude each other is the smallest one there is."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from models.planning.solving.conflicts import smallest_conflict, way_to_give
from models.planning.solving.solver import LinearProgramme


def between(**demands):
    """One quantity from 0 to 100 that each demand asks to be at least, or at most, so much."""
    programme = LinearProgramme()
    column = programme.column(upper=100.0, whole=True)
    for name, (at_least, bound) in demands.items():
        bounds = {"lower": float(bound)} if at_least else {"upper": float(bound)}
        programme.row([(column, 1.0)], **bounds, demand=name)
    return programme


def met(demands):
    """Whether a whole number from 0 to 100 meets demands: the obvious way."""
    return any(
        all(number >= bound if at_least else number <= bound for at_least, bound in demands)
        for number in range(101)
    )


bounds = st.tuples(st.booleans(), st.integers(-5, 105))


class TestSmallestConflict:
    def test_leaves_out_what_does_not_matter(self):
        programme = between(much=(True, 60), harmless=(True, 10), little=(False, 40))

        assert smallest_conflict(programme, seed=0) == ("much", "little")

    def test_finds_a_demand_that_excludes_itself(self):
        programme = between(much=(True, 60), little=(False, 40), absurd=(True, 101))

        assert smallest_conflict(programme, seed=0) == ("absurd",)

    def test_finds_none_where_all_can_be_met(self):
        assert smallest_conflict(between(some=(True, 10), most=(False, 40)), seed=0) == ()

    def test_counts_a_bound_of_the_register_as_a_demand(self):
        programme = LinearProgramme()
        column = programme.column(upper=0.0, whole=True, demand="lead_times")
        programme.row([(column, 100.0)], lower=80.0, demand="minimum_places")

        assert set(smallest_conflict(programme, seed=0)) == {"lead_times", "minimum_places"}

    def test_sees_a_conflict_that_only_whole_numbers_have(self):
        programme = LinearProgramme()
        column = programme.column(upper=3.0, whole=True)
        programme.row([(column, 100.0)], lower=150.0, demand="least")
        programme.row([(column, 100.0)], upper=190.0, demand="most")

        assert smallest_conflict(programme, seed=0) == ("least", "most")

    @settings(max_examples=40)
    @given(st.lists(bounds, min_size=1, max_size=5))
    def test_is_no_larger_than_the_smallest_found_by_trying_every_set(self, demands):
        named = {f"demand_{at}": demand for at, demand in enumerate(demands)}
        found = smallest_conflict(between(**named), seed=0)
        sizes = [
            size
            for size in range(1, len(named) + 1)
            if any(not met([named[name] for name in some]) for some in combinations(named, size))
        ]

        assert len(found) == (min(sizes) if sizes else 0)
        assert not found or not met([named[name] for name in found])


class TestWayToGive:
    def test_is_what_the_others_leave_undone(self):
        programme = between(much=(True, 60), harmless=(False, 5), little=(False, 40))

        assert way_to_give(programme, "much", beside=["little"], seed=0) == 20.0
        assert way_to_give(programme, "little", beside=["much"], seed=0) == 20.0

    def test_is_unknown_for_what_can_only_be_put_aside(self):
        programme = LinearProgramme()
        column = programme.column(upper=0.0, whole=True, demand="lead_times")
        programme.row([(column, 100.0)], lower=80.0, demand="minimum_places")

        assert way_to_give(programme, "lead_times", beside=["minimum_places"], seed=0) is None
