# SPDX-License-Identifier: EUPL-1.2
"""`getij backtest occupancy` as a whole: blind to what came later, with any chain, sane or refused.

Toronto's shelters, by month and as printed: inflow and month ends from 2018 to 2023.
"""

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli.program import app

GETIJ = Path(sys.executable).with_name("getij")

CUTOFF, LATER = "2019-12", "2020-03"
LAST_KNOWN = "2019-12-31"

Row = tuple[str, str, int]


@pytest.fixture(scope="module")
def figures(shared) -> dict[str, list[Row]]:
    """Rows of both files until half a year after the cutoff, each series under two names."""
    found = {}
    for kind in ("inflow_monthly", "occupancy"):
        path = shared / f"data/other/toronto_refugee_shelter_{kind}.csv"
        with path.open(encoding="utf-8") as file:
            _, *rows = csv.reader(file)
        found[kind.removesuffix("_monthly")] = [
            (name, day, int(persons) // part)
            for part, name in enumerate(("all", "half"), start=1)
            for _, day, persons in rows
            if day < "2020-07"
        ]
    return found


def command(folder: Path, figures: dict[str, list[Row]], *words: str) -> list[str]:
    """The words of a backtest of these figures, their files written."""
    for kind, column in (("inflow", "period"), ("occupancy", "date")):
        lines = [f"series_id,{column},persons", *(",".join(map(str, row)) for row in figures[kind])]
        (folder / f"{kind}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = [f"--{kind}={folder / kind}.csv" for kind in ("inflow", "occupancy")]
    return ["backtest", "occupancy", *files, "--horizon=6", f"--out={folder / 'out.csv'}", *words]


def here(folder: Path, figures: dict[str, list[Row]], *words: str):
    """What became of the command, in this process, and what was told in one line."""
    done = CliRunner().invoke(app, command(folder, figures, *words))
    return done, " ".join(done.stderr.split())


def forecasts(folder: Path) -> list[str]:
    """The lines that were forecast from the first cutoff."""
    lines = (folder / "out.csv").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if f",{CUTOFF}-01," in line]


def each(figures: dict[str, list[Row]], change: Callable[[Row], Iterable[Row]]):
    """The figures with every row changed into others."""
    return {kind: [new for row in rows for new in change(row)] for kind, rows in figures.items()}


@pytest.fixture(scope="module")
def honest(figures, tmp_path_factory) -> list[str]:
    """What is forecast when nothing is hidden and nothing is added."""
    folder = tmp_path_factory.mktemp("honest")
    done, told = here(folder, figures, f"--cutoffs={CUTOFF}")
    assert done.exit_code == 0, told
    return forecasts(folder)


class TestLeakage:
    def test_nothing_later_counts_in_any_process_or_number_of_threads(
        self, figures, honest, tmp_path
    ):
        """Later figures are other ones, more follow, a series is new, and a cutoff is added."""
        changed = each(
            figures,
            lambda row: [row if row[1] <= LAST_KNOWN else (row[0], row[1], row[2] * 2 + 7)],
        )
        for kind, day in (("inflow", "2021-05-01"), ("occupancy", "2021-05-17")):
            changed[kind] += [("half", day, 4_321), ("new", day, 1_234)]
        changed["occupancy"].remove(("new", "2021-05-17", 1_234))
        subprocess.run(
            [GETIJ, *command(tmp_path, changed, f"--cutoffs={LATER},{CUTOFF}")],
            check=True,
            capture_output=True,
            env={
                **os.environ,
                "PYTHONHASHSEED": "7",
                "TZ": "Asia/Tokyo",
                "OMP_NUM_THREADS": "2",
                "OPENBLAS_NUM_THREADS": "2",
            },
        )

        assert len(honest) == 2 * 6 * 23
        assert forecasts(tmp_path) == honest

    def test_what_is_not_there_at_all_makes_no_difference(self, figures, honest, tmp_path):
        gone = each(figures, lambda row: [row] if row[1] <= LAST_KNOWN else [])
        done, told = here(tmp_path, gone, f"--cutoffs={CUTOFF}")

        assert done.exit_code == 0, told
        assert forecasts(tmp_path) == honest

    @pytest.mark.parametrize(
        ("kind", "day"), [("inflow", "2019-12-01"), ("occupancy", "2019-12-31")]
    )
    def test_the_last_figure_known_does_count(self, figures, honest, tmp_path, kind, day):
        """The control: a figure of the cutoff itself changes its own series, as a leak would."""
        name = "half"
        changed = {
            **figures,
            kind: [
                (*row[:2], row[2] * 11 // 10) if row[:2] == (name, day) else row
                for row in figures[kind]
            ],
        }
        done, told = here(tmp_path, changed, f"--cutoffs={CUTOFF}")

        assert done.exit_code == 0, told
        own = [line for line in forecasts(tmp_path) if line.startswith(f"{name},")]
        assert own != [line for line in honest if line.startswith(f"{name},")]


@pytest.fixture
def one(figures) -> dict[str, list[Row]]:
    """One series, which is enough to be refused."""
    return each(figures, lambda row: [row] if row[0] == "all" else [])


CHAIN = resources.files("training.chains").joinpath("single_stage.toml").read_text("utf-8")

RECEPTION = '{ name = "reception", title = { nl = "opvang", en = "reception" } },'

TWO_STAGES = (
    CHAIN.split("[[compartments]]")[0].replace(
        RECEPTION,
        """
    { name = "intake", title = { nl = "aankomst", en = "intake" } },
    { name = "stay", title = { nl = "verblijf", en = "stay" } },
""",
    )
    + """
[[compartments]]
group = "everyone"
stage = "intake"
hazard = 0.5
leave = [["stay", "rest"]]

[[compartments]]
group = "everyone"
stage = "stay"
hazard = "exit"
leave = [["out", "rest"]]

[[entries]]
inflow = "inflow"
ratio = "entry"
into = [["everyone/intake", "rest"]]

[[measurements]]
series_id = "counted.stay"
measured = "stock"
stages = ["stay"]
error = 0.05
basis = "assumption"
owner = "a test"
reason = "made up, to be left out"
"""
)
"""Half of those in intake move on in a month: made up, to test mechanics."""


class TestAChainOfOnesOwn:
    def test_forecasts_from_totals_and_says_what_it_leaves_out(self, one, honest, tmp_path):
        chain = tmp_path / "own.toml"
        chain.write_text(TWO_STAGES, encoding="utf-8")
        done, told = here(tmp_path, one, f"--cutoffs={CUTOFF}", f"--chain={chain}")

        assert done.exit_code == 0, told
        assert "Left out of own.toml, since only totals are known: counted.stay." in told
        assert len(forecasts(tmp_path)) == 6 * 23
        assert not set(forecasts(tmp_path)) & set(honest)

    @pytest.mark.parametrize(
        ("old", "new", "faults"),
        [
            (
                'inflow = "inflow"',
                'inflow = "nl.inflow.total"',
                ["own.toml: column 'entries': are fed by 'nl.inflow.total'"],
            ),
            ("median = 0.1", "median = -0.1", ["own.toml: column", "must be greater than 0"]),
            (
                'hazard = "exit"',
                'hazard = "leave"\nprofile = [[3, 1.0]]',
                ["'leave'", "must begin at 0 months"],
            ),
            ("months_tracked = 2", "months_tracked = ", ["own.toml: line 7: is no TOML"]),
        ],
        ids=["inflow", "negative", "two faults", "syntax"],
    )
    def test_is_refused_with_every_fault(self, one, tmp_path, old, new, faults):
        chain = tmp_path / "own.toml"
        assert old in CHAIN
        chain.write_text(CHAIN.replace(old, new, 1), encoding="utf-8")
        done, told = here(tmp_path, one, f"--cutoffs={CUTOFF}", f"--chain={chain}")

        assert done.exit_code == 2
        assert all(fault in told for fault in faults), told
        assert not (tmp_path / "out.csv").exists()

    def test_that_is_not_there_is_refused(self, one, tmp_path):
        done, told = here(tmp_path, one, f"--cutoffs={CUTOFF}", "--chain=none.toml")

        assert (done.exit_code, told) == (2, "error: none.toml: the file does not exist.")


class TestContradictions:
    def test_between_counts_and_inflow_name_series_days_and_numbers(self, one, tmp_path):
        rows = [row if row[1] != LAST_KNOWN else (*row[:2], 98_765) for row in one["occupancy"]]
        done, told = here(tmp_path, {**one, "occupancy": rows}, f"--cutoffs={CUTOFF}")

        (before,) = [row[2] for row in one["occupancy"] if row[1] == "2019-11-30"]
        (came,) = [row[2] for row in one["inflow"] if row[1] == "2019-12-01"]
        assert done.exit_code == 2
        assert told == (
            f"error: all: Between 2019-11-30 and 2019-12-31 the stock rose from {before} to 98765 "
            f"persons, while only {came} came in."
        )
        assert not (tmp_path / "out.csv").exists()

    def test_of_two_counts_of_one_day_name_the_line(self, one, tmp_path):
        rows = [*one["occupancy"], ("all", "2019-12-31", 99)]
        done, told = here(tmp_path, {**one, "occupancy": rows}, f"--cutoffs={CUTOFF}")

        assert done.exit_code == 2
        assert f"line {len(rows) + 1}, column 'date': is the second figure of all" in told

    def test_a_count_of_a_day_to_come_is_refused(self, one, tmp_path):
        rows = [*one["occupancy"], ("all", "2099-12-31", 5_000)]
        done, told = here(tmp_path, {**one, "occupancy": rows}, f"--cutoffs={CUTOFF}")

        assert done.exit_code == 2
        assert f"occupancy.csv: line {len(rows) + 1}, column 'date': lies outside" in told
