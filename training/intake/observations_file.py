# SPDX-License-Identifier: EUPL-1.2
"""The observations file: figures of an agency, one per row.

Columns series_id, period (or date) and value (or persons, or places); where wanted known_at,
status, source and unit. Where the file does not say when a figure became known, it is taken as
known on the last day of its period; a figure that differs from what stands already is a correction,
known from now on, and one that equals it says nothing new. Status is `observed` unless stated.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

from models.catalogue import SeriesDefinition, Status
from training.intake.cells import (
    PLANNED,
    assumed_known_at,
    read_choice,
    read_known_at,
    read_period,
    read_value,
)
from training.intake.columns import Row, Shape, check_columns, check_line
from training.intake.faults import BadCell, Faults
from training.intake.neighbours import Confirmation, Figure, doubtful
from training.intake.table import USUAL_LIMITS, Limits, read_table
from training.store.records import KnownBasis, Observation, Snapshot

__all__ = ["Intake", "read_observations_csv"]

_SHAPE = Shape(
    needed=(("series_id",), ("period", "date"), ("value", "persons", "places")),
    allowed=frozenset({"known_at", "status", "source", "unit"}),
    free_text=frozenset({"source"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A file in which no fault was found.

    Attributes:
        file: What it is called.
        sha256: Hash of its bytes.
        observations: What it says that is not known yet.
        unchanged: How many rows said, without a date, what stands already.
        ignored_columns: Columns that were not read.
    """

    file: str
    sha256: str
    observations: tuple[Observation, ...]
    unchanged: int
    ignored_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry(Figure):
    status: Status
    source: str


def read_observations_csv(
    path: Path,
    *,
    catalogue: Mapping[str, SeriesDefinition],
    standing: Snapshot,
    now: datetime,
    confirmed: frozenset[Confirmation] = frozenset(),
    source: str = "",
    limits: Limits = USUAL_LIMITS,
) -> Intake:
    """Read figures from a CSV file and check them against the catalogue and each other.

    Args:
        path: UTF-8, comma-separated, with a header.
        catalogue: The series that may occur.
        standing: What is known now.
        now: What time it is, aware UTC.
        confirmed: Doubtful figures that a person has confirmed.
        source: Where figures come from that do not say so themselves; else the file name.
        limits: How much the file may hold.

    Raises:
        InvalidFile: with all faults of the file together.
    """
    faults = Faults(str(path), limit=limits.max_faults)
    table = read_table(path, faults=faults, limits=limits)
    check_columns(table, _SHAPE, faults=faults)
    context = _Context(
        catalogue=catalogue, columns=table.columns, now=now, source=source or path.name
    )
    by_series: dict[str, list[_Entry]] = defaultdict(list)
    for line in table.lines:
        before = faults.total
        check_line(line, _SHAPE, columns=table.columns, faults=faults)
        if faults.total == before:
            _read(Row(line, faults=faults), context, into=by_series)
    observations: list[Observation] = []
    unchanged = 0
    for series_id, entries in by_series.items():
        known = {row.period: row.value for row in standing.of(series_id)}
        _refuse_repeated(entries, faults=faults)
        doubts = doubtful(
            entries, definition=catalogue[series_id], standing=known, confirmed=confirmed
        )
        for figure, reason in doubts:
            faults.add(reason, line=figure.line, column=context.value_column)
        for entry in entries:
            if entry.known_at is None and known.get(entry.period) == entry.value:
                unchanged += 1
            else:
                corrects = entry.period in known
                observations.append(
                    _observation(entry, catalogue[series_id], now, corrects=corrects)
                )
    faults.refuse_if_any()
    return Intake(
        file=path.name,
        sha256=table.sha256,
        observations=tuple(observations),
        unchanged=unchanged,
        ignored_columns=_SHAPE.ignored(table.columns),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What every row is read against."""

    catalogue: Mapping[str, SeriesDefinition]
    columns: tuple[str, ...]
    now: datetime
    source: str

    @property
    def period_column(self) -> str:
        return "period" if "period" in self.columns else "date"

    @property
    def value_column(self) -> str:
        return next(name for name in ("value", "persons", "places") if name in self.columns)

    def definition(self, cell: str) -> SeriesDefinition:
        if cell not in self.catalogue:
            raise BadCell("is not in the catalogue; send a catalogue file along.")
        return self.catalogue[cell]


def _read(row: Row, context: _Context, *, into: dict[str, list[_Entry]]) -> None:
    """Read one line into the entries of its series, if every cell can be used."""
    now, value_column = context.now, context.value_column
    definition = row.read("series_id", context.definition)
    if definition is None:
        return
    period = row.read(context.period_column, partial(read_period, definition=definition, now=now))
    value = row.read(value_column, partial(read_value, unit=definition.unit))
    if value_column not in {"value", definition.unit}:
        row.refuse(value_column, f"cannot be: the series counts {definition.unit}.")
    if row.has("unit"):
        row.read("unit", partial(_read_unit, expected=definition.unit))
    known_at = None
    if row.has("known_at") and period is not None:
        known_at = row.read(
            "known_at", partial(read_known_at, period=period, definition=definition, now=now)
        )
    status = Status.OBSERVED
    if row.has("status"):
        status = row.read("status", lambda cell: read_choice(cell, Status)) or status
    source = (row.read("source", str) if row.has("source") else None) or context.source
    if row.sound and period is not None and value is not None:
        into[definition.series_id].append(
            _Entry(
                line=row.line,
                period=period,
                known_at=known_at,
                value=value,
                status=status,
                source=source,
            )
        )


def _read_unit(cell: str, *, expected: str) -> None:
    if cell != expected:
        raise BadCell(f"must be {expected}, as in the catalogue.")


def _refuse_repeated(entries: list[_Entry], *, faults: Faults) -> None:
    seen: dict[date, list[_Entry]] = defaultdict(list)
    for entry in entries:
        for earlier in seen[entry.period]:
            if entry.known_at is None or earlier.known_at in {None, entry.known_at}:
                faults.add(
                    f"{entry.period} is in the file twice: see line {earlier.line}.",
                    line=entry.line,
                )
                break
        seen[entry.period].append(entry)


def _observation(
    entry: _Entry, definition: SeriesDefinition, now: datetime, *, corrects: bool
) -> Observation:
    known_at = entry.known_at
    if known_at is None:
        # A plan, or a correction, was not known before we were told; anything else is taken as
        # known once it could be.
        told = corrects or definition.measure in PLANNED
        known_at = now if told else assumed_known_at(entry.period, definition.frequency)
    return Observation(
        series_id=definition.series_id,
        period=entry.period,
        value=entry.value,
        known_at=known_at,
        known_basis=KnownBasis.ASSUMED if entry.known_at is None else KnownBasis.STATED,
        status=entry.status,
        source=entry.source,
    )
