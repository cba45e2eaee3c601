# SPDX-License-Identifier: EUPL-1.2
"""The pooled learner: scale-free, honest about the past, publishable as plain numbers."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor

from models.errors import InvalidInput
from models.inflow.base import from_log
from models.inflow.boosted import Boosted, BoostedParameters, learn_boosted
from models.inflow.features import describe_origins
from models.inflow.pooled import Pooled, PoolParameters, learn_pool
from models.inflow.trees import grow
from models.periods import Frequency, month_range
from models.types import Panel


@pytest.fixture(scope="module")
def panel():
    """Five walks around a season: made up, to test mechanics and never to score."""
    rng = np.random.default_rng(8)
    steps = 0.12 * rng.standard_normal((5, 72)).cumsum(axis=1)
    season = 0.3 * np.sin(np.arange(72) / 12 * 2 * np.pi)
    return Panel(
        series_ids=tuple("abcde"),
        frequency=Frequency.MONTH,
        periods=month_range(np.datetime64("2015-01"), 72),
        persons=np.exp(np.linspace(9, 12, 5)[:, None] + steps + season),
    )


class TestOrigins:
    def test_mean_the_same_whatever_came_later(self, panel):
        early = describe_origins(panel.until(np.datetime64("2018-06")))
        late = describe_origins(panel)
        same = late.period < 42

        np.testing.assert_allclose(late.features[same], early.features, atol=1e-12)
        np.testing.assert_allclose(late.spread_features[same], early.spread_features, atol=1e-12)
        np.testing.assert_allclose(late.level[same], early.level)

    def test_are_the_last_of_all_when_only_those_are_asked_for(self, panel):
        every = describe_origins(panel)
        last = describe_origins(panel, only_last=True)

        rows = every.last_of(5)
        np.testing.assert_allclose(last.features, every.features[rows], atol=1e-12)


class TestPooled:
    def test_forecasts_ten_times_as_many_for_a_panel_ten_times_as_large(self, panel):
        small = from_log(Pooled().fit(panel).log_quantiles(24))
        large = from_log(Pooled().fit(replace(panel, persons=10 * panel.persons)).log_quantiles(24))

        # The 5 persons added before the logarithm hardly matter at thousands.
        np.testing.assert_allclose(large / small, 10, rtol=0.02)

    def test_keeps_the_season(self, panel):
        middle = Pooled().fit(panel).log_quantiles(12)[:, :, 11].mean(axis=0)

        # The last month known is a December; the sine of the panel peaks in April.
        assert np.argmax(middle) in {2, 3, 4}

    def test_uses_parameters_learned_elsewhere_as_they_are(self, panel):
        learned = learn_pool(panel)
        again = PoolParameters.from_json(json.loads(json.dumps(learned.to_json())))
        few = panel.select(("b", "d"))

        given = Pooled(again).fit(few)

        assert given.parameters is again
        np.testing.assert_array_equal(
            given.log_quantiles(30), Pooled(learned).fit(few).log_quantiles(30)
        )

    def test_widens_with_the_horizon_up_to_sixty_months(self, panel):
        quantiles = Pooled().fit(panel).log_quantiles(60)

        width = quantiles[:, :, -3] - quantiles[:, :, 2]
        assert np.all(width[:, 59] > width[:, 23])
        assert np.all(width[:, 23] > width[:, 0])

    def test_learns_no_drift_from_a_panel_that_only_rose(self, panel):
        rising = replace(
            panel, persons=panel.persons * np.exp(0.02 * np.arange(panel.persons.shape[1]))
        )

        calm = learn_pool(rising)

        np.testing.assert_allclose(calm.quantiles[:, :, 11], 0, atol=1e-12)

    def test_knows_calm_series_from_volatile_ones(self):
        # Half the series hardly move but now and then jump; the others move all the time, evenly.
        rng = np.random.default_rng(3)
        jumps = (rng.random((8, 120)) < 0.03) * rng.choice([-0.7, 0.7], (8, 120))
        steps = 0.02 * rng.standard_normal((8, 120)) + jumps
        steps[4:] = rng.uniform(-0.5, 0.5, (4, 120))
        mixed = Panel(
            series_ids=tuple("abcdefgh"),
            frequency=Frequency.MONTH,
            periods=month_range(np.datetime64("2010-01"), 120),
            persons=np.exp(9 + steps.cumsum(axis=1)),
        )

        learned = learn_pool(mixed)

        heavy = learned.quantiles[0, :, -1] / learned.quantiles[0, :, 15]
        assert heavy[0] > 1.5 * heavy[-1]


class TestBoosted:
    def test_leaves_the_pool_as_it_is_where_there_is_too_little_to_learn_from(self, panel):
        few = panel.until(np.datetime64("2016-12"))

        assert learn_boosted(few).forests == ()
        np.testing.assert_array_equal(
            Boosted().fit(few).log_quantiles(12), Pooled().fit(few).log_quantiles(12)
        )

    def test_moves_the_fan_where_there_is_more_and_never_lets_it_cross(self, panel):
        quantiles = Boosted().fit(panel).log_quantiles(24)

        assert (np.diff(quantiles, axis=-1) >= 0).all()
        assert np.abs(quantiles - Pooled().fit(panel).log_quantiles(24)).max() > 0.01

    def test_uses_parameters_learned_elsewhere_as_they_are(self, panel):
        learned = learn_boosted(panel)
        again = BoostedParameters.from_json(json.loads(json.dumps(learned.to_json())))
        few = panel.select(("b", "d"))

        np.testing.assert_array_equal(
            Boosted(again).fit(few).log_quantiles(30), Boosted(learned).fit(few).log_quantiles(30)
        )

    @pytest.mark.parametrize("kind", [Pooled, Boosted])
    def test_refuses_what_was_learned_on_months_for_quarters(self, panel, kind):
        given = learn_pool(panel) if kind is Pooled else learn_boosted(panel)
        quarters = replace(
            panel,
            frequency=Frequency.QUARTER,
            periods=month_range(np.datetime64("2005-01"), 72, Frequency.QUARTER),
        )

        with pytest.raises(InvalidInput, match="12 periods a year"):
            kind(given).fit(quarters)


class TestForest:
    @pytest.mark.parametrize("level", [0.05, 0.5, 0.95])
    def test_says_what_the_library_says_that_grew_it(self, level):
        rng = np.random.default_rng(7)
        features = rng.standard_normal((900, 4))
        targets = np.where(features[:, 1] > 0.3, 2.0, -1.0) + 0.3 * rng.standard_normal(900)
        new = rng.standard_normal((500, 4))
        oracle = GradientBoostingRegressor(
            loss="quantile",
            alpha=level,
            n_estimators=20,
            learning_rate=0.1,
            max_depth=3,
            min_samples_leaf=15,
            random_state=0,
        ).fit(features, targets)

        forest = grow(features, targets, level=level)

        np.testing.assert_allclose(forest.predict(new), oracle.predict(new), rtol=1e-12)


class TestShortHistory:
    def test_with_nothing_to_learn_from_falls_back_on_the_level_and_its_noise(self, panel):
        fewest = panel.until(np.datetime64("2015-12"))
        learned = learn_pool(fewest)

        quantiles = Pooled().fit(fewest).log_quantiles(24)

        assert not learned.direction.any()
        assert not learned.spread.any()
        assert np.isfinite(quantiles).all()
        assert (np.diff(quantiles, axis=-1) > 0).all()
