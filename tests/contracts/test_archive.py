# SPDX-License-Identifier: EUPL-1.2
"""What the service keeps, held to the same rules on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from models.errors import Conflict, DamagedArtefact, InvalidInput, NotFound
from service.storage.advices import AdviceKind
from service.storage.desk import Desk
from service.storage.tables import registers
from service.storage.tasks import Task, TaskState
from tests.builders import NOW, location, register
from training.store import Store
from training.store.migrate import downgrade, migrate
from training.store.records import canonical_json, sha256_of


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.of(store)


def keep(desk: Desk, content: str, kind: AdviceKind = AdviceKind.BUFFER) -> str:
    return desk.advices.keep(
        content, kind=kind, forecast_id="f" * 24, register_id="e" * 24, made_at=NOW
    )


def ask(desk: Desk, asked: str = "{}", *, key: str | None = None) -> Task:
    return desk.tasks.ask(
        "buffer-advice", request=asked, asked=asked, key=key, queue_limit=8, now=NOW
    )


class TestAdvices:
    def test_are_filed_under_their_content_once(self, desk: Desk):
        first, again, other = keep(desk, "{}"), keep(desk, "{}"), keep(desk, "[]")

        assert first == again != other
        assert desk.advices.count(AdviceKind.BUFFER) == 2
        assert desk.advices.get(first, kind=AdviceKind.BUFFER).made_at == NOW

    def test_come_back_the_latest_first(self, desk: Desk):
        ids = [keep(desk, str(number)) for number in range(5)]
        keep(desk, "plan", AdviceKind.PLAN)

        found = desk.advices.page(AdviceKind.BUFFER, offset=1, limit=2)
        latest = desk.advices.latest(AdviceKind.BUFFER)
        assert [kept.advice_id for kept in found] == [ids[3], ids[2]]
        assert latest is not None
        assert latest.advice_id == ids[4]

    def test_of_one_kind_are_not_found_as_another(self, desk: Desk):
        advice_id = keep(desk, "{}")

        with pytest.raises(NotFound):
            desk.advices.get(advice_id, kind=AdviceKind.PLAN)

    @pytest.mark.parametrize("table", ["advices", "registers"])
    @pytest.mark.parametrize(
        "attack",
        ["UPDATE {} SET content = '[]'", "DELETE FROM {}", "UPDATE {} SET seq = 9 WHERE seq = 1"],
    )
    def test_cannot_be_changed(self, desk: Desk, table: str, attack: str):
        keep(desk, "{}")
        desk.registers.record(register(), source="a test", now=NOW)

        with pytest.raises(DBAPIError), desk.store.engine.begin() as connection:
            connection.execute(text(attack.format(table)))

    def test_that_were_changed_underneath_us_are_refused(self, desk: Desk):
        with desk.store.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO advices (advice_id, kind, forecast_id, register_id, content,"
                    " made_at) VALUES ('0123', 'buffer-advice', 'f', 'e', '{}', '2026-11-22')"
                )
            )

        with pytest.raises(DamagedArtefact):
            desk.advices.get("0123", kind=AdviceKind.BUFFER)


class TestScenarios:
    def keep(self, desk: Desk, content: str = "{}", *, figures: str = "[]") -> str:
        return desk.scenarios.keep(content, figures=figures, forecast_id="f" * 24, made_at=NOW)

    def test_are_filed_under_content_and_figures_once(self, desk: Desk):
        first, again = self.keep(desk), self.keep(desk)
        others = {self.keep(desk, "[]"), self.keep(desk, figures="[1]")}

        assert first == again
        assert len(others - {first}) == 2
        assert desk.scenarios.count() == 3
        assert desk.scenarios.get(first).made_at == NOW
        assert desk.scenarios.figures(first) == "[]"

    def test_come_back_the_latest_first(self, desk: Desk):
        ids = [self.keep(desk, str(number)) for number in range(4)]

        found = desk.scenarios.page(offset=1, limit=2)
        assert [kept.scenario_id for kept in found] == [ids[2], ids[1]]

    def test_that_are_not_there_are_not_found(self, desk: Desk):
        for read in (desk.scenarios.get, desk.scenarios.figures):
            with pytest.raises(NotFound):
                read("0" * 24)

    @pytest.mark.parametrize(
        "attack",
        [
            "UPDATE scenarios SET content = '[]'",
            "UPDATE scenarios SET figures = '{}'",
            "DELETE FROM scenarios",
        ],
    )
    def test_cannot_be_changed(self, desk: Desk, attack: str):
        self.keep(desk)

        with pytest.raises(DBAPIError), desk.store.engine.begin() as connection:
            connection.execute(text(attack))

    @pytest.mark.parametrize(("content", "figures"), [("[]", "[]"), ("{}", "[1]")])
    def test_that_were_changed_underneath_us_are_refused(
        self, desk: Desk, content: str, figures: str
    ):
        kept = self.keep(desk)
        with desk.store.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO scenarios (scenario_id, forecast_id, content, figures,"
                    " figures_sha256, made_at) SELECT '0123', forecast_id, :content, :figures,"
                    " figures_sha256, made_at FROM scenarios"
                ),
                {"content": content, "figures": figures},
            )

        assert desk.scenarios.figures(kept) == "[]"
        with pytest.raises(DamagedArtefact):
            desk.scenarios.figures("0123")


class TestRegisters:
    def test_hold_from_when_they_are_recorded(self, desk: Desk):
        later = NOW + timedelta(days=1)
        changed = (*register(), location("Hoogeveen"))
        first = desk.registers.record(register(), source="a test", now=NOW)
        second = desk.registers.record(changed, source="a test", now=later)

        assert desk.registers.latest().register_id == second
        assert len(desk.registers.get(first).locations) == 4
        desk.registers.record(register(), source="a test", now=later)
        assert desk.registers.latest().register_id == first
        assert desk.registers.count() == 3

    def test_recorded_again_change_nothing(self, desk: Desk):
        for _ in range(2):
            desk.registers.record(register(), source="a test", now=NOW)

        assert desk.registers.count() == 1

    def test_are_the_same_in_whatever_order_their_lines_come(self, desk: Desk):
        first = desk.registers.record(register(), source="a test", now=NOW)

        assert desk.registers.record(register()[::-1], source="b", now=NOW) == first

    def test_need_lines_and_each_of_them_once(self, desk: Desk):
        for lines in ((), (*register(), *register())):
            with pytest.raises(InvalidInput):
                desk.registers.record(lines, source="a test", now=NOW)

    def test_written_before_building_and_agreement_were_told_apart_can_still_be_read(
        self, desk: Desk
    ):
        line = {
            "location_id": "GM0106-regular",
            "name": "Assen",
            "municipality": "Assen",
            "municipality_code": "GM0106",
            "province": "Drenthe",
            "kind": "regular",
            "status": "open",
            "places": 500,
            "places_possible": 600,
            "source": "a test",
            "assumed": ["notice_months", "places_possible"],
            "owner": "the tests",
        }
        content = canonical_json([line])
        register_id = sha256_of(content)[:24]
        with desk.store.engine.begin() as connection:
            connection.execute(
                insert(registers).values(
                    register_id=register_id, source="before", content=content, recorded_at=NOW
                )
            )

        (kept,) = desk.registers.get(register_id).locations
        assert (kept.technical_places, kept.contractual_places) == (600, 600)
        assert kept.assumed == ("notice_months", "technical_places", "contractual_places")

    def test_are_missed_when_there_are_none(self, desk: Desk):
        with pytest.raises(NotFound):
            desk.registers.latest()


class TestTasks:
    def test_go_from_queued_to_running_to_ended(self, desk: Desk):
        asked = ask(desk)
        claimed = desk.tasks.claim(NOW)
        assert claimed is not None
        desk.tasks.advance(claimed.task_id, 0.5)
        half = desk.tasks.get(asked.task_id)
        desk.tasks.succeed(asked.task_id, result_id="0" * 24, now=NOW)
        ended = desk.tasks.get(asked.task_id)

        assert claimed.task_id == asked.task_id
        assert (half.state, half.progress) == (TaskState.RUNNING, 0.5)
        assert (ended.state, ended.progress, ended.result_id) == (
            TaskState.SUCCEEDED,
            1.0,
            "0" * 24,
        )
        assert desk.tasks.claim(NOW) is None

    def test_with_one_key_are_one_task(self, desk: Desk):
        first = ask(desk, key="k")

        assert ask(desk, key="k").task_id == first.task_id
        with pytest.raises(Conflict):
            ask(desk, "[]", key="k")
        assert ask(desk).task_id != first.task_id

    def test_are_counted_by_state(self, desk: Desk):
        for _ in range(3):
            ask(desk)
        desk.tasks.claim(NOW)

        assert desk.tasks.count() == {
            TaskState.QUEUED: 2,
            TaskState.RUNNING: 1,
            TaskState.SUCCEEDED: 0,
            TaskState.FAILED: 0,
        }


class TestTheMigration:
    def test_goes_down_and_up_again(self, desk: Desk, database_url: str):
        keep(desk, "{}")

        downgrade(database_url, revision="0001")
        migrate(database_url)
        assert desk.advices.count(AdviceKind.BUFFER) == 0
        keep(desk, "{}")
        with pytest.raises(DBAPIError), desk.store.engine.begin() as connection:
            connection.execute(text("DELETE FROM advices"))
