# SPDX-License-Identifier: EUPL-1.2
"""Intervals of a whole year's inflow hold what those of its months hold, by connected paths."""

import numpy as np
import pytest

from models.inflow.base import from_log
from models.inflow.baselines import LogRandomWalk, SeasonalNaive
from models.inflow.ensemble import learn_combination
from models.inflow.past import forecast_members, outcomes, past_cutoffs, usable
from models.inflow.paths import Dependence, sum_quantiles
from models.inflow.smoothing import DampedSmoothing, Theta
from models.scores import coverage
from training.backtest import backtest_inflow
from training.series_file import read_series

QUICK = (LogRandomWalk, SeasonalNaive, DampedSmoothing, Theta)
CUTOFFS = np.arange(np.datetime64("2012-12"), np.datetime64("2017-05"), 4)


@pytest.fixture(scope="module")
def panel(shared):
    return read_series(shared / "data/eurostat_asylum_applicants_monthly.csv")


def test_hold_in_the_backtest_as_those_of_the_months_do(panel):
    made = backtest_inflow(panel, CUTOFFS, horizon=12, workers=1, make_members=QUICK)

    assert [row.nominal for row in made.year] == [0.5, 0.8, 0.9]
    assert {row.count for row in made.year} == {15 * len(CUTOFFS)}
    for row in made.year:
        assert row.sums == pytest.approx(row.periods, abs=0.06)


def test_would_not_without_the_dependence_that_the_past_taught(panel):
    # The known-bad control: the same forecasts, months drawn one by one.
    cutoff = np.datetime64("2014-12")
    known = usable(panel.until(cutoff))
    past = [
        forecast_members(panel, earlier, members=QUICK, horizon=24)
        for earlier in past_cutoffs(known, every=6)
    ]
    learned = learn_combination(known, past, members=[member.name for member in QUICK])
    alone = Dependence(persistence=0.001, noise=1.0, common=0.0)
    folds = [(fold, learned.combine(fold.log_quantiles)[:, :12]) for fold in past]
    seen = np.concatenate([from_log(outcomes(known, fold, 12)) for fold, _ in folds])
    months = coverage(
        np.where(np.isfinite(seen.sum(axis=1))[:, None], seen, np.nan),
        from_log(np.concatenate([said for _, said in folds])),
        0.8,
    )
    held = {
        name: coverage(
            seen.sum(axis=1),
            np.concatenate(
                [
                    sum_quantiles(
                        said,
                        panel=known.select(fold.series_ids),
                        dependence=dependence,
                        rng=np.random.default_rng(1),
                    )
                    for fold, said in folds
                ]
            ),
            0.8,
        )
        for name, dependence in (("learned", learned.dependence), ("alone", alone))
    }

    assert held["learned"] == pytest.approx(months, abs=0.06)
    assert held["alone"] < months - 0.15
