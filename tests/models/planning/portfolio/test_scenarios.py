# SPDX-License-Identifier: EUPL-1.2
"""A few futures stand for many paths without losing their mean, and say what they lose."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.planning.portfolio.scenarios import reduce_paths


def wandering(*, paths, steps=8, seed=3):
    rng = np.random.default_rng(seed)
    return 1_000 * np.exp(np.cumsum(rng.normal(0, 0.1, (paths, steps)), axis=1))


def reduced(need, count):
    return reduce_paths(need, count=count, rng=np.random.default_rng(0))


class TestReducePaths:
    @given(st.integers(1, 12), st.integers(0, 5))
    def test_keeps_the_mean_of_every_step(self, count, seed):
        need = wandering(paths=40, seed=seed)
        futures = reduced(need, count)

        assert futures.weights @ futures.need == pytest.approx(need.mean(axis=0))
        assert futures.weights.sum() == pytest.approx(1.0)

    def test_keeps_all_paths_where_there_are_few(self):
        need = wandering(paths=5)
        futures = reduced(need, 5)

        assert np.array_equal(futures.need, need)
        assert futures.distance == 0.0

    def test_loses_less_the_more_futures_it_keeps(self):
        need = wandering(paths=200)
        distances = [reduced(need, count).distance for count in (1, 5, 20, 100)]

        assert distances == sorted(distances, reverse=True)

    def test_chooses_first_the_path_that_is_nearest_to_all(self):
        need = np.array([[0.0], [10.0], [12.0], [30.0]])

        # distances to all: 10 -> 32, 12 -> 32, 0 -> 52, 30 -> 68; the first of equals
        assert reduced(need, 1).distance == pytest.approx(32 / 4)

    def test_is_nearly_as_near_as_the_best_choice_there_is(self):
        need = wandering(paths=12)
        apart = np.abs(need[:, np.newaxis] - need).mean(axis=2)
        best = min(apart[list(some)].min(axis=0).mean() for some in combinations(range(12), 3))

        assert best <= reduced(need, 3).distance <= 1.2 * best

    @given(st.integers(1, 12), st.integers(0, 5))
    def test_chooses_each_time_the_path_that_lowers_the_distance_most(self, count, seed):
        need = wandering(paths=40, seed=seed)
        apart = np.abs(need[:, np.newaxis] - need).mean(axis=2)
        chosen = []
        for _ in range(count):
            sums = [apart[[*chosen, one]].min(axis=0).sum() for one in range(40)]
            chosen.append(int(np.argmin(sums)))

        assert reduced(need, count).distance == pytest.approx(apart[chosen].min(axis=0).mean())

    def test_keeps_the_cost_of_shortage_within_two_percent(self):
        need = wandering(paths=1_000)
        futures = reduced(need, 30)
        for places in (900, 1_000, 1_200):
            short = np.maximum(need - places, 0).mean()
            kept = (futures.weights @ np.maximum(futures.need - places, 0)).mean()

            assert kept == pytest.approx(short, rel=0.02)

    def test_survives_paths_that_are_all_the_same(self):
        futures = reduced(np.full((50, 3), 7.0), 10)

        assert futures.weights.sum() == pytest.approx(1.0)
        assert np.unique(futures.need).tolist() == [7.0]
