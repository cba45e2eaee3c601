# SPDX-License-Identifier: EUPL-1.2
"""Another register over HTTP: taken whole and answered with what changes, or refused whole."""

from pathlib import Path

from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from service.storage.desk import Desk
from service.storage.register import format_register
from tests.builders import location, opener, register

CSV = {"content-type": "text/csv"}


def table(*locations):
    return format_register(locations).encode()


class TestReplaceLocations:
    def test_lets_another_register_hold_and_says_what_changes(self, client: TestClient):
        before = client.get("/v1/locations").json()["registerId"]
        kept = register()[1:]
        changed = location("Coevorden", places=380)

        answer = client.put(
            "/v1/locations?source=COA%20portfolio%20team",
            content=table(changed, *kept, location("Hoogeveen")),
            headers=CSV,
        )

        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        found = answer.json()
        assert found["previousId"] == before
        assert found["added"] == ["Hoogeveen-regular"]
        assert found["changed"] == [
            {
                "locationId": "Coevorden-regular",
                "columns": ["places", "technical_places", "contractual_places"],
            }
        ]
        assert found["gone"] == []
        assert found["unchanged"] == 3
        assert found["warnings"] == []
        assert (found["before"]["regular"], found["after"]["regular"]) == (750, 1_130)
        holds = client.get("/v1/locations").json()
        assert holds["registerId"] == found["registerId"] != before
        assert holds["source"] == "COA portfolio team"

    def test_brings_back_in_what_was_read(self, client: TestClient):
        read = client.get("/v1/locations", headers={"accept": "text/csv"}).content

        found = client.put("/v1/locations", content=read, headers=CSV).json()

        assert found["registerId"] == found["previousId"]
        assert found["unchanged"] == 4

    def test_is_the_first_where_there_was_none(self, empty_desk: Desk, settings: Settings):
        app = create_app(settings, opener(settings.data_dir, fresh=False))
        with TestClient(app) as client:
            found = client.put("/v1/locations", content=table(*register()), headers=CSV).json()

        assert "previousId" not in found
        assert len(found["added"]) == 4
        assert empty_desk.registers.count() == 1

    def test_takes_nothing_where_anything_is_wrong_and_names_it_all(self, client: TestClient):
        before = client.get("/v1/locations").json()
        spoilt = table(*register(), location("Hoogeveen")).replace(b"Drenthe", b"Drente", 2)

        answer = client.put("/v1/locations", content=spoilt, headers=CSV)

        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["title"] == "Invalid file"
        assert "(and 1 more)" in problem["detail"]
        assert problem["errors"] == [
            {
                "in": "body",
                "name": f"line {line}, province",
                "reason": "is not one of the twelve provinces",
            }
            for line in (2, 3)
        ]
        assert client.get("/v1/locations").json() == before

    def test_never_sends_back_what_was_sent(self, client: TestClient):
        spoilt = table(*register()).replace(b"Drenthe", b"hunter2")

        assert "hunter2" not in client.put("/v1/locations", content=spoilt, headers=CSV).text

    def test_reads_csv_only(self, client: TestClient):
        for media in ("application/json", "text/plain", ""):
            answer = client.put("/v1/locations", content=b"{}", headers={"content-type": media})

            assert answer.status_code == 415
            assert "text/csv" in answer.json()["detail"]

    def test_takes_a_table_larger_than_any_other_body_but_not_any_size(self, folder: Path):
        content = table(*register())
        allowed = Settings(
            data_dir=folder,
            log_level="error",
            max_body_bytes=1_024,
            max_table_bytes=len(content),
        )
        app = create_app(allowed, opener(folder, fresh=False))
        with TestClient(app) as client:
            taken = client.put("/v1/locations", content=content, headers=CSV)
            refused = client.put("/v1/locations", content=content + b"\n", headers=CSV)

        assert len(content) > allowed.max_body_bytes
        assert (taken.status_code, refused.status_code) == (200, 413)

    def test_needs_a_body(self, client: TestClient):
        assert client.put("/v1/locations", headers=CSV).status_code == 400

    def test_refuses_a_source_that_cannot_be_printed(self, client: TestClient):
        answer = client.put("/v1/locations?source=a%00b", content=table(*register()), headers=CSV)

        assert answer.status_code == 400
