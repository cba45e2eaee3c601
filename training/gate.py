# SPDX-License-Identifier: EUPL-1.2
"""The duel at the champion gate: two recipes, learned anew at every cutoff from what was known.

Nothing that a model learned from is ever forecast by it here: a cutoff counts only from the last
month on that either recipe was tuned on, or that its pool has seen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from models.gate import GateSheet, GateVerdict, rule
from models.inflow.base import from_log, minimum_figures
from models.inflow.baselines import LogRandomWalk
from models.inflow.past import past_cutoffs
from models.periods import Months, last_day
from models.types import LEVELS, Floats, Panel
from training.backtest import Progress
from training.dataset import inflow_panel, training_panel
from training.fit import fit_inflow, load_inflow
from training.pool import Pool
from training.recipe import Recipe
from training.store.records import Snapshot

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contender:
    """A recipe, and how it forecasts.

    Attributes:
        recipe: What it is.
        forecast: From what was known, the targets first: quantiles at LEVELS [persons], shape
            (targets, HORIZON, levels).
    """

    recipe: Recipe
    forecast: Callable[[Panel], Floats]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fold:
    """What was known at one cutoff.

    Attributes:
        cutoff: Last month that had ended.
        snapshot_sha256: Hash of what was known on its last day.
        panel: The targets, and what else there was to learn from.
    """

    cutoff: np.datetime64
    snapshot_sha256: str
    panel: Panel


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GateForecasts:
    """What one recipe said at the cutoffs of a duel, to be kept.

    Attributes:
        recipe_id: Which recipe.
        snapshots: Hash of what was known, by cutoff (YYYY-MM).
        persons: Quantiles at LEVELS [persons], shape (cutoffs, targets, HORIZON, levels).
    """

    recipe_id: str
    snapshots: Mapping[str, str]
    persons: Floats

    def to_json(self) -> dict[str, Any]:
        """As plain lists; numbers survive the round trip exactly."""
        return {
            "recipe_id": self.recipe_id,
            "snapshots": [[cutoff, sha256] for cutoff, sha256 in self.snapshots.items()],
            "persons": self.persons.tolist(),
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
        if any(self.snapshots.get(str(fold.cutoff)) != fold.snapshot_sha256 for fold in folds):
            return None
        found: Floats = self.persons[[cutoffs.index(str(fold.cutoff)) for fold in folds]]
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DuelResult:
    """What a duel found, and the forecasts it rests on.

    Attributes:
        verdict: What was found.
        champion: Forecasts of the champion; None without any cutoff.
        challenger: Forecasts of the challenger.
        champion_stored: Whether those of the champion were made in an earlier duel.
    """

    verdict: GateVerdict
    champion: GateForecasts | None
    challenger: GateForecasts | None
    champion_stored: bool


def forecast_by(panel: Panel, *, pool: Pool | None) -> Floats:
    """Train on a panel as `getij train` does, and forecast the targets; for a Contender."""
    manifest, files = fit_inflow(panel, snapshot_sha256="", code_version="", seed=0, pool=pool)
    return from_log(load_inflow(manifest, files).log_quantiles(HORIZON))


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
            folds.append(Fold(cutoff=cutoff, snapshot_sha256=snapshot.sha256, panel=panel))
    return folds


def duel(
    folds: Sequence[Fold],
    *,
    today: Panel,
    champion: Contender,
    challenger: Contender,
    seen_until: np.datetime64,
    stored: Sequence[GateForecasts] = (),
    workers: int = 2,
    progress: Progress | None = None,
) -> DuelResult:
    """Let both learn and forecast at every cutoff, and judge.

    Args:
        folds: Cutoffs, with what was known.
        today: What is known now, for the outcomes.
        champion: The recipe in use.
        challenger: The recipe that would replace it.
        seen_until: Last month that either was tuned on or had seen; no outcome before it counts.
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
        delayed(_forecast)(contender.forecast, fold.panel) for contender, fold in jobs
    ):
        made.append(said)
        if progress is not None:
            progress(len(made), len(jobs))
    theirs = kept[-1] if kept else _stacked(made[: len(folds)], targets)
    mine = _stacked(made[-len(folds) :] if folds else [], targets)
    periods, actual, baseline = _outcomes(folds, today, targets, seen_until=seen_until)
    verdict = rule(
        GateSheet(
            periods=periods, actual=actual, champion=theirs, challenger=mine, baseline=baseline
        )
    )
    return DuelResult(
        verdict=verdict,
        champion=_filed(folds, champion.recipe, theirs),
        challenger=_filed(folds, challenger.recipe, mine),
        champion_stored=bool(kept and folds),
    )


def _forecast(forecast: Callable[[Panel], Floats], panel: Panel) -> Floats:
    # Sums taken by several threads differ in the last digit; one thread per process does not.
    with threadpool_limits(limits=1):
        return forecast(panel)


def _stacked(made: Sequence[Floats], targets: Sequence[str]) -> Floats:
    shape = (len(made), len(targets), HORIZON, len(LEVELS))
    return np.array(made, dtype=float).reshape(shape)


def _filed(folds: Sequence[Fold], recipe: Recipe, persons: Floats) -> GateForecasts | None:
    if not folds:
        return None
    return GateForecasts(
        recipe_id=recipe.recipe_id,
        snapshots={str(fold.cutoff): fold.snapshot_sha256 for fold in folds},
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
