# SPDX-License-Identifier: EUPL-1.2
"""Giving advice: from an issued forecast and the register to a buffer and a location plan.

The content of an advice holds everything that it rests on and no moment of making: the same
forecast, register, parameters and seed give the same bytes, and so the same id, in every process.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from pydantic import ValidationError

from models.errors import Conflict, InvalidInput
from models.periods import Months
from models.planning.buffer.advice import DecisionWindow, advise_buffer
from models.planning.location_plan.choices import plan_with_choices
from models.planning.location_plan.plan import plan_capacity
from service.storage.advices import AdviceKind, KeptAdvice
from service.storage.desk import Desk
from service.usecases.documents import (
    BUFFERS,
    PLANS,
    BufferDocument,
    BufferRequest,
    Foundation,
    Given,
    PlanDocument,
    PlanRequest,
)
from service.usecases.forecasts import minors_in_need, total_need
from training.store.forecasts import ForecastEntry
from training.store.records import canonical_json

__all__ = [
    "BufferDocument",
    "BufferRequest",
    "Foundation",
    "Given",
    "PlanDocument",
    "PlanRequest",
    "default_window",
    "first_half_year",
    "foundation_of_entry",
    "latest_buffer_advice",
    "latest_capacity_plan",
    "list_buffer_advices",
    "list_capacity_plans",
    "make_buffer_advice",
    "make_capacity_plan",
    "read_buffer_advice",
    "read_capacity_plan",
]


Advance = Callable[[float], None]
"""Told which share of the work is done [-]."""

_READ, _COMPUTED = 0.1, 0.9

_OUTDATED = "This advice was filed by another version of Getij, in a form that is not read here."


def default_window(as_of: datetime, periods: Months) -> DecisionWindow:
    """The first two half-years that begin after the data were taken.

    That is when a decision of today can take effect. A forecast that does not reach so far
    is used to its last month.

    Args:
        as_of: The moment whose data the forecast used.
        periods: Months of the forecast, shape (months,).
    """
    start = first_half_year(as_of)
    first = min(max(start, periods[0]), periods[-1])
    last = min(first + np.timedelta64(11, "M"), periods[-1])
    return DecisionWindow(first=str(first), last=str(last))


def first_half_year(as_of: datetime) -> np.datetime64:
    """The first month of the first half-year that begins after a moment."""
    year, half = (as_of.year, 7) if as_of.month < 7 else (as_of.year + 1, 1)
    return np.datetime64(f"{year:04d}-{half:02d}", "M")


def make_buffer_advice(
    desk: Desk, request: BufferRequest, *, advance: Advance = lambda _: None
) -> str:
    """Compute a buffer advice and file it; the latest one is not computed again.

    Args:
        desk: Where forecast and register are, and where the advice goes.
        request: What is asked, with every choice made.
        advance: Told how far it is.

    Returns:
        Its id.

    Raises:
        NotFound: the forecast or the register does not exist.
        InvalidInput: the window lies outside the forecast.
    """
    given = latest_buffer_advice(desk)
    if given is not None and _answers(given, request):
        return given.advice_id
    entry = desk.store.forecasts.entry(request.forecast_id)
    desk.registers.get(request.register_id)
    need, periods = total_need(desk, request.forecast_id)
    advance(_READ)
    document = BufferDocument(
        request=request,
        foundation=foundation_of_entry(entry),
        advice=advise_buffer(
            need,
            periods=periods,
            window=request.window,
            costs=request.costs,
            occupancy_norm=request.occupancy_norm,
            tiers=request.tiers,
            promises=request.promises,
        ),
    )
    advance(_COMPUTED)
    content = canonical_json(BUFFERS.dump_python(document, mode="json"))
    return _keep(desk, content, kind=AdviceKind.BUFFER, request=request)


def make_capacity_plan(
    desk: Desk, request: PlanRequest, *, advance: Advance = lambda _: None
) -> str:
    """Compute a capacity plan and file it; the latest one is not computed again.

    Args:
        desk: Where forecast and register are, and where the advice goes.
        request: What is asked, with every choice made.
        advance: Told how far it is.

    Returns:
        Its id.

    Raises:
        NotFound: the forecast or the register does not exist.
        InvalidInput: the plan begins outside the forecast.
        Conflict: its demands exclude each other.
    """
    given = latest_capacity_plan(desk)
    if given is not None and _answers(given, request):
        return given.advice_id
    entry = desk.store.forecasts.entry(request.forecast_id)
    register = desk.registers.get(request.register_id)
    need, periods = total_need(desk, request.forecast_id)
    start = int((np.datetime64(request.first, "M") - periods[0]).astype(int))
    if not 0 <= start < len(periods):
        raise InvalidInput(f"A plan cannot begin in {request.first}, outside the forecast.")
    advance(_READ)
    minors = minors_in_need(desk, request.forecast_id)
    asked: dict[str, Any] = {
        # Parts that were rounded by themselves may exceed the whole by a hair.
        "minors": None if minors is None else np.minimum(minors, need)[:, start:],
        "periods": periods[start:],
        "settings": request.settings,
        "seed": request.seed,
    }
    foundation = foundation_of_entry(entry)
    if request.with_choices:
        between = _COMPUTED - _READ
        made = plan_with_choices(
            register.locations,
            need[:, start:],
            advance=lambda share: advance(_READ + between * share),
            **asked,
        )
        document = PlanDocument(
            request=request,
            foundation=foundation,
            plan=made.plan,
            demand_prices=made.demand_prices,
            alternatives=made.alternatives,
            evaluation=made.evaluation,
        )
    else:
        plan = plan_capacity(register.locations, need[:, start:], **asked)
        document = PlanDocument(request=request, foundation=foundation, plan=plan)
    advance(_COMPUTED)
    content = canonical_json(PLANS.dump_python(document, mode="json"))
    return _keep(desk, content, kind=AdviceKind.PLAN, request=request)


def read_buffer_advice(desk: Desk, advice_id: str) -> Given[BufferDocument]:
    """A buffer advice as it was given.

    Raises:
        NotFound: there is none under this id.
        Conflict: it was filed in a form that this version does not read.
    """
    given = _buffer(desk.advices.get(advice_id, kind=AdviceKind.BUFFER))
    if given is None:
        raise Conflict(_OUTDATED)
    return given


def read_capacity_plan(desk: Desk, advice_id: str) -> Given[PlanDocument]:
    """A capacity plan as it was given.

    Raises:
        NotFound: there is none under this id.
        Conflict: it was filed in a form that this version does not read.
    """
    given = _plan(desk.advices.get(advice_id, kind=AdviceKind.PLAN))
    if given is None:
        raise Conflict(_OUTDATED)
    return given


def latest_buffer_advice(desk: Desk) -> Given[BufferDocument] | None:
    """The buffer advice that was given last, if there is one that this version reads."""
    kept = desk.advices.latest(AdviceKind.BUFFER)
    return None if kept is None else _buffer(kept)


def latest_capacity_plan(desk: Desk) -> Given[PlanDocument] | None:
    """The capacity plan that was given last, if there is one that this version reads."""
    kept = desk.advices.latest(AdviceKind.PLAN)
    return None if kept is None else _plan(kept)


def list_buffer_advices(
    desk: Desk, *, offset: int, limit: int
) -> tuple[Given[BufferDocument], ...]:
    """Buffer advices, the latest first; those that this version does not read are left out."""
    found = desk.advices.page(AdviceKind.BUFFER, offset=offset, limit=limit)
    return tuple(given for given in map(_buffer, found) if given is not None)


def list_capacity_plans(desk: Desk, *, offset: int, limit: int) -> tuple[Given[PlanDocument], ...]:
    """Capacity plans, the latest first; those that this version does not read are left out."""
    found = desk.advices.page(AdviceKind.PLAN, offset=offset, limit=limit)
    return tuple(given for given in map(_plan, found) if given is not None)


@lru_cache(maxsize=8)
def _buffer(kept: KeptAdvice) -> Given[BufferDocument] | None:
    """A buffer advice from the archive; None where it has another form than ours."""
    try:
        document = BUFFERS.validate_json(kept.content)
    except ValidationError:
        return None
    return Given(advice_id=kept.advice_id, made_at=kept.made_at, document=document)


@lru_cache(maxsize=8)
def _plan(kept: KeptAdvice) -> Given[PlanDocument] | None:
    """A capacity plan from the archive; None where it has another form than ours."""
    try:
        document = PLANS.validate_json(kept.content)
    except ValidationError:
        return None
    return Given(advice_id=kept.advice_id, made_at=kept.made_at, document=document)


def foundation_of_entry(entry: ForecastEntry) -> Foundation:
    """What an answer that rests on a forecast rests on."""
    return Foundation(
        software=_software(),
        snapshot_sha256=entry.snapshot_sha256,
        artefact_id=entry.artefact_id,
        code_version=entry.code_version,
        seed=entry.seed,
        data_until=dict(entry.data_until),
        quality=entry.quality,
        coverage=entry.coverage,
    )


def _answers(
    given: Given[BufferDocument] | Given[PlanDocument], request: BufferRequest | PlanRequest
) -> bool:
    """Whether computing again would give no more: same request or a fuller one, same software."""
    document = given.document
    asked = {request}
    if isinstance(request, PlanRequest):
        asked.add(replace(request, with_choices=True))
    return document.request in asked and document.foundation.software == _software()


def _software() -> str:
    try:
        return version("getij")
    except PackageNotFoundError:
        # Run from a checkout that was never installed, as tests may.
        return "0"


def _keep(
    desk: Desk, content: str, *, kind: AdviceKind, request: BufferRequest | PlanRequest
) -> str:
    return desk.advices.keep(
        content,
        kind=kind,
        forecast_id=request.forecast_id,
        register_id=request.register_id,
        made_at=desk.now(),
    )
