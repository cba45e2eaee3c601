# SPDX-License-Identifier: EUPL-1.2
"""The outlook of some futures: by hand on a few, then laws on any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.errors import InvalidInput
from models.occupancy.outlook import exceedance, half_year_sums, peak, waiting_times
from models.periods import month_range

JANUARY = np.datetime64("2027-01", "M")
LEVELS = (0.1, 0.5, 0.9)

needs = arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(1, 15)),
    elements=st.integers(0, 40).map(float),  # few values, so that ties are common
)
capacities = st.integers(0, 45).map(float)


def months(count):
    return month_range(JANUARY, count)


NEED = np.array(
    [
        [10.0, 30.0, 20.0],
        [10.0, 20.0, 40.0],
        [10.0, 10.0, 10.0],
        [15.0, 25.0, 25.0],
    ]
)


class TestPeak:
    def test_is_the_first_month_of_the_highest_need_of_each_path(self):
        found = peak(NEED, months(3), levels=LEVELS)

        assert found.chances.tolist() == [0.25, 0.5, 0.25]
        assert str(found.month) == "2027-02"

    def test_has_the_heights_of_the_paths(self):
        # Heights 10, 25, 30, 40: the middle lies between 25 and 30.
        assert peak(NEED, months(3), levels=[0.0, 0.5, 1.0]).persons.tolist() == [10.0, 27.5, 40.0]

    @given(need=needs)
    def test_falls_in_some_month_and_as_often_as_counted_one_by_one(self, need):
        found = peak(need, months(need.shape[1]), levels=LEVELS)

        firsts = [list(path).index(max(path)) for path in need.tolist()]
        counted = [firsts.count(month) / len(firsts) for month in range(need.shape[1])]
        assert found.chances.tolist() == pytest.approx(counted)
        by_then = np.cumsum(counted)[int((found.month - JANUARY).astype(int))]
        assert by_then >= 0.5 - 1e-9

    def test_needs_a_path_and_a_month(self):
        for shape in ((0, 3), (3, 0)):
            with pytest.raises(InvalidInput):
                peak(np.zeros(shape), months(shape[1]), levels=LEVELS)


class TestExceedance:
    def test_counts_paths_above_in_and_by_each_month(self):
        found = exceedance(NEED, months(3), capacity=20, levels=LEVELS)

        assert found.chance == 0.75
        assert found.in_month.tolist() == [0.0, 0.5, 0.5]
        assert found.by_month.tolist() == [0.0, 0.5, 0.75]
        assert [str(month) for month in found.first] == ["2027-02", "2027-02", "2027-03"]

    def test_has_no_first_month_where_none_is_above(self):
        found = exceedance(NEED, months(3), capacity=40, levels=LEVELS)

        assert (found.chance, found.first) == (0.0, None)

    @pytest.mark.parametrize("capacity", [-1.0, float("nan"), float("inf")])
    def test_refuses_a_capacity_that_is_none(self, capacity):
        with pytest.raises(InvalidInput, match="room for"):
            exceedance(NEED, months(3), capacity=capacity, levels=LEVELS)

    @given(need=needs, capacity=capacities)
    def test_in_a_month_is_never_likelier_than_by_then_nor_than_at_any_time(self, need, capacity):
        found = exceedance(need, months(need.shape[1]), capacity=capacity, levels=LEVELS)

        assert (found.in_month <= found.by_month).all()
        assert (np.diff(found.by_month) >= 0).all()
        assert found.by_month[-1] == found.chance

    @given(need=needs, capacity=capacities, more=st.integers(0, 10))
    def test_is_never_likelier_with_more_room(self, need, capacity, more):
        periods = months(need.shape[1])
        less = exceedance(need, periods, capacity=capacity, levels=LEVELS)
        roomier = exceedance(need, periods, capacity=capacity + more, levels=LEVELS)

        assert roomier.chance <= less.chance
        assert (roomier.in_month <= less.in_month).all()
        assert (roomier.by_month <= less.by_month).all()

    @given(need=needs, capacity=capacities)
    def test_first_happens_when_the_chance_by_then_has_come_so_far(self, need, capacity):
        found = exceedance(need, months(need.shape[1]), capacity=capacity, levels=LEVELS)

        assert (found.first is None) == (found.chance == 0)
        for level, month in zip(LEVELS, found.first or (), strict=False):
            row = int((month - JANUARY).astype(int))
            assert found.by_month[row] >= level * found.chance - 1e-9
            assert row == 0 or found.by_month[row - 1] < level * found.chance + 1e-9
            assert found.in_month[row] > 0

    @given(need=needs)
    def test_of_the_least_peak_is_what_the_peaks_say(self, need):
        periods = months(need.shape[1])
        low, middle = np.quantile(need.max(axis=1), [0.0, 0.5], method="inverted_cdf")

        assert exceedance(need, periods, capacity=low, levels=LEVELS).chance < 1
        assert exceedance(need, periods, capacity=middle, levels=LEVELS).chance <= 0.5


class TestWaitingTimes:
    def test_leaves_out_the_paths_in_which_nobody_is_served(self):
        waited = np.array([[4.0, 6.0, 0.0], [8.0, 0.0, 0.0], [12.0, 10.0, 0.0]])
        served = np.array([[5.0, 5.0, 0.0], [5.0, 0.0, 0.0], [5.0, 5.0, 0.0]])

        found = waiting_times(waited, served, levels=[0.0, 0.5, 1.0])

        assert found[:2].tolist() == [[4.0, 8.0, 12.0], [6.0, 8.0, 10.0]]
        assert np.isnan(found[2]).all()


class TestHalfYearSums:
    def test_adds_up_whole_half_years_alone(self):
        """From May 2027 to August 2028: the second half of 2027 and the first of 2028."""
        periods = month_range(np.datetime64("2027-05", "M"), 16)
        flow = np.arange(16.0)[None, :] * np.array([[1.0], [10.0]])

        halves, sums = half_year_sums(flow, periods)

        assert [str(month) for month in halves] == ["2027-07", "2028-01"]
        first, second = sum(range(2, 8)), sum(range(8, 14))
        assert sums.tolist() == [[first, second], [10 * first, 10 * second]]

    @given(begin=st.integers(0, 11), count=st.integers(0, 40))
    def test_names_halves_of_the_calendar_and_loses_less_than_one_at_each_end(self, begin, count):
        periods = month_range(JANUARY + begin, count)
        flow = np.ones((2, count))

        halves, sums = half_year_sums(flow, periods)

        assert {str(month)[-2:] for month in halves} <= {"01", "07"}
        assert sums.shape == (2, len(halves))
        assert (sums == 6).all()
        assert count - sums.sum(axis=1)[0] <= 10
