# SPDX-License-Identifier: EUPL-1.2
"""The command line as a user meets it: results, progress, and one clear sentence."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from service.cli.program import app

GETIJ = Path(sys.executable).with_name("getij")

MONTHS = [f"{year}-{month:02d}-01" for year in range(2015, 2018) for month in range(1, 13)]


def getij(*words: object, home: Path | None = None, **variables: str):
    return subprocess.run(
        [GETIJ, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(home, **variables),
    )


def here(*words: object, home: Path | None = None) -> Result:
    """A command in this process: the program as installed takes seconds to start."""
    placed = {name: None for name in os.environ if name.startswith("GETIJ_")}
    if home:
        placed["GETIJ_DATA_DIR"] = str(home)
    return CliRunner().invoke(app, [str(word) for word in words], env=placed)


def _environment(home: Path | None, **variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GETIJ_")}
    placed = {"GETIJ_DATA_DIR": str(home)} if home else {}
    return {**kept, **placed, **variables}


@pytest.fixture
def series(tmp_path) -> Path:
    """Three years of one series that only rises: made up, to test mechanics."""
    path = tmp_path / "series.csv"
    rows = [f"XX,{month},{1_000 + 10 * place}" for place, month in enumerate(MONTHS)]
    path.write_text("\n".join(["series_id,period,persons", *rows]) + "\n", encoding="utf-8")
    return path


class TestForecast:
    def test_writes_every_level_of_every_month(self, series, tmp_path):
        out = tmp_path / "forecast.csv"
        done = getij("forecast", series, "--horizon", 3, "--workers", 1, "--out", out)

        with out.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert done.returncode == 0, done.stderr
        assert len(rows) == 3 * 23
        assert {row["cutoff"] for row in rows} == {"2017-12-01"}
        assert [row["period"] for row in rows[::23]] == ["2018-01-01", "2018-02-01", "2018-03-01"]

    def test_names_file_line_and_column_of_a_wrong_figure(self, series, tmp_path):
        text = series.read_text(encoding="utf-8").replace("1050", "many")
        series.write_text(text, encoding="utf-8")
        out = tmp_path / "forecast.csv"

        done = getij("forecast", series, "--out", out)

        assert done.returncode == 2
        assert "series.csv: line 7, column 'persons'" in done.stderr
        assert done.stdout == ""
        assert not out.exists()

    def test_keeps_what_was_there_when_it_fails(self, series, tmp_path):
        out = tmp_path / "forecast.csv"
        out.write_text("before", encoding="utf-8")

        done = here("forecast", series, "--cutoff", "2014-01", "--out", out)

        assert done.exit_code == 2
        assert out.read_text(encoding="utf-8") == "before"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["forecast.csv", "series.csv"]

    @pytest.mark.parametrize("wrong", ["2013-13", "13-12", "december", ""])
    def test_refuses_a_cutoff_that_is_no_month(self, series, tmp_path, wrong):
        done = here("backtest", "inflow", series, "--cutoffs", wrong, "--out", tmp_path / "out.csv")

        assert done.exit_code == 2
        assert "Months are written like 2013-12" in done.stderr

    def test_says_so_when_there_is_no_such_file(self, tmp_path):
        done = here("forecast", tmp_path / "none.csv", "--out", tmp_path / "out.csv")

        assert done.exit_code == 2
        assert "none.csv" in done.stderr


class TestAlarm:
    def test_prints_how_often_it_rang_and_writes_its_course(self, series, tmp_path):
        out = tmp_path / "alarm.json"
        done = here("backtest", "alarm", series, "--out", out)
        course = json.loads(out.read_text(encoding="utf-8"))["series"]["XX"]

        assert done.exit_code == 0, done.stderr
        assert "years to an alarm" in done.stdout
        # One year to forecast from and two of errors to be ranked among: nothing is left to tell.
        assert course["verdict"]["state"] == "too_short"
        assert len(course["periods"]) == len(MONTHS)


class TestIngest:
    def test_takes_the_reference_once_and_says_what_was_new(self, tmp_path):
        first = getij("ingest", "reference", home=tmp_path)
        again = getij("ingest", "reference", home=tmp_path)

        assert first.returncode == again.returncode == 0
        assert "0 unchanged" in first.stderr
        assert "0 accepted, 0 revised" in again.stderr
        assert "Official forecasts: 23 accepted" in first.stderr
        assert "Official forecasts" not in again.stderr

    def test_takes_all_of_a_file_or_nothing(self, tmp_path):
        figures = tmp_path / "figures.csv"
        figures.write_text(
            "series_id,period,value\nnl.inflow.total,2026-07-01,3500\nnl.inflow.total,2026-08-01,x\n",
            encoding="utf-8",
        )
        refused = here("ingest", "csv", figures, home=tmp_path / "home")
        figures.write_text(
            "series_id,period,value\nnl.inflow.total,2026-07-01,3500\n", encoding="utf-8"
        )
        taken = here("ingest", "csv", figures, home=tmp_path / "home")

        assert refused.exit_code == 2
        assert "figures.csv: line 3, column 'value'" in refused.stderr
        assert taken.exit_code == 0, taken.stderr
        assert "1 accepted" in taken.stdout


class TestOfficial:
    def test_names_the_file_that_is_not_there(self, tmp_path):
        done = here("backtest", "official", "--panel", tmp_path / "none.csv", home=tmp_path)

        assert done.exit_code == 2
        assert "none.csv" in done.stderr


class TestSettings:
    def test_that_are_unknown_end_every_command_with_their_name(self, tmp_path):
        done = getij("train", home=tmp_path, GETIJ_PROT="80")

        assert done.returncode == 2
        assert "GETIJ_PROT is not a setting" in done.stderr


class TestRun:
    def test_goes_from_an_empty_directory_to_an_answer(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = _environment(tmp_path, GETIJ_PORT=str(port))
        with subprocess.Popen(
            [GETIJ, "run"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            try:
                status = _answer(f"http://127.0.0.1:{port}/v1/status", running)
                page = httpx.get(f"http://127.0.0.1:{port}/", timeout=30)
            finally:
                running.send_signal(signal.SIGTERM)
                running.wait(timeout=30)
            assert running.stderr is not None
            told = running.stderr.read().decode()

        assert status["quality"]["state"] == "degraded"
        assert status["bufferAdviceId"]
        assert status["capacityPlanId"]
        assert page.status_code == 200
        assert f"http://127.0.0.1:{port}/" in told

    def test_says_so_when_the_port_is_taken(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            done = getij("run", home=tmp_path, GETIJ_PORT=port)

        assert done.returncode == 2
        assert f"Cannot listen on 127.0.0.1 port {port}" in done.stderr


def _answer(address: str, running: subprocess.Popen[bytes]) -> dict[str, object]:
    """The first answer of a service that is getting ready."""
    for _ in range(1_800):
        if running.poll() is not None:
            break
        try:
            answer: dict[str, object] = httpx.get(address, timeout=30).json()
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return answer
    assert running.stderr is not None
    raise AssertionError(f"no answer: {running.stderr.read().decode()}")
