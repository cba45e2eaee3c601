# SPDX-License-Identifier: EUPL-1.2
"""/v1/forecasts/…/outlook, and the series of the chain in a forecast, held against their paths."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from models.catalogue import Measure, SeriesDefinition
from models.periods import Frequency
from service.app import create_app
from service.settings import Settings
from service.storage.desk import Desk
from service.usecases.outlook import make_outlook
from service.usecases.outlook_content import PartBasis
from tests.builders import NOW, fill, manifest, observation, opener
from tests.service.chained import chained_forecast
from training.store.records import IssuedForecast

NEED, STAGE, GROUP = "nl.need.total", "nl.need.stage.", "nl.need.group."
LATEST = "/v1/forecasts/latest"
OUTLOOK = f"{LATEST}/outlook"
TODAY = 10
"""The forecast runs from January 2026 on, and was issued in November."""

TARGET = SeriesDefinition(
    series_id="nl.housing.target",
    measure=Measure.HOUSING_TARGET,
    unit="persons",
    frequency=Frequency.HALF_YEAR,
    definition="Permit holders whom municipalities must house in the half-year.",
    publisher="a test",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a forecast that was issued with a chain, and a target that changed later."""
    folder = tmp_path_factory.mktemp("outlook")
    with opener(folder)() as store:
        fill(store)
        artefact_id = store.artefacts.write(manifest(), files={})
        store.forecasts.issue(chained_forecast(artefact_id))
        store.series.define([TARGET])
        store.observations.record(
            [
                observation(TARGET.series_id, date(2026, 7, 1), 9_000.0),
                observation(TARGET.series_id, date(2027, 1, 1), 8_000.0),
                observation(
                    TARGET.series_id, date(2027, 7, 1), 7_000.0, known_at=NOW + timedelta(days=1)
                ),
            ]
        )
    return folder


@pytest.fixture(scope="module")
def issued(place: Path) -> IssuedForecast:
    with opener(place, fresh=False)() as store:
        entry = store.forecasts.latest()
        assert entry is not None
        return store.forecasts.get(entry.forecast_id)


@pytest.fixture(scope="module")
def client(place: Path) -> Iterator[TestClient]:
    settings = Settings(data_dir=place, log_level="error")
    app = create_app(settings, opener(place, fresh=False))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def asked(client: TestClient, query: str = "") -> dict[str, Any]:
    answer = client.get(f"{OUTLOOK}?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


class TestPeak:
    def test_is_that_of_the_paths_from_the_day_of_the_figures_on(self, client, issued):
        need = issued.need.of(NEED)[:, TODAY:]

        found = asked(client, "levels=0.1,0.9")["peak"]

        heights = np.round(np.quantile(need.max(axis=1), [0.1, 0.9]), 1).tolist()
        assert list(found["persons"].values()) == heights
        assert found["periods"][0]["period"] == "2026-11"
        counted = np.bincount(need.argmax(axis=1), minlength=need.shape[1]) / len(need)
        assert [month["chance"] for month in found["periods"]] == counted.round(4).tolist()

    def test_may_be_looked_for_in_other_months(self, client):
        found = asked(client, "from=2026-01&to=2026-03")

        assert (found["firstPeriod"], found["lastPeriod"]) == ("2026-01", "2026-03")
        assert [month["period"] for month in found["peak"]["periods"]] == [
            "2026-01",
            "2026-02",
            "2026-03",
        ]


class TestRoom:
    def test_is_held_against_the_need_of_every_path(self, client, issued):
        need = issued.need.of(NEED)[:, TODAY:]
        room = float(np.median(need))

        found = asked(client, f"capacity={room}")["exceedance"]

        assert found["room"] == {"persons": room}
        assert found["chance"] == np.mean((need > room).any(axis=1)).round(4)
        assert [month["chance"] for month in found["periods"]] == (
            np.mean(need > room, axis=0).round(4).tolist()
        )
        firsts = sorted(int(np.argmax(path > room)) for path in need if (path > room).any())
        middle = firsts[(len(firsts) - 1) // 2]
        assert found["firstPeriods"]["0.5"] == str(np.datetime64("2026-11", "M") + middle)

    def test_is_that_of_the_places_open_now_if_nobody_says_otherwise(self, client):
        """Coevorden 400, Emmen 350 and in emergency reception Assen 300."""
        assert asked(client)["exceedance"]["room"] == {
            "persons": 955.5,
            "places": 1_050,
            "occupancyNorm": 0.91,
        }

    def test_that_is_never_outgrown_has_no_first_month(self, client):
        found = asked(client, "capacity=90000000")["exceedance"]

        assert found["chance"] == 0
        assert "firstPeriods" not in found


class TestQueues:
    def test_have_the_waits_of_the_paths(self, client, issued):
        flows = issued.flows
        assert flows is not None

        found = {part["name"]: part for part in asked(client, "levels=0.5")["bottlenecks"]}

        assert list(found) == ["decisions", "homes"]
        for name, part in found.items():
            waits = np.median(flows.of(f"nl.waited.{name}")[:, TODAY:], axis=0).round(1)
            assert [row["quantiles"]["0.5"] for row in part["waiting"]] == waits.tolist()
        assert found["homes"]["partner"] == "gemeenten"
        assert found["homes"]["longestWait"] == 59.5

    def test_have_whole_half_years_against_what_was_asked_of_them_then(self, client, issued):
        assert issued.flows is not None
        served = issued.flows.of("nl.served.homes")

        decisions, homes = asked(client, "levels=0.5")["bottlenecks"]

        rows = {row["period"]: row for row in homes["halfYears"]}
        assert list(rows) == ["2026-07", "2027-01", "2027-07", "2028-01", "2028-07"]
        second = np.median(served[:, 6:12].sum(axis=1)).round(1)
        assert rows["2026-07"]["quantiles"]["0.5"] == second
        assert [row.get("target") for row in rows.values()] == [9_000, 8_000, None, None, None]
        assert rows["2026-07"]["targetStatus"] == "observed"
        assert all("target" not in row for row in decisions["halfYears"])


class TestStages:
    def test_say_what_is_known_of_them(self, client):
        """Only totals were counted for this chain."""
        stages = asked(client)["stages"]

        assert [row["seriesId"].removeprefix(STAGE) for row in stages] == [
            *("registration", "fast_track", "arrival", "procedure", "permit_holder", "rejected")
        ]
        assert {row["basis"] for row in stages} == {"inferred"}
        assert stages[3]["title"]["en"] == "general and extended asylum procedure"

    @pytest.mark.parametrize(("division", "prefix"), [("stages", STAGE), ("groups", GROUP)])
    def test_have_shares_that_add_up_to_one(self, client, issued, division: str, prefix: str):
        parts = asked(client, "from=2027-03&to=2027-05")[division]

        names = [name for name in issued.need.series_ids if name.startswith(prefix)]
        assert [part["seriesId"] for part in parts] == names
        for month in range(3):
            rows = [part["periods"][month] for part in parts]
            assert {row["period"] for row in rows} == {f"2027-0{3 + month}"}
            assert sum(row["share"] for row in rows) == pytest.approx(1, abs=0.001)
        of_first = issued.need.of(names[0])[:, 14] / issued.need.of(NEED)[:, 14]
        assert parts[0]["periods"][0]["share"] == of_first.mean().round(4)

    def test_that_are_counted_alone_differ_from_those_counted_together(self, place: Path, issued):
        chain = issued.chain
        assert chain is not None
        counted = {
            "nl.backlog.asylum": 4,
            "nl.backlog.general_procedure": 2,
            "nl.occupancy.unaccompanied_minor": 3,
        }
        told = replace(chain, counted=counted)
        with opener(place, fresh=False)() as store:
            artefact_id = store.artefacts.write(manifest(), files={})
            other = replace(issued, seed=8, artefact_id=artefact_id, chain=told)
            forecast_id = store.forecasts.issue(other)
            desk = Desk.of(store)
            entry = store.forecasts.entry(forecast_id)
            found = make_outlook(desk, entry, room=None, levels=(0.5,))
            store.forecasts.issue(issued)  # the latest one again, for the other tests

        alone = {row.series_id for row in found.groups if row.basis is PartBasis.COUNTED}
        assert alone == {f"{GROUP}unaccompanied_minor"}
        assert {row.series_id.removeprefix(STAGE): row.basis.value for row in found.stages} == {
            "registration": "counted_together",
            "fast_track": "counted_together",
            "arrival": "inferred",
            "procedure": "counted",
            "permit_holder": "inferred",
            "rejected": "inferred",
        }


class TestTheAnswer:
    def test_says_how_far_it_may_be_relied_on(self, client):
        found, forecast = asked(client), client.get(LATEST).json()

        for name in ("forecastId", "issuedAt", "asOf", "quality", "dataUntil"):
            assert found[name] == forecast[name]

    def test_is_found_under_the_id_of_the_forecast_too(self, client, issued):
        assert client.get(f"/v1/forecasts/{issued.forecast_id}/outlook").json() == asked(client)

    def test_is_not_sent_again_when_nothing_changed(self, client):
        tag = client.get(OUTLOOK).headers["etag"]

        assert client.get(OUTLOOK, headers={"if-none-match": tag}).status_code == 304

    def test_is_the_same_as_a_table(self, client):
        answer = client.get(f"{OUTLOOK}?capacity=60000", headers={"accept": "text/csv"})
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        found = asked(client, "capacity=60000")

        def of(measure: str, name: str = "need") -> list[tuple[str, str, str]]:
            return [
                (row["period"], row["level"], row["value"])
                for row in rows
                if (row["measure"], row["name"]) == (measure, name)
            ]

        assert answer.headers["getij-quality"].startswith("degraded")
        assert of("exceedance_chance") == [
            (month["period"], "", str(month["chance"])) for month in found["exceedance"]["periods"]
        ]
        assert of("exceedance_first_period") == [
            (period, level, "")
            for level, period in found["exceedance"].get("firstPeriods", {}).items()
        ]
        assert of("waited_months", "homes") == [
            (month["period"], level, str(value))
            for month in found["bottlenecks"][1]["waiting"]
            for level, value in month["quantiles"].items()
        ]
        assert of("target_persons_half_year", "homes") == [
            ("2026-07", "", "9000.0"),
            ("2027-01", "", "8000.0"),
        ]

    @pytest.mark.parametrize(
        "query",
        [
            "capacity=-1",
            "capacity=nan",
            "capacity=inf",
            "levels=0.123",
            "to=2026-13",
            "unknown=1",
        ],
    )
    def test_refuses_what_makes_no_sense(self, client, query: str):
        answer = client.get(f"{OUTLOOK}?{query}")

        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("query", ["from=2040-01", "from=2027-01&to=2026-12"])
    def test_is_404_where_the_forecast_has_no_month(self, client, query: str):
        assert client.get(f"{OUTLOOK}?{query}").status_code == 404

    def test_leaves_out_what_a_plain_forecast_cannot_say(self, read_only: TestClient):
        found = asked(read_only)

        assert found["bottlenecks"] == found["stages"] == found["groups"] == []
        assert found["peak"]["periods"]

    def test_of_an_unknown_forecast_is_404(self, client):
        assert client.get(f"/v1/forecasts/{'0' * 24}/outlook").status_code == 404


class TestTheForecastItself:
    def test_names_quantity_unit_and_division_of_every_series(self, client):
        series = client.get(f"{LATEST}?levels=0.5").json()["series"]

        facts = {
            part["seriesId"]: (part["quantity"], part["unit"], part.get("partOf"))
            for part in series
            if part["quantity"] != "inflow"
        }
        assert facts[NEED] == ("need", "persons", None)
        assert facts["nl.need.stage.procedure"] == ("need", "persons", NEED)
        assert facts["nl.served.homes"] == ("served", "persons/month", None)
        assert facts["nl.waited.decisions"] == ("waited", "months", None)
        assert {
            (part["seriesId"].split(".")[2], part["dividedBy"])
            for part in series
            if "dividedBy" in part
        } == {("stage", "stage"), ("group", "group")}

    def test_gives_a_flow_that_is_asked_for_by_name(self, client, issued):
        found = client.get(f"{LATEST}?seriesId=nl.waited.homes&levels=0.5&from=2026-12&to=2026-12")

        (part,) = found.json()["series"]
        waited = issued.flows.of("nl.waited.homes")[:, 11]
        assert part["periods"][0]["quantiles"]["0.5"] == np.median(waited).round(1)

    @pytest.mark.parametrize("division", [STAGE, GROUP])
    def test_has_parts_that_add_up_in_every_path(self, issued, division: str):
        names = [name for name in issued.need.series_ids if name.startswith(division)]

        parts = sum(issued.need.of(name) for name in names)
        np.testing.assert_allclose(parts, issued.need.of(NEED), rtol=1e-9)
