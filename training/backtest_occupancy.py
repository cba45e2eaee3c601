# SPDX-License-Identifier: EUPL-1.2
"""Backtest of the occupancy model: at each cutoff, what was known then and nothing later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from scipy.stats import norm

from models import scores
from models.errors import InvalidInput
from models.inflow.base import SHIFT, Forecaster, minimum_figures
from models.occupancy import DatedPoint, fit_occupancy, known_and_expected, need_paths
from models.periods import Months, month_range
from models.types import LEVELS, Floats, Panel

__all__ = [
    "Fold",
    "MethodScore",
    "Occupancies",
    "backtest_occupancy",
    "month_ends",
    "random_walk",
    "score_methods",
]

Occupancies = Mapping[str, Sequence[DatedPoint]]
"""Dated points by series, each series by day."""

PATHS = 2001

_NEAR = 3 / 28
"""A point at most three days from the end of a month stands for it [months]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fold:
    """The forecasts of one series from one cutoff, and what came of them.

    Attributes:
        series_id: Which series.
        cutoff: Last month of which anything was known.
        months: The months forecast, shape (horizon,).
        quantiles: Per method, persons on the last day of each month at LEVELS [persons], shape
            (horizon, levels). `stock_flow` is the model; the others are baselines.
        actual: Persons on that day [persons], NaN where not known, shape (horizon,).
    """

    series_id: str
    cutoff: np.datetime64
    months: Months
    quantiles: Mapping[str, Floats]
    actual: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodScore:
    """How one method did over all outcomes that are known.

    Attributes:
        method: `stock_flow` or a baseline.
        outcomes: How many outcomes were scored.
        relative: CRPS relative to the log random walk, geometric mean over series [-].
        coverage: Share of outcomes that the 80 % interval held [-].
        percentage_error: Mean absolute error of the median, as a share of the outcome [-].
        bias: Mean error of the median, forecast minus actual [persons].
    """

    method: str
    outcomes: int
    relative: float
    coverage: float
    percentage_error: float
    bias: float


def backtest_occupancy(
    inflow: Panel,
    occupancy: Occupancies,
    *,
    cutoffs: Sequence[np.datetime64],
    horizon: int,
    forecaster: Callable[[], Forecaster],
    seed: int,
) -> list[Fold]:
    """Forecast every series of the occupancy file from every cutoff.

    Args:
        inflow: All inflow series, by month or quarter [persons].
        occupancy: The points of each series; the inflow of the same name feeds it.
        cutoffs: Everything that had ended by the last day of these months is known.
        horizon: Months ahead of the cutoff.
        forecaster: Makes an unfitted inflow forecaster.
        seed: Seed of all chance; every series and cutoff has its own stream.

    Returns:
        One fold per cutoff and series, in that order.

    Raises:
        InvalidInput: a series without inflow, or too little known at a cutoff.
    """
    strangers = sorted(set(occupancy) - set(inflow.series_ids))
    if strangers:
        raise InvalidInput(f"Series {strangers[0]!r} has occupancy but no inflow of that name.")
    if horizon < 1:
        raise InvalidInput(f"A horizon of {horizon} months lies not ahead.")
    return [
        fold
        for cutoff in cutoffs
        for fold in _from_cutoff(
            inflow, occupancy, cutoff=cutoff, horizon=horizon, forecaster=forecaster(), seed=seed
        )
    ]


def _from_cutoff(
    inflow: Panel,
    occupancy: Occupancies,
    *,
    cutoff: np.datetime64,
    horizon: int,
    forecaster: Forecaster,
    seed: int,
) -> list[Fold]:
    known = _long_enough(inflow.until(cutoff), needed=tuple(occupancy))
    end = cutoff.astype("datetime64[M]").astype(int) + 1
    forecaster.fit(known)
    # Each series may have its own last period; the longest way to the horizon serves all.
    ended = int(known.origins.min().astype(int)) + known.frequency.months
    steps = -(-(end + horizon - ended) // known.frequency.months)
    sampled = forecaster.sample(steps, paths=PATHS, rng=np.random.default_rng([seed, int(end)]))
    folds = []
    for series_id, points in occupancy.items():
        seen = [point for point in points if point.moment <= end + 1e-9]
        if len(seen) < 2:
            raise InvalidInput(f"Series {series_id!r} has fewer than two points by {cutoff}.")
        rng = np.random.default_rng([seed, int(end), crc32(series_id.encode())])
        model = fit_occupancy(
            seen, known_and_expected(known, sampled, inflow_id=series_id), rng=rng
        )
        need = need_paths(
            model, known=known, sampled=sampled, inflow_id=series_id, need_id=series_id, rng=rng
        )
        months = month_range(cutoff.astype("datetime64[M]") + 1, horizon)
        begin = int((months[0] - need.periods_of(series_id)[0]).astype(int))
        paths = need.of(series_id)[:, begin : begin + horizon]
        walk = random_walk(seen, months)
        folds.append(
            Fold(
                series_id=series_id,
                cutoff=cutoff,
                months=months,
                quantiles={
                    "stock_flow": np.quantile(paths, LEVELS, axis=0).T,
                    "random_walk": walk,
                    "last_value": np.full_like(walk, seen[-1].persons),
                },
                actual=month_ends(points, months),
            )
        )
    return folds


def _long_enough(known: Panel, *, needed: Sequence[str]) -> Panel:
    """The series with enough figures to forecast, and always those that are needed."""
    counts = np.isfinite(known.persons).sum(axis=1)
    enough = minimum_figures(known.frequency)
    keep = [
        name
        for name, count in zip(known.series_ids, counts, strict=True)
        if count >= enough or name in needed
    ]
    return known.select(keep)


def random_walk(points: Sequence[DatedPoint], months: Months) -> Floats:
    """The log random walk of occupancy, from points at any dates.

    The variance per month comes from the changes between successive points, each over its own
    time; for month ends it is the variance of the monthly changes.

    Args:
        points: By day, at least two.
        months: The months forecast, shape (horizon,).

    Returns:
        Quantiles at LEVELS [persons], shape (horizon, levels).
    """
    logs = np.log(np.array([point.persons for point in points]) + SHIFT)
    moments = np.array([point.moment for point in points])
    changes, lengths = np.diff(logs), np.diff(moments)
    drift = changes.sum() / lengths.sum()
    count = len(changes)
    variance = ((changes - drift * lengths) ** 2).sum() / lengths.sum() * count / max(count - 1, 1)
    ahead = months.astype(int) + 1 - moments[-1]
    spread = np.sqrt(variance * ahead)[:, None] * norm.ppf(LEVELS)
    quantiles: Floats = np.maximum(np.exp(logs[-1] + spread) - SHIFT, 0)
    return quantiles


def month_ends(points: Sequence[DatedPoint], months: Months) -> Floats:
    """The stock at the end of each month, where a point lies within three days of it.

    Returns:
        Persons [persons], NaN where there is no such point, shape (months,).
    """
    moments = np.array([point.moment for point in points])
    actual = np.full(len(months), np.nan)
    for index, month in enumerate(months):
        distance = np.abs(moments - (int(month.astype(int)) + 1))
        nearest = int(np.argmin(distance))
        if distance[nearest] <= _NEAR:
            actual[index] = points[nearest].persons
    return actual


def score_methods(folds: Sequence[Fold]) -> list[MethodScore]:
    """Score every method on every outcome that is known, the model first."""
    actual = np.concatenate([fold.actual for fold in folds])
    known = np.isfinite(actual)
    names = np.repeat([fold.series_id for fold in folds], [len(fold.actual) for fold in folds])
    quantiles = {
        method: np.concatenate([fold.quantiles[method] for fold in folds])
        for method in folds[0].quantiles
    }
    losses = {method: scores.crps(actual, part) for method, part in quantiles.items()}
    by_series = [names == name for name in dict.fromkeys(names[known])]
    rows = []
    for method, part in quantiles.items():
        median = part[:, len(LEVELS) // 2]
        ratios = [
            np.nansum(losses[method][rows_]) / np.nansum(losses["random_walk"][rows_])
            for rows_ in by_series
        ]
        rows.append(
            MethodScore(
                method=method,
                outcomes=int(known.sum()),
                relative=float(np.exp(np.mean(np.log(ratios)))) if ratios else float("nan"),
                coverage=scores.coverage(actual, part, 0.8),
                percentage_error=(
                    float(np.mean(np.abs(median / actual - 1)[known])) if ratios else float("nan")
                ),
                bias=scores.bias(actual, median) if ratios else float("nan"),
            )
        )
    return rows
