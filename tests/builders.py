# SPDX-License-Identifier: EUPL-1.2
"""Small real things for tests of the service: a forecast, a register, a filled store."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from models.catalogue import Measure, SeriesDefinition, Status
from models.inflow.regime import AlarmState, Direction, RegimeVerdict
from models.periods import Frequency
from models.planning.register.locations import ContractForm, Location, LocationKind, LocationStatus
from models.types import Floats, SamplePaths
from service.storage.desk import Desk
from training.store import Store, open_store
from training.store.gate_records import GateOutcome
from training.store.migrate import migrate
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
"""What time it is in the tests."""

INFLOW = SeriesDefinition(
    series_id="nl.inflow.first",
    measure=Measure.INFLOW,
    unit="persons",
    frequency=Frequency.QUARTER,
    definition="First-time asylum applicants.",
    publisher="Eurostat",
)
OCCUPANCY = SeriesDefinition(
    series_id="nl.occupancy.total",
    measure=Measure.OCCUPANCY,
    unit="persons",
    frequency=Frequency.DATED,
    definition="Persons in reception on the last day of the year.",
    publisher="COA",
)


def observation(
    series_id: str, period: date, value: float, *, known_at: datetime = NOW
) -> Observation:
    """One figure."""
    return Observation(
        series_id=series_id,
        period=period,
        value=value,
        known_at=known_at,
        known_basis=KnownBasis.ASSUMED,
        status=Status.OBSERVED,
        source="a test",
    )


def manifest() -> ArtefactManifest:
    """A model of two members."""
    return ArtefactManifest(
        kind="inflow-ensemble",
        snapshot_sha256="a" * 64,
        code_version="0.1.0",
        seed=7,
        data_until={"nl.inflow.first": "2025-10-01"},
        parameters={"weights": {"random_walk": 0.5, "theta": 0.5}},
        scores={"crps": {"random_walk": 1.0, "theta": 0.9}},
    )


def paths_from(
    series_id: str, *, start: float, spread: float, seed: int, paths: int = 100, horizon: int = 48
) -> SamplePaths:
    """A log random walk from the end of 2025 [persons]."""
    rng = np.random.default_rng(seed)
    steps: Floats = rng.normal(0.0, spread, size=(paths, 1, horizon))
    return SamplePaths(
        series_ids=(series_id,),
        frequency=Frequency.MONTH,
        origins=np.array(["2025-12"], dtype="datetime64[M]"),
        persons=start * np.exp(np.cumsum(steps, axis=2)),
    )


def forecast(
    artefact_id: str, *, seed: int = 7, issued_at: datetime = NOW, need: float = 1_000.0
) -> IssuedForecast:
    """A forecast for a small country."""
    return IssuedForecast(
        issued_at=issued_at,
        as_of=issued_at,
        snapshot_sha256="a" * 64,
        artefact_id=artefact_id,
        code_version="0.1.0",
        seed=seed,
        data_until={"nl.inflow.first": "2025-10-01", "nl.occupancy.total": "2025-01-01"},
        quality=Quality(state=QualityState.DEGRADED, reasons=("data_old",)),
        coverage=(
            Coverage(
                series_id="nl.inflow.first", horizon=12, nominal=0.9, measured=0.88, count=120
            ),
        ),
        inflow=paths_from("nl.inflow.first", start=80.0, spread=0.1, seed=seed),
        need=paths_from("nl.capacity_need", start=need, spread=0.03, seed=seed + 1),
        regime=RegimeVerdict(
            state=AlarmState.RINGING,
            direction=Direction.HIGHER,
            since="2025-05",
            rang="2025-11",
            once_in_years=12,
        ),
    )


MUNICIPALITY_CODES = {
    "Assen": "GM0106",
    "Emmen": "GM0114",
    "Hoogeveen": "GM0118",
    "Meppel": "GM0119",
}


def location(
    name: str,
    *,
    kind: LocationKind = LocationKind.REGULAR,
    status: LocationStatus = LocationStatus.OPEN,
    places: int = 400,
    possible: int | None = None,
    agreement_end: str | None = None,
) -> Location:
    """A location in Drenthe."""
    return Location(
        location_id=f"{name}-{kind.value}",
        name=name,
        municipality=name,
        municipality_code=MUNICIPALITY_CODES.get(name, "GM0109"),
        province="Drenthe",
        kind=kind,
        status=status,
        places=places,
        technical_places=places if possible is None else possible,
        contractual_places=places if possible is None else possible,
        agreement_end=agreement_end,
        notice_months=6,
        lead_time_months=12,
        extension_months=60,
        recall_months=3,
        dual_use=ContractForm.VACANCY_ACT,
        population=35_000,
        indicative_places=200,
        source="a test",
        assumed=("notice_months", "lead_time_months"),
        owner="the tests",
    )


def register() -> tuple[Location, ...]:
    """Three locations that are open and one that could be."""
    return (
        location("Coevorden"),
        location("Assen", kind=LocationKind.EMERGENCY, places=300, agreement_end="2027-06"),
        location("Emmen", places=350, agreement_end="2028-12"),
        location("Meppel", status=LocationStatus.CANDIDATE, places=0, possible=250),
    )


def fill(store: Store, *, seed: int = 7) -> str:
    """Put figures, a model and a forecast on the shelf, and a register; the forecast's id."""
    store.series.define([INFLOW, OCCUPANCY])
    first, revised = NOW.replace(year=2025, month=1), NOW.replace(year=2025, month=6)
    store.observations.record(
        [
            observation("nl.inflow.first", date(2024, 10, 1), 7_000.0, known_at=first),
            observation("nl.inflow.first", date(2024, 10, 1), 7_100.0, known_at=revised),
            observation("nl.inflow.first", date(2025, 1, 1), 5_900.0, known_at=revised),
            observation("nl.occupancy.total", date(2024, 12, 31), 72_000.0, known_at=first),
        ]
    )
    artefact_id = store.artefacts.write(manifest(), files={})
    store.models.admit(
        artefact_id, kind="inflow-ensemble", champion_id=None, outcome=GateOutcome.FIRST
    )
    forecast_id = store.forecasts.issue(forecast(artefact_id, seed=seed))
    Desk.of(store).registers.record(register(), source="a test", now=NOW)
    return forecast_id


def opener(
    folder: Path, *, clock: Callable[[], datetime] = lambda: NOW, fresh: bool = True
) -> Callable[[], AbstractContextManager[Store]]:
    """Opens a store in a folder, as the command line would; a fresh one is migrated first."""
    url = f"sqlite:///{folder / 'getij.db'}"
    if fresh:
        migrate(url)
    return lambda: open_store(url, folder, clock=clock)
