# SPDX-License-Identifier: EUPL-1.2
"""What a client reads of a plan beside its lines: other plans, prices, and why there is none."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.service.api.test_walk import ask, read_result
from tests.service.conftest import wait_for

SMALL = {"halfYears": 2, "futures": 4, "branches": 1}


class TestPlan:
    def test_comes_with_alternatives_and_its_worth_on_fresh_futures(self, client: TestClient):
        plan = read_result(client, "capacity-plans", SMALL)
        beside = client.get(plan["alternatives"]).json()
        offered = beside["alternatives"]["offered"]

        assert offered[0]["aim"] == "least_cost"
        assert offered[0]["costEur"] == pytest.approx(plan["costEur"])
        assert beside["periods"] == plan["periods"]
        judged = plan["evaluation"]
        assert judged["valueEur"] == pytest.approx(
            judged["onExpected"]["costEur"] - judged["onFutures"]["costEur"]
        )

    def test_says_of_each_line_in_both_languages_why_and_what_the_opposite_costs(
        self, client: TestClient
    ):
        lines = read_result(client, "capacity-plans", SMALL)["lines"]
        now = [line for line in lines if "otherwiseEur" in line]

        assert all(line["decideNow"] for line in now)
        for line in lines:
            assert line["message"]["nl"].endswith(".")
            assert line["message"]["en"] != line["message"]["nl"]

    def test_counts_what_it_takes_back_and_tells_what_hangs_on_the_need(self, client: TestClient):
        plan = read_result(client, "capacity-plans", {**SMALL, "branches": 3, "withChoices": False})
        counted = plan["stability"]

        assert counted["returnsWithin12Months"] == pytest.approx(sum(counted["returns"].values()))
        assert sum(branch["chance"] for branch in plan["branches"]) == pytest.approx(1)
        assert plan["knownFrom"] in plan["periods"]

    def test_leaves_them_out_where_they_were_not_asked(self, client: TestClient):
        plan = read_result(client, "capacity-plans", {**SMALL, "withChoices": False})
        answer = client.get(f"/v1/capacity-plans/{plan['adviceId']}/alternatives")

        assert "alternatives" not in plan
        assert "evaluation" not in plan
        assert answer.status_code == 404


class TestDemandsThatExcludeEachOther:
    def test_are_named_in_both_languages_with_what_would_be_possible(self, client: TestClient):
        body: dict[str, Any] = {**SMALL, "minimumPlaces": 900_000, "maximumOpenings": 0}
        task = wait_for(client, ask(client, "capacity-plans", body).headers["location"])
        problem: Any = task["problem"]
        by = {demand["demand"]: demand for demand in problem["demands"]}

        assert (task["state"], problem["status"]) == ("failed", 409)
        assert by["minimum_places"]["asked"] == 900_000
        assert 0 < by["minimum_places"]["possible"] < 900_000
        assert "900.000 plaatsen" in by["minimum_places"]["message"]["nl"]
        assert "900,000 places" in by["minimum_places"]["message"]["en"]
        assert "maximum_cost_eur" not in by


class TestBadInput:
    def test_is_told_all_together(self, client: TestClient):
        body = {
            "lendingLimit": 0,
            "occupancyNorm": 0,
            "alternativeSlack": -0.1,
            "criteria": {"flexibility": -1},
        }
        answer = ask(client, "capacity-plans", body)
        named = {fault["name"] for fault in answer.json()["errors"]}

        assert answer.status_code == 400
        assert named == {
            "lendingLimit",
            "occupancyNorm",
            "alternativeSlack",
            "criteria.flexibility",
        }
