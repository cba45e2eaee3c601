# SPDX-License-Identifier: EUPL-1.2
"""What every resource answers, on a small store whose contents are known."""

import csv
import io

import numpy as np
import pytest
from starlette.testclient import TestClient

from models.types import LEVELS
from service.storage.register import parse_register
from tests.builders import forecast, register

CSV = {"accept": "text/csv"}


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


class TestObservations:
    def test_a_correction_replaces_what_it_corrects(self, read_only: TestClient):
        found = read_only.get("/v1/observations?seriesId=nl.inflow.first").json()

        assert [(row["startDate"], row["value"]) for row in found["items"]] == [
            ("2024-10-01", 7_100.0),
            ("2025-01-01", 5_900.0),
        ]

    def test_the_past_knew_only_what_was_known(self, read_only: TestClient):
        found = read_only.get("/v1/observations?knownAt=2025-03-01T00:00:00Z").json()

        assert [(row["seriesId"], row["value"]) for row in found["items"]] == [
            ("nl.inflow.first", 7_000.0),
            ("nl.occupancy.total", 72_000.0),
        ]

    def test_before_anything_was_known_there_is_nothing(self, read_only: TestClient):
        found = read_only.get("/v1/observations?knownAt=0001-01-01T00:00:00%2B14:00").json()

        assert found["total"] == 0

    def test_months_narrow_the_answer(self, read_only: TestClient):
        found = read_only.get("/v1/observations?from=2024-11&to=2024-12").json()

        assert [row["startDate"] for row in found["items"]] == ["2024-12-31"]

    def test_an_unknown_series_is_404(self, read_only: TestClient):
        assert read_only.get("/v1/observations?seriesId=nl.unknown").status_code == 404

    def test_the_table_says_the_same(self, read_only: TestClient):
        rows = table(read_only.get("/v1/observations", headers=CSV).text)
        items = read_only.get("/v1/observations").json()["items"]

        assert [(row["series_id"], row["period"], float(row["value"])) for row in rows] == [
            (item["seriesId"], item["startDate"], item["value"]) for item in items
        ]


class TestForecasts:
    def test_gives_the_quantiles_of_the_sampled_paths(self, read_only: TestClient):
        found = read_only.get("/v1/forecasts/latest?levels=0.9,0.5&from=2026-03&to=2026-03").json()
        paths = forecast("any").need.of("nl.capacity_need")[:, 2]

        need = found["series"][1]
        assert need["quantity"] == "need"
        assert need["levels"] == [0.5, 0.9]
        (month,) = need["periods"]
        assert (month["period"], month["horizon"]) == ("2026-03", 3)
        expected = np.round(np.quantile(paths, [0.5, 0.9]), 1).tolist()
        assert list(month["quantiles"].values()) == expected

    def test_says_how_far_it_may_be_relied_on(self, read_only: TestClient):
        found = read_only.get("/v1/forecasts/latest").json()

        assert found["quality"] == {"state": "degraded", "reasons": ["data_old"]}
        assert found["dataUntil"]["nl.occupancy.total"] == "2025-01-01"
        assert found["coverage"][0]["measured"] == 0.88
        assert found["seed"] == 7
        assert len(found["snapshotSha256"]) == len(found["modelId"]) == 64

    def test_a_parameter_may_be_repeated_or_hold_a_list(self, read_only: TestClient):
        once = read_only.get("/v1/forecasts/latest?levels=0.1,0.9").json()
        again = read_only.get("/v1/forecasts/latest?levels=0.9&levels=0.1").json()

        assert once == again

    def test_is_found_under_its_id_too(self, read_only: TestClient):
        latest = read_only.get("/v1/forecasts/latest").json()

        assert read_only.get(f"/v1/forecasts/{latest['forecastId']}").json() == latest

    def test_there_was_none_before_the_first(self, read_only: TestClient):
        before = "issuedBefore=2026-11-22T09:30:00Z"

        assert read_only.get(f"/v1/forecasts/latest?{before}").status_code == 404
        assert read_only.get(f"/v1/forecasts?{before}").json()["total"] == 0

    def test_an_unknown_id_is_404_and_an_impossible_one_400(self, read_only: TestClient):
        assert read_only.get("/v1/forecasts/" + "0" * 24).status_code == 404
        assert read_only.get("/v1/forecasts/..%2f..%2fetc%2fpasswd").status_code in {400, 404}
        assert read_only.get("/v1/forecasts/nonsense").status_code == 400

    def test_the_table_is_a_forecast_file_with_the_same_figures(self, read_only: TestClient):
        levels = ",".join(f"{level:g}" for level in LEVELS)
        answer = read_only.get(f"/v1/forecasts/latest?levels={levels}", headers=CSV)
        rows = table(answer.text)
        found = read_only.get(f"/v1/forecasts/latest?levels={levels}").json()

        assert list(rows[0]) == ["series_id", "cutoff", "horizon", "period", "level", "value"]
        assert rows[0]["cutoff"] == "2025-12-01"
        assert answer.headers["getij-quality"] == "degraded, data_old"
        assert answer.headers["getij-data-until"] == "2025-01-01"
        assert len(rows) == 2 * 48 * 23
        assert [
            (part["seriesId"], month["period"] + "-01", level, value)
            for part in found["series"]
            for month in part["periods"]
            for level, value in month["quantiles"].items()
        ] == [(row["series_id"], row["period"], row["level"], float(row["value"])) for row in rows]


class TestLocations:
    def test_tells_assumptions_from_facts(self, read_only: TestClient):
        found = read_only.get("/v1/locations/Emmen-regular").json()

        assert found["places"] == 350
        assert found["assumed"] == ["notice_months", "lead_time_months"]
        assert found["owner"] == "the tests"

    def test_leaves_out_what_there_is_not(self, read_only: TestClient):
        assert "agreementEnd" not in read_only.get("/v1/locations/Coevorden-regular").json()

    def test_adds_up_what_was_asked_for(self, read_only: TestClient):
        found = read_only.get("/v1/locations?status=open").json()

        assert found["totals"] == {
            "regular": 750,
            "emergency": 300,
            "reserve": 0,
            "lent": 0,
            "possible": 0,
            "locations": 3,
        }

    def test_finds_who_may_live_where(self, read_only: TestClient):
        totals = {
            group: read_only.get(f"/v1/locations?group={group}").json()["total"]
            for group in ("everyone", "unaccompanied_minor")
        }

        assert totals == {"everyone": 4, "unaccompanied_minor": 0}

    def test_the_table_can_be_read_in_again(self, read_only: TestClient):
        answer = read_only.get("/v1/locations", headers=CSV)

        read = parse_register(answer.content, file="register.csv")
        assert sorted(read, key=lambda place: place.location_id) == sorted(
            register(), key=lambda place: place.location_id
        )

    def test_an_unknown_location_is_404(self, read_only: TestClient):
        assert read_only.get("/v1/locations/Atlantis").status_code == 404


class TestModels:
    def test_shows_members_weights_and_scores(self, read_only: TestClient):
        (summary,) = read_only.get("/v1/models").json()["items"]
        found = read_only.get(f"/v1/models/{summary['modelId']}").json()

        assert summary["champion"] is True
        assert found["parameters"]["weights"] == {"random_walk": 0.5, "theta": 0.5}
        assert found["scores"]["crps"]["theta"] == 0.9

    def test_an_unknown_model_is_404(self, read_only: TestClient):
        assert read_only.get("/v1/models/" + "0" * 64).status_code == 404


class TestStatus:
    def test_says_in_both_languages_to_when_the_data_run(self, read_only: TestClient):
        message = read_only.get("/v1/status").json()["message"]

        assert "januari 2025" in message["nl"]
        assert "January 2025" in message["en"]

    def test_says_whether_inflow_still_looks_as_it_was_learned(self, read_only: TestClient):
        status = read_only.get("/v1/status").json()

        assert status["regime"] == {
            "state": "ringing",
            "direction": "higher",
            "since": "2025-05",
            "rang": "2025-11",
            "onceInYears": 12,
        }
        assert "Sinds mei 2025 is de instroom hoger" in status["message"]["nl"]
        assert "Since May 2025 inflow has been higher" in status["message"]["en"]


class TestMediaTypes:
    @pytest.mark.parametrize(
        ("accept", "given"),
        [
            ("*/*", "application/json"),
            ("text/csv", "text/csv"),
            ("text/*", "text/csv"),
            ("text/csv;q=0.5, application/json", "application/json"),
            ("text/csv, */*;q=0.1", "text/csv"),
            ("application/json;q=0, */*", "text/csv"),
            ("text/csv;q=x", "text/csv"),
            ("", "application/json"),
        ],
    )
    def test_the_client_gets_what_it_likes_best(
        self, read_only: TestClient, accept: str, given: str
    ):
        answer = read_only.get("/v1/locations", headers={"accept": accept})

        assert answer.headers["content-type"].split(";")[0] == given
        assert "Accept" in answer.headers["vary"].split(", ")
