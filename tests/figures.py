# SPDX-License-Identifier: EUPL-1.2
"""Small series, observations and forecasts for tests of the store and of intake."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np

from models.catalogue import Measure, SeriesDefinition, Status
from models.gate import CoverageCheck, GateVerdict, Ruling, ScoreCheck
from models.periods import Frequency
from models.types import SamplePaths
from training.store.gate_records import Duel, ScoresFrom
from training.store.live_scores import LiveScore
from training.store.observations import Recorded
from training.store.official_forecasts import OfficialForecast
from training.store.records import (
    ArtefactManifest,
    Coverage,
    IssuedForecast,
    KnownBasis,
    Observation,
    Quality,
    QualityState,
)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
"""What time it is in the store of the tests."""

INFLOW = SeriesDefinition(
    series_id="nl.inflow.total",
    measure=Measure.INFLOW,
    unit="persons",
    frequency=Frequency.MONTH,
    definition="First and repeat applications and family reunification.",
)


def at(text: str) -> datetime:
    """A moment, from an ISO date or date and time, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def definition(series_id: str, **changes: object) -> SeriesDefinition:
    """A monthly series of persons, unless said otherwise."""
    return replace(INFLOW, series_id=series_id, **changes)


def observation(
    value: float,
    *,
    known: str,
    period: str = "2020-01-01",
    series_id: str = INFLOW.series_id,
    source: str = "IND",
) -> Observation:
    """A figure that became known on a day."""
    return Observation(
        series_id=series_id,
        period=date.fromisoformat(period),
        value=float(value),
        known_at=at(known),
        known_basis=KnownBasis.STATED,
        status=Status.OBSERVED,
        source=source,
    )


def paths(series_id: str, *, seed: int, horizon: int = 3, count: int = 50) -> SamplePaths:
    """Connected futures of one monthly series from December 2025 on."""
    rng = np.random.default_rng(seed)
    return SamplePaths(
        series_ids=(series_id,),
        frequency=Frequency.MONTH,
        origins=np.array(["2025-12"], dtype="datetime64[M]"),
        persons=rng.uniform(2_000, 5_000, size=(count, 1, horizon)),
    )


def issued_forecast(*, seed: int = 1, issued: str = "2026-01-15") -> IssuedForecast:
    """A forecast that was issued on a day."""
    return IssuedForecast(
        issued_at=at(issued),
        as_of=at(issued),
        snapshot_sha256="5" * 64,
        artefact_id="a" * 64,
        code_version="0.1.0",
        seed=seed,
        data_until={INFLOW.series_id: "2025-12-01"},
        quality=Quality(state=QualityState.DEGRADED, reasons=("data_old",)),
        coverage=(
            Coverage(series_id=INFLOW.series_id, horizon=12, nominal=0.9, measured=0.84, count=56),
        ),
        inflow=paths(INFLOW.series_id, seed=seed),
        need=paths("nl.need", seed=seed + 1_000),
    )


def manifest(kind: str = "inflow-ensemble") -> ArtefactManifest:
    """What a training run says about itself, before its files are listed."""
    return ArtefactManifest(
        kind=kind,
        snapshot_sha256="5" * 64,
        code_version="0.1.0",
        seed=7,
        data_until={INFLOW.series_id: "2025-12-01"},
        parameters={"weights": [0.25, 0.75]},
        scores={"ensemble": {"crps": 0.61}},
    )


def official(persons: int = 42_000, **changes: object) -> OfficialForecast:
    """A figure of an edition that is made up."""
    entry = OfficialForecast(
        edition="MPP 2026-I",
        known_at=at("2026-04-30"),
        target_year=2026,
        scenario="medium",
        persons=persons,
        counts="first, repeat, family",
        not_comparable="",
        note="",
        source="a test",
    )
    return replace(entry, **changes)


def live_score(figure: Recorded, **changes: object) -> LiveScore:
    """A forecast of one month ahead that lay far below what happened, unless said otherwise."""
    row = figure.observation
    score = LiveScore(
        forecast_id="f" * 24,
        series_id=row.series_id,
        period=row.period,
        horizon=1,
        observation=figure.number,
        counted_as=row.series_id,
        actual=row.value,
        known_at=row.known_at,
        status=row.status,
        median=0.0,
        crps=row.value,
        upper_crps=row.value,
        baseline_crps=None,
        baseline_upper_crps=None,
        held_50=False,
        held_80=False,
        held_90=False,
        scored_at=NOW,
    )
    return replace(score, **changes)


DUEL = Duel(
    differences=("members", "pool"),
    seen_until="2019-04",
    cutoffs=("2019-06", "2019-12"),
    champion_scores=ScoresFrom.RERUN,
    champion_forecasts="a" * 64,
    challenger_forecasts="b" * 64,
    verdict=GateVerdict(
        ruling=Ruling.NOT_BETTER,
        outcomes=48,
        periods=30,
        independent=1.25,
        crps=ScoreCheck(
            champion=0.71, challenger=0.7, ratio=0.98, low=None, high=None, better=False
        ),
        upper_tail=ScoreCheck(
            champion=None, challenger=None, ratio=1.0, low=0.5, high=2.0, better=False
        ),
        coverage=CoverageCheck(
            nominal=(0.5, 0.8, 0.9),
            champion=(0.5, 0.8, 0.9),
            challenger=(0.4, 0.7, 0.8),
            champion_miss=0.0,
            challenger_miss=0.1,
            better=False,
        ),
    ),
)
"""A duel that the challenger lost, with every kind of value in it."""
