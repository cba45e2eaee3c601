# SPDX-License-Identifier: EUPL-1.2
"""The program `getij` and its commands."""

from importlib.metadata import version
from typing import Annotated

import typer

from service.cli import advice, figures, learning, official, register, scenario, series, serving

__all__ = ["app"]

app = typer.Typer(
    name="getij",
    help="Forecast how many people need a place in asylum reception, and advise on places.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(version("getij"))
        raise typer.Exit


@app.callback()
def getij(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Forecast how many people need a place in asylum reception, and advise on places."""


app.command()(serving.run)
app.command()(serving.serve)
figures.app.command()(register.locations)
app.add_typer(figures.app, name="ingest")
app.command()(learning.train)
app.command()(learning.pool)
app.command()(learning.issue)
app.command()(series.forecast)
series.backtest_app.command()(official.official)
app.add_typer(series.backtest_app, name="backtest")
app.command()(advice.plan)
app.command()(scenario.scenario)
app.command()(advice.replay)
app.command()(advice.dossier)
