# SPDX-License-Identifier: EUPL-1.2
"""Why people are inside, as the page shows it: stages, queues, and homes against the target."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from models.occupancy.specification import Title
from models.periods import Months, first_day, last_day, month_of
from models.types import Floats
from service.usecases.outlook import TARGETS
from service.usecases.outlook_content import (
    BottleneckOutlook,
    FlowInHalfYear,
    NeedPart,
    Outlook,
    PartBasis,
)
from training.store.records import IssuedForecast, Snapshot

__all__ = ["Inside", "Outflow", "Queue", "Range", "Stage", "Target", "present_inside"]

MONTHS_AHEAD = (0, 12, 24, 60)
"""How far ahead people are told apart by stage [months]."""

HALF_YEARS_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A middle and an 80 % range.

    Attributes:
        low: One in ten lies below it.
        median: Half lies below it.
        high: One in ten lies above it.
    """

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, quantiles: Mapping[str, float]) -> "Range":
        """From the quantiles of an outlook."""
        return cls(low=quantiles["0.1"], median=quantiles["0.5"], high=quantiles["0.9"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Those who are inside for one reason.

    Attributes:
        number: Its mark in the chart, from 1.
        title: What people read.
        basis: What is known of its share.
        persons: Mean share of the middle forecast of everybody, on each day [persons].
    """

    number: int
    title: Title
    basis: PartBasis
    persons: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How long those served had waited.

    Attributes:
        name: Of the bottleneck.
        title: What people read.
        longest: A wait of this length may be longer [months].
        waits: In the month of each day [months]; None where nobody is served.
    """

    name: str
    title: Title
    longest: float
    waits: tuple[Range | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What municipalities were asked for last, as far as is known.

    Attributes:
        first: First day of the half-year.
        persons: How many [persons].
    """

    first: date
    persons: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outflow:
    """How many leave for a home of a municipality in a half-year.

    Attributes:
        first: First day of the half-year.
        persons: How many [persons].
        target: How many were asked for [persons]; None where that is not known.
    """

    first: date
    persons: Range
    target: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """Why people are inside.

    Attributes:
        days: Last day of each month that is shown; the first one is that of the forecast.
        total: Middle forecast of everybody on each day [persons]; the stages add up to it.
        stages: In the order in which people pass through them.
        queues: The bottlenecks.
        outflow: To homes of municipalities; none where no target is set for that.
        last_target: The newest target known.
    """

    days: tuple[date, ...]
    total: tuple[float, ...]
    stages: tuple[Stage, ...]
    queues: tuple[Queue, ...]
    outflow: tuple[Outflow, ...]
    last_target: Target | None

    @property
    def most(self) -> Stage:
        """The stage in which most are on the first day."""
        return max(self.stages, key=lambda stage: stage.persons[0])


def present_inside(
    forecast: IssuedForecast, *, snapshot: Snapshot, outlook: Outlook
) -> Inside | None:
    """Why people are inside, from the month of the forecast on.

    Args:
        forecast: The forecast with its paths.
        snapshot: The figures it was made from.
        outlook: Made of it, at the levels 0.1, 0.5 and 0.9 among others.

    Returns:
        None where the need is not divided into stages.
    """
    if not outlook.stages:
        return None
    whole = forecast.need.series_ids[0]
    months = forecast.need.periods_of(whole)
    shown = np.datetime64(outlook.first, "M") + np.array(MONTHS_AHEAD)
    shown = shown[shown <= months[-1]]
    rows = np.searchsorted(months, shown)
    # Medians of the stages would not add up to that of the whole; mean shares of it do.
    total = np.median(forecast.need.of(whole)[:, rows], axis=0)
    homes = next((part for part in outlook.bottlenecks if _target_of(forecast, part)), None)
    return Inside(
        days=tuple(last_day(month) for month in shown),
        total=tuple(total.tolist()),
        stages=tuple(
            Stage(
                number=number,
                title=part.title,
                basis=part.basis,
                persons=tuple((total * _shares(part, shown)).tolist()),
            )
            for number, part in enumerate(outlook.stages, start=1)
        ),
        queues=tuple(_queue(part, shown) for part in outlook.bottlenecks),
        outflow=tuple(_outflow(half) for half in homes.half_years[:HALF_YEARS_SHOWN])
        if homes
        else (),
        last_target=_last_target(snapshot, _target_of(forecast, homes)) if homes else None,
    )


def _target_of(forecast: IssuedForecast, part: BottleneckOutlook) -> str | None:
    """The series of the target that is set for a bottleneck; None if there is none."""
    stem = forecast.chain.specification.chain_id if forecast.chain else ""
    return TARGETS.get(f"{stem}.served.{part.name}")


def _shares(part: NeedPart, months: Months) -> Floats:
    found = {row.period: row.share for row in part.periods}
    return np.array([found[str(month)] for month in months])


def _queue(part: BottleneckOutlook, months: Months) -> Queue:
    waits = {row.period: row.quantiles for row in part.waiting}
    found = [waits.get(str(month)) for month in months]
    return Queue(
        name=part.name,
        title=part.title,
        longest=part.longest_wait,
        waits=tuple(None if row is None else Range.of(row) for row in found),
    )


def _outflow(half: FlowInHalfYear) -> Outflow:
    return Outflow(
        first=first_day(np.datetime64(half.period, "M")),
        persons=Range.of(half.quantiles),
        target=half.target,
    )


def _last_target(snapshot: Snapshot, series_id: str | None) -> Target | None:
    rows = snapshot.of(series_id) if series_id else ()
    if not rows:
        return None
    return Target(first=first_day(month_of(rows[-1].period)), persons=rows[-1].value)
