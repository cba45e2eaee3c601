# SPDX-License-Identifier: EUPL-1.2
"""`getij dossier` on a store in which a forecast was issued before."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli.program import app
from service.settings import Settings
from tests.builders import manifest
from tests.service.web.conftest import issue
from training.sources.reference import load_reference
from training.store import open_store
from training.store.gate_records import GateOutcome
from training.store.migrate import migrate
from training.train import CHAMPION


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with figures, a published model and a forecast of it."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    migrate(settings.database)
    with open_store(settings.database, settings.data_dir) as store:
        reference = load_reference()
        store.take_in(
            "reference",
            sha256="0",
            definitions=reference.definitions,
            observations=reference.observations,
        )
        artefact_id = store.artefacts.write(manifest(), files={})
        store.models.admit(artefact_id, kind=CHAMPION, champion_id=None, outcome=GateOutcome.FIRST)
        now = store.clock()
        forecast = issue(store.observations.as_known_at(now))
        store.forecasts.issue(replace(forecast, artefact_id=artefact_id, issued_at=now, as_of=now))
    return settings.data_dir


class TestDossier:
    def test_prepares_what_it_needs_and_writes_the_same_file_twice(
        self, prepared: Path, tmp_path: Path
    ):
        first, second = tmp_path / "first.html", tmp_path / "second.html"
        environment = {"GETIJ_DATA_DIR": str(prepared)}

        for out in (first, second):
            ran = CliRunner().invoke(app, ["dossier", "--out", str(out)], env=environment)
            assert ran.exit_code == 0, ran.output

        assert first.read_bytes() == second.read_bytes()
        assert '<html lang="nl">' in first.read_text(encoding="utf-8")
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    def test_refuses_a_language_it_does_not_speak(self, tmp_path: Path):
        out = tmp_path / "dossier.html"

        ran = CliRunner().invoke(app, ["dossier", "--out", str(out), "--lang", "fr"])

        assert ran.exit_code == 2
        assert "nl or en" in ran.stderr
        assert not out.exists()

    def test_says_so_when_the_folder_is_missing(self, prepared: Path, tmp_path: Path):
        out = tmp_path / "nowhere" / "dossier.html"

        ran = CliRunner().invoke(
            app, ["dossier", "--out", str(out)], env={"GETIJ_DATA_DIR": str(prepared)}
        )

        assert ran.exit_code == 2
        assert "nowhere" in ran.stderr
