# SPDX-License-Identifier: EUPL-1.2
"""Our compact smoothing against statsmodels, and what it does with gaps and seasons."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from models.inflow.seasonality import seasonal_indices
from models.inflow.smoothing import DampedSmoothing, aligned, average_smoothing, smooth
from models.periods import Frequency, month_range
from models.types import Panel


def history(periods=80, seed=4):
    return 6 + np.random.default_rng(seed).standard_normal(periods).cumsum() / 10


def ran(values, *, alpha, beta, phi):
    level, trend, square, _ = smooth(
        values[None], alpha=np.array([alpha]), beta=np.array([beta]), phi=np.array([phi])
    )
    return level[0, 0], trend[0, 0], square[0, 0]


class TestSmoothing:
    @pytest.mark.parametrize(
        ("alpha", "beta", "phi"), [(0.5, 0.1, 0.9), (0.9, 0.36, 0.8), (0.1, 0.01, 0.95)]
    )
    def test_ends_where_statsmodels_ends_with_the_same_parameters(self, alpha, beta, phi):
        values = history()
        theirs = ETSModel(
            values[1:],
            error="add",
            trend="add",
            damped_trend=True,
            initialization_method="known",
            initial_level=values[0],
            initial_trend=0.0,
        ).smooth([alpha, beta, phi, values[0], 0.0])

        level, trend, square = ran(values, alpha=alpha, beta=beta, phi=phi)

        assert level == pytest.approx(theirs.level[-1], abs=1e-9)
        assert trend == pytest.approx(theirs.slope[-1], abs=1e-9)
        assert square == pytest.approx(np.mean(np.asarray(theirs.resid) ** 2), rel=1e-9)

    def test_spreads_as_statsmodels_does(self):
        values = np.exp(history(72)) - 5
        panel = Panel(
            series_ids=("a",),
            frequency=Frequency.MONTH,
            periods=month_range(np.datetime64("2015-01"), 72),
            persons=values[None],
        )
        member = DampedSmoothing().fit(panel)
        state = member._state
        adjusted = history(72) - np.tile(seasonal_indices(history(72), 12), 6)
        theirs = ETSModel(
            pd.Series(adjusted[1:]),
            error="add",
            trend="add",
            damped_trend=True,
            initialization_method="known",
            initial_level=adjusted[0],
            initial_trend=0.0,
        ).smooth([state.alpha[0], state.beta[0], state.phi[0], adjusted[0], 0.0])

        quantiles = member.log_quantiles(18)[0]

        ours = (quantiles[:, -3] - quantiles[:, 2]) / (2 * 1.6448536)
        expected = np.sqrt(theirs.get_prediction(71, 88).forecast_variance)
        np.testing.assert_allclose(ours, expected, rtol=1e-6)

    def test_steps_over_a_gap_as_if_the_forecast_had_come_true(self):
        values = history(30)
        with_gap = values.copy()
        with_gap[20] = np.nan
        level, trend, _ = ran(values[:20], alpha=0.4, beta=0.0, phi=1.0)
        filled = values.copy()
        filled[20] = level + trend

        assert ran(with_gap, alpha=0.4, beta=0.0, phi=1.0)[0] == pytest.approx(
            ran(filled, alpha=0.4, beta=0.0, phi=1.0)[0]
        )

    def test_does_not_care_how_much_room_there_is_before_a_series_begins(self):
        short, long = history(40), history(70)

        together = average_smoothing(aligned([short, long]), half_life=24)
        alone = average_smoothing(aligned([short]), half_life=24)

        for both, one in zip(together, alone, strict=True):
            assert both[0] == pytest.approx(one[0])


class TestSeasonalIndices:
    def test_finds_a_pattern_that_repeats_exactly(self):
        pattern = np.sin(np.arange(12) / 12 * 2 * np.pi)

        found = seasonal_indices(np.tile(pattern, 6) + 7, 12)

        np.testing.assert_allclose(found, pattern, atol=1e-9)

    def test_finds_next_to_nothing_in_noise(self):
        noise = np.random.default_rng(2).standard_normal(120)

        assert np.abs(seasonal_indices(noise, 12)).max() < 0.35

    def test_does_not_take_one_surge_for_a_pattern(self):
        calm = np.tile(np.sin(np.arange(12)), 6) / 5
        surged = calm.copy()
        surged[40] += 3

        np.testing.assert_allclose(
            seasonal_indices(surged, 12), seasonal_indices(calm, 12), atol=0.2
        )

    def test_says_nothing_on_less_than_two_years(self):
        assert not seasonal_indices(np.arange(23.0), 12).any()
