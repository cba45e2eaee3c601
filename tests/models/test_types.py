# SPDX-License-Identifier: EUPL-1.2
"""Panels and sampled futures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput, NotFound
from models.periods import Frequency, month_range
from models.types import LEVELS, Panel, SamplePaths

MARCH = np.datetime64("2018-03")


def panel(*rows, series_ids=None, frequency=Frequency.MONTH, first=MARCH):
    persons = np.array(rows, dtype=float)
    return Panel(
        series_ids=series_ids or tuple("abcdef"[: len(rows)]),
        frequency=frequency,
        periods=month_range(first, persons.shape[1], frequency),
        persons=persons,
    )


class TestPanel:
    def test_knows_nothing_after_the_cutoff(self):
        known = panel([1, 2, 3, 4]).until(np.datetime64("2018-04"))

        assert known.persons.tolist() == [[1, 2]]

    def test_counts_a_quarter_by_its_last_month(self):
        quarters = panel([1, 2], frequency=Frequency.QUARTER, first=np.datetime64("2018-01"))

        assert quarters.until(np.datetime64("2018-05")).persons.tolist() == [[1]]
        assert quarters.until(np.datetime64("2018-06")).persons.tolist() == [[1, 2]]

    def test_gives_each_series_its_own_last_known_period(self):
        nan = np.nan

        origins = panel([1, 2, nan], [nan, 2, 3]).origins

        assert [str(month) for month in origins] == ["2018-04", "2018-05"]

    def test_cannot_be_changed_through_the_array_it_was_made_from(self):
        values = np.ones((1, 2))
        made = panel(*values)
        values[:] = 7

        assert made.persons.tolist() == [[1, 1]]
        with pytest.raises(ValueError, match="read-only"):
            made.persons[0, 0] = 7

    @pytest.mark.parametrize("bad", [-1, np.inf])
    def test_refuses_impossible_counts(self, bad):
        with pytest.raises(InvalidInput, match="never negative"):
            panel([1, bad])

    def test_refuses_a_series_without_figures(self):
        with pytest.raises(InvalidInput, match="'b' has no figures"):
            _ = panel([1, 2], [np.nan, np.nan]).origins

    def test_refuses_a_gap_in_its_periods(self):
        with pytest.raises(InvalidInput, match="without a gap"):
            Panel(
                series_ids=("a",),
                frequency=Frequency.MONTH,
                periods=np.array(["2018-01", "2018-03"], dtype="datetime64[M]"),
                persons=np.ones((1, 2)),
            )

    def test_selects_series_in_the_order_asked_for(self):
        assert panel([1], [2]).select(["b", "a"]).persons.tolist() == [[2], [1]]

    def test_names_a_series_it_does_not_have(self):
        with pytest.raises(NotFound, match="'z'"):
            panel([1]).select(["z"])

    @given(cut=st.integers(0, 5), later=st.integers(0, 5))
    def test_cutting_twice_is_cutting_at_the_earlier(self, cut, later):
        whole = panel([1, 2, 3, 4, 5])

        twice = whole.until(MARCH + later).until(MARCH + cut)

        assert np.array_equal(twice.persons, whole.until(MARCH + min(cut, later)).persons)


class TestSamplePaths:
    def paths(self, persons, frequency=Frequency.MONTH):
        persons = np.asarray(persons, dtype=float)
        return SamplePaths(
            series_ids=tuple("abc"[: persons.shape[1]]),
            frequency=frequency,
            origins=np.repeat(MARCH, persons.shape[1]),
            persons=persons,
        )

    def test_horizon_one_is_the_period_after_the_last_known(self):
        quarterly = self.paths([[[1, 2]]], Frequency.QUARTER)

        assert [str(month) for month in quarterly.periods_of("a")] == ["2018-06", "2018-09"]

    def test_gives_a_quantile_for_each_of_the_23_levels(self):
        quantiles = self.paths(np.arange(100.0).reshape(100, 1, 1)).quantiles()

        assert quantiles.shape == (1, 1, 23)
        assert quantiles[0, 0, 11] == pytest.approx(49.5)
        assert (np.diff(quantiles) > 0).all()

    @pytest.mark.parametrize("bad", [-1, np.nan, np.inf])
    def test_refuses_impossible_counts(self, bad):
        with pytest.raises(InvalidInput, match="finite and never negative"):
            self.paths([[[1, bad]]])

    def test_names_a_series_it_does_not_have(self):
        with pytest.raises(NotFound):
            self.paths([[[1]]]).of("z")


def test_the_levels_are_the_published_23():
    assert len(LEVELS) == 23
    assert LEVELS[11] == 0.5
    assert np.allclose(LEVELS + LEVELS[::-1], 1)
