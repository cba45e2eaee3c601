# SPDX-License-Identifier: EUPL-1.2
"""What is wrong with a chain whose every part can be read: parts that do not fit each other."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from models.errors import Fault
from models.occupancy.content import OUT, REST, STEADY, beneath
from models.occupancy.measuring import check_measurement
from models.occupancy.specification import (
    Bottleneck,
    ChainSpecification,
    Compartment,
    Entry,
    Part,
    Unit,
    Value,
)
from models.occupancy.ways import check_ways, place_of

__all__ = ["check_chain"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")

_USING = re.compile(
    r"\.(hazard|leave|served|into|ratio|capacity|response)(\.|$)"
    r"|^(compartments|entries|bottlenecks)(\.\d+)?$"
)
"""Places in which a parameter may be named, or that hold such places."""

_UNUSABLE = "must begin with a small letter, and hold only small letters, digits and _."

_ROUNDING = 1e-9
"""Shares that add up to one but for this are taken to do so [-]."""

Use = tuple[str, Value | None, Unit]
"""A place, what stands there, and the unit that it needs."""


def check_chain(specification: ChainSpecification, *, known: Sequence[Fault] = ()) -> list[Fault]:
    """Everything that does not fit, beside what is known to be wrong already.

    Args:
        specification: The chain; a fault that is known already stands in it as a value that fits.
        known: What is wrong with single places; nothing more is said of those.

    Returns:
        Faults, each with its place as the column.
    """
    found = [
        fault
        for fault in chain(
            _names(specification),
            _empty(specification),
            _parameters(specification),
            _unused(specification, known=known),
            *(_compartment(specification, part) for part in specification.compartments),
            *(_bottleneck(specification, part) for part in specification.bottlenecks),
            *(_entry(specification, part) for part in specification.entries),
            *(check_measurement(specification, part) for part in specification.measurements),
            _levers(specification),
        )
        if not any(_same_place(fault, other) for other in known)
    ]
    return found + check_ways(specification, known=[*known, *found])


def _same_place(fault: Fault, other: Fault) -> bool:
    """Whether a fault tells of a place that is known to be wrong already."""
    place, known = fault.column or "", other.column or ""
    if place == known or place.startswith(f"{known}."):
        return True
    # Where the kind of a figure cannot be read, nothing is known of what it needs.
    if known.endswith(".measured") and place.startswith(known.removesuffix("measured")):
        return True
    # Where one share cannot be read, nothing is known of their sum.
    return place.endswith((".leave", ".served", ".into")) and known.startswith(f"{place}.")


def _names(specification: ChainSpecification) -> Iterator[Fault]:
    if not _NAME.fullmatch(specification.chain_id):
        yield Fault(column="chain_id", reason=_UNUSABLE)
    parts: dict[str, Iterable[str]] = {
        "groups": specification.groups,
        "stages": specification.stages,
        "parameters": [part.name for part in specification.parameters],
        "bottlenecks": [part.name for part in specification.bottlenecks],
    }
    for where, names in parts.items():
        for name in names:
            if not _NAME.fullmatch(name):
                yield Fault(column=beneath(where, name), reason=_UNUSABLE)
            if name in {OUT, REST}:
                yield Fault(column=f"{where}.{name}", reason="is a word that means something else.")


def _empty(specification: ChainSpecification) -> Iterator[Fault]:
    """Groups and stages without a compartment, and lists without anything."""
    keys = [part.key for part in specification.compartments]
    for place, (where, names) in enumerate(
        {"groups": specification.groups, "stages": specification.stages}.items()
    ):
        used = {key[place] for key in keys}
        for name in names:
            if used and name not in used:
                yield Fault(column=beneath(where, name), reason="has no compartment.")
    needed = {
        "groups": specification.groups,
        "stages": specification.stages,
        "parameters": specification.parameters,
        "compartments": specification.compartments,
        "entries": specification.entries,
    }
    for where, some in needed.items():
        if not some:
            yield Fault(column=where, reason="needs at least one.")


def _uses(specification: ChainSpecification) -> Iterator[Use]:
    for part in specification.compartments:
        where = place_of(part)
        yield f"{where}.hazard", part.hazard, Unit.PER_MONTH
        for key, routes in (("leave", part.leave), ("served", part.served)):
            for route in routes:
                yield f"{where}.{key}.{route.to or OUT}", route.share, Unit.SHARE
    for queue in specification.bottlenecks:
        yield f"bottlenecks.{queue.name}.capacity", queue.capacity, Unit.PERSONS_PER_MONTH
        yield f"bottlenecks.{queue.name}.response", queue.response, Unit.SHARE
    for entry in specification.entries:
        where = beneath("entries", entry.inflow or STEADY)
        unit = Unit.RATIO if entry.inflow else Unit.PERSONS_PER_MONTH
        yield f"{where}.ratio", entry.ratio, unit
        for to in entry.into:
            yield f"{where}.into.{to.group}/{to.stage}", to.share, Unit.SHARE


def _parameters(specification: ChainSpecification) -> Iterator[Fault]:
    units = {part.name: part.unit for part in specification.parameters}
    for where, value, needed in _uses(specification):
        if not isinstance(value, str) or not units:
            continue
        if value not in units:
            yield Fault(column=where, reason=f"names {value!r}, which is no parameter.")
        elif units[value] is not needed:
            yield Fault(
                column=f"parameters.{value}.unit",
                reason=f"is {units[value]}, but {where} needs {needed}.",
            )


def _unused(specification: ChainSpecification, *, known: Sequence[Fault]) -> Iterator[Fault]:
    """Parameters that nothing names, unless a name may have stood where none could be read."""
    if any(_USING.search(fault.column or "") for fault in known):
        return
    used = {value for _, value, _ in _uses(specification)}
    for part in specification.parameters:
        if part.name not in used:
            yield Fault(
                column=beneath("parameters", part.name), reason="is declared but never used."
            )


def _shares(where: str, named_shares: Sequence[tuple[str, Value | None]]) -> Iterator[Fault]:
    """What is wrong with shares by name, taken together."""
    names = [name for name, _ in named_shares]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault(column=where, reason=f"names {name} twice.")
    shares = [share for _, share in named_shares]
    rests = sum(share is None for share in shares)
    fixed = sum(share for share in shares if isinstance(share, float | int))
    named = any(isinstance(share, str) for share in shares)
    if rests > 1:
        yield Fault(column=where, reason="has more than one rest.")
    if fixed > 1 + _ROUNDING or (not rests and not named and abs(fixed - 1) > _ROUNDING):
        yield Fault(column=where, reason=f"has fixed shares that add to {fixed:g}, not to one.")
    elif named and not rests:
        yield Fault(
            column=where,
            reason="names a parameter, so the shares add to one only if one of them is the rest.",
        )


def _compartment(specification: ChainSpecification, part: Compartment) -> Iterator[Fault]:
    where = place_of(part)
    if specification.groups and part.group not in specification.groups:
        yield Fault(column=where, reason=f"is of {part.group!r}, which is no group.")
    if specification.stages and part.stage not in specification.stages:
        yield Fault(column=where, reason=f"is in {part.stage!r}, which is no stage.")
    if part.hazard is None and part.bottleneck is None:
        reason = "is missing, and so is hazard: nobody would ever leave."
        yield Fault(column=f"{where}.bottleneck", reason=reason)
    queues = {queue.name for queue in specification.bottlenecks}
    if part.bottleneck is not None and part.bottleneck not in queues:
        reason = f"names {part.bottleneck!r}, which is no bottleneck."
        yield Fault(column=f"{where}.bottleneck", reason=reason)
    tracked = specification.months_tracked
    if part.after >= tracked:
        yield Fault(column=f"{where}.after", reason=f"is not below the {tracked} months tracked.")
    if part.profile[-1][0] >= tracked:
        reason = f"goes on after the {tracked} months tracked."
        yield Fault(column=f"{where}.profile", reason=reason)
    yield from _belongings(where, part)
    yield from _routes(specification, part)


def _routes(specification: ChainSpecification, part: Compartment) -> Iterator[Fault]:
    places = {other.key for other in specification.compartments}
    for key, routes in (("leave", part.leave), ("served", part.served)):
        where = f"{place_of(part)}.{key}"
        if routes:
            yield from _shares(where, [(route.to or OUT, route.share) for route in routes])
        for route in routes:
            if route.to is not None and (part.group, route.to) not in places:
                reason = f"leads to {part.group}/{route.to}, which is no compartment."
                yield Fault(column=f"{where}.{route.to}", reason=reason)


def _belongings(where: str, part: Compartment) -> Iterator[Fault]:
    """What stands without that to which it belongs."""
    if (part.hazard is None) != (not part.leave):
        missing, there = ("hazard", "leave") if part.leave else ("leave", "hazard")
        yield Fault(column=f"{where}.{missing}", reason=f"is missing, though there is {there}.")
    if (part.bottleneck is None) != (not part.served):
        missing, there = ("bottleneck", "served") if part.served else ("served", "bottleneck")
        yield Fault(column=f"{where}.{missing}", reason=f"is missing, though there is {there}.")
    if part.bottleneck is None and part.after:
        yield Fault(column=f"{where}.after", reason="needs a bottleneck.")
    if part.hazard is None and part.profile != ((0, 1.0),):
        yield Fault(column=f"{where}.profile", reason="needs a hazard.")


def _bottleneck(specification: ChainSpecification, queue: Bottleneck) -> Iterator[Fault]:
    where = beneath("bottlenecks", queue.name)
    served = [part for part in specification.compartments if part.bottleneck == queue.name]
    stages = sorted({part.stage for part in served})
    if not served and specification.compartments:
        yield Fault(column=where, reason="serves no compartment.")
    if len(stages) > 1:
        # Each stage is walked by itself, and would be given the whole capacity.
        yield Fault(column=where, reason=f"serves several stages: {', '.join(stages)}.")


def _entry(specification: ChainSpecification, entry: Entry) -> Iterator[Fault]:
    where = f"{beneath('entries', entry.inflow or STEADY)}.into"
    if not entry.into:
        yield Fault(column=where, reason="needs at least one compartment.")
        return
    yield from _shares(where, [(f"{to.group}/{to.stage}", to.share) for to in entry.into])
    places = {part.key for part in specification.compartments}
    for to in entry.into:
        if places and (to.group, to.stage) not in places:
            yield Fault(column=f"{where}.{to.group}/{to.stage}", reason="is no compartment.")


def _levers(specification: ChainSpecification) -> Iterator[Fault]:
    for kind in dict.fromkeys(kind for kind, _ in specification.levers):
        names = specification.acted_on(kind)
        for name in names:
            if name not in specification.parts(kind.part):
                reason = f"acts on the {kind.part} {name!r}, which is not there."
                yield Fault(column=f"levers.{kind}", reason=reason)
        if len(set(names)) < len(names) or (len(names) > 1 and kind.part is not Part.PARAMETER):
            yield Fault(column=f"levers.{kind}", reason="acts on more than it may.")
