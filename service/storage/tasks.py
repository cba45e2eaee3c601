# SPDX-License-Identifier: EUPL-1.2
"""Tasks: work that takes longer than a request, with its state in the database."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine, Row, func, insert, select, update

from models.errors import Conflict, Demanded, NotFound
from service.errors import Busy
from service.storage.tables import tasks
from training.store.engine import reading, writing
from training.store.records import canonical_json

__all__ = ["Task", "TaskState", "Tasks"]

_CONFLICT = TypeAdapter(tuple[Demanded, ...])


class TaskState(StrEnum):
    """Where a task stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Work that was asked for.

    Attributes:
        task_id: Its address.
        kind: What is to be made.
        request: What was asked with every choice made, canonical JSON.
        state: Queued, running, succeeded or failed.
        progress: Share that is done [-].
        reason: Why it failed.
        result_id: What it made.
        created_at: When it was asked for; the three moments are aware UTC.
        started_at: When work began.
        ended_at: When it ended.
        conflict: The demands that excluded each other, where it failed for that.
    """

    task_id: str
    kind: str
    request: str
    state: TaskState
    progress: float
    reason: str | None
    result_id: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    conflict: tuple[Demanded, ...] = ()


class Tasks:
    """All tasks; the queue is the database, so that a restart loses none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(
        self,
        kind: str,
        *,
        request: str,
        asked: str,
        key: str | None,
        queue_limit: int,
        now: datetime,
    ) -> Task:
        """Queue a task; the same key and words give the task that was queued before.

        Args:
            kind: What is to be made.
            request: What is asked with every choice made, canonical JSON.
            asked: What the client said, canonical JSON.
            key: Idempotency key of the client.
            queue_limit: Tasks that may wait.
            now: The moment, aware UTC.

        Raises:
            Conflict: the key was used before for another request.
            Busy: as many tasks wait as may.
        """
        with writing(self._engine) as connection:
            if key is not None:
                known = select(tasks).where(tasks.c.idempotency_key == key)
                row = connection.execute(known).first()
                if row is not None and (row.kind, row.asked) != (kind, asked):
                    raise Conflict("This idempotency key was used before for another request.")
                if row is not None:
                    return _task(row)
            waiting = select(func.count()).where(tasks.c.state == TaskState.QUEUED.value)
            if connection.execute(waiting).scalar_one() >= queue_limit:
                raise Busy("Too many computations are waiting.", retry_after=10)
            task_id = secrets.token_hex(12)
            connection.execute(
                insert(tasks).values(
                    task_id=task_id,
                    kind=kind,
                    request=request,
                    asked=asked,
                    idempotency_key=key,
                    state=TaskState.QUEUED.value,
                    progress=0.0,
                    created_at=now,
                )
            )
            queued = select(tasks).where(tasks.c.task_id == task_id)
            return _task(connection.execute(queued).one())

    def claim(self, now: datetime) -> Task | None:
        """Take the task that waits longest, if one waits; no other worker gets it."""
        with writing(self._engine) as connection:
            waiting = select(tasks.c.task_id).where(tasks.c.state == TaskState.QUEUED.value)
            task_id = connection.execute(waiting.order_by(tasks.c.seq).limit(1)).scalar()
            if task_id is None:
                return None
            self._change(connection, task_id, state=TaskState.RUNNING, started_at=now)
            claimed = select(tasks).where(tasks.c.task_id == task_id)
            return _task(connection.execute(claimed).one())

    def advance(self, task_id: str, progress: float) -> None:
        """Note how much is done [-]."""
        with writing(self._engine) as connection:
            self._change(connection, task_id, progress=progress)

    def succeed(self, task_id: str, *, result_id: str, now: datetime) -> None:
        """Note what came of it."""
        with writing(self._engine) as connection:
            self._change(
                connection,
                task_id,
                state=TaskState.SUCCEEDED,
                progress=1.0,
                result_id=result_id,
                ended_at=now,
            )

    def fail(
        self, task_id: str, *, reason: str, now: datetime, conflict: Sequence[Demanded] = ()
    ) -> None:
        """Note why nothing came of it, and which demands excluded each other if that is why."""
        told = _CONFLICT.dump_python(tuple(conflict), mode="json")
        with writing(self._engine) as connection:
            self._change(
                connection,
                task_id,
                state=TaskState.FAILED,
                reason=reason,
                ended_at=now,
                conflict=canonical_json(told) if conflict else None,
            )

    def fail_interrupted(self, *, reason: str, now: datetime) -> int:
        """Fail every task that runs; called at start, when nothing can be running."""
        interrupted = (
            update(tasks)
            .where(tasks.c.state == TaskState.RUNNING.value)
            .values(state=TaskState.FAILED.value, reason=reason, ended_at=now)
        )
        with writing(self._engine) as connection:
            return int(connection.execute(interrupted).rowcount)

    def get(self, task_id: str) -> Task:
        """One task.

        Raises:
            NotFound: there is none under this id.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(tasks).where(tasks.c.task_id == task_id)).first()
        if row is None:
            raise NotFound("task", task_id)
        return _task(row)

    def page(self, *, offset: int, limit: int) -> tuple[Task, ...]:
        """Tasks, the latest first."""
        part = select(tasks).order_by(tasks.c.seq.desc()).offset(offset).limit(limit)
        with reading(self._engine) as connection:
            return tuple(_task(row) for row in connection.execute(part))

    def count(self) -> Mapping[TaskState, int]:
        """How many tasks there are in every state."""
        counted = select(tasks.c.state, func.count()).group_by(tasks.c.state)
        with reading(self._engine) as connection:
            found: dict[str, int] = {row[0]: row[1] for row in connection.execute(counted)}
        return {state: int(found.get(state.value, 0)) for state in TaskState}

    @staticmethod
    def _change(connection: Any, task_id: str, **values: Any) -> None:
        connection.execute(update(tasks).where(tasks.c.task_id == task_id).values(**values))


def _task(row: Row[Any]) -> Task:
    return Task(
        task_id=row.task_id,
        kind=row.kind,
        request=row.request,
        state=TaskState(row.state),
        progress=row.progress,
        reason=row.reason,
        result_id=row.result_id,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        conflict=() if row.conflict is None else _CONFLICT.validate_json(row.conflict),
    )
