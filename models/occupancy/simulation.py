# SPDX-License-Identifier: EUPL-1.2
"""Many possible courses of a chain at once: drifting parameters, cohorts, what comes of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInput
from models.occupancy.chain import Chain, Cohorts
from models.types import Floats

__all__ = ["ChainPaths", "ChainState", "Interventions", "drift", "simulate", "values_of"]

_CHUNK = 250
"""Paths that are walked together: few enough to stay in the processor's cache."""


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
        Uhlenbeck and Ornstein (1930); docs/methods.md, equation O5.
    """
    after, during = inward.copy(), inward.copy()
    for row, part in enumerate(chain.specification.parameters):
        if part.drift:
            rate = np.log(2) / part.half_life
            lasting = part.drift * np.sqrt(-np.expm1(-2 * rate) / (2 * rate))
            shock = rng.standard_normal(inward.shape[1])
            after[row] = levels[row] + np.exp(-rate) * (inward[row] - levels[row]) + lasting * shock
            during[row] = (inward[row] + after[row]) / 2
        if part.noise:
            during[row] += part.noise * rng.standard_normal(inward.shape[1])
    return after, during


def values_of(chain: Chain, inward: Floats) -> dict[str, Floats]:
    """Every parameter in its unit, by name, each of shape (paths,)."""
    return {
        part.name: part.outward(row)
        for part, row in zip(chain.specification.parameters, inward, strict=True)
    }


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
        arrivals: Counted in each month, by entry [persons/month], shape (entries, paths, months).
        rng: Source of chance.
        interventions: What a policy changes; None for the policy-neutral baseline.

    Raises:
        InvalidInput: arrivals that are negative or not finite, or of another number of paths.

    Source:
        docs/methods.md, Occupancy and need, equations O1 to O6.
    """
    if not np.isfinite(arrivals).all() or np.any(arrivals < 0):
        raise InvalidInput("Inflow is finite and never negative.")
    if arrivals.shape[:2] != (len(chain.specification.entries), start.paths):
        raise InvalidInput(f"{start.paths} paths cannot be fed by inflow of {arrivals.shape}.")
    parts = [
        _walk(
            chain,
            start.take(slice(begin, begin + _CHUNK)),
            arrivals=arrivals[:, begin : begin + _CHUNK],
            rng=stream,
            interventions=interventions or Interventions(),
        )
        for begin, stream in _chunks(start.paths, rng)
    ]
    return _joined(parts)


def _chunks(paths: int, rng: np.random.Generator) -> Iterator[tuple[int, np.random.Generator]]:
    begins = range(0, paths, _CHUNK)
    yield from zip(begins, rng.spawn(len(begins)), strict=True)


def _walk(
    chain: Chain,
    state: ChainState,
    *,
    arrivals: Floats,
    rng: np.random.Generator,
    interventions: Interventions,
) -> ChainPaths:
    months = arrivals.shape[2]
    specification = chain.specification
    shape = (state.paths, months)
    persons = np.empty((chain.shape[0], *shape))
    entered = np.empty(shape)
    names = [part.name for part in specification.bottlenecks]
    served, waiting, waited = ({name: np.zeros(shape) for name in names} for _ in range(3))
    left = {stage: np.zeros(shape) for stage in specification.stages}
    turned_away = dict.fromkeys(interventions.quotas, np.zeros(state.paths))
    cohorts = Cohorts(state.cohorts, months=months)
    inward = state.inward
    for month in range(months):
        inward, during = drift(chain, inward, levels=state.levels, rng=rng)
        values = _changed(chain, values_of(chain, during), interventions, month)
        counted = _let_in(chain, arrivals[:, :, month], interventions, month, turned_away)
        flows = chain.step(
            cohorts,
            values=values,
            arrivals=counted,
            added={name: float(part[month]) for name, part in interventions.added.items()},
        )
        persons[:, :, month] = cohorts.now.sum(axis=1)
        entered[:, month] = flows.entered
        for name, through in flows.served.items():
            served[name][:, month] = through.persons
            waiting[name][:, month] = through.waiting
            waited[name][:, month] = np.divide(
                through.waited,
                through.persons,
                out=np.full(state.paths, np.nan),
                where=through.persons > 0,
            )
        for (_, stage, to), moved in flows.moved.items():
            if to is None:
                left[stage][:, month] += moved
    return ChainPaths(
        persons=persons, served=served, waiting=waiting, waited=waited, left=left, entered=entered
    )


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


def _joined(parts: list[ChainPaths]) -> ChainPaths:
    def by_name(name: str) -> dict[str, Floats]:
        tables = [getattr(part, name) for part in parts]
        return {key: np.concatenate([table[key] for table in tables]) for key in tables[0]}

    return ChainPaths(
        persons=np.concatenate([part.persons for part in parts], axis=1),
        served=by_name("served"),
        waiting=by_name("waiting"),
        waited=by_name("waited"),
        left=by_name("left"),
        entered=np.concatenate([part.entered for part in parts]),
    )
