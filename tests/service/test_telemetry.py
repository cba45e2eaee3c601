# SPDX-License-Identifier: EUPL-1.2
"""Metrics and logs: true, bounded, and free of what a client typed."""

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import structlog
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from service.storage.desk import Desk
from service.telemetry import configure_logs
from service.usecases.overview import give_first_advice
from tests.builders import NOW, manifest, opener
from tests.service.chained import chained_forecast


def sample(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, flags=re.MULTILINE)
    assert found, f"{name} is missing"
    return float(found[1])


class TestMetrics:
    def test_tell_the_state_of_affairs(self, desk: Desk, client: TestClient):
        give_first_advice(desk, Settings())
        text = client.get("/metrics").text
        advice = client.get("/v1/buffer-advices/latest").json()

        assert sample(text, "getij_store_available") == 1
        assert sample(text, "getij_forecast_issued_timestamp_seconds") == NOW.timestamp()
        assert sample(text, 'getij_capacity_places{kind="emergency"}') == 300
        assert sample(text, 'getij_forecast_quality{state="degraded"}') == 1
        assert sample(text, 'getij_regime_alarm{direction="higher"}') == 1
        assert sample(text, 'getij_regime_alarm{direction="lower"}') == 0
        assert (
            sample(text, "getij_buffer_advised_places")
            == advice["recommended"]["outcome"]["places"]
        )

    def test_tell_why_people_are_inside_and_how_long_they_wait(
        self, desk: Desk, client: TestClient
    ):
        """The forecast runs from January 2026 on; it is November."""
        issued = chained_forecast(desk.store.artefacts.write(manifest(), files={}))
        desk.store.forecasts.issue(issued)
        text = client.get("/metrics").text

        inside = np.median(issued.need.of("nl.need.stage.permit_holder")[:, 10])
        wait = np.median(issued.flows.of("nl.waited.homes")[:, 10])
        assert sample(text, 'getij_need_stage_persons{stage="permit_holder"}') == inside
        assert sample(text, 'getij_wait_months{bottleneck="homes"}') == wait
        assert set(re.findall(r'getij_capacity_need_persons\{.*series="(.*?)"', text)) == {
            "nl.need.total"
        }

    def test_count_requests_by_route_and_never_by_what_was_typed(self, client: TestClient):
        client.get("/v1/series/hunter2")
        client.get("/hunter2")
        client.request("HUNTER2", "/livez")
        text = client.get("/metrics").text

        route = 'method="GET",route="/v1/series/{seriesId}",status="404"'
        assert sample(text, f"getij_http_requests_total{{{route}}}") == 1
        assert "hunter2" not in text.lower()

    def test_are_there_while_the_store_is_away(self, tmp_path: Path):
        def away() -> None:
            raise OSError

        app = create_app(Settings(data_dir=tmp_path, log_level="error"), away)  # type: ignore[arg-type] # raises before it returns
        with TestClient(app, raise_server_exceptions=False) as client:
            answer = client.get("/metrics")

            assert answer.status_code == 200
            assert sample(answer.text, "getij_store_available") == 0

    def test_pass_the_linter_of_prometheus(self, desk: Desk, client: TestClient):
        promtool = shutil.which("promtool")
        if promtool is None:
            pytest.skip(
                "left out: no promtool on this machine (Debian: apt-get install prometheus)"
            )
        give_first_advice(desk, Settings())
        client.get("/v1/status")

        checked = subprocess.run(
            [promtool, "check", "metrics"],
            input=client.get("/metrics").text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


class TestLogs:
    def test_are_one_json_object_per_line_without_what_was_typed(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ):
        app = create_app(Settings(data_dir=folder), opener(folder, fresh=False))
        with TestClient(app, raise_server_exceptions=False) as client:
            client.get("/v1/series/hunter2?x=%0d%0aforged")

        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        (request,) = [line for line in lines if line["event"] == "request"]
        assert request["route"] == "/v1/series/{seriesId}"
        assert request["status"] == 400
        assert "hunter2" not in json.dumps(lines)
        assert "forged" not in json.dumps(lines)


class TestWhereLogsGo:
    def test_go_to_where_standard_error_is_when_something_is_said(self, monkeypatch):
        early, late = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "stderr", early)
        configure_logs("info")
        log = structlog.get_logger("test")
        early.close()
        monkeypatch.setattr(sys, "stderr", late)

        log.info("still here")

        assert json.loads(late.getvalue())["event"] == "still here"
