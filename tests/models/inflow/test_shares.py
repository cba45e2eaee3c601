# SPDX-License-Identifier: EUPL-1.2
"""Shares of a whole: what is learned from the past, what is drawn, and that it adds up exactly."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.errors import InvalidInput
from models.inflow.shares import GAINS, HALF_LIFE, SMALL, Shares, add_up
from models.periods import Frequency

MONTH = Frequency.MONTH


def learned(persons):
    return Shares.learn(np.asarray(persons, dtype=float), frequency=MONTH)


def drawn(shares, whole, *, seed=1):
    return shares.draw(np.asarray(whole, dtype=float), rng=np.random.default_rng(seed))


def wandering(periods=120, parts=3, seed=2):
    """Made-up counts whose shares wander and follow the whole."""
    rng = np.random.default_rng(seed)
    whole = 1000 * np.exp(np.cumsum(0.1 * rng.standard_normal(periods)))
    ratios = np.cumsum(0.1 * rng.standard_normal((parts, periods)), axis=1)
    ratios += 0.2 * rng.standard_normal((parts, periods)) + [[np.log(4)], *[[0.0]] * (parts - 1)]
    weights = np.exp(ratios)
    return np.round(whole * weights / weights.sum(axis=0))


def walked(persons, gain):
    """Level and surprises by smoothing, written out month by month."""
    logs = np.log(persons / persons.sum(axis=0) + SMALL)
    ratios = logs - logs.mean(axis=0)
    mean, keep = ratios.mean(axis=1), 0.5 ** (1 / 36)
    level, surprises = ratios[:, :6].mean(axis=1), []
    for value in ratios[:, 6:].T:
        expected = mean + keep * (level - mean)
        surprises.append(value - expected)
        level = expected + gain * surprises[-1]
    return level, np.array(surprises)


def correlation(covariance):
    """Between the first two parts."""
    return covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])


STILL = Shares(
    level=np.array([1.0, -1.0]),
    long_run=np.zeros(2),
    keep=0.5 ** (1 / (12 * HALF_LIFE)),
    gain=0.5,
    covariance=np.zeros((2, 2)),
    response=np.zeros(2),
    whole_level=np.log(100.0),
    largest=1.0,
)
"""Two parts, nothing left to chance, the whole at a hundred."""


def first_share(ratio):
    """Share of the first of two parts with log-ratios `ratio` and its opposite."""
    weight = np.exp(ratio) / (np.exp(ratio) + np.exp(-ratio))
    return weight * (1 + 2 * SMALL) - SMALL


class TestAddingUp:
    @given(
        whole=st.floats(0, 1e8),
        weights=arrays(float, 4, elements=st.floats(0, 1)).filter(lambda w: w.sum() > 1e-6),
    )
    def test_loses_nothing_in_whatever_order_parts_are_added(self, whole, weights):
        shares = (weights / weights.sum())[None, :, None]

        parts = add_up(np.array([[whole]]), shares)[0, :, 0]

        assert (parts >= 0).all()
        assert {sum(order) for order in permutations(parts.tolist())} == {whole}
        np.testing.assert_allclose(parts, whole * shares[0, :, 0], atol=0.01, rtol=1e-9)

    def test_would_be_off_without_the_grain(self):
        plain = (1234.567 * np.array([0.15, 0.25, 0.27, 0.33])).tolist()

        assert len({sum(order) for order in permutations(plain)}) > 1


class TestLearning:
    def test_keeps_shares_that_never_moved(self):
        whole = np.linspace(500, 3000, 48)

        shares = drawn(learned(np.outer([0.5, 0.3, 0.2], whole)), np.full((5, 24), 4000.0))

        np.testing.assert_allclose(shares, np.tile([[[0.5], [0.3], [0.2]]], (5, 1, 24)), rtol=1e-9)

    def test_agrees_with_smoothing_written_out(self):
        persons = wandering()
        walks = {gain: walked(persons, gain) for gain in GAINS}

        def misfit(gain):
            return sum(np.log(np.mean(walks[gain][1][:, part] ** 2)) for part in range(3))

        best = min(GAINS, key=misfit)

        found = learned(persons)

        assert found.gain == best
        np.testing.assert_allclose(found.level, walks[best][0])

    def test_believes_what_parts_do_together_the_more_the_longer_it_saw_them(self):
        rng = np.random.default_rng(4)
        shock, own = rng.standard_normal((2, 130))
        # Steady at a thousand in all, so that nothing follows the whole.
        weights = np.exp(0.3 * np.array([shock, shock, own]))
        persons = 1000 * weights / weights.sum(axis=0)

        long, short = learned(persons).covariance, learned(persons[:, :30]).covariance

        # Alike in truth; 24 of 30 months are surprises, so 24 / 44 of that is believed.
        assert correlation(long) > 0.75
        assert 0 < correlation(short) < 0.75 * correlation(long)

    def test_loses_no_variance_while_it_doubts(self):
        persons = wandering(periods=30)

        found = Shares.learn(persons, frequency=MONTH, follow_whole=False)
        _, surprises = walked(persons, found.gain)

        assert np.trace(found.covariance) == pytest.approx(np.sum(np.mean(surprises**2, axis=0)))
        np.testing.assert_allclose(found.covariance @ np.ones(3), 0, atol=1e-12)

    def test_finds_the_part_that_grows_when_the_whole_does(self):
        rng = np.random.default_rng(3)
        whole = 1000 * np.exp(0.4 * rng.standard_normal(120))
        large = whole - 300

        found = learned([large.clip(1), np.full(120, 300.0)])

        assert found.response[0] > 0.2
        assert found.response[1] == pytest.approx(-found.response[0])

    def test_steps_over_periods_in_which_a_part_is_unknown(self):
        persons = np.outer([0.6, 0.4], np.linspace(100, 900, 60))
        persons[1, 20:30] = np.nan

        shares = drawn(learned(persons), np.full((2, 3), 500.0))

        np.testing.assert_allclose(shares[:, 0], 0.6, rtol=1e-9)

    @pytest.mark.parametrize("emptied", [np.nan, 0.0])
    def test_refuses_too_few_periods_with_every_part(self, emptied):
        persons = wandering(periods=40)
        persons[:, 23:] = emptied

        with pytest.raises(InvalidInput, match="24 periods with every part known; 23 are"):
            learned(persons)

    def test_learns_the_same_from_counts_in_another_unit(self):
        one, thousand = learned(wandering()), learned(1000 * wandering())

        np.testing.assert_allclose(thousand.level, one.level)
        np.testing.assert_allclose(thousand.covariance, one.covariance, atol=1e-12)
        assert thousand.whole_level - one.whole_level == pytest.approx(np.log(1000))


class TestDrawing:
    @settings(max_examples=25)
    @given(seed=st.integers(0, 999), scale=st.floats(0, 10))
    def test_gives_shares_that_are_never_negative_and_add_up_to_one(self, seed, scale):
        whole = scale * np.random.default_rng(seed).exponential(500, (40, 30))

        shares = drawn(learned(wandering(seed=seed)), whole, seed=seed)

        assert (shares >= 0).all()
        np.testing.assert_allclose(shares.sum(axis=1), 1)

    def test_comes_half_the_way_back_in_the_half_life(self):
        shares = drawn(STILL, np.full((1, 36), 100.0))

        assert shares[0, 0, 35] == pytest.approx(first_share(0.5))

    def test_moves_with_a_surprise_in_the_whole_of_which_a_part_lasts(self):
        follows = replace(STILL, level=np.zeros(2), keep=1.0, response=np.array([0.4, -0.4]))

        shares = drawn(follows, [[100 * np.e**0.5, 100 * np.e**0.25]])

        # The first surprise is 0.5 and half of it lasts, so the second month holds none.
        assert shares[0, 0].tolist() == pytest.approx([first_share(0.2), first_share(0.1)])

    @pytest.mark.parametrize(("whole", "moved"), [(0.0, -1.0), (1e7, 1.0), (np.nan, 0.0)])
    def test_takes_no_surprise_larger_than_any_before_and_none_where_unknown(self, whole, moved):
        follows = replace(STILL, level=np.zeros(2), response=np.array([0.4, -0.4]))

        shares = drawn(follows, [[whole]])

        assert shares[0, 0, 0] == pytest.approx(first_share(0.4 * moved))

    def test_spreads_as_the_covariance_says(self):
        moving = replace(STILL, covariance=np.array([[0.04, -0.04], [-0.04, 0.04]]))

        shares = drawn(moving, np.full((20_000, 1), 100.0))[:, 0, 0]
        weight = (shares + SMALL) / (1 + 2 * SMALL)

        assert np.std(np.log(weight / (1 - weight)) / 2) == pytest.approx(0.2, rel=0.03)

    def test_lets_an_empty_part_stay_empty_and_come_back(self):
        persons = wandering()
        persons[2, -6:] = 0.0

        counts = add_up(
            np.full((500, 24), 1000.0), drawn(learned(persons), np.full((500, 24), 1e3))
        )

        assert (counts[:, 2] == 0).any()
        assert (counts[:, 2] > 20).any()
