# SPDX-License-Identifier: EUPL-1.2
"""`getij scenario`: what levers would do to the latest forecast, taken apart by lever."""

import csv
import json
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from models.errors import Fault, InvalidFile
from models.occupancy.scenario_summary import ScenarioSummary
from models.types import LEVELS
from service.api.scenario_shapes import COLUMNS, ScenarioIn, Selection, place_of
from service.cli.console import print_table, problems_as_exit_code_2
from service.cli.house import ready_forecast, ready_store
from service.cli.options import whole_file
from service.settings import Settings
from service.storage.desk import Desk
from service.usecases.scenarios import make_scenario, read_figures

__all__ = ["scenario"]

LARGEST = 1_000_000
"""No scenario takes more to describe [bytes]."""

_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_MEDIAN = list(LEVELS).index(0.5)


def scenario(
    file: Annotated[
        Path, typer.Argument(help="TOML or JSON with name and levers, as POST /v1/scenarios takes.")
    ],
    out: Annotated[Path | None, typer.Option(help="File to write: every month and level.")] = None,
) -> None:
    """Pull levers in the latest forecast; print the difference, and what each lever does of it."""
    with problems_as_exit_code_2():
        asked = _read(file)
        with ready_store(Settings.read(os.environ)) as store:
            desk = Desk.of(store)
            request = asked.request(latest=asked.forecast_id or ready_forecast(store).forecast_id)
            try:
                scenario_id = make_scenario(desk, request)
            except InvalidFile as error:
                raise InvalidFile(file.name, [_placed(fault) for fault in error.faults]) from None
            summary = read_figures(desk, scenario_id)
        if out is not None:
            _write(out, summary, scenario_id)
        print(f"scenario {scenario_id} of forecast {request.forecast_id}")
        _show(summary)


def _read(file: Path) -> ScenarioIn:
    content = _content(file)
    try:
        return ScenarioIn.model_validate(content)
    except ValidationError as error:
        faults = [
            Fault(
                column=".".join(str(part) for part in fault["loc"]) or None,
                reason="is not known here."
                if fault["type"] == "extra_forbidden"
                else f"{fault['msg'].removesuffix('.')}.",
            )
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise InvalidFile(file.name, faults) from None


def _content(file: Path) -> Any:
    """The tables of a file."""
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise InvalidFile(file.name, [Fault(reason=f"is larger than {LARGEST} bytes.")])
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InvalidFile(file.name, [Fault(line=line, reason="is not UTF-8 text.")]) from None
    except json.JSONDecodeError as error:
        fault = Fault(line=error.lineno, reason=f"is no JSON: {error.msg}.")
        raise InvalidFile(file.name, [fault]) from None
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        fault = Fault(
            line=int(found[1]) if found else None,
            reason=f"is no TOML: {_AT_LINE.sub('', str(error))}.",
        )
        raise InvalidFile(file.name, [fault]) from None
    except RecursionError:
        raise InvalidFile(file.name, [Fault(reason="is nested too deep.")]) from None


def _placed(fault: Fault) -> Fault:
    return Fault(column=".".join(place_of(fault)), reason=fault.reason)


def _write(out: Path, summary: ScenarioSummary, scenario_id: str) -> None:
    selection = Selection(summary=summary, levels=tuple(float(level) for level in LEVELS))
    with whole_file(out) as draft, draft.open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(COLUMNS)
        writer.writerows(selection.rows(scenario_id))


def _show(summary: ScenarioSummary) -> None:
    """The ends of the half-years: need before and after, and the mean effect of each lever."""
    last = len(summary.periods) - 1
    parts = [summary.difference, *summary.levers, summary.interaction]
    print_table(
        [["month", "need (median)", "with levers", *(part.name for part in parts)]]
        + [
            [
                period,
                f"{summary.baseline[month][_MEDIAN]:,.0f}",
                f"{summary.scenario[month][_MEDIAN]:,.0f}",
                *(f"{part.mean[month]:+,.1f}" for part in parts),
            ]
            for month, period in enumerate(summary.periods)
            if period.endswith(("-06", "-12")) or month == last
        ]
    )
    peak = summary.peak
    print_table(
        [
            ["highest need", "median", "month"],
            ["as forecast", f"{peak.baseline[_MEDIAN]:,.0f}", peak.month_baseline],
            ["with levers", f"{peak.scenario[_MEDIAN]:,.0f}", peak.month_scenario],
        ]
    )
    print_table(
        [["waited in the last month", "as forecast", "with levers"]]
        + [
            [part.bottleneck, _months(part.baseline[last]), _months(part.scenario[last])]
            for part in summary.waiting
        ]
    )


def _months(waited: float | None) -> str:
    return "nobody served" if waited is None else f"{waited:.1f} months"
