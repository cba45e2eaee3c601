# SPDX-License-Identifier: EUPL-1.2
"""Many possible courses of a chain at once: drifting parameters, cohorts, what comes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInput
from models.occupancy.chain import Chain, Cohorts, Flows
from models.types import Floats

__all__ = ["ChainPaths", "ChainState", "Interventions", "drift", "simulate", "values_of"]

_CHUNK = 10_000
"""Paths that are walked together: enough to make little of each call, and not more memory."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChainState:
    """Where a chain stands, once per member or path.

    Attributes:
        cohorts: Persons by compartment and months spent [persons], shape (compartments,
            months_tracked, paths).
        inward: Parameters now, on the scale on which they are believed, shape (parameters, paths).
        levels: To what they return, same scale and shape.
    """

    cohorts: Floats
    inward: Floats
    levels: Floats

    @property
    def paths(self) -> int:
        """How many members or paths."""
        return int(self.cohorts.shape[2])

    def take(self, rows: NDArray[np.intp] | slice) -> Self:
        """The members at these rows, in that order."""
        return type(self)(
            cohorts=self.cohorts[:, :, rows],
            inward=self.inward[:, rows],
            levels=self.levels[:, rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interventions:
    """What a policy changes, month by month; every array of shape (months,).

    Attributes:
        added: By bottleneck: persons served beside its own capacity [persons/month].
        factors: By parameter: what its value is multiplied by [-].
        shifts: By parameter: what is added to its value, a share staying one [its unit].
        arrivals: By inflow series: arrivals added [persons/month].
        quotas: By inflow series: the most arrivals that are let in [persons/month], infinite
            for no quota; who is not let in waits outside and comes when there is room.
    """

    added: Mapping[str, Floats] = field(default_factory=dict)
    factors: Mapping[str, Floats] = field(default_factory=dict)
    shifts: Mapping[str, Floats] = field(default_factory=dict)
    arrivals: Mapping[str, Floats] = field(default_factory=dict)
    quotas: Mapping[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChainPaths:
    """What comes of a chain along every path.

    Attributes:
        persons: On the last day of each month, by compartment [persons], shape (compartments,
            paths, months).
        served: By bottleneck, who were served in each month [persons], shape (paths, months).
        waiting: By bottleneck, who could not be served [persons], same shape.
        waited: By bottleneck, how long those served had waited on average [months], same shape;
            NaN where nobody was.
        left: By stage left, who left reception [persons], same shape.
        entered: Who entered reception [persons], same shape.
    """

    persons: Floats
    served: Mapping[str, Floats]
    waiting: Mapping[str, Floats]
    waited: Mapping[str, Floats]
    left: Mapping[str, Floats]
    entered: Floats

    @property
    def total(self) -> Floats:
        """Everybody in reception [persons], shape (paths, months)."""
        together: Floats = self.persons.sum(axis=0)
        return together

    def take(self, rows: slice) -> Self:
        """The paths of these rows; what is written there is written here."""
        return type(self)(
            persons=self.persons[:, rows],
            served={name: part[rows] for name, part in self.served.items()},
            waiting={name: part[rows] for name, part in self.waiting.items()},
            waited={name: part[rows] for name, part in self.waited.items()},
            left={stage: part[rows] for stage, part in self.left.items()},
            entered=self.entered[rows],
        )


def drift(
    chain: Chain, inward: Floats, *, levels: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Move the parameters by one month.

    Args:
        chain: Whose parameters.
        inward: Before the month, on the scale on which they are believed, shape (parameters,
            paths).
        levels: To what they return, same shape.
        rng: Source of chance.

    Returns:
        The parameters after the month, and what holds on average during it with its passing
        noise, same scale and shape.

    Source:
        Uhlenbeck and Ornstein (1930); docs/methods.md, equation O3.
    """
    return chain.movement.month(inward, levels=levels, rng=rng)


def values_of(chain: Chain, inward: Floats) -> dict[str, Floats]:
    """Every parameter in its unit, by name, each of shape (paths,)."""
    names = [part.name for part in chain.specification.parameters]
    return dict(zip(names, chain.movement.outward(inward), strict=True))


def simulate(
    chain: Chain,
    start: ChainState,
    *,
    arrivals: Floats,
    rng: np.random.Generator,
    interventions: Interventions | None = None,
) -> ChainPaths:
    """Walk every path through the chain.

    The same generator state gives the same parameters with and without interventions, so that
    a scenario can be held against the baseline path by path.

    Args:
        chain: What is walked through.
        start: At the end of the month before the first, one member per path.
        arrivals: Counted in each month, by inflow [persons/month], shape (inflows, paths, months).
        rng: Source of chance.
        interventions: What a policy changes; None for the policy-neutral baseline.

    Raises:
        InvalidInput: arrivals that are negative or not finite, or of another number of paths.

    Source:
        docs/methods.md, Occupancy and need, equations O1 to O3.
    """
    if not np.isfinite(arrivals).all() or np.any(arrivals < 0):
        raise InvalidInput("Inflow is finite and never negative.")
    if arrivals.shape[:2] != (len(chain.specification.inflows), start.paths):
        raise InvalidInput(f"{start.paths} paths cannot be fed by inflow of {arrivals.shape}.")
    paths = _nothing_yet(chain, paths=start.paths, months=arrivals.shape[2])
    begins = range(0, start.paths, _CHUNK)
    for begin, stream in zip(begins, rng.spawn(len(begins)), strict=True):
        some = slice(begin, begin + _CHUNK)
        _walk(
            chain,
            start.take(some),
            arrivals=arrivals[:, some],
            rng=stream,
            interventions=interventions or Interventions(),
            into=paths.take(some),
        )
    return paths


def _nothing_yet(chain: Chain, *, paths: int, months: int) -> ChainPaths:
    """Paths to be written: laid out by month, as they are walked."""

    def table(*rows: int) -> Floats:
        laid_out: Floats = np.zeros((*rows, months, paths)).swapaxes(-1, -2)
        return laid_out

    bottlenecks = [part.name for part in chain.specification.bottlenecks]
    return ChainPaths(
        persons=table(chain.shape[0]),
        served={name: table() for name in bottlenecks},
        waiting={name: table() for name in bottlenecks},
        waited={name: table() for name in bottlenecks},
        left={stage: table() for stage in chain.specification.stages},
        entered=table(),
    )


def _walk(
    chain: Chain,
    state: ChainState,
    *,
    arrivals: Floats,
    rng: np.random.Generator,
    interventions: Interventions,
    into: ChainPaths,
) -> None:
    """Walk some paths from the first month to the last, and write down what comes of them."""
    turned_away = dict.fromkeys(interventions.quotas, np.zeros(state.paths))
    cohorts = Cohorts(state.cohorts, months=arrivals.shape[2])
    inward = state.inward
    by_month = np.ascontiguousarray(np.moveaxis(arrivals, 2, 0))
    for month, counted in enumerate(by_month):
        inward, during = drift(chain, inward, levels=state.levels, rng=rng)
        flows = chain.step(
            cohorts,
            values=_changed(chain, values_of(chain, during), interventions, month),
            arrivals=_let_in(chain, counted, interventions, month, turned_away),
            added={name: float(part[month]) for name, part in interventions.added.items()},
        )
        _write(into, month, cohorts, flows)


def _write(into: ChainPaths, month: int, cohorts: Cohorts, flows: Flows) -> None:
    into.persons[:, :, month] = cohorts.persons
    into.entered[:, month] = flows.entered
    for name, through in flows.served.items():
        into.served[name][:, month] = through.persons
        into.waiting[name][:, month] = through.waiting
        with np.errstate(invalid="ignore"):  # where nobody was served, nobody had waited
            into.waited[name][:, month] = through.waited / through.persons
    for (_, stage, to), moved in flows.moved.items():
        if to is None:
            into.left[stage][:, month] += moved


def _changed(
    chain: Chain, values: dict[str, Floats], interventions: Interventions, month: int
) -> dict[str, Floats]:
    """The parameters of a month, as a policy changes them."""
    for name, factor in interventions.factors.items():
        values[name] = values[name] * factor[month]
    for name, shift in interventions.shifts.items():
        values[name] = np.maximum(values[name] + shift[month], 0.0)
    for name in {*interventions.factors, *interventions.shifts}:
        if chain.specification.parameter(name).unit == "share":
            values[name] = np.minimum(values[name], 1.0)
    return values


def _let_in(
    chain: Chain,
    counted: Floats,
    interventions: Interventions,
    month: int,
    turned_away: dict[str, Floats],
) -> Floats:
    """The arrivals of a month, as a policy changes them; `turned_away` is kept up to date."""
    if not interventions.arrivals and not interventions.quotas:
        return counted
    arrivals = counted.copy()
    rows = {series_id: row for row, series_id in enumerate(chain.specification.inflows)}
    for series_id, more in interventions.arrivals.items():
        arrivals[rows[series_id]] = np.maximum(arrivals[rows[series_id]] + more[month], 0.0)
    for series_id, quota in interventions.quotas.items():
        coming = arrivals[rows[series_id]] + turned_away[series_id]
        arrivals[rows[series_id]] = np.minimum(coming, quota[month])
        turned_away[series_id] = coming - arrivals[rows[series_id]]
    return arrivals
