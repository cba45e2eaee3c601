# SPDX-License-Identifier: EUPL-1.2
"""The duel at the champion gate: two recipes, learned anew at every cutoff from what was known.

Both forecast the inflow, and the need that follows from it. Nothing that a model learned from is
ever forecast by it here: a cutoff counts only from the last month on that either recipe was tuned
on, or that its pool has seen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from models.errors import InvalidInput
from models.gate import GateSheet, GateVerdict, Ruling, rule, ruling_of
from models.inflow.base import from_log, minimum_figures
from models.inflow.baselines import LogRandomWalk
from models.inflow.ensemble import Ensemble
from models.inflow.past import past_cutoffs
from models.occupancy import DatedPoint
from models.occupancy.baselines import month_ends, random_walk
from models.periods import Months, last_day, month_range
from models.types import LEVELS, Floats, Panel
from training.backtest import Progress
from training.dataset import inflow_panel, training_panel
from training.fit import fit_inflow, load_inflow
from training.occupancy import EXACT, INFLOW_ID, NEED_ID, NeedRecipe, fit_need, need_points
from training.pool import Pool
from training.recipe import INFLOW, NEED, Recipe
from training.store.records import Snapshot
from training.structure import with_parts

__all__ = [
    "EVERY",
    "HORIZON",
    "Contender",
    "DuelResult",
    "Fold",
    "GateForecasts",
    "duel",
    "forecast_by",
    "gate_folds",
]

EVERY, HORIZON = 6, 24
"""Months between the cutoffs of a duel, and months that are forecast at each [months]."""

PATHS = 1_000
"""Sampled futures of the inflow that a need is forecast from."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contender:
    """A recipe, and how it forecasts.

    Attributes:
        recipe: What it is.
        forecast: From what was known: quantiles at LEVELS [persons] of the targets in the months
            after their last figures, then of the need in those after the cutoff, NaN where too
            little is known of it; shape (targets + 1, HORIZON, levels).
    """

    recipe: Recipe
    forecast: Callable[["Fold"], Floats]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fold:
    """What was known at one cutoff.

    Attributes:
        cutoff: Last month that had ended.
        snapshot: What was known on its last day.
        panel: The targets in it, and what else there was to learn from.
    """

    cutoff: np.datetime64
    snapshot: Snapshot
    panel: Panel

    @property
    def months(self) -> Months:
        """The months whose need is forecast, shape (HORIZON,)."""
        return month_range(self.cutoff + 1, HORIZON)

    @property
    def points(self) -> tuple[DatedPoint, ...]:
        """What was known of the need, by day; nothing unless of two days at least."""
        points = need_points(self.snapshot)
        return points if len({point.day for point in points}) > 1 else ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GateForecasts:
    """What one recipe said at the cutoffs of a duel, to be kept.

    Attributes:
        recipe_id: Which recipe.
        snapshots: Hash of what was known, by cutoff (YYYY-MM).
        persons: Quantiles at LEVELS [persons] of the targets, then of the need, NaN where it was
            not forecast, shape (cutoffs, targets + 1, HORIZON, levels).
    """

    recipe_id: str
    snapshots: Mapping[str, str]
    persons: Floats

    def to_json(self) -> dict[str, Any]:
        """As plain lists; numbers survive the round trip exactly."""
        persons = self.persons.astype(object)
        persons[~np.isfinite(self.persons)] = None
        return {
            "recipe_id": self.recipe_id,
            "snapshots": [[cutoff, sha256] for cutoff, sha256 in self.snapshots.items()],
            "persons": persons.tolist(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Back from plain lists."""
        return cls(
            recipe_id=value["recipe_id"],
            snapshots=dict(value["snapshots"]),
            persons=np.array(value["persons"], dtype=float),
        )

    def at(self, folds: Sequence[Fold]) -> Floats | None:
        """The forecasts at these cutoffs; None if one is missing or was made from other figures."""
        cutoffs = list(self.snapshots)
        if any(self.snapshots.get(str(fold.cutoff)) != fold.snapshot.sha256 for fold in folds):
            return None
        found: Floats = self.persons[[cutoffs.index(str(fold.cutoff)) for fold in folds]]
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DuelResult:
    """What a duel found, and the forecasts it rests on.

    Attributes:
        verdict: What was found of the inflow.
        need: What was found of the need.
        judged: Of which of them the recipes differ.
        champion: Forecasts of the champion; None without any cutoff.
        challenger: Forecasts of the challenger.
        champion_stored: Whether those of the champion were made in an earlier duel.
    """

    verdict: GateVerdict
    need: GateVerdict
    judged: tuple[str, ...]
    champion: GateForecasts | None
    challenger: GateForecasts | None
    champion_stored: bool

    @property
    def ruling(self) -> Ruling:
        """Whether the challenger may replace the champion."""
        verdicts = {INFLOW: self.verdict, NEED: self.need}
        return ruling_of(
            [verdicts[name] for name in self.judged],
            others=[verdicts[name] for name in verdicts if name not in self.judged],
        )


def forecast_by(fold: Fold, *, pool: Pool | None, need: NeedRecipe) -> Floats:
    """Train on what was known as `getij train` does, and forecast; for a Contender.

    Args:
        fold: What was known.
        pool: Learned beforehand, or None.
        need: How the need is forecast.
    """
    manifest, files = fit_inflow(fold.panel, snapshot_sha256="", code_version="", seed=0, pool=pool)
    forecaster = load_inflow(manifest, files)
    inflow = from_log(forecaster.log_quantiles(HORIZON))
    return np.concatenate([inflow, _need_of(fold, forecaster, recipe=need)[None]])


def _need_of(fold: Fold, forecaster: Ensemble, *, recipe: NeedRecipe) -> Floats:
    """The need that follows from an inflow, shape (HORIZON, levels); NaN without any points.

    Where the points allow no fit, the random walk stands in: who cannot speak wins nothing by it.
    """
    if not fold.points:
        return np.full((HORIZON, len(LEVELS)), np.nan)
    panel = inflow_panel(fold.snapshot)
    months = int((fold.months[-1] - fold.panel.select([INFLOW_ID]).origins[0]).astype(int))
    for_inflow, for_fit, for_parts, for_need = (
        np.random.default_rng(part) for part in np.random.SeedSequence(0).spawn(4)
    )
    total = forecaster.sample(months, paths=PATHS, rng=for_inflow)
    sampled, _ = with_parts(total, panel=panel, snapshot=fold.snapshot, rng=for_parts)
    try:
        model = fit_need(fold.snapshot, sampled=sampled, rng=for_fit, specification=recipe.chain)
    except InvalidInput:
        return random_walk(fold.points, fold.months)
    need = model.sample(sampled, rng=for_need, method=recipe.method).of(NEED_ID)[:, -HORIZON:]
    quantiles: Floats = np.quantile(need, LEVELS, axis=0).T
    return quantiles


def gate_folds(
    as_known_at: Callable[[datetime], Snapshot],
    *,
    today: Panel,
    targets: Sequence[str],
    seen_until: np.datetime64,
) -> list[Fold]:
    """Every half-year since both recipes were made, with what was known at its end.

    Args:
        as_known_at: Gives the snapshot of a moment; a store's observations do.
        today: What is known now, for which cutoffs there are.
        targets: Series that are forecast.
        seen_until: Last month that either recipe was tuned on or had seen.
    """
    folds = []
    for cutoff in past_cutoffs(today.select(targets), every=EVERY):
        if cutoff < seen_until:
            continue
        day = last_day(cutoff)
        snapshot = as_known_at(datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC))
        known = {row.series_id for row in snapshot.observations}
        if not known.issuperset(targets):
            continue
        panel = training_panel(inflow_panel(snapshot))
        figures = np.isfinite(panel.select(targets).persons).sum(axis=1)
        if figures.min() >= 2 * minimum_figures(panel.frequency):
            folds.append(Fold(cutoff=cutoff, snapshot=snapshot, panel=panel))
    return folds


def duel(
    folds: Sequence[Fold],
    *,
    today: Panel,
    champion: Contender,
    challenger: Contender,
    seen_until: np.datetime64,
    need_today: Sequence[DatedPoint] = (),
    stored: Sequence[GateForecasts] = (),
    workers: int = 2,
    progress: Progress | None = None,
) -> DuelResult:
    """Let both learn and forecast at every cutoff, and judge.

    Args:
        folds: Cutoffs, with what was known.
        today: Inflow as known now, for the outcomes.
        champion: The recipe in use.
        challenger: The recipe that would replace it.
        seen_until: Last month that either was tuned on or had seen; no outcome before it counts.
        need_today: The need as known now, by day, for its outcomes.
        stored: What was said in earlier duels.
        workers: Processes; the result does not depend on their number.
        progress: Told after each forecast.
    """
    targets = challenger.recipe.targets
    kept = [
        found
        for past in stored
        if champion.recipe.targets == targets
        and past.recipe_id == champion.recipe.recipe_id
        and (found := past.at(folds)) is not None
    ]
    running = [challenger] if kept or not folds else [champion, challenger]
    jobs = [(contender, fold) for contender in running for fold in folds]
    made: list[Floats] = []
    for said in Parallel(n_jobs=workers, return_as="generator", batch_size=1)(
        delayed(_forecast)(contender.forecast, fold) for contender, fold in jobs
    ):
        made.append(said)
        if progress is not None:
            progress(len(made), len(jobs))
    theirs = kept[-1] if kept else _stacked(made[: len(folds)], targets)
    mine = _stacked(made[-len(folds) :] if folds else [], targets)
    outcomes = _outcomes(folds, today, targets, seen_until=seen_until)
    of_need = _need_outcomes(folds, need_today, seen_until=seen_until)
    return DuelResult(
        verdict=rule(_sheet(outcomes, theirs[:, :-1], mine[:, :-1])),
        need=rule(_sheet(of_need, theirs[:, -1:], mine[:, -1:])),
        judged=challenger.recipe.judged_against(champion.recipe),
        champion=_filed(folds, champion.recipe, theirs),
        challenger=_filed(folds, challenger.recipe, mine),
        champion_stored=bool(kept and folds),
    )


def _sheet(
    outcomes: tuple[Months, Floats, Floats], champion: Floats, challenger: Floats
) -> GateSheet:
    periods, actual, baseline = outcomes
    return GateSheet(
        periods=periods, actual=actual, champion=champion, challenger=challenger, baseline=baseline
    )


def _forecast(forecast: Callable[[Fold], Floats], fold: Fold) -> Floats:
    # Sums taken by several threads differ in the last digit; one thread per process does not.
    with threadpool_limits(limits=1):
        return forecast(fold)


def _stacked(made: Sequence[Floats], targets: Sequence[str]) -> Floats:
    shape = (len(made), len(targets) + 1, HORIZON, len(LEVELS))
    return np.array(made, dtype=float).reshape(shape)


def _filed(folds: Sequence[Fold], recipe: Recipe, persons: Floats) -> GateForecasts | None:
    if not folds:
        return None
    return GateForecasts(
        recipe_id=recipe.recipe_id,
        snapshots={str(fold.cutoff): fold.snapshot.sha256 for fold in folds},
        persons=persons,
    )


def _outcomes(
    folds: Sequence[Fold], today: Panel, targets: Sequence[str], *, seen_until: np.datetime64
) -> tuple[Months, Floats, Floats]:
    """Months, what happened in them, and the random walk from what was known before them."""
    now = today.select(targets)
    shape = (len(folds), len(targets), HORIZON)
    periods = np.full(shape, now.periods[0], dtype="datetime64[M]")
    actual = np.full(shape, np.nan)
    baseline = np.full((*shape, len(LEVELS)), np.nan)
    for place, fold in enumerate(folds):
        known = fold.panel.select(targets)
        periods[place] = known.origins[:, None] + np.arange(1, HORIZON + 1)
        columns = (periods[place] - now.periods[0]).astype(int)
        inside = np.clip(columns, 0, len(now.periods) - 1)
        happened = now.persons[np.arange(len(targets))[:, None], inside]
        judged = (columns == inside) & (periods[place] > seen_until)
        actual[place] = np.where(judged, happened, np.nan)
        baseline[place] = from_log(LogRandomWalk().fit(known).log_quantiles(HORIZON))
    return periods, actual, baseline


def _need_outcomes(
    folds: Sequence[Fold], today: Sequence[DatedPoint], *, seen_until: np.datetime64
) -> tuple[Months, Floats, Floats]:
    """The same of the need, where an exact count lies at the end of a month."""
    exact = [point for point in today if point.log_sd <= EXACT]
    shape = (len(folds), 1, HORIZON)
    periods = np.array([fold.months for fold in folds], dtype="datetime64[M]").reshape(shape)
    actual = np.full(shape, np.nan)
    baseline = np.full((*shape, len(LEVELS)), np.nan)
    for place, fold in enumerate(folds):
        if exact and fold.points:
            happened = month_ends(exact, fold.months)
            actual[place, 0] = np.where(fold.months > seen_until, happened, np.nan)
            baseline[place, 0] = random_walk(fold.points, fold.months)
    return periods, actual, baseline
