# SPDX-License-Identifier: EUPL-1.2
"""The service as it runs: a real server, a real socket, and things that go wrong around it."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from service.app import create_app
from service.guard import Guard
from service.settings import Settings
from tests.builders import opener
from tests.service.conftest import serving

ROOT = Path(__file__).resolve().parents[2]

HEAVY = ("prophet", "sklearn", "statsmodels", "cmdstanpy", "joblib", "matplotlib")


class TestALiveServer:
    def test_answers_over_a_socket_and_tells_nothing_about_itself(self, folder: Path):
        app = create_app(Settings(data_dir=folder, log_level="error"), opener(folder, fresh=False))
        with serving(app) as address, httpx.Client(base_url=address) as client:
            status = client.get("/v1/status")
            head = client.head("/v1/forecasts/latest")
            body = client.get("/v1/forecasts/latest")

        assert status.json()["quality"]["state"] == "degraded"
        assert head.headers["content-length"] == body.headers["content-length"]
        assert head.headers["etag"] == body.headers["etag"]
        assert "server" not in status.headers

    def test_starts_small_without_any_fitting_library(self):
        script = (
            "import sys, json, pathlib; from service.app import create_app; "
            "from service.settings import Settings; "
            "create_app(Settings(), lambda: None); "
            "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
        )
        ran = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )

        assert not set(HEAVY) & set(json.loads(ran.stdout))


class TestProbes:
    def test_say_alive_and_ready(self, read_only: TestClient):
        assert read_only.get("/livez").text == "alive\n"
        assert read_only.get("/readyz").text == "ready\n"

    def test_are_not_ready_before_the_first_forecast(self, tmp_path: Path):
        app = create_app(Settings(data_dir=tmp_path, log_level="error"), opener(tmp_path))
        with TestClient(app, raise_server_exceptions=False) as client:
            assert client.get("/livez").status_code == 200
            assert client.get("/readyz").status_code == 503
            status = client.get("/v1/status").json()

        assert status["quality"] == {"state": "fallback", "reasons": ["no_forecast"]}
        assert "Er is nog geen prognose" in status["message"]["nl"]


class TestWhenTheDatabaseIsAway:
    def test_the_service_starts_and_says_so(self, folder: Path):
        hidden = folder / "hidden"
        (folder / "getij.db").rename(hidden)
        # SQLite would make an empty file where there is none; a folder it cannot open.
        (folder / "getij.db").mkdir()
        app = create_app(Settings(data_dir=folder, log_level="error"), opener(folder, fresh=False))
        with TestClient(app, raise_server_exceptions=False) as client:
            answers = {path: client.get(path) for path in ("/v1/status", "/readyz", "/livez")}
            (folder / "getij.db").rmdir()
            hidden.rename(folder / "getij.db")
            after = client.get("/v1/status")

        assert answers["/livez"].status_code == 200
        assert answers["/readyz"].status_code == 503
        assert answers["/v1/status"].status_code == 503
        assert int(answers["/v1/status"].headers["retry-after"]) > 0
        assert "sqlite" not in answers["/v1/status"].text.lower()
        assert after.status_code == 200

    @pytest.mark.parametrize(
        ("path", "language", "sentence"),
        [
            ("/", "nl", "niet bereikbaar"),
            ("/?lang=en", "en", "cannot be reached"),
            ("/en", "en", "cannot be reached"),
        ],
    )
    def test_the_page_says_so_in_words(self, folder: Path, path: str, language: str, sentence: str):
        (folder / "getij.db").unlink()
        (folder / "getij.db").mkdir()
        app = create_app(Settings(data_dir=folder, log_level="error"), opener(folder, fresh=False))
        with TestClient(app, raise_server_exceptions=False) as client:
            answer = client.get(path)
            file = client.get("/forecast.csv")

        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["content-type"].startswith("text/html")
        assert f'<html lang="{language}">' in answer.text
        assert sentence in answer.text
        assert file.status_code == 503
        assert file.headers["content-type"] == "application/problem+json"


class TestPacking:
    """Long answers travel packed; nothing else about them changes."""

    ADDRESS = "/v1/forecasts/latest"

    def test_makes_a_long_answer_short_and_keeps_every_header(self, read_only: TestClient):
        plain = read_only.get(self.ADDRESS, headers={"accept-encoding": "identity"})
        packed = read_only.get(self.ADDRESS, headers={"accept-encoding": "gzip"})

        assert packed.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in packed.headers["vary"].lower()
        assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
        assert packed.json() == plain.json()
        for name in ("api-version", "content-security-policy", "content-type", "cache-control"):
            assert packed.headers[name] == plain.headers[name]

    def test_leaves_a_short_answer_as_it_is(self, read_only: TestClient):
        answer = read_only.get("/livez", headers={"accept-encoding": "gzip"})

        assert "content-encoding" not in answer.headers

    def test_gives_each_form_a_tag_of_its_own_and_answers_304_to_it(self, read_only: TestClient):
        tags = {}
        for coding in ("identity", "gzip"):
            headers = {"accept-encoding": coding}
            tags[coding] = read_only.get(self.ADDRESS, headers=headers).headers["etag"]
            again = read_only.get(self.ADDRESS, headers={**headers, "if-none-match": tags[coding]})

            assert again.status_code == 304
            assert again.content == b""
            assert "content-encoding" not in again.headers
            assert "accept-encoding" in again.headers["vary"].lower()

        assert tags["identity"] != tags["gzip"]

    def test_says_of_head_what_it_says_of_get(self, read_only: TestClient):
        headers = {"accept-encoding": "gzip"}
        get, head = (read_only.request(m, self.ADDRESS, headers=headers) for m in ("GET", "HEAD"))

        assert head.content == b""
        for name in ("content-length", "content-encoding", "etag", "vary"):
            assert head.headers[name] == get.headers[name]


class TestOverload:
    def test_what_does_not_fit_is_told_to_come_back_while_probes_answer(self):
        release = threading.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                return
            while scope["path"] == "/slow" and not release.is_set():
                await asyncio.sleep(0.01)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        guarded = Guard(slow, max_in_flight=2, observe=lambda *_: None)
        with serving(guarded) as address, httpx.Client(base_url=address, timeout=20) as client:
            waiting = [threading.Thread(target=client.get, args=("/slow",)) for _ in range(2)]
            for thread in waiting:
                thread.start()
            shed = _until_shed(client)
            probe = client.get("/livez")
            release.set()
            for thread in waiting:
                thread.join()
            after = client.get("/other")

        assert shed.headers["content-type"] == "application/problem+json"
        assert int(shed.headers["retry-after"]) > 0
        assert "api-version" in shed.headers
        assert probe.status_code == 200
        assert after.status_code == 200


def _until_shed(client: httpx.Client) -> httpx.Response:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        answer = client.get("/other")
        if answer.status_code == 503:
            return answer
        time.sleep(0.02)
    raise TimeoutError


class TestHosts:
    @pytest.mark.parametrize(("host", "status"), [("getij.example", 200), ("evil.example", 400)])
    def test_only_the_allowed_ones_are_answered(self, folder: Path, host: str, status: int):
        settings = Settings(data_dir=folder, log_level="error", allowed_hosts=("getij.example",))
        app = create_app(settings, opener(folder, fresh=False))
        with TestClient(app, base_url=f"http://{host}") as client:
            answer = client.get("/v1/series")

        assert answer.status_code == status
        assert "content-security-policy" in answer.headers


class TestTheCopy:
    def test_of_a_filled_folder_serves_the_same(self, filled: Path, tmp_path: Path):
        copy = shutil.copytree(filled, tmp_path / "copy")
        found = []
        for folder in (filled, copy):
            app = create_app(
                Settings(data_dir=folder, log_level="error"), opener(folder, fresh=False)
            )
            with TestClient(app) as client:
                found.append(client.get("/v1/forecasts/latest").content)

        assert found[0] == found[1]
