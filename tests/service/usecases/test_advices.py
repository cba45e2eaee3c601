# SPDX-License-Identifier: EUPL-1.2
"""Advice: explainable years later, and the same bytes wherever it is computed."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from models.errors import NotFound
from models.periods import month_range
from service.cli.house import queue_choices
from service.settings import Settings
from service.storage.advices import AdviceKind
from service.storage.desk import Desk
from service.usecases.advices import (
    default_window,
    latest_buffer_advice,
    latest_capacity_plan,
    make_buffer_advice,
)
from service.usecases.overview import buffer_request, give_first_advice
from service.usecases.work import do
from tests.builders import NOW, opener

ROOT = Path(__file__).resolve().parents[3]

GIVE = """
import sys
from pathlib import Path
from service.settings import Settings
from service.storage.advices import AdviceKind
from service.storage.desk import Desk
from service.usecases.overview import give_first_advice
from tests.builders import opener

with opener(Path(sys.argv[1]), fresh=False)() as store:
    desk = Desk.of(store)
    for kind, advice_id in zip(AdviceKind, give_first_advice(desk, Settings())):
        print(advice_id, desk.advices.get(advice_id, kind=kind).content)
"""


def advice_of_another_process(folder: Path, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", GIVE, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout


class TestAdvice:
    def test_is_the_same_bytes_in_every_process(self, filled: Path, tmp_path: Path):
        here, there = (shutil.copytree(filled, tmp_path / name) for name in ("here", "there"))

        first = advice_of_another_process(here, PYTHONHASHSEED="1", TZ="Asia/Tokyo")
        second = advice_of_another_process(there, PYTHONHASHSEED="2", OMP_NUM_THREADS="2")

        assert first == second
        assert len(first.splitlines()) == 2

    def test_holds_no_moment_of_making(self, filled: Path, tmp_path: Path):
        later = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
        ids = set()
        for name, moment in (("a", NOW), ("b", later)):
            folder = shutil.copytree(filled, tmp_path / name)
            with opener(folder, fresh=False, clock=lambda moment=moment: moment)() as store:
                ids.add(give_first_advice(Desk.of(store), Settings()))

        assert len(ids) == 1

    def test_names_everything_that_it_rests_on(self, desk: Desk):
        buffer_id, _ = give_first_advice(desk, Settings())
        kept = desk.advices.get(buffer_id, kind=AdviceKind.BUFFER)
        content = json.loads(kept.content)

        assert kept.advice_id == hashlib.sha256(kept.content.encode()).hexdigest()[:24]
        assert content["request"]["register_id"] == desk.registers.latest().register_id
        assert content["foundation"]["seed"] == 7
        assert content["foundation"]["data_until"]["nl.occupancy.total"] == "2025-01-01"
        assert content["foundation"]["quality"] == {"state": "degraded", "reasons": ["data_old"]}

    def test_is_read_back_as_it_was_given(self, desk: Desk):
        ids = give_first_advice(desk, Settings())
        buffer, plan = latest_buffer_advice(desk), latest_capacity_plan(desk)

        assert buffer is not None
        assert plan is not None
        assert ids == (buffer.advice_id, plan.advice_id)
        assert buffer.document.advice.recommended.outcome.places > 0
        assert {line.location_id for line in plan.document.plan.lines} == {
            place.location_id for place in desk.registers.latest().locations
        }

    def test_is_not_computed_again_while_nothing_changed(self, desk: Desk):
        first = give_first_advice(desk, Settings())

        assert give_first_advice(desk, Settings()) == first
        assert desk.advices.count(AdviceKind.BUFFER) == 1

    def test_answers_with_the_plan_first_and_with_what_else_may_be_chosen_later(self, desk: Desk):
        settings = Settings()
        give_first_advice(desk, settings, with_choices=False)
        early = latest_capacity_plan(desk)
        queue_choices(desk, settings)
        task = desk.tasks.claim(desk.now())
        assert task is not None
        do(desk, task)
        later = latest_capacity_plan(desk)
        queue_choices(desk, settings)

        assert early is not None
        assert later is not None
        assert early.document.alternatives is None
        assert later.document.alternatives is not None
        assert early.document.plan.states == later.document.plan.states
        assert give_first_advice(desk, settings, with_choices=False)[1] == later.advice_id
        assert desk.tasks.claim(desk.now()) is None

    def test_needs_a_forecast(self, empty_desk: Desk):
        with pytest.raises(NotFound, match="forecast"):
            buffer_request(empty_desk, Settings())

    def test_follows_the_settings_where_nobody_chooses(self, desk: Desk):
        request = buffer_request(desk, Settings(occupancy_norm=0.8))

        make_buffer_advice(desk, request)
        given = latest_buffer_advice(desk)
        assert given is not None
        assert given.document.advice.occupancy_norm == 0.8


class TestTheWindow:
    months = month_range(np.datetime64("2026-01", "M"), 48)

    @pytest.mark.parametrize(
        ("as_of", "first", "last"),
        [
            ("2026-11-22", "2027-01", "2027-12"),
            ("2026-12-31", "2027-01", "2027-12"),
            ("2027-01-01", "2027-07", "2028-06"),
            ("2026-06-30", "2026-07", "2027-06"),
            ("2025-03-01", "2026-01", "2026-12"),
            ("2029-05-01", "2029-07", "2029-12"),
            ("2031-01-01", "2029-12", "2029-12"),
        ],
    )
    def test_is_the_first_year_that_a_decision_can_still_change(
        self, as_of: str, first: str, last: str
    ):
        window = default_window(datetime.fromisoformat(as_of).replace(tzinfo=UTC), self.months)

        assert (window.first, window.last) == (first, last)


class TestAnAdviceOfAnotherForm:
    """What an earlier version filed is still there, but is not mistaken for ours."""

    @pytest.fixture
    def old_ids(self, desk: Desk) -> dict[AdviceKind, str]:
        """One advice of each kind: ours but for its number of form, and one unlike any of ours."""
        buffer_id, _ = give_first_advice(desk, Settings())
        ours = json.loads(desk.advices.get(buffer_id, kind=AdviceKind.BUFFER).content)
        contents = {AdviceKind.BUFFER: ours | {"format": 0}, AdviceKind.PLAN: {"places": 3}}
        return {
            kind: desk.advices.keep(
                json.dumps(content), kind=kind, forecast_id="f", register_id="r", made_at=NOW
            )
            for kind, content in contents.items()
        }

    def test_is_not_the_latest(self, desk: Desk, old_ids: dict[AdviceKind, str]):
        assert old_ids
        assert latest_buffer_advice(desk) is None
        assert latest_capacity_plan(desk) is None

    def test_is_replaced_when_advice_is_asked_again(
        self, desk: Desk, old_ids: dict[AdviceKind, str]
    ):
        request = replace(buffer_request(desk, Settings()), occupancy_norm=0.8)
        again = make_buffer_advice(desk, request)
        latest = latest_buffer_advice(desk)

        assert latest is not None
        assert latest.advice_id == again != old_ids[AdviceKind.BUFFER]

    @pytest.mark.parametrize("kind", AdviceKind)
    def test_is_a_clear_conflict_under_its_own_address(
        self, client: TestClient, desk: Desk, old_ids: dict[AdviceKind, str], kind: AdviceKind
    ):
        assert desk
        answers = [
            client.get(f"/v1/{kind.value}s{rest}").status_code
            for rest in (f"/{old_ids[kind]}", "/latest", "")
        ]

        assert answers == [409, 404, 200]
