# SPDX-License-Identifier: EUPL-1.2
"""/v1/forecasts: what was issued, at the levels and in the months asked for."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from models.periods import Frequency, first_day
from service.api.paging import cut, link
from service.api.route import ALSO_CSV, CSV, JSON, Route, preferred
from service.api.schemas import (
    DataUntil,
    Identifier,
    Levels,
    Moment,
    Month,
    PageQuery,
    Query,
    SeriesIds,
    Shape,
)
from service.api.shapes import CoverageOut, QualityOut
from service.api.text_csv import Cell, csv_response, quality_headers
from service.deps import DeskDep
from service.storage.desk import Desk
from service.usecases.forecasts import (
    DEFAULT_LEVELS,
    Division,
    Quantity,
    SeriesQuantiles,
    entries,
    latest_entry,
    select_quantiles,
)
from service.usecases.overview import quality_now
from training.store.forecasts import ForecastEntry

router = APIRouter(route_class=Route, tags=["forecasts"])

COLUMNS = ("series_id", "cutoff", "horizon", "period", "level", "value")
"""The forecast file of the command line; both are read by the same tools."""


class FiguresQuery(Query):
    """Which figures of a forecast are asked for."""

    series_id: Annotated[
        SeriesIds | None, Field(description="Only these series; every series if left out.")
    ] = None
    levels: Annotated[
        Levels, Field(description="Quantile levels; the median and three bands if not given.")
    ] = DEFAULT_LEVELS
    first: Annotated[Month | None, Field(alias="from", description="First month.")] = None
    last: Annotated[Month | None, Field(alias="to", description="Last month.")] = None


class LatestQuery(FiguresQuery):
    """The forecast that was the latest at some moment."""

    issued_before: Annotated[
        Moment | None, Field(description="The latest forecast issued before this moment.")
    ] = None


class ListQuery(PageQuery):
    """Which forecasts are asked for."""

    issued_before: Annotated[
        Moment | None, Field(description="Only forecasts issued before this moment.")
    ] = None


class ForecastSummaryOut(Shape):
    """What is said about a forecast: where it came from and how far it may be relied on."""

    forecast_id: str
    issued_at: datetime
    as_of: Annotated[datetime, Field(description="The data known at this moment were used.")]
    model_id: Annotated[str, Field(description="See /models.")]
    snapshot_sha256: Annotated[str, Field(description="Hash of the data that were used.")]
    code_version: str
    seed: int
    data_until: DataUntil
    quality: QualityOut
    coverage: Annotated[
        tuple[CoverageOut, ...],
        Field(description="How often intervals held in backtests: measured, never promised."),
    ]


class PeriodOut(Shape):
    """The quantiles of one period."""

    period: Month
    horizon: Annotated[int, Field(description="Periods after the last known one.")]
    quantiles: Annotated[dict[str, float], Field(description="Value by level.")]


class ForecastSeriesOut(Shape):
    """The forecast of one series."""

    series_id: str
    quantity: Quantity
    part_of: Annotated[
        str | None,
        Field(description="The series that the parts add up to, in every sampled future."),
    ] = None
    divided_by: Annotated[
        Division | None,
        Field(description="Which parts add up, where a whole is divided in more than one way."),
    ] = None
    unit: str
    frequency: Frequency
    last_known_period: Month
    levels: tuple[float, ...]
    periods: tuple[PeriodOut, ...]


class ForecastOut(ForecastSummaryOut):
    """An issued forecast with its figures."""

    left_out: Annotated[
        tuple[str, ...],
        Field(description="Series of which too little is published to forecast them."),
    ]
    series: tuple[ForecastSeriesOut, ...]


class ForecastListOut(Shape):
    """A page of forecasts, the latest first."""

    total: int
    items: tuple[ForecastSummaryOut, ...]


@router.get("/forecasts", operation_id="listForecasts")
def list_forecasts(
    request: Request,
    response: Response,
    ask: Annotated[ListQuery, QueryParameters()],
    desk: DeskDep,
) -> ForecastListOut:
    """Every forecast that was issued, the latest first."""
    found = entries(desk, issued_before=ask.issued_before)
    link(request, response, ask, total=len(found))
    items = tuple(ForecastSummaryOut(**_summary(desk, entry)) for entry in cut(found, ask))
    return ForecastListOut(total=len(found), items=items)


@router.get(
    "/forecasts/latest",
    operation_id="readLatestForecast",
    response_model=ForecastOut,
    responses=ALSO_CSV,
)
def read_latest_forecast(
    request: Request,
    response: Response,
    ask: Annotated[LatestQuery, QueryParameters()],
    desk: DeskDep,
) -> Any:
    """The forecast that was issued last: the series, levels and months asked for."""
    entry = latest_entry(desk, issued_before=ask.issued_before)
    return _answer(desk, entry, ask, request=request, response=response)


@router.get(
    "/forecasts/{forecastId}",
    operation_id="readForecast",
    response_model=ForecastOut,
    responses=ALSO_CSV,
)
def read_forecast(
    request: Request,
    response: Response,
    forecast_id: Annotated[Identifier, Path(alias="forecastId")],
    ask: Annotated[FiguresQuery, QueryParameters()],
    desk: DeskDep,
) -> Any:
    """An issued forecast: the series, levels and months asked for."""
    entry = desk.store.forecasts.entry(forecast_id)
    return _answer(desk, entry, ask, request=request, response=response)


def _answer(
    desk: Desk, entry: ForecastEntry, ask: FiguresQuery, *, request: Request, response: Response
) -> Any:
    parts = select_quantiles(
        desk.quantiles(entry.forecast_id),
        series_ids=ask.series_id,
        levels=ask.levels,
        first=ask.first,
        last=ask.last,
    )
    summary = _summary(desk, entry)
    if preferred(request, (JSON, CSV)) == CSV:
        return csv_response(
            COLUMNS,
            _rows(parts),
            name=f"forecast-{entry.forecast_id}.csv",
            headers=quality_headers(summary["quality"], entry.data_until),
        )
    response.headers["Vary"] = "Accept"
    return ForecastOut(
        **summary,
        left_out=entry.composition.left_out,
        series=tuple(_series_out(part) for part in parts),
    )


def _summary(desk: Desk, entry: ForecastEntry) -> dict[str, Any]:
    return {
        "forecast_id": entry.forecast_id,
        "issued_at": entry.issued_at,
        "as_of": entry.as_of,
        "model_id": entry.artefact_id,
        "snapshot_sha256": entry.snapshot_sha256,
        "code_version": entry.code_version,
        "seed": entry.seed,
        "data_until": dict(sorted(entry.data_until.items())),
        "quality": quality_now(entry.quality, entry.issued_at, now=desk.now()),
        "coverage": entry.coverage,
    }


def _series_out(part: SeriesQuantiles) -> ForecastSeriesOut:
    keys = [f"{level:g}" for level in part.levels]
    return ForecastSeriesOut(
        series_id=part.series_id,
        quantity=part.quantity,
        part_of=part.part_of,
        divided_by=part.divided_by,
        unit=part.quantity.unit,
        frequency=part.frequency,
        last_known_period=str(part.origin),
        levels=part.levels,
        periods=tuple(
            PeriodOut(
                period=str(period),
                horizon=horizon,
                quantiles=dict(zip(keys, values, strict=True)),
            )
            for period, horizon, values in zip(
                part.periods, part.horizons, part.persons.tolist(), strict=True
            )
        ),
    )


def _rows(parts: tuple[SeriesQuantiles, ...]) -> Iterator[tuple[Cell, ...]]:
    for part in parts:
        cutoff = first_day(part.origin).isoformat()
        for period, horizon, values in zip(
            part.periods, part.horizons, part.persons.tolist(), strict=True
        ):
            month = first_day(period).isoformat()
            for level, value in zip(part.levels, values, strict=True):
                yield part.series_id, cutoff, horizon, month, f"{level:g}", value
