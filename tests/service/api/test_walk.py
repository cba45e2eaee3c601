# SPDX-License-Identifier: EUPL-1.2
"""A walk through the whole API as a client would take it: ask, wait, read, ask again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from tests.builders import opener
from tests.service.conftest import wait_for

KINDS = ("buffer-advices", "capacity-plans")


def ask(client: TestClient, kind: str, body: dict[str, Any], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/v1/{kind}", json=body, headers=headers)


def read_result(client: TestClient, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    task = wait_for(client, ask(client, kind, body).headers["location"])
    assert task["state"] == "succeeded", task
    found: dict[str, Any] = client.get(str(task["result"])).json()
    return found


class TestAskingForAdvice:
    @pytest.mark.parametrize("kind", KINDS)
    def test_leads_from_acceptance_to_a_lasting_result(self, client: TestClient, kind: str):
        accepted = ask(client, kind, {})
        task = wait_for(client, accepted.headers["location"])
        result = client.get(str(task["result"])).json()

        assert accepted.status_code == 202
        assert int(accepted.headers["retry-after"]) > 0
        assert (task["state"], task["progress"]) == ("succeeded", 1.0)
        assert client.get(f"/v1/{kind}/latest").json() == result
        assert client.get(f"/v1/{kind}").json()["items"][0]["adviceId"] == result["adviceId"]
        for name in ("quality", "dataUntil", "coverage", "seed", "snapshotSha256", "modelId"):
            assert name in result

    @pytest.mark.parametrize("kind", KINDS)
    def test_twice_gives_the_same_advice(self, client: TestClient, kind: str):
        other = {"occupancyNorm": 0.8}
        first = read_result(client, kind, {})
        between = read_result(client, kind, other)

        assert read_result(client, kind, {}) == first
        assert between["adviceId"] != first["adviceId"]

    def test_takes_the_choices_of_the_board(self, client: TestClient):
        window = {"first": "2027-03", "last": "2027-08"}
        result = read_result(
            client,
            "buffer-advices",
            {"window": window, "occupancyNorm": 0.95, "costs": {"missingPremium": 80_000}},
        )

        assert result["window"] == window
        assert result["occupancyNorm"] == 0.95
        assert result["costs"]["missingPremium"] == 80_000
        assert result["costs"]["emptyPlace"] == 6_935

    def test_a_dearer_shortage_asks_for_more_places(self, client: TestClient):
        def places(premium: int) -> int:
            body = {"costs": {"missingPremium": premium}}
            found: int = read_result(client, "buffer-advices", body)["recommended"]["outcome"][
                "places"
            ]
            return found

        assert places(20_000) < places(100_000)

    def test_takes_other_tiers_and_promises(self, client: TestClient):
        result = read_result(
            client,
            "buffer-advices",
            {
                "tiers": [
                    {"name": "direct_reserve", "activationMonths": 1, "mostPlaces": 40},
                    {"name": "temporary", "mostPlaces": 0},
                ],
                "promises": {
                    "serviceLevels": [0.6, 0.6],
                    "mostMissing": 10,
                    "mostMissingAtWorst": 20,
                },
            },
        )
        tiers = {tier["name"]: tier for tier in result["tiers"]}
        options = [*result["serviceLevels"], *result["promised"]]

        assert (tiers["direct_reserve"]["activationMonths"], tiers["temporary"]["mostPlaces"]) == (
            1,
            0,
        )
        assert tiers["direct_reserve"]["holdingEur"] == 6_935
        assert [option["basis"] for option in options] == [
            "service_level",
            "maximum_missing",
            "worst_case",
        ]
        assert options[0]["outcome"]["chanceEveryMonth"] >= 0.6
        assert options[1]["outcome"]["missingPlaceMonths"] <= 10
        assert options[2]["worstMissingPlaceMonths"] <= 20
        assert {
            "code": "none_there",
            "tier": "temporary",
            "text": {
                "nl": "Tijdelijke plaatsen: er zijn geen plaatsen van deze soort.",
                "en": "Temporary places: there are no places of this kind.",
            },
        } in result["warnings"]

    def test_what_a_buffer_cannot_be_asked_is_told_all_at_once(self, client: TestClient):
        answer = ask(
            client,
            "buffer-advices",
            {
                "occupancyNorm": 0,
                "tiers": [{"name": "regular"}, {"name": "temporary", "activationMonths": -1}],
                "promises": {"serviceLevels": [0, 1.5], "worstShare": 0, "mostMissing": -1},
            },
        )

        assert answer.status_code == 400
        assert {fault["name"] for fault in answer.json()["errors"]} == {
            "occupancyNorm",
            "tiers.0.name",
            "tiers.1.activationMonths",
            "promises.serviceLevels.0",
            "promises.serviceLevels.1",
            "promises.worstShare",
            "promises.mostMissing",
        }

    def test_a_window_outside_the_forecast_fails_with_the_reason(self, client: TestClient):
        body = {"window": {"first": "2040-01", "last": "2040-12"}}
        task = wait_for(client, ask(client, "buffer-advices", body).headers["location"])

        assert task["state"] == "failed"
        assert "outside the forecast" in str(task["reason"])
        assert "result" not in task

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ({"costs": {"emergencyPerson": 20_000}}, "prefer the emergency"),
            ({"tiers": [{"name": "emergency", "personEur": 20_000}]}, "no place would be held"),
            ({"tiers": [{"name": "emergency", "mostPlaces": 5}]}, "has no limit"),
            ({"tiers": [{"name": "temporary"}, {"name": "temporary"}]}, "named twice"),
            ({"window": {"first": "2027-12", "last": "2027-01"}}, "before it begins"),
        ],
    )
    def test_choices_that_exclude_each_other_are_a_conflict(
        self, client: TestClient, body: dict[str, Any], told: str
    ):
        answer = ask(client, "buffer-advices", body)

        assert answer.status_code == 409
        assert told in answer.json()["detail"]

    def test_an_unknown_forecast_is_404(self, client: TestClient):
        assert ask(client, "capacity-plans", {"forecastId": "0" * 24}).status_code == 404

    def test_the_plan_as_a_table_names_every_location(self, client: TestClient):
        read_result(client, "capacity-plans", {"halfYears": 2})
        answer = client.get("/v1/capacity-plans/latest", headers={"accept": "text/csv"})

        header, *lines = answer.text.splitlines()
        assert header.startswith("location_id,municipality,province,kind,action,")
        assert {line.split(",")[1] for line in lines} >= {"Assen", "Coevorden", "Emmen"}


class TestIdempotency:
    def test_the_same_key_and_body_give_the_same_task(self, client: TestClient):
        first, again = (ask(client, "buffer-advices", {}, key="k-1") for _ in range(2))

        assert first.headers["location"] == again.headers["location"]
        assert client.get("/v1/tasks").json()["total"] == 1

    def test_the_same_key_with_another_body_is_a_conflict(self, client: TestClient):
        ask(client, "buffer-advices", {}, key="k-1")

        answer = ask(client, "buffer-advices", {"occupancyNorm": 0.8}, key="k-1")
        assert answer.status_code == 409
        assert ask(client, "capacity-plans", {}, key="k-1").status_code == 409

    def test_asking_at_the_same_moment_makes_one_task(self, client: TestClient):
        with ThreadPoolExecutor(8) as pool:
            found = pool.map(lambda _: ask(client, "buffer-advices", {}, key="k-1"), range(16))
            places = {answer.headers["location"] for answer in found}

        assert len(places) == 1


class TestAFullQueue:
    def test_tells_what_does_not_fit_to_come_back(self, folder: Path):
        settings = Settings(data_dir=folder, log_level="error", queue_limit=1)
        app = create_app(settings, opener(folder, fresh=False))
        with TestClient(app) as client, ThreadPoolExecutor(8) as pool:
            bodies = [{"seed": seed, "halfYears": 4} for seed in range(12)]
            found = list(pool.map(lambda body: ask(client, "capacity-plans", body), bodies))
            taken = [answer for answer in found if answer.status_code == 202]
            shed = [answer for answer in found if answer.status_code == 503]
            ends = [wait_for(client, answer.headers["location"]) for answer in taken]

        assert len(taken) + len(shed) == len(bodies)
        assert shed
        for answer in shed:
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) > 0
        assert {task["state"] for task in ends} == {"succeeded"}
