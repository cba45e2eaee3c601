# SPDX-License-Identifier: EUPL-1.2
"""`getij forecast` and `getij backtest`: the champion method on any series file."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from models.occupancy import ChainSpecification
from service.cli.console import print_table, problems_as_exit_code_2, progress, say
from service.cli.house import SEED, ready_figures, ready_store
from service.cli.options import (
    ChainFile,
    Cutoffs,
    Horizon,
    Out,
    Seed,
    Workers,
    cutoffs_of,
    whole_file,
)

if TYPE_CHECKING:
    from training.backtest import InflowBacktest

__all__ = ["backtest_app", "forecast"]

backtest_app = typer.Typer(
    help="Forecast the past as it could have been forecast then, and score it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

COMPONENT_CUTOFFS = ",".join(
    f"{year}-{month}" for year in range(2017, 2025) for month in ("06", "12")
)
"""Every half-year since two years of nationalities are known, while outcomes follow."""

SeriesFile = Annotated[Path, typer.Argument(help="CSV with series_id, period, persons.")]


def forecast(
    file: SeriesFile,
    out: Out,
    cutoff: Annotated[str, typer.Option(help="Last known month; else that of the file.")] = "",
    horizon: Horizon = 24,
    workers: Workers = 2,
) -> None:
    """Forecast every series of a file with the champion method."""
    from training.backtest import backtest_inflow
    from training.series_file import read_series, write_forecasts

    with problems_as_exit_code_2():
        panel = read_series(file, latest=datetime.now(UTC).date())
        ends = panel.periods[-1] + np.timedelta64(panel.frequency.months - 1, "M")
        (last,) = cutoffs_of(cutoff) if cutoff else (ends,)
        with progress("forecast") as advance:
            made = backtest_inflow(
                panel, [last], horizon=horizon, progress=advance, workers=workers
            )
        with whole_file(out) as draft:
            write_forecasts(draft, made.forecasts)
        _tell(made)


@backtest_app.command()
def inflow(
    file: SeriesFile, cutoffs: Cutoffs, out: Out, horizon: Horizon = 24, workers: Workers = 2
) -> None:
    """Score the champion method on any series file, monthly or quarterly, beside its members."""
    from training.backtest import backtest_inflow
    from training.series_file import read_series, write_forecasts

    with problems_as_exit_code_2():
        wanted = cutoffs_of(cutoffs)
        panel = read_series(file, latest=datetime.now(UTC).date())
        with progress("backtest") as advance:
            made = backtest_inflow(
                panel, wanted, horizon=horizon, progress=advance, workers=workers
            )
        with whole_file(out) as draft:
            write_forecasts(draft, made.forecasts)
        _tell(made)
        print_table(made.table())
        if made.year:
            print_table(made.year_table())


@backtest_app.command()
def occupancy(
    inflow: Annotated[Path, typer.Option(help="CSV with series_id, period, persons.")],
    occupancy: Annotated[Path, typer.Option(help="CSV with series_id, date, persons.")],
    cutoffs: Cutoffs,
    out: Out,
    horizon: Horizon = 24,
    chain: ChainFile = None,
    seed: Seed = SEED,
) -> None:
    """Score the occupancy model on any inflow and occupancy files, beside baselines."""
    from training.backtest_occupancy import backtest_occupancy
    from training.occupancy_file import read_occupancy
    from training.series_file import read_series, write_forecasts

    with problems_as_exit_code_2():
        wanted = cutoffs_of(cutoffs)
        today = datetime.now(UTC).date()
        panel = read_series(inflow, latest=today)
        points = read_occupancy(occupancy, latest=today)
        own_chain = None if chain is None else _chain_of_totals(chain)
        with progress("backtest") as advance:
            made = backtest_occupancy(
                panel,
                points,
                cutoffs=wanted,
                horizon=horizon,
                seed=seed,
                progress=advance,
                chain=own_chain,
            )
        with whole_file(out) as draft:
            write_forecasts(draft, made.forecasts)
        if chain is None:
            say("Only totals are known: a chain of one stage was fitted, beside a direct forecast.")
        print_table(made.table())


@backtest_app.command()
def plans(seed: Seed = SEED) -> None:
    """Hold the need, as forecast on the day of each official plan, against plan and outcome."""
    from training.plan_comparison import compare_plans, official_plans

    with problems_as_exit_code_2(), ready_store() as store:
        ready_figures(store)
        with progress("plans") as advance:
            made = compare_plans(
                store.observations.as_known_at,
                plans=official_plans(),
                actual=store.observations.as_known_at(store.clock()),
                seed=seed,
                progress=advance,
            )
        print_table(made.table())
        print_table(made.method_table())


@backtest_app.command()
def components(
    cutoffs: Cutoffs = COMPONENT_CUTOFFS, horizon: Horizon = 24, seed: Seed = SEED
) -> None:
    """Score how the total inflow divides over kinds and nationalities, beside simple ways."""
    from training.backtest_components import backtest_components

    with problems_as_exit_code_2(), ready_store() as store:
        wanted = cutoffs_of(cutoffs)
        ready_figures(store)
        with progress("components") as advance:
            made = backtest_components(
                store.observations.as_known_at,
                wanted,
                actual=store.observations.as_known_at(store.clock()),
                horizon=horizon,
                seed=seed,
                progress=advance,
            )
        print_table(made.table())


@backtest_app.command()
def alarm(
    file: Annotated[
        Path | None, typer.Argument(help="CSV with series_id, period, persons; else Dutch figures.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
    seed: Seed = SEED,
) -> None:
    """Run the regime alarm over a file, or over Dutch figures as they were known, by month."""
    with problems_as_exit_code_2():
        tables, content = _alarm_past() if file is None else _alarm_panel(file, seed=seed)
        if out is not None:
            with whole_file(out) as draft:
                draft.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        for table in tables:
            print_table(table)


def _alarm_panel(file: Path, *, seed: int) -> tuple[list[list[list[str]]], dict[str, Any]]:
    from training.regime import backtest_alarm
    from training.series_file import read_series

    panel = read_series(file, latest=datetime.now(UTC).date())
    with progress("alarm") as advance:
        made = backtest_alarm(panel, rng=np.random.default_rng(seed), progress=advance)
    return [made.alarm_table(), made.rate_table(), made.change_table()], made.to_json()


def _alarm_past() -> tuple[list[list[list[str]]], dict[str, Any]]:
    from training.regime_past import dutch_past, past_table

    with ready_store() as store:
        ready_figures(store)
        with progress("alarm") as advance:
            said = dutch_past(store.observations.as_known_at, progress=advance)
    return [past_table(said)], {"months": [asdict(row) for row in said]}


def _chain_of_totals(file: Path) -> ChainSpecification:
    """A chain of one's own that totals feed; says what of it they cannot tell."""
    from training.backtest_occupancy import fed_by_totals
    from training.chains import read_chain_file

    chain = read_chain_file(file)
    unmeasured = fed_by_totals(chain, name=file.name)
    if unmeasured:
        say(f"Left out of {file.name}, since only totals are known: {', '.join(unmeasured)}.")
    return chain


def _tell(made: "InflowBacktest") -> None:
    """Say which series have no forecast, and what stands behind the others otherwise than usual."""
    for cutoff, series_id in made.left_out:
        say(f"Left out at {cutoff}: {series_id!r} has too few figures.")
    for remark in made.remarks:
        say(f"At {remark}")
