# SPDX-License-Identifier: EUPL-1.2
"""Parameters that move: shocks, drift that returns, passing noise, and their units."""

import numpy as np
import pytest
from scipy import stats

from models.occupancy.movement import Movement, standard_normals
from models.occupancy.specification import Parameter, Unit

PATHS = 40_000


def parameter(unit=Unit.PER_MONTH, *, drift=0.0, noise=0.0, half_life=24.0, median=0.5):
    return Parameter(
        name=f"{unit.name}_{drift}_{noise}",
        unit=unit,
        median=median,
        spread=0.0,
        drift=drift,
        noise=noise,
        half_life=half_life,
    )


def walked(parameters, *, months, begin, seed=1):
    """Parameters after some months and during the last, from one value and towards zero."""
    movement, rng = Movement(parameters), np.random.default_rng(seed)
    after = np.full((len(parameters), PATHS), float(begin))
    levels = np.zeros_like(after)
    for _ in range(months):
        after, during = movement.month(after, levels=levels, rng=rng)
    return after, during


def shocks(*, rows, paths, seed=1):
    return np.array(list(standard_normals(np.random.default_rng(seed), rows=rows, paths=paths)))


class TestStandardNormals:
    def test_are_normal_of_variance_one(self):
        drawn = shocks(rows=4, paths=25_000)

        assert drawn.mean() == pytest.approx(0, abs=4 / np.sqrt(drawn.size))
        assert drawn.var() == pytest.approx(1, abs=4 * np.sqrt(2 / drawn.size))
        assert stats.kstest(drawn.ravel(), "norm").pvalue > 0.001
        assert stats.kurtosis(drawn.ravel()) == pytest.approx(0, abs=0.1)

    def test_are_told_from_a_wider_normal(self):
        drawn = shocks(rows=4, paths=25_000) * 1.02

        assert stats.kstest(drawn.ravel(), "norm").pvalue < 0.001

    def test_do_not_go_together(self):
        drawn = shocks(rows=6, paths=50_000)

        assert np.abs(np.corrcoef(drawn) - np.eye(6)).max() < 5 / np.sqrt(50_000)
        assert np.abs(np.corrcoef(drawn[:, 1:], drawn[:, :-1])[6:, :6]).max() < 5 / np.sqrt(50_000)

    def test_are_the_same_for_the_same_seed(self):
        first, again, other = (shocks(rows=3, paths=7, seed=seed) for seed in (1, 1, 2))

        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)

    def test_can_be_none_at_all(self):
        assert shocks(rows=0, paths=5).size == 0


class TestMonth:
    def test_returns_half_of_the_way_in_a_half_life_and_spreads_as_the_process_does(self):
        after, _ = walked([parameter(drift=0.1, half_life=24.0)], months=24, begin=1.0)
        rate = np.log(2) / 24

        assert after.mean() == pytest.approx(0.5, abs=0.01)
        assert after.var() == pytest.approx(0.1**2 * (1 - 0.25) / (2 * rate), rel=0.03)

    def test_holds_the_middle_of_the_month_while_it_lasts(self):
        part = parameter(drift=0.1)
        before, _ = walked([part], months=1, begin=1.0)
        after, during = walked([part], months=1, begin=1.0)

        assert np.array_equal(before, after)
        assert during == pytest.approx((1.0 + after) / 2)

    def test_forgets_noise_when_the_month_is_over(self):
        after, during = walked([parameter(noise=0.3)], months=5, begin=1.0)

        assert np.all(after == 1.0)
        assert during.std() == pytest.approx(0.3, rel=0.03)

    def test_leaves_alone_what_neither_drifts_nor_is_noisy(self):
        still = parameter()
        after, during = walked(
            [parameter(drift=0.1), still, parameter(noise=0.1)], months=9, begin=2
        )

        assert np.all(after[1] == 2.0)
        assert np.all(during[1] == 2.0)
        assert after[0].std() > 0.1
        assert during[2].std() > 0.05


class TestOutward:
    def test_agrees_with_every_parameter_alone(self):
        parts = [parameter(unit) for unit in Unit]
        inward = np.random.default_rng(1).normal(0, 5, (len(parts), 50))
        inward[:, :2] = [1_000, -1_000]
        found = Movement(parts).outward(inward)

        for part, row, values in zip(parts, inward, found, strict=True):
            assert values == pytest.approx(part.outward(row))
