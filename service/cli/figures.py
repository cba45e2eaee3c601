# SPDX-License-Identifier: EUPL-1.2
"""`getij ingest`: bring figures in, with a report of what was accepted, revised and refused."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.console import problems_as_exit_code_2, say
from service.cli.house import load_reference_into, ready_figures, ready_store

if TYPE_CHECKING:
    from training.sources.published import Published

__all__ = ["app"]

Address = Annotated[str, typer.Option("--url", help="Another address of the same table.")]
Confirm = Annotated[
    list[str] | None,
    typer.Option(help="A doubtful figure that is right all the same: SERIES@PERIOD."),
]

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
    confirm: Confirm = None,
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


@app.command()
def cbs(url: Address = "", confirm: Confirm = None) -> None:
    """Asylum applications and family reunification by nationality, from CBS (83102NED)."""
    from training.sources.cbs import ADDRESS, SOURCE, read_cbs

    with problems_as_exit_code_2():
        _take(SOURCE, url or ADDRESS, read_cbs, confirm=confirm)


@app.command()
def eurostat(
    countries: Annotated[
        str, typer.Option(help="Eurostat's country codes, such as NL,DE,EL; else fifteen of them.")
    ] = "",
    url: Address = "",
    confirm: Confirm = None,
) -> None:
    """Asylum applicants by country and month, from Eurostat (migr_asyappctzm)."""
    from training.sources.eurostat import ADDRESS, COUNTRIES, SOURCE, read_eurostat

    asked = tuple(code.strip().upper() for code in countries.split(",")) if countries else COUNTRIES
    with problems_as_exit_code_2():
        _take(SOURCE, url or ADDRESS, partial(read_eurostat, countries=asked), confirm=confirm)


def _take(source: str, url: str, read: Callable[..., "Published"], *, confirm: Confirm) -> None:
    """Take in the current edition of a publisher's table, and print what became of it."""
    import numpy as np

    from training.intake import read_confirmation
    from training.sources.http import Publisher
    from training.sources.published import take_published

    confirmed = frozenset(read_confirmation(text) for text in confirm or ())
    with ready_store() as store, Publisher(source, url, rng=np.random.default_rng()) as publisher:
        ready_figures(store)
        say(f"Asking {source}.")
        reading = partial(read, publisher)
        report = take_published(store, source, lambda now: reading(now=now), confirmed=confirmed)
        print(report)
