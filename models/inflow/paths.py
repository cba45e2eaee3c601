# SPDX-License-Identifier: EUPL-1.2
"""Connected futures from quantiles: values by quantile, order by a rank template."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.random import Generator
from scipy.stats import norm

from models.errors import InvalidInput, NotFitted
from models.inflow.base import from_log
from models.types import LEVELS, Floats, Panel, SamplePaths

__all__ = [
    "SCORES",
    "Dependence",
    "draw_alone",
    "draw_paths",
    "random_walk_correlation",
    "sum_quantiles",
    "values_at",
]

SCORES: Floats = norm.ppf(LEVELS)
"""The normal score of each level [-], shape (levels,)."""


def random_walk_correlation(horizon: int) -> Floats:
    """Correlation between the steps of a random walk, sqrt(i / j), shape (horizon, horizon)."""
    steps = np.arange(1, horizon + 1)
    low, high = np.minimum.outer(steps, steps), np.maximum.outer(steps, steps)
    correlation: Floats = np.sqrt(low / high)
    return correlation


PRIOR_OUTCOMES = 20.0
"""The dependence held beforehand counts for this many independent outcomes [outcomes]."""


SUM_PATHS = 1001
"""Paths that the quantiles of a sum are read off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """How errors of different periods and series go together.

    Attributes:
        persistence: Correlation of the lasting part from one period to the next [-], in (0, 1).
        noise: Share of each period's error that touches that period alone [-], in [0, 1].
        common: Share that all series have together [-], in [0, 1].

    Source:
        docs/methods.md, Inflow, equation 11.
    """

    persistence: float = 0.95
    noise: float = 0.1
    common: float = 0.2

    def __post_init__(self) -> None:
        if not 0 < self.persistence < 1 or not 0 <= self.noise <= 1 or not 0 <= self.common <= 1:
            raise InvalidInput(f"{self} is no dependence: shares lie between 0 and 1.")

    def correlation(self, horizon: int) -> Floats:
        """Correlation between periods ahead, shape (horizon, horizon)."""
        steps = np.arange(horizon)
        lasting = self.persistence ** np.abs(np.subtract.outer(steps, steps))
        matrix: Floats = (1 - self.noise) * lasting + self.noise * np.eye(horizon)
        return matrix

    @classmethod
    def learn(cls, scores: Floats, *, errors: float) -> Self:
        """From the normal scores of past outcomes.

        Args:
            scores: Normal scores [-], NaN where unknown, shape (folds, series, horizon).
            errors: How many outcomes are independent [outcomes].

        Returns:
            Between what was seen and what is held beforehand.

        Source:
            docs/methods.md, Inflow, equation 11.
        """
        held = cls()
        near, far = 1, max(scores.shape[2] // 4, 2)
        close, distant = _lag_correlation(scores, near), _lag_correlation(scores, far)
        if not (0 < distant <= close):
            return held
        persistence = float(np.clip((distant / close) ** (1 / (far - near)), 0.8, 0.995))
        noise = float(np.clip(1 - close / persistence, 0.0, 0.6))
        share = errors / (errors + PRIOR_OUTCOMES)
        return cls(
            persistence=share * persistence + (1 - share) * held.persistence,
            noise=share * noise + (1 - share) * held.noise,
            common=share * _common_share(scores) + (1 - share) * held.common,
        )

    def to_json(self) -> dict[str, Any]:
        """As plain numbers."""
        return {"persistence": self.persistence, "noise": self.noise, "common": self.common}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Back from plain numbers."""
        return cls(**value)


def _lag_correlation(scores: Floats, lag: int) -> float:
    """Correlation of the errors of one forecast at steps `lag` apart [-]; 0 if unknown."""
    early, late = scores[:, :, :-lag], scores[:, :, lag:]
    both = np.isfinite(early) & np.isfinite(late)
    size = np.sqrt(np.sum(early[both] ** 2) * np.sum(late[both] ** 2))
    return float(np.sum(early[both] * late[both]) / size) if size > 0 else 0.0


def _common_share(scores: Floats) -> float:
    """Mean correlation between series of the errors at the same fold and step [-], at least 0."""
    known = np.isfinite(scores)
    count = known.sum(axis=1)
    filled = np.where(known, scores, 0.0)
    total, squares = filled.sum(axis=1), (filled**2).sum(axis=1)
    usable = count > 1
    pairs = (count * (count - 1))[usable].sum()
    power = (squares * (count - 1))[usable].sum()
    if pairs == 0 or power <= 0:
        return 0.0
    return float(np.clip((total**2 - squares)[usable].sum() / power, 0.0, 0.9))


def values_at(log_quantiles: Floats, probabilities: Floats) -> Floats:
    """Values of log(persons + 5) at any probability, piecewise linear in the normal score.

    Args:
        log_quantiles: Quantiles at LEVELS, shape (levels,).
        probabilities: In (0, 1) [-], any shape.

    Returns:
        Values on the log scale; beyond the outer levels the line through the median and the
        outermost quantile goes on, so that a forecast with normal tails keeps them.
    """
    wanted = norm.ppf(probabilities)
    values = np.interp(wanted, SCORES, log_quantiles)
    middle = log_quantiles[len(LEVELS) // 2]
    for outer, beyond in ((0, wanted < SCORES[0]), (-1, wanted > SCORES[-1])):
        slope = (log_quantiles[outer] - middle) / SCORES[outer]
        values = np.where(beyond, log_quantiles[outer] + slope * (wanted - SCORES[outer]), values)
    return values


def draw_paths(
    log_quantiles: Floats,
    *,
    panel: Panel,
    correlation: Floats,
    common: float,
    paths: int,
    rng: Generator,
) -> SamplePaths:
    """Connected futures whose own quantiles are the quantiles given.

    For every period the values are fixed by the quantiles; chance only decides which path gets
    which value, in the order of a normal template with the correlation given (a Schaake shuffle).

    Args:
        log_quantiles: Quantiles of log(persons + 5) at LEVELS, shape (series, horizon, levels).
        panel: What the forecast was made from: names, frequency and last known periods.
        correlation: Between periods ahead [-], shape (horizon, horizon).
        common: Share of the template that all series have together [-].
        paths: Number of futures.
        rng: Source of chance.

    Source:
        Clark and others (2004), The Schaake shuffle, J. Hydrometeorology 5, 243-262.
    """
    count, horizon, _ = log_quantiles.shape
    if paths < 2:
        raise InvalidInput(f"A fan needs at least two paths; {paths} were asked for.")
    root = np.linalg.cholesky(correlation + 1e-9 * np.eye(horizon))
    shared = rng.standard_normal((paths, horizon)) @ root.T
    # With a number of paths one above a multiple of 200 this grid meets every level exactly.
    grid = np.linspace(0, 1, paths)
    grid[[0, -1]] = 0.25 / paths, 1 - 0.25 / paths
    persons = np.empty((paths, count, horizon))
    for series in range(count):
        own = rng.standard_normal((paths, horizon)) @ root.T
        template = np.sqrt(common) * shared + np.sqrt(1 - common) * own
        ranks = np.argsort(np.argsort(template, axis=0, kind="stable"), axis=0, kind="stable")
        for step in range(horizon):
            ordered = from_log(values_at(log_quantiles[series, step], grid))
            persons[:, series, step] = ordered[ranks[:, step]]
    return SamplePaths(
        series_ids=panel.series_ids,
        frequency=panel.frequency,
        origins=panel.origins,
        persons=persons,
    )


def sum_quantiles(
    log_quantiles: Floats, *, panel: Panel, dependence: Dependence, rng: Generator
) -> Floats:
    """Quantiles of the sum over all periods of a forecast, read off its connected paths.

    Args:
        log_quantiles: Quantiles of log(persons + 5) at LEVELS, shape (series, horizon, levels).
        panel: What the forecast was made from.
        dependence: How its errors go together.
        rng: Source of chance.

    Returns:
        At LEVELS [persons], shape (series, levels).
    """
    drawn = draw_paths(
        log_quantiles,
        panel=panel,
        correlation=dependence.correlation(log_quantiles.shape[1]),
        common=dependence.common,
        paths=SUM_PATHS,
        rng=rng,
    )
    quantiles: Floats = np.quantile(drawn.persons.sum(axis=2), LEVELS, axis=0).T
    return quantiles


def draw_alone(
    log_quantiles: Floats, *, panel: Panel | None, paths: int, rng: Generator
) -> SamplePaths:
    """Futures of a member on its own: the usual dependence over time, none between series."""
    if panel is None:
        raise NotFitted("A member")
    return draw_paths(
        log_quantiles,
        panel=panel,
        correlation=Dependence().correlation(log_quantiles.shape[1]),
        common=0.0,
        paths=paths,
        rng=rng,
    )
