# SPDX-License-Identifier: EUPL-1.2
"""Fitting a chain: an ensemble of possible pasts, corrected at every figure that tells of it.

Every member is a whole chain: cohorts and parameters of its own. All walk through the inflow of the
time; at each figure those that came close are moved little and the others more, in everything that
goes with what was measured.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.errors import InvalidInput
from models.occupancy.chain import Chain, Cohorts, Flows
from models.occupancy.figures import TOTAL, Figure, check_figures, figures_of_points
from models.occupancy.model import FittedChain
from models.occupancy.points import AFTER_MONTH_END, DatedPoint, check_points
from models.occupancy.simulation import ChainState, drift, values_of
from models.occupancy.specification import ChainSpecification, Measured
from models.periods import Frequency
from models.types import Floats, Panel

__all__ = ["MEMBERS", "fit_chain"]

MEMBERS = 2000
"""Members of the ensemble."""

KEPT = 500
"""Members that a fitted chain keeps; they are equally likely."""

_SPIN_UP = 60
"""Months of steady inflow that fill the chain before the first figure [months]."""

_SPIN_UP_SPREAD = 0.5
"""How far the inflow of that time may lie from that of the first known year [log]."""

_FEWEST = 1.0
"""A compartment is never taken for emptier than this when it is corrected [persons]."""

_CHANCE = 2.5
"""Correlations below this many standard errors are taken for chance (localisation)."""

_LARGEST_STEP = 1.5
"""No figure moves a compartment by more than this beside the others [log]."""


def fit_chain(
    specification: ChainSpecification,
    points: Sequence[DatedPoint],
    inflow: Panel,
    *,
    rng: np.random.Generator,
    figures: Sequence[Figure] = (),
    members: int = MEMBERS,
) -> FittedChain:
    """Learn the people inside and the parameters from all figures, and the inflow of the time.

    Figures before the last gap in the inflow are left out: across a gap they say nothing.

    Args:
        specification: The chain.
        points: Counts of everybody in reception, any days, any order.
        inflow: Arrivals by month [persons], one series per inflow of the chain and in that order,
            reaching at least the month of the last point.
        rng: Source of chance.
        figures: What else is known of stages, flows and parameters.
        members: Size of the ensemble.

    Returns:
        The state at the end of the inflow.

    Raises:
        InvalidInput: fewer than two usable points, inflow that ends too early or is not what
            the chain enters by, or figures that contradict each other or the inflow.

    Source:
        Anderson (2001), An ensemble adjustment Kalman filter; docs/methods.md, Occupancy and
        need, equations O4 to O6.
    """
    run, usable = _usable(specification, points, inflow)
    total = Panel(
        series_ids=("all",),
        frequency=Frequency.MONTH,
        periods=run.periods,
        persons=run.persons.sum(axis=0, keepdims=True),
    )
    check_points(usable, total)
    begin = float(run.periods[0].astype(int))
    end = begin + len(run.periods)
    told = [part for part in figures if begin < part.moment <= end + AFTER_MONTH_END]
    told = [part for part in told if part.moment - part.measurement.months >= begin - 1e-9]
    told += figures_of_points(usable)
    check_figures(told)
    ensemble = _Ensemble.spun_up(Chain(specification), run, members=members, rng=rng)
    order = sorted(told, key=_in_turn)
    for month in range(-1, len(run.periods)):
        if month >= 0:
            ensemble.walk(run.persons[:, month], rng=rng)
        last = month == len(run.periods) - 1
        closes = begin + month + 1 + (AFTER_MONTH_END if last else 1e-9)
        while order and order[0].moment <= closes:
            ensemble.correct(order.pop(0))
    counted: dict[str, int] = {}
    for part in told:
        series_id = part.measurement.series_id
        counted[series_id] = counted.get(series_id, 0) + 1
    state = ChainState(cohorts=ensemble.cohorts.now, inward=ensemble.inward, levels=ensemble.levels)
    return FittedChain(
        specification=specification,
        until=run.periods[-1],
        origin=usable[-1].day,
        fitted_from=usable[0].day,
        counted=counted,
        state=state.take(np.arange(0, members, max(members // KEPT, 1))[:KEPT]),
        log_likelihood=ensemble.log_likelihood,
    )


def _usable(
    specification: ChainSpecification, points: Sequence[DatedPoint], inflow: Panel
) -> tuple[Panel, list[DatedPoint]]:
    """The unbroken run of inflow up to its end, and the points that lie in it, by day."""
    if inflow.frequency is not Frequency.MONTH or len(inflow.series_ids) != len(
        specification.inflows
    ):
        raise InvalidInput(
            f"The chain {specification.chain_id!r} is fitted to {len(specification.inflows)} "
            "monthly inflow series."
        )
    ordered = sorted(points, key=lambda point: (point.day, point.persons, point.log_sd))
    end = float(inflow.periods[-1].astype(int)) + 1 if len(inflow.periods) else 0.0
    if ordered and ordered[-1].moment > end + AFTER_MONTH_END:
        raise InvalidInput(f"The inflow ends before the last point, {ordered[-1].day}.")
    first = end - len(inflow.periods)
    gaps = np.flatnonzero(~np.isfinite(inflow.persons).all(axis=0))
    late = gaps[gaps + first + 1 > ordered[-1].moment] if ordered else gaps
    if len(late):
        raise InvalidInput(
            f"The inflow is not known from {inflow.periods[late[0]]} to "
            f"{inflow.periods[late[-1]]}, after the last point."
        )
    begin = int(gaps[-1]) + 1 if len(gaps) else 0
    start = first + begin
    usable = [point for point in ordered if point.moment >= start]
    if not usable or usable[0].day == usable[-1].day:
        raise InvalidInput(
            "Occupancy needs points on two days at least within the months whose inflow is known."
        )
    run = Panel(
        series_ids=inflow.series_ids,
        frequency=Frequency.MONTH,
        periods=inflow.periods[begin:],
        persons=inflow.persons[:, begin:],
    )
    return run, usable


@dataclass(slots=True, kw_only=True, eq=False)
class _Ensemble:
    """Members on their way through the months, with what they did since the first.

    Attributes:
        chain: Whose members they are.
        begin: The first month of inflow [months since 1970].
        cohorts: Of every member.
        inward: Parameters now, shape (parameters, members).
        levels: To what they return, same shape.
        before: Persons by compartment at the end of the month before, shape (compartments,
            members).
        during: Parameters in each month that was walked.
        flows: Who went where in each of them.
        log_likelihood: Of the figures so far.
    """

    chain: Chain
    begin: int
    cohorts: Cohorts
    inward: Floats
    levels: Floats
    before: Floats
    during: list[Floats] = field(default_factory=list)
    flows: list[Flows] = field(default_factory=list)
    log_likelihood: float = 0.0

    @classmethod
    def spun_up(
        cls, chain: Chain, run: Panel, *, members: int, rng: np.random.Generator
    ) -> "_Ensemble":
        """Members drawn from what is believed, filled by steady inflow of an uncertain level."""
        parts = chain.specification.parameters
        means = np.array([part.inward(part.median) for part in parts])
        spreads = np.array([part.spread for part in parts])
        levels = means[:, None] + spreads[:, None] * rng.standard_normal((len(parts), members))
        cohorts = Cohorts(np.zeros((*chain.shape, members)), months=_SPIN_UP + run.persons.shape[1])
        arrivals = run.persons[:, :12].mean(axis=1)[:, None] * np.exp(
            _SPIN_UP_SPREAD * rng.standard_normal(members)
        )
        values = values_of(chain, levels)
        for _ in range(_SPIN_UP):
            chain.step(cohorts, values=values, arrivals=arrivals)
        return cls(
            chain=chain,
            begin=int(run.periods[0].astype(int)),
            cohorts=cohorts,
            inward=levels.copy(),
            levels=levels,
            before=cohorts.persons,
        )

    def walk(self, arrivals: Floats, *, rng: np.random.Generator) -> None:
        """One month with its inflow [persons], shape (inflows,)."""
        self.before = self.cohorts.persons
        self.inward, during = drift(self.chain, self.inward, levels=self.levels, rng=rng)
        flows = self.chain.step(
            self.cohorts,
            values=values_of(self.chain, during),
            arrivals=np.repeat(arrivals[:, None], during.shape[1], axis=1),
        )
        self.during.append(during)
        self.flows.append(flows)

    def correct(self, figure: Figure) -> None:
        """Move every member towards a figure, in all that goes with what was measured."""
        said, seen = self._said(figure)
        mean, variance = float(said.mean()), float(said.var(ddof=1))
        if variance <= 0:
            return
        noise = figure.error**2
        self.log_likelihood -= 0.5 * float(
            np.log(2 * np.pi * (variance + noise)) + (seen - mean) ** 2 / (variance + noise)
        )
        left = 1 / (1 / variance + 1 / noise)
        centre = left * (mean / variance + seen / noise)
        moved = centre + np.sqrt(left / variance) * (said - mean) - said

        compartments = np.log(np.maximum(self.cohorts.persons, _FEWEST))
        known = np.concatenate([compartments, self.inward, self.levels])
        gain = _gain(known, said)
        steps = gain[:, None] * moved
        first, second = len(compartments), len(compartments) + len(self.inward)
        self._scale(slice(None), np.clip(steps[:first], -_LARGEST_STEP, _LARGEST_STEP))
        self.inward = self.inward + steps[first:second]
        self.levels = self.levels + steps[second:]
        if figure.measurement.measured is Measured.STOCK:
            # Compartments that are moved one by one on the log scale do not add up to the stock.
            short = said + moved - self._said(figure)[0]
            self._scale(self._rows(figure), short)

    def _scale(self, rows: slice | list[int], steps: Floats) -> None:
        """Multiply compartments, now and a month ago [log], of every member."""
        factors = np.exp(steps)
        self.cohorts.now[rows] *= factors[..., None, :]
        self.before[rows] *= factors

    def _rows(self, figure: Figure) -> list[int]:
        """Compartments that a stock is made up of."""
        measurement = figure.measurement
        return self.chain.rows(groups=measurement.groups, stages=measurement.stages)

    def _said(self, figure: Figure) -> tuple[Floats, float]:
        """What the members say of a figure, and what it says itself, on one scale."""
        measurement = figure.measurement
        if measurement.measured is Measured.STOCK:
            rows = self._rows(figure)
            before = self.before[rows].sum(axis=0)
            now = self.cohorts.persons[rows].sum(axis=0)
            # The share of the month that had passed; none is needed before the first.
            passed = min(figure.moment - (self.begin + len(self.flows) - 1), 1.0)
            stock = before + passed * (now - before) if self.flows else now
            return np.log(np.maximum(stock, _FEWEST)), figure.inward()
        months = slice(*(round(edge) for edge in self._span(figure)))
        if measurement.measured is Measured.VALUE:
            specification = self.chain.specification
            names = [part.name for part in specification.parameters]
            row = names.index(measurement.parameter)
            held: Floats = np.mean([part[row] for part in self.during[months]], axis=0)
            return held, figure.inward(specification.parameters[row])
        moved = [
            persons
            for flows in self.flows[months]
            for (group, start, to), persons in flows.moved.items()
            if (start, to) in measurement.routes
            and (not measurement.groups or group in measurement.groups)
        ]
        together = np.sum(moved, axis=0) if moved else np.zeros(self.inward.shape[1])
        return np.log(np.maximum(together, _FEWEST)), figure.inward()

    def _span(self, figure: Figure) -> Iterator[float]:
        """Where the period of a figure begins and ends among the months walked."""
        end = figure.moment - self.begin
        yield from (max(end - figure.measurement.months, 0.0), end)


def _in_turn(figure: Figure) -> tuple[float, bool, str, float]:
    """Of one moment the whole comes last: a part moves it, it hardly moves a part."""
    whole = figure.measurement is TOTAL
    return figure.moment, whole, figure.measurement.series_id, figure.value


def _gain(known: Floats, said: Floats) -> Floats:
    """Regression of everything known on what was said; what chance explains counts as none."""
    centred = known - known.mean(axis=1, keepdims=True)
    away = said - said.mean()
    members = len(said)
    gain: Floats = centred @ away / (away @ away)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = gain * away.std() / centred.std(axis=1)
    real = np.abs(np.nan_to_num(correlation)) > _CHANCE / np.sqrt(members)
    return np.where(real, gain, 0.0)
