# SPDX-License-Identifier: EUPL-1.2
"""`getij train` and `getij issue`: publish a model, and a forecast from it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from models.errors import InvalidInput
from models.occupancy.combining import Method
from service.cli.console import print_table, problems_as_exit_code_2
from service.cli.house import (
    SEED,
    code_version,
    ready_figures,
    ready_model,
    ready_store,
    train_with_progress,
)
from service.cli.options import ChainFile, Out, Seed, months_of, whole_file

if TYPE_CHECKING:
    from training.pool import Pool

__all__ = ["issue", "pool", "train"]

Panel = Annotated[
    Path | None,
    typer.Option(help="Monthly series of many countries, to learn the pool from in place of ours."),
]
PoolFile = Annotated[
    Path | None, typer.Option("--pool", help="A pool that `getij pool` made, in place of ours.")
]
Because = Annotated[
    str | None,
    typer.Option(
        help="Publish even if it is not found better than the champion; the reason is recorded."
    ),
]


def train(
    panel: Panel = None,
    pool_file: PoolFile = None,
    need_method: Annotated[
        Method | None,
        typer.Option(help="How the need is forecast; else as what is counted of the chain allows."),
    ] = None,
    chain: ChainFile = None,
    accept_because: Because = None,
    seed: Seed = SEED,
) -> None:
    """Fit and backtest a model on everything that is known now; publish it if the gate allows."""
    from training.chains import read_chain_file

    with problems_as_exit_code_2(), ready_store() as store:
        pool = _given_pool(panel, pool_file)
        own_chain = None if chain is None else read_chain_file(chain)
        ready_figures(store)
        artefact_id = train_with_progress(
            store,
            seed=seed,
            pool=pool,
            need_method=need_method,
            chain=own_chain,
            accept_because=accept_because,
        )
        manifest = store.artefacts.manifest(artefact_id)
        print(f"model {artefact_id}")
        need = manifest.parameters["need"]
        print(f"need by {need['method']} of chain {need['chain']}")
        print_table(
            [["series", "method", "CRPS to random walk"]]
            + [
                [series_id, method, f"{value:.3f}"]
                for series_id, methods in manifest.scores["relative_crps"].items()
                for method, value in methods.items()
            ]
        )
        print_table(
            [["series", "months ahead", "interval", "held", "outcomes"]]
            + [
                [
                    row["series_id"],
                    str(row["horizon"]),
                    f"{row['nominal']:.0%}",
                    f"{row['measured']:.1%}",
                    str(row["count"]),
                ]
                for row in manifest.scores["coverage"]
            ]
        )


def pool(
    file: Annotated[Path, typer.Argument(help="CSV with series_id, period, persons, monthly.")],
    out: Out,
    source: Annotated[str, typer.Option(help="Publisher and table of the figures.")] = "",
    until: Annotated[str, typer.Option(help="Last month to learn from; all if left out.")] = "",
) -> None:
    """Learn a pool from the series of many countries, to use without holding their figures."""
    with problems_as_exit_code_2():
        limit = f" --until {until}" if until else ""
        command = f"getij pool {file.name}{limit} --out {out.name}"
        last = months_of(until)[0] if until else None
        learned = _pool_of(file, command=command, source=source, until=last)
        with whole_file(out) as draft:
            draft.write_bytes(learned.to_bytes())
        manifest = learned.manifest
        print(
            f"pool of {len(manifest.series_ids)} series, {manifest.figures} figures, "
            f"{manifest.first} to {manifest.until}"
        )


def _given_pool(panel: Path | None, pool_file: Path | None) -> "Pool | None":
    from training.pool import Pool

    if panel is not None and pool_file is not None:
        raise InvalidInput("A pool is learned from --panel or read from --pool, not both.")
    if pool_file is not None:
        if not pool_file.is_file():
            raise InvalidInput(f"{pool_file}: there is no such file.")
        return Pool.from_bytes(pool_file.read_bytes(), name=pool_file.name)
    if panel is not None:
        return _pool_of(panel, command=f"getij train --panel {panel.name}")
    return None


def _pool_of(
    file: Path, *, command: str, source: str = "", until: np.datetime64 | None = None
) -> "Pool":
    from training.pool import learn_from
    from training.series_file import read_series

    known = read_series(file, latest=datetime.now(UTC).date())
    if until is not None:
        known = known.until(until)
    if not np.isfinite(known.persons).any():
        raise InvalidInput(f"{file.name} holds no figure of {until} or before.")
    return learn_from(
        known, source=source or file.name, command=command, code_version=code_version()
    )


def issue(seed: Seed = SEED) -> None:
    """Issue a forecast from the champion on everything that is known now."""
    from training.issue import issue_forecast

    with problems_as_exit_code_2(), ready_store() as store:
        ready_model(store)
        forecast = issue_forecast(store, seed=seed, code_version=code_version())
        print(f"forecast {forecast.forecast_id}")
        print(f"quality {forecast.quality.state} {' '.join(forecast.quality.reasons)}".rstrip())
