# SPDX-License-Identifier: EUPL-1.2
"""The direct forecast of occupancy: its filter, its futures, and the combination with a chain."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.occupancy import DampedTrend, DatedPoint, paired_average
from models.occupancy.direct import _transition
from models.periods import last_day, month_range

MONTHS = month_range(np.datetime64("2015-01", "M"), 60)


def points(persons):
    days = [last_day(month) for month in MONTHS[: len(persons)]]
    return [DatedPoint(day=day, persons=inside) for day, inside in zip(days, persons, strict=True)]


class TestDampedTrend:
    def test_stays_where_a_steady_stock_is(self):
        model = DampedTrend.fit(points([1000.0] * 36))

        futures = model.sample(MONTHS[36:48], paths=2000, rng=np.random.default_rng(1))

        assert np.median(futures, axis=0) == pytest.approx(np.full(12, 1000), rel=0.01)

    def test_carries_growth_on_and_lets_it_die_away(self):
        model = DampedTrend.fit(points(1000 * 1.03 ** np.arange(36)))

        futures = model.sample(MONTHS[36:60], paths=4000, rng=np.random.default_rng(1))

        medians = np.median(futures, axis=0)
        steps = np.diff(np.log(medians))
        assert medians[0] > 1000 * 1.03**35
        assert 0 < steps[-1] < steps[0] < 0.03

    def test_spreads_further_the_further_it_looks(self):
        rng = np.random.default_rng(2)
        model = DampedTrend.fit(points(1000 * np.exp(np.cumsum(0.05 * rng.standard_normal(48)))))

        spread = np.log(model.sample(MONTHS[48:60], paths=2000, rng=np.random.default_rng(1))).std(
            axis=0
        )

        assert (np.diff(spread) > 0).all()

    def test_finds_the_shocks_that_made_the_data(self):
        rng = np.random.default_rng(3)
        model = DampedTrend.fit(points(1000 * np.exp(np.cumsum(0.04 * rng.standard_normal(60)))))

        assert model.weights @ model.choices[:, 1] == pytest.approx(0.04, rel=0.35)

    def test_takes_any_dates(self):
        model = DampedTrend.fit(
            [
                DatedPoint(day=date(1995, 12, 31), persons=30_166),
                DatedPoint(day=date(1996, 12, 31), persons=29_800),
                DatedPoint(day=date(1997, 3, 14), persons=31_000, log_sd=0.05),
            ]
        )

        futures = model.sample(
            month_range(np.datetime64("1997-03", "M"), 6), paths=50, rng=np.random.default_rng(1)
        )

        assert np.isfinite(futures).all()

    def test_comes_back_from_its_arrays(self):
        model = DampedTrend.fit(points([1000.0, 1100, 1050, 1200]))

        again = DampedTrend.of(model.arrays())

        np.testing.assert_array_equal(
            *(
                each.sample(MONTHS[4:9], paths=30, rng=np.random.default_rng(1))
                for each in (model, again)
            )
        )

    def test_refuses_points_on_one_day_only(self):
        with pytest.raises(InvalidInput, match="two days"):
            DampedTrend.fit(points([1000.0]))

    @given(
        half_life=st.floats(1, 50),
        level=st.floats(1e-3, 0.2),
        trend=st.floats(1e-3, 0.2),
        months=st.floats(0.05, 24),
    )
    def test_moves_the_same_in_one_long_step_as_in_two_short_ones(
        self, half_life, level, trend, months
    ):
        choices = np.array([[half_life, level, trend]])
        (whole,), (added,) = _transition(choices, months)
        (half,), (part,) = _transition(choices, months / 2)

        np.testing.assert_allclose(half @ half, whole, rtol=1e-9)
        np.testing.assert_allclose(half @ part @ half.T + part, added, rtol=1e-6, atol=1e-15)


class TestPairedAverage:
    def test_is_the_geometric_mean_of_paths_of_equal_rank(self):
        chain = np.array([[100.0, 100.0], [400.0, 400.0]])
        direct = np.array([[900.0, 900.0], [100.0, 100.0]])

        assert paired_average(chain, direct).tolist() == [
            pytest.approx([100, 100]),
            pytest.approx([600, 600]),
        ]

    @settings(max_examples=30)
    @given(seed=st.integers(0, 2**32 - 1), weight=st.floats(0, 1))
    def test_lies_between_the_two_at_every_level_and_keeps_their_order(self, seed, weight):
        rng = np.random.default_rng(seed)
        chain, direct = np.exp(rng.normal(8, 1, (2, 40, 1)))

        both = paired_average(chain, direct, weight=weight)

        low, high = (np.sort(part[:, 0]) for part in (chain, direct))
        middle = np.sort(both[:, 0])
        assert (middle >= np.minimum(low, high) * (1 - 1e-9)).all()
        assert (middle <= np.maximum(low, high) * (1 + 1e-9)).all()
        np.testing.assert_array_equal(np.argsort(both[:, 0]), np.argsort(chain[:, 0]))
