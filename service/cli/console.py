# SPDX-License-Identifier: EUPL-1.2
"""What every command shares: progress on standard error, one clear sentence, exit code 2."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from models.errors import GetijError, InvalidFile

__all__ = ["Advance", "print_table", "problems_as_exit_code_2", "progress", "say", "stderr"]

Advance = Callable[[int, int], None]
"""Called with how much is done and how much there is in all."""

stderr = Console(stderr=True, highlight=False)

SHOWN_FAULTS = 20


@contextmanager
def problems_as_exit_code_2(*, all_faults: bool = False) -> Iterator[None]:
    """End with one clear sentence and exit code 2 when the input is at fault.

    Args:
        all_faults: Print every fault of a file, however many, rather than the first few.
    """
    try:
        yield
    except InvalidFile as error:
        shown = len(error.faults) if all_faults else SHOWN_FAULTS
        for fault in error.faults[:shown]:
            print(f"error: {error.file}: {fault}", file=sys.stderr)
        if len(error.faults) > shown:
            print(f"error: … and {len(error.faults) - shown} more", file=sys.stderr)
        elif len(error.faults) > SHOWN_FAULTS:
            print(f"error: {len(error.faults):,} faults; nothing was taken", file=sys.stderr)
        raise typer.Exit(2) from error
    except GetijError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from error
    except FileNotFoundError as error:
        print(f"error: {error.filename}: there is no such file", file=sys.stderr)
        raise typer.Exit(2) from error
    except IsADirectoryError as error:
        print(f"error: {error.filename}: is a folder, not a file", file=sys.stderr)
        raise typer.Exit(2) from error


def say(sentence: str) -> None:
    """Tell on standard error what a command is doing."""
    stderr.print(sentence)


@contextmanager
def progress(what: str) -> Iterator[Advance]:
    """Show how far long work has come; the work calls it with (done, total)."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of text as a table on standard output; the first row is the header."""
    header, *body = rows
    table = Table(box=None, pad_edge=False)
    for column, name in enumerate(header):
        table.add_column(name, justify="right" if column else "left", no_wrap=True)
    for row in body:
        table.add_row(*row)
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)
