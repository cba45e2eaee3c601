# SPDX-License-Identifier: EUPL-1.2
"""/v1/buffer-advices: how many places to hold, beside the house rule; immutable once made."""

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from models.errors import NotFound
from models.planning.buffer.advice import DecisionWindow
from models.planning.buffer.tiers import TierName
from models.planning.buffer.warnings import WarningCode
from service.api.advice_shapes import (
    AdviceOut,
    IdempotencyKey,
    TaskOut,
    accept,
    advice_foundation,
    taken_together,
)
from service.api.buffer_shapes import BufferAdviceIn, ladder_of
from service.api.paging import link
from service.api.route import Route
from service.api.schemas import Identifier, PageQuery, Query, Shape
from service.api.shapes import (
    BufferOptionOut,
    BufferTierOut,
    CostsOut,
    PromisesOut,
    SufficiencyOut,
    WindowOut,
)
from service.buffer_words import warning_sentence
from service.deps import DeskDep, SettingsDep, WorkerDep
from service.plan_words import in_both
from service.storage.advices import AdviceKind
from service.usecases.advices import (
    BufferDocument,
    Given,
    latest_buffer_advice,
    list_buffer_advices,
    read_buffer_advice,
)
from service.usecases.overview import buffer_request
from service.usecases.work import ask as queue

router = APIRouter(route_class=Route, tags=["buffer advices"])


class WarningOut(Shape):
    """A consequence of what was asked that is easily missed."""

    code: WarningCode
    tier: TierName | None = None
    text: Annotated[dict[str, str], Field(description="In words, by language.")]


class BufferAdviceOut(AdviceOut):
    """How many places to hold over a window, and what the alternatives would do."""

    window: WindowOut
    occupancy_norm: Annotated[float, Field(description="Share of places that may be slept in.")]
    costs: CostsOut
    tiers: Annotated[
        tuple[BufferTierOut, ...], Field(description="Tiers that may be called up, in order.")
    ]
    promises: PromisesOut
    futures: Annotated[int, Field(description="Number of sample paths.")]
    median_need: Annotated[float, Field(description="Highest monthly median of need [persons].")]
    recommended: BufferOptionOut
    house_rule: BufferOptionOut
    service_levels: tuple[BufferOptionOut, ...]
    promised: Annotated[
        tuple[BufferOptionOut, ...],
        Field(description="What keeps the limits on missing places that were asked about."),
    ]
    curve: Annotated[
        tuple[SufficiencyOut, ...],
        Field(description="What every number of places would do if all of them were open."),
    ]
    warnings: tuple[WarningOut, ...]


class BufferAdviceListOut(Shape):
    """A page of buffer advices, the latest first."""

    total: int
    items: tuple[BufferAdviceOut, ...]


@router.post("/buffer-advices", operation_id="askBufferAdvice", status_code=202)
def ask_buffer_advice(
    *,
    response: Response,
    _: Annotated[Query, QueryParameters()],
    body: BufferAdviceIn,
    desk: DeskDep,
    settings: SettingsDep,
    worker: WorkerDep,
    key: IdempotencyKey = None,
) -> TaskOut:
    """Ask for a buffer advice; the task leads to it."""
    usual = buffer_request(desk, settings, forecast_id=body.forecast_id or None)
    with taken_together():
        costs = body.costs.parameters()
        request = replace(
            usual,
            costs=costs,
            tiers=ladder_of(body.tiers, usual=usual, costs=costs),
            promises=body.promises.promises(),
        )
        if "window" in body.model_fields_set:
            window = DecisionWindow(first=body.window.first, last=body.window.last)
            request = replace(request, window=window)
        if "occupancy_norm" in body.model_fields_set:
            request = replace(request, occupancy_norm=body.occupancy_norm)
    task = queue(desk, request, asked=body.words(), key=key, queue_limit=settings.queue_limit)
    worker.notify()
    return accept(task, response)


@router.get("/buffer-advices", operation_id="listBufferAdvices")
def list_advices(
    request: Request,
    response: Response,
    ask: Annotated[PageQuery, QueryParameters()],
    desk: DeskDep,
) -> BufferAdviceListOut:
    """Every buffer advice that was given, the latest first."""
    total = desk.advices.count(AdviceKind.BUFFER)
    link(request, response, ask, total=total)
    given = list_buffer_advices(desk, offset=ask.offset, limit=ask.page_size)
    return BufferAdviceListOut(total=total, items=tuple(_out(advice) for advice in given))


@router.get("/buffer-advices/latest", operation_id="readLatestBufferAdvice")
def read_latest(_: Annotated[Query, QueryParameters()], desk: DeskDep) -> BufferAdviceOut:
    """The buffer advice that was given last."""
    given = latest_buffer_advice(desk)
    if given is None:
        raise NotFound("buffer advice", "latest")
    return _out(given)


@router.get("/buffer-advices/{adviceId}", operation_id="readBufferAdvice")
def read_advice(
    advice_id: Annotated[Identifier, Path(alias="adviceId")],
    _: Annotated[Query, QueryParameters()],
    desk: DeskDep,
) -> BufferAdviceOut:
    """A buffer advice as it was given."""
    return _out(read_buffer_advice(desk, advice_id))


def _out(given: Given[BufferDocument]) -> BufferAdviceOut:
    advice = given.document.advice
    return BufferAdviceOut(
        **advice_foundation(given),
        window=advice.window,
        occupancy_norm=advice.occupancy_norm,
        costs=advice.costs,
        tiers=advice.tiers,
        promises=advice.promises,
        futures=advice.futures,
        median_need=advice.median_need,
        recommended=advice.recommended,
        house_rule=advice.house_rule,
        service_levels=advice.service_levels,
        promised=advice.promised,
        curve=advice.curve,
        warnings=tuple(
            WarningOut(
                code=warning.code,
                tier=warning.tier,
                text=in_both(partial(warning_sentence, warning=warning)),
            )
            for warning in advice.warnings
        ),
    )
