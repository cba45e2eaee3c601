# SPDX-License-Identifier: EUPL-1.2
"""Months, quarters and years."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.periods import Frequency, first_day, last_day, month_of, month_range

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1))


class TestMonths:
    @given(day=days)
    def test_every_day_lies_between_the_first_and_last_day_of_its_month(self, day):
        month = month_of(day)

        assert first_day(month) <= day <= last_day(month)
        assert last_day(month) + timedelta(days=1) == first_day(month + 1)

    def test_february_of_a_leap_year_has_29_days(self):
        assert last_day(np.datetime64("2024-02")) == date(2024, 2, 29)


class TestMonthRange:
    def test_quarters_are_named_by_their_first_month(self):
        quarters = month_range(np.datetime64("2018-10"), 3, Frequency.QUARTER)

        assert [str(quarter) for quarter in quarters] == ["2018-10", "2019-01", "2019-04"]

    @pytest.mark.parametrize("frequency", [Frequency.WEEK, Frequency.DATED])
    def test_series_without_whole_months_have_no_range(self, frequency):
        with pytest.raises(InvalidInput):
            month_range(np.datetime64("2018-10"), 3, frequency)
