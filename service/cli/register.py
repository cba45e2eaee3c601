# SPDX-License-Identifier: EUPL-1.2
"""`getij ingest locations`: take a register of locations into use, whole or not at all."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer

from service.cli.console import print_table, problems_as_exit_code_2, say
from service.cli.house import ready_store
from service.settings import Settings
from service.storage.desk import Desk
from service.storage.register import read_register
from service.usecases.overview import RegisterTotals
from service.usecases.registers import RegisterChange, take_register

__all__ = ["locations"]

SHOWN_LINES = 20
"""Lines of one sort that are named; the rest are counted."""


def locations(
    file: Annotated[
        Path, typer.Argument(help="CSV with the columns of docs/location-register.md.")
    ],
    source: Annotated[
        str, typer.Option(help="Where the register comes from; else the name of the file.")
    ] = "",
) -> None:
    """A register of locations, in place of the one that holds; all of the file or nothing."""
    with problems_as_exit_code_2(all_faults=True):
        settings = Settings.read(os.environ)
        read = read_register(file, largest=settings.max_table_bytes)
        with ready_store(settings) as store:
            change = take_register(Desk.of(store), read, source=source or file.name)
        _show(change)


def _show(change: RegisterChange) -> None:
    for warning in change.warnings:
        say(f"warning: {warning.location_id}, {warning.column}: {warning.consequence}")
    if change.register_id == change.previous_id:
        print(f"Register {change.register_id} holds already; nothing changed.")
        return
    held = "none held" if change.previous_id is None else f"until now {change.previous_id}"
    print(f"Register {change.register_id} holds from now on ({held}).")
    print(
        f"Lines: {len(change.added)} added, {len(change.changed)} changed, "
        f"{len(change.gone)} gone, {change.unchanged} as they were."
    )
    for sentence in _lines(change):
        print(sentence)
    print_table([["", "until now", "from now on", "difference"], *_places(change)])
    say("Advice that was given stays with its register; `getij plan` makes the next.")


def _lines(change: RegisterChange) -> Iterator[str]:
    """Which lines, as far as that can be read; behind a column, in how many lines it changed."""
    if change.previous_id is not None:
        yield from _named("added", change.added)
    columns = Counter(column for line in change.changed for column in line.columns)
    if columns:
        counted = ", ".join(f"{column} ({count})" for column, count in columns.most_common())
        yield f"changed columns: {counted}"
    yield from _named("changed", [line.location_id for line in change.changed])
    yield from _named("gone", change.gone)


def _named(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        more = len(names) - SHOWN_LINES
        rest = f" and {more} more" if more > 0 else ""
        yield f"{what}: {', '.join(names[:SHOWN_LINES])}{rest}"


def _places(change: RegisterChange) -> Iterator[list[str]]:
    for entry in fields(RegisterTotals):
        before, after = getattr(change.before, entry.name), getattr(change.after, entry.name)
        yield [_TOTALS[entry.name], f"{before:,}", f"{after:,}", f"{after - before:+,}"]


_TOTALS = {
    "regular": "regular places open",
    "emergency": "emergency places open",
    "reserve": "places in reserve",
    "lent": "places lent",
    "possible": "places that could be added",
    "locations": "lines",
}
