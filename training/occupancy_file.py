# SPDX-License-Identifier: EUPL-1.2
"""The occupancy file: how many persons were in reception on which days, from a CSV."""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from models.errors import Fault, InvalidFile
from models.occupancy import DatedPoint, rounding_log_sd

__all__ = ["read_occupancy"]

_COLUMNS = ("series_id", "date", "persons")


def read_occupancy(path: Path) -> dict[str, tuple[DatedPoint, ...]]:
    """Read an occupancy file.

    Args:
        path: CSV with series_id, date (ISO) and persons; any dates, gaps allowed; further
            columns are ignored.

    Returns:
        The points of each series, by day; series in the order of the file. How exact a figure
        is follows from its trailing zeros.

    Raises:
        InvalidFile: every fault with its line and column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidFile(
                    path.name, [Fault(line=1, column=name, reason="missing") for name in missing]
                )
            rows = [(reader.line_num, row) for row in reader]
    except UnicodeDecodeError as error:
        raise InvalidFile(path.name, [Fault(reason="not encoded as UTF-8")]) from error
    except csv.Error as error:
        raise InvalidFile(path.name, [Fault(reason="not a CSV file")]) from error
    except OSError as error:
        raise InvalidFile(path.name, [Fault(reason="cannot be read")]) from error
    return _parse(path.name, rows)


def _parse(
    name: str, rows: list[tuple[int, dict[str, str | None]]]
) -> dict[str, tuple[DatedPoint, ...]]:
    """Turn rows into points, or tell every fault at once."""
    faults: list[Fault] = []
    points: dict[str, dict[date, DatedPoint]] = {}
    for line, row in rows:
        found = _fault_of(line, row)
        if found:
            faults += found
            continue
        series_id, day, persons = _values(row)
        known = points.setdefault(series_id, {})
        if day in known:
            reason = f"{series_id} has a second figure for {day}"
            faults.append(Fault(line=line, column="date", reason=reason))
        known[day] = DatedPoint(day=day, persons=persons, log_sd=rounding_log_sd(persons))
    if not rows:
        faults.append(Fault(reason="no figures"))
    if faults:
        raise InvalidFile(name, faults)
    return {
        series_id: tuple(known[day] for day in sorted(known)) for series_id, known in points.items()
    }


def _values(row: Mapping[str, str | None]) -> tuple[str, date, float]:
    """The three values of a row; ValueError where one of them is not what it should be."""
    day, persons = row["date"] or "", row["persons"] or ""
    return (row["series_id"] or "").strip(), date.fromisoformat(day.strip()), float(persons)


def _fault_of(line: int, row: Mapping[str, str | None]) -> list[Fault]:
    """What is wrong with one row, column by column."""
    faults = []
    if not (row["series_id"] or "").strip():
        faults.append(Fault(line=line, column="series_id", reason="empty"))
    try:
        date.fromisoformat((row["date"] or "").strip())
    except ValueError:
        faults.append(Fault(line=line, column="date", reason="not an ISO date"))
    try:
        persons = float(row["persons"] or "")
    except ValueError:
        faults.append(Fault(line=line, column="persons", reason="not a number"))
    else:
        if not 1 <= persons < float("inf"):
            faults.append(Fault(line=line, column="persons", reason="not a stock of persons"))
    return faults
