# SPDX-License-Identifier: EUPL-1.2
"""/v1/status: where things stand, in plain words and in figures."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.responses import Response

from service.api import API_VERSION
from service.api.advice_shapes import MessageOut
from service.api.route import Route
from service.api.schemas import DataUntil, Query, Shape
from service.api.shapes import (
    CoverageOut,
    LiveQualityOut,
    QualityOut,
    RegimeVerdictOut,
    RegisterTotalsOut,
)
from service.deps import DeskDep
from service.usecases.overview import overview
from service.usecases.wording import sentences

router = APIRouter(route_class=Route, tags=["status"])


class StatusOut(Shape):
    """Where things stand; what does not exist yet is left out."""

    message: Annotated[MessageOut, Field(description="In plain words.")]
    api_version: str
    checked_at: datetime
    quality: QualityOut
    data_until: DataUntil
    coverage: tuple[CoverageOut, ...]
    in_service: Annotated[
        tuple[LiveQualityOut, ...],
        Field(description="How issued forecasts did, by series and part of the horizon."),
    ]
    regime: RegimeVerdictOut | None = None
    forecast_id: str | None = None
    forecast_issued_at: datetime | None = None
    model_id: str | None = None
    snapshot_sha256: str | None = None
    seed: int | None = None
    buffer_advice_id: str | None = None
    capacity_plan_id: str | None = None
    register_id: str | None = None
    places: RegisterTotalsOut | None = None
    tasks: Annotated[dict[str, int], Field(description="Number of tasks by state.")]


@router.get("/status", operation_id="readStatus")
def read_status(
    response: Response, _: Annotated[Query, QueryParameters()], desk: DeskDep
) -> StatusOut:
    """Where things stand, in plain words and in figures."""
    response.headers["Cache-Control"] = "no-store"
    view = overview(desk)
    entry = None if view.forecast is None else view.forecast.entry
    return StatusOut(
        message=MessageOut(**sentences(view)),
        api_version=API_VERSION,
        checked_at=view.now,
        quality=view.quality,
        data_until=view.data_until,
        coverage=() if entry is None else entry.coverage,
        in_service=view.in_service,
        regime=None if entry is None else entry.regime,
        forecast_id=None if entry is None else entry.forecast_id,
        forecast_issued_at=None if entry is None else entry.issued_at,
        model_id=None if entry is None else entry.artefact_id,
        snapshot_sha256=None if entry is None else entry.snapshot_sha256,
        seed=None if entry is None else entry.seed,
        buffer_advice_id=None if view.buffer is None else view.buffer.advice_id,
        capacity_plan_id=None if view.plan is None else view.plan.advice_id,
        register_id=None if view.register is None else view.register.register_id,
        places=view.totals,
        tasks={state.value: count for state, count in view.tasks.items()},
    )
