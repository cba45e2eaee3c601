# SPDX-License-Identifier: EUPL-1.2
"""/v1/forecasts/{forecastId}/scores: how a forecast did, month by month, once figures arrived."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from models.catalogue import Status
from service.api.paging import cut, link
from service.api.route import ALSO_CSV, CSV, JSON, Route, preferred
from service.api.schemas import Identifier, Month, PageQuery, Shape
from service.api.text_csv import csv_response
from service.deps import DeskDep
from training.store.live_scores import LiveScore

router = APIRouter(route_class=Route, tags=["forecasts"])

_COLUMNS = (
    *("series_id", "period", "horizon", "counted_as", "actual", "status", "known_at", "median"),
    *("error", "crps", "upper_crps", "baseline_crps", "baseline_upper_crps"),
    *("held_50", "held_80", "held_90", "scored_at"),
)


class Vintages(StrEnum):
    """Which figures of a period scores are taken from."""

    NEWEST = "newest"
    ALL = "all"


class ScoresQuery(PageQuery):
    """Which scores are asked for."""

    vintages: Annotated[
        Vintages, Field(description="By the newest figure of each period, or by all there were.")
    ] = Vintages.NEWEST


class ScoreOut(Shape):
    """A forecast of one period beside what happened."""

    series_id: str
    period: Month
    horizon: Annotated[int, Field(description="Periods after the last known one.")]
    counted_as: Annotated[str, Field(description="The series that the figure stands in.")]
    actual: Annotated[float, Field(description="What happened, in persons.")]
    status: Status
    known_at: Annotated[datetime, Field(description="From when on the figure was known.")]
    median: Annotated[float, Field(description="Median forecast, in persons.")]
    error: Annotated[float, Field(description="Median forecast minus actual, in persons.")]
    crps: Annotated[float, Field(description="Score of all quantiles, in persons; 0 is best.")]
    upper_crps: Annotated[float, Field(description="The same for the levels from 0.9 up.")]
    baseline_crps: Annotated[
        float | None, Field(description="Score of the log random walk from what was known.")
    ] = None
    baseline_upper_crps: Annotated[
        float | None, Field(description="The same for the levels from 0.9 up.")
    ] = None
    held_50: Annotated[bool, Field(description="Whether the 50 % interval held it.")]
    held_80: Annotated[bool, Field(description="Whether the 80 % interval held it.")]
    held_90: Annotated[bool, Field(description="Whether the 90 % interval held it.")]
    scored_at: datetime

    @classmethod
    def of(cls, score: LiveScore) -> Self:
        """The shape of a score."""
        facts = {name: getattr(score, name) for name in cls.model_fields}
        return cls(**{**facts, "period": score.period.isoformat()[:7]})


class ScoreListOut(Shape):
    """A page of scores, by series and period."""

    forecast_id: str
    total: int
    items: tuple[ScoreOut, ...]


@router.get(
    "/forecasts/{forecastId}/scores",
    operation_id="listForecastScores",
    response_model=ScoreListOut,
    responses=ALSO_CSV,
)
def list_forecast_scores(
    request: Request,
    response: Response,
    forecast_id: Annotated[Identifier, Path(alias="forecastId")],
    ask: Annotated[ScoresQuery, QueryParameters()],
    desk: DeskDep,
) -> Any:
    """How a forecast did, by the newest figure of each period that arrived since."""
    entry = desk.store.forecasts.entry(forecast_id)
    found = desk.store.live_scores.of_forecast(
        forecast_id, every_vintage=ask.vintages is Vintages.ALL
    )
    if preferred(request, (JSON, CSV)) == CSV:
        return csv_response(_COLUMNS, map(_cells, found), name=f"scores-{entry.forecast_id}.csv")
    link(request, response, ask, total=len(found))
    response.headers["Vary"] = "Accept"
    return ScoreListOut(
        forecast_id=entry.forecast_id,
        total=len(found),
        items=tuple(ScoreOut.of(score) for score in cut(found, ask)),
    )


def _cells(score: LiveScore) -> tuple[str | float | None, ...]:
    facts = {
        **{name: getattr(score, name) for name in _COLUMNS},
        "period": score.period.isoformat(),
        "status": score.status.value,
        "known_at": score.known_at.isoformat(),
        "scored_at": score.scored_at.isoformat(),
        "held_50": int(score.held_50),
        "held_80": int(score.held_80),
        "held_90": int(score.held_90),
    }
    return tuple(facts[name] for name in _COLUMNS)
