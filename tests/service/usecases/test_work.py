# SPDX-License-Identifier: EUPL-1.2
"""The queue and its worker: nothing is lost, nothing waits for ever."""

import threading
import time
from pathlib import Path

import pytest

from models.errors import InvalidInput
from service.errors import Busy
from service.storage.desk import Desk, FrontDesk
from service.storage.tasks import Task, TaskState
from service.usecases.work import Worker
from tests.builders import NOW, opener


def queue(desk: Desk, *, limit: int = 8) -> Task:
    return desk.tasks.ask(
        "buffer-advice", request="{}", asked="{}", key=None, queue_limit=limit, now=NOW
    )


def wait_until_ended(desk: Desk, task: Task) -> Task:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = desk.tasks.get(task.task_id)
        if found.ended_at is not None:
            return found
        time.sleep(0.01)
    raise TimeoutError


class TestTheWorker:
    def test_does_what_waits_in_its_order(self, desk: Desk, folder: Path):
        done: list[str] = []

        def compute(_: Desk, task: Task) -> str:
            done.append(task.task_id)
            return "0" * 24

        asked = [queue(desk) for _ in range(3)]
        worker = Worker(FrontDesk(opener(folder, fresh=False)), compute=compute)
        worker.start()
        ended = [wait_until_ended(desk, task) for task in asked]
        worker.stop()

        assert done == [task.task_id for task in asked]
        assert {task.state for task in ended} == {TaskState.SUCCEEDED}

    def test_survives_a_task_that_breaks_and_says_no_more_than_it_should(
        self, desk: Desk, folder: Path
    ):
        def compute(_: Desk, task: Task) -> str:
            if task.task_id == broken.task_id:
                raise RuntimeError("hunter2")
            if task.task_id == refused.task_id:
                raise InvalidInput("The window is upside down.")
            return "0" * 24

        broken, refused, good = (queue(desk) for _ in range(3))
        worker = Worker(FrontDesk(opener(folder, fresh=False)), compute=compute)
        worker.start()
        ends = [wait_until_ended(desk, task) for task in (broken, refused, good)]
        worker.stop()

        assert [task.state for task in ends] == ["failed", "failed", "succeeded"]
        assert "hunter2" not in str(ends[0].reason)
        assert ends[1].reason == "The window is upside down."

    def test_tells_whoever_waits_that_a_restart_cut_the_work_short(self, desk: Desk, folder: Path):
        cut, waiting = queue(desk), queue(desk)
        desk.tasks.claim(NOW)  # as a process that then died

        worker = Worker(FrontDesk(opener(folder, fresh=False)), compute=lambda *_: "0" * 24)
        worker.start()
        ended = wait_until_ended(desk, cut)
        survivor = wait_until_ended(desk, waiting)
        worker.stop()

        assert ended.state is TaskState.FAILED
        assert "stopped" in str(ended.reason)
        assert survivor.state is TaskState.SUCCEEDED

    def test_takes_no_new_task_once_it_is_told_to_stop(self, desk: Desk, folder: Path):
        release, begun = threading.Event(), threading.Event()

        def compute(_: Desk, __: Task) -> str:
            begun.set()
            release.wait(10)
            return "0" * 24

        first, second = queue(desk), queue(desk)
        worker = Worker(FrontDesk(opener(folder, fresh=False)), compute=compute)
        worker.start()
        assert begun.wait(10)
        threading.Timer(0.1, release.set).start()
        worker.stop()

        assert desk.tasks.get(first.task_id).state is TaskState.SUCCEEDED
        assert desk.tasks.get(second.task_id).state is TaskState.QUEUED


class TestTheQueue:
    def test_takes_no_more_than_it_may_hold(self, desk: Desk):
        for _ in range(2):
            queue(desk, limit=2)

        with pytest.raises(Busy) as caught:
            queue(desk, limit=2)
        assert caught.value.retry_after > 0

    def test_gives_every_task_to_one_worker_only(self, desk: Desk):
        asked = {queue(desk, limit=40).task_id for _ in range(20)}
        taken: list[str] = []

        def take() -> None:
            while (task := desk.tasks.claim(NOW)) is not None:
                taken.append(task.task_id)

        threads = [threading.Thread(target=take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(taken) == sorted(asked)
