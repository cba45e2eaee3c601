# SPDX-License-Identifier: EUPL-1.2
"""Drift: what few and overlapping outcomes prove, and what they do not."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from models.catalogue import Status
from models.drift import FEWEST, ScoredOutcome, Verdict, has_drifted, live_quality


def outcome(month: int, *, horizon: int = 1, held: bool = True, **changes: object) -> ScoredOutcome:
    """A forecast of a month, counted from January 2020 on."""
    made = ScoredOutcome(
        series_id="nl",
        period=date(2020 + month // 12, month % 12 + 1, 1),
        horizon=horizon,
        actual=1_000.0,
        status=Status.OBSERVED,
        median=1_100.0,
        crps=30.0,
        upper_crps=10.0,
        baseline_crps=60.0,
        baseline_upper_crps=40.0,
        held_50=held,
        held_80=held,
        held_90=held,
    )
    return replace(made, **changes)


class TestLiveQuality:
    def test_lets_every_period_count_once(self):
        # One month forecast three times and missed, one month forecast once and held.
        missed = [outcome(0, horizon=step, held=False, median=1_300.0) for step in (1, 2, 3)]
        (part,) = live_quality([*missed, outcome(1)])

        assert (part.outcomes, part.periods) == (4, 2)
        assert part.independent == pytest.approx(2 / 3)
        assert [row.measured for row in part.coverage] == [0.5, 0.5, 0.5]
        assert part.bias == pytest.approx((300 + 100) / 2)

    def test_divides_the_score_by_that_of_the_random_walk(self):
        rows = [outcome(0), outcome(1, crps=90.0), outcome(2, crps=7e9, baseline_crps=None)]
        (part,) = live_quality(rows)

        assert part.relative_crps == pytest.approx((30 + 90) / (60 + 60))
        assert part.relative_upper_crps == pytest.approx(0.25)

    def test_has_no_relative_score_without_a_random_walk(self):
        (part,) = live_quality([outcome(0, baseline_crps=None, baseline_upper_crps=None)])

        assert (part.relative_crps, part.relative_upper_crps) == (None, None)

    def test_tells_series_and_parts_of_the_horizon_apart(self):
        rows = [outcome(0, horizon=step) for step in (1, 3, 4, 12, 13, 60)]
        found = live_quality([*rows, outcome(0, series_id="de")])

        assert [(part.series_id, part.first_horizon, part.outcomes) for part in found] == [
            ("de", 1, 1),
            ("nl", 1, 2),
            ("nl", 4, 1),
            ("nl", 7, 1),
            ("nl", 13, 1),
            ("nl", 25, 1),
        ]

    def test_does_not_judge_by_estimates(self):
        rows = [outcome(month, held=False, status=Status.ESTIMATED) for month in range(60)]

        assert live_quality(rows) == ()

    def test_looks_at_the_newest_sixty_periods(self):
        old = [outcome(month, held=False) for month in range(60)]
        new = [outcome(month) for month in range(60, 120)]
        (part,) = live_quality([*new, *old])

        assert (part.periods, part.coverage[0].measured) == (60, 1.0)


class TestVerdict:
    def test_is_withheld_while_outcomes_are_few(self):
        rows = [outcome(month, held=False) for month in range(3 * FEWEST)]

        (part,) = live_quality(rows[:-1])
        assert part.verdict is Verdict.TOO_FEW
        assert not has_drifted([part])
        (part,) = live_quality(rows)
        assert part.verdict is Verdict.TOO_NARROW
        assert has_drifted([part])

    def test_is_that_of_a_binomial_with_the_outcomes_that_are_independent(self):
        (part,) = live_quality([outcome(month, held=month % 10 > 0) for month in range(60)])
        chance = 0.05 / 3

        for row in part.coverage:
            assert row.low == binom.ppf(chance / 2, 20, row.nominal) / 20
            assert row.high == binom.ppf(1 - chance / 2, 20, row.nominal) / 20
        # 90 % held: right for the widest interval, too much for the one that promises half.
        assert part.verdict is Verdict.TOO_WIDE

    def test_is_too_narrow_before_it_is_too_wide(self):
        rows = [outcome(month, held_90=False) for month in range(60)]

        assert live_quality(rows)[0].verdict is Verdict.TOO_NARROW

    @given(held=st.lists(st.booleans(), min_size=1, max_size=70))
    def test_never_leaves_the_band_that_it_states(self, held):
        (part,) = live_quality([outcome(month, held=each) for month, each in enumerate(held)])

        inside = all(row.low <= row.measured <= row.high for row in part.coverage)
        assert 0 <= part.coverage[0].low <= part.coverage[0].high <= 1
        assert inside or part.verdict is not Verdict.AS_STATED
        assert not (inside and has_drifted([part]))


def in_service(width: float, *, seed: int, months: int = 60, horizon: int = 6) -> bool:
    """Whether drift is called within five years, looked at every half-year.

    What happens is a random walk, forecast every month for half a year by a normal fan whose
    width is right when it is 1.
    """
    walk = np.cumsum(np.random.default_rng(seed).standard_normal(months + 1))
    rows = []
    for month in range(1, months + 1):
        for step in range(1, min(horizon, month) + 1):
            place = norm.cdf((walk[month] - walk[month - step]) / (width * step**0.5))
            held = [abs(place - 0.5) <= nominal / 2 for nominal in (0.5, 0.8, 0.9)]
            flags = dict(zip(("held_50", "held_80", "held_90"), held, strict=True))
            rows.append(outcome(month - 1, horizon=step, **flags))
        if month % 6 == 0 and has_drifted(live_quality(rows)):
            return True
    return False


class TestHonesty:
    def test_a_forecast_that_is_right_is_left_alone(self):
        assert sum(in_service(1.0, seed=seed) for seed in range(20)) <= 1

    def test_a_forecast_that_is_far_too_sure_is_found(self):
        assert sum(in_service(0.35, seed=seed) for seed in range(20)) >= 18
