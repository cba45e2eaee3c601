# SPDX-License-Identifier: EUPL-1.2
"""`getij backtest inflow` as a whole: blind to what came later, and the same in any processes."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from models.types import Panel
from service.cli.program import app
from training.series_file import read_series

GETIJ = Path(sys.executable).with_name("getij")

# Late enough for every member to have learned something, trees included, and no later.
FILES = {
    "monthly": (
        "eurostat_asylum_applicants_monthly.csv",
        ("NL", "BE", "DE", "SE", "MT"),
        np.datetime64("2010-12"),
    ),
    "quarterly": (
        "eurostat_first_time_applicants_quarterly.csv",
        ("NL", "BE", "SE"),
        np.datetime64("2012-03"),
    ),
}


def command(folder: Path, panel: Panel, *, cutoff: np.datetime64, workers: int) -> list[str]:
    """The words of a backtest of a panel, its file written; the result goes to out.csv."""
    file, out = folder / "series.csv", folder / "out.csv"
    rows = [
        f"{name},{period}-01,{value:.0f}"
        for name, values in zip(panel.series_ids, panel.persons, strict=True)
        for period, value in zip(panel.periods, values, strict=True)
        if np.isfinite(value)
    ]
    file.write_text("\n".join(["series_id,period,persons", *rows]) + "\n", encoding="utf-8")
    options = f"--cutoffs {cutoff} --horizon 8 --workers {workers} --out {out}"
    return ["backtest", "inflow", str(file), *options.split()]


def here(folder: Path, panel: Panel, *, cutoff: np.datetime64) -> bytes:
    """The forecast file, made in this process."""
    done = CliRunner().invoke(app, command(folder, panel, cutoff=cutoff, workers=1))
    assert done.exit_code == 0, done.stderr
    return (folder / "out.csv").read_bytes()


def in_two_processes(folder: Path, panel: Panel, *, cutoff: np.datetime64) -> bytes:
    """The forecast file, made by the program and two processes of its own."""
    subprocess.run(
        [GETIJ, *command(folder, panel, cutoff=cutoff, workers=2)],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )
    return (folder / "out.csv").read_bytes()


@pytest.mark.parametrize(
    ("kind", "again"), [("monthly", in_two_processes), ("quarterly", here)], ids=FILES
)
class TestBacktestCommand:
    def test_does_not_see_what_came_later_in_any_process(self, shared, tmp_path, kind, again):
        file, names, cutoff = FILES[kind]
        honest = read_series(shared / "data" / file).select(names).until(cutoff + 24)
        later = honest.periods > cutoff
        poisoned = honest.persons.copy()
        poisoned[:, later] = np.arange(later.sum()) * 98_765 + 1
        poisoned[0, -2:] = np.nan

        seen = here(tmp_path, honest, cutoff=cutoff)
        blind = again(tmp_path, replace(honest, persons=poisoned), cutoff=cutoff)

        assert later.any()
        assert seen == blind
        assert seen.count(b"\n") == 1 + len(names) * 8 * 23
