# SPDX-License-Identifier: EUPL-1.2
"""Which columns a file may have, and what is checked of every column and cell alike."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from training.intake.cells import looks_like_formula
from training.intake.faults import BadCell, Faults
from training.intake.personal import personal_cell, personal_column
from training.intake.table import Line, Table

__all__ = ["Row", "Shape", "check_columns", "check_line", "shown"]

_Value = TypeVar("_Value")

LONGEST_TEXT = 1_000
"""No text in a cell is longer [characters]."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The columns of one kind of file.

    Attributes:
        needed: Each must be there, in exactly one of its spellings.
        allowed: These may be there too; any other column is looked at and ignored.
        free_text: Columns whose text may say anything, and is searched for personal data.
    """

    needed: tuple[tuple[str, ...], ...]
    allowed: frozenset[str]
    free_text: frozenset[str]

    @cached_property
    def known(self) -> frozenset[str]:
        """Every column that is read."""
        return self.allowed.union(*self.needed)

    def ignored(self, columns: Iterable[str]) -> tuple[str, ...]:
        """The columns that are not read."""
        return tuple(name for name in columns if name not in self.known)


def check_columns(table: Table, shape: Shape, *, faults: Faults) -> None:
    """Refuse a file that lacks a column, names one twice, or has one that looks personal.

    Raises:
        InvalidFile: the header has a fault, so the cells are not looked at.
    """
    before = faults.total
    for spellings in shape.needed:
        found = [name for name in spellings if name in table.columns]
        words = " or ".join(map(repr, spellings))
        if not found:
            faults.add(f"There is no column {words}.", line=1)
        elif len(found) > 1:
            faults.add(f"There must be one column {words}, not both.", line=1)
    for name in shape.ignored(table.columns):
        if personal_column(name):
            faults.add(
                "The column looks as if it is about persons; only counts are accepted.",
                line=1,
                column=shown(name, table.columns),
            )
    if faults.total > before:
        faults.refuse_if_any()


def check_line(line: Line, shape: Shape, *, columns: tuple[str, ...], faults: Faults) -> None:
    """Refuse cells that are too long, look like a formula, or like data about a person."""
    for name, cell in line.cells.items():
        reason = _reason(cell, searched=name in shape.free_text or name not in shape.known)
        if reason:
            faults.add(reason, line=line.number, column=shown(name, columns))


def _reason(cell: str, *, searched: bool) -> str | None:
    if len(cell) > LONGEST_TEXT:
        return f"is longer than {LONGEST_TEXT} characters."
    if not searched:
        return None
    found = personal_cell(cell)
    if found:
        return f"looks like {found}; never send that."
    return "begins like a formula." if looks_like_formula(cell) else None


class Row:
    """Reads the cells of one line, and notes every cell that cannot be used.

    Attributes:
        line: Where it stands in the file.
        sound: Whether nothing has been noted so far.
    """

    def __init__(self, line: Line, *, faults: Faults) -> None:
        self.line = line.number
        self.sound = True
        self._cells = line.cells
        self._faults = faults

    def has(self, name: str) -> bool:
        """Whether there is such a column, and something in this cell of it."""
        return bool(self._cells.get(name))

    def read(self, name: str, reader: Callable[[str], _Value]) -> _Value | None:
        """What the reader makes of a cell; None, and a fault, if it refuses it."""
        try:
            return reader(self._cells.get(name, ""))
        except BadCell as reason:
            self.refuse(name, reason)
            return None

    def refuse(self, name: str, reason: object) -> None:
        """Note that a cell cannot be used."""
        self.sound = False
        self._faults.add(reason, line=self.line, column=name)


def shown(name: str, columns: tuple[str, ...]) -> str:
    """The name of a column for a message; its place if the header may hold data itself."""
    harmless = re.fullmatch(r"[^\W\d]\w{0,30}([ ._-]\w{1,20}){0,3}", name) and not re.search(
        r"[0-9]{5}", name
    )
    return name if harmless else f"number {columns.index(name) + 1}"
