# SPDX-License-Identifier: EUPL-1.2
"""The catalogue file: an agency's own series, one per row.

Columns series_id, measure, unit, frequency and definition; where wanted group, place_kind,
place_code, publisher and jump_factor.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.catalogue import Measure, Place, PlaceKind, SeriesDefinition
from models.periods import Frequency
from training.intake.cells import read_choice
from training.intake.columns import Row, Shape, check_columns, check_line
from training.intake.faults import BadCell, Faults
from training.intake.table import USUAL_LIMITS, Limits, read_table

__all__ = ["read_catalogue_csv"]

LONGEST_ID = 100
"""No name of a series is longer [characters]."""

_SHAPE = Shape(
    needed=(("series_id",), ("measure",), ("unit",), ("frequency",), ("definition",)),
    allowed=frozenset({"group", "place_kind", "place_code", "publisher", "jump_factor"}),
    free_text=frozenset({"definition", "group", "place_code", "publisher", "unit"}),
)
_SERIES_ID = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*")
_FACTOR = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")


def read_catalogue_csv(
    path: Path, *, limits: Limits = USUAL_LIMITS
) -> tuple[SeriesDefinition, ...]:
    """Read series definitions from a CSV file.

    Args:
        path: UTF-8, comma-separated, with a header.
        limits: How much the file may hold.

    Raises:
        InvalidFile: with all faults of the file together.
    """
    faults = Faults(str(path), limit=limits.max_faults)
    table = read_table(path, faults=faults, limits=limits)
    check_columns(table, _SHAPE, faults=faults)
    definitions: dict[str, SeriesDefinition] = {}
    for line in table.lines:
        before = faults.total
        check_line(line, _SHAPE, columns=table.columns, faults=faults)
        row = Row(line, faults=faults)
        entry = _read(row) if faults.total == before else None
        if entry is not None and definitions.setdefault(entry.series_id, entry) is not entry:
            row.refuse("series_id", "is in the file twice.")
    faults.refuse_if_any()
    return tuple(definitions.values())


def _read(row: Row) -> SeriesDefinition | None:
    series_id = row.read("series_id", _read_series_id)
    measure = row.read("measure", lambda cell: read_choice(cell, Measure))
    unit = row.read("unit", _read_text)
    frequency = row.read("frequency", lambda cell: read_choice(cell, Frequency))
    definition = row.read("definition", _read_text)
    more: dict[str, Any] = {
        name: row.read(name, reader)
        for name, reader in (
            ("group", _read_text),
            ("publisher", _read_text),
            ("jump_factor", _read_factor),
        )
        if row.has(name)
    }
    kind = row.read("place_kind", lambda cell: read_choice(cell or "nation", PlaceKind))
    place = Place(kind=kind or PlaceKind.NATION)
    if row.has("place_code"):
        place = replace(place, code=row.read("place_code", _read_text) or "")
    elif place.kind is not PlaceKind.NATION:
        row.refuse("place_code", f"is empty; a {place.kind} has a code.")
    if not row.sound or not series_id or not measure or not unit or not frequency or not definition:
        return None
    return SeriesDefinition(
        series_id=series_id,
        measure=measure,
        unit=unit,
        frequency=frequency,
        definition=definition,
        place=place,
        **more,
    )


def _read_series_id(cell: str) -> str:
    if not _SERIES_ID.fullmatch(cell) or len(cell) > LONGEST_ID:
        raise BadCell("must be small letters, digits and dots, like nl.inflow.total.")
    return cell


def _read_text(cell: str) -> str:
    if not cell:
        raise BadCell("is empty.")
    return cell


def _read_factor(cell: str) -> float:
    if not _FACTOR.fullmatch(cell) or float(cell) <= 1:
        raise BadCell("must be a number above 1.")
    return float(cell)
