# SPDX-License-Identifier: EUPL-1.2
"""The need for places in the Netherlands: the chain on what a snapshot knows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from models.catalogue import Status
from models.errors import InvalidInput
from models.occupancy import (
    EXACT_LOG_SD,
    ChainPaths,
    ChainSpecification,
    DampedTrend,
    DatedPoint,
    Figure,
    FittedChain,
    arrivals_after,
    exits_per_stock,
    fit_chain,
    known_and_expected,
    moment_of,
    need_paths,
    paired_average,
    rounding_log_sd,
)
from models.occupancy.combining import CHAIN_WEIGHT, Method
from models.occupancy.reading import read_chain
from models.occupancy.specification import Measured
from models.occupancy.writing import to_mapping
from models.periods import Frequency, month_of
from models.types import Panel, SamplePaths
from training.chains import dutch_chain, single_stage_chain
from training.sources.reference import OccupancyBridge, occupancy_bridge
from training.store.arrays import dump, load
from training.store.chain_files import chain_from_files, chain_to_files
from training.store.records import Snapshot, canonical_json

__all__ = [
    "EXACT",
    "INFLOW_ID",
    "NEED_ID",
    "Method",
    "NeedModel",
    "NeedRecipe",
    "champion_of",
    "fit_need",
    "fit_total",
    "need_figures",
    "need_points",
]

INFLOW_ID = "nl.inflow.total"
"""The whole of the inflow that feeds the chain. Where it begins, the fit begins: what was counted
before in another definition is not joined to it."""

NEED_ID = "nl.need.total"
"""Persons entitled to reception on the last day of the month, wherever they stay."""

VERSION = 1
"""Raised whenever the need is computed otherwise than before, other than by constants."""

EXACT = 0.03
"""A point with a larger error than this is no outcome to score by [log]."""

_RECIPE, _DIRECT = "need.json", "direct.npz"

YEAR = 12
"""Months whose make-up stands for a month of which only the total is known."""


def champion_of(chain: FittedChain) -> Method:
    """The method that forecasts are issued by, until another one wins a comparison.

    A chain of which some stage or flow is counted stands alone; one that only totals tell of is
    averaged with the direct forecast. docs/methods.md says what both were worth.
    """
    counted = {name for name, count in chain.counted.items() if count}
    told = {part.series_id for part in chain.specification.measurements}
    return Method.CHAIN if counted & told else Method.COMBINATION


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NeedRecipe:
    """How a model was asked to forecast the need, whatever the figures allowed.

    Attributes:
        chain: The chain to fit.
        method: Which forecast to issue; None for the rule of `champion_of`.
    """

    chain: ChainSpecification
    method: Method | None = None

    def to_files(self) -> dict[str, bytes]:
        """As a file of an artefact."""
        content = {"chain": to_mapping(self.chain), "method": self.method}
        return {_RECIPE: canonical_json(content).encode()}

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Self | None:
        """The recipe that `to_files` wrote; None in an artefact from before there was one.

        Raises:
            InvalidFile: this version cannot read its chain.
        """
        if _RECIPE not in files:
            return None
        content = json.loads(files[_RECIPE])
        method = content["method"]
        return cls(
            chain=read_chain(content["chain"], name=_RECIPE),
            method=None if method is None else Method(method),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NeedModel:
    """What was learned of the need.

    Attributes:
        chain: The chain at the end of the known inflow.
        direct: The direct forecast of the same points.
    """

    chain: FittedChain
    direct: DampedTrend

    def course(self, sampled: SamplePaths, *, rng: np.random.Generator) -> ChainPaths:
        """What comes of the chain along the futures of its inflow.

        Raises:
            InvalidInput: the futures do not begin where the chain stands.
        """
        _, arrivals = arrivals_after(
            self.chain.until, sampled, inflows=self.chain.specification.inflows
        )
        return self.chain.sample(arrivals, rng=rng)

    def need(
        self,
        course: ChainPaths,
        *,
        rng: np.random.Generator,
        need_id: str = NEED_ID,
        method: Method | None = None,
    ) -> SamplePaths:
        """The need that a method makes of a course: the whole, its stages and groups.

        Args:
            course: What comes of the chain.
            rng: Source of chance of the direct forecast.
            need_id: Name of the whole.
            method: Which forecast, the champion if None; stages and groups have the shares of the
                chain in any case.
        """
        method = champion_of(self.chain) if method is None else method
        total = None
        if method is not Method.CHAIN:
            paths, months = course.total.shape
            ahead = self.chain.until + 1 + np.arange(months)
            direct = self.direct.sample(ahead, paths=paths, rng=rng)
            weight = CHAIN_WEIGHT if method is Method.COMBINATION else 0.0
            total = paired_average(course.total, direct, weight=weight)
        return need_paths(
            self.chain.specification, course, fitted=self.chain, need_id=need_id, total=total
        )

    def sample(
        self,
        sampled: SamplePaths,
        *,
        rng: np.random.Generator,
        need_id: str = NEED_ID,
        method: Method | None = None,
    ) -> SamplePaths:
        """Need paths that follow the inflow paths, one for one.

        Raises:
            InvalidInput: the futures do not begin where the chain stands.
        """
        for_chain, for_direct = rng.spawn(2)
        course = self.course(sampled, rng=for_chain)
        return self.need(course, rng=for_direct, need_id=need_id, method=method)

    def to_files(self) -> dict[str, bytes]:
        """As files of an artefact; equal models give equal bytes."""
        return {**chain_to_files(self.chain), _DIRECT: dump(**self.direct.arrays())}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Self:
        """The model that `to_files` wrote."""
        return cls(chain=chain_from_files(files), direct=DampedTrend.of(load(files[_DIRECT])))


def need_points(
    snapshot: Snapshot, *, bridges: Sequence[OccupancyBridge] | None = None
) -> tuple[DatedPoint, ...]:
    """The dated points of the need, each converted by its own stated bridge.

    Args:
        snapshot: What is known.
        bridges: Definitions that may stand in, best first; those of the reference by default.

    Returns:
        One point per day, of the best definition there is on that day, by day.
    """
    points: dict[str, DatedPoint] = {}
    for bridge in occupancy_bridge() if bridges is None else bridges:
        for row in snapshot.of(bridge.series_id):
            exactness = rounding_log_sd(row.value) if row.status is Status.ROUNDED else EXACT_LOG_SD
            point = DatedPoint(
                day=row.period,
                persons=row.value * bridge.factor,
                log_sd=float(np.hypot(bridge.log_sd, exactness)),
            )
            points.setdefault(row.period.isoformat(), point)
    return tuple(points[day] for day in sorted(points))


def need_figures(snapshot: Snapshot, specification: ChainSpecification) -> list[Figure]:
    """What a snapshot knows of stages, flows and parameters of a chain.

    A figure is of the day, or of the whole period, that its series names.
    """
    frequencies = {entry.series_id: entry.frequency for entry in snapshot.definitions}
    found = []
    for measurement in specification.measurements:
        for row in snapshot.of(measurement.series_id):
            value = row.value * measurement.factor
            if value <= 0:
                continue  # nobody counted: its logarithm says nothing
            dated = frequencies[measurement.series_id] is Frequency.DATED
            begin = float(month_of(row.period).astype(int))
            error = measurement.error
            if row.status is Status.ROUNDED and measurement.measured is not Measured.VALUE:
                error = float(np.hypot(error, rounding_log_sd(row.value)))
            found.append(
                Figure(
                    measurement=measurement,
                    moment=moment_of(row.period) if dated else begin + measurement.months,
                    value=value,
                    error=error,
                    source=f"{measurement.series_id} of {row.period}",
                )
            )
    return found


def fit_need(
    snapshot: Snapshot,
    *,
    sampled: SamplePaths,
    rng: np.random.Generator,
    inflow_id: str = INFLOW_ID,
    bridges: Sequence[OccupancyBridge] | None = None,
    specification: ChainSpecification | None = None,
) -> NeedModel:
    """Fit to everything that a snapshot knows.

    The Dutch chain is fed by the kinds of inflow. Where they are not known, or not sampled, a
    single stage is fed by the total, and fits what it can.

    Args:
        snapshot: What is known.
        sampled: Futures of the inflow from the same snapshot; their median stands in for
            months that ended before the last point and are not known yet.
        rng: Source of chance.
        inflow_id: The total inflow.
        bridges: Definitions that may stand in, best first; those of the reference by default.
        specification: The chain; the Dutch one by default.

    Raises:
        NotFound: the snapshot holds no such inflow.
        InvalidInput: too few points, or figures that contradict each other.
    """
    points = need_points(snapshot, bridges=bridges)
    chain = dutch_chain() if specification is None else specification
    known = {row.series_id for row in snapshot.observations}
    if not set(chain.inflows) <= known & set(sampled.series_ids):
        total = snapshot.panel([inflow_id])
        return fit_total(points, total, sampled, inflow_id=inflow_id, need_id=NEED_ID, rng=rng)
    names = list(dict.fromkeys([*chain.inflows, inflow_id]))
    panel = with_kinds(snapshot.panel(names), chain.inflows, inflow_id)
    with _naming(NEED_ID):
        inflow = _inflow_until(points, panel, sampled, inflows=chain.inflows)
        return _fit(chain, points, inflow, figures=need_figures(snapshot, chain), rng=rng)


def fit_total(
    points: Sequence[DatedPoint],
    known: Panel,
    sampled: SamplePaths,
    *,
    inflow_id: str,
    need_id: str,
    rng: np.random.Generator,
    chain: ChainSpecification | None = None,
) -> NeedModel:
    """Fit a chain to totals alone.

    Args:
        points: Counts of everybody in reception.
        known: Inflow by month or quarter, `inflow_id` among it.
        sampled: Its futures.
        inflow_id: The inflow that feeds the stock.
        need_id: Name of the stock, for messages.
        rng: Source of chance.
        chain: A chain with one counted entry; by default a single stage that people leave at the
            rate which the totals suggest.

    Raises:
        InvalidInput: too few points, or points that contradict each other or the inflow.
    """
    given = single_stage_chain() if chain is None else chain
    entries = tuple(
        entry if entry.inflow is None else replace(entry, inflow=inflow_id)
        for entry in given.entries
    )
    fed = replace(given, entries=entries, measurements=())
    with _naming(need_id):
        inflow = _inflow_until(points, known, sampled, inflows=fed.inflows)
        if chain is None:
            rate = exits_per_stock(_by_day(points), inflow)
            fed = fed.with_parameter(replace(fed.parameter("exit"), median=rate))
        return _fit(fed, points, inflow, rng=rng)


def _fit(
    chain: ChainSpecification,
    points: Sequence[DatedPoint],
    inflow: Panel,
    *,
    rng: np.random.Generator,
    figures: Sequence[Figure] = (),
) -> NeedModel:
    return NeedModel(
        chain=fit_chain(chain, points, inflow, figures=figures, rng=rng),
        direct=DampedTrend.fit(_by_day(points)),
    )


@contextmanager
def _naming(need_id: str) -> Iterator[None]:
    """Let a refusal begin with the name of what is fitted."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(f"{need_id}: {error}") from None


def _by_day(points: Sequence[DatedPoint]) -> list[DatedPoint]:
    """The points in their order."""
    return sorted(points, key=lambda point: (point.day, point.persons))


def _inflow_until(
    points: Sequence[DatedPoint], known: Panel, sampled: SamplePaths, *, inflows: Sequence[str]
) -> Panel:
    """What is known of the inflows, and expected until the last point."""
    last = known.periods[0]
    if points:
        latest = max(points, key=lambda point: point.day)
        last = month_of(latest.day) - int(latest.stands_for_month_before)
    return known_and_expected(known, sampled, inflows=inflows, until=last)


def with_kinds(known: Panel, kinds: Sequence[str], total: str) -> Panel:
    """The kinds of inflow as far as the total is known.

    A month of which only the total is known is made up like the year before it. Such months are
    stored and shown nowhere.

    Args:
        known: Kinds and total by month [persons].
        kinds: Which series add up to the total.
        total: The whole.
    """
    parts = known.select(list(kinds)).persons.copy()
    (whole,) = known.select([total]).persons
    first = int(np.argmax(np.isfinite(parts).all(axis=0)))
    for month in range(first + 1, parts.shape[1]):
        if np.isfinite(whole[month]) and not np.isfinite(parts[:, month]).all():
            usual = np.nansum(parts[:, max(month - YEAR, first) : month], axis=1)
            parts[:, month] = whole[month] * usual / usual.sum() if usual.sum() else np.nan
    return replace(known.select(list(kinds)), persons=parts)
