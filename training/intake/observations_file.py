# SPDX-License-Identifier: EUPL-1.2
"""The observations file: figures of an agency, one per row.

Columns series_id, period (or date) and value (or persons, or places); where wanted known_at,
status, source and unit. Where the file does not say when a figure became known, it is taken as
known on the last day of its period; a figure that differs from what stands already is a
correction, known from now on, and one that equals it says nothing new. Status is `observed`
unless stated.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from models.catalogue import SeriesDefinition
from training.intake.cells import PLANNED, assumed_known_at
from training.intake.entries import SHAPE, Entry, read_entries, value_column
from training.intake.faults import Faults
from training.intake.neighbours import Confirmation, doubtful
from training.intake.table import USUAL_LIMITS, Limits, Table, read_table
from training.store.records import KnownBasis, Observation, Snapshot

__all__ = ["Intake", "Standing", "check_observations", "read_observations_csv"]

Standing = Callable[[Sequence[str]], Snapshot]
"""What is known now of the named series; asked only once a file could be read."""


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


def read_observations_csv(
    path: Path,
    *,
    catalogue: Mapping[str, SeriesDefinition],
    standing: Standing,
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
    observations, unchanged = check_observations(
        table,
        catalogue=catalogue,
        standing=standing,
        now=now,
        confirmed=confirmed,
        source=source or path.name,
        faults=faults,
    )
    return Intake(
        file=path.name,
        sha256=table.sha256,
        observations=observations,
        unchanged=unchanged,
        ignored_columns=SHAPE.ignored(table.columns),
    )


def check_observations(
    table: Table,
    *,
    catalogue: Mapping[str, SeriesDefinition],
    standing: Standing,
    now: datetime,
    confirmed: frozenset[Confirmation],
    source: str,
    faults: Faults,
) -> tuple[tuple[Observation, ...], int]:
    """The new observations of a table, wherever it came from, and how many rows say nothing new.

    Raises:
        InvalidFile: with the faults noted before and all that are found here.
    """
    by_series = read_entries(table, catalogue=catalogue, now=now, faults=faults)
    known: dict[str, dict[date, float]] = defaultdict(dict)
    for row in standing(list(by_series)).observations:
        known[row.series_id][row.period] = row.value
    observations: list[Observation] = []
    unchanged = 0
    for series_id, entries in by_series.items():
        definition, stands = catalogue[series_id], known[series_id]
        for line, reason in _repeated(entries):
            faults.add(reason, line=line)
        for figure, reason in doubtful(
            entries, definition=definition, standing=stands, confirmed=confirmed
        ):
            faults.add(reason, line=figure.line, column=value_column(table.columns))
        for entry in entries:
            if entry.known_at is None and stands.get(entry.period) == entry.value:
                unchanged += 1
                continue
            corrects = entry.period in stands
            observations.append(
                _observation(entry, definition, now=now, source=source, corrects=corrects)
            )
    faults.refuse_if_any()
    return tuple(observations), unchanged


def _repeated(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    seen: dict[date, list[Entry]] = defaultdict(list)
    for entry in entries:
        for earlier in seen[entry.period]:
            # Two rows about one period are editions only if both say when they were known.
            if entry.known_at is None or earlier.known_at in {None, entry.known_at}:
                yield entry.line, f"{entry.period} is in the file twice: see line {earlier.line}."
                break
        seen[entry.period].append(entry)


def _observation(
    entry: Entry, definition: SeriesDefinition, *, now: datetime, source: str, corrects: bool
) -> Observation:
    known_at, basis = entry.known_at, KnownBasis.STATED
    if known_at is None:
        # A plan, or a correction, was not known before we were told; anything else is taken as
        # known once it could be.
        told = corrects or definition.measure in PLANNED
        known_at = now if told else assumed_known_at(entry.period, definition.frequency)
        basis = KnownBasis.ASSUMED
    return Observation(
        series_id=definition.series_id,
        period=entry.period,
        value=entry.value,
        known_at=known_at,
        known_basis=basis,
        status=entry.status,
        source=entry.source or source,
    )
