# SPDX-License-Identifier: EUPL-1.2
"""Rows of figures, each read against the catalogue: the first pass over a table."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from models.catalogue import SeriesDefinition, Status
from training.intake.cells import read_choice, read_known_at, read_period, read_value
from training.intake.columns import Row, Shape, check_columns, check_line
from training.intake.faults import BadCell, Faults
from training.intake.neighbours import Figure
from training.intake.table import Table

__all__ = ["SHAPE", "Entry", "read_entries", "value_column"]

SHAPE = Shape(
    needed=(("series_id",), ("period", "date"), ("value", "persons", "places")),
    allowed=frozenset({"known_at", "status", "source", "unit"}),
    free_text=frozenset({"source"}),
)
"""The columns of a file of figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Figure):
    """One row in which every cell could be used.

    Attributes:
        status: How firm the figure is.
        source: Where it comes from; empty where the row does not say.
    """

    status: Status
    source: str


def read_entries(
    table: Table, *, catalogue: Mapping[str, SeriesDefinition], now: datetime, faults: Faults
) -> dict[str, list[Entry]]:
    """The rows of a table by series; rows that cannot be used are noted as faults and left out.

    Raises:
        InvalidFile: the columns are wrong, so that no row was looked at.
    """
    check_columns(table, SHAPE, faults=faults)
    by_series: dict[str, list[Entry]] = defaultdict(list)
    for line in table.lines:
        before = faults.total
        check_line(line, SHAPE, columns=table.columns, faults=faults)
        if faults.total > before:
            continue
        row = Row(line, faults=faults)
        definition = row.read("series_id", partial(_definition, catalogue=catalogue))
        if definition is not None:
            entry = _read(row, definition, columns=table.columns, now=now)
            by_series[definition.series_id] += [entry] if entry else []
    return by_series


def value_column(columns: tuple[str, ...]) -> str:
    """Which of its names the column of values has."""
    return next(name for name in SHAPE.needed[2] if name in columns)


def _read(
    row: Row, definition: SeriesDefinition, *, columns: tuple[str, ...], now: datetime
) -> Entry | None:
    column = value_column(columns)
    period = row.read(
        "period" if "period" in columns else "date",
        partial(read_period, definition=definition, now=now),
    )
    value = row.read(column, partial(read_value, unit=definition.unit))
    if column not in {"value", definition.unit}:
        row.refuse(column, f"cannot be: the series counts {definition.unit}.")
    if row.has("unit"):
        row.read("unit", partial(_refuse_other_unit, expected=definition.unit))
    known_at = None
    if row.has("known_at") and period is not None:
        known_at = row.read(
            "known_at", partial(read_known_at, period=period, definition=definition, now=now)
        )
    status = row.read("status", _read_status)
    source = row.read("source", str)
    if not row.sound or period is None or value is None or status is None or source is None:
        return None
    return Entry(
        line=row.line,
        period=period,
        known_at=known_at,
        value=value,
        status=status,
        source=source,
    )


def _definition(cell: str, *, catalogue: Mapping[str, SeriesDefinition]) -> SeriesDefinition:
    if cell not in catalogue:
        raise BadCell("is not in the catalogue; send a catalogue file along.")
    return catalogue[cell]


def _read_status(cell: str) -> Status:
    return read_choice(cell or Status.OBSERVED, Status)


def _refuse_other_unit(cell: str, *, expected: str) -> None:
    if cell != expected:
        raise BadCell(f"must be {expected}, as in the catalogue.")
