# SPDX-License-Identifier: EUPL-1.2
"""The Dutch API Design Rules 2.2: what a linter sees, and what only answers show."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.api.application import create_api

KEBAB = re.compile(r"^(/([a-z0-9-]+|\{[a-zA-Z]+\}))+$")
CAMEL = re.compile(r"^[a-z][a-z0-9]*([A-Z][a-z0-9]*)*$")
PASCAL = re.compile(r"^[A-Z][A-Za-z0-9]*$")
SEMVER = re.compile(r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(create_api().openapi()))
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def answers(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, _, operation in operations(document):
        yield from operation["responses"].items()


def properties(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property in the document, at whatever depth."""
    if isinstance(node, dict):
        for name, schema in node.get("properties", {}).items():
            if isinstance(schema, dict):
                yield name, schema
        for part in node.values():
            yield from properties(part)
    elif isinstance(node, list):
        for part in node:
            yield from properties(part)


class TestTheDocument:
    def test_is_openapi_3_with_a_semantic_version(self, document: dict[str, Any]):
        assert document["openapi"].startswith("3.")
        assert SEMVER.match(document["info"]["version"])

    def test_names_somebody_to_turn_to(self, document: dict[str, Any]):
        assert {"name", "url", "email"} <= document["info"]["contact"].keys()

    def test_names_the_major_version_in_the_address(self, document: dict[str, Any]):
        assert [server["url"] for server in document["servers"]] == ["/v1"]

    def test_paths_are_kebab_case_without_extension_or_trailing_slash(
        self, document: dict[str, Any]
    ):
        assert [path for path in document["paths"] if not KEBAB.match(path)] == []

    def test_only_uses_standard_methods(self, document: dict[str, Any]):
        assert {method for _, method, _ in operations(document)} <= {"get", "post", "put"}

    def test_keys_and_properties_are_camel_case(self, document: dict[str, Any]):
        keys = [
            parameter["name"]
            for _, _, operation in operations(document)
            for parameter in operation.get("parameters", ())
            if parameter["in"] != "header"
        ]
        names = [name for name, _ in properties(document["components"])]

        assert [name for name in keys + names if not CAMEL.match(name)] == []

    def test_schemas_are_pascal_case(self, document: dict[str, Any]):
        names = document["components"]["schemas"]

        assert [name for name in names if not PASCAL.match(name)] == []

    def test_every_operation_has_a_stable_name_of_its_own(self, document: dict[str, Any]):
        names = [operation["operationId"] for _, _, operation in operations(document)]

        assert len(set(names)) == len(names)
        assert [name for name in names if not CAMEL.match(name)] == []

    def test_every_answer_carries_the_version(self, document: dict[str, Any]):
        without = [
            status for status, answer in answers(document) if "API-Version" not in answer["headers"]
        ]

        assert without == []

    def test_every_error_is_a_problem_document(self, document: dict[str, Any]):
        problem = document["components"]["schemas"]["Problem"]
        kinds = {
            media
            for status, answer in answers(document)
            if status[0] in "45"
            for media in answer["content"]
        }

        assert kinds == {"application/problem+json"}
        assert {"status", "title", "detail"} <= set(problem["required"])

    def test_invalid_input_is_400_and_never_422(self, document: dict[str, Any]):
        for _, _, operation in operations(document):
            assert "400" in operation["responses"]
            assert "422" not in operation["responses"]

    def test_a_date_says_so_at_its_top_level(self, document: dict[str, Any]):
        dates = [
            (name, schema)
            for name, schema in properties(document)
            if re.search(r"\wDate|^date$", name)
        ]

        assert dates
        assert [name for name, schema in dates if schema.get("format") != "date"] == []

    def test_no_time_is_without_a_zone(self, document: dict[str, Any]):
        formats = {schema.get("format") for _, schema in properties(document)}

        assert not formats & {"time", "date-time-local"}

    def test_nothing_is_ever_null(self, document: dict[str, Any]):
        assert '"null"' not in json.dumps(document)

    def test_defaults_are_what_the_schema_allows(self, document: dict[str, Any]):
        for name, schema in properties(document["components"]):
            if "default" in schema and "minimum" in schema:
                assert schema["minimum"] <= schema["default"], name

    def test_heavy_work_is_accepted_with_an_address_to_look_at(self, document: dict[str, Any]):
        for _, method, operation in operations(document):
            if method == "post":
                assert {"Location", "Retry-After"} <= operation["responses"]["202"][
                    "headers"
                ].keys()

    def test_is_made_anew_without_changing(self):
        assert json.dumps(create_api().openapi()) == json.dumps(create_api().openapi())


ADDRESSES = (
    "/v1/status",
    "/v1/series",
    "/v1/series/nl.inflow.first",
    "/v1/observations",
    "/v1/forecasts",
    "/v1/forecasts/latest",
    "/v1/forecasts/latest/outlook",
    "/v1/official-forecasts",
    "/v1/scenarios",
    "/v1/locations",
    "/v1/locations/Emmen-regular",
    "/v1/buffer-advices",
    "/v1/capacity-plans",
    "/v1/tasks",
    "/v1/models",
    "/v1/openapi.json",
)
HEADERS = (
    "api-version",
    "strict-transport-security",
    "x-content-type-options",
    "content-security-policy",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cache-control",
)


class TestEveryAnswer:
    @pytest.mark.parametrize("address", ADDRESSES)
    def test_is_found_as_json_with_an_etag_unless_it_may_not_be_kept(
        self, read_only: TestClient, address: str
    ):
        answer = read_only.get(address)

        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        kept = "no-store" not in answer.headers["cache-control"]
        assert ("etag" in answer.headers) == kept

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_head_says_the_same_without_a_body(self, read_only: TestClient, address: str):
        got, asked = read_only.get(address), read_only.head(address)

        assert asked.status_code == got.status_code
        assert asked.content == b""
        for name in ("content-type", "content-length", "etag", "cache-control"):
            assert asked.headers.get(name) == got.headers.get(name)

    @pytest.mark.parametrize(
        ("method", "address"),
        [
            ("GET", "/v1/status"),
            ("HEAD", "/v1/status"),
            ("GET", "/v1/nothing"),
            ("GET", "/v1/status/"),
            ("GET", "/nothing"),
            ("DELETE", "/v1/status"),
            ("TRACE", "/v1/status"),
            ("POST", "/v1/buffer-advices"),
            ("GET", "/v1/status?" + "x" * 5_000),
            ("GET", "/livez"),
            ("GET", "/metrics"),
        ],
    )
    def test_carries_version_and_security_headers(
        self, read_only: TestClient, method: str, address: str
    ):
        answer = read_only.request(method, address)

        assert [name for name in HEADERS if name not in answer.headers] == []

    def test_unchanged_is_304_without_a_body(self, read_only: TestClient):
        tag = read_only.get("/v1/series").headers["etag"]

        for wanted in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = read_only.get("/v1/series", headers={"if-none-match": wanted})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == tag
        assert read_only.get("/v1/series", headers={"if-none-match": '"other"'}).status_code == 200

    def test_the_document_is_readable_from_any_website(self, read_only: TestClient):
        answer = read_only.get("/v1/openapi.json", headers={"origin": "https://other.example"})

        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-origin" not in read_only.get("/v1/status").headers

    def test_moments_are_in_utc(self, read_only: TestClient):
        assert read_only.get("/v1/forecasts/latest").json()["issuedAt"].endswith("Z")

    def test_long_lists_lead_to_their_neighbours(self, read_only: TestClient):
        answer = read_only.get("/v1/locations?pageSize=1&page=2&kind=regular")

        links = dict(reversed(part.split("; ")) for part in answer.headers["link"].split(", "))
        assert links['rel="next"'] == "</v1/locations?kind=regular&page=3&pageSize=1>"
        assert links['rel="prev"'] == "</v1/locations?kind=regular&page=1&pageSize=1>"
        assert links['rel="last"'] == "</v1/locations?kind=regular&page=3&pageSize=1>"
        assert answer.headers["x-total-count"] == "3"
        assert answer.json()["total"] == 3
        assert len(answer.json()["items"]) == 1

    def test_pages_together_are_the_whole_list(self, read_only: TestClient):
        pages = [read_only.get(f"/v1/locations?pageSize=3&page={page}") for page in (1, 2, 3)]

        found = [item["locationId"] for page in pages for item in page.json()["items"]]
        assert found == sorted(set(found))
        assert len(found) == 4
