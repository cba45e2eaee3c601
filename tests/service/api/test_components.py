# SPDX-License-Identifier: EUPL-1.2
"""A forecast with parts, asked for as a whole and by series."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from starlette.testclient import TestClient

from models.types import SamplePaths
from service.storage.desk import Desk
from tests.builders import forecast
from training.store.records import Composition

WHOLE, FIRST, REST = "nl.inflow.total", "nl.inflow.total.first", "nl.inflow.total.other"


@pytest.fixture
def address(desk: Desk, client: TestClient) -> str:
    """Where a forecast is: a total and its two parts, known for a quarter less long."""
    plain = forecast(desk.store.forecasts.latest().artefact_id, seed=11)
    whole = plain.inflow.persons[:, 0]
    divided = replace(
        plain,
        inflow=SamplePaths(
            series_ids=(WHOLE, FIRST, REST),
            frequency=plain.inflow.frequency,
            origins=np.repeat(plain.inflow.origins, 3),
            persons=np.stack([whole, whole / 4, whole - whole / 4], axis=1),
        ),
        composition=Composition(
            parts={WHOLE: (FIRST, REST)},
            until={FIRST: "2025-09", REST: "2025-09"},
            left_out=("nl.inflow.resettled",),
        ),
    )
    return f"/v1/forecasts/{desk.store.forecasts.issue(divided)}"


class TestParts:
    def test_say_what_they_are_part_of_and_until_when_they_were_known(
        self, client: TestClient, address: str
    ):
        found = client.get(address).json()

        total, first, rest, need = found["series"]
        assert found["leftOut"] == ["nl.inflow.resettled"]
        assert [entry["seriesId"] for entry in (total, first, rest)] == [WHOLE, FIRST, REST]
        assert (first["partOf"], rest["partOf"]) == (WHOLE, WHOLE)
        assert "partOf" not in total
        assert "partOf" not in need
        assert (total["lastKnownPeriod"], first["lastKnownPeriod"]) == ("2025-12", "2025-09")
        assert (total["periods"][0]["horizon"], first["periods"][0]["horizon"]) == (1, 4)
        assert total["periods"][0]["period"] == first["periods"][0]["period"] == "2026-01"

    def test_can_be_asked_for_by_name(self, client: TestClient, address: str):
        everything = client.get(address).json()["series"]
        some = client.get(f"{address}?seriesId={REST},{WHOLE}").json()["series"]

        assert some == [entry for entry in everything if entry["seriesId"] in {WHOLE, REST}]

    def test_stand_in_the_table_under_their_own_cutoff(self, client: TestClient, address: str):
        answer = client.get(f"{address}?seriesId={FIRST}", headers={"accept": "text/csv"})
        rows = list(csv.DictReader(io.StringIO(answer.text)))

        assert {(row["series_id"], row["cutoff"]) for row in rows} == {(FIRST, "2025-09-01")}
        assert (rows[0]["horizon"], rows[0]["period"]) == ("4", "2026-01-01")

    def test_of_an_unknown_name_are_404(self, client: TestClient, address: str):
        answer = client.get(f"{address}?seriesId={FIRST},nl.unknown")

        assert answer.status_code == 404
        assert "nl.unknown" in answer.json()["detail"]

    def test_come_back_from_the_store_with_their_paths(self, desk: Desk, address: str):
        stored = desk.store.forecasts.get(address.rpartition("/")[2])

        assert stored.composition.whole_of(FIRST) == WHOLE
        parts = stored.inflow.of(FIRST) + stored.inflow.of(REST)
        assert np.array_equal(parts, stored.inflow.of(WHOLE))
