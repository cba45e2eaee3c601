# SPDX-License-Identifier: EUPL-1.2
"""Scale-free features of every series at every origin: the same words for large and small.

Everything about an origin is computed from what had happened by then, seasonal pattern and
smoothing gain included, so that a row means the same in learning and in forecasting.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from models.inflow.base import SHIFT, log_persons, minimum_figures, season_of
from models.inflow.seasonality import seasonal_indices
from models.inflow.smoothing import aligned, average_smoothing
from models.types import Floats, Panel

__all__ = ["FEATURES", "SPREAD_FEATURES", "Origins", "describe_origins"]

FEATURES = (
    "last_figure",
    "quarter_level",
    "half_year_level",
    "year_level",
    "two_year_level",
    "whole_level",
    "common_movement",
    "momentum_by_gain",
    "momentum_by_volatility",
)
"""Distances from the smoothed level, in units of the usual yearly movement of the series."""

SPREAD_FEATURES = ("gain", "noise", "recent_volatility", "momentum_size", "distance_size")

MEMORY_YEARS = 2
"""After this long a one-step error counts half for gain and noise [years]."""

LIMIT = 5.0
"""No distance counts for more than this many usual yearly movements [-]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Moments to forecast from, one row per series and period.

    Attributes:
        series: Row of the panel, shape (rows,).
        period: Column of the panel, shape (rows,).
        level: Smoothed, seasonally adjusted level [log persons], shape (rows,).
        gain: Smoothing gain, 0 for noise around a level, 1 for a random walk [-], shape (rows,).
        noise: Usual one-step error [log persons], shape (rows,).
        season: Seasonal index of the next periods [log persons], shape (rows, season).
        features: Columns FEATURES, shape (rows, features).
        spread_features: Columns SPREAD_FEATURES, shape (rows, spread features).
    """

    series: np.ndarray[tuple[int], np.dtype[np.intp]]
    period: np.ndarray[tuple[int], np.dtype[np.intp]]
    level: Floats
    gain: Floats
    noise: Floats
    season: Floats
    features: Floats
    spread_features: Floats

    @property
    def yearly_movement(self) -> Floats:
        """Usual movement in a year, as smoothing expects it [log persons], shape (rows,)."""
        movement: Floats = self.noise * np.sqrt(1 + (self.season.shape[1] - 1) * self.gain**2)
        return movement

    def season_ahead(self, horizon: int) -> Floats:
        """Seasonal index of each step ahead [log persons], shape (rows, horizon)."""
        ahead: Floats = self.season[:, np.arange(horizon) % self.season.shape[1]]
        return ahead

    def spread_ahead(self, horizon: int) -> Floats:
        """Spread of simple smoothing at each step ahead [log persons], shape (rows, horizon)."""
        steps = np.arange(horizon)
        spread: Floats = self.noise[:, None] * np.sqrt(1 + steps * self.gain[:, None] ** 2)
        return spread

    def last_of(self, count: int) -> list[int | None]:
        """Row of the last origin of each of `count` series; None where there is none."""
        rows: list[int | None] = []
        for series in range(count):
            found = np.flatnonzero(self.series == series)
            rows.append(int(found[-1]) if len(found) else None)
        return rows


def describe_origins(
    panel: Panel, *, only_last: bool = False, memory_years: float = MEMORY_YEARS
) -> Origins:
    """Describe every origin of a panel that has enough history behind it.

    Args:
        panel: What is known.
        only_last: Only the last figure of each series, and what moved together with it.
        memory_years: After this long a one-step error counts half for gain and noise [years].

    Source:
        docs/methods.md, Inflow, equations 4 and 5.
    """
    return _described(panel, only_last=only_last, memory_years=memory_years)


# Several members look at one panel; it is described once, however they put the question.
@lru_cache(maxsize=4)
def _described(panel: Panel, *, only_last: bool, memory_years: float) -> Origins:
    season = season_of(panel.frequency)
    adjusted, series, period, indices = [], [], [], []
    for row, values in enumerate(log_persons(panel)):
        for column, history, index in _origins_of(
            values, season, minimum_figures(panel.frequency), only_last=only_last
        ):
            adjusted.append(history)
            series.append(row)
            period.append(column)
            indices.append(index)
    table = aligned(adjusted)
    level, gain, noise = average_smoothing(table, half_life=memory_years * season)
    gain = np.maximum(gain, 0.1)
    noise = np.maximum(noise, _counting_noise(_level_over(table, season)) / 2)
    features, spread_features = _features(
        table, season=season, level=level, gain=gain, noise=noise, period=np.array(period)
    )
    return Origins(
        series=np.array(series, dtype=np.intp),
        period=np.array(period, dtype=np.intp),
        level=level,
        gain=gain,
        noise=noise,
        season=np.array(indices),
        features=features,
        spread_features=spread_features,
    )


def _origins_of(
    values: Floats, season: int, needed: int, *, only_last: bool
) -> list[tuple[int, Floats, Floats]]:
    """Column, adjusted history and seasonal indices ahead of each origin of one series."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return []
    first, last = known[0], known[-1]
    filled = np.interp(np.arange(first, last + 1), known, values[known])
    columns = known[known - first + 1 >= needed]
    found = []
    for column in columns[-1:] if only_last else columns:
        # A gap before the origin is bridged from figures on both sides, all of them known then.
        history = filled[: column - first + 1]
        index = seasonal_indices(history, season)
        places = np.arange(len(history))
        ahead = index[(len(history) + np.arange(season)) % season]
        found.append((int(column), history - index[places % season], ahead))
    return found


def _level_over(table: Floats, periods: int) -> Floats:
    """Mean over the last periods of each adjusted history, or over all if there are fewer."""
    level: Floats = np.nanmean(table[:, -periods:], axis=1)
    return level


def _counting_noise(level: Floats) -> Floats:
    """Noise that counting alone gives at a level: the root of the count, on the log scale."""
    persons = np.maximum(np.exp(level) - SHIFT, 1.0)
    noise: Floats = np.sqrt(persons) / (persons + SHIFT)
    return noise


def _features(
    table: Floats,
    *,
    season: int,
    level: Floats,
    gain: Floats,
    noise: Floats,
    period: np.ndarray[tuple[int], np.dtype[np.intp]],
) -> tuple[Floats, Floats]:
    yearly = noise * np.sqrt(1 + (season - 1) * gain**2)
    quarter = max(season // 4, 1)
    windows = (1, quarter, 2 * quarter, season, 2 * season, table.shape[1])
    levels = np.stack([_level_over(table, window) for window in windows], axis=1)
    distance = np.clip((levels - level[:, None]) / yearly[:, None], -LIMIT, LIMIT)
    momentum = distance[:, 1] - distance[:, 3]
    common = np.zeros(len(table))
    for moment in np.unique(period):
        together = period == moment
        common[together] = momentum[together].mean()
    changes = np.diff(table, axis=1)
    recent = np.sqrt(np.nanmean(changes[:, -season:] ** 2, axis=1))
    usual = np.sqrt(np.nanmean(changes**2, axis=1))
    volatility = np.log(np.maximum(recent, 1e-3) / np.maximum(usual, 1e-3))
    features = np.column_stack([distance, common, momentum * gain, momentum * volatility])
    spread_features = np.column_stack(
        [
            np.log(gain),
            np.log(noise),
            volatility,
            np.minimum(np.abs(momentum), 3),
            np.minimum(np.abs(distance[:, 5]), 3),
        ]
    )
    return features, spread_features
