# SPDX-License-Identifier: EUPL-1.2
"""Exponential smoothing with a damped trend, and Theta, on the seasonally adjusted log scale.

A compact implementation of our own: every smoothing parameter of a grid and every series runs in
one pass over time, two orders of magnitude faster than fitting one by one, and gaps are stepped
over. tests/models/inflow/test_smoothing.py holds it against statsmodels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Self

import numpy as np
from numpy.random import Generator

from models.errors import NotFitted
from models.inflow.base import histories, require_history, season_of
from models.inflow.paths import SCORES, draw_alone
from models.inflow.seasonality import seasonal_indices
from models.types import Floats, Panel, SamplePaths

__all__ = ["DampedSmoothing", "Theta", "aligned", "average_smoothing", "smooth"]

LEVEL_GAINS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
TREND_GAINS = (0.0, 0.05, 0.1, 0.2, 0.4)
DAMPINGS = (0.8, 0.9, 0.95)


def smooth(
    adjusted: Floats, *, alpha: Floats, beta: Floats, phi: Floats, memory: float = 1.0
) -> tuple[Floats, ...]:
    """Run the additive damped-trend recursion for every parameter set at once.

    Args:
        adjusted: Seasonally adjusted history, NaN before the first figure and in gaps,
            shape (series, periods).
        alpha: Gain of the level [-], shape (sets,).
        beta: Gain of the trend, already multiplied by the gain of the level [-], shape (sets,).
        phi: Damping [-], shape (sets,).
        memory: Share of the weight that a squared error keeps at each later one [-].

    Returns:
        Last level and last trend, mean squared one-step error, each of shape (series, sets),
        and the number of errors by their weight, shape (series,).

    Source:
        Hyndman, Koehler, Ord, Snyder (2008), Forecasting with Exponential Smoothing, 3.4.3;
        docs/methods.md, Inflow, equation 3.
    """
    known = np.isfinite(adjusted)
    first = np.argmax(known, axis=1)
    rows = np.arange(len(adjusted))
    level = np.repeat(adjusted[rows, first][:, None], len(alpha), axis=1)
    trend = np.zeros_like(level)
    squares = np.zeros_like(level)
    weight = np.zeros((len(adjusted), 1))
    for step in range(adjusted.shape[1]):
        seen = (known[:, step] & (first < step))[:, None]
        started = (first < step)[:, None]
        ahead = np.where(started, level + phi * trend, level)
        error = np.where(seen, adjusted[:, step][:, None] - ahead, 0.0)
        trend = np.where(started, phi * trend, trend) + beta * error
        level = ahead + alpha * error
        kept = np.where(seen, memory, 1.0)
        squares = kept * squares + error**2
        weight = kept * weight + seen
    return level, trend, squares / weight, weight[:, 0]


def aligned(rows: list[Floats]) -> Floats:
    """Histories of unequal length in one table, aligned at their last figure."""
    table = np.full((len(rows), max(map(len, rows))), np.nan)
    for index, row in enumerate(rows):
        table[index, -len(row) :] = row
    return table


def average_smoothing(adjusted: Floats, *, half_life: float) -> tuple[Floats, Floats, Floats]:
    """Level, gain and usual one-step error of simple smoothing, averaged over its gains.

    Each gain counts by its likelihood, so that one more figure moves the answer a little and
    never makes it jump from one gain to another; recent errors count for more.

    Args:
        adjusted: Seasonally adjusted histories aligned at their last figure,
            shape (series, periods).
        half_life: After this many figures an error counts half [periods].

    Returns:
        Level [log persons], gain [-] and one-step error [log persons], each of shape (series,).

    Source:
        docs/methods.md, Inflow, equation 4.
    """
    gains = np.array(LEVEL_GAINS)
    level, _, mean_square, count = smooth(
        adjusted,
        alpha=gains,
        beta=np.zeros_like(gains),
        phi=np.ones_like(gains),
        memory=0.5 ** (1 / half_life),
    )
    fit = -0.5 * count[:, None] * np.log(np.maximum(mean_square, 1e-6))
    weight = np.exp(fit - fit.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    average: tuple[Floats, Floats, Floats] = (
        (weight * level).sum(axis=1),
        (weight * gains).sum(axis=1),
        np.sqrt((weight * mean_square).sum(axis=1)),
    )
    return average


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Smoothed:
    """Where smoothing ends, for each series.

    Attributes:
        level: Last level [log persons], shape (series,).
        trend: Last trend [log persons per period], shape (series,).
        alpha: Gain of the level [-], shape (series,).
        beta: Gain of the trend [-], shape (series,).
        phi: Damping of the trend [-], shape (series,).
        sigma: Usual one-step error [log persons], shape (series,).
        slope: Of the straight line through the history [log persons per period], shape (series,).
        season: Seasonal index of the next periods [log persons], shape (series, season).
    """

    level: Floats
    trend: Floats
    alpha: Floats
    beta: Floats
    phi: Floats
    sigma: Floats
    slope: Floats
    season: Floats

    def fan(self, middle: Floats) -> Floats:
        """Quantiles around a middle of shape (series, horizon), the season put back."""
        horizon = middle.shape[1]
        steps = np.arange(1, horizon + 1)
        damped = np.cumsum(self.phi[:, None] ** steps, axis=1)
        # Response of the figure j steps on to one error now; its squares add up to the variance.
        response = self.alpha[:, None] + self.beta[:, None] * damped
        earlier = np.cumsum(response**2, axis=1) - response**2
        spread = self.sigma[:, None] * np.sqrt(1 + earlier)
        season = self.season[:, np.arange(horizon) % self.season.shape[1]]
        quantiles: Floats = (middle + season)[..., None] + spread[..., None] * SCORES
        return quantiles


def _smoothed(panel: Panel, grid: Sequence[tuple[float, float, float]]) -> Smoothed:
    """Adjust for the season and choose the parameters with the smallest one-step error."""
    require_history(panel)
    season = season_of(panel.frequency)
    rows = histories(panel)
    patterns = [seasonal_indices(row, season) for row in rows]
    adjusted = [
        row - pattern[np.arange(len(row)) % season]
        for row, pattern in zip(rows, patterns, strict=True)
    ]
    alpha, share, phi = np.array(grid).T
    beta = alpha * share
    level, trend, mean_square, _ = smooth(aligned(adjusted), alpha=alpha, beta=beta, phi=phi)
    best = np.argmin(mean_square, axis=1)
    at = np.arange(len(rows)), best
    return Smoothed(
        level=level[at],
        trend=trend[at],
        alpha=alpha[best],
        beta=beta[best],
        phi=phi[best],
        sigma=np.sqrt(mean_square[at]),
        slope=np.array([_slope(row) for row in adjusted]),
        season=np.array(
            [
                np.roll(pattern, -(len(row) % season))
                for row, pattern in zip(rows, patterns, strict=True)
            ]
        ),
    )


def _slope(row: Floats) -> float:
    known = np.flatnonzero(np.isfinite(row))
    return float(np.polyfit(known, row[known], 1)[0])


class DampedSmoothing:
    """Exponential smoothing with an additive damped trend: ETS(A, Ad, N) on adjusted logs."""

    name = "smoothing"

    def __init__(self) -> None:
        self._panel: Panel | None = None

    def fit(self, panel: Panel) -> Self:
        """Choose the smoothing parameters; raises InvalidInput if a series is too short."""
        self._state = _smoothed(panel, list(product(LEVEL_GAINS, TREND_GAINS, DAMPINGS)))
        self._panel = panel
        return self

    def log_quantiles(self, horizon: int) -> Floats:
        """Quantiles of log(persons + 5) at LEVELS, shape (series, horizon, levels)."""
        if self._panel is None:
            raise NotFitted(self.name)
        state = self._state
        damped = np.cumsum(state.phi[:, None] ** np.arange(1, horizon + 1), axis=1)
        return state.fan(state.level[:, None] + state.trend[:, None] * damped)

    def sample(self, horizon: int, *, paths: int, rng: Generator) -> SamplePaths:
        """Draw connected futures [persons], shape (paths, series, horizon)."""
        quantiles = self.log_quantiles(horizon)
        return draw_alone(quantiles, panel=self._panel, paths=paths, rng=rng)


class Theta:
    """Simple smoothing with half the slope of the whole history as drift.

    The drift is damped after a year, so that a slope of the past cannot run on for ever.

    Source:
        Assimakopoulos and Nikolopoulos (2000), Int. J. Forecasting 16, 521-530; Hyndman and
        Billah (2003), Unmasking the Theta method, Int. J. Forecasting 19, 287-290.
    """

    name = "theta"

    def __init__(self) -> None:
        self._panel: Panel | None = None

    def fit(self, panel: Panel) -> Self:
        """Choose the gain and measure the slope; raises InvalidInput if a series is too short."""
        self._state = _smoothed(panel, [(gain, 0.0, 1.0) for gain in LEVEL_GAINS])
        self._panel = panel
        return self

    def log_quantiles(self, horizon: int) -> Floats:
        """Quantiles of log(persons + 5) at LEVELS, shape (series, horizon, levels)."""
        if self._panel is None:
            raise NotFitted(self.name)
        drift = _drift_steps(np.arange(1.0, horizon + 1), season_of(self._panel.frequency))
        return self._state.fan(
            self._state.level[:, None] + 0.5 * self._state.slope[:, None] * drift
        )

    def sample(self, horizon: int, *, paths: int, rng: Generator) -> SamplePaths:
        """Draw connected futures [persons], shape (paths, series, horizon)."""
        quantiles = self.log_quantiles(horizon)
        return draw_alone(quantiles, panel=self._panel, paths=paths, rng=rng)


def _drift_steps(steps: Floats, season: int) -> Floats:
    """Periods of drift added by each step: all of them for a year, then fewer and fewer."""
    damping = 1 - 1 / (2 * season)
    later = np.maximum(steps - season, 0)
    total: Floats = np.minimum(steps, season) + (1 - damping**later) * damping / (1 - damping)
    return total
