# SPDX-License-Identifier: EUPL-1.2
"""Rolling-origin backtest of the champion method beside its members and the baselines.

At each cutoff everything is learned from what had ended by then, of any series. The members'
forecasts at past cutoffs depend on what was known at those cutoffs alone, so they are made once
and shared by all later cutoffs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from models.errors import InvalidInput
from models.inflow.base import from_log, season_of
from models.inflow.ensemble import horizon_edges, learn_combination
from models.inflow.isolated import isolated_figures
from models.inflow.past import (
    MakeMember,
    PastForecast,
    forecast_members,
    outcomes,
    past_cutoffs,
    usable,
)
from models.inflow.paths import sum_quantiles
from models.scores import bias, coverage, crps, relative_score
from models.types import LEVELS, Floats, Panel
from training.dataset import champion_members
from training.series_file import QuantileForecast

__all__ = ["CHAMPION", "InflowBacktest", "MethodScore", "Progress", "YearSum", "backtest_inflow"]

CHAMPION = "ensemble"
BASELINE = "random_walk"

EVERY = 3
"""Months between the past cutoffs that the champion learns from [months]."""

Progress = Callable[[int, int], None]
"""Told how many steps are done, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodScore:
    """Scores of one method over all targets with an outcome.

    Attributes:
        method: Name of the member, or ensemble.
        relative: CRPS relative to the log random walk, geometric mean over series [-].
        upper_tail: The same over the levels from 0.9 up [-].
        by_horizon: The same by part of the horizon, for instance 1-3 [-].
        covered_50: Share of outcomes in the 50 % interval [-].
        covered_90: Share of outcomes in the 90 % interval [-].
        bias: Mean of median forecast minus actual [persons].
    """

    method: str
    relative: float
    upper_tail: float
    by_horizon: Mapping[str, float]
    covered_50: float
    covered_90: float
    bias: float


@dataclass(frozen=True, slots=True, kw_only=True)
class YearSum:
    """How often intervals of a whole year held, beside those of its single periods.

    Attributes:
        nominal: What the intervals promise [-].
        periods: Share of the outcomes of the first year's periods inside theirs [-].
        sums: Share of the outcomes of its sum inside theirs, by connected paths [-].
        count: Sums that are known.
    """

    nominal: float
    periods: float
    sums: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InflowBacktest:
    """What a backtest found.

    Attributes:
        forecasts: Of the champion, one per cutoff.
        scores: The champion first, then its members by name.
        targets: Outcomes that forecasts could be held against.
        left_out: Series that were too short at a cutoff, as (cutoff, series).
        year: Of the champion, how often intervals of the first year's sum held; empty where the
            horizon is shorter.
        remarks: What else was done otherwise than usual at each cutoff, as sentences.
    """

    forecasts: tuple[QuantileForecast, ...]
    scores: tuple[MethodScore, ...]
    targets: int
    left_out: tuple[tuple[str, str], ...]
    year: tuple[YearSum, ...]
    remarks: tuple[str, ...]

    def table(self) -> list[list[str]]:
        """The scores as rows of text, the header first."""
        parts = list(self.scores[0].by_horizon) if self.scores else []
        rows = [["method", "relative", "upper tail", *parts, "in 50 %", "in 90 %", "bias"]]
        rows += [
            [
                score.method,
                f"{score.relative:.3f}",
                f"{score.upper_tail:.3f}",
                *(f"{score.by_horizon[part]:.3f}" for part in parts),
                f"{score.covered_50:.1%}",
                f"{score.covered_90:.1%}",
                f"{score.bias:+.0f}",
            ]
            for score in self.scores
        ]
        return rows

    def year_table(self) -> list[list[str]]:
        """How intervals of a year's sum held, as rows of text; empty if no sum is known."""
        rows = [
            [f"{row.nominal:.0%}", f"{row.periods:.1%}", f"{row.sums:.1%}", str(row.count)]
            for row in self.year
        ]
        return [["champion's intervals", "hold periods", "hold the year's sum", "sums"], *rows]


def backtest_inflow(
    panel: Panel,
    cutoffs: Sequence[np.datetime64],
    *,
    horizon: int,
    progress: Progress | None = None,
    workers: int = 2,
    make_members: Sequence[MakeMember] | None = None,
    seed: int = 0,
) -> InflowBacktest:
    """Forecast every series at every cutoff as the champion would have done then.

    Args:
        panel: All figures, also those after the cutoffs, which only score.
        cutoffs: Last known months.
        horizon: Periods of the panel to forecast.
        progress: Told after each cutoff.
        workers: Processes; the result does not depend on their number.
        make_members: Members of the ensemble; the champion's if None.
        seed: Seed of the paths that sums are read off; no quantile depends on it.

    Raises:
        InvalidInput: no cutoffs, a horizon below 1, or too little known at a cutoff.
    """
    wanted = sorted(set(cutoffs))
    if not wanted or horizon < 1:
        raise InvalidInput("A backtest needs at least one cutoff and a horizon of at least 1.")
    for cutoff in wanted:
        if not usable(panel.until(cutoff)).series_ids:
            raise InvalidInput(f"At {cutoff} no series has enough figures to be forecast.")
    members = tuple(make_members or champion_members())
    season = season_of(panel.frequency)
    reach = max(horizon, 2 * season)
    grids = {cutoff: past_cutoffs(panel.until(cutoff), every=EVERY) for cutoff in wanted}
    needed = sorted({*wanted, *(earlier for grid in grids.values() for earlier in grid)})
    made = dict(
        zip(
            needed,
            _made(panel, needed, members=members, horizon=reach, workers=workers, told=progress),
            strict=True,
        )
    )
    now = [made[cutoff] for cutoff in wanted]
    champion, sums = [], []
    for fold in now:
        known = usable(panel.until(fold.cutoff))
        combination = learn_combination(
            known,
            [made[earlier].only(known.series_ids) for earlier in grids[fold.cutoff]],
            members=tuple(fold.log_quantiles),
        )
        said = combination.combine(fold.log_quantiles)
        champion.append(from_log(said[:, :horizon]))
        if horizon >= season:
            sums.append(
                sum_quantiles(
                    said[:, :season],
                    panel=known,
                    dependence=combination.dependence,
                    rng=np.random.default_rng([seed, int(fold.cutoff.astype(int))]),
                )
            )
    return _result(panel, now, champion, sums, horizon)


def _single(
    panel: Panel, cutoff: np.datetime64, members: Sequence[MakeMember], horizon: int
) -> PastForecast:
    # Sums taken by several threads differ in the last digit; one thread per process does not.
    with threadpool_limits(limits=1):
        return forecast_members(panel, cutoff, members=members, horizon=horizon)


def _made(
    panel: Panel,
    cutoffs: Sequence[np.datetime64],
    *,
    members: Sequence[MakeMember],
    horizon: int,
    workers: int,
    told: Progress | None,
) -> Iterator[PastForecast]:
    jobs = (delayed(_single)(panel.until(cutoff), cutoff, members, horizon) for cutoff in cutoffs)
    for done, fold in enumerate(
        Parallel(n_jobs=workers, return_as="generator", batch_size=1)(jobs), start=1
    ):
        if told is not None:
            told(done, len(cutoffs))
        yield fold


def _year(
    actual: Sequence[Floats], champion: Sequence[Floats], sums: Sequence[Floats], season: int
) -> tuple[YearSum, ...]:
    """Of each cutoff the outcomes, and quantiles of periods and of the sum, by series."""
    if not sums:
        return ()
    seen = np.concatenate([rows[:, :season] for rows in actual])
    said, year = np.concatenate([rows[:, :season] for rows in champion]), np.concatenate(sums)
    total = seen.sum(axis=1)
    seen = np.where(np.isfinite(total)[:, None], seen, np.nan)
    return tuple(
        YearSum(
            nominal=nominal,
            periods=coverage(seen, said, nominal),
            sums=coverage(total, year, nominal),
            count=int(np.isfinite(total).sum()),
        )
        for nominal in (0.5, 0.8, 0.9)
        if np.isfinite(total).any()
    )


def _result(
    panel: Panel,
    folds: Sequence[PastForecast],
    champion: Sequence[Floats],
    sums: Sequence[Floats],
    horizon: int,
) -> InflowBacktest:
    forecasts = tuple(
        QuantileForecast(
            cutoff=fold.cutoff,
            series_ids=fold.series_ids,
            frequency=panel.frequency,
            origins=fold.origins,
            persons=quantiles,
        )
        for fold, quantiles in zip(folds, champion, strict=True)
    )
    shape = (len(panel.series_ids), len(folds), horizon)
    actual = np.full(shape, np.nan)
    by_method = {
        name: np.full((*shape, len(LEVELS)), np.nan) for name in (CHAMPION, *folds[0].log_quantiles)
    }
    left_out = []
    for place, fold in enumerate(folds):
        rows = [panel.series_ids.index(name) for name in fold.series_ids]
        actual[rows, place] = from_log(outcomes(panel, fold, horizon))
        by_method[CHAMPION][rows, place] = champion[place]
        for name, table in fold.log_quantiles.items():
            by_method[name][rows, place] = from_log(table[:, :horizon])
        left_out += [
            (str(fold.cutoff), name) for name in panel.series_ids if name not in fold.series_ids
        ]
    season = season_of(panel.frequency)
    scores = tuple(
        _score(name, actual, table, by_method[BASELINE], horizon_edges(horizon, season))
        for name, table in by_method.items()
    )
    return InflowBacktest(
        forecasts=forecasts,
        scores=scores,
        targets=int(np.isfinite(actual).sum()),
        left_out=tuple(left_out),
        year=_year(
            [from_log(outcomes(panel, fold, horizon)) for fold in folds], champion, sums, season
        ),
        remarks=tuple(remark for fold in folds for remark in _remarks(panel, fold)),
    )


def _remarks(panel: Panel, fold: PastForecast) -> Iterator[str]:
    """Figures taken as unknown, members left out, and where the random walk stands in."""
    for figure in isolated_figures(panel.until(fold.cutoff)):
        yield f"{fold.cutoff}, {figure.series_id!r}: {figure}."
    for member in fold.log_quantiles:
        flags = [flag for flag in fold.flags if flag.member == member]
        for reason, detail in sorted({(flag.reason, flag.detail) for flag in flags}):
            where = [
                flag.series_id for flag in flags if (flag.reason, flag.detail) == (reason, detail)
            ]
            series = (
                "every series"
                if len(where) == len(fold.series_ids)
                else ", ".join(map(repr, where))
            )
            why = f"{reason}, {detail}" if detail else reason
            yield f"{fold.cutoff}: member {member!r} is left out of {series} ({why})."
    for name in fold.stood_in:
        yield f"{fold.cutoff}, {name!r}: fallback, the log random walk stands in."


def _score(
    method: str, actual: Floats, quantiles: Floats, baseline: Floats, edges: Sequence[int]
) -> MethodScore:
    mine, theirs = crps(actual, quantiles), crps(actual, baseline)
    starts = (0, *edges[:-1])
    return MethodScore(
        method=method,
        relative=relative_score(mine, theirs),
        upper_tail=relative_score(
            crps(actual, quantiles, upper_tail=True), crps(actual, baseline, upper_tail=True)
        ),
        by_horizon={
            f"{start + 1}-{end}": relative_score(mine[..., start:end], theirs[..., start:end])
            for start, end in zip(starts, edges, strict=True)
        },
        covered_50=coverage(actual, quantiles, 0.5),
        covered_90=coverage(actual, quantiles, 0.9),
        bias=bias(actual, quantiles[..., len(LEVELS) // 2]),
    )
