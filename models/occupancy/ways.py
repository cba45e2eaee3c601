# SPDX-License-Identifier: EUPL-1.2
"""Where the ways of a chain lead: that every compartment can be reached, and left for good."""

from collections.abc import Iterable, Mapping, Sequence

from models.errors import Fault
from models.occupancy.specification import ChainSpecification, Compartment, Route, Value

__all__ = ["check_ways", "place_of"]

Key = tuple[str, str]
"""Group and stage."""


def place_of(part: Compartment) -> str:
    """The place of a compartment in the content."""
    return "compartments." + "/".join(part.key)


def check_ways(specification: ChainSpecification, *, known: Sequence[Fault]) -> list[Fault]:
    """Compartments that nobody can reach, and sets of them that nobody ever leaves.

    Args:
        specification: The chain.
        known: What is wrong with single places. Where a way itself is in doubt, what follows
            from it is not said.
    """
    places = [fault.column or "" for fault in known]
    doubtful = {
        part.group
        for part in specification.compartments
        if any(place.startswith(f"compartments.{part.group}/") for place in places)
    }
    onward = {part.key: _onward(part) for part in specification.compartments}
    faults = []
    if not any(place.startswith("entries") and not place.endswith(".ratio") for place in places):
        entered = [
            (to.group, to.stage)
            for entry in specification.entries
            for to in entry.into
            if _some(to.share, [other.share for other in entry.into])
        ]
        reached = _closure(entered, onward)
        faults += [
            Fault(column=place_of(part), reason="can never be reached.")
            for part in specification.compartments
            if part.group not in doubtful and part.key not in reached
        ]
    backward: dict[Key, list[Key]] = {key: [] for key in onward}
    for key, others in onward.items():
        for other in others & onward.keys():
            backward[other].append(key)
    left = _closure([key for key, others in onward.items() if ("", "") in others], backward)
    for group in specification.groups:
        stuck = [stage for stage in specification.stages if (group, stage) in onward.keys() - left]
        if stuck and group not in doubtful:
            names = ", ".join(stuck)
            reason = f"is an absorbing loop: who comes to {names} never leaves reception."
            faults.append(Fault(column=f"compartments.{group}/{stuck[0]}", reason=reason))
    return faults


def _onward(part: Compartment) -> set[Key]:
    """Where people go from a compartment; ("", "") is out of reception."""
    routes: list[Route] = []
    # Who stays longest stays under the last factor for good.
    if part.hazard is not None and part.hazard != 0 and part.profile[-1][1] > 0:
        routes += _taken(part.leave)
    if part.bottleneck is not None:
        routes += _taken(part.served)
    return {("", "") if route.to is None else (part.group, route.to) for route in routes}


def _taken(routes: Sequence[Route]) -> list[Route]:
    shares = [route.share for route in routes]
    return [route for route in routes if _some(route.share, shares)]


def _some(share: Value | None, shares: Sequence[Value | None]) -> bool:
    """Whether anybody goes this way; a parameter is never quite nothing."""
    if share is None:
        return sum(other for other in shares if isinstance(other, float | int)) < 1
    return isinstance(share, str) or share > 0


def _closure(begin: Iterable[Key], onward: Mapping[Key, Iterable[Key]]) -> set[Key]:
    """All that can be reached from somewhere, those of the beginning included."""
    reached: set[Key] = set()
    waiting = list(begin)
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting += onward.get(key, ())
    return reached
