# SPDX-License-Identifier: EUPL-1.2
"""`getij train` at the champion gate: what it says, and what is left when it is killed."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.gate import Ruling
from service.cli.program import app
from service.cli.verdict import sentence_of
from service.settings import Settings
from tests.figures import DUEL, NOW, manifest
from training.chains import dutch_chain
from training.occupancy import NeedRecipe
from training.recipe import recipe_of
from training.sources.reference import load_reference
from training.store import open_store
from training.store.gate_records import GateOutcome, GateRecord
from training.store.migrate import migrate
from training.train import CHAMPION

GETIJ = Path(sys.executable).with_name("getij")

CHALLENGER, OLD = "c" * 64, "b" * 64


def record(outcome: GateOutcome, **changes) -> GateRecord:
    made = GateRecord(
        kind=CHAMPION,
        challenger_id=CHALLENGER,
        champion_id=OLD,
        outcome=outcome,
        recorded_at=NOW,
    )
    return replace(made, **changes)


class TestTheSentence:
    def test_says_why_the_first_needed_no_opponent(self):
        said = sentence_of(CHALLENGER, record(GateOutcome.FIRST, champion_id=None))

        assert said == "Published model cccccccccccc: there was none before it."

    def test_says_that_a_champion_of_an_older_form_gave_way(self):
        said = sentence_of(CHALLENGER, record(GateOutcome.FIRST))

        assert said == "Published model cccccccccccc: this version cannot run bbbbbbbbbbbb."

    def test_says_which_of_the_three_kept_a_challenger_out(self):
        said = sentence_of(CHALLENGER, record(GateOutcome.KEPT, duel=DUEL))

        assert said.startswith("The champion stays bbbbbbbbbbbb, and model cccccccccccc is kept")
        assert "on 2 cutoffs the inflow has CRPS 0.980 of the champion's, not better" in said
        assert "upper tail 1.000 of the champion's (0.50 to 2.00), not better" in said
        assert "intervals 10.0% from their promise against 0.0%, worse" in said
        assert "its own is gone" in said

    def test_says_how_many_outcomes_there_are_and_how_many_it_takes(self):
        few = replace(DUEL, verdict=replace(DUEL.verdict, ruling=Ruling.TOO_FEW))
        said = sentence_of(CHALLENGER, record(GateOutcome.KEPT, duel=few))

        assert "after 2019-04" in said
        assert "1.2 independent outcomes of the inflow and 3 are needed" in said

    def test_speaks_of_the_need_where_that_was_changed_or_became_worse(self):
        changed = replace(DUEL, need=DUEL.verdict, judged=("need",))
        followed = replace(DUEL, need=DUEL.verdict)

        said = sentence_of(CHALLENGER, record(GateOutcome.KEPT, duel=changed))
        assert "the need has CRPS 0.980 of the champion's, not better" in said
        said = sentence_of(CHALLENGER, record(GateOutcome.KEPT, duel=followed))
        assert "; the need has become worse by it" in said

    def test_repeats_the_reason_for_which_a_model_was_accepted(self):
        said = sentence_of(CHALLENGER, record(GateOutcome.ACCEPTED, duel=DUEL, reason="a fault"))

        assert "because 'a fault', although on 2 cutoffs" in said

    @pytest.mark.parametrize("outcome", list(GateOutcome))
    def test_is_one_sentence_for_every_outcome(self, outcome: GateOutcome):
        said = sentence_of(CHALLENGER, record(outcome, duel=DUEL))

        assert said.endswith(".")
        assert CHALLENGER[:12] in said


class TestTheNeedOfATraining:
    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["--need-method", "naive"], "'naive' is not one of 'chain', 'direct', 'combination'"),
            (["--chain", "none.toml"], "error: none.toml: the file does not exist."),
        ],
    )
    def test_that_is_not_there_is_refused(self, tmp_path, words, told):
        environment = {"GETIJ_DATA_DIR": str(tmp_path), "TERM": "dumb", "COLUMNS": "200"}
        done = CliRunner().invoke(app, ["train", *words], env=environment)

        assert done.exit_code == 2
        assert told in " ".join(done.stderr.split())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the reference figures and a champion of another method."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("home"))
    migrate(settings.database)
    with open_store(settings.database, settings.data_dir) as store:
        reference = load_reference()
        store.take_in(
            "reference",
            sha256="0",
            definitions=reference.definitions,
            observations=reference.observations,
        )
        facts = {"targets": ["nl.inflow.total"], "members": ["theta"], "pool": None}
        made = replace(manifest(CHAMPION), parameters=facts)
        need = NeedRecipe(chain=dutch_chain())
        recipe = asdict(replace(recipe_of(made, need=need), method=0))
        made = replace(made, parameters={**facts, "recipe": recipe})
        store.models.admit(
            store.artefacts.write(made, files=need.to_files()),
            kind=CHAMPION,
            champion_id=None,
            outcome=GateOutcome.FIRST,
        )
    return settings.data_dir


class TestBeingKilled:
    def test_during_a_duel_leaves_champion_and_records_as_they_were(self, home: Path):
        settings = Settings(data_dir=home)
        manifests = home / "artefacts" / "manifests"
        before = set(manifests.glob("*.json"))
        with open_store(settings.database, home) as store:
            champion = store.models.champion(CHAMPION)
            records = store.models.gate_records()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GETIJ_")},
            "GETIJ_DATA_DIR": str(home),
        }
        running = subprocess.Popen(
            [GETIJ, "train"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        # The challenger is filed just before the duel begins.
        deadline = time.monotonic() + 120
        while set(manifests.glob("*.json")) == before and time.monotonic() < deadline:
            assert running.poll() is None
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()

        with open_store(settings.database, home) as store:
            assert running.returncode == -signal.SIGKILL
            assert len(set(manifests.glob("*.json")) - before) == 1
            assert store.models.champion(CHAMPION) == champion
            assert store.models.gate_records() == records
            store.artefacts.read(champion)
