# SPDX-License-Identifier: EUPL-1.2
"""`getij scenario`: a file of levers in, the difference and what each lever does of it out."""

import csv
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli.program import app
from service.settings import Settings
from tests.builders import NOW, manifest
from tests.service.chained import MONTHS, chained_forecast
from training.store import open_store
from training.store.migrate import migrate

LEVERS = """\
name = "More homes, fewer permits"

[[levers]]
kind = "homes_realised"
size = 300
impactMonth = "2026-07"
ramp = 5
owner = "the tests"
rationale = "to see what it does"

[[levers]]
kind = "grant_rate"
size = -10
impactMonth = "2026-10"
owner = "the tests"
rationale = "to see what it does"
"""


def scenario(*words: object, home: Path) -> Result:
    placed: dict[str, str | None] = {name: None for name in os.environ if name[:6] == "GETIJ_"}
    placed["GETIJ_DATA_DIR"] = str(home)
    return CliRunner().invoke(app, ["scenario", *map(str, words)], env=placed)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data folder with a forecast that was issued with a chain, and the id of the forecast."""
    home = tmp_path_factory.mktemp("home")
    database = Settings(data_dir=home).database
    migrate(database)
    with open_store(database, home, clock=lambda: NOW) as store:
        artefact_id = store.artefacts.write(manifest(), files={})
        return home, store.forecasts.issue(chained_forecast(artefact_id))


@pytest.fixture
def file(tmp_path: Path, issued: tuple[Path, str]) -> Path:
    path = tmp_path / "homes.toml"
    path.write_text(f'forecastId = "{issued[1]}"\n{LEVERS}', encoding="utf-8")
    return path


@pytest.fixture
def home(issued: tuple[Path, str]) -> Path:
    return issued[0]


class TestScenario:
    def test_prints_the_need_and_the_effect_of_every_lever(self, file: Path, home: Path):
        done = scenario(file, home=home)

        assert done.exit_code == 0, done.stderr
        header = next(line for line in done.stdout.splitlines() if line.startswith("month"))
        assert header.split()[-4:] == ["difference", "homes_realised", "grant_rate", "interaction"]
        before = next(line for line in done.stdout.splitlines() if line.startswith("2026-06"))
        assert before.split()[1] == before.split()[2]
        assert before.split()[3:] == ["+0.0"] * 4
        assert "highest need" in done.stdout
        assert "decisions" in done.stdout

    def test_prints_parts_that_add_up_as_printed(self, file: Path, home: Path):
        for line in scenario(file, home=home).stdout.splitlines():
            if line.startswith(("2026-", "2027-", "2028-")):
                whole, *parts = [float(word.replace(",", "")) for word in line.split()[3:]]
                assert round(sum(parts), 1) == whole

    def test_gives_the_same_scenario_for_toml_and_json(self, file: Path, home: Path):
        levers = [
            {
                "kind": kind,
                "size": size,
                "impactMonth": month,
                **ramp,
                "owner": "the tests",
                "rationale": "to see what it does",
            }
            for kind, size, month, ramp in (
                ("homes_realised", 300, "2026-07", {"ramp": 5}),
                ("grant_rate", -10, "2026-10", {}),
            )
        ]
        forecast_id = file.read_text(encoding="utf-8").split('"')[1]
        name = "More homes, fewer permits"
        other = file.with_suffix(".json")
        other.write_text(
            json.dumps({"forecastId": forecast_id, "name": name, "levers": levers}),
            encoding="utf-8",
        )

        first, again = scenario(file, home=home), scenario(other, home=home)
        assert first.stdout == again.stdout
        assert first.stdout.startswith("scenario ")

    def test_writes_every_month_at_every_level(self, file: Path, home: Path, tmp_path: Path):
        out = tmp_path / "out.csv"
        done = scenario(file, "--out", out, home=home)

        with out.open(encoding="utf-8") as table:
            rows = list(csv.DictReader(table))
        levels = [row for row in rows if row["quantity"] == "need_scenario"]
        assert len(levels) == 23 * MONTHS
        assert {row["scenario_id"] for row in rows} == {done.stdout.split()[1]}


class TestARefusal:
    def refused(self, text: str, *, home: Path, file: Path) -> list[str]:
        file.write_text(text, encoding="utf-8")
        done = scenario(file, home=home)
        assert done.exit_code == 2
        assert done.stdout == ""
        return done.stderr.splitlines()

    def test_names_every_lever_that_cannot_be_pulled(self, file: Path, home: Path):
        text = file.read_text(encoding="utf-8").replace("300", "0").replace("2026-10", "2031-01")

        assert self.refused(text, home=home, file=file) == [
            "error: homes.toml: column 'levers.0.size': must not be 0, which changes nothing.",
            (
                "error: homes.toml: column 'levers.1.impactMonth': "
                "must lie between 2026-01 and 2028-12."
            ),
        ]

    def test_names_every_field_that_is_missing_or_unknown(self, file: Path, home: Path):
        text = file.read_text(encoding="utf-8").replace("owner", "boss")
        told = self.refused(text, home=home, file=file)

        assert len(told) == 4
        assert told[0].startswith("error: homes.toml: column 'levers.0.owner'")
        assert told[1] == "error: homes.toml: column 'levers.0.boss': is not known here."

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('name = "a"\nlevers = ]', "homes.toml: line 2: is no TOML"),
            ("name = 1", "homes.toml: column 'name'"),
            ("", "homes.toml: column 'name'"),
        ],
    )
    def test_names_the_file_and_line(self, file: Path, home: Path, text: str, told: str):
        assert told in self.refused(text, home=home, file=file)[0]

    def test_of_bytes_that_are_no_text_or_no_json(self, tmp_path: Path, home: Path):
        other = tmp_path / "levers.json"
        other.write_bytes(b'{"name":\n"\xff"}')
        assert "levers.json: line 2: is not UTF-8" in scenario(other, home=home).stderr
        other.write_bytes(b'{"name":\n}')
        assert "levers.json: line 2: is no JSON" in scenario(other, home=home).stderr
        other.write_bytes(b"[" * 100_000)
        assert "levers.json: is nested too deep." in scenario(other, home=home).stderr
        other.write_bytes(b" " * 1_000_001)
        assert "levers.json: is larger than 1000000 bytes." in scenario(other, home=home).stderr
        assert "no such file" in scenario(tmp_path / "gone.toml", home=home).stderr
