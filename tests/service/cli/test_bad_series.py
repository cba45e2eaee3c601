# SPDX-License-Identifier: EUPL-1.2
"""Bad series through the real commands: one clear refusal, or a forecast that stays sane."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from service.cli.program import app

MONTHS = [f"{year}-{month:02d}-01" for year in (2015, 2016, 2017) for month in range(1, 13)][:32]

CALM = [400 + 60 * ((place * 7) % 5) for place in range(32)]
"""A series that wavers between 400 and 640: made up, to test mechanics."""

COMMANDS: dict[str, Callable[[Path, Path], list[str]]] = {
    "forecast": lambda file, out: ["forecast", str(file), "--out", str(out)],
    "backtest": lambda file, out: [
        *("backtest", "inflow", str(file), "--cutoffs", MONTHS[-1][:7], "--out", str(out))
    ],
}

both_commands = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())


def run(folder: Path, rows: list[str], command=COMMANDS["forecast"]):
    """Exit code, what was told (in one line), and the file that was to be written."""
    file, out = folder / "series.csv", folder / "out.csv"
    file.write_text("\n".join(["series_id,period,persons", *rows]) + "\n", encoding="utf-8")
    done = CliRunner().invoke(app, [*command(file, out), "--workers", "1", "--horizon", "24"])
    return done.exit_code, " ".join(done.stderr.split()), out


def rows_of(name: str, values: list[Any]) -> list[str]:
    return [f"{name},{month},{value}" for month, value in zip(MONTHS, values, strict=False)]


def quantiles_of(out: Path) -> dict[str, dict[float, list[float]]]:
    """By series and level, over the horizon [persons]."""
    found: dict[str, dict[float, list[float]]] = {}
    with out.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            levels = found.setdefault(row["series_id"], {})
            levels.setdefault(float(row["level"]), []).append(float(row["value"]))
    return found


def changed(place: int, value: Any) -> list[Any]:
    return [*CALM[:place], value, *CALM[place:][1:]]


@both_commands
class TestRefusals:
    @pytest.mark.parametrize(
        ("row", "column", "reason"),
        [
            ("XX,2199-01-01,500", "period", "lies outside"),
            ("XX,2017-08-01,500", "period", "repeats the series and period of line 33"),
            ("XX,2017-09-01,NaN", "persons", "is not a count"),
            ("XX,2017-09-01,inf", "persons", "is not a count"),
            ("XX,2017-09-01,-3", "persons", "is not a count"),
            ("XX,2017-09-01,5e9", "persons", "is not a count"),
            ("XX,2017-09-01,1.234.567", "persons", "is not a number"),
        ],
        ids=["2199", "twice", "NaN", "infinite", "negative", "endless", "dots"],
    )
    def test_name_file_line_and_column_and_write_nothing(
        self, tmp_path, command, row, column, reason
    ):
        code, told, out = run(tmp_path, [*rows_of("XX", CALM), row], command)

        assert code == 2
        assert told.startswith(f"error: series.csv: line 34, column '{column}': {reason}")
        assert told.count("error") == 1
        assert not out.exists()

    def test_meet_a_file_in_which_every_series_is_too_short(self, tmp_path, command):
        code, told, out = run(tmp_path, rows_of("XX", CALM)[-11:], command)

        assert code == 2
        assert "no series has enough figures" in told
        assert not out.exists()


class TestCutoffs:
    @pytest.mark.parametrize(
        "words", [("forecast", "--cutoff"), ("backtest", "inflow", "--cutoffs")]
    )
    def test_that_lie_in_the_future_are_refused(self, tmp_path, words):
        file, out = tmp_path / "series.csv", tmp_path / "out.csv"
        file.write_text(
            "\n".join(["series_id,period,persons", *rows_of("XX", CALM)]), encoding="utf-8"
        )
        *command, option = words

        done = CliRunner().invoke(app, [*command, str(file), option, "2199-01", "--out", str(out)])

        assert done.exit_code == 2
        assert "A cutoff lies in the future: 2199-01." in " ".join(done.stderr.split())
        assert not out.exists()


AWKWARD = {
    "constant": ([700] * 32, 700),
    "all zero": ([0] * 32, 0),
    "large": ([1_000_000] * 32, 1_000_000),
    "gap": ([*CALM[:15], *[""] * 9, *CALM[24:]], 640),
    "ended early": ([*CALM[:20], *[""] * 12], 640),
    "began late": ([*[""] * 18, *CALM[18:]], 640),
    "first arrivals": ([*[0] * 31, 640], 640),
}
"""Series, and the highest figure of each."""


class TestSaneForecasts:
    @pytest.fixture(scope="class")
    @staticmethod
    def awkward(tmp_path_factory):
        rows = [row for name, (values, _) in AWKWARD.items() for row in rows_of(name, values)]
        code, _, out = run(tmp_path_factory.mktemp("awkward"), rows)
        assert code == 0
        return quantiles_of(out)

    @pytest.mark.parametrize("name", AWKWARD)
    def test_of_awkward_series_stay_near_what_was_seen(self, awkward, name):
        quantiles = np.array(list(awkward[name].values()))
        highest = AWKWARD[name][1]

        assert np.isfinite(quantiles).all()
        assert np.all(np.diff(quantiles, axis=0) >= 0)
        assert max(awkward[name][0.5]) <= 2 * highest + 10
        assert max(awkward[name][0.99]) <= 30 * highest + 100

    def test_of_a_month_times_a_thousand_take_it_as_unknown_and_say_so(self, tmp_path):
        places = {"first": 0, "within": 14, "last": 31}
        wild, blank = (
            [
                *(row for name, at in places.items() for row in rows_of(name, changed(at, to(at)))),
                *rows_of("neighbour", CALM),
            ]
            for to in (lambda at: CALM[at] * 1_000, lambda _: "")
        )
        code, told, out = run(tmp_path, wild)
        made = quantiles_of(out)
        _, silent, out = run(tmp_path, blank)

        assert code == 0
        for name, place in places.items():
            sentence = f"{CALM[place]},000 in {MONTHS[place][:7]} is taken as unknown"
            assert f"At 2017-08, '{name}': {sentence}" in told
        assert "unknown" not in silent
        # Neither the series nor their neighbour differ from what they are without the figures.
        assert made == quantiles_of(out)

    def test_leave_out_a_series_that_is_too_short_and_say_so(self, tmp_path):
        rows = [*rows_of("XX", CALM), *rows_of("YY", [*[""] * 21, *CALM[21:]])]
        code, told, out = run(tmp_path, rows)

        assert code == 0
        assert "Left out at 2017-08: 'YY' has too few figures." in told
        assert set(quantiles_of(out)) == {"XX"}
