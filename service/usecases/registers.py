# SPDX-License-Identifier: EUPL-1.2
"""Taking a register of locations into use, and saying what it changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from models.errors import NotFound
from models.planning.costs import CostParameters
from models.planning.register.locations import Location
from models.planning.register.place_costs import is_dearer_than_emergency
from service.storage.desk import Desk
from service.usecases.overview import RegisterTotals, register_totals

__all__ = ["LineChange", "LineWarning", "RegisterChange", "take_register"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """A line that was there before, and is not what it was.

    Attributes:
        location_id: Its code in the register.
        columns: Columns that have another value, in the order of the file.
    """

    location_id: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWarning:
    """A value that is possible, but has a consequence that may not be meant.

    Attributes:
        location_id: Code of the line in the register.
        column: Column that the value stands in.
        consequence: What follows from it.
    """

    location_id: str
    column: str
    consequence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterChange:
    """What a register that was taken into use changes.

    Attributes:
        register_id: The register that holds from now on: hash of its lines.
        previous_id: The register that held until now; left out where there was none.
        added: Lines that were not there before.
        changed: Lines that are not what they were.
        gone: Lines that are no longer there.
        unchanged: Number of lines that stay as they were.
        before: What the register came to until now.
        after: What it comes to from now on.
        warnings: Values that were taken, with consequences that may not be meant.
    """

    register_id: str
    previous_id: str | None
    added: tuple[str, ...]
    changed: tuple[LineChange, ...]
    gone: tuple[str, ...]
    unchanged: int
    before: RegisterTotals
    after: RegisterTotals
    warnings: tuple[LineWarning, ...]


def take_register(desk: Desk, locations: Sequence[Location], *, source: str) -> RegisterChange:
    """Let a register hold from now on; the one that held before stays on record.

    Args:
        desk: Where registers are kept.
        locations: Every line of the register.
        source: Where it came from.

    Returns:
        What it changes, line by line.
    """
    try:
        held = desk.registers.latest()
    except NotFound:
        held = None
    before = {} if held is None else {line.location_id: line for line in held.locations}
    after = {line.location_id: line for line in locations}
    changed = tuple(
        LineChange(location_id=name, columns=_differing(before[name], after[name]))
        for name in sorted(before.keys() & after.keys())
        if before[name] != after[name]
    )
    return RegisterChange(
        register_id=desk.registers.record(locations, source=source, now=desk.now()),
        previous_id=None if held is None else held.register_id,
        added=tuple(sorted(after.keys() - before.keys())),
        changed=changed,
        gone=tuple(sorted(before.keys() - after.keys())),
        unchanged=len(before.keys() & after.keys()) - len(changed),
        before=register_totals(tuple(before.values())),
        after=register_totals(tuple(after.values())),
        warnings=tuple(_warnings(after)),
    )


def _warnings(lines: Mapping[str, Location]) -> Iterator[LineWarning]:
    for name, line in sorted(lines.items()):
        if is_dearer_than_emergency(line, costs=CostParameters()):
            yield LineWarning(
                location_id=name,
                column="place_eur",
                consequence="A person here costs more than in an emergency place, so a plan "
                "prefers emergency reception.",
            )


def _differing(one: Location, other: Location) -> tuple[str, ...]:
    return tuple(
        entry.name
        for entry in fields(Location)
        if getattr(one, entry.name) != getattr(other, entry.name)
    )
