# SPDX-License-Identifier: EUPL-1.2
"""Connected paths: their quantiles are those given, and their order follows the template."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.inflow.paths import SCORES, Dependence, draw_paths, random_walk_correlation, values_at
from models.periods import Frequency, month_range
from models.types import Panel

PANEL = Panel(
    series_ids=("a", "b"),
    frequency=Frequency.MONTH,
    periods=month_range(np.datetime64("2020-01"), 24),
    persons=np.full((2, 24), 500.0),
)


def fan(horizon, *, level=6.0, spread=0.3):
    steps = np.sqrt(np.arange(1, horizon + 1))
    one = level + spread * steps[:, None] * SCORES
    return np.stack([one, one + 0.5])


def drawn(quantiles, *, correlation=None, common=0.0, paths=1001, seed=1):
    horizon = quantiles.shape[1]
    if correlation is None:
        correlation = Dependence().correlation(horizon)
    rng = np.random.default_rng(seed)
    return draw_paths(
        quantiles, panel=PANEL, correlation=correlation, common=common, paths=paths, rng=rng
    )


class TestDrawing:
    @settings(max_examples=20)
    @given(spread=st.floats(0, 2), level=st.floats(0, 8), seed=st.integers(0, 99))
    def test_gives_back_the_quantiles_it_was_given(self, spread, level, seed):
        quantiles = fan(4, level=level, spread=spread)

        found = drawn(quantiles, seed=seed).quantiles()

        np.testing.assert_allclose(found, np.maximum(np.exp(quantiles) - 5, 0), rtol=1e-9)

    def test_orders_months_as_a_random_walk_would(self):
        walk = random_walk_correlation(16)
        logs = np.log(drawn(fan(16), correlation=walk, paths=4001).of("a") + 5)

        # sqrt(4 / 16): a walk after 4 steps explains a quarter of its variance after 16.
        assert np.corrcoef(logs[:, 3], logs[:, 15])[0, 1] == pytest.approx(0.5, abs=0.06)

    def test_moves_series_together_by_the_common_share(self):
        paths = drawn(fan(3), common=0.6, paths=4001)

        ranks = np.corrcoef(np.log(paths.of("a")[:, 1]), np.log(paths.of("b")[:, 1]))
        assert ranks[0, 1] == pytest.approx(0.6, abs=0.06)

    def test_refuses_a_fan_of_one_path(self):
        with pytest.raises(InvalidInput, match="two paths"):
            drawn(fan(3), paths=1)


class TestValuesBetweenLevels:
    @given(probability=st.floats(0.001, 0.999))
    def test_are_exact_for_a_normal_forecast(self, probability):
        expected = 5 + 0.4 * values_at(SCORES, np.array(probability))

        assert values_at(5 + 0.4 * SCORES, np.array(probability)) == pytest.approx(expected)


class TestLearningDependence:
    def scores(self, *, persistence, noise, common, seed=3):
        rng = np.random.default_rng(seed)
        root = np.linalg.cholesky(Dependence(persistence=persistence, noise=noise).correlation(24))
        shared = rng.standard_normal((400, 1, 24)) @ root.T
        own = rng.standard_normal((400, 12, 24)) @ root.T
        return np.sqrt(common) * shared + np.sqrt(1 - common) * own

    def test_finds_how_errors_were_made(self):
        scores = self.scores(persistence=0.9, noise=0.2, common=0.4)

        found = Dependence.learn(scores, errors=1e9)

        assert found.persistence == pytest.approx(0.9, abs=0.02)
        assert found.noise == pytest.approx(0.2, abs=0.04)
        assert found.common == pytest.approx(0.4, abs=0.05)

    def test_holds_on_to_what_it_held_when_nothing_is_known(self):
        assert Dependence.learn(np.full((3, 2, 24), np.nan), errors=0.0) == Dependence()

    @pytest.mark.parametrize("wrong", [{"persistence": 1.0}, {"noise": 1.2}, {"common": -0.1}])
    def test_refuses_shares_that_are_none(self, wrong):
        with pytest.raises(InvalidInput):
            Dependence(**wrong)
