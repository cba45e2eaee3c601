# SPDX-License-Identifier: EUPL-1.2
"""Scoring of issued forecasts: against which figures, and beside which baseline."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from models.inflow.baselines import LogRandomWalk
from models.periods import Frequency
from models.types import LEVELS, SamplePaths
from tests.figures import INFLOW, at, definition, issued_forecast, observation
from training.intake import ingest_csv
from training.occupancy import NEED_ID
from training.sources.reference import occupancy_bridge
from training.store import Store, open_store
from training.store.migrate import migrate
from training.store.records import Composition, IssuedForecast, Observation
from training.store.scoring import COUNTED_AS

ENTITLED = COUNTED_AS[NEED_ID]
PRINTED = [f"{year}-{month:02}-01" for year in (2023, 2024, 2025) for month in range(1, 13)]


class Clock:
    """A clock that stands where a test puts it."""

    def __init__(self) -> None:
        self.now = at("2026-01-15")

    def __call__(self):
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """Three years of inflow and a year of counts, made up, recorded when the clock starts."""
    url = f"sqlite:///{tmp_path / 'getij.db'}"
    migrate(url)
    rng = np.random.default_rng(5)
    inflow = [
        observation(round(3_000 * np.exp(rng.normal(0, 0.1))), known="2026-01-10", period=month)
        for month in PRINTED
    ]
    with open_store(url, tmp_path, clock=clock) as store:
        store.take_in(
            "past",
            sha256="",
            definitions=[INFLOW, definition(ENTITLED, frequency=Frequency.DATED)],
            observations=[*inflow, *(counted(day, 50_000) for day in ("2025-01-01", "2025-07-01"))],
        )
        yield store


def counted(day: str, persons: float, *, known: str | None = None) -> Observation:
    return observation(persons, known=known or day, period=day, series_id=ENTITLED)


def random_walk(store: Store, *, draw: int = 1, **changes: object) -> IssuedForecast:
    """The log random walk itself as a forecast, so that it must equal its baseline."""
    panel = store.observations.as_known_at(store.clock()).panel([INFLOW.series_id])
    walk = LogRandomWalk().fit(panel)
    sampled = walk.sample(6, paths=2_001, rng=np.random.default_rng(draw))
    return replace(
        issued_forecast(), issued_at=store.clock(), as_of=store.clock(), inflow=sampled, **changes
    )


def need(start: str = "2025-06") -> SamplePaths:
    """A need for two years."""
    rng = np.random.default_rng(2)
    return SamplePaths(
        series_ids=(NEED_ID,),
        frequency=Frequency.MONTH,
        origins=np.array([start], dtype="datetime64[M]"),
        persons=50_000 * np.exp(rng.normal(0, 0.02, (200, 1, 24)).cumsum(axis=2)),
    )


def arrive(store: Store, *figures: Observation) -> None:
    store.take_in("new", sha256="", definitions=[], observations=figures)


class TestScores:
    def test_are_those_of_the_published_quantiles(self, store, clock):
        forecast_id = store.forecasts.issue(random_walk(store))
        clock.now = at("2026-03-10")
        arrive(store, observation(3_900, known="2026-03-10", period="2026-02-01"))

        (score,) = store.live_scores.of_forecast(forecast_id)
        said = store.forecasts.quantiles(forecast_id).inflow.of(INFLOW.series_id)[1]
        losses = [
            2 * (level * (3_900 - value) if value < 3_900 else (1 - level) * (value - 3_900))
            for level, value in zip(LEVELS, said, strict=True)
        ]
        upper = [loss for level, loss in zip(LEVELS, losses, strict=True) if level >= 0.9]
        assert score.crps == pytest.approx(sum(losses) / 23)
        assert score.upper_crps == pytest.approx(sum(upper) / len(upper))
        low, high = said[np.searchsorted(LEVELS, [0.249, 0.749])]
        assert score.held_50 == (low <= 3_900 <= high)
        assert score.horizon == 2

    @pytest.mark.parametrize(
        ("actual", "held"),
        [(3_000, (True, True, True)), (1_000, (False, False, False))],
    )
    def test_tell_which_intervals_held(self, store, clock, actual, held):
        forecast_id = store.forecasts.issue(random_walk(store))
        clock.now = at("2026-06-10")
        arrive(store, observation(actual, known="2026-06-10", period="2026-05-01"))

        (score,) = store.live_scores.of_forecast(forecast_id)
        assert score.held == held

    def test_count_the_months_ahead_from_the_last_one_known_of_a_part(self, store, clock):
        made_of = Composition(
            parts={"whole": (INFLOW.series_id,)}, until={INFLOW.series_id: "2025-09"}
        )
        forecast_id = store.forecasts.issue(random_walk(store, composition=made_of))
        clock.now = at("2026-03-10")
        arrive(store, observation(3_900, known="2026-03-10", period="2026-02-01"))

        (score,) = store.live_scores.of_forecast(forecast_id)
        assert score.horizon == 5

    def test_come_from_a_file_that_is_ingested(self, store, clock, tmp_path):
        forecast_id = store.forecasts.issue(random_walk(store))
        clock.now = at("2026-03-10")
        file = tmp_path / "figures.csv"
        file.write_text(
            f"series_id,period,value\n{INFLOW.series_id},2026-01-01,3000\n", encoding="utf-8"
        )
        ingest_csv(store, file)

        (score,) = store.live_scores.of_forecast(forecast_id)
        # Known from the end of its month as assumed, and still it arrived after the forecast.
        assert (score.actual, score.known_at) == (3_000, at("2026-01-31"))


class TestBaseline:
    def test_of_a_random_walk_is_the_forecast_itself(self, store, clock):
        forecast_id = store.forecasts.issue(random_walk(store))
        clock.now = at("2026-05-10")
        # Older figures that are loaded late: the forecast did not know them, so it stays unmoved.
        late = [
            observation(9_000, known="2022-12-31", period=f"2022-{month:02}-01")
            for month in range(1, 13)
        ]
        arrive(store, *late, observation(3_900, known="2026-05-10", period="2026-04-01"))

        (score,) = store.live_scores.of_forecast(forecast_id)
        assert score.baseline_crps == pytest.approx(score.crps, rel=1e-6)
        assert score.baseline_upper_crps == pytest.approx(score.upper_crps, rel=1e-6)

    def test_is_left_out_where_too_little_was_known(self, store, clock):
        forecast_id = store.forecasts.issue(random_walk(store, need=need()))
        clock.now = at("2026-02-03")
        arrive(store, counted("2026-01-31", 52_000))

        (score,) = store.live_scores.of_forecast(forecast_id)
        assert score.baseline_crps is None

    def test_of_the_need_is_the_random_walk_of_its_counts(self, store, clock):
        arrive(store, counted("2025-12-31", 55_000, known="2026-01-10"))
        forecast_id = store.forecasts.issue(random_walk(store, need=need("2025-12")))
        clock.now = at("2026-02-03")
        arrive(store, counted("2026-01-31", 55_000))

        (score,) = store.live_scores.of_forecast(forecast_id)
        assert score.baseline_crps is not None
        # Two half-years: the first without change, the second up by a tenth. The median of the
        # random walk is the last count, and so is what happened: only the spread costs.
        assert 0 < score.baseline_crps < 0.02 * 55_000


class TestWhatIsScored:
    def test_no_month_that_was_known_before_the_forecast_was_made(self, store, clock):
        clock.now = at("2026-03-10")
        arrive(store, observation(3_900, known="2026-03-10", period="2026-01-01"))
        clock.now = at("2026-03-11")
        again = replace(issued_forecast(), issued_at=clock.now, as_of=at("2026-01-15"))
        store.forecasts.issue(again)
        # A correction of a month that was known does not make it new.
        arrive(store, observation(3_950, known="2026-03-11", period="2026-01-01"))
        clock.now = at("2026-04-10")
        arrive(store, observation(4_000, known="2026-04-10", period="2026-03-01"))

        assert [score.period for score in store.live_scores.newest()] == [date(2026, 3, 1)]

    def test_no_month_by_a_quarter(self, store, clock):
        quarterly = definition("nl.quarterly", frequency=Frequency.QUARTER)
        store.series.define([quarterly])
        forecast = random_walk(store)
        renamed = replace(forecast.inflow, series_ids=("nl.quarterly",))
        store.forecasts.issue(replace(forecast, inflow=renamed))
        clock.now = at("2026-04-10")
        figure = observation(
            9_000, known="2026-04-10", period="2026-01-01", series_id="nl.quarterly"
        )
        arrive(store, figure)

        assert store.live_scores.count() == 0

    def test_the_need_by_persons_entitled_alone(self):
        assert occupancy_bridge()[0].series_id == ENTITLED
        assert occupancy_bridge()[0].factor == 1

    @pytest.mark.parametrize(
        ("days", "scored"),
        [
            (["2026-01-31"], "2026-01-01"),
            (["2026-02-03"], "2026-01-01"),
            (["2026-01-28"], "2026-01-01"),
            (["2026-02-04"], None),
            (["2026-01-15"], None),
            (["2026-03-01"], "2026-02-01"),
        ],
    )
    def test_the_end_of_a_month_by_a_count_at_most_three_days_away(
        self, store, clock, days, scored
    ):
        store.forecasts.issue(random_walk(store, need=need()))
        clock.now = at("2026-04-10")
        arrive(store, *(counted(day, 52_000) for day in days))

        found = [score.period.isoformat() for score in store.live_scores.newest()]
        assert found == ([scored] if scored else [])

    def test_the_end_of_a_month_by_the_nearest_count(self, store, clock):
        store.forecasts.issue(random_walk(store, need=need()))
        clock.now = at("2026-04-10")
        arrive(store, *(counted(f"2026-02-0{day}", 52_000 + day) for day in (1, 2, 3)))

        assert [score.actual for score in store.live_scores.newest()] == [52_001]

    def test_all_but_a_forecast_whose_figures_are_damaged(self, store, clock, tmp_path):
        damaged = store.forecasts.issue(random_walk(store, draw=1))
        whole = store.forecasts.issue(random_walk(store, draw=2, need=need()))
        (manifest,) = (
            json.loads(path.read_text(encoding="utf-8"))
            for path in (tmp_path / "artefacts" / "manifests").iterdir()
            if damaged in path.read_text(encoding="utf-8")
        )
        digest = manifest["files"]["quantiles.npz"]
        (tmp_path / "artefacts" / "blobs" / digest[:2] / digest).write_bytes(b"")
        clock.now = at("2026-03-10")
        arrive(store, observation(3_900, known="2026-03-10", period="2026-02-01"))

        assert [score.forecast_id for score in store.live_scores.newest()] == [whole]


class TestTheRoad:
    def test_has_no_side_entrance_for_figures(self):
        root = Path(__file__).resolve().parents[3]
        modules = [*(root / "training").rglob("*.py"), *(root / "service").rglob("*.py")]
        aside = [
            path.relative_to(root).as_posix()
            for path in modules
            if ".observations.record(" in path.read_text(encoding="utf-8")
        ]

        assert len(modules) > 100
        assert aside == []
