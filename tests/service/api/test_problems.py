# SPDX-License-Identifier: EUPL-1.2
"""Problem documents: every error has one, and none says more than it should."""

import csv
import io
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import service.errors  # noqa: F401 - its classes must be known to be counted
from models.errors import Fault, GetijError, InvalidFile, NotFitted
from service.api.problems import PROBLEMS, render
from service.api.text_csv import csv_response
from service.conditional import Conditional
from service.guard import Guard

JSON = {"content-type": "application/json"}


def every_error(kind: type[GetijError] = GetijError) -> Iterator[type[GetijError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from every_error(child)


class TestTheTable:
    def test_covers_every_error_there_is(self):
        assert set(every_error()) == set(PROBLEMS)

    def test_keeps_internals_inside(self):
        body = bytes(render(NotFitted("secret member")).body)

        assert b"secret member" not in body

    def test_reports_every_fault_of_a_file(self):
        faults = [
            Fault(line=3, column="value", reason="is negative"),
            Fault(line=5, column="period", reason="is twice"),
        ]

        body = bytes(render(InvalidFile("f.csv", faults)).body)

        assert b"line 3, value" in body
        assert b"line 5, period" in body


class TestInvalidRequests:
    def test_are_400_with_every_fault_at_once(self, client: TestClient):
        answer = client.get("/v1/forecasts/latest?levels=0.55,0.123&from=2026-13&tomorrow=1")

        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        named = {(fault["in"], fault["name"]) for fault in answer.json()["errors"]}
        assert named == {("query", "levels.1"), ("query", "from"), ("query", "")}

    @pytest.mark.parametrize(
        "address",
        [
            "/v1/status?x=1",
            "/v1/forecasts?pagesize=1",
            "/v1/forecasts?page_size=1",
            "/v1/locations/Emmen-regular?x",
        ],
    )
    def test_an_unknown_parameter_is_refused_everywhere(self, client: TestClient, address: str):
        assert client.get(address).status_code == 400

    @pytest.mark.parametrize(
        "sent",
        [
            b'{"occupancyNorm": NaN}',
            b'{"occupancyNorm": Infinity}',
            b'{"occupancyNorm": 1e999}',
            b'{"occupancyNorm": "0.9"}',
            b'{"occupancyNorm": true}',
            b'{"occupancyNorm": null}',
            b'{"occupancyNorm": 0}',
            b'{"occupancyNorm": 0.9, "occupancyNorm": 0.8}',
            b'{"unknown": 1}',
            b'{"forecastId": "\\ud800"}',
            b'{"\\ud800": 1}',
            b"[" * 100_000,
            b'{"costs": ' * 30 + b"1" + b"}" * 30,
            b'{"seed": ' + b"9" * 5_000 + b"}",
            b"\xff\xfe",
            b"{",
            b"[]",
            b"null",
        ],
    )
    def test_a_hostile_body_is_a_400(self, client: TestClient, sent: bytes):
        answer = client.post("/v1/buffer-advices", content=sent, headers=JSON)

        assert answer.status_code == 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"status", "title", "detail"} <= answer.json().keys()

    def test_what_was_sent_is_never_sent_back(self, client: TestClient):
        answer = client.post("/v1/buffer-advices", json={"hunter2": 1, "forecastId": "hunter2"})

        assert answer.status_code == 400
        assert "hunter2" not in answer.text


class TestOtherRefusals:
    def test_a_trailing_slash_is_another_address(self, client: TestClient):
        answer = client.get("/v1/status/", follow_redirects=False)

        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize(
        ("address", "allowed"),
        [
            ("/v1/status", "GET, HEAD"),
            ("/v1/buffer-advices", "GET, HEAD, POST"),
            ("/v1/forecasts/latest", "GET, HEAD"),
            ("/livez", "GET, HEAD"),
        ],
    )
    def test_an_unknown_method_is_told_the_known_ones(
        self, client: TestClient, address: str, allowed: str
    ):
        answer = client.request("DELETE", address)

        assert answer.status_code == 405
        assert answer.headers["allow"] == allowed

    def test_a_form_that_is_not_on_offer_is_406(self, client: TestClient):
        answer = client.get("/v1/forecasts/latest", headers={"accept": "application/xml"})

        assert answer.status_code == 406
        assert "text/csv" in answer.json()["detail"]

    def test_a_body_that_is_not_json_is_415(self, client: TestClient):
        answer = client.post(
            "/v1/buffer-advices", content=b"{}", headers={"content-type": "text/plain"}
        )

        assert answer.status_code == 415

    def test_a_large_body_is_413(self, client: TestClient):
        answer = client.post("/v1/buffer-advices", content=b" " * 2_000_000, headers=JSON)

        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"

    def test_a_long_address_is_414(self, client: TestClient):
        assert client.get("/v1/status?" + "a" * 5_000).status_code == 414

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
    def test_a_cell_that_looks_like_a_formula_is_made_harmless(self, text: str):
        answer = csv_response(["name", "value"], [(text, -1.5)], name="f.csv")

        (row,) = list(csv.reader(io.StringIO(bytes(answer.body).decode(), newline="")))[1:]
        assert row == [f"'{text}", "-1.5"]

    def test_an_unforeseen_error_reveals_nothing(self):
        app = FastAPI()

        @app.get("/broken")
        def broken() -> None:
            raise RuntimeError("hunter2")

        guarded = Guard(Conditional(app), max_in_flight=1, observe=lambda *_: None)
        answer = TestClient(guarded, raise_server_exceptions=False).get("/broken")

        assert answer.status_code == 500
        assert "hunter2" not in answer.text
        assert "api-version" in answer.headers
