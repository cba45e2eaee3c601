# SPDX-License-Identifier: EUPL-1.2
"""One suite for every Forecaster: what the protocol promises, whoever keeps the promise."""

from functools import partial

import numpy as np
import pytest

from models.errors import InvalidInput, NotFitted
from models.inflow.baselines import LogRandomWalk, SeasonalNaive
from models.inflow.boosted import Boosted
from models.inflow.ensemble import Ensemble
from models.inflow.pooled import Pooled
from models.inflow.prophet import ProphetMember
from models.inflow.smoothing import DampedSmoothing, Theta
from models.periods import Frequency, month_range
from models.types import Panel

MEMBERS = {
    "random_walk": LogRandomWalk,
    "seasonal_naive": SeasonalNaive,
    "smoothing": DampedSmoothing,
    "theta": Theta,
    "pooled": Pooled,
    "boosted": Boosted,
    "prophet": ProphetMember,
    "ensemble": partial(Ensemble, (LogRandomWalk, DampedSmoothing, Pooled), every=12),
}

make_forecaster = pytest.mark.parametrize("make", MEMBERS.values(), ids=MEMBERS.keys())


def panel_of(*rows, frequency=Frequency.MONTH):
    persons = np.array(rows, dtype=float)
    return Panel(
        series_ids=tuple(f"s{index}" for index in range(len(rows))),
        frequency=frequency,
        periods=month_range(np.datetime64("2015-01"), persons.shape[1], frequency),
        persons=persons,
    )


def waves(periods, *, level=400.0, seed=1):
    """Counts with a season and noise; made up, to test mechanics and never to score."""
    rng = np.random.default_rng(seed)
    steps = np.arange(periods)
    logs = np.log(level) + 0.3 * np.sin(steps / 2) + 0.15 * rng.standard_normal(periods).cumsum()
    return np.round(np.exp(logs))


def drawn(forecaster, horizon=12, paths=201, seed=5):
    return forecaster.sample(horizon, paths=paths, rng=np.random.default_rng(seed))


@make_forecaster
class TestEveryForecaster:
    def test_refuses_to_forecast_before_it_learned(self, make):
        with pytest.raises(NotFitted):
            drawn(make())

    def test_refuses_a_series_that_is_too_short_by_name(self, make):
        with pytest.raises(InvalidInput, match="'s1'"):
            make().fit(panel_of(waves(30), [*waves(5), *[np.nan] * 25]))

    def test_refuses_weeks(self, make):
        panel = panel_of(waves(60))
        weekly = Panel(
            series_ids=panel.series_ids,
            frequency=Frequency.WEEK,
            periods=panel.periods[:0],
            persons=panel.persons[:, :0],
        )

        with pytest.raises(InvalidInput):
            make().fit(weekly)

    def test_draws_paths_of_the_shape_asked_for_from_each_own_last_month(self, make):
        ragged = waves(60, seed=2)
        ragged[-7:] = np.nan

        paths = drawn(make().fit(panel_of(waves(60), ragged)), horizon=7, paths=50)

        assert paths.persons.shape == (50, 2, 7)
        assert paths.series_ids == ("s0", "s1")
        assert [str(month) for month in paths.origins] == ["2019-12", "2019-05"]

    def test_is_the_same_for_the_same_seed_and_differs_for_another(self, make):
        panel = panel_of(waves(60), waves(60, seed=2))

        first, again, other = (drawn(make().fit(panel), seed=seed) for seed in (5, 5, 6))

        assert first.persons.tobytes() == again.persons.tobytes()
        assert first.persons.tobytes() != other.persons.tobytes()

    def test_leaves_the_global_generator_alone(self, make):
        before = np.random.get_state()[1].tobytes()  # noqa: NPY002 - the state under test

        drawn(make().fit(panel_of(waves(48))))

        assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002 - the state under test

    @pytest.mark.parametrize(
        "history",
        [
            np.zeros(48),
            np.full(48, 700.0),
            np.tile([0, 3, 0, 0, 1, 40], 8),
            np.where(np.arange(48) % 7 == 3, np.nan, waves(48)),
            waves(48, level=2e6),
            [*np.zeros(30), *waves(18)],
            [*[np.nan] * 18, *waves(30)],
            waves(48, level=20),
        ],
        ids=[
            *("zeros", "constant", "tiny", "gaps", "huge", "late start"),
            *("thirty months", "twenty a month"),
        ],
    )
    def test_stays_sane_on_awkward_histories(self, make, history):
        paths = drawn(make().fit(panel_of(waves(48), history)), horizon=60)

        middle = np.median(paths.of("s1"), axis=0)
        assert np.all(middle <= 10 * np.nanmax(history) + 100)

    def test_forecasts_quarters(self, make):
        quarters = panel_of(waves(40), waves(40, seed=2), frequency=Frequency.QUARTER)

        paths = drawn(make().fit(quarters), horizon=8)

        assert [str(month) for month in paths.periods_of("s0")[:2]] == ["2025-01", "2025-04"]

    def test_paths_are_connected_and_not_drawn_month_by_month(self, make):
        paths = drawn(make().fit(panel_of(waves(72))), horizon=12, paths=1001)

        logs = np.log(paths.of("s0") + 5)
        assert np.corrcoef(logs[:, 5], logs[:, 6])[0, 1] > 0.5
