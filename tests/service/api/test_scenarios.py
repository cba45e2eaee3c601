# SPDX-License-Identifier: EUPL-1.2
"""/v1/scenarios: asked, computed once, kept, and refused with every fault."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from service.storage.desk import Desk
from service.usecases.chain_forecasts import chain_forecast
from tests.builders import fill, manifest, opener
from tests.service.chained import MONTHS, chained_forecast
from tests.service.conftest import wait_for

HOMES = {
    "kind": "homes_realised",
    "size": 300,
    "impactMonth": "2026-07",
    "ramp": 5,
    "owner": "the tests",
    "rationale": "to see what it does",
}
GRANT = {**HOMES, "kind": "grant_rate", "size": -10, "impactMonth": "2026-10", "ramp": 0}
SHOCK = {**HOMES, "kind": "inflow_shock", "size": 2_000, "ramp": 0, "duration": 4}
BODY = {"name": "More homes, fewer permits", "levers": [HOMES, GRANT, SHOCK]}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a forecast that was issued with a chain."""
    folder = tmp_path_factory.mktemp("chained")
    with opener(folder)() as store:
        fill(store)
        artefact_id = store.artefacts.write(manifest(), files={})
        store.forecasts.issue(chained_forecast(artefact_id))
    return folder


def app(folder: Path) -> FastAPI:
    return create_app(Settings(data_dir=folder, log_level="error"), opener(folder, fresh=False))


@pytest.fixture(scope="module")
def client(place: Path) -> Iterator[TestClient]:
    with TestClient(app(place), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def made(client: TestClient) -> dict[str, Any]:
    """A scenario of three levers."""
    task = wait_for(client, client.post("/v1/scenarios", json=BODY).headers["location"])
    assert task["state"] == "succeeded", task
    found: dict[str, Any] = client.get(str(task["result"])).json()
    return found


class TestAScenario:
    def test_leads_from_acceptance_to_a_lasting_result(self, client: TestClient, made):
        accepted = client.post("/v1/scenarios", json=BODY)
        task = wait_for(client, accepted.headers["location"])

        assert accepted.status_code == 202
        assert int(accepted.headers["retry-after"]) > 0
        assert (task["kind"], task["progress"]) == ("scenario", 1.0)
        assert task["result"] == f"/v1/scenarios/{made['scenarioId']}"
        assert client.get(str(task["result"])).json() == made

    def test_says_what_it_rests_on(self, client: TestClient, made):
        forecast = client.get("/v1/forecasts/latest").json()

        assert made["forecastId"] == forecast["forecastId"]
        for name in ("seed", "snapshotSha256", "modelId", "dataUntil", "coverage"):
            assert made[name] == forecast[name]
        assert made["quality"]["state"] == "degraded"
        assert made["name"] == BODY["name"]

    def test_keeps_every_lever_with_owner_and_rationale(self, made):
        assert [lever["name"] for lever in made["levers"]] == [
            "homes_realised",
            "grant_rate",
            "inflow_shock",
        ]
        assert made["levers"][2] == {**SHOCK, "name": "inflow_shock"}
        assert "duration" not in made["levers"][0]

    def test_is_listed_without_its_figures_the_latest_first(self, client: TestClient, made):
        listed = client.get("/v1/scenarios").json()

        assert listed["total"] == len(listed["items"])
        assert made["scenarioId"] in [item["scenarioId"] for item in listed["items"]]
        assert "periods" not in listed["items"][0]

    def test_holds_the_forecast_as_issued_as_its_baseline(self, client: TestClient, made):
        forecast = client.get("/v1/forecasts/latest?seriesId=nl.need.total").json()
        (need,) = forecast["series"]

        assert [(month["period"], month["baseline"]) for month in made["periods"]] == [
            (month["period"], month["quantiles"]) for month in need["periods"]
        ]

    def test_changes_nothing_before_the_first_impact(self, made):
        before = [month for month in made["periods"] if month["period"] < "2026-07"]

        assert len(before) == 6
        for month in before:
            assert month["scenario"] == month["baseline"]
            assert month["difference"]["mean"] == 0
            assert set(month["difference"]["quantiles"].values()) == {0}

    def test_is_taken_apart_into_figures_that_add_up_exactly(self, made):
        told = 0.0
        for month in made["periods"]:
            parts = [*month["levers"], month["interaction"]]
            means = sum(Decimal(str(part["mean"])) for part in parts)
            assert means == Decimal(str(month["difference"]["mean"]))
            told = max(told, abs(month["interaction"]["mean"]))
        assert told > 0

    def test_tells_of_stages_waiting_times_and_the_peak(self, made):
        last = made["periods"][-1]

        by_stage = sum(stage["mean"] for stage in last["stages"])
        assert by_stage == pytest.approx(last["difference"]["mean"], abs=0.5)
        assert [part["bottleneck"] for part in last["waiting"]] == ["decisions", "homes"]
        assert last["waiting"][1]["scenario"] < last["waiting"][1]["baseline"]
        assert made["peak"]["monthBaseline"] in [month["period"] for month in made["periods"]]
        assert set(made["peak"]["difference"]) == set(last["baseline"])

    def test_shows_the_levels_and_months_that_are_asked_for(self, client: TestClient, made):
        address = f"/v1/scenarios/{made['scenarioId']}?levels=0.5,0.9&from=2027-01&to=2027-03"
        found = client.get(address).json()

        assert found["levels"] == [0.5, 0.9]
        assert [month["period"] for month in found["periods"]] == ["2027-01", "2027-02", "2027-03"]
        assert set(found["periods"][0]["scenario"]) == {"0.5", "0.9"}
        assert len(made["periods"]) == MONTHS

    def test_as_a_table_says_the_same(self, client: TestClient, made):
        answer = client.get(f"/v1/scenarios/{made['scenarioId']}", headers={"accept": "text/csv"})
        rows = {
            (row["period"], row["quantity"], row["name"], row["level"]): row["value"]
            for row in csv.DictReader(io.StringIO(answer.text))
        }

        for month in made["periods"]:
            period = month["period"]
            assert float(rows[period, "need_scenario", "", "0.9"]) == month["scenario"]["0.9"]
            assert float(rows[period, "difference", "", "mean"]) == month["difference"]["mean"]
            for lever in month["levers"]:
                assert float(rows[period, "lever", lever["name"], "mean"]) == lever["mean"]
            (homes,) = (part for part in month["waiting"] if part["bottleneck"] == "homes")
            assert float(rows[period, "waiting_baseline", "homes", "0.5"]) == homes["baseline"]
        assert answer.headers["getij-quality"].startswith("degraded")

    def test_rests_on_the_very_paths_of_the_forecast(self, place: Path):
        with opener(place, fresh=False)() as store:
            desk = Desk.of(store)
            latest = store.forecasts.latest()
            assert latest is not None
            forecast = chain_forecast(desk, latest.forecast_id)
            issued = store.forecasts.get(latest.forecast_id).need.of("nl.need.total")

        assert np.array_equal(forecast.need, issued)
        assert np.allclose(1.1 * forecast.walk(None).total, issued)


class TestARefusal:
    def test_names_every_fault_of_every_lever(self, client: TestClient):
        wrong = {**HOMES, "size": 0, "impactMonth": "2031-01", "ramp": -1, "owner": " "}
        levers = [wrong, GRANT, {**GRANT, "size": -200}, {**SHOCK, "duration": 0}]
        answer = client.post("/v1/scenarios", json={"name": "Wrong", "levers": levers})

        told = answer.json()
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert told["title"] == "Invalid input"
        assert {(fault["in"], fault["name"]) for fault in told["errors"]} == {
            ("body", "levers.0.size"),
            ("body", "levers.0.impactMonth"),
            ("body", "levers.0.ramp"),
            ("body", "levers.0.owner"),
            ("body", "levers.2.size"),
            ("body", "levers.3.duration"),
        }

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"kind": "taxes"}, "levers.0.kind"),
            ({"size": "many"}, "levers.0.size"),
            ({"impactMonth": "2026-13"}, "levers.0.impactMonth"),
            ({"ramp": 1.5}, "levers.0.ramp"),
            ({"ramp": True}, "levers.0.ramp"),
            ({"duration": None}, "levers.0.duration"),
            ({"owner": "x" * 201}, "levers.0.owner"),
            ({"rationale": "a\u0000b"}, "levers.0.rationale"),
            ({"hunter2": 1}, "levers.0"),
        ],
    )
    def test_of_a_field_names_it_and_echoes_nothing(
        self, client: TestClient, changes: dict[str, Any], name: str
    ):
        levers = [{**HOMES, **changes}]
        answer = client.post("/v1/scenarios", json={"name": "Wrong", "levers": levers})

        assert answer.status_code == 400
        assert [fault["name"] for fault in answer.json()["errors"]] == [name]
        assert "hunter2" not in answer.text

    @pytest.mark.parametrize("levers", [[], [HOMES, HOMES], [HOMES] * 21])
    def test_of_no_levers_too_many_or_the_same_twice(self, client: TestClient, levers):
        answer = client.post("/v1/scenarios", json={"name": "Wrong", "levers": levers})

        assert answer.status_code == 400

    @pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101])
    def test_of_a_name_that_is_no_line(self, client: TestClient, name: str):
        answer = client.post("/v1/scenarios", json={**BODY, "name": name})

        assert [fault["name"] for fault in answer.json()["errors"]] == ["name"]

    def test_queues_nothing(self, client: TestClient):
        before = client.get("/v1/tasks").json()["total"]
        client.post("/v1/scenarios", json={**BODY, "levers": [{**HOMES, "size": 0}]})

        assert client.get("/v1/tasks").json()["total"] == before

    def test_of_a_forecast_without_a_chain_says_so(self, client: TestClient):
        first = client.get("/v1/forecasts").json()["items"][-1]["forecastId"]
        answer = client.post("/v1/scenarios", json={**BODY, "forecastId": first})

        assert answer.status_code == 409
        assert "without a chain" in answer.json()["detail"]

    def test_of_what_is_not_there_is_404(self, client: TestClient):
        asked = {**BODY, "forecastId": "0" * 24}

        assert client.post("/v1/scenarios", json=asked).status_code == 404
        assert client.get(f"/v1/scenarios/{'0' * 24}").status_code == 404
