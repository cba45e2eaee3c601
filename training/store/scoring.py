# SPDX-License-Identifier: EUPL-1.2
"""Scoring: every issued forecast held against the figures that arrived after it.

Inflow is scored by its own series. The need is scored by persons entitled to reception alone,
which is the need itself; every other count of occupancy stands in by a bridge that is part of
the forecast, and would score the bridge.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from models.catalogue import SeriesDefinition
from models.drift import NOMINALS
from models.errors import DamagedArtefact, InvalidInput, NotFound
from models.inflow.base import from_log
from models.inflow.baselines import LogRandomWalk
from models.occupancy import DatedPoint
from models.occupancy.baselines import random_walk
from models.periods import Frequency, Months, first_day, last_day, month_of
from models.scores import crps, within
from models.types import LEVELS, Floats
from training.store.forecasts import ForecastEntry, Forecasts, QuantileTable
from training.store.live_scores import LiveScore, LiveScores
from training.store.observations import Observations, Recorded
from training.store.series import SeriesCatalogue

__all__ = ["COUNTED_AS", "Shelf", "score_arrived"]

COUNTED_AS = {"nl.need.total": "nl.occupancy.entitled"}
"""Series that are scored by the figures of another one; the rest by their own."""

NEAR = timedelta(days=3)
"""A count at most this far from the end of a month stands for it."""

FEWEST_POINTS = 3
"""Two changes are the fewest that have a spread [points]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The parts of the store that scoring reads and writes; fields as in Store."""

    series: SeriesCatalogue
    observations: Observations
    forecasts: Forecasts
    live_scores: LiveScores
    clock: Callable[[], datetime]


def score_arrived(shelf: Shelf) -> int:
    """Score every issued forecast by every figure that arrived after it and was not used yet.

    A forecast whose stored figures are damaged is passed over; whoever reads it is told.

    Returns:
        How many scores were new.
    """
    issued = shelf.forecasts.ever()
    if not issued:
        return 0
    figures = _Figures.of(shelf, issued)
    filed = shelf.live_scores.filed()
    scores: list[LiveScore] = []
    for entry in issued:
        missing = [
            outcome
            for outcome in figures.about(entry)
            if (entry.forecast_id, outcome.series_id, outcome.figure.number) not in filed
        ]
        if missing:
            try:
                scores += _scores(shelf, entry, missing)
            except (DamagedArtefact, NotFound):
                continue
    return shelf.live_scores.file(scores) if scores else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """A recorded figure as the outcome of one month or quarter of a series that was forecast."""

    series_id: str
    month: np.datetime64
    definition: SeriesDefinition
    figure: Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """Every figure recorded for what was ever forecast.

    Attributes:
        by_series: Outcomes of each series that was forecast, in the order of recording.
        first_seen: When the first figure of a series and month was recorded.
    """

    by_series: Mapping[str, Sequence[_Outcome]]
    first_seen: Mapping[tuple[str, np.datetime64], datetime]

    @classmethod
    def of(cls, shelf: Shelf, issued: Sequence[ForecastEntry]) -> "_Figures":
        """Read them from the store."""
        catalogue = {entry.series_id: entry for entry in shelf.series.all()}
        counted = {
            name: catalogue[COUNTED_AS.get(name, name)]
            for name in sorted({name for entry in issued for name in entry.origins})
            if COUNTED_AS.get(name, name) in catalogue
        }
        oldest = min(origin for entry in issued for origin in entry.origins.values())
        vintages = shelf.observations.vintages(
            [definition.series_id for definition in counted.values()], after=first_day(oldest)
        )
        by_series = {
            name: tuple(_outcomes_of(name, definition, vintages))
            for name, definition in counted.items()
        }
        first_seen: dict[tuple[str, np.datetime64], datetime] = {}
        for outcomes in by_series.values():
            for outcome in outcomes:
                key = outcome.series_id, outcome.month
                first_seen.setdefault(key, outcome.figure.recorded_at)
        return cls(by_series=by_series, first_seen=first_seen)

    def about(self, entry: ForecastEntry) -> Iterator[_Outcome]:
        """What a forecast is scored by: months after its last one, not recorded before it.

        A forecast that is made again today of a month known by then says nothing about service.
        """
        for name, origin in sorted(entry.origins.items()):
            for outcome in self.by_series.get(name, ()):
                seen = self.first_seen[name, outcome.month]
                if outcome.month > origin and seen >= entry.issued_at:
                    yield outcome


def _outcomes_of(
    name: str, definition: SeriesDefinition, vintages: Iterable[Recorded]
) -> Iterator[_Outcome]:
    own = [row for row in vintages if row.observation.series_id == definition.series_id]
    days = {row.observation.period for row in own}
    if definition.frequency is Frequency.DATED:
        month_of_day = _month_ends(days)
    else:
        month_of_day = {day: month_of(day) for day in days}
    for row in own:
        if row.observation.period in month_of_day:
            yield _Outcome(
                series_id=name,
                month=month_of_day[row.observation.period],
                definition=definition,
                figure=row,
            )


def _month_ends(days: Iterable[date]) -> dict[date, np.datetime64]:
    """The month that each day stands for the end of; the nearest day alone, the first of two."""
    nearest: dict[np.datetime64, tuple[timedelta, date]] = {}
    for day in sorted(days):
        month = month_of(day - NEAR)
        distance = abs(day - last_day(month))
        if distance <= NEAR:
            nearest[month] = min(nearest.get(month, (distance, day)), (distance, day))
    return {day: month for month, (_, day) in nearest.items()}


def _scores(shelf: Shelf, entry: ForecastEntry, outcomes: Sequence[_Outcome]) -> list[LiveScore]:
    """The scores of one forecast by figures that it was not scored by before."""
    quantiles = shelf.forecasts.quantiles(entry.forecast_id)
    scores = []
    for table in (quantiles.inflow, quantiles.need):
        for name in table.series_ids:
            own = [
                outcome
                for outcome in outcomes
                if outcome.series_id == name
                and outcome.definition.frequency in {table.frequency, Frequency.DATED}
                and outcome.month in table.periods_of(name)
            ]
            if own:
                baseline = _baseline(shelf, entry, own[0].definition, table.periods_of(name))
                scores += [_score(shelf, entry, outcome, table, baseline) for outcome in own]
    return scores


def _score(
    shelf: Shelf,
    entry: ForecastEntry,
    outcome: _Outcome,
    table: QuantileTable,
    baseline: Floats | None,
) -> LiveScore:
    step = int(np.searchsorted(table.periods_of(outcome.series_id), outcome.month))
    origin = entry.composition.origin_of(outcome.series_id, entry.origins[outcome.series_id])
    said = table.of(outcome.series_id)[step]
    figure = outcome.figure.observation
    actual = np.array(figure.value)
    usual = None if baseline is None else baseline[step]
    held_50, held_80, held_90 = (bool(within(actual, said, nominal)) for nominal in NOMINALS)
    return LiveScore(
        forecast_id=entry.forecast_id,
        series_id=outcome.series_id,
        period=first_day(outcome.month),
        horizon=int((outcome.month - origin).astype(int)) // table.frequency.months,
        observation=outcome.figure.number,
        counted_as=figure.series_id,
        actual=figure.value,
        known_at=figure.known_at,
        status=figure.status,
        median=float(said[len(LEVELS) // 2]),
        crps=float(crps(actual, said)),
        upper_crps=float(crps(actual, said, upper_tail=True)),
        baseline_crps=None if usual is None else float(crps(actual, usual)),
        baseline_upper_crps=None if usual is None else float(crps(actual, usual, upper_tail=True)),
        held_50=held_50,
        held_80=held_80,
        held_90=held_90,
        scored_at=shelf.clock(),
    )


def _baseline(
    shelf: Shelf, entry: ForecastEntry, definition: SeriesDefinition, periods: Months
) -> Floats | None:
    """The log random walk from the figures of the same series that the forecast knew.

    Returns:
        Quantiles at LEVELS [persons], shape (periods, levels); None where too little was known.
    """
    known = shelf.observations.as_known_at(
        entry.as_of, series_ids=[definition.series_id], recorded_by=entry.issued_at
    )
    if definition.frequency is Frequency.DATED:
        points = [
            DatedPoint(day=row.period, persons=row.value)
            for row in known.of(definition.series_id)
            if row.value > 0
        ]
        return random_walk(points, periods) if len(points) >= FEWEST_POINTS else None
    try:
        panel = known.panel([definition.series_id])
        walk = LogRandomWalk().fit(panel)
    except (InvalidInput, NotFound):
        return None
    steps = (periods - panel.origins[0]).astype(int) // panel.frequency.months
    return from_log(walk.log_quantiles(int(steps[-1]))[0, steps - 1])
