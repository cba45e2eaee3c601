# SPDX-License-Identifier: EUPL-1.2
"""A service with the real reference figures, a real server and a real browser."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from models.inflow.baselines import LogRandomWalk
from models.periods import Frequency
from models.planning.portfolio.capacity_plan import PlanSettings
from models.types import SamplePaths
from service.app import create_app
from service.settings import Settings
from service.storage.desk import Desk, OpenStore
from service.storage.register.default import default_register
from service.usecases.advices import PlanRequest, make_buffer_advice, make_capacity_plan
from service.usecases.overview import buffer_request
from tests.figures import live_score
from tests.service.chained import fitted_chain
from training.chains import dutch_chain
from training.dataset import inflow_panel
from training.regime import verdict_of
from training.sources.reference import load_reference, official_forecasts
from training.store import open_store
from training.store.migrate import migrate
from training.store.records import Coverage, IssuedForecast, Quality, QualityState, Snapshot
from training.structure import with_parts

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
INFLOW = "nl.inflow.total"
NEED = "nl.need.total"
FLOWS = {
    "served.decisions": 1_500,
    "served.homes": 1_600,
    "waited.decisions": 20,
    "waited.homes": 9,
}
"""Persons a month, and months: orders of magnitude."""
OCCUPANCY = ("nl.occupancy.persons_in_reception", "nl.occupancy.entitled")
SEED = 20261122

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SWITCHES = (
    "--no-sandbox",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
    "--disable-gpu",
)


def issue(snapshot: Snapshot) -> IssuedForecast:
    """A forecast on the real figures by the plainest method: a random walk of each total."""
    rng = np.random.default_rng(SEED)
    total = LogRandomWalk().fit(snapshot.panel([INFLOW])).sample(60, paths=500, rng=rng)
    inflow, composition = with_parts(
        total,
        panel=inflow_panel(snapshot),
        snapshot=snapshot,
        rng=np.random.default_rng(SEED),
    )
    last = snapshot.of(OCCUPANCY[-1])[-1]
    # 0.28 is the yearly spread of log occupancy since 1995 (domain brief, section 2.7).
    steps = rng.standard_normal((500, 1, 72)) * 0.28 / np.sqrt(12)
    until = np.datetime64(last.period.isoformat()[:7], "M")
    whole = last.value * np.exp(np.cumsum(steps, axis=2))
    # Shares by stage, with their uncertainty; most are in the procedure.
    shares = rng.dirichlet([1, 3, 2, 50, 20, 12], size=500)[:, :, None]
    need = SamplePaths(
        series_ids=(NEED, *(f"nl.need.stage.{stage}" for stage in dutch_chain().stages)),
        frequency=Frequency.MONTH,
        origins=np.full(7, until),
        persons=np.concatenate([whole, whole * shares], axis=1),
    )
    middles = np.array([*FLOWS.values()])[:, None]
    flows = SamplePaths(
        series_ids=tuple(f"nl.{name}" for name in FLOWS),
        frequency=Frequency.MONTH,
        origins=np.full(4, until),
        persons=middles * np.exp(0.3 * rng.standard_normal((500, 4, 72))),
    )
    return IssuedForecast(
        issued_at=NOW,
        as_of=NOW,
        snapshot_sha256=snapshot.sha256,
        artefact_id="a" * 64,
        code_version="0.1.0",
        seed=SEED,
        data_until={
            series_id: snapshot.of(series_id)[-1].period.isoformat()
            for series_id in (INFLOW, *OCCUPANCY)
        },
        quality=Quality(state=QualityState.DEGRADED, reasons=("occupancy_old",)),
        coverage=(
            Coverage(series_id=INFLOW, horizon=12, nominal=0.8, measured=0.77, count=96),
            Coverage(series_id=NEED, horizon=12, nominal=0.8, measured=0.71, count=24),
        ),
        inflow=inflow,
        need=need,
        composition=composition,
        regime=verdict_of(inflow_panel(snapshot), INFLOW),
        flows=flows,
        chain=replace(
            fitted_chain(),
            counted={"nl.backlog.asylum": 3, "nl.backlog.general_procedure": 1},
        ),
    )


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data"), log_level="error")


def opens(settings: Settings) -> OpenStore:
    return lambda: open_store(settings.database, settings.data_dir, clock=lambda: NOW)


@pytest.fixture(scope="session")
def desk(settings: Settings) -> Iterator[Desk]:
    """A desk on which a forecast, a buffer advice and a short location plan lie."""
    migrate(settings.database)
    with opens(settings)() as store:
        reference = load_reference()
        store.take_in(
            "reference",
            sha256="0" * 64,
            definitions=reference.definitions,
            observations=reference.observations,
        )
        store.official_forecasts.record(official_forecasts())
        store.live_scores.file(
            live_score(row, median=row.observation.value + 100, baseline_crps=1.0, held_90=True)
            for row in store.observations.vintages([INFLOW], after=date(2022, 6, 1))
        )
        desk = Desk.of(store)
        desk.registers.record(default_register(), source="default register", now=NOW)
        forecast_id = store.forecasts.issue(issue(store.observations.as_known_at(NOW)))
        make_buffer_advice(desk, buffer_request(desk, settings))
        make_capacity_plan(
            desk,
            PlanRequest(
                forecast_id=forecast_id,
                register_id=desk.registers.latest().register_id,
                first="2027-01",
                seed=SEED,
                settings=PlanSettings(half_years=4, futures=6),
            ),
        )
        yield desk


@pytest.fixture(scope="session")
def site(settings: Settings, desk: Desk) -> Iterator[str]:
    """The address of a running service."""
    with serving(settings) as address:
        yield address


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running service in which nothing lies yet."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("empty"), log_level="error")
    migrate(settings.database)
    with serving(settings) as address:
        yield address


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """A real server on a free port, stopped at the end."""
    app = create_app(settings, opens(settings))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; tests that need it are left out where it is not installed."""
    if CHROMIUM is None:
        pytest.skip("left out: Chromium is not installed on this machine")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield browser
        browser.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A fresh tab at desktop size."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
