# SPDX-License-Identifier: EUPL-1.2
"""Writing a chain as plain content, from which `models/occupancy/reading.py` makes it again."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from models.occupancy.content import OUT, REST, STEADY
from models.occupancy.specification import (
    ChainSpecification,
    Compartment,
    Entry,
    Measurement,
    Route,
    Title,
    Value,
)

__all__ = ["to_mapping"]


def to_mapping(specification: ChainSpecification) -> dict[str, Any]:
    """The chain as tables, lists, texts and numbers; what is empty is left out."""
    return {
        "chain_id": specification.chain_id,
        "title": asdict(specification.title),
        "months_tracked": specification.months_tracked,
        "groups": _titled(specification.groups),
        "stages": _titled(specification.stages),
        "parameters": [_filled(asdict(part)) for part in specification.parameters],
        "bottlenecks": [_filled(asdict(part)) for part in specification.bottlenecks],
        "compartments": [_compartment(part) for part in specification.compartments],
        "entries": [_entry(part) for part in specification.entries],
        "measurements": [_measurement(part) for part in specification.measurements],
        "levers": [[kind.value, name] for kind, name in specification.levers],
    }


def _titled(titles: Mapping[str, Title]) -> list[dict[str, Any]]:
    return [{"name": name, "title": asdict(title)} for name, title in titles.items()]


def _compartment(part: Compartment) -> dict[str, Any]:
    return _filled(
        asdict(part)
        | {
            "profile": [list(step) for step in part.profile],
            "leave": _routes(part.leave),
            "served": _routes(part.served),
        }
    )


def _routes(routes: tuple[Route, ...]) -> list[list[Value]]:
    return [[_out(route.to), _rest(route.share)] for route in routes]


def _entry(part: Entry) -> dict[str, Any]:
    into = [[f"{to.group}/{to.stage}", _rest(to.share)] for to in part.into]
    return {"inflow": part.inflow or STEADY, "ratio": part.ratio, "into": into}


def _measurement(part: Measurement) -> dict[str, Any]:
    return _filled(
        asdict(part)
        | {
            "groups": list(part.groups),
            "stages": list(part.stages),
            "routes": [[left, _out(to)] for left, to in part.routes],
            "months": part.months or None,
        }
    )


def _out(stage: str | None) -> str:
    return OUT if stage is None else stage


def _rest(share: Value | None) -> Value:
    return REST if share is None else share


def _filled(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: str(value) if isinstance(value, StrEnum) else value
        for key, value in content.items()
        if value is not None and value not in ("", [])
    }
