# SPDX-License-Identifier: EUPL-1.2
"""Computing what was asked for: a queue in the database and one worker that empties it."""

import threading
from collections.abc import Callable
from enum import StrEnum
from functools import partial

import structlog
from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError

from models.errors import ConflictingDemands, GetijError, InvalidInput
from service.storage.desk import Desk, FrontDesk
from service.storage.tasks import Task
from service.usecases.advices import (
    BufferRequest,
    PlanRequest,
    make_buffer_advice,
    make_capacity_plan,
)
from service.usecases.scenarios import REQUESTS, ScenarioRequest, make_scenario
from training.store.records import canonical_json

__all__ = ["TaskKind", "Worker", "ask", "do"]


class TaskKind(StrEnum):
    """What can be asked for."""

    BUFFER = "buffer-advice"
    PLAN = "capacity-plan"
    SCENARIO = "scenario"


Request = BufferRequest | PlanRequest | ScenarioRequest

_BUFFERS = TypeAdapter(BufferRequest)
_PLANS = TypeAdapter(PlanRequest)

_INTERRUPTED = "The service was stopped while this was being computed; please ask again."
_UNFORESEEN = "Something went wrong on our side; please ask again."

POLL_SECONDS = 5.0
"""How long a task may lie unseen when another process has queued it [s]."""


def ask(desk: Desk, request: Request, *, asked: str, key: str | None, queue_limit: int) -> Task:
    """Queue a request.

    Args:
        desk: Where the queue is.
        request: What is asked for, with every choice made.
        asked: The same in the words of the client.
        key: Idempotency key; the same key and words give the same task.
        queue_limit: Tasks that may wait.

    Raises:
        Conflict: the key was used for another request.
        Busy: as many tasks wait as may.
    """
    if isinstance(request, BufferRequest):
        kind, content = TaskKind.BUFFER, _BUFFERS.dump_python(request, mode="json")
    elif isinstance(request, PlanRequest):
        kind, content = TaskKind.PLAN, _PLANS.dump_python(request, mode="json")
    else:
        kind, content = TaskKind.SCENARIO, REQUESTS.dump_python(request, mode="json")
    return desk.tasks.ask(
        kind.value,
        request=canonical_json(content),
        asked=asked,
        key=key,
        queue_limit=queue_limit,
        now=desk.now(),
    )


def do(desk: Desk, task: Task) -> str:
    """Compute what a task asks for, and return the id of the result."""
    advance = partial(desk.tasks.advance, task.task_id)
    if task.kind == TaskKind.BUFFER:
        return make_buffer_advice(desk, _BUFFERS.validate_json(task.request), advance=advance)
    if task.kind == TaskKind.PLAN:
        return make_capacity_plan(desk, _PLANS.validate_json(task.request), advance=advance)
    if task.kind == TaskKind.SCENARIO:
        return make_scenario(desk, REQUESTS.validate_json(task.request), advance=advance)
    raise InvalidInput(f"A task cannot make a {task.kind}.")


class Worker:
    """One thread that takes the longest waiting task, again and again.

    What waits survives a restart; what was being computed is marked as failed, so that nobody
    waits for it.
    """

    def __init__(self, front: FrontDesk, *, compute: Callable[[Desk, Task], str] = do) -> None:
        self._front = front
        self._compute = compute
        self._log = structlog.get_logger("getij.work")
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="getij-worker", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def notify(self) -> None:
        """Say that a task was queued."""
        self._wake.set()

    def stop(self, *, patience: float = 5.0) -> None:
        """Take no further task, and wait a while for the one at hand [s]."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=patience)

    def _run(self) -> None:
        swept = False
        while not self._stop.is_set():
            self._wake.clear()
            try:
                desk = self._front.desk()
                if not swept:
                    desk.tasks.fail_interrupted(reason=_INTERRUPTED, now=desk.now())
                    swept = True
                if self._work(desk):
                    continue
            except (GetijError, SQLAlchemyError) as error:
                # The database is away; whoever asks for a task learns so, and it may come back.
                self._log.warning("queue cannot be read", error=type(error).__name__)
            self._wake.wait(POLL_SECONDS)

    def _work(self, desk: Desk) -> bool:
        """Do one task; whether there was one."""
        task = desk.tasks.claim(desk.now())
        if task is None:
            return False
        try:
            result_id = self._compute(desk, task)
        except GetijError as error:
            conflict = error.demands if isinstance(error, ConflictingDemands) else ()
            desk.tasks.fail(task.task_id, reason=str(error), now=desk.now(), conflict=conflict)
        except Exception:  # noqa: BLE001 - one task must not end the worker
            self._log.exception("task failed", task_id=task.task_id, kind=task.kind)
            desk.tasks.fail(task.task_id, reason=_UNFORESEEN, now=desk.now())
        else:
            desk.tasks.succeed(task.task_id, result_id=result_id, now=desk.now())
        return True
