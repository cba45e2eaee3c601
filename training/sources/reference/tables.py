# SPDX-License-Identifier: EUPL-1.2
"""The files of facts: reading `data/*.csv` into definitions and observations."""

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

from models.catalogue import Measure, Place, PlaceKind, SeriesDefinition, Status
from models.periods import Frequency, last_day, month_of
from training.store.records import KnownBasis, Observation, sha256_of

__all__ = ["content_hash", "definitions", "facts", "moment", "period_end", "read_table"]

FACTS = (
    "capacity",
    "decisions",
    "housing",
    "inflow_annual",
    "inflow_cbs",
    "inflow_eurostat",
    "inflow_ind",
    "inflow_nationality",
    "inflow_weekly",
    "occupancy",
    "outflow",
    "temporary_protection",
)
"""Files with one row per printed value."""


def content_hash() -> str:
    """SHA-256 of all files of `data/`, by name."""
    data = files("training.sources.reference") / "data"
    parts = sorted((part.name, part.read_bytes()) for part in data.iterdir() if part.is_file())
    return sha256_of(b"".join(name.encode() + content for name, content in parts))


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of one file of `data/`, by column."""
    content = (files("training.sources.reference") / "data" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(content.splitlines()))


def moment(day: date) -> datetime:
    """Start of a day in UTC; a figure known on a day counts as known all through that day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def period_end(period: date, frequency: Frequency) -> date:
    """Last day of a period that is named by its first day; a dated point is its own end."""
    if frequency is Frequency.DATED:
        return period
    if frequency is Frequency.WEEK:
        return period + timedelta(days=6)
    return last_day(month_of(period) + (frequency.months - 1))


def definitions() -> tuple[SeriesDefinition, ...]:
    """The catalogue of the reference figures, by series."""
    return tuple(
        SeriesDefinition(
            series_id=row["series_id"],
            measure=Measure(row["measure"]),
            unit=row["unit"],
            frequency=Frequency(row["frequency"]),
            definition=row["definition"],
            group=row["group"],
            place=Place(kind=PlaceKind(row["place_kind"]), code=row["place_code"]),
            publisher=row["publisher"],
        )
        for row in read_table("catalogue")
    )


def _observation(row: dict[str, str], frequency: Frequency) -> Observation:
    period = date.fromisoformat(row["period"])
    stated = row["known_at"]
    known = date.fromisoformat(stated) if stated else period_end(period, frequency)
    return Observation(
        series_id=row["series_id"],
        period=period,
        value=float(row["value"]),
        known_at=moment(known),
        known_basis=KnownBasis.STATED if stated else KnownBasis.ASSUMED,
        status=Status(row["status"]),
        source=row["source"],
    )


def facts(catalogue: Sequence[SeriesDefinition]) -> tuple[Observation, ...]:
    """Every printed value, in the order of the files.

    A value is known from the day its file states (of an edition named by its month: the last
    day of that month), and otherwise from the last day of its period, which is an assumption.
    """
    frequency = {entry.series_id: entry.frequency for entry in catalogue}
    return tuple(
        _observation(row, frequency[row["series_id"]]) for name in FACTS for row in read_table(name)
    )
