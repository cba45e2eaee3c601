# SPDX-License-Identifier: EUPL-1.2
"""`getij backtest official`: the ministry's forecasts of the inflow beside ours of the same day."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from service.cli.console import print_table, problems_as_exit_code_2, progress
from service.cli.house import SEED, ready_figures, ready_official, ready_store
from service.cli.options import Seed, whole_file
from training.store.official_forecasts import editions_of

__all__ = ["official"]


def official(
    panel: Annotated[
        Path | None,
        typer.Option(help="Further monthly series to learn from, as far as they had ended."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
    lag: Annotated[
        int, typer.Option(min=0, max=24, help="Months that our forecast knows less than then.")
    ] = 0,
    seed: Seed = SEED,
) -> None:
    """Hold each official forecast of a year against ours of that day, and what happened."""
    from training.rivals import compare_official
    from training.series_file import read_series

    with problems_as_exit_code_2():
        pool = None if panel is None else read_series(panel, latest=datetime.now(UTC).date())
        with ready_store() as store, progress("official forecasts") as advance:
            ready_figures(store)
            ready_official(store)
            now = store.clock()
            made = compare_official(
                store.observations.as_known_at,
                editions=editions_of(store.official_forecasts.as_known_at(now)),
                actual=store.observations.as_known_at(now),
                seed=seed,
                lag=lag,
                pool=pool,
                progress=advance,
            )
        if out is not None:
            with whole_file(out) as draft:
                content = json.dumps(made.to_json(), indent=2, ensure_ascii=False)
                draft.write_text(content + "\n", encoding="utf-8")
        print_table(made.table())
        print_table(made.summary())
        for name, (held, count) in made.held().items():
            print(f"{name}: {held} of {count} held")
