# SPDX-License-Identifier: EUPL-1.2
"""Getting ready: each step is done when it is needed, says so, and is never done twice."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from models.occupancy import ChainSpecification
from models.occupancy.combining import Method
from service.cli.console import progress, say
from service.settings import Settings
from service.storage.desk import Desk
from service.storage.register import default_register
from service.storage.registers import register_id_of
from training.store import Store, open_store
from training.store.forecasts import ForecastEntry
from training.store.migrate import migrate

if TYPE_CHECKING:
    from training.pool import Pool

__all__ = [
    "SEED",
    "code_version",
    "queue_choices",
    "ready_advice",
    "ready_figures",
    "ready_forecast",
    "ready_model",
    "ready_official",
    "ready_register",
    "ready_store",
]

DEFAULT_SOURCE = "default register"
"""Source of the register that comes with the project, as it is recorded."""

SEED = 1
"""Seed of everything drawn, unless a command is given another."""


def code_version() -> str:
    """The version of Getij that runs, as recorded with everything it makes."""
    return version("getij")


@contextmanager
def ready_store(settings: Settings | None = None) -> Iterator[Store]:
    """The store, with its database brought to the schema of this version."""
    settings = Settings.read(os.environ) if settings is None else settings
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.database)
    with open_store(settings.database, settings.data_dir) as store:
        yield store


def ready_figures(store: Store) -> None:
    """Load the reference figures when the store has no series at all."""
    if not store.series.all():
        say("No figures yet: loading the reference figures.")
        load_reference_into(store)


def ready_official(store: Store) -> None:
    """Record the official forecasts that come with the project, where a store lacks them."""
    from training.sources.reference import official_forecasts

    added = store.official_forecasts.record(official_forecasts())
    if added:
        say(f"Official forecasts: {added} accepted.")


def load_reference_into(store: Store) -> None:
    """Take in the reference figures, and say what was new."""
    from training.sources.reference import load_reference

    reference = load_reference()
    receipt = store.take_in(
        "reference",
        sha256=reference.sha256,
        definitions=reference.definitions,
        observations=reference.observations,
    )
    say(
        f"Reference figures: {receipt.accepted} accepted, {receipt.revised} revised, "
        f"{receipt.unchanged} unchanged."
    )
    ready_official(store)


def ready_model(store: Store) -> None:
    """Train when nothing is published."""
    from training.train import CHAMPION

    if store.models.champion(CHAMPION) is None:
        ready_figures(store)
        train_with_progress(store, seed=SEED)


def train_with_progress(
    store: Store,
    *,
    seed: int,
    pool: "Pool | None" = None,
    need_method: Method | None = None,
    chain: ChainSpecification | None = None,
    accept_because: str | None = None,
) -> str:
    """Train, show how far it has come, say what came of it, and return the id of the model."""
    from service.cli.verdict import sentence_of
    from training.train import train

    with progress("training") as advance:
        trained = train(
            store,
            seed=seed,
            code_version=code_version(),
            pool=pool,
            need_method=need_method,
            chain=chain,
            accept_because=accept_because,
            progress=advance,
        )
    say(sentence_of(trained.artefact_id, trained.record))
    return trained.artefact_id


def ready_forecast(store: Store) -> ForecastEntry:
    """The latest forecast; a new one when there is none, or figures or model have changed."""
    from training.issue import issue_forecast
    from training.train import CHAMPION

    ready_model(store)
    # A store of an earlier version lacks what this one shows beside its forecasts.
    ready_official(store)
    store.score_arrived()
    latest = store.forecasts.latest()
    known = store.observations.as_known_at(store.clock()).sha256
    champion = store.models.champion(CHAMPION)
    if latest is None or (latest.snapshot_sha256, latest.artefact_id) != (known, champion):
        forecast = issue_forecast(store, seed=SEED, code_version=code_version())
        say(f"Issued forecast {forecast.forecast_id}.")
        latest = store.forecasts.entry(forecast.forecast_id)
    return latest


def ready_register(desk: Desk) -> None:
    """Record the default register when there is none, or only that of an earlier version."""
    default = default_register()
    if not desk.registers.count():
        say("No register of locations yet: taking the published municipal capacities.")
    else:
        held = desk.registers.latest()
        if held.source != DEFAULT_SOURCE or held.register_id == register_id_of(default):
            return
        say("The register that comes with Getij has changed: taking that of this version.")
    desk.registers.record(default, source=DEFAULT_SOURCE, now=desk.now())


def ready_advice(desk: Desk, settings: Settings, *, with_choices: bool = True) -> None:
    """Make the buffer advice and the capacity plan of the latest forecast and register.

    Args:
        desk: Where everything lies.
        settings: The occupancy norm.
        with_choices: Whether the plan comes with alternatives and prices of deciding otherwise.
    """
    from service.usecases.overview import give_first_advice

    ready_register(desk)
    buffer_id, plan_id = give_first_advice(desk, settings, with_choices=with_choices)
    say(f"Buffer advice {buffer_id} and capacity plan {plan_id} are ready.")


def queue_choices(desk: Desk, settings: Settings) -> None:
    """Have the service work out what else the board may choose, once it answers."""
    from service.usecases.advices import latest_capacity_plan
    from service.usecases.overview import plan_request
    from service.usecases.work import ask

    given = latest_capacity_plan(desk)
    if given is None or given.document.request.with_choices:
        return
    request = plan_request(desk, settings)
    ask(desk, request, asked="choices", key=None, queue_limit=settings.queue_limit)
    say("Alternatives and the price of deciding otherwise follow while the service answers.")
