# SPDX-License-Identifier: EUPL-1.2
"""/v1/tasks: work that was asked for, and where it stands."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi import Query as QueryParameters
from starlette.requests import Request
from starlette.responses import Response

from service.api.advice_shapes import RETRY_AFTER, TaskOut, task_out
from service.api.paging import link
from service.api.route import Route
from service.api.schemas import Identifier, PageQuery, Query, Shape
from service.deps import DeskDep
from service.storage.tasks import TaskState

router = APIRouter(route_class=Route, tags=["tasks"])


class TaskListOut(Shape):
    """A page of tasks, the latest first."""

    total: int
    items: tuple[TaskOut, ...]


@router.get("/tasks", operation_id="listTasks")
def list_tasks(
    request: Request,
    response: Response,
    ask: Annotated[PageQuery, QueryParameters()],
    desk: DeskDep,
) -> TaskListOut:
    """Every task, the latest first."""
    total = sum(desk.tasks.count().values())
    link(request, response, ask, total=total)
    response.headers["Cache-Control"] = "no-store"
    found = desk.tasks.page(offset=ask.offset, limit=ask.page_size)
    return TaskListOut(total=total, items=tuple(task_out(task) for task in found))


@router.get("/tasks/{taskId}", operation_id="readTask")
def read_task(
    response: Response,
    task_id: Annotated[Identifier, Path(alias="taskId")],
    _: Annotated[Query, QueryParameters()],
    desk: DeskDep,
) -> TaskOut:
    """One task; `result` says where to read what came of it."""
    task = desk.tasks.get(task_id)
    response.headers["Cache-Control"] = "no-store"
    if task.state in {TaskState.QUEUED, TaskState.RUNNING}:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return task_out(task)
