# SPDX-License-Identifier: EUPL-1.2
"""The monthly step of a chain: who enters, who moves on, who leaves; nobody is lost.

People are kept as cohorts: how many of each compartment have spent how many months there. A step
makes everyone a month older, lets the arrivals in, and then goes through the stages in order, so
that people can pass several stages in one month.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.occupancy.cohorts import Cohorts
from models.occupancy.movement import Movement
from models.occupancy.specification import (
    Bottleneck,
    ChainSpecification,
    Compartment,
    Route,
    Value,
)
from models.types import Floats

__all__ = ["Chain", "Cohorts", "Flows", "Served"]

Way = tuple[str, str, str | None]
"""Group, stage left, and stage entered (None for out of reception)."""

Values = Mapping[str, Floats]
"""Value of every parameter in one month, in its unit, each of shape (paths,)."""

_SHORTEST = 1e-9
"""A queue is never taken for shorter when its capacity is looked up [persons]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Served:
    """What went through a bottleneck in one month, each of shape (paths,).

    Attributes:
        persons: Who were served [persons].
        waiting: Who are left waiting and might have been served [persons].
        waited: Months that those served had waited, all together [persons·months].
    """

    persons: Floats
    waiting: Floats
    waited: Floats


@dataclass(slots=True, kw_only=True, eq=False)
class Flows:
    """Who went where in one month.

    Attributes:
        moved: Persons by group, stage left and stage entered (None for out of reception), each
            of shape (paths,).
        served: By bottleneck.
        entered: Persons who entered reception, shape (paths,).
    """

    moved: dict[Way, Floats] = field(default_factory=dict)
    served: dict[str, Served] = field(default_factory=dict)
    entered: Floats | float = 0.0

    def count(self, key: Way, persons: Floats) -> None:
        """Add persons to a way."""
        before = self.moved.get(key)
        self.moved[key] = persons if before is None else before + persons


class _Split:
    """Shares that add up to one: where those named take more, they take it in proportion."""

    def __init__(self, shares: Sequence[Value | None]) -> None:
        self._shares = shares
        known = not any(isinstance(share, str) for share in shares)
        self._fixed = self._among({}) if known else None

    def of(self, values: Values) -> list[Floats | float]:
        """The shares in a month."""
        return self._among(values) if self._fixed is None else self._fixed

    def _among(self, values: Values) -> list[Floats | float]:
        named = [_value(share, values) for share in self._shares if share is not None]
        if len(named) == len(self._shares):
            return named
        if not named:
            return [1.0]
        together = sum(named[1:], start=named[0])
        over = np.maximum(together, 1.0)
        shared = iter([share / over for share in named])
        rest = np.maximum(1 - together, 0.0)
        return [rest if share is None else next(shared) for share in self._shares]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """Where those go who leave a compartment: names, rows (None for out), and shares."""

    keys: list[Way]
    rows: list[int | None]
    split: _Split


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exit:
    """A compartment that is left by a hazard."""

    row: int
    hazard: Value
    profile: tuple[tuple[int, float], ...]
    ways: _Ways


@dataclass(frozen=True, slots=True, kw_only=True)
class _Queue:
    """The compartments of one stage that wait for one bottleneck."""

    bottleneck: Bottleneck
    rows: list[int]
    after: list[int]
    ways: list[_Ways]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    """How arrivals enter: a share of those counted in a row, or a steady stream without one."""

    counted: int | None
    ratio: Value
    rows: list[int]
    split: _Split


class Chain:
    """A specification, made ready to run.

    Args:
        specification: Checked by `models.occupancy.reading`.
    """

    def __init__(self, specification: ChainSpecification) -> None:
        self.specification = specification
        self.movement = Movement(specification.parameters)
        self.place = {part.key: row for row, part in enumerate(specification.compartments)}
        inflows = specification.inflows
        self._doors = [
            _Door(
                counted=None if entry.inflow is None else inflows.index(entry.inflow),
                ratio=entry.ratio,
                rows=[self.place[part.group, part.stage] for part in entry.into],
                split=_Split([part.share for part in entry.into]),
            )
            for entry in specification.entries
        ]
        self._stages = [(self._exits(stage), self._queues(stage)) for stage in specification.stages]

    def _exits(self, stage: str) -> list[_Exit]:
        return [
            _Exit(
                row=self.place[part.key],
                hazard=part.hazard,
                profile=part.profile,
                ways=self._ways(part, part.leave),
            )
            for part in self.specification.compartments
            if part.stage == stage and part.hazard is not None
        ]

    def _queues(self, stage: str) -> list[_Queue]:
        waiting = {
            bottleneck.name: [
                part
                for part in self.specification.compartments
                if part.stage == stage and part.bottleneck == bottleneck.name
            ]
            for bottleneck in self.specification.bottlenecks
        }
        return [
            _Queue(
                bottleneck=bottleneck,
                rows=[self.place[part.key] for part in waiting[bottleneck.name]],
                after=[part.after for part in waiting[bottleneck.name]],
                ways=[self._ways(part, part.served) for part in waiting[bottleneck.name]],
            )
            for bottleneck in self.specification.bottlenecks
            if waiting[bottleneck.name]
        ]

    def _ways(self, part: Compartment, routes: tuple[Route, ...]) -> _Ways:
        return _Ways(
            keys=[(part.group, part.stage, route.to) for route in routes],
            rows=[
                None if route.to is None else self.place[part.group, route.to] for route in routes
            ],
            split=_Split([route.share for route in routes]),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Compartments, and months spent that are told apart."""
        return len(self.specification.compartments), self.specification.months_tracked

    def rows(self, *, groups: tuple[str, ...] = (), stages: tuple[str, ...] = ()) -> list[int]:
        """Places of the compartments of some groups and stages; none named means all."""
        return [
            row
            for row, part in enumerate(self.specification.compartments)
            if (not groups or part.group in groups) and (not stages or part.stage in stages)
        ]

    def step(
        self,
        cohorts: Cohorts,
        *,
        values: Values,
        arrivals: Floats,
        added: Mapping[str, float] | None = None,
    ) -> Flows:
        """Walk one month.

        Args:
            cohorts: At the end of the month before; at the end of this one afterwards.
            values: Of every parameter.
            arrivals: Counted in the month, by inflow [persons], shape (inflows, paths).
            added: Persons per month that bottlenecks serve beside their own capacity; negative
                takes away [persons/month].

        Returns:
            Who went where.

        Source:
            docs/methods.md, Occupancy and need, equations O1 and O2.
        """
        flows = Flows()
        cohorts.grow_older()
        for door in self._doors:
            uncounted = np.ones(arrivals.shape[1])
            counted = uncounted if door.counted is None else arrivals[door.counted]
            persons = counted * _value(door.ratio, values)
            flows.entered = flows.entered + persons
            for row, share in zip(door.rows, door.split.of(values), strict=True):
                cohorts.enter(row, persons * share)
        for exits, queues in self._stages:
            for part in exits:
                rate = _value(part.hazard, values)
                hazards = [(start, rate * factor) for start, factor in part.profile]
                _send(cohorts, cohorts.leave(part.row, hazards), part.ways, values, flows)
            for queue in queues:
                extra = (added or {}).get(queue.bottleneck.name, 0.0)
                _serve(cohorts, queue, values, flows, extra=extra)
        return flows


def _serve(cohorts: Cohorts, queue: _Queue, values: Values, flows: Flows, *, extra: float) -> None:
    """Serve as many as the capacity allows, those first who have waited longest."""
    bottleneck = queue.bottleneck
    waiting = cohorts.waiting(queue.rows, after=queue.after)
    length = np.maximum(waiting, _SHORTEST) / bottleneck.reference
    own = _value(bottleneck.capacity, values) * length ** _value(bottleneck.response, values)
    served = np.minimum(np.maximum(own + extra, 0.0), waiting)
    taken = cohorts.serve(queue.rows, served, after=queue.after)
    flows.served[bottleneck.name] = Served(
        persons=served, waiting=waiting - served, waited=taken.waited
    )
    for persons, ways in zip(taken.persons, queue.ways, strict=True):
        _send(cohorts, persons, ways, values, flows)


def _send(cohorts: Cohorts, persons: Floats, ways: _Ways, values: Values, flows: Flows) -> None:
    for key, row, share in zip(ways.keys, ways.rows, ways.split.of(values), strict=True):
        going = persons * share
        flows.count(key, going)
        if row is not None:
            cohorts.enter(row, going)


def _value(value: Value, values: Values) -> Floats | float:
    return values[value] if isinstance(value, str) else value
