# SPDX-License-Identifier: EUPL-1.2
"""/v1/forecasts/{forecastId}/outlook: peak, room, waiting times and outflow of a forecast."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from service.api.route import ALSO_CSV, CSV, JSON, Route, preferred
from service.api.schemas import DataUntil, Identifier, Levels, Moment, Month, Query, Shape
from service.api.shapes import (
    BottleneckOutlookOut,
    NeedPartOut,
    PeakOutlookOut,
    QualityOut,
    RoomOutlookOut,
)
from service.api.text_csv import Cell, csv_response, quality_headers
from service.deps import DeskDep, SettingsDep
from service.settings import Settings
from service.storage.desk import Desk
from service.usecases.forecasts import DEFAULT_LEVELS, latest_entry
from service.usecases.outlook import make_outlook, room_now
from service.usecases.outlook_content import BottleneckOutlook, Outlook, Room
from service.usecases.overview import quality_now
from training.store.forecasts import ForecastEntry

router = APIRouter(route_class=Route, tags=["forecasts"])

COLUMNS = ("measure", "name", "period", "level", "value")

MOST_PEOPLE = 100_000_000
"""More persons than this is a slip of the pen."""


class OutlookQuery(Query):
    """What the need is held against, and where to look."""

    capacity: Annotated[
        float | None,
        Field(
            ge=0,
            le=MOST_PEOPLE,
            description="Persons for whom there is room; if not given, the places open now times "
            "the share of them that may be occupied.",
        ),
    ] = None
    levels: Annotated[
        Levels, Field(description="Quantile levels; the median and three bands if not given.")
    ] = DEFAULT_LEVELS
    first: Annotated[
        Month | None,
        Field(alias="from", description="First month; that of the forecast's data if left out."),
    ] = None
    last: Annotated[Month | None, Field(alias="to", description="Last month.")] = None


class LatestOutlookQuery(OutlookQuery):
    """The forecast that was the latest at some moment."""

    issued_before: Annotated[
        Moment | None, Field(description="The latest forecast issued before this moment.")
    ] = None


class OutlookOut(Shape):
    """What a forecast says beyond its quantiles; what it cannot say is left out."""

    forecast_id: str
    issued_at: datetime
    as_of: Annotated[datetime, Field(description="The data known at this moment were used.")]
    data_until: DataUntil
    quality: QualityOut
    first_period: Annotated[Month, Field(description="First month that was looked at.")]
    last_period: Annotated[Month, Field(description="Last month that was looked at.")]
    levels: tuple[float, ...]
    peak: PeakOutlookOut
    exceedance: RoomOutlookOut | None = None
    bottlenecks: Annotated[
        tuple[BottleneckOutlookOut, ...], Field(description="The queues of the chain.")
    ]
    stages: Annotated[
        tuple[NeedPartOut, ...],
        Field(description="Why people are inside; quantiles stand in the forecast itself."),
    ]
    groups: Annotated[tuple[NeedPartOut, ...], Field(description="Who they are, likewise.")]


@router.get(
    "/forecasts/latest/outlook",
    operation_id="readLatestOutlook",
    response_model=OutlookOut,
    responses=ALSO_CSV,
)
def read_latest_outlook(
    request: Request,
    response: Response,
    ask: Annotated[LatestOutlookQuery, QueryParameters()],
    *,
    desk: DeskDep,
    settings: SettingsDep,
) -> Any:
    """When the need of the latest forecast peaks, whether there is room, and how long it takes."""
    entry = latest_entry(desk, issued_before=ask.issued_before)
    return _answer(desk, settings, entry, ask, request=request, response=response)


@router.get(
    "/forecasts/{forecastId}/outlook",
    operation_id="readOutlook",
    response_model=OutlookOut,
    responses=ALSO_CSV,
)
def read_outlook(
    request: Request,
    response: Response,
    forecast_id: Annotated[Identifier, Path(alias="forecastId")],
    ask: Annotated[OutlookQuery, QueryParameters()],
    *,
    desk: DeskDep,
    settings: SettingsDep,
) -> Any:
    """When the need of a forecast peaks, whether there is room, and how long it takes."""
    entry = desk.store.forecasts.entry(forecast_id)
    return _answer(desk, settings, entry, ask, request=request, response=response)


def _answer(
    desk: Desk,
    settings: Settings,
    entry: ForecastEntry,
    ask: OutlookQuery,
    *,
    request: Request,
    response: Response,
) -> Any:
    if ask.capacity is None:
        room = room_now(desk, occupancy_norm=settings.occupancy_norm)
    else:
        room = Room(persons=ask.capacity)
    outlook = make_outlook(
        desk,
        entry,
        room=room,
        levels=ask.levels,
        first=ask.first,
        last=ask.last,
    )
    quality = quality_now(entry.quality, entry.issued_at, now=desk.now())
    if preferred(request, (JSON, CSV)) == CSV:
        return csv_response(
            COLUMNS,
            _rows(outlook),
            name=f"outlook-{entry.forecast_id}.csv",
            headers=quality_headers(quality, entry.data_until),
        )
    response.headers["Vary"] = "Accept"
    return OutlookOut(
        forecast_id=entry.forecast_id,
        issued_at=entry.issued_at,
        as_of=entry.as_of,
        data_until={
            name: date.fromisoformat(day) for name, day in sorted(entry.data_until.items())
        },
        quality=quality,
        first_period=outlook.first,
        last_period=outlook.last,
        levels=tuple(sorted(set(ask.levels))),
        peak=outlook.peak,
        exceedance=outlook.exceedance,
        bottlenecks=outlook.bottlenecks,
        stages=outlook.stages,
        groups=outlook.groups,
    )


def _rows(outlook: Outlook) -> Iterator[tuple[Cell, ...]]:
    """The same as one long table; a cell that does not apply is empty."""
    peak, room = outlook.peak, outlook.exceedance
    for level, persons in peak.persons.items():
        yield "peak_persons", "need", None, level, persons
    yield "peak_period", "need", peak.period, None, None
    for at in peak.periods:
        yield "peak_chance", "need", at.period, None, at.chance
    if room is not None:
        yield "room_persons", "need", None, None, room.room.persons
        yield "exceedance_chance_ever", "need", None, None, room.chance
        for level, period in (room.first_periods or {}).items():
            yield "exceedance_first_period", "need", period, level, None
        for above in room.periods:
            yield "exceedance_chance", "need", above.period, None, above.chance
            yield "exceedance_chance_by_then", "need", above.period, None, above.chance_by_then
    for queue in outlook.bottlenecks:
        yield from _queue_rows(queue)
    for part in (*outlook.stages, *outlook.groups):
        yield "share_basis", part.series_id, None, None, part.basis.value
        for month in part.periods:
            yield "share", part.series_id, month.period, None, month.share


def _queue_rows(part: BottleneckOutlook) -> Iterator[tuple[Cell, ...]]:
    for month in part.waiting:
        for level, months in (month.quantiles or {}).items():
            yield "waited_months", part.name, month.period, level, months
    for half in part.half_years:
        for level, persons in half.quantiles.items():
            yield "served_persons_half_year", part.name, half.period, level, persons
        if half.target is not None:
            yield "target_persons_half_year", part.name, half.period, None, half.target
