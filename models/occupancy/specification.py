# SPDX-License-Identifier: EUPL-1.2
"""What a reception chain is: groups, stages, ways between them, bottlenecks and what is counted.

A specification is data. `models/occupancy/reading.py` makes one from a mapping and refuses a wrong
one with every fault; `models/occupancy/chain.py` runs it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

import numpy as np

from models.types import Floats

__all__ = [
    "Bottleneck",
    "ChainSpecification",
    "Compartment",
    "Entry",
    "Into",
    "LeverKind",
    "Measured",
    "Measurement",
    "Parameter",
    "Part",
    "Route",
    "Title",
    "Unit",
]

Value = float | str
"""A fixed number, or the name of a parameter."""


class Unit(StrEnum):
    """What a parameter counts."""

    PER_MONTH = "1/month"
    PERSONS_PER_MONTH = "persons/month"
    RATIO = "ratio"
    SHARE = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """What people read.

    Attributes:
        nl: In Dutch.
        en: In English.
    """

    nl: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One quantity of the chain that is not known exactly, and how it moves.

    Shares are believed and move on the logit scale, everything else on the log scale.

    Attributes:
        name: How compartments and bottlenecks refer to it.
        unit: What it counts.
        median: Believed before any figure is seen, in its unit.
        spread: Standard deviation of that belief [log or logit].
        drift: How far it moves for good [log or logit per square root of a month].
        half_life: Time in which half of a deviation from its own level is undone [months].
        noise: Passing deviation of a single month [log or logit].
        basis: `published` or `assumption`.
        owner: Who answers for an assumption.
        reason: Why this value; the source of a published one.
    """

    name: str
    unit: Unit
    median: float
    spread: float
    drift: float = 0.0
    half_life: float = 120.0
    noise: float = 0.0
    basis: str = "assumption"
    owner: str = ""
    reason: str = ""

    def inward(self, value: float) -> float:
        """A value of its unit on the scale on which it is believed."""
        if self.unit is Unit.SHARE:
            return float(np.log(value / (1 - value)))
        return float(np.log(value))

    def outward(self, inward: Floats) -> Floats:
        """Back in its unit."""
        clipped = np.clip(inward, -30, 30)
        values: Floats = 1 / (1 + np.exp(-clipped)) if self.unit is Unit.SHARE else np.exp(clipped)
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a share of those who leave a compartment goes.

    Attributes:
        to: Stage, of the same group; None is out of reception.
        share: Fixed, a parameter, or None for whatever the others leave [-].
    """

    to: str | None
    share: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compartment:
    """One group in one stage, and how it is left.

    Attributes:
        group: Who.
        stage: Where.
        hazard: Rate of leaving [1/month]; None if it is left through a bottleneck alone.
        profile: Factors on the hazard from a number of months spent on, as (months, factor) with
            rising months, the first from 0.
        leave: Where those go who leave by the hazard; shares add up to one.
        bottleneck: The queue through which the others leave; None for none.
        after: Months spent before one may be served [months].
        served: Where those go who are served; shares add up to one.
    """

    group: str
    stage: str
    hazard: Value | None = None
    profile: tuple[tuple[int, float], ...] = ((0, 1.0),)
    leave: tuple[Route, ...] = ()
    bottleneck: str | None = None
    after: int = 0
    served: tuple[Route, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Group and stage."""
        return self.group, self.stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottleneck:
    """A queue with a capacity of its own, served in order of arrival.

    Attributes:
        name: How compartments refer to it.
        title: What people read.
        capacity: Parameter: persons served per month while `reference` persons wait.
        response: How capacity grows with the queue: its elasticity, from 0 (a fixed capacity) to
            1 (a fixed share of the queue) [-].
        reference: The queue at which the capacity is stated [persons].
        partner: Who provides the capacity.
    """

    name: str
    title: Title
    capacity: str
    response: Value
    reference: float
    partner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Into:
    """Which compartment a share of the entrants comes to.

    Attributes:
        group: Who they are.
        stage: Where they begin.
        share: Fixed, a parameter, or None for whatever the others leave [-].
    """

    group: str
    stage: str
    share: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How arrivals enter reception.

    Attributes:
        inflow: Series of arrivals [persons/month]; None for a steady stream that no series
            counts by month.
        ratio: Persons who enter reception per counted arrival [-], or per month where nothing
            counts them [persons/month].
        into: Where they begin; shares add up to one.
    """

    inflow: str | None
    ratio: Value
    into: tuple[Into, ...]


class Measured(StrEnum):
    """What kind of figure tells of the chain."""

    STOCK = "stock"
    """Persons in some compartments on a day."""
    FLOW = "flow"
    """Persons who went some ways in a period."""
    VALUE = "value"
    """A parameter itself, averaged over a period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a published series says of the chain.

    Attributes:
        series_id: The series.
        measured: Stock, flow or value.
        groups: Whose stock or flow; empty for all.
        stages: Which stock; empty for all.
        routes: Which flow, as (from, to) stages, `to` None for out of reception.
        parameter: Which value.
        months: Length of the period of a flow or value [months].
        factor: What a figure is multiplied by to fit the definition of the chain [-].
        error: Standard error of the figure [log, or logit for a share].
        basis: Whether factor and error were measured or assumed.
        owner: Who answers for them.
        reason: Why.
    """

    series_id: str
    measured: Measured
    groups: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    routes: tuple[tuple[str, str | None], ...] = ()
    parameter: str = ""
    months: int = 0
    factor: float = 1.0
    error: float = 0.05
    basis: str = "assumption"
    owner: str = ""
    reason: str = ""


class LeverKind(StrEnum):
    """What can be changed; terms of docs/glossary.md."""

    DECISION_CAPACITY = "decision_capacity"
    HOMES_REALISED = "homes_realised"
    GRANT_RATE = "grant_rate"
    INFLOW_SHOCK = "inflow_shock"
    FAMILY_REUNIFICATION_QUOTA = "family_reunification_quota"
    RETURNS = "returns"
    TRANSITION_HOMES = "transition_homes"

    @property
    def part(self) -> "Part":
        """On which part of a chain it acts."""
        if self in {LeverKind.GRANT_RATE, LeverKind.RETURNS}:
            return Part.PARAMETER
        if self in {LeverKind.INFLOW_SHOCK, LeverKind.FAMILY_REUNIFICATION_QUOTA}:
            return Part.INFLOW
        return Part.BOTTLENECK


class Part(StrEnum):
    """Which part of a chain a lever acts on."""

    BOTTLENECK = "bottleneck"
    PARAMETER = "parameter"
    INFLOW = "inflow"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSpecification:
    """A whole chain.

    Attributes:
        chain_id: Its name.
        title: What people read.
        months_tracked: Months spent in a stage that are told apart; longer counts as the last.
        groups: Who there are, in the order in which they are shown.
        stages: Which stages there are, in the order in which people pass through them.
        parameters: What is not known exactly.
        compartments: Which group can be in which stage.
        bottlenecks: The queues.
        entries: How arrivals enter.
        measurements: What published series say of it.
        levers: On which bottleneck, parameter or inflow each kind of lever acts. Only a rate may
            act on several, one for each group: persons who are added are added once.
    """

    chain_id: str
    title: Title
    months_tracked: int
    groups: Mapping[str, Title]
    stages: Mapping[str, Title]
    parameters: tuple[Parameter, ...]
    compartments: tuple[Compartment, ...]
    bottlenecks: tuple[Bottleneck, ...] = ()
    entries: tuple[Entry, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    levers: tuple[tuple[LeverKind, str], ...] = ()

    @property
    def inflows(self) -> tuple[str, ...]:
        """The series of arrivals that feed it."""
        return tuple(entry.inflow for entry in self.entries if entry.inflow is not None)

    def acted_on(self, kind: LeverKind) -> tuple[str, ...]:
        """What a kind of lever acts on; nothing where the chain has no such lever."""
        return tuple(name for other, name in self.levers if other is kind)

    def parts(self, part: Part) -> tuple[str, ...]:
        """The names of one part of the chain that levers may act on."""
        return {
            Part.BOTTLENECK: tuple(queue.name for queue in self.bottlenecks),
            Part.PARAMETER: tuple(parameter.name for parameter in self.parameters),
            Part.INFLOW: self.inflows,
        }[part]

    def parameter(self, name: str) -> Parameter:
        """The parameter of this name, which the specification holds."""
        return next(part for part in self.parameters if part.name == name)

    def with_parameter(self, changed: Parameter) -> Self:
        """The same chain with another belief about the parameter of that name."""
        parts = tuple(changed if part.name == changed.name else part for part in self.parameters)
        return replace(self, parameters=parts)
