# SPDX-License-Identifier: EUPL-1.2
"""Reading a chain from plain content, as TOML and JSON give it, and refusing a wrong one.

    chain_id, title, months_tracked
    groups, stages      by name: who there are, and where in order they can be
    parameters          by name: what is not known exactly
    bottlenecks         by name: queues
    compartments        by group and stage: who can be where, and how they leave
    entries             by inflow: how arrivals enter
    measurements        by series: what published figures say of it

Everything that has an order stands in a list, so that content may be sorted by key on its way.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from models.errors import Fault, InvalidFile
from models.occupancy.checking import check_chain
from models.occupancy.content import NOT_NEGATIVE, OUT, POSITIVE, SHARE, STEADY, WITHIN, Table
from models.occupancy.specification import (
    Bottleneck,
    ChainSpecification,
    Compartment,
    Entry,
    Into,
    LeverKind,
    Measured,
    Measurement,
    Parameter,
    Route,
    Title,
    Unit,
)
from models.occupancy.writing import to_mapping

__all__ = ["read_chain", "to_mapping"]

FEWEST_TRACKED = 2
"""Who came in the course of a month is always told apart from who was there before [months]."""

LONGEST_TRACKED = 240
"""Months spent in one stage that can be told apart at most [months]."""

LONGEST_PERIOD = 120
"""A figure tells of a period no longer than this [months]."""


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
        title=_title(table),
        months_tracked=table.whole_number(
            "months_tracked", least=FEWEST_TRACKED, most=LONGEST_TRACKED
        ),
        groups=dict(_titled(part) for part in table.tables("groups", by=["name"])),
        stages=dict(_titled(part) for part in table.tables("stages", by=["name"])),
        parameters=tuple(_parameter(part) for part in table.tables("parameters", by=["name"])),
        compartments=tuple(
            _compartment(part) for part in table.tables("compartments", by=["group", "stage"])
        ),
        bottlenecks=tuple(
            _bottleneck(part) for part in table.tables("bottlenecks", by=["name"], needed=False)
        ),
        entries=tuple(_entry(part) for part in table.tables("entries", by=["inflow"])),
        measurements=tuple(
            _measurement(part)
            for part in table.tables("measurements", by=["series_id"], needed=False)
        ),
        levers=_levers(table),
    )
    table.close()
    return specification


def _title(table: Table) -> Title:
    inside = table.table("title")
    title = Title(nl=inside.text("nl"), en=inside.text("en"))
    inside.close()
    return title


def _titled(table: Table) -> tuple[str, Title]:
    titled = table.text("name"), _title(table)
    table.close()
    return titled


def _grounds(table: Table) -> dict[str, str]:
    """On what a value rests: who answers for it, and why it is as it is."""
    basis = table.choice("basis", Basis)
    return {
        "basis": basis.value,
        "owner": table.text("owner", needed=basis is Basis.ASSUMPTION),
        "reason": table.text("reason"),
    }


def _parameter(table: Table) -> Parameter:
    unit = table.choice("unit", Unit)
    parameter = Parameter(
        name=table.text("name"),
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


def _compartment(table: Table) -> Compartment:
    compartment = Compartment(
        group=table.text("group"),
        stage=table.text("stage"),
        hazard=table.value("hazard", POSITIVE) if table.has("hazard") else None,
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
    months = [month for month, _ in steps]
    if any(isinstance(month, bool) or not isinstance(month, int) for month in months):
        table.refuse("profile", "must hold pairs of whole months and a factor.")
    elif months and (months[0] != 0 or months != sorted(set(months))):
        table.refuse("profile", "must begin at 0 months and rise.")
    else:
        factors = [table.checked("profile", factor, NOT_NEGATIVE) for _, factor in steps]
        return tuple(zip(months, factors, strict=True)) or ((0, 1.0),)
    return ((0, 1.0),)


def _routes(table: Table, key: str) -> tuple[Route, ...]:
    return tuple(
        Route(to=None if to == OUT else to, share=share) for to, share in table.shares(key)
    )


def _bottleneck(table: Table) -> Bottleneck:
    bottleneck = Bottleneck(
        name=table.text("name"),
        title=_title(table),
        capacity=table.text("capacity"),
        response=table.value("response", SHARE),
        reference=table.number("reference", POSITIVE),
        partner=table.text("partner"),
    )
    table.close()
    return bottleneck


def _entry(table: Table) -> Entry:
    into = []
    for place, share in table.shares("into"):
        group, _, stage = place.partition("/")
        into.append(Into(group=group, stage=stage, share=share))
    inflow = table.text("inflow")
    entry = Entry(
        inflow=None if inflow == STEADY else inflow,
        ratio=table.value("ratio", POSITIVE),
        into=tuple(into),
    )
    table.close()
    return entry


def _levers(table: Table) -> tuple[tuple[LeverKind, str], ...]:
    pairs = table.pairs("levers")
    if not all(kind in list(LeverKind) and isinstance(name, str) for kind, name in pairs):
        kinds = ", ".join(LeverKind)
        table.refuse("levers", f"must hold pairs of one of {kinds} and what it acts on.")
        return ()
    return tuple((LeverKind(kind), name) for kind, name in pairs)


def _measurement(table: Table) -> Measurement:
    routes = table.pairs("routes")
    if not all(isinstance(stage, str) for route in routes for stage in route):
        table.refuse("routes", "must hold pairs of stages.")
        routes = []
    measurement = Measurement(
        series_id=table.text("series_id"),
        measured=table.choice("measured", Measured),
        groups=table.words("groups"),
        stages=table.words("stages"),
        routes=tuple((left, None if to == OUT else to) for left, to in routes),
        parameter=table.text("parameter", needed=False),
        months=table.whole_number("months", least=1, most=LONGEST_PERIOD, default=0),
        factor=table.number("factor", POSITIVE, default=1.0),
        error=table.number("error", POSITIVE),
        **_grounds(table),
    )
    table.close()
    return measurement
