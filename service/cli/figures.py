# SPDX-License-Identifier: EUPL-1.2
"""`getij ingest`: bring figures in, with a report of what was accepted, revised and refused."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.console import problems_as_exit_code_2
from service.cli.house import load_reference_into, ready_figures, ready_store

__all__ = ["app"]

app = typer.Typer(
    help="Bring figures in, with a report of what was accepted, revised and refused.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def reference() -> None:
    """The published Dutch figures that come with the project."""
    with problems_as_exit_code_2(), ready_store() as store:
        load_reference_into(store)


@app.command()
def csv(
    file: Annotated[Path, typer.Argument(help="Columns series_id, period or date, value.")],
    catalogue: Annotated[
        Path | None, typer.Option(help="CSV that defines series the catalogue does not have.")
    ] = None,
    confirm: Annotated[
        list[str] | None,
        typer.Option(help="A doubtful figure that is right all the same: SERIES@PERIOD."),
    ] = None,
    source: Annotated[str, typer.Option(help="Where the figures come from.")] = "",
) -> None:
    """Figures of your own, by week, month, quarter, year or date; all of the file or nothing."""
    from training.intake import ingest_csv, read_confirmation

    with problems_as_exit_code_2(), ready_store() as store:
        ready_figures(store)
        report = ingest_csv(
            store,
            file,
            catalogue_file=catalogue,
            confirmed=frozenset(read_confirmation(text) for text in confirm or ()),
            source=source,
        )
        print(report)
