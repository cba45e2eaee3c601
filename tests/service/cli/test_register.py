# SPDX-License-Identifier: EUPL-1.2
"""`getij ingest locations`: a register in and what it changes out, or every fault and nothing."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli.house import DEFAULT_SOURCE, ready_register, ready_store
from service.cli.program import app
from service.settings import Settings
from service.storage.desk import Desk
from service.storage.register import default_register, format_register
from service.storage.registers import Register
from tests.builders import location, register


def ingest(*words: object, home: Path) -> Result:
    placed: dict[str, str | None] = {name: None for name in os.environ if name[:6] == "GETIJ_"}
    placed["GETIJ_DATA_DIR"] = str(home)
    return CliRunner().invoke(app, ["ingest", "locations", *map(str, words)], env=placed)


def held(home: Path) -> Register:
    with ready_store(Settings(data_dir=home)) as store:
        return Desk.of(store).registers.latest()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    path.write_text(format_register(register()), encoding="utf-8")
    return path


class TestIngestLocations:
    def test_takes_a_register_and_says_what_it_comes_to(self, file: Path, home: Path):
        answer = ingest(file, home=home)

        assert answer.exit_code == 0, answer.output
        register_id = held(home).register_id
        assert f"Register {register_id} holds from now on (none held).\n" in answer.stdout
        assert "Lines: 4 added, 0 changed, 0 gone, 0 as they were.\n" in answer.stdout
        rows = [line.split() for line in answer.stdout.splitlines()]
        assert ["regular", "places", "open", "0", "750", "+750"] in rows
        assert ["emergency", "places", "open", "0", "300", "+300"] in rows
        assert ["places", "that", "could", "be", "added", "0", "250", "+250"] in rows

    def test_says_line_by_line_what_changes(self, file: Path, home: Path):
        ingest(file, home=home)
        first, second, *rest = register()
        changed = location("Coevorden", places=380, agreement_end="2029-12")
        file.write_text(format_register([changed, *rest, location("Hoogeveen")]), encoding="utf-8")

        answer = ingest(file, "--source", "COA portfolio team", home=home)

        assert first.location_id == changed.location_id
        assert "Lines: 1 added, 1 changed, 1 gone, 2 as they were.\n" in answer.stdout
        assert "\nadded: Hoogeveen-regular\n" in answer.stdout
        assert (
            "\nchanged columns: places (1), technical_places (1), contractual_places (1), "
            "agreement_end (1)\nchanged: Coevorden-regular\n" in answer.stdout
        )
        assert f"\ngone: {second.location_id}\n" in answer.stdout
        assert held(home).source == "COA portfolio team"

    def test_changes_nothing_the_second_time(self, file: Path, home: Path):
        ingest(file, home=home)

        answer = ingest(file, home=home)

        assert answer.stdout == (
            f"Register {held(home).register_id} holds already; nothing changed.\n"
        )

    def test_names_every_fault_and_takes_nothing(self, file: Path, home: Path):
        ingest(file, home=home)
        before = held(home)
        lines = [replace(location(f"site-{number}"), municipality="Emmen") for number in range(30)]
        file.write_text(format_register(lines).replace("Drenthe", "Holland"), encoding="utf-8")

        answer = ingest(file, home=home)

        assert answer.exit_code == 2
        *faults, last = answer.stderr.splitlines()
        assert faults == [
            f"error: register.csv: line {line}, column 'province': "
            "is not one of the twelve provinces"
            for line in range(2, 32)
        ]
        assert last == "error: 30 faults; nothing was taken"
        assert held(home) == before

    def test_warns_of_a_price_that_makes_emergency_the_cheaper_choice(self, file: Path, home: Path):
        dear = replace(location("Coevorden"), place_eur=60_000.0)
        file.write_text(format_register([dear]), encoding="utf-8")

        answer = ingest(file, home=home)

        assert answer.exit_code == 0
        assert "warning: Coevorden-regular, place_eur:" in answer.stderr
        assert "prefers emergency reception" in " ".join(answer.stderr.split())

    def test_refuses_a_file_that_is_not_there(self, tmp_path: Path, home: Path):
        answer = ingest(tmp_path / "absent.csv", home=home)

        assert answer.exit_code == 2
        assert answer.stderr == ("error: absent.csv: cannot be opened: No such file or directory\n")
        assert not home.exists()


class TestReadyRegister:
    def test_replaces_the_default_of_an_earlier_version(
        self, empty_desk: Desk, capsys: pytest.CaptureFixture[str]
    ):
        now = empty_desk.now()
        empty_desk.registers.record(register(), source=DEFAULT_SOURCE, now=now)

        ready_register(empty_desk)

        assert empty_desk.registers.latest().locations == tuple(
            sorted(default_register(), key=lambda line: line.location_id)
        )
        assert "has changed" in capsys.readouterr().err

    def test_leaves_a_register_that_somebody_brought_in(self, empty_desk: Desk):
        empty_desk.registers.record(register(), source="COA", now=empty_desk.now())

        ready_register(empty_desk)

        assert empty_desk.registers.latest().source == "COA"
        assert empty_desk.registers.count() == 1

    def test_says_nothing_where_it_holds_already(
        self, empty_desk: Desk, capsys: pytest.CaptureFixture[str]
    ):
        ready_register(empty_desk)
        capsys.readouterr()

        ready_register(empty_desk)

        assert capsys.readouterr().err == ""
        assert empty_desk.registers.count() == 1
