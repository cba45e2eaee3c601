# SPDX-License-Identifier: EUPL-1.2
"""What is wrong with a measurement: a stock, flow or value that the chain does not have."""

from collections.abc import Iterator, Sequence

from models.errors import Fault
from models.occupancy.content import OUT, beneath
from models.occupancy.specification import ChainSpecification, Measured, Measurement

__all__ = ["check_measurement"]

_KEYS = {
    Measured.STOCK: ("groups", "stages"),
    Measured.FLOW: ("groups", "routes", "months"),
    Measured.VALUE: ("parameter", "months"),
}
"""What each kind of figure may say; a flow must have its routes, a value its parameter."""


def check_measurement(specification: ChainSpecification, part: Measurement) -> Iterator[Fault]:
    """Everything in one measurement that does not fit the chain."""
    where = beneath("measurements", part.series_id)
    said = {
        key for key in ("groups", "stages", "routes", "parameter", "months") if getattr(part, key)
    }
    allowed = _KEYS[part.measured]
    for key in sorted(said.difference(allowed)):
        yield Fault(column=f"{where}.{key}", reason=f"does not belong to a {part.measured}.")
    for key in ("routes", "parameter", "months"):
        if key in allowed and key not in said:
            yield Fault(column=f"{where}.{key}", reason=f"is missing: a {part.measured} needs it.")
    yield from _known(f"{where}.groups", part.groups, tuple(specification.groups), "group")
    yield from _known(f"{where}.stages", part.stages, tuple(specification.stages), "stage")
    names = tuple(parameter.name for parameter in specification.parameters)
    if part.parameter:
        yield from _known(f"{where}.parameter", (part.parameter,), names, "parameter")
    if part.measured is Measured.STOCK:
        yield from _stock(where, specification, part)
    if part.measured is Measured.FLOW:
        yield from _flow(f"{where}.routes", specification, part)


def _known(where: str, named: Sequence[str], known: Sequence[str], kind: str) -> Iterator[Fault]:
    for place, name in enumerate(named):
        if known and name not in known:
            yield Fault(column=where, reason=f"names {name!r}, which is no {kind}.")
        if name in named[:place]:
            yield Fault(column=where, reason=f"names {name!r} twice.")


def _stock(where: str, specification: ChainSpecification, part: Measurement) -> Iterator[Fault]:
    groups, stages = set(part.groups), set(part.stages)
    if groups - set(specification.groups) or stages - set(specification.stages):
        return
    if specification.compartments and not any(
        (not groups or other.group in groups) and (not stages or other.stage in stages)
        for other in specification.compartments
    ):
        yield Fault(column=where, reason="measures no compartment.")


def _flow(where: str, specification: ChainSpecification, part: Measurement) -> Iterator[Fault]:
    ways = {
        (other.stage, route.to)
        for other in specification.compartments
        if not part.groups or other.group in part.groups
        for route in (*other.leave, *other.served)
    }
    for place, route in enumerate(part.routes):
        left, to = route
        name = f"{left} to {to or OUT}"
        if ways and route not in ways:
            yield Fault(column=where, reason=f"names {name}, a way that nobody goes.")
        if route in part.routes[:place]:
            yield Fault(column=where, reason=f"names {name} twice.")
