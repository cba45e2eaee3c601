# SPDX-License-Identifier: EUPL-1.2
"""The series file and the forecast file: two contracts of the command line, as CSV."""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from models.errors import Fault, InvalidFile
from models.periods import Frequency, Months, first_day, month_of, month_range
from models.types import LEVELS, Floats, Panel

__all__ = ["QuantileForecast", "read_series", "write_forecasts"]

COLUMNS = ("series_id", "period", "persons")
MOST = 1e9
"""No country counts a thousand million persons in one period [persons]."""

EARLIEST, LATEST = date(1950, 1, 1), date(2100, 1, 1)

Row = tuple[str, date, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuantileForecast:
    """Quantiles of several series at one cutoff, as a forecast file holds them.

    Attributes:
        cutoff: Last month of which anything was known.
        series_ids: Which series.
        frequency: Month or quarter.
        origins: Last known period of each series, shape (series,).
        persons: Quantiles at LEVELS [persons], shape (series, horizon, levels).
    """

    cutoff: np.datetime64
    series_ids: tuple[str, ...]
    frequency: Frequency
    origins: Months
    persons: Floats


def read_series(path: Path, *, latest: date | None = None) -> Panel:
    """Read a series file: series_id, period, persons; further columns are ignored.

    Args:
        path: The file, UTF-8.
        latest: Last day that a period may begin on, for instance today.

    Returns:
        The series, sorted by name, over all periods between the first and the last.

    Raises:
        InvalidFile: with every fault found, each with its line and column.
    """
    name = path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InvalidFile(name, [Fault(reason="the file does not exist.")]) from None
    except OSError:
        raise InvalidFile(name, [Fault(reason="the file cannot be read.")]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InvalidFile(name, [Fault(line=line, reason="is not UTF-8 text.")]) from None
    rows, faults = _parse(text, latest or LATEST)
    if faults:
        raise InvalidFile(name, faults)
    if not rows:
        raise InvalidFile(name, [Fault(reason="holds no figures.")])
    return _panel(rows)


def _parse(text: str, latest: date) -> tuple[list[Row], list[Fault]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        return [], [Fault(line=1, column=column, reason="is missing.") for column in missing]
    rows: list[Row] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, date], int] = {}
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            return rows, [*faults, Fault(line=reader.line_num, reason=f"is no CSV: {error}.")]
        if record is None:
            return rows, faults
        line = reader.line_num
        row, found = _parse_record(record, line, latest)
        faults += found
        if row is not None:
            key = row[0], row[1]
            if key in seen:
                reason = f"repeats the series and period of line {seen[key]}."
                faults.append(Fault(line=line, column="period", reason=reason))
            seen[key] = line
            rows.append(row)


def _parse_record(
    record: dict[str, str | None], line: int, latest: date
) -> tuple[Row | None, list[Fault]]:
    faults = []
    series_id = (record["series_id"] or "").strip()
    if not series_id:
        faults.append(Fault(line=line, column="series_id", reason="is empty."))
    period = _date(record["period"])
    if period is None or period.day != 1:
        reason = "is not the first day of a month, written as 2024-01-01."
        faults.append(Fault(line=line, column="period", reason=reason))
    elif not EARLIEST <= period <= latest:
        reason = f"lies outside {EARLIEST} to {latest}."
        faults.append(Fault(line=line, column="period", reason=reason))
    text = (record["persons"] or "").strip()
    if not text:
        # A cell left empty says that the figure is not known, which is not zero.
        return None, faults
    persons = _number(text)
    if persons is None:
        faults.append(Fault(line=line, column="persons", reason="is not a number."))
    elif not math.isfinite(persons) or persons < 0 or persons > MOST:
        reason = "is not a count: it must be finite, not negative, and below a thousand million."
        faults.append(Fault(line=line, column="persons", reason=reason))
    if faults or period is None or persons is None:
        return None, faults
    return (series_id, period, persons), faults


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        return None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _panel(rows: list[Row]) -> Panel:
    months = np.array([month_of(period) for _, period, _ in rows])
    # Quarters begin in January, April, July and October; monthly figures never all do.
    quarterly = len(set(months)) > 1 and not np.any(months.astype(int) % 3)
    frequency = Frequency.QUARTER if quarterly else Frequency.MONTH
    first = months.min()
    columns = (months - first).astype(int) // frequency.months
    names = sorted({series_id for series_id, _, _ in rows})
    index = {series_id: row for row, series_id in enumerate(names)}
    persons = np.full((len(names), int(columns.max()) + 1), np.nan)
    for (series_id, _, value), column in zip(rows, columns, strict=True):
        persons[index[series_id], column] = value
    return Panel(
        series_ids=tuple(names),
        frequency=frequency,
        periods=month_range(first, persons.shape[1], frequency),
        persons=persons,
    )


def write_forecasts(path: Path, forecasts: Iterable[QuantileForecast]) -> None:
    """Write a forecast file: series_id, cutoff, horizon, period, level, value [persons]."""
    levels = [f"{level:g}" for level in LEVELS]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("series_id", "cutoff", "horizon", "period", "level", "value"))
        for forecast in forecasts:
            cutoff = first_day(forecast.cutoff).isoformat()
            step = np.timedelta64(forecast.frequency.months, "M")
            for series_id, origin, table in zip(
                forecast.series_ids, forecast.origins, forecast.persons, strict=True
            ):
                for ahead, row in enumerate(table, start=1):
                    period = first_day(origin + ahead * step).isoformat()
                    writer.writerows(
                        (series_id, cutoff, ahead, period, level, f"{value:.4f}")
                        for level, value in zip(levels, row, strict=True)
                    )
