# SPDX-License-Identifier: EUPL-1.2
"""Spread correction: what it restores, when it may narrow, and that quantiles never cross."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from models.calibration import (
    FEWEST_ERRORS,
    SpreadCorrection,
    normal_scores,
    rescale,
)
from models.types import LEVELS

SCORES = norm.ppf(LEVELS)


def learned(scores, errors=1e9):
    scores = np.asarray(scores, dtype=float)
    return SpreadCorrection.learn(scores, weights=np.ones(len(scores)), errors=errors)


class TestNormalScores:
    @pytest.mark.parametrize("wanted", [-3.0, -1.2816, 0.0, 0.5, 1.6449, 3.5])
    def test_finds_how_many_spreads_an_outcome_lay_from_the_median(self, wanted):
        quantiles = 7 + 0.2 * SCORES

        (found,) = normal_scores(np.array([7 + 0.2 * wanted]), quantiles[None])

        assert found == pytest.approx(wanted, abs=0.02)


class TestLearning:
    def test_restores_a_spread_that_was_half_of_what_it_should_be(self):
        rng = np.random.default_rng(3)

        correction = learned(2 * rng.standard_normal(20_000))

        assert correction.inner == pytest.approx(2, rel=0.05)
        assert correction.outer == pytest.approx(2, rel=0.05)

    def test_narrows_a_spread_that_was_twice_too_wide_once_enough_is_known(self):
        rng = np.random.default_rng(3)

        correction = learned(rng.standard_normal(20_000) / 1.5)

        assert correction.inner == pytest.approx(1 / 1.5, rel=0.05)

    def test_never_narrows_on_fewer_errors_than_stated(self):
        correction = learned(np.full(500, 0.01), errors=FEWEST_ERRORS - 1)

        assert correction.inner == 1.0
        assert correction.outer == 1.0

    def test_widens_already_on_few_errors(self):
        assert learned(np.full(500, 3.0), errors=FEWEST_ERRORS - 1).outer > 1

    def test_changes_nothing_when_nothing_is_known(self):
        assert learned([]) == SpreadCorrection(inner=1.0, outer=1.0, errors=0.0)


corrections = st.builds(
    learned,
    st.lists(st.floats(-6, 6), min_size=1, max_size=40),
    errors=st.floats(0.1, 1e4),
)


class TestRescaling:
    @given(correction=corrections, steps=st.lists(st.floats(0, 2), min_size=23, max_size=23))
    def test_never_crosses_and_keeps_the_median(self, correction, steps):
        quantiles = np.cumsum(steps)

        (((corrected,),),) = rescale(quantiles[None, None], [correction])[None]

        assert np.all(np.diff(corrected) >= -1e-9)
        assert corrected[11] == pytest.approx(quantiles[11])

    @given(correction=corrections, size=st.floats(0, 8))
    def test_stretches_both_sides_alike(self, correction, size):
        up, down = correction.stretched(np.array([size, -size]))

        assert up == -down
        assert up >= 0

    def test_leaves_a_forecast_alone_when_both_factors_are_one(self):
        quantiles = (5 + 0.3 * SCORES)[None, None]

        same = rescale(quantiles, [SpreadCorrection(inner=1.0, outer=1.0)])

        assert np.allclose(same, quantiles)

    def test_survives_the_way_through_json(self):
        correction = SpreadCorrection(inner=1.1, outer=1.3, errors=41.5)

        assert SpreadCorrection.from_json(correction.to_json()) == correction
