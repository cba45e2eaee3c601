# SPDX-License-Identifier: EUPL-1.2
"""Dated points: where they lie in time, and which of them exclude each other."""

from datetime import date

import numpy as np
import pytest

from models.errors import InvalidInput
from models.occupancy import DatedPoint
from models.occupancy.points import check_points, moment_of
from models.periods import Frequency, month_range
from models.types import Panel


def arrivals(*persons):
    return Panel(
        series_ids=("nl",),
        frequency=Frequency.MONTH,
        periods=month_range(np.datetime64("2020-01", "M"), len(persons)),
        persons=np.array([persons], dtype=float),
    )


class TestMomentOf:
    def test_is_whole_on_the_last_day_of_a_month(self):
        assert moment_of(date(1970, 1, 31)) == 1.0

    def test_counts_the_share_of_the_month_that_has_passed(self):
        assert moment_of(date(2020, 2, 1)) == 50 * 12 + 1 + 1 / 29


class TestDatedPoint:
    @pytest.mark.parametrize("persons", [0, -1, float("nan"), float("inf")])
    def test_refuses_what_is_no_stock(self, persons):
        with pytest.raises(InvalidInput, match="2020-01-31"):
            DatedPoint(day=date(2020, 1, 31), persons=persons)

    def test_refuses_a_figure_without_any_error(self):
        with pytest.raises(InvalidInput, match="error"):
            DatedPoint(day=date(2020, 1, 31), persons=100, log_sd=0)


class TestCheckPoints:
    def test_accepts_a_rise_that_the_inflow_explains(self):
        check_points(
            [
                DatedPoint(day=date(2020, 1, 31), persons=1000),
                DatedPoint(day=date(2020, 2, 29), persons=1100),
            ],
            arrivals(100, 150),
        )

    def test_names_both_points_of_a_rise_that_the_inflow_cannot_explain(self):
        points = [
            DatedPoint(day=date(2020, 1, 31), persons=1000),
            DatedPoint(day=date(2020, 2, 29), persons=9000),
        ]

        with pytest.raises(InvalidInput, match=r"2020-01-31 and 2020-02-29 .* only 150 came in"):
            check_points(points, arrivals(100, 150))

    def test_names_the_day_on_which_two_points_exclude_each_other(self):
        points = [
            DatedPoint(day=date(2020, 1, 31), persons=1000),
            DatedPoint(day=date(2020, 1, 31), persons=2000),
        ]

        with pytest.raises(InvalidInput, match="cannot be both 1000 and 2000"):
            check_points(points, arrivals(100, 150))
