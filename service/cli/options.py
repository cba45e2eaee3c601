# SPDX-License-Identifier: EUPL-1.2
"""Options that several commands share, and how they are read."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from models.errors import InvalidInput
from models.periods import month_of

__all__ = [
    "ChainFile",
    "Cutoffs",
    "Horizon",
    "Out",
    "Seed",
    "Workers",
    "cutoffs_of",
    "months_of",
    "whole_file",
]

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")

Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same result.")]
Cutoffs = Annotated[str, typer.Option(help="Last known months: 2013-12,2014-04,…")]
Horizon = Annotated[int, typer.Option(min=1, max=120, help="Periods ahead.")]
Out = Annotated[Path, typer.Option(help="File to write.")]
ChainFile = Annotated[
    Path | None,
    typer.Option("--chain", help="TOML file that describes a chain, in place of ours."),
]
Workers = Annotated[int, typer.Option(min=1, help="Processes; the result is the same.")]


def months_of(text: str) -> tuple[np.datetime64, ...]:
    """Months from a list like 2013-12,2014-04.

    Raises:
        InvalidInput: a part is no month.
    """
    parts = [part.strip() for part in text.split(",")]
    wrong = [part for part in parts if not _MONTH.fullmatch(part)]
    if wrong:
        raise InvalidInput(f"Months are written like 2013-12, not {', '.join(map(repr, wrong))}.")
    return tuple(np.datetime64(part, "M") for part in parts)


def cutoffs_of(text: str) -> tuple[np.datetime64, ...]:
    """Cutoffs from a list like 2013-12,2014-04: nothing is known yet of a month to come.

    Raises:
        InvalidInput: a part is no month, or lies in the future.
    """
    cutoffs = months_of(text)
    now = month_of(datetime.now(UTC).date())
    ahead = [str(cutoff) for cutoff in cutoffs if cutoff > now]
    if ahead:
        raise InvalidInput(f"A cutoff lies in the future: {', '.join(ahead)}.")
    return cutoffs


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """Somewhere to write: the file appears when it is whole, or what was there stays.

    Raises:
        InvalidInput: the folder does not exist, or the name is that of a folder.
    """
    if not out.parent.is_dir() or out.is_dir():
        raise InvalidInput(f"{out}: cannot be written, since its folder is missing or it is one.")
    if out.exists() and not out.is_file():
        yield out  # a pipe or a device has no draft
        return
    draft = out.with_name(f".{out.name}.partial")
    try:
        yield draft
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
