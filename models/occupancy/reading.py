# SPDX-License-Identifier: EUPL-1.2
"""A chain as plain content, as TOML and JSON hold it: reading it, refusing it, and writing it.

chain_id, title, months_tracked
groups.<group>, stages.<stage>        titles
parameters.<name>                     what is not known exactly
bottlenecks.<name>                    queues
compartments.<group>/<stage>          who can be where, and how they leave
entries.<series>                      how arrivals enter
measurements.<series>                 what published series say of it
"""

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from models.errors import Fault, InvalidFile
from models.occupancy.checking import check_chain
from models.occupancy.content import MOST, NOT_NEGATIVE, OUT, POSITIVE, REST, SHARE, WITHIN, Table
from models.occupancy.specification import (
    Bottleneck,
    ChainSpecification,
    Compartment,
    Entry,
    Into,
    Measured,
    Measurement,
    Parameter,
    Route,
    Title,
    Unit,
    Value,
)

__all__ = ["LONGEST_TRACKED", "read_chain", "to_mapping"]

FEWEST_TRACKED = 2
"""Who came in the course of a month is always told apart from who was there before [months]."""

LONGEST_TRACKED = 240
"""Months spent in one stage that can be told apart at most [months]."""


class Basis(StrEnum):
    """On what a value rests."""

    PUBLISHED = "published"
    MEASURED = "measured"
    ASSUMPTION = "assumption"


def read_chain(content: Mapping[str, Any], *, name: str) -> ChainSpecification:
    """Read a chain; docs/chain-specification.md shows every key.

    Args:
        content: Tables, lists, texts and numbers, as TOML and JSON give them.
        name: What the content is called in a refusal, for instance its file.

    Raises:
        InvalidFile: with every fault, each with its place as the column.
    """
    faults: list[Fault] = []
    specification = _chain(Table(content, where="", faults=faults))
    faults += check_chain(specification, known=faults)
    if faults:
        raise InvalidFile(name, faults)
    return specification


def _chain(table: Table) -> ChainSpecification:
    specification = ChainSpecification(
        chain_id=table.text("chain_id"),
        title=_title(table.table("title")),
        months_tracked=table.whole_number(
            "months_tracked", least=FEWEST_TRACKED, most=LONGEST_TRACKED
        ),
        groups={name: _title(part) for name, part in table.tables("groups")},
        stages={name: _title(part) for name, part in table.tables("stages")},
        parameters=tuple(_parameter(name, part) for name, part in table.tables("parameters")),
        compartments=tuple(_compartment(name, part) for name, part in table.tables("compartments")),
        bottlenecks=tuple(
            _bottleneck(name, part) for name, part in table.tables("bottlenecks", needed=False)
        ),
        entries=tuple(_entry(name, part) for name, part in table.tables("entries")),
        measurements=tuple(
            _measurement(name, part) for name, part in table.tables("measurements", needed=False)
        ),
    )
    table.close()
    return specification


def _title(table: Table) -> Title:
    title = Title(nl=table.text("nl"), en=table.text("en"))
    table.close()
    return title


def _parameter(name: str, table: Table) -> Parameter:
    unit = table.choice("unit", Unit)
    parameter = Parameter(
        name=name,
        unit=unit,
        median=table.number("median", WITHIN if unit is Unit.SHARE else POSITIVE),
        spread=table.number("spread", NOT_NEGATIVE),
        drift=table.number("drift", NOT_NEGATIVE, default=0.0),
        half_life=table.number("half_life", POSITIVE, default=120.0),
        noise=table.number("noise", NOT_NEGATIVE, default=0.0),
        **_grounds(table),
    )
    table.close()
    return parameter


def _grounds(table: Table) -> dict[str, str]:
    """On what a value rests: who answers for it, and why it is as it is."""
    basis = table.choice("basis", Basis)
    return {
        "basis": basis.value,
        "owner": table.text("owner", needed=basis is Basis.ASSUMPTION),
        "reason": table.text("reason"),
    }


def _compartment(name: str, table: Table) -> Compartment:
    group, _, stage = name.partition("/")
    compartment = Compartment(
        group=group,
        stage=stage,
        hazard=table.value("hazard", POSITIVE, needed=False),
        profile=_profile(table),
        leave=_routes(table, "leave"),
        bottleneck=table.text("bottleneck", needed=False) or None,
        after=table.whole_number("after", least=0, most=LONGEST_TRACKED, default=0),
        served=_routes(table, "served"),
    )
    table.close()
    return compartment


def _profile(table: Table) -> tuple[tuple[int, float], ...]:
    steps = table.pairs("profile")
    if not steps and not table.has("profile"):
        return ((0, 1.0),)
    numbers = [number for step in steps for number in step]
    if any(isinstance(number, bool) or not isinstance(number, int | float) for number in numbers):
        table.refuse("profile", "must hold pairs of months and a factor.")
        return ((0, 1.0),)
    if any(not 0 <= factor < MOST for _, factor in steps):
        table.refuse("profile", "must hold factors that are finite and not negative.")
        return ((0, 1.0),)
    months = [month for month, _ in steps]
    if not months or months[0] != 0 or months != sorted(set(months)) or any(m % 1 for m in months):
        table.refuse("profile", "must begin at 0 months and rise by whole months.")
        return ((0, 1.0),)
    return tuple((int(month), float(factor)) for month, factor in steps)


def _routes(table: Table, key: str) -> tuple[Route, ...]:
    return tuple(
        Route(to=None if to == OUT else to, share=share)
        for to, share in table.shares(key, needed=False)
    )


def _bottleneck(name: str, table: Table) -> Bottleneck:
    response = table.value("response", SHARE)
    bottleneck = Bottleneck(
        name=name,
        title=_title(table.table("title")),
        capacity=table.text("capacity"),
        response=SHARE.stand_in if response is None else response,
        reference=table.number("reference", POSITIVE),
        partner=table.text("partner"),
    )
    table.close()
    return bottleneck


def _entry(name: str, table: Table) -> Entry:
    ratio = table.value("ratio", POSITIVE)
    into = []
    for place, share in table.shares("into"):
        group, _, stage = place.partition("/")
        into.append(Into(group=group, stage=stage, share=share))
    table.close()
    return Entry(inflow=name, ratio=1.0 if ratio is None else ratio, into=tuple(into))


def _measurement(name: str, table: Table) -> Measurement:
    measured = table.choice("measured", Measured)
    steps = table.pairs("routes")
    if not all(isinstance(stage, str) for step in steps for stage in step):
        table.refuse("routes", "must hold pairs of stages.")
        steps = []
    measurement = Measurement(
        series_id=name,
        measured=measured,
        groups=table.words("groups"),
        stages=table.words("stages"),
        routes=tuple((left, None if to == OUT else to) for left, to in steps),
        parameter=table.text("parameter", needed=False),
        months=table.whole_number("months", least=1, most=120, default=0),
        factor=table.number("factor", POSITIVE, default=1.0),
        error=table.number("error", POSITIVE),
        **_grounds(table),
    )
    table.close()
    return measurement


def to_mapping(specification: ChainSpecification) -> dict[str, Any]:
    """The content from which `read_chain` makes the same chain."""
    return {
        "chain_id": specification.chain_id,
        "title": asdict(specification.title),
        "months_tracked": specification.months_tracked,
        "groups": {name: asdict(title) for name, title in specification.groups.items()},
        "stages": {name: asdict(title) for name, title in specification.stages.items()},
        "parameters": {
            part.name: _filled(asdict(part), without=("name",)) for part in specification.parameters
        },
        "bottlenecks": {
            part.name: _filled(asdict(part), without=("name",))
            for part in specification.bottlenecks
        },
        "compartments": {
            "/".join(part.key): _filled(
                asdict(part)
                | {
                    "profile": [list(step) for step in part.profile],
                    "leave": _written({_out(route.to): route.share for route in part.leave}),
                    "served": _written({_out(route.to): route.share for route in part.served}),
                },
                without=("group", "stage"),
            )
            for part in specification.compartments
        },
        "entries": {
            part.inflow: {
                "ratio": part.ratio,
                "into": _written({f"{to.group}/{to.stage}": to.share for to in part.into}),
            }
            for part in specification.entries
        },
        "measurements": {
            part.series_id: _filled(
                asdict(part)
                | {
                    "groups": list(part.groups),
                    "stages": list(part.stages),
                    "routes": [[left, _out(to)] for left, to in part.routes],
                    "months": part.months or None,
                },
                without=("series_id",),
            )
            for part in specification.measurements
        },
    }


def _out(stage: str | None) -> str:
    return OUT if stage is None else stage


def _written(shares: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: REST if share is None else share for name, share in shares.items()}


def _filled(content: Mapping[str, Any], *, without: tuple[str, ...]) -> dict[str, Any]:
    """The content without some keys, and without what is empty."""
    return {
        key: str(value) if isinstance(value, StrEnum) else value
        for key, value in content.items()
        if key not in without and value is not None and value not in ("", [], {})
    }
