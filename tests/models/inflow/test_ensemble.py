# SPDX-License-Identifier: EUPL-1.2
"""Weights, the common shock, and members that have nothing to say."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import SpreadCorrection
from models.inflow.base import from_log, log_persons
from models.inflow.baselines import SeasonalNaive
from models.inflow.ensemble import Combination, Ensemble, add_shock, horizon_edges, stand_still
from models.inflow.paths import SCORES, Dependence
from models.inflow.smoothing import Theta
from models.inflow.weights import Record, beforehand, stacked
from training.series_file import read_series

HORIZON = 24


def fan(level, spread=0.3, series=1):
    return np.tile(level + spread * SCORES, (series, HORIZON, 1))


def combination(weights, *, shock=0.0):
    names = tuple("abc"[: len(weights)])
    return Combination(
        members=names,
        edges=(3, 6, 12, 24),
        weights=np.tile(weights, (4, 1)),
        corrections=(SpreadCorrection(),) * 4,
        dependence=Dependence(),
        shock=shock,
    )


class TestCombining:
    def test_averages_quantiles_on_the_log_scale_by_weight(self):
        made = combination([0.75, 0.25]).combine({"a": fan(4.0), "b": fan(8.0)})

        np.testing.assert_allclose(made, fan(5.0))

    def test_gives_the_weight_of_a_silent_member_to_the_others(self):
        silent = np.concatenate([fan(8.0), np.full_like(fan(8.0), np.nan)])
        spoken = fan(4.0, series=2)

        made = combination([0.5, 0.5]).combine({"a": spoken, "b": silent})

        np.testing.assert_allclose(made[0], fan(6.0)[0])
        np.testing.assert_allclose(made[1], fan(4.0)[0])

    def test_survives_the_way_through_json(self):
        made = combination([0.2, 0.3, 0.5], shock=0.1)

        again = Combination.from_json(made.to_json())

        assert again.to_json() == made.to_json()

    def test_carries_the_last_part_of_the_horizon_on(self):
        assert combination([1.0]).part_of(60) == 3


class TestCommonShock:
    def test_adds_variances(self):
        # 0.3 and 0.4 make 0.5.
        widened = add_shock(fan(6.0, spread=0.3), np.full(HORIZON, 0.4))

        np.testing.assert_allclose(widened, fan(6.0, spread=0.5))

    @given(spread=st.floats(0.05, 3), shock=st.floats(0, 2))
    def test_never_narrows(self, spread, shock):
        widened = add_shock(fan(6.0, spread=spread), np.full(HORIZON, shock))

        assert np.all(np.diff(widened, axis=-1) >= np.diff(fan(6.0, spread=spread), axis=-1) - 1e-9)

    def test_gives_a_series_that_never_moved_the_shock_alone(self):
        widened = add_shock(fan(6.0, spread=0.0), np.full(HORIZON, 0.4))

        np.testing.assert_allclose(widened, fan(6.0, spread=0.4))

    def test_does_not_carry_off_one_far_quantile_of_a_calm_series(self):
        calm = fan(6.0, spread=0.001)
        calm[..., -1] = 7.0

        widened = add_shock(calm, np.full(HORIZON, 0.4))

        assert widened.max() == pytest.approx(6 + np.hypot(1, 0.4 * SCORES[-1]))


@st.composite
def fans(draw):
    """Two members' quantiles of two series: rising, and otherwise anything."""
    steps = st.lists(st.floats(0, 2), min_size=len(SCORES), max_size=len(SCORES))
    rows = [np.cumsum(draw(steps)) - draw(st.floats(0, 20)) for _ in range(4)]
    return {
        name: np.tile(np.array(pair)[:, None], (1, HORIZON, 1))
        for name, pair in (("a", rows[:2]), ("b", rows[2:]))
    }


class TestPublishedQuantiles:
    @settings(max_examples=60)
    @given(
        said=fans(),
        share=st.floats(0, 1),
        shock=st.floats(0, 1),
        scores=st.lists(st.floats(-6, 6), min_size=1, max_size=20),
        errors=st.floats(0, 1e4),
    )
    def test_never_cross_and_are_never_negative(self, said, share, shock, scores, errors):
        learned = SpreadCorrection.learn(
            np.array(scores), weights=np.ones(len(scores)), errors=errors
        )
        whole = replace(
            combination([share, 1 - share], shock=shock), corrections=(learned,) * 4
        ).combine(said)

        assert np.all(np.diff(from_log(whole), axis=-1) >= 0)
        assert np.all(from_log(whole) >= 0)

    def test_are_those_of_the_paths(self, shared):
        panel = read_series(shared / "data" / "eurostat_asylum_applicants_monthly.csv")
        made = Ensemble((SeasonalNaive, Theta), every=12).fit(panel.select(("NL", "DE", "MT")))

        paths = made.sample(HORIZON, paths=2_001, rng=np.random.default_rng(1))

        np.testing.assert_allclose(
            paths.quantiles(), from_log(made.log_quantiles(HORIZON)), rtol=1e-6, atol=1e-6
        )


def record(*levels, actual, folds=40, series=3):
    forecasts = np.stack(
        [np.tile(level + 0.3 * SCORES, (folds, series, HORIZON, 1)) for level in levels]
    )
    return Record(
        forecasts=forecasts,
        actual=np.full((folds, series, HORIZON), actual),
        recency=np.ones(folds),
        spacing=24.0,
    )


class TestBeyondTwoYears:
    def test_the_spread_stands_still_and_the_middle_goes_on(self):
        middle = np.array([1.0, 2.0, 3.0, 4.0])
        spread = np.array([0.1, 0.2, 0.4, 0.8])
        log_quantiles = (middle[:, None] + spread[:, None] * SCORES)[None]

        kept = stand_still(log_quantiles, after=2)

        assert np.allclose(kept[0, :2], log_quantiles[0, :2])
        assert np.allclose(kept[0, 2:], middle[2:, None] + 0.2 * SCORES)

    def test_so_do_the_figures_of_the_past(self, shared):
        panel = read_series(shared / "data" / "eurostat_asylum_applicants_monthly.csv")
        logs = log_persons(panel)
        spread = {
            years: np.sqrt(
                np.nanmean((logs[:, 12 * years :] - logs[:, : -12 * years]) ** 2, axis=1)
            )
            for years in (1, 2, 3, 4, 5)
        }
        dutch = panel.series_ids.index("NL")

        # The figures of docs/methods.md, Inflow, "Beyond two years".
        assert [round(float(np.median(rows)), 2) for rows in spread.values()] == [
            *(0.59, 0.73, 0.77, 0.83, 0.84)
        ]
        assert [round(float(rows[dutch]), 2) for rows in spread.values()] == [
            *(0.47, 0.61, 0.60, 0.57, 0.61)
        ]


class TestWeights:
    def test_move_to_the_member_that_was_right(self):
        past = record(6.0, 7.5, actual=6.0)

        weights = stacked(past, slice(0, 3), prior=np.array([0.5, 0.5]))

        assert weights[0] > 0.6
        assert weights.sum() == pytest.approx(1)

    def test_stay_where_they_were_when_nothing_is_known(self):
        past = record(6.0, 7.5, actual=np.nan)

        assert stacked(past, slice(0, 3), prior=np.array([0.5, 0.5])).tolist() == [0.5, 0.5]

    def test_stay_between_two_members_that_were_wrong_on_both_sides(self):
        past = record(5.5, 6.5, actual=6.0)

        assert stacked(past, slice(0, 3), prior=np.array([0.5, 0.5]))[0] == pytest.approx(
            0.5, abs=0.1
        )

    def test_give_none_to_the_baseline_beforehand(self):
        held = beforehand(("random_walk", "theta", "pooled", "boosted"))

        assert held == pytest.approx([0.0, 0.1, 0.45, 0.45])

    def test_trust_a_single_series_more_in_the_first_quarter(self):
        names = ("random_walk", "seasonal_naive", "theta", "pooled", "boosted")

        held = beforehand(names, nearest=True)

        assert held == pytest.approx([0.0, 0.005, 0.195, 0.4, 0.4])

    def test_count_series_that_move_together_as_fewer(self):
        many = record(6.0, actual=6.0, series=15)

        assert many.independent(slice(0, 24)) == pytest.approx(40 * 15 / (1 + 0.2 * 14))


class TestHorizonParts:
    @pytest.mark.parametrize(
        ("horizon", "season", "expected"),
        [(24, 12, (3, 6, 12, 24)), (8, 4, (1, 2, 4, 8)), (5, 12, (3, 5))],
    )
    def test_end_after_a_quarter_half_a_year_and_a_year(self, horizon, season, expected):
        assert horizon_edges(horizon, season) == expected
