# SPDX-License-Identifier: EUPL-1.2
"""The occupancy file: how many persons were in reception on which days, from a CSV."""

import csv
from datetime import date
from pathlib import Path

from models.errors import Fault, InvalidFile
from models.occupancy import DatedPoint, rounding_log_sd

__all__ = ["read_occupancy"]

COLUMNS = ("series_id", "date", "persons")
EARLIEST, LATEST = date(1950, 1, 1), date(2100, 1, 1)
MOST = 1e9

Record = dict[str, str | None]


def read_occupancy(path: Path, *, latest: date | None = None) -> dict[str, tuple[DatedPoint, ...]]:
    """Read an occupancy file: series_id, date, persons; further columns are ignored.

    Args:
        path: The file, UTF-8; any dates, gaps allowed.
        latest: Last day that a figure may be of, for instance today.

    Returns:
        The points of each series, by day; series sorted by name. How exact a figure is follows
        from its trailing zeros.

    Raises:
        InvalidFile: with every fault found, each with its line and column.
    """
    faults: list[Fault] = []
    points: dict[tuple[str, date], DatedPoint] = {}
    for line, record in _records(path):
        found, row = _parse_record(record, line, latest or LATEST)
        faults += found
        if row is None:
            continue
        series_id, day, persons = row
        if (series_id, day) in points:
            reason = f"is the second figure of {series_id} for that day."
            faults.append(Fault(line=line, column="date", reason=reason))
        points[series_id, day] = DatedPoint(
            day=day, persons=persons, log_sd=rounding_log_sd(persons)
        )
    if not points and not faults:
        faults.append(Fault(reason="holds no figures."))
    if faults:
        raise InvalidFile(path.name, faults)
    series: dict[str, list[DatedPoint]] = {}
    for series_id, day in sorted(points):
        series.setdefault(series_id, []).append(points[series_id, day])
    return {series_id: tuple(known) for series_id, known in series.items()}


def _records(path: Path) -> list[tuple[int, Record]]:
    """The records of the file, each with its line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidFile(
                    path.name,
                    [Fault(line=1, column=name, reason="is missing.") for name in missing],
                )
            return [(reader.line_num, record) for record in reader]
    except FileNotFoundError:
        raise InvalidFile(path.name, [Fault(reason="the file does not exist.")]) from None
    except OSError:
        raise InvalidFile(path.name, [Fault(reason="the file cannot be read.")]) from None
    except UnicodeDecodeError:
        raise InvalidFile(path.name, [Fault(reason="is not UTF-8 text.")]) from None
    except csv.Error as error:
        raise InvalidFile(path.name, [Fault(reason=f"is no CSV: {error}.")]) from None


def _parse_record(
    record: Record, line: int, latest: date
) -> tuple[list[Fault], tuple[str, date, float] | None]:
    """What is wrong with one record, and its values unless something is."""
    found: dict[str, str] = {}
    series_id, text = (record["series_id"] or "").strip(), (record["persons"] or "").strip()
    if not series_id:
        found["series_id"] = "is empty."
    try:
        day = date.fromisoformat((record["date"] or "").strip())
    except ValueError:
        day = EARLIEST
        found["date"] = "is not a day, written as 2024-01-31."
    if not EARLIEST <= day <= latest:
        found["date"] = f"lies outside {EARLIEST} to {latest}."
    try:
        # A cell left empty says that the figure is not known, which is not zero.
        persons = float(text) if text else 1.0
    except ValueError:
        persons = 1.0
        found["persons"] = "is not a number."
    if not 1 <= persons <= MOST:
        found["persons"] = "is not a stock: it must lie between 1 and a thousand million."
    faults = [Fault(line=line, column=name, reason=reason) for name, reason in found.items()]
    return faults, None if faults or not text else (series_id, day, persons)
