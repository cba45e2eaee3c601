# SPDX-License-Identifier: EUPL-1.2
"""What may be lent, as a client reads it: offers with names, odds and law, in pages and as CSV."""

import csv
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from tests.builders import forecast, opener
from tests.service.conftest import wait_for

CALM = 300.0
"""Persons for whom there are 1,050 places, 650 of them regular."""


@pytest.fixture(scope="module")
def calm(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a service in whose country far more places are kept than are needed."""
    folder = shutil.copytree(filled, tmp_path_factory.mktemp("calm") / "getij")
    with opener(folder, fresh=False)() as store:
        latest = store.forecasts.latest()
        assert latest is not None
        store.forecasts.issue(forecast(latest.artefact_id, seed=8, need=CALM))
    app = create_app(Settings(data_dir=folder, log_level="error"), opener(folder, fresh=False))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def offers(calm: TestClient) -> str:
    """The address of the offers of a plan that must keep 700 places for two years."""
    asked = {"halfYears": 4, "futures": 5, "minimumPlaces": 700, "lendingLimit": 0.1}
    accepted = calm.post("/v1/capacity-plans", json=asked)
    task = wait_for(calm, accepted.headers["location"])
    assert task["state"] == "succeeded", task
    return f"{task['result']}/dual-use-offers"


class TestDualUseOffers:
    def test_name_location_contract_and_odds(self, calm: TestClient, offers: str):
        found = calm.get(offers).json()
        first = found["items"][0]

        assert found["lendingLimit"] == 0.1
        assert first["province"] == "Drenthe"
        assert (first["form"], first["countsAsReserve"]) == ("vacancy_act", True)
        assert set(first["groups"]) == {
            "student",
            "urgent_seeker",
            "permit_holder",
            "young_person",
        }
        assert (first["monthsUntilBack"], first["noticeMonths"]) == (9, 3)
        assert 0 <= first["chanceNeededEarly"] <= 0.1
        assert first["chanceNeededEarly"] <= first["chanceNeededInTerm"]
        assert first["incomeEur"] == first["places"] * 3_600

    def test_add_up_to_the_room_of_their_half_year(self, calm: TestClient, offers: str):
        found = calm.get(offers, params={"pageSize": 1_000}).json()
        certain = found["rooms"][0]
        inside = [one for one in found["items"] if one["period"] == certain["period"]]

        assert len(found["rooms"]) == 4
        assert certain["placesOffered"] == sum(one["places"] for one in inside) > 0
        assert certain["placesOffered"] <= certain["placesSpare"]
        assert certain["incomeEur"] == pytest.approx(sum(one["incomeEur"] for one in inside))

    def test_come_with_what_the_law_says_of_every_form(self, calm: TestClient, offers: str):
        forms = {one["form"]: one for one in calm.get(offers).json()["contractForms"]}

        assert set(forms) == {"vacancy_act", "temporary_rent", "youth_contract", "campus_contract"}
        assert forms["vacancy_act"]["noticeMonths"] == 3
        assert "noticeMonths" not in forms["campus_contract"]
        assert (forms["temporary_rent"]["returns"], forms["campus_contract"]["returns"]) == (
            True,
            False,
        )
        assert all(one["law"] and one["source"] for one in forms.values())

    def test_say_what_the_rent_of_every_group_rests_on(self, calm: TestClient, offers: str):
        rents = {one["group"]: one for one in calm.get(offers).json()["rents"]}

        assert {one["basis"] for one in rents.values()} == {"assumption"}
        assert {one["rentEur"] for one in rents.values()} == {3_600}
        assert "LMS 2023" in rents["student"]["source"]
        assert "municipality" in rents["permit_holder"]["source"]

    def test_are_chosen_by_period_province_form_and_group(self, calm: TestClient, offers: str):
        everything = calm.get(offers).json()["total"]
        period = calm.get(offers).json()["rooms"][0]["period"]

        def total(**asked: str) -> int:
            return int(calm.get(offers, params=asked).json()["total"])

        assert 0 < total(period=period) < everything
        assert total(province="Drenthe") == total(group="student") == everything
        assert total(province="Zeeland") == total(form="campus_contract") == 0

    def test_are_read_in_pages(self, calm: TestClient, offers: str):
        first = calm.get(offers, params={"pageSize": 1})

        assert len(first.json()["items"]) == 1
        assert 'rel="next"' in first.headers["link"]

    def test_are_the_same_as_a_table(self, calm: TestClient, offers: str):
        answer = calm.get(offers, headers={"accept": "text/csv"})
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        items = calm.get(offers, params={"pageSize": 1_000}).json()["items"]

        assert [row["location_id"] for row in rows] == [one["locationId"] for one in items]
        assert [int(row["places"]) for row in rows] == [one["places"] for one in items]
        assert rows[0]["groups"] == "student;urgent_seeker;permit_holder;young_person"
        assert answer.headers["getij-quality"].startswith("degraded")

    def test_of_an_unknown_plan_are_404(self, calm: TestClient):
        assert calm.get(f"/v1/capacity-plans/{'0' * 24}/dual-use-offers").status_code == 404

    @pytest.mark.parametrize(
        "asked", [{"group": "tourist"}, {"form": "short_stay"}, {"period": "2027"}, {"page": 0}]
    )
    def test_refuse_what_cannot_be_asked(
        self, calm: TestClient, offers: str, asked: dict[str, Any]
    ):
        answer = calm.get(offers, params=asked)

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["name"] == next(iter(asked))


class TestLendingLimit:
    @pytest.mark.parametrize("limit", [0, 1, 1.5, -0.1])
    def test_is_refused_with_the_field_named(self, calm: TestClient, limit: float):
        answer = calm.post("/v1/capacity-plans", json={"lendingLimit": limit})

        assert answer.status_code == 400
        assert [one["name"] for one in answer.json()["errors"]] == ["lendingLimit"]
