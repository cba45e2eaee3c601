# SPDX-License-Identifier: EUPL-1.2
"""/v1/models: who forecasts, who would, and how they were compared."""

from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from tests.builders import manifest, opener
from tests.figures import DUEL
from training.store.gate_records import GateOutcome

KIND = "inflow-ensemble"


@pytest.fixture
def came(folder: Path) -> dict[str, str]:
    """Three models by name: a first champion, one turned away, and one accepted for a reason."""
    with opener(folder, fresh=False)() as store:
        first = store.models.champion(KIND)
        assert first is not None
        ids = {"first": first}
        for name, outcome, reason in (
            ("away", GateOutcome.KEPT, ""),
            ("second", GateOutcome.ACCEPTED, "a fault was mended"),
        ):
            made = replace(manifest(), parameters={"name": name})
            ids[name] = store.artefacts.write(made, files={})
            store.models.admit(
                ids[name], kind=KIND, champion_id=first, outcome=outcome, reason=reason, duel=DUEL
            )
    return ids


@pytest.fixture
def client(folder: Path, came: dict[str, str]) -> TestClient:
    settings = Settings(data_dir=folder, log_level="error")
    with TestClient(create_app(settings, opener(folder, fresh=False))) as client:
        yield client


class TestTheList:
    def test_names_champion_former_and_challenger(self, client, came):
        items = client.get("/v1/models").json()["items"]
        standing = {item["modelId"]: item["standing"] for item in items}

        assert standing == {
            came["first"]: "former",
            came["second"]: "champion",
            came["away"]: "challenger",
        }
        assert {item["modelId"] for item in items if item["champion"]} == {came["second"]}

    def test_begins_with_the_model_of_the_latest_forecast(self, client, came):
        items = client.get("/v1/models").json()["items"]

        assert [item["modelId"] for item in items] == [came["first"], came["second"], came["away"]]


class TestAModel:
    def test_that_was_turned_away_shows_the_duel_it_lost(self, client, came):
        (record,) = client.get(f"/v1/models/{came['away']}").json()["comparisons"]

        assert (record["outcome"], record["championId"]) == ("kept", came["first"])
        assert record["duel"]["differences"] == ["members", "pool"]
        assert record["duel"]["championScores"] == "rerun"
        assert record["duel"]["verdict"]["ruling"] == "not_better"
        assert record["duel"]["verdict"]["crps"] == {
            "champion": 0.71,
            "challenger": 0.7,
            "ratio": 0.98,
            "better": False,
        }

    def test_that_was_accepted_shows_the_reason(self, client, came):
        (record,) = client.get(f"/v1/models/{came['second']}").json()["comparisons"]

        assert (record["outcome"], record["reason"]) == ("accepted", "a fault was mended")

    def test_that_was_champion_shows_all_that_were_held_against_it(self, client, came):
        records = client.get(f"/v1/models/{came['first']}").json()["comparisons"]

        assert [record["outcome"] for record in records] == ["first", "kept", "accepted"]
        assert [record["challengerId"] for record in records] == [
            came["first"],
            came["away"],
            came["second"],
        ]
