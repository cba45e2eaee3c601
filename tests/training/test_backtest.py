# SPDX-License-Identifier: EUPL-1.2
"""The inflow backtest: no leakage, reproducible, and scored as the judge scores."""

from dataclasses import replace

import numpy as np
import pytest

from models.errors import InvalidInput
from models.inflow.baselines import LogRandomWalk
from models.inflow.pooled import Pooled
from models.inflow.smoothing import DampedSmoothing
from training.backtest import backtest_inflow
from training.series_file import read_series, write_forecasts

CUTOFFS = (np.datetime64("2011-06"), np.datetime64("2011-09"))
FAST = (LogRandomWalk, DampedSmoothing, Pooled)


@pytest.fixture(scope="module")
def panel(shared):
    whole = read_series(shared / "data/eurostat_asylum_applicants_monthly.csv")
    return whole.select(("NL", "BE", "MT"))


@pytest.fixture(scope="module")
def made(panel):
    return backtest(panel)


def as_bytes(folder, made):
    write_forecasts(folder / "f.csv", made.forecasts)
    return (folder / "f.csv").read_bytes()


def backtest(panel, *, workers=1, cutoffs=CUTOFFS, told=None):
    return backtest_inflow(
        panel, cutoffs, horizon=6, workers=workers, make_members=FAST, progress=told
    )


class TestBacktest:
    def test_does_not_see_anything_after_the_cutoff_of_any_series(self, panel, made, tmp_path):
        poisoned = panel.persons.copy()
        poisoned[:, panel.periods > CUTOFFS[-1]] = 987_654
        poisoned[0, -3:] = np.nan

        honest = as_bytes(tmp_path, made)
        blind = as_bytes(tmp_path, backtest(replace(panel, persons=poisoned)))

        assert blind == honest

    def test_learns_from_other_series_before_the_cutoff(self, panel, made):
        # The control of the test above: a change that is known does change the forecast.
        changed = panel.persons.copy()
        changed[1:, panel.periods <= CUTOFFS[0]] *= 3.0

        first = made.forecasts[0]
        other = backtest(replace(panel, persons=changed)).forecasts[0]

        assert not np.array_equal(first.persons[0], other.persons[0])

    def test_is_the_same_file_for_any_number_of_processes(self, panel, made, tmp_path):
        two = backtest(panel, workers=2)

        assert as_bytes(tmp_path, two) == as_bytes(tmp_path, made)

    def test_does_not_depend_on_which_other_cutoffs_are_asked_for(self, panel, made):
        alone = backtest(panel, cutoffs=CUTOFFS[1:]).forecasts[0]

        assert np.array_equal(alone.persons, made.forecasts[1].persons)

    def test_tells_of_every_step(self, panel):
        told = []

        backtest(panel, cutoffs=CUTOFFS[:1], told=lambda done, of: told.append((done, of)))

        assert told == [(step, len(told)) for step in range(1, len(told) + 1)]

    def test_gives_the_baseline_a_relative_score_of_one(self, made):
        table = made.table()

        assert table[0][:3] == ["method", "relative", "upper tail"]
        assert next(row for row in table if row[0] == "random_walk")[1] == "1.000"

    def test_quantiles_rise_with_the_level_and_are_never_negative(self, made):
        for forecast in made.forecasts:
            assert np.all(np.diff(forecast.persons, axis=-1) >= 0)
            assert np.all(forecast.persons >= 0)

    def test_leaves_out_a_series_that_is_too_short_and_says_so(self, panel):
        short = panel.persons.copy()
        short[2, panel.periods < np.datetime64("2011-05")] = np.nan

        shorter = backtest(replace(panel, persons=short))

        assert ("2011-06", "MT") in shorter.left_out
        assert "MT" not in shorter.forecasts[0].series_ids

    def test_refuses_a_cutoff_before_anything_is_known(self, panel):
        with pytest.raises(InvalidInput, match="2008-02"):
            backtest(panel, cutoffs=[np.datetime64("2008-02")])

    def test_forecasts_quarters(self, shared):
        whole = read_series(shared / "data/eurostat_first_time_applicants_quarterly.csv")
        quarters = whole.select(("NL", "BE", "LT"))

        quarterly = backtest(quarters, cutoffs=[np.datetime64("2012-12")])

        assert [str(month) for month in quarterly.forecasts[0].origins] == ["2012-10"] * 3
        assert list(quarterly.scores[0].by_horizon) == ["1-1", "2-2", "3-4", "5-6"]
