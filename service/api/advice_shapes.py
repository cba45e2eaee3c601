# SPDX-License-Identifier: EUPL-1.2
"""What answers that are computed have in common at the edge: foundations, asking, tasks."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import Header
from pydantic import Field
from starlette.responses import Response

from models.errors import Conflict, ConflictingDemands, InvalidInput
from models.planning.costs import CostParameters
from service.api.problems import PROBLEMS
from service.api.schemas import Body, DataUntil, Shape
from service.api.shapes import CoverageOut, QualityOut
from service.plan_words import conflict_sentence, in_both
from service.storage.tasks import Task, TaskState
from service.usecases.advices import BufferDocument, Foundation, Given, PlanDocument
from service.usecases.work import TaskKind

__all__ = [
    "AdviceOut",
    "CostsIn",
    "FoundationOut",
    "IdempotencyKey",
    "MessageOut",
    "TaskOut",
    "accept",
    "advice_foundation",
    "foundation_of",
    "taken_together",
    "task_out",
]

RETRY_AFTER = 2
"""How long a client had better wait before it looks at a task again [s]."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=re.compile(r"^[!-~]+$").pattern,
        description="The same key and body give the same task; another body is refused.",
    ),
]

_COSTS = CostParameters()


def _euros(default: float) -> Any:
    return Field(default=default, ge=0, le=1e6, description="[EUR]")


class CostsIn(Body):
    """Costs that differ from the published ones, per place or person and year.

    The answer says what each of them means. Emergency reception must stay dearer than regular
    reception, and a place with somebody in it dearer than an empty one.
    """

    missing_premium: float = _euros(_COSTS.missing_premium)
    empty_place: float = _euros(_COSTS.empty_place)
    regular_person: float = _euros(_COSTS.regular_person)
    emergency_person: float = _euros(_COSTS.emergency_person)
    last_resort_person: float = _euros(_COSTS.last_resort_person)
    regular_standby: float = _euros(_COSTS.regular_standby)
    emergency_housing: float = _euros(_COSTS.emergency_housing)
    lending_income: float = _euros(_COSTS.lending_income)
    open_place: float = _euros(_COSTS.open_place)
    close_place: float = _euros(_COSTS.close_place)

    def parameters(self) -> CostParameters:
        """The costs as the models take them.

        Raises:
            InvalidInput: together they make no sense.
        """
        return CostParameters(**self.model_dump())


@contextmanager
def taken_together() -> Iterator[None]:
    """Choices that are each possible but not together are a conflict, not a fault of one field.

    Raises:
        Conflict: for instance an emergency place that is cheaper than a regular one.
    """
    try:
        yield
    except InvalidInput as error:
        raise Conflict(str(error)) from None


class FoundationOut(Shape):
    """What an answer says about itself: everything of the forecast that it rests on."""

    made_at: Annotated[datetime, Field(description="When it was made first.")]
    forecast_id: str
    model_id: str
    snapshot_sha256: Annotated[str, Field(description="Hash of the data of the forecast.")]
    code_version: Annotated[str, Field(description="Version that made the forecast.")]
    software_version: Annotated[str, Field(description="Version that made the answer.")]
    seed: int
    data_until: DataUntil
    quality: QualityOut
    coverage: tuple[CoverageOut, ...]


class AdviceOut(FoundationOut):
    """What every advice says about itself: its address and everything it rests on."""

    advice_id: Annotated[str, Field(description="Hash of the content: never changes.")]
    register_id: Annotated[str, Field(description="Version of the location register.")]


def advice_foundation(given: Given[BufferDocument] | Given[PlanDocument]) -> dict[str, Any]:
    """The fields of `AdviceOut`."""
    request, foundation = given.document.request, given.document.foundation
    return {
        "advice_id": given.advice_id,
        "made_at": given.made_at,
        "register_id": request.register_id,
        **foundation_of(foundation, forecast_id=request.forecast_id),
    }


def foundation_of(foundation: Foundation, *, forecast_id: str) -> dict[str, Any]:
    """The fields of `FoundationOut`, but for the moment."""
    return {
        "forecast_id": forecast_id,
        "model_id": foundation.artefact_id,
        "snapshot_sha256": foundation.snapshot_sha256,
        "code_version": foundation.code_version,
        "software_version": foundation.software,
        "seed": foundation.seed,
        "data_until": dict(sorted(foundation.data_until.items())),
        "quality": foundation.quality,
        "coverage": foundation.coverage,
    }


class MessageOut(Shape):
    """The same in both languages."""

    nl: str
    en: str


class ConflictingDemandOut(Shape):
    """One demand of the fewest that exclude each other."""

    demand: Annotated[str, Field(description="Setting of the request, or term of the register.")]
    asked: Annotated[float | None, Field(description="What was asked.")] = None
    possible: Annotated[
        float | None, Field(description="What can be met beside the others as they are.")
    ] = None
    message: MessageOut


class TaskProblemOut(Shape):
    """Why a task failed, as a problem document (RFC 9457)."""

    status: int
    title: str
    detail: str
    message: MessageOut
    demands: tuple[ConflictingDemandOut, ...]


class TaskOut(Shape):
    """Work that was asked for, and where it stands."""

    task_id: str
    kind: TaskKind
    state: TaskState
    progress: Annotated[float, Field(description="Share that is done [-].")]
    reason: Annotated[str | None, Field(description="Why it failed.")] = None
    problem: Annotated[
        TaskProblemOut | None,
        Field(description="Which demands exclude each other, where it failed for that."),
    ] = None
    result: Annotated[str | None, Field(description="Where the result is.")] = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None


_RESULTS = {
    TaskKind.BUFFER: "/v1/buffer-advices/{}",
    TaskKind.PLAN: "/v1/capacity-plans/{}",
    TaskKind.SCENARIO: "/v1/scenarios/{}",
}


def task_out(task: Task) -> TaskOut:
    """The shape of a task."""
    kind = TaskKind(task.kind)
    return TaskOut(
        task_id=task.task_id,
        kind=kind,
        state=task.state,
        progress=task.progress,
        reason=task.reason,
        problem=_problem_of(task),
        result=None if task.result_id is None else _RESULTS[kind].format(task.result_id),
        created_at=task.created_at,
        started_at=task.started_at,
        ended_at=task.ended_at,
    )


def _problem_of(task: Task) -> TaskProblemOut | None:
    if not task.conflict:
        return None
    status, title = PROBLEMS[ConflictingDemands]
    return TaskProblemOut(
        status=status,
        title=title,
        detail=str(ConflictingDemands(task.conflict)),
        message=MessageOut(**in_both(lambda wording: wording.say("conflict.opening"))),
        demands=tuple(
            ConflictingDemandOut(
                demand=one.name,
                asked=one.asked,
                possible=one.possible,
                message=MessageOut(**in_both(partial(conflict_sentence, demanded=one))),
            )
            for one in task.conflict
        ),
    )


def accept(task: Task, response: Response) -> TaskOut:
    """Say that a task was taken, where to look, and when."""
    response.headers["Location"] = f"/v1/tasks/{task.task_id}"
    response.headers["Retry-After"] = str(RETRY_AFTER)
    response.headers["Cache-Control"] = "no-store"
    return task_out(task)
