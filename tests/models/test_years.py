# SPDX-License-Identifier: EUPL-1.2
"""The total of a year: what is known and what may come, month by month."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput, NotFound
from models.periods import Frequency, month_range
from models.types import Panel, SamplePaths
from models.years import year_total


def known(persons, *, first="2024-01"):
    return Panel(
        series_ids=("nl",),
        frequency=Frequency.MONTH,
        periods=month_range(np.datetime64(first, "M"), len(persons)),
        persons=np.array([persons], dtype=float),
    )


def sampled(origin, months, *, paths=3):
    """Path k has k persons in every month."""
    return SamplePaths(
        series_ids=("nl",),
        frequency=Frequency.MONTH,
        origins=np.array([origin], dtype="datetime64[M]"),
        persons=np.tile(np.arange(1.0, paths + 1)[:, None, None], (1, 1, months)),
    )


class TestYearTotal:
    def test_adds_known_months_and_every_path(self):
        total = year_total(known([100] * 9), sampled("2024-09", 20), series_id="nl", year=2024)

        assert total.persons.tolist() == [903, 906, 909]
        assert (total.known, total.bridged, total.ahead, total.so_far) == (9, 0, 3, 900)

    def test_of_a_year_to_come_is_in_the_paths_alone(self):
        total = year_total(known([100] * 9), sampled("2024-09", 20), series_id="nl", year=2025)

        assert total.persons.tolist() == [12, 24, 36]
        assert (total.known, total.ahead, total.so_far) == (0, 12, 0)

    def test_puts_a_month_without_a_figure_on_the_line_between_its_neighbours(self):
        figures = [100, np.nan, np.nan, 400]
        total = year_total(known(figures), sampled("2024-04", 8), series_id="nl", year=2024)

        assert total.so_far == 100 + 200 + 300 + 400
        assert (total.known, total.bridged, total.ahead) == (2, 2, 8)

    def test_of_a_year_that_is_over_has_nothing_uncertain(self):
        total = year_total(known([10] * 14), sampled("2025-02", 2), series_id="nl", year=2024)

        assert total.persons.tolist() == [120, 120, 120]

    @given(origin=st.integers(1, 12), year=st.integers(2024, 2026))
    def test_always_counts_twelve_months(self, origin, year):
        paths = sampled(f"2024-{origin:02}", 36)
        total = year_total(known([1] * origin), paths, series_id="nl", year=year)

        assert total.known + total.bridged + total.ahead == 12
        assert total.persons[0] == 12

    @pytest.mark.parametrize("year", [2023, 2026])
    def test_refuses_a_year_that_is_not_covered(self, year):
        with pytest.raises(InvalidInput, match=f"do not cover {year}"):
            year_total(known([100] * 9), sampled("2024-09", 20), series_id="nl", year=year)

    def test_refuses_what_is_not_by_month_or_not_there(self):
        with pytest.raises(NotFound):
            year_total(known([100] * 9), sampled("2024-09", 20), series_id="de", year=2024)
        quarters = Panel(
            series_ids=("nl",),
            frequency=Frequency.QUARTER,
            periods=month_range(np.datetime64("2024-01", "M"), 1, Frequency.QUARTER),
            persons=np.ones((1, 1)),
        )
        with pytest.raises(InvalidInput, match="made of months"):
            year_total(quarters, sampled("2024-09", 20), series_id="nl", year=2024)
