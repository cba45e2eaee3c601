# SPDX-License-Identifier: EUPL-1.2
"""How forecasts did, and what the ministry expected, as other systems read it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from models.periods import Frequency
from service.app import create_app
from service.settings import Settings
from tests.builders import INFLOW, NOW, forecast, observation, opener, paths_from
from tests.figures import official

MONTHLY = replace(INFLOW, series_id="nl.inflow.monthly", frequency=Frequency.MONTH)
JANUARY = date(2026, 1, 1)


@pytest.fixture
def forecast_id(folder: Path) -> str:
    """A forecast of 2026 on, and two months that arrived since, the first of them corrected."""
    with opener(folder, fresh=False)() as store:
        store.series.define([MONTHLY])
        inflow = paths_from(MONTHLY.series_id, start=80.0, spread=0.1, seed=3)
        issued = store.forecasts.issue(replace(forecast("a" * 64), inflow=inflow))
        store.take_in(
            "a test",
            sha256="",
            definitions=[],
            observations=[
                observation(MONTHLY.series_id, JANUARY, 80.0),
                observation(MONTHLY.series_id, JANUARY, 90.0, known_at=NOW + timedelta(minutes=1)),
                observation(MONTHLY.series_id, date(2026, 2, 1), 500.0),
            ],
        )
        store.official_forecasts.record(
            [official(), official(target_year=2027), official(scenario="max", not_comparable="why")]
        )
    return issued


@pytest.fixture
def asked(forecast_id: str, settings: Settings, folder: Path) -> Iterator[TestClient]:
    """A client of a service with those scores."""
    app = create_app(settings, opener(folder, fresh=False))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


class TestScores:
    def test_hold_each_month_against_its_newest_figure(self, asked: TestClient, forecast_id: str):
        found = asked.get(f"/v1/forecasts/{forecast_id}/scores").json()

        median = np.median(paths_from(MONTHLY.series_id, start=80.0, spread=0.1, seed=3).persons, 0)
        first, second = found["items"]
        assert found["total"] == 2
        assert (first["period"], first["horizon"], first["actual"]) == ("2026-01", 1, 90.0)
        assert first["error"] == pytest.approx(median[0, 0] - 90.0)
        assert (first["held50"], second["held90"]) == (False, False)
        assert "baselineCrps" not in first

    def test_show_what_was_corrected_when_asked(self, asked: TestClient, forecast_id: str):
        found = asked.get(f"/v1/forecasts/{forecast_id}/scores?vintages=all").json()

        assert [row["actual"] for row in found["items"]] == [90.0, 80.0, 500.0]

    def test_come_in_pages_and_as_a_table(self, asked: TestClient, forecast_id: str):
        address = f"/v1/forecasts/{forecast_id}/scores"
        page = asked.get(f"{address}?pageSize=1&page=2")
        table = asked.get(address, headers={"accept": "text/csv"})

        assert [row["period"] for row in page.json()["items"]] == ["2026-02"]
        assert page.headers["x-total-count"] == "2"
        rows = list(csv.DictReader(io.StringIO(table.text)))
        assert [(row["period"], row["actual"], row["held_90"]) for row in rows] == [
            ("2026-01-01", "90.0", "1"),
            ("2026-02-01", "500.0", "0"),
        ]

    def test_of_an_unknown_forecast_are_404(self, asked: TestClient):
        assert asked.get("/v1/forecasts/" + "0" * 24 + "/scores").status_code == 404

    def test_are_summed_up_with_the_state_of_affairs(self, asked: TestClient):
        (part,) = asked.get("/v1/status").json()["inService"]

        assert (part["seriesId"], part["firstHorizon"], part["lastHorizon"]) == (
            MONTHLY.series_id,
            1,
            3,
        )
        assert (part["outcomes"], part["verdict"]) == (2, "too_few")
        assert [row["measured"] for row in part["coverage"]] == [0, 0.5, 0.5]

    def test_are_measured_for_prometheus(self, asked: TestClient):
        text = asked.get("/metrics").text

        series = f'series="{MONTHLY.series_id}"'
        assert f'getij_forecast_live_outcomes{{months="1-3",{series}}} 2.0' in text
        held = f'getij_forecast_live_coverage_ratio{{months="1-3",nominal="0.9",{series}}} 0.5'
        assert held in text
        assert f'getij_forecast_live_drift{{months="1-3",{series}}} 0.0' in text


class TestOfficialForecasts:
    def test_are_listed_by_year_with_why_one_cannot_be_compared(self, asked: TestClient):
        found = asked.get("/v1/official-forecasts").json()

        assert found["total"] == 3
        assert [row["targetYear"] for row in found["items"]] == [2026, 2026, 2027]
        other, ours, _ = found["items"]
        assert (other["comparable"], other["notComparable"]) == (False, "why")
        assert (ours["comparable"], "notComparable" in ours) == (True, False)

    def test_are_chosen_by_year_and_by_when_they_were_known(self, asked: TestClient):
        year = asked.get("/v1/official-forecasts?targetYear=2027").json()
        before = asked.get("/v1/official-forecasts?knownAt=2026-04-29T23:59:59Z").json()

        assert [row["persons"] for row in year["items"]] == [42_000]
        assert before["total"] == 0
        assert datetime.fromisoformat(year["items"][0]["knownAt"]) == datetime(
            2026, 4, 30, tzinfo=UTC
        )
