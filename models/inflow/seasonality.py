# SPDX-License-Identifier: EUPL-1.2
"""The yearly pattern of a series, shrunk towards none where it cannot be told from noise."""

from functools import lru_cache

import numpy as np

from models.types import Floats

__all__ = ["seasonal_indices"]

NORMAL_MEDIAN = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation [-]."""


def _centred_average(history: Floats, season: int) -> Floats:
    """Moving average over one season, centred; NaN where the window is not full."""
    weights = np.ones(season + 1) / season
    if season % 2 == 0:
        weights[[0, -1]] /= 2
    else:
        weights = np.ones(season) / season
    trend = np.full_like(history, np.nan)
    half = len(weights) // 2
    if len(history) >= len(weights):
        trend[half : len(history) - half] = np.convolve(history, weights, mode="valid")
    return trend


def seasonal_indices(history: Floats, season: int) -> Floats:
    """Usual distance from the level of the year, by place in the season.

    Medians, since one surge must not become a pattern; shrunk by the share of their variance
    that noise alone would give (James-Stein).

    Args:
        history: log(persons + 5), NaN in gaps, shape (periods,).
        season: Periods in a year.

    Returns:
        Indices [log persons], shape (season,); entry k holds for periods k, k + season, ...
        of the history. Zero where two full years are not known.

    Source:
        docs/methods.md, Inflow, equation 2.
    """
    return _indices_of(np.ascontiguousarray(history, dtype=float).tobytes(), season)


# A backtest asks for the same beginnings of the same histories at every later cutoff.
@lru_cache(maxsize=20_000)
def _indices_of(history_bytes: bytes, season: int) -> Floats:
    indices = _indices(np.frombuffer(history_bytes), season)
    indices.setflags(write=False)
    return indices


def _indices(history: Floats, season: int) -> Floats:
    nothing = np.zeros(season)
    if season < 2 or len(history) < 2 * season:
        return nothing
    known = np.flatnonzero(np.isfinite(history))
    filled = np.interp(np.arange(len(history)), known, history[known])
    distance = np.where(np.isfinite(history), filled - _centred_average(filled, season), np.nan)
    years = -(-len(distance) // season)
    padded = np.full(years * season, np.nan)
    padded[: len(distance)] = distance
    table = padded.reshape(years, season)
    count = np.isfinite(table).sum(axis=0)
    if (count == 0).any():
        return nothing
    # Sorting puts the unknown last, so the middle of the known is found by counting.
    ordered = np.sort(table, axis=0)
    places = np.arange(season)
    indices = (ordered[(count - 1) // 2, places] + ordered[count // 2, places]) / 2
    indices = indices - indices.mean()
    # Noise is measured by its median too, or one surge would hide every pattern for good.
    left = np.abs(table - indices)
    years_seen = float(count.mean())
    lost = years_seen / max(years_seen - 1, 0.5)
    noise = lost * (NORMAL_MEDIAN * float(np.median(left[np.isfinite(left)]))) ** 2
    spread = indices.var()
    if spread <= 0:
        return nothing
    shrunk: Floats = indices * max(0.0, 1 - noise * float(np.mean(1 / count)) / float(spread))
    return shrunk
