# SPDX-License-Identifier: EUPL-1.2
"""What the inflow is made of, as the page shows it: a year of figures beside a year of futures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from models.periods import Months, first_day, last_day, month_of
from training.store.records import Composition, IssuedForecast, Snapshot

__all__ = ["Beside", "Component", "Components", "present_components"]

MONTHS = 12
"""Inflow is compared over a year, so that seasons cancel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """The inflow of one kind or nationality in a year.

    Attributes:
        series_id: Its series.
        depth: 0 for the total, 1 for a part of it, 2 for a part of a part.
        past: In the last year known; None where a month is missing [persons].
        low: Lower edge of the 80 % range of the coming year [persons].
        median: Middle forecast of the coming year [persons].
        high: Upper edge of that range [persons].
        share: Middle share in the total of the coming year [-].
    """

    series_id: str
    depth: int
    past: float | None
    low: float
    median: float
    high: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A series of which too little is published to forecast it.

    Attributes:
        series_id: The series.
        persons: Its last figure [persons].
        year: The year of that figure.
    """

    series_id: str
    persons: float
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """The total and its parts over a year.

    Attributes:
        past: First and last day of the year of figures.
        coming: First and last day of the year of futures.
        rows: The total, and each part followed by its own parts.
        beside: What is left out, as far as it has a figure.
    """

    past: tuple[date, date]
    coming: tuple[date, date]
    rows: tuple[Component, ...]
    beside: tuple[Beside, ...]


def present_components(
    forecast: IssuedForecast, *, snapshot: Snapshot, total: str
) -> Components | None:
    """The parts of the total inflow in the year after the forecast was issued.

    Args:
        forecast: The forecast with its paths.
        snapshot: The figures it was made from.
        total: Name of the total inflow.

    Returns:
        None where the total is not divided, or less than a year is forecast.
    """
    made_of = forecast.composition
    months = forecast.inflow.periods_of(total)
    after = np.flatnonzero(months > month_of(forecast.issued_at.date()))[:MONTHS]
    if total not in made_of.parts or len(after) < MONTHS:
        return None
    until = np.datetime64(min(made_of.until[part] for part in made_of.parts[total]), "M")
    known = until - np.arange(MONTHS)[::-1]
    whole = forecast.inflow.of(total)[:, after].sum(axis=1)
    rows = []
    for series_id, depth in _downwards(total, made_of):
        year = forecast.inflow.of(series_id)[:, after].sum(axis=1)
        low, median, high = np.quantile(year, [0.1, 0.5, 0.9]).tolist()
        rows.append(
            Component(
                series_id=series_id,
                depth=depth,
                past=_year_of(series_id, snapshot, made_of, known),
                low=low,
                median=median,
                high=high,
                share=float(np.median(year / np.maximum(whole, 1.0))),
            )
        )
    return Components(
        past=(first_day(known[0]), last_day(known[-1])),
        coming=(first_day(months[after[0]]), last_day(months[after[-1]])),
        rows=tuple(rows),
        beside=tuple(
            Beside(series_id=series_id, persons=figures[-1].value, year=figures[-1].period.year)
            for series_id in made_of.left_out
            if (figures := snapshot.of(series_id))
        ),
    )


def _downwards(series_id: str, made_of: Composition, depth: int = 0) -> Iterator[tuple[str, int]]:
    yield series_id, depth
    for part in made_of.parts.get(series_id, ()):
        yield from _downwards(part, made_of, depth + 1)


def _year_of(
    series_id: str, snapshot: Snapshot, made_of: Composition, months: Months
) -> float | None:
    """The figures of a year together; of a rest, what the other parts leave of the whole."""
    if snapshot.of(series_id):
        return _printed(series_id, snapshot, months)
    whole = made_of.whole_of(series_id)
    sisters = [part for part in made_of.parts.get(whole or "", ()) if part != series_id]
    total = _printed(whole, snapshot, months) if whole else None
    others = [_printed(part, snapshot, months) for part in sisters]
    if total is None or None in others:
        return None
    return max(total - sum(other for other in others if other is not None), 0.0)


def _printed(series_id: str, snapshot: Snapshot, months: Months) -> float | None:
    """Sum of the figures of some months; None where one is missing."""
    by_month = {month_of(row.period): row.value for row in snapshot.of(series_id)}
    if not set(months.tolist()) <= {month.item() for month in by_month}:
        return None
    return float(sum(by_month[month] for month in months))
