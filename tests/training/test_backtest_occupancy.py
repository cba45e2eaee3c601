# SPDX-License-Identifier: EUPL-1.2
"""The occupancy backtest: nothing later than the cutoff counts, and scores are what they say."""

import csv
from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import norm

from models.errors import InvalidInput
from models.inflow.baselines import LogRandomWalk
from models.occupancy import DatedPoint
from models.occupancy.baselines import last_value, month_ends, random_walk
from models.periods import Frequency, first_day, last_day, month_range
from models.types import LEVELS, Panel
from training.backtest_occupancy import (
    MODEL,
    Fold,
    OccupancyBacktest,
    backtest_occupancy,
)
from training.occupancy_file import read_occupancy
from training.series_file import read_series, write_forecasts

FIRST = np.datetime64("2015-01", "M")
CUTOFF = np.datetime64("2018-12", "M")


@pytest.fixture(scope="module")
def world():
    """Two series made by a stock-flow loop: an oracle, not published figures."""
    rng = np.random.default_rng(11)
    arrivals = 1000 * np.exp(np.cumsum(0.1 * rng.standard_normal((2, 72)), axis=1))
    panel = Panel(
        series_ids=("a", "b"),
        frequency=Frequency.MONTH,
        periods=month_range(FIRST, 72),
        persons=arrivals,
    )
    points = {}
    for name, arrived in zip(panel.series_ids, arrivals, strict=True):
        stock, ends = 8000.0, []
        for month, entered in zip(panel.periods, arrived, strict=True):
            stock = stock * 0.9 + entered * 0.95
            ends.append(DatedPoint(day=last_day(month), persons=stock))
        points[name] = tuple(ends)
    return panel, points


def run(panel, points, *, cutoffs=(CUTOFF,), horizon=12, seed=1):
    return backtest_occupancy(
        panel,
        points,
        cutoffs=cutoffs,
        horizon=horizon,
        seed=seed,
        make_forecaster=lambda *_: LogRandomWalk(),
    ).folds


def poisoned(panel, points, cutoff):
    """The same up to the cutoff, and nonsense after it."""
    persons = np.array(panel.persons)
    ends = panel.periods + np.timedelta64(panel.frequency.months - 1, "M")
    persons[:, ends > cutoff] = 987_654
    changed = Panel(
        series_ids=panel.series_ids,
        frequency=panel.frequency,
        periods=panel.periods,
        persons=persons,
    )
    last = last_day(cutoff)
    return changed, {
        name: tuple(
            point if point.day <= last else DatedPoint(day=point.day, persons=7) for point in series
        )
        for name, series in points.items()
    }


class TestBacktestOccupancy:
    def test_forecasts_every_series_from_every_cutoff(self, world):
        cutoffs = (np.datetime64("2017-12", "M"), CUTOFF)

        folds = run(*world, cutoffs=cutoffs)

        assert [(fold.cutoff, fold.series_id) for fold in folds] == [
            (cutoff, name) for cutoff in cutoffs for name in ("a", "b")
        ]
        for fold in folds:
            assert fold.months[0] == fold.cutoff + 1
            for quantiles in fold.quantiles.values():
                assert quantiles.shape == (12, 23)
                assert (np.diff(quantiles, axis=1) >= 0).all()
                assert (quantiles >= 0).all()

    def test_is_untouched_by_whatever_comes_after_the_cutoff(self, world):
        honest, poisoned_folds = run(*world), run(*poisoned(*world, CUTOFF))

        for fold, other in zip(honest, poisoned_folds, strict=True):
            for method, quantiles in fold.quantiles.items():
                assert quantiles.tobytes() == other.quantiles[method].tobytes()

    def test_is_untouched_by_a_quarter_or_a_point_that_had_not_ended(self, world):
        monthly, points = world
        quarterly = Panel(
            series_ids=monthly.series_ids,
            frequency=Frequency.QUARTER,
            periods=month_range(FIRST, 24, Frequency.QUARTER),
            persons=monthly.persons.reshape(2, 24, 3).sum(axis=2),
        )
        cutoff = np.datetime64("2018-11", "M")
        honest = run(quarterly, points, cutoffs=(cutoff,))
        changed = run(*poisoned(quarterly, points, cutoff), cutoffs=(cutoff,))

        for fold, other in zip(honest, changed, strict=True):
            assert fold.months[0] == np.datetime64("2018-12", "M")
            for method, quantiles in fold.quantiles.items():
                assert quantiles.tobytes() == other.quantiles[method].tobytes()

    def test_does_use_what_was_known_by_the_cutoff(self, world):
        panel, points = world
        last = {
            name: tuple(
                DatedPoint(day=point.day, persons=point.persons * 1.1)
                if point.day == last_day(CUTOFF)
                else point
                for point in series
            )
            for name, series in points.items()
        }

        for fold, other in zip(run(panel, points), run(panel, last), strict=True):
            assert (fold.quantiles[MODEL] != other.quantiles[MODEL]).any()

    def test_gives_the_same_bytes_for_the_same_seed_only(self, world):
        first, again, other = (run(*world, seed=seed)[0] for seed in (1, 1, 2))

        model = first.quantiles[MODEL].tobytes()
        assert model == again.quantiles[MODEL].tobytes()
        assert model != other.quantiles[MODEL].tobytes()

    def test_takes_points_at_any_dates_with_gaps(self, world):
        panel, points = world
        scattered = {
            name: tuple(
                DatedPoint(day=point.day - timedelta(days=index % 27), persons=point.persons)
                for index, point in enumerate(series)
                if index % 5 == 0
            )
            for name, series in points.items()
        }

        for fold in run(panel, scattered):
            assert np.isfinite(fold.quantiles[MODEL]).all()

    def test_refuses_occupancy_without_inflow_of_that_name(self, world):
        panel, points = world

        with pytest.raises(InvalidInput, match="'c' has occupancy but no inflow"):
            run(panel, {**points, "c": points["a"]})

    def test_refuses_a_cutoff_before_there_are_two_points(self, world):
        panel, points = world
        late = {"a": points["a"][-3:]}

        with pytest.raises(InvalidInput, match="'a' has fewer than two points by 2018-12"):
            run(panel, late)

    def test_refuses_a_horizon_that_is_not_ahead(self, world):
        with pytest.raises(InvalidInput, match="horizon of at least 1"):
            run(*world, horizon=0)

    def test_refuses_a_cutoff_before_there_is_enough_inflow(self, world):
        with pytest.raises(InvalidInput, match="'a' has too few figures by 2015-06"):
            run(*world, cutoffs=(np.datetime64("2015-06", "M"),))


class TestRandomWalk:
    def test_is_on_month_ends_what_the_shared_scorer_makes_of_them(self):
        stock = np.array([100.0, 120, 90, 150, 160, 155])
        months = month_range(FIRST, 6)
        points = [
            DatedPoint(day=last_day(month), persons=persons)
            for month, persons in zip(months, stock, strict=True)
        ]

        quantiles = random_walk(points, month_range(FIRST + 6, 3))

        logs = np.log(stock + 5)
        spread = np.std(np.diff(logs), ddof=1) * np.sqrt(np.arange(1, 4))
        expected = np.exp(logs[-1] + spread[:, None] * norm.ppf(LEVELS)) - 5
        np.testing.assert_allclose(quantiles, np.maximum(expected, 0))


class TestMonthEnds:
    def test_takes_the_point_nearest_to_the_end_of_the_month_within_three_days(self):
        day = last_day(np.datetime64("2020-03", "M"))
        points = [
            DatedPoint(day=day + timedelta(days=shift), persons=100 + shift)
            for shift in (-20, -2, 1, 40)
        ]

        ends = month_ends(points, month_range(np.datetime64("2020-02", "M"), 3))

        np.testing.assert_array_equal(ends, [np.nan, 101, np.nan])


class TestLastValue:
    def test_is_sure_of_the_last_point(self, world):
        _, points = world

        quantiles = last_value(points["a"], month_range(FIRST, 2))

        assert quantiles.shape == (2, 23)
        assert (quantiles == points["a"][-1].persons).all()


def scored(name, forecast, actual):
    """A fold of which the model is sure, and whose random walk lies 40 higher."""
    sure = np.tile(np.array(forecast)[:, None], (1, len(LEVELS)))
    return Fold(
        series_id=name,
        cutoff=CUTOFF,
        months=month_range(CUTOFF + 1, len(forecast)),
        quantiles={MODEL: sure, "random_walk": sure + 40},
        actual=np.array(actual),
    )


class TestScores:
    def test_hold_each_method_against_known_outcomes_alone(self):
        found = OccupancyBacktest(folds=(scored("a", [100.0, 200.0], [80.0, np.nan]),))

        model, walk = found.scores()

        # a forecast that is sure of itself scores its absolute error: 20 against 60
        assert found.targets == 1
        assert model.relative == pytest.approx(20 / 60)
        assert walk.relative == 1
        assert model.covered_80 == 0
        assert model.percentage_error == pytest.approx(0.25)
        assert model.bias == 20

    def test_give_every_series_the_same_weight(self):
        found = OccupancyBacktest(
            folds=(scored("a", [100.0], [80.0]), scored("b", [10_000.0], [10_000.0 - 40.0])),
        )

        # 20 against 60 in the one, 40 against 80 in the other
        assert found.scores()[0].relative == pytest.approx(((20 / 60) * (40 / 80)) ** 0.5)

    def test_say_nothing_where_nothing_is_known(self):
        model, _ = OccupancyBacktest(folds=(scored("a", [100.0], [np.nan]),)).scores()

        assert np.isnan([model.relative, model.covered_80, model.percentage_error]).all()

    def test_come_as_a_table_of_text(self):
        found = OccupancyBacktest(folds=(scored("a", [100.0], [80.0]),))

        assert found.table()[:2] == [
            ["method", "relative", "in 80 %", "error of median", "bias"],
            [MODEL, "0.333", "0.0%", "25.0%", "+20"],
        ]


class TestForecastFile:
    def test_comes_from_two_files_by_the_champion(self, world, tmp_path):
        panel, points = world
        inflow, occupancy = tmp_path / "inflow.csv", tmp_path / "occupancy.csv"
        inflow.write_text(
            "series_id,period,persons\n"
            + "".join(
                f"a,{first_day(month)},{persons:.0f}\n"
                for month, persons in zip(panel.periods, panel.persons[0], strict=True)
            )
        )
        occupancy.write_text(
            "series_id,date,persons\n"
            + "".join(f"a,{point.day},{point.persons:.0f}\n" for point in points["a"])
        )
        steps = []

        found = backtest_occupancy(
            read_series(inflow),
            read_occupancy(occupancy),
            cutoffs=[CUTOFF],
            horizon=3,
            seed=1,
            progress=lambda done, total: steps.append((done, total)),
        )
        write_forecasts(tmp_path / "out.csv", found.forecasts)

        rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
        assert len(rows) == 3 * 23
        assert rows[0] | {"value": ""} == {
            "series_id": "a",
            "cutoff": "2018-12-01",
            "horizon": "1",
            "period": "2019-01-01",
            "level": "0.01",
            "value": "",
        }
        assert rows[-1]["period"] == "2019-03-01"
        assert float(rows[-1]["value"]) == pytest.approx(
            found.folds[0].quantiles[MODEL][-1, -1], abs=1e-3
        )
        assert found.targets == 3
        assert steps == [(1, 1)]


class TestToronto:
    def test_beats_the_random_walk_of_occupancy_on_another_system(self, shared):
        """The yardstick of the model, with the simplest inflow: a guard against getting worse."""
        folder = shared / "data/other"

        found = backtest_occupancy(
            read_series(folder / "toronto_refugee_shelter_inflow_monthly.csv"),
            read_occupancy(folder / "toronto_refugee_shelter_occupancy.csv"),
            cutoffs=[np.datetime64("2018-12", "M") + 6 * step for step in range(8)],
            horizon=12,
            seed=1,
            make_forecaster=lambda *_: LogRandomWalk(),
        )

        model = found.scores()[0]
        assert found.targets == 96
        assert model.relative < 0.9
        assert 0.6 < model.covered_80 < 0.95
