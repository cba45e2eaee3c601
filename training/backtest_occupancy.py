# SPDX-License-Identifier: EUPL-1.2
"""Backtest of the occupancy model: at each cutoff, what was known then and nothing later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from zlib import crc32

import numpy as np

from models.errors import Fault, InvalidFile, InvalidInput
from models.inflow.base import Forecaster
from models.inflow.ensemble import Ensemble
from models.inflow.past import usable
from models.inflow.prophet import ProphetMember
from models.occupancy import ChainSpecification, DatedPoint
from models.occupancy.baselines import last_value, month_ends, random_walk
from models.occupancy.specification import Measured
from models.periods import Frequency, Months, month_range
from models.scores import bias, coverage, crps, relative_score
from models.types import LEVELS, Floats, Panel
from training.backtest import Progress
from training.dataset import champion_members
from training.occupancy import Method, fit_total
from training.series_file import QuantileForecast

__all__ = [
    "Fold",
    "MakeForecaster",
    "MethodScore",
    "Occupancies",
    "OccupancyBacktest",
    "backtest_occupancy",
    "champion",
    "fed_by_totals",
]

Occupancies = Mapping[str, Sequence[DatedPoint]]
"""Dated points by series, each series by day."""

MakeForecaster = Callable[[Sequence[str]], Forecaster]
"""Makes an unfitted inflow forecaster for what is known and the series that are named."""

PATHS = 2001

TOTAL_INFLOW = "inflow"
"""What the entry of a chain is called that the total inflow of each series feeds."""

MODEL, BASELINE = Method.COMBINATION.value, "random_walk"
METHODS = (Method.COMBINATION, Method.CHAIN, Method.DIRECT)
"""The champion first: only totals are known here."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fold:
    """The forecasts of one series from one cutoff, and what came of them.

    Attributes:
        series_id: Which series.
        cutoff: Last month of which anything was known.
        months: The months forecast, shape (horizon,).
        quantiles: Per method, the model first, persons on the last day of each month at
            LEVELS [persons], shape (horizon, levels).
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
        method: The model or a baseline.
        relative: CRPS relative to the log random walk, geometric mean over series [-].
        covered_80: Share of outcomes in the 80 % interval [-].
        percentage_error: Mean absolute error of the median, as a share of the outcome [-].
        bias: Mean of median forecast minus actual [persons].
    """

    method: str
    relative: float
    covered_80: float
    percentage_error: float
    bias: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OccupancyBacktest:
    """What a backtest found.

    Attributes:
        folds: One per cutoff and series, in that order.
    """

    folds: tuple[Fold, ...]

    @property
    def targets(self) -> int:
        """How many outcomes the forecasts could be held against."""
        return int(sum(np.isfinite(fold.actual).sum() for fold in self.folds))

    @property
    def forecasts(self) -> list[QuantileForecast]:
        """The model's forecasts, as a forecast file holds them."""
        return [
            QuantileForecast(
                cutoff=fold.cutoff,
                series_ids=(fold.series_id,),
                frequency=Frequency.MONTH,
                origins=fold.months[:1] - 1,
                persons=fold.quantiles[MODEL][None],
            )
            for fold in self.folds
        ]

    def scores(self) -> list[MethodScore]:
        """Every method on every outcome that is known, the model first; NaN if none is."""
        names = sorted({fold.series_id for fold in self.folds})
        rows = [[fold for fold in self.folds if fold.series_id == name] for name in names]
        actual = np.array([[fold.actual for fold in row] for row in rows])
        tables = {
            method: np.array([[fold.quantiles[method] for fold in row] for row in rows])
            for method in self.folds[0].quantiles
        }
        losses = {method: crps(actual, table) for method, table in tables.items()}
        return [
            MethodScore(
                method=method,
                relative=relative_score(losses[method], losses[BASELINE]),
                covered_80=coverage(actual, table, 0.8),
                percentage_error=_percentage_error(actual, table[..., len(LEVELS) // 2]),
                bias=bias(actual, table[..., len(LEVELS) // 2]) if self.targets else float("nan"),
            )
            for method, table in tables.items()
        ]

    def table(self) -> list[list[str]]:
        """The scores as rows of text, the header first."""
        rows = [["method", "relative", "in 80 %", "error of median", "bias"]]
        rows += [
            [
                score.method,
                f"{score.relative:.3f}",
                f"{score.covered_80:.1%}",
                f"{score.percentage_error:.1%}",
                f"{score.bias:+.0f}",
            ]
            for score in self.scores()
        ]
        return rows


def champion(series_ids: Sequence[str]) -> Forecaster:
    """The inflow champion; series that have no occupancy only help it to learn."""
    targets = tuple(series_ids)
    return Ensemble(champion_members(prophet=partial(ProphetMember, only=targets)), targets=targets)


def backtest_occupancy(
    inflow: Panel,
    occupancy: Occupancies,
    *,
    cutoffs: Sequence[np.datetime64],
    horizon: int,
    seed: int,
    progress: Progress | None = None,
    chain: ChainSpecification | None = None,
    make_forecaster: MakeForecaster = champion,
) -> OccupancyBacktest:
    """Forecast every series of the occupancy file from every cutoff.

    Args:
        inflow: All inflow series, by month or quarter [persons].
        occupancy: The points of each series; the inflow of the same name feeds it.
        cutoffs: Everything that had ended by the last day of these months is known.
        horizon: Months ahead of the cutoff.
        seed: Seed of all chance; every series and cutoff has its own stream.
        progress: Told after each cutoff.
        chain: The chain of every series, as `fed_by_totals` lets it through; a single stage by
            default.
        make_forecaster: Of the inflow; the champion unless told otherwise.

    Raises:
        InvalidInput: a series without inflow, too little known at a cutoff, or points that
            contradict each other or the inflow.
    """
    strangers = sorted(set(occupancy) - set(inflow.series_ids))
    if strangers:
        raise InvalidInput(f"Series {strangers[0]!r} has occupancy but no inflow of that name.")
    wanted = sorted(set(cutoffs))
    if not wanted or horizon < 1:
        raise InvalidInput("A backtest needs at least one cutoff and a horizon of at least 1.")
    for cutoff in wanted:
        _require_enough(inflow, occupancy, cutoff)
    folds: list[Fold] = []
    for done, cutoff in enumerate(wanted, start=1):
        folds += _from_cutoff(
            inflow,
            occupancy,
            cutoff=cutoff,
            horizon=horizon,
            make_forecaster=make_forecaster,
            chain=chain,
            seed=seed,
        )
        if progress is not None:
            progress(done, len(wanted))
    return OccupancyBacktest(folds=tuple(folds))


def fed_by_totals(chain: ChainSpecification, *, name: str) -> tuple[str, ...]:
    """Which series measure a part of a chain, so that two files of totals say nothing of them.

    Args:
        chain: A chain of one's own.
        name: Of its file.

    Raises:
        InvalidFile: totals cannot feed it.
    """
    if chain.inflows != (TOTAL_INFLOW,):
        reason = (
            f"are fed by {', '.join(map(repr, chain.inflows)) or 'no series'}; where only totals "
            f"are known, the one that is counted is called {TOTAL_INFLOW!r}, and the inflow of the "
            "same name as the occupancy feeds it."
        )
        raise InvalidFile(name, [Fault(column="entries", reason=reason)])
    return tuple(
        part.series_id
        for part in chain.measurements
        if part.groups or part.stages or part.measured is not Measured.STOCK
    )


def _seen(points: Sequence[DatedPoint], cutoff: np.datetime64) -> list[DatedPoint]:
    """The points dated by the last day of the cutoff month."""
    end = int(cutoff.astype("datetime64[M]").astype(int)) + 1
    return [point for point in points if point.moment <= end + 1e-9]


def _require_enough(inflow: Panel, occupancy: Occupancies, cutoff: np.datetime64) -> None:
    """Refuse a cutoff at which a series cannot be forecast, before any long work begins."""
    known = usable(inflow.until(cutoff)).series_ids
    for series_id, points in occupancy.items():
        if series_id not in known:
            raise InvalidInput(f"The inflow of {series_id!r} has too few figures by {cutoff}.")
        if len(_seen(points, cutoff)) < 2:
            raise InvalidInput(f"Series {series_id!r} has fewer than two points by {cutoff}.")


def _from_cutoff(
    inflow: Panel,
    occupancy: Occupancies,
    *,
    cutoff: np.datetime64,
    horizon: int,
    make_forecaster: MakeForecaster,
    chain: ChainSpecification | None,
    seed: int,
) -> list[Fold]:
    known = usable(inflow.until(cutoff))
    months = month_range(cutoff.astype("datetime64[M]") + 1, horizon)
    stream = int(months[0].astype(int))
    # Each series may have its own last period; the longest way to the horizon serves all.
    length = known.frequency.months
    ended = int(known.select(tuple(occupancy)).origins.min().astype(int)) + length
    steps = -(-(stream + horizon - ended) // length)
    forecaster = make_forecaster(tuple(occupancy)).fit(known)
    sampled = forecaster.sample(steps, paths=PATHS, rng=np.random.default_rng([seed, stream]))
    folds = []
    for series_id, points in occupancy.items():
        seen = _seen(points, cutoff)
        rng = np.random.default_rng([seed, stream, crc32(series_id.encode())])
        model = fit_total(
            seen, known, sampled, inflow_id=series_id, need_id=series_id, rng=rng, chain=chain
        )
        begin = int((months[0] - model.chain.until).astype(int)) - 1
        quantiles = {}
        # The same chance for every method, so that only the methods differ.
        chance = int(rng.integers(2**32))
        for method in METHODS:
            need = model.sample(
                sampled, rng=np.random.default_rng(chance), need_id=series_id, method=method
            )
            paths = need.of(series_id)[:, begin : begin + horizon]
            quantiles[method.value] = np.quantile(paths, LEVELS, axis=0).T
        folds.append(
            Fold(
                series_id=series_id,
                cutoff=cutoff,
                months=months,
                quantiles={
                    **quantiles,
                    BASELINE: random_walk(seen, months),
                    "last_value": last_value(seen, months),
                },
                actual=month_ends(points, months),
            )
        )
    return folds


def _percentage_error(actual: Floats, median: Floats) -> float:
    """Mean absolute error as a share of the outcome [-]; NaN if no outcome is known."""
    error = np.abs(median / actual - 1)[np.isfinite(actual)]
    return float(error.mean()) if error.size else float("nan")
