# SPDX-License-Identifier: EUPL-1.2
"""The monthly step of a chain: who enters, who moves on, who leaves; nobody is lost.

People are kept as cohorts: how many of each compartment have spent how many months there. A step
makes everyone a month older, lets the arrivals in, and then goes through the stages in order, so
that people can pass several stages in one month.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from models.occupancy.specification import (
    Bottleneck,
    ChainSpecification,
    Compartment,
    Route,
    Value,
)
from models.types import Floats

__all__ = ["Chain", "Cohorts", "Flows", "Served"]

Values = Mapping[str, Floats]
"""Value of every parameter in one month, in its unit, each of shape (paths,)."""

_SLOWEST = 1e-9
"""Below this hazard nobody leaves in a lifetime [1/month]."""


class Cohorts:
    """How many persons have spent how many months where.

    Growing a month older moves nobody in memory: the window on the buffer moves instead.

    Args:
        persons: At the start [persons], shape (compartments, months_tracked, paths).
        months: How many months can be walked.
    """

    def __init__(self, persons: Floats, *, months: int) -> None:
        compartments, tracked, paths = persons.shape
        self._buffer = np.zeros((compartments, tracked + months, paths))
        self._buffer[:, months:] = persons
        self._begin, self._tracked = months, tracked

    @property
    def now(self) -> Floats:
        """Persons by compartment and months spent; what is written here is kept."""
        window: Floats = self._buffer[:, self._begin : self._begin + self._tracked]
        return window

    def grow_older(self) -> None:
        """Make everyone a month older; who has been there longest stays among the longest."""
        fallen_off = self.now[:, -1]
        self._begin -= 1
        self.now[:, -1] += fallen_off


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

    moved: dict[tuple[str, str, str | None], Floats] = field(default_factory=dict)
    served: dict[str, Served] = field(default_factory=dict)
    entered: Floats | float = 0.0

    def count(self, key: tuple[str, str, str | None], persons: Floats) -> None:
        """Add persons to a way."""
        before = self.moved.get(key)
        self.moved[key] = persons if before is None else before + persons


class Chain:
    """A specification, made ready to run.

    Args:
        specification: Checked by `models.occupancy.reading`.
    """

    def __init__(self, specification: ChainSpecification) -> None:
        self.specification = specification
        self.place = {part.key: row for row, part in enumerate(specification.compartments)}
        self._stages = [
            [part for part in specification.compartments if part.stage == stage]
            for stage in specification.stages
        ]
        self._bottlenecks = {part.name: part for part in specification.bottlenecks}

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
            arrivals: Counted in the month, by entry [persons], shape (entries, paths).
            added: Persons per month that bottlenecks serve beside their own capacity; negative
                takes away [persons/month].

        Returns:
            Who went where.

        Source:
            docs/methods.md, Occupancy and need, equations O1 to O4.
        """
        cohorts.grow_older()
        after = cohorts.now
        flows = Flows()
        self._enter(after, values, arrivals, flows)
        for stage in self._stages:
            for part in stage:
                if part.hazard is not None:
                    self._leave(after, part, _value(part.hazard, values), values, flows)
            waiting: dict[str, list[Compartment]] = {}
            for part in stage:
                if part.bottleneck is not None:
                    waiting.setdefault(part.bottleneck, []).append(part)
            for name, parts in waiting.items():
                extra = (added or {}).get(name, 0.0)
                self._serve(after, self._bottlenecks[name], parts, values, flows, extra=extra)
        return flows

    def _enter(self, after: Floats, values: Values, arrivals: Floats, flows: Flows) -> None:
        for entry, counted in zip(self.specification.entries, arrivals, strict=True):
            persons = counted * _value(entry.ratio, values)
            flows.entered = flows.entered + persons
            shares = _shares([part.share for part in entry.into], values)
            for part, share in zip(entry.into, shares, strict=True):
                after[self.place[part.group, part.stage], 0] += persons * share

    def _leave(
        self, after: Floats, part: Compartment, rate: Floats | float, values: Values, flows: Flows
    ) -> None:
        """Let those go who leave by the hazard, by months spent."""
        row = after[self.place[part.key]]
        left: Floats = np.zeros(row.shape[1])
        ends = [*(start for start, _ in part.profile[1:]), row.shape[0]]
        for (start, factor), end in zip(part.profile, ends, strict=True):
            hazard = np.maximum(rate * factor, _SLOWEST)
            if start == 0:
                # Those who came in the course of the month were there for a part of it.
                gone = row[0] * (1 + np.expm1(-hazard) / hazard)
                row[0] -= gone
                left += gone
            older = row[max(start, 1) : end]
            share = -np.expm1(-hazard)
            left += older.sum(axis=0) * share
            older *= 1 - share
        self._send(after, part, left, part.leave, values, flows)

    def _serve(
        self,
        after: Floats,
        bottleneck: Bottleneck,
        parts: list[Compartment],
        values: Values,
        flows: Flows,
        *,
        extra: float,
    ) -> None:
        """Serve as many as the capacity allows, those first who have waited longest."""
        rows = [after[self.place[part.key]] for part in parts]
        months = after.shape[1]
        queue = np.zeros(after.shape[1:])
        for part, row in zip(parts, rows, strict=True):
            queue[part.after :] += row[part.after :]
        waiting = queue.sum(axis=0)
        response = _value(bottleneck.response, values)
        own = (
            _value(bottleneck.capacity, values)
            * (np.maximum(waiting, _SLOWEST) / bottleneck.reference) ** response
        )
        served = np.clip(own + extra, 0.0, waiting)
        longer = np.cumsum(queue[::-1], axis=0)[::-1] - queue
        taken = np.clip(served - longer, 0.0, queue)
        share = np.divide(taken, queue, out=np.zeros_like(queue), where=queue > 0)
        flows.served[bottleneck.name] = Served(
            persons=served,
            waiting=waiting - served,
            waited=(np.arange(months) + 0.5) @ taken,
        )
        for part, row in zip(parts, rows, strict=True):
            gone = row[part.after :] * share[part.after :]
            row[part.after :] -= gone
            self._send(after, part, gone.sum(axis=0), part.served, values, flows)

    def _send(
        self,
        after: Floats,
        part: Compartment,
        persons: Floats,
        routes: tuple[Route, ...],
        values: Values,
        flows: Flows,
    ) -> None:
        shares = _shares([route.share for route in routes], values)
        for route, share in zip(routes, shares, strict=True):
            going = persons * share
            flows.count((part.group, part.stage, route.to), going)
            if route.to is not None:
                after[self.place[part.group, route.to], 0] += going


def _value(value: Value, values: Values) -> Floats | float:
    return values[value] if isinstance(value, str) else value


def _shares(shares: list[Value | None], values: Values) -> list[Floats | float]:
    """Shares that add up to one: where those named take more, they take it in proportion."""
    named = [_value(share, values) for share in shares if share is not None]
    if len(named) == len(shares):
        return named
    if not named:
        return [1.0]
    together = sum(named[1:], start=named[0])
    over = np.maximum(together, 1.0)
    shared = iter([share / over for share in named])
    return [np.maximum(1 - together, 0.0) if share is None else next(shared) for share in shares]
