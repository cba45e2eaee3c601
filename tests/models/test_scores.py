# SPDX-License-Identifier: EUPL-1.2
"""Scores: hand-worked numbers, the sign of an error, and the judge's own arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scores import bias, coverage, crps, pinball, relative_score, within
from models.types import LEVELS

counts = st.floats(0, 1e5)


def flat(value):
    return np.full(len(LEVELS), float(value))


class TestPinball:
    def test_is_twice_the_level_times_the_shortfall_when_too_low(self):
        loss = pinball(np.array(110.0), flat(100))

        assert loss[11] == pytest.approx(2 * 0.5 * 10)
        assert loss[2] == pytest.approx(2 * 0.05 * 10)

    def test_is_twice_the_rest_of_the_level_times_the_excess_when_too_high(self):
        loss = pinball(np.array(90.0), flat(100))

        assert loss[2] == pytest.approx(2 * 0.95 * 10)

    @given(actual=counts, forecast=counts)
    def test_of_a_point_forecast_is_its_absolute_error_on_average_over_symmetric_levels(
        self, actual, forecast
    ):
        assert crps(np.array(actual), flat(forecast)) == pytest.approx(abs(forecast - actual))

    def test_keeps_an_unknown_outcome_unknown(self):
        assert np.isnan(crps(np.array(np.nan), flat(100)))

    def test_looks_only_at_levels_from_nine_tenths_up_in_the_upper_tail(self):
        # Levels 0.9, 0.95, 0.975 and 0.99; 100 too low costs twice the level times 100.
        expected = 2 * 100 * np.mean([0.9, 0.95, 0.975, 0.99])

        assert crps(np.array(200.0), flat(100), upper_tail=True) == pytest.approx(expected)


class TestCoverage:
    def test_of_the_middle_half_runs_from_the_lower_to_the_upper_quartile(self):
        quantiles = np.tile(100 * LEVELS, (4, 1))

        held = within(np.array([24.9, 25.0, 75.0, 75.1]), quantiles, 0.5)

        assert held.tolist() == [0, 1, 1, 0]

    def test_counts_only_known_outcomes(self):
        quantiles = np.tile(100 * LEVELS, (3, 1))

        assert coverage(np.array([50.0, np.nan, 99.9]), quantiles, 0.9) == 0.5


class TestBias:
    def test_is_positive_when_the_forecast_was_too_high(self):
        assert bias(np.array([100.0, 100.0]), np.array([130.0, 110.0])) == 20

    def test_is_negative_when_the_forecast_was_too_low(self):
        assert bias(np.array([100.0]), np.array([90.0])) == -10


class TestRelativeScore:
    def test_is_the_geometric_mean_over_series_of_ratios_of_means(self):
        mine = np.array([[1.0, 3.0], [8.0, 8.0]])
        theirs = np.array([[4.0, 4.0], [4.0, 4.0]])

        # Ratios 0.5 and 2: the geometric mean is 1.
        assert relative_score(mine, theirs) == pytest.approx(1.0)

    def test_compares_only_targets_that_both_have(self):
        mine = np.array([[1.0, np.nan]])
        theirs = np.array([[2.0, 100.0]])

        assert relative_score(mine, theirs) == pytest.approx(0.5)
