# SPDX-License-Identifier: EUPL-1.2
"""From the reference figures to an issued forecast: what it rests on, and that it repeats."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from models.catalogue import Status
from models.errors import NotFound
from models.inflow.regime import AlarmState, Direction
from models.periods import first_day
from tests.figures import live_score
from training.issue import PATHS, issue_forecast
from training.occupancy import INFLOW_ID, NEED_ID, Method, NeedRecipe
from training.sources.reference import load_reference
from training.store import Store, open_store
from training.store.gate_records import GateOutcome
from training.store.migrate import migrate
from training.store.records import KnownBasis, Observation, QualityState
from training.train import CHAMPION, train

NOVEMBER = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the reference figures and a model trained on them."""
    folder = tmp_path_factory.mktemp("trained")
    with opened(folder) as store:
        reference = load_reference()
        store.take_in(
            "reference",
            sha256="",
            definitions=reference.definitions,
            observations=reference.observations,
        )
        train(store, seed=1, code_version="test")
    return folder


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with opened(home) as store:
        yield store


def opened(folder: Path):
    url = f"sqlite:///{folder / 'getij.sqlite'}"
    migrate(url)
    return open_store(url, folder, clock=lambda: NOVEMBER)


def surge(*, known_at: datetime) -> list[Observation]:
    """Four high months: made up, to test that they are seen."""
    return [
        Observation(
            series_id=INFLOW_ID,
            period=date(2026, month, 1),
            value=9_000.0,
            known_at=known_at,
            known_basis=KnownBasis.STATED,
            status=Status.OBSERVED,
            source="test",
        )
        for month in (7, 8, 9, 10)
    ]


class TestTraining:
    def test_publishes_plain_files_with_all_that_it_rests_on(self, store):
        artefact = store.artefacts.read(store.models.champion(CHAMPION))
        snapshot = store.observations.as_known_at(NOVEMBER)

        assert artefact.manifest.snapshot_sha256 == snapshot.sha256
        assert artefact.manifest.seed == 1
        assert {"chain.json", "chain.npz", "direct.npz"} <= set(artefact.files)
        assert all(name.endswith((".json", ".npz")) for name in artefact.files)

    def test_names_the_chain_and_the_method_of_the_need(self, store):
        manifest = store.artefacts.manifest(store.models.champion(CHAMPION))

        assert manifest.parameters["need"] == {"chain": "nl", "method": "chain"}
        # The rule chose: other figures may make it choose otherwise, by the same recipe.
        assert manifest.parameters["recipe"]["need_method"] is None

    def test_measures_coverage_on_past_cutoffs(self, store):
        manifest = store.artefacts.manifest(store.models.champion(CHAMPION))

        assert {row["nominal"] for row in manifest.scores["coverage"]} == {0.5, 0.8, 0.9}
        assert all(row["count"] > 0 for row in manifest.scores["coverage"])

    def test_scores_champion_and_members_beside_the_random_walk(self, store):
        manifest = store.artefacts.manifest(store.models.champion(CHAMPION))
        relative = manifest.scores["relative_crps"][INFLOW_ID]

        assert set(relative) == {"ensemble", *manifest.parameters["members"]}
        assert relative["random_walk"] == 1
        assert all(value > 0 for value in relative.values())


class TestIssuing:
    def test_runs_to_the_end_of_the_half_year_five_years_on(self, store):
        forecast = issue_forecast(store, seed=1, code_version="test")

        assert first_day(forecast.inflow.periods_of(INFLOW_ID)[-1]) == date(2031, 12, 1)
        assert first_day(forecast.need.periods_of(NEED_ID)[-1]) == date(2031, 12, 1)
        assert forecast.need.persons.shape[0] == PATHS

    def test_says_how_old_its_figures_are_and_does_not_call_itself_sound(self, store):
        forecast = issue_forecast(store, seed=1, code_version="test")

        assert forecast.data_until == {
            INFLOW_ID: "2026-06-30",
            "nl.occupancy.entitled": "2025-01-06",
        }
        assert forecast.quality.state is QualityState.DEGRADED
        assert forecast.quality.reasons == ("inflow_old", "occupancy_old", "inflow_estimated")
        assert forecast.regime.state is AlarmState.SILENT

    def test_gives_the_same_bytes_in_two_processes(self, home):
        script = (
            "import sys; from pathlib import Path; from tests.training.test_issue import *\n"
            "with opened(Path(sys.argv[1])) as store:\n"
            "    forecast = issue_forecast(store, seed=7, code_version='test')\n"
            "print(forecast.forecast_id)"
        )
        made = [
            subprocess.run(
                [sys.executable, "-c", script, str(home)],
                capture_output=True,
                text=True,
                check=True,
                env={"PYTHONHASHSEED": seed, "TZ": zone, "OMP_NUM_THREADS": "1"},
            ).stdout
            for seed, zone in (("0", "UTC"), ("1", "Asia/Tokyo"))
        ]

        assert made[0] == made[1]

    def test_differs_with_the_seed(self, store):
        one = issue_forecast(store, seed=1, code_version="test")
        two = issue_forecast(store, seed=2, code_version="test")

        assert one.forecast_id != two.forecast_id

    def test_follows_new_figures_without_training_anew(self, home, tmp_path):
        with opened(shutil.copytree(home, tmp_path / "copy")) as store:
            before = issue_forecast(store, seed=1, code_version="test")
            store.observations.record(surge(known_at=NOVEMBER - timedelta(days=1)))
            after = issue_forecast(store, seed=1, code_version="test")

        assert after.artefact_id == before.artefact_id
        assert after.data_until[INFLOW_ID] == "2026-10-31"
        assert np.median(after.need.of(NEED_ID)[:, 20]) > np.median(before.need.of(NEED_ID)[:, 24])

    def test_forecasts_the_need_by_the_method_and_chain_of_the_model(self, home, tmp_path):
        with opened(shutil.copytree(home, tmp_path / "copy")) as store:
            champion = store.models.champion(CHAMPION)
            artefact = store.artefacts.read(champion)
            asked = NeedRecipe.of(artefact.files)
            depart = asked.chain.parameter("depart")
            slower = asked.chain.with_parameter(replace(depart, median=0.1))
            by_rule = issue_forecast(store, seed=1, code_version="test")
            issued = {}
            for other in (
                replace(asked, method=Method.CHAIN),
                replace(asked, method=Method.DIRECT),
                replace(asked, chain=slower),
            ):
                model = store.artefacts.write(
                    replace(artefact.manifest, seed=len(issued) + 2),
                    files={**artefact.files, **other.to_files()},
                )
                store.models.admit(
                    model, kind=CHAMPION, champion_id=champion, outcome=GateOutcome.ACCEPTED
                )
                champion = model
                if other.chain is slower:
                    store.observations.record(surge(known_at=NOVEMBER - timedelta(days=1)))
                issued[model] = issue_forecast(store, seed=1, code_version="test")

        chain, direct, with_slower = issued.values()
        assert asked.method is None
        assert chain.need.persons.tobytes() == by_rule.need.persons.tobytes()
        assert direct.inflow.persons.tobytes() == by_rule.inflow.persons.tobytes()
        assert (direct.need.of(NEED_ID) != by_rule.need.of(NEED_ID)).any()
        # New figures are fitted with the chain of the model, not with that of this version.
        assert with_slower.chain.specification.parameter("depart").median == 0.1

    def test_reads_a_model_from_before_the_need_had_a_recipe(self, home, tmp_path):
        with opened(shutil.copytree(home, tmp_path / "copy")) as store:
            champion = store.models.champion(CHAMPION)
            artefact = store.artefacts.read(champion)
            older = {"need.json", "chain.json", "chain.npz", "direct.npz"}
            files = {name: held for name, held in artefact.files.items() if name not in older}
            old = store.artefacts.write(replace(artefact.manifest, files={}), files=files)
            store.models.admit(
                old, kind=CHAMPION, champion_id=champion, outcome=GateOutcome.ACCEPTED
            )
            forecast = issue_forecast(store, seed=1, code_version="test")

        assert forecast.chain.specification.chain_id == "nl"

    def test_does_not_see_what_came_after_its_moment(self, store):
        then = datetime(2026, 8, 1, tzinfo=UTC)
        forecast = issue_forecast(store, seed=1, code_version="test", as_of=then)

        assert forecast.data_until[INFLOW_ID] == "2026-06-30"

    def test_calls_itself_degraded_when_earlier_forecasts_missed(self, home, tmp_path):
        with opened(shutil.copytree(home, tmp_path / "copy")) as store:
            printed = [
                row
                for row in store.observations.vintages([INFLOW_ID], after=date(2016, 1, 1))
                if row.observation.status is Status.OBSERVED
            ]
            store.live_scores.file(live_score(row) for row in printed)
            after = issue_forecast(store, seed=1, code_version="test")
            before = issue_forecast(
                store, seed=1, code_version="test", as_of=datetime(2017, 1, 1, tzinfo=UTC)
            )

        assert "drift" in after.quality.reasons
        assert "drift" not in before.quality.reasons

    def test_says_when_the_inflow_no_longer_looks_as_it_did(self, home, tmp_path):
        with opened(shutil.copytree(home, tmp_path / "copy")) as store:
            rising = [
                replace(surge(known_at=NOVEMBER)[0], period=date(2026, month, 1), value=value)
                for month, value in enumerate((5e3, 7e3, 1e4, 1.4e4, 2e4, 2.8e4), start=5)
            ]
            store.observations.record(rising)
            forecast = issue_forecast(store, seed=1, code_version="test")
            kept = store.forecasts.entry(forecast.forecast_id).regime

        assert "regime" in forecast.quality.reasons
        assert forecast.regime.direction is Direction.HIGHER
        assert kept == forecast.regime

    def test_takes_a_figure_that_nothing_supports_as_unknown_and_says_so(self, home, tmp_path):
        wild = replace(surge(known_at=NOVEMBER)[0], value=4_000_000.0)
        with opened(shutil.copytree(home, tmp_path / "copy")) as store:
            before = issue_forecast(store, seed=1, code_version="test")
            store.observations.record([wild])
            after = issue_forecast(store, seed=1, code_version="test")

        assert "figure_set_aside" in after.quality.reasons
        assert after.data_until == before.data_until
        np.testing.assert_allclose(
            np.median(after.inflow.of(INFLOW_ID), axis=0),
            np.median(before.inflow.of(INFLOW_ID), axis=0),
            rtol=0.02,
        )

    def test_falls_back_on_simpler_models_when_the_pool_went_mad(self, home, tmp_path):
        with opened(shutil.copytree(home, tmp_path / "copy")) as store:
            sound = issue_forecast(store, seed=1, code_version="test")
            artefact = store.artefacts.read(sound.artefact_id)
            learned = json.loads(artefact.files["pool.json"])
            learned["pool"]["quantiles"] = (np.array(learned["pool"]["quantiles"]) * 1e3).tolist()
            mad = store.artefacts.write(
                artefact.manifest,
                files={**artefact.files, "pool.json": json.dumps(learned).encode()},
            )
            store.models.admit(
                mad, kind=CHAMPION, champion_id=sound.artefact_id, outcome=GateOutcome.REFRESH
            )
            forecast = issue_forecast(store, seed=1, code_version="test")

        assert forecast.quality.state is QualityState.FALLBACK
        assert forecast.quality.reasons == (*sound.quality.reasons, "simpler_model")
        assert np.median(forecast.inflow.of(INFLOW_ID)) < 2 * np.median(sound.inflow.of(INFLOW_ID))

    def test_needs_a_published_model(self, tmp_path):
        with opened(tmp_path) as empty, pytest.raises(NotFound, match="published model"):
            issue_forecast(empty, seed=1, code_version="test")
