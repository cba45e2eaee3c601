# SPDX-License-Identifier: EUPL-1.2
"""For operations: is it alive, is it ready, and how is it doing."""

from typing import cast

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import PlainTextResponse, Response

from models.errors import GetijError
from service.api.problems import problem
from service.storage.desk import FrontDesk
from service.telemetry import Telemetry

__all__ = ["router"]

router = APIRouter()

_FRESH = {"Cache-Control": "no-store"}


@router.get("/livez")
async def live() -> Response:
    """The process answers; it asks nothing of anything else."""
    return PlainTextResponse("alive\n", headers=_FRESH)


@router.get("/readyz")
def ready(request: Request) -> Response:
    """Whether there is a forecast to serve."""
    front = cast("FrontDesk", request.state.front)
    try:
        entry = front.desk().store.forecasts.latest()
    except (GetijError, SQLAlchemyError, OSError):
        return problem(503, title="Not ready", detail="The store cannot be read.")
    if entry is None:
        return problem(503, title="Not ready", detail="No forecast has been issued yet.")
    return PlainTextResponse("ready\n", headers=_FRESH)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """The metrics, in the text format of Prometheus."""
    content = cast("Telemetry", request.state.telemetry).scrape()
    return Response(content, media_type=CONTENT_TYPE_LATEST, headers=_FRESH)
