# SPDX-License-Identifier: EUPL-1.2
"""Rolling-origin backtest of the components of inflow: shares that drift, beside two simple ways.

All ways but the random walk divide the same futures of the total, drawn by the champion method
from what was known on the day.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from models.errors import InvalidInput
from models.inflow.base import from_log, season_of
from models.inflow.baselines import LogRandomWalk
from models.inflow.ensemble import horizon_edges
from models.inflow.structure import Structure, rest_of, with_rest
from models.periods import last_day
from models.scores import coverage, crps, relative_score
from models.types import LEVELS, Floats, Panel, SamplePaths
from training.backtest import Progress
from training.dataset import inflow_panel
from training.futures import inflow_futures
from training.store.records import Snapshot
from training.structure import HIERARCHY

__all__ = ["METHODS", "ComponentScore", "ComponentsBacktest", "backtest_components"]

PATHS = 1001

BASELINE = "random walk of each"
"""Each component alone, so that nothing adds up; what the scores are relative to."""

METHODS = ("structure", "without surprises of the whole", "shares of last year", BASELINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentScore:
    """How one way of forecasting did on the parts of one whole.

    Attributes:
        whole: Name of the whole.
        method: Way of forecasting its parts.
        relative: CRPS relative to the log random walk of each part, geometric mean [-].
        by_horizon: The same by part of the horizon, for instance 1-3 [-].
        covered_50: Share of outcomes in the 50 % interval [-].
        covered_90: Share of outcomes in the 90 % interval [-].
        targets: Outcomes that forecasts could be held against.
    """

    whole: str
    method: str
    relative: float
    by_horizon: Mapping[str, float]
    covered_50: float
    covered_90: float
    targets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentsBacktest:
    """What the backtest found: one score per whole and method."""

    scores: tuple[ComponentScore, ...]

    def table(self) -> list[list[str]]:
        """The scores as rows of text, the header first."""
        parts = list(self.scores[0].by_horizon)
        rows = [["parts of", "method", "relative", *parts, "in 50 %", "in 90 %", "outcomes"]]
        rows += [
            [
                score.whole,
                score.method,
                f"{score.relative:.3f}",
                *(f"{score.by_horizon[part]:.3f}" for part in parts),
                f"{score.covered_50:.1%}",
                f"{score.covered_90:.1%}",
                str(score.targets),
            ]
            for score in self.scores
        ]
        return rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fold:
    """One cutoff: quantiles by method and series, shape (horizon, levels), and what happened."""

    said: Mapping[str, Mapping[str, Floats]]
    actual: Mapping[str, Floats]


def backtest_components(
    as_known_at: Callable[[datetime], Snapshot],
    cutoffs: Sequence[np.datetime64],
    *,
    actual: Snapshot,
    horizon: int,
    seed: int,
    progress: Progress | None = None,
) -> ComponentsBacktest:
    """Forecast the components at every cutoff from what was known on its last day.

    Args:
        as_known_at: Gives the snapshot of a moment; a store's observations do.
        cutoffs: Last known months.
        actual: What is known now, for the outcomes.
        horizon: Months ahead.
        seed: Seed of all chance.
        progress: Told after each cutoff.

    Raises:
        InvalidInput: no cutoffs, a horizon below 1, or no component with an outcome.
    """
    if not len(cutoffs) or horizon < 1:
        raise InvalidInput("A backtest needs at least one cutoff and a horizon of at least 1.")
    happened = _with_rests(inflow_panel(actual))
    folds = []
    for done, cutoff in enumerate(sorted(set(cutoffs)), start=1):
        day = last_day(cutoff)
        known = _with_rests(
            inflow_panel(as_known_at(datetime(day.year, day.month, day.day, tzinfo=UTC)))
        )
        folds.append(_fold(known, happened, horizon=horizon, seed=seed))
        if progress is not None:
            progress(done, len(set(cutoffs)))
    scores = [score for whole in HIERARCHY for score in _scores(whole, folds, horizon)]
    if not scores:
        raise InvalidInput("At none of the cutoffs a component could be forecast and scored.")
    return ComponentsBacktest(scores=tuple(scores))


def _with_rests(panel: Panel) -> Panel:
    """The panel with the rest of every whole whose parts are not all published."""
    for whole, parts in HIERARCHY.items():
        published = [part for part in parts if part != rest_of(whole)]
        if rest_of(whole) in parts and {whole, *published} <= set(panel.series_ids):
            panel = with_rest(panel, whole, published)
    return panel


def _fold(known: Panel, happened: Panel, *, horizon: int, seed: int) -> _Fold:
    for_total, for_parts = np.random.SeedSequence(seed).generate_state(2)
    total = inflow_futures(known, months=horizon, paths=PATHS, seed=int(for_total))
    drifting, alone = (
        Structure.learn(known, HIERARCHY, follow_whole=follow).sample(
            total, rng=np.random.default_rng(for_parts)
        )
        for follow in (True, False)
    )
    (origin,) = total.origins
    parts = [name for name in drifting.series_ids if name not in total.series_ids]
    said = (
        _quantiles(drifting, parts),
        _quantiles(alone, parts),
        _shares_of_last_year(known, total),
        {name: _random_walk(known, name, origin, horizon) for name in parts},
    )
    return _Fold(
        said=dict(zip(METHODS, said, strict=True)),
        actual={name: _outcome(happened, name, origin, horizon) for name in parts},
    )


def _quantiles(paths: SamplePaths, names: Sequence[str]) -> dict[str, Floats]:
    tables = paths.quantiles()
    return {name: tables[paths.series_ids.index(name)] for name in names}


def _shares_of_last_year(known: Panel, total: SamplePaths) -> dict[str, Floats]:
    """The futures of the total, divided as its last twelve known months were."""
    paths = {name: total.of(name) for name in total.series_ids}
    for whole, parts in HIERARCHY.items():
        if whole in paths and set(parts) <= set(known.series_ids):
            persons = known.select(parts).persons
            year = persons[:, np.isfinite(persons).all(axis=0)][:, -season_of(known.frequency) :]
            shares = year.sum(axis=1) / year.sum()
            paths |= {part: share * paths[whole] for part, share in zip(parts, shares, strict=True)}
    return {
        name: np.quantile(persons, LEVELS, axis=0).T
        for name, persons in paths.items()
        if name not in total.series_ids
    }


def _random_walk(known: Panel, name: str, origin: np.datetime64, horizon: int) -> Floats:
    """Quantiles of one component alone, in the months after the last one of the total."""
    walk = LogRandomWalk().fit(known.select([name]))
    late = int((origin - known.select([name]).origins[0]).astype(int))
    return from_log(walk.log_quantiles(horizon + late)[0, late:])


def _outcome(happened: Panel, name: str, origin: np.datetime64, horizon: int) -> Floats:
    """What followed, NaN where it is not known, shape (horizon,)."""
    (row,) = happened.select([name]).persons
    first = int((origin - happened.periods[0]).astype(int)) + 1
    found = row[first : first + horizon]
    return np.concatenate([found, np.full(horizon - len(found), np.nan)])


def _scores(whole: str, folds: Sequence[_Fold], horizon: int) -> Iterator[ComponentScore]:
    """The scores of every method on one whole; none where no part was ever scored."""
    parts = [part for part in HIERARCHY[whole] if any(part in fold.actual for fold in folds)]
    if not parts:
        return
    nothing = np.full(horizon, np.nan)
    actual = np.array([[fold.actual.get(part, nothing) for fold in folds] for part in parts])
    tables = {
        method: np.array(
            [
                [
                    fold.said[method].get(part, np.full((horizon, len(LEVELS)), np.nan))
                    for fold in folds
                ]
                for part in parts
            ]
        )
        for method in METHODS
    }
    theirs = crps(actual, tables[BASELINE])
    edges = horizon_edges(horizon, 12)
    for method, quantiles in tables.items():
        mine = crps(actual, quantiles)
        yield ComponentScore(
            whole=whole,
            method=method,
            relative=relative_score(mine, theirs),
            by_horizon={
                f"{start + 1}-{end}": relative_score(mine[..., start:end], theirs[..., start:end])
                for start, end in zip((0, *edges[:-1]), edges, strict=True)
            },
            covered_50=coverage(actual, quantiles, 0.5),
            covered_90=coverage(actual, quantiles, 0.9),
            targets=int(np.isfinite(actual).sum()),
        )
