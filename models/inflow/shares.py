# SPDX-License-Identifier: EUPL-1.2
"""How a whole divides over its parts: shares that drift, learned from the past, drawn per path."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.random import Generator

from models.errors import InvalidInput
from models.inflow.base import minimum_figures, season_of
from models.periods import Frequency
from models.types import Floats

__all__ = ["Shares", "add_up", "fewest_periods"]

SMALL = 0.001
"""Added to every share before the logarithm, so that a part without arrivals is a number [-]."""

HALF_LIFE = 3
"""Within so many years a share comes half the way back to its long-run level [years]."""

GAINS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9)
"""How much of a period's surprise may last [-]; the past chooses."""

PRIOR_PERIODS = 20.0
"""That parts move apart from each other and from the whole counts for so many periods."""

GRAIN = 2.0**-10
"""Parts are whole multiples of this, the largest excepted [persons]."""


def fewest_periods(frequency: Frequency) -> int:
    """Fewest periods with every part known before shares are learned [periods]."""
    return 2 * minimum_figures(frequency)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares:
    """Log-ratios of the parts around a level that drifts and slowly returns.

    Attributes:
        level: Centred log-ratio of each part at the last known period [-], shape (parts,).
        long_run: The level it returns to [-], shape (parts,).
        keep: Part of the distance to the long run that is left after a period [-].
        gain: Part of a surprise that lasts [-].
        covariance: Of one period's surprises, the whole's explained part taken off,
            shape (parts, parts).
        response: Surprise per unit of surprise in the log of the whole [-], shape (parts,).
        whole_level: Smoothed log of the whole at the last known period [log persons].
        largest: Size of the largest surprise in the log of the whole so far [log].

    Source:
        docs/methods.md, "Components of inflow", equations 1 to 4.
    """

    level: Floats
    long_run: Floats
    keep: float
    gain: float
    covariance: Floats
    response: Floats
    whole_level: float
    largest: float

    @classmethod
    def learn(cls, persons: Floats, *, frequency: Frequency, follow_whole: bool = True) -> Self:
        """Learn from past counts of the parts.

        Args:
            persons: Counts [persons], shape (parts, periods); a period in which a part is
                unknown, or nobody arrived, is stepped over.
            frequency: Month or quarter.
            follow_whole: Whether shares move with surprises in the whole; a backtest shows what
                that brings.

        Raises:
            InvalidInput: too few periods with every part known.
        """
        whole = persons.sum(axis=0)
        known = np.isfinite(whole) & (whole > 0)
        if known.sum() < fewest_periods(frequency):
            raise InvalidInput(
                f"Shares need {fewest_periods(frequency)} periods with every part known; "
                f"{known.sum()} are."
            )
        season = season_of(frequency)
        ratios = np.full(persons.shape, np.nan)
        ratios[:, known] = _log_ratios(persons[:, known] / whole[known])
        logs = np.full(len(whole), np.nan)
        logs[known] = np.log(whole[known])
        long_run, keep = ratios[:, known].mean(axis=1), 0.5 ** (1 / (HALF_LIFE * season))
        walks = [_walk(ratios, long_run, keep=keep, gain=gain, start=season // 2) for gain in GAINS]
        chosen = int(np.argmin([_misfit(surprises) for _, surprises in walks]))
        level, surprises = walks[chosen]
        at, shocks = _walk(logs[None], np.zeros(1), keep=1.0, gain=GAINS[chosen], start=season // 2)
        response, covariance = _together(surprises, follow_whole * shocks[0])
        return cls(
            level=level,
            long_run=long_run,
            keep=keep,
            gain=GAINS[chosen],
            covariance=covariance,
            response=response,
            whole_level=float(at[0]),
            largest=float(np.abs(shocks).max()),
        )

    def draw(self, whole: Floats, *, rng: Generator) -> Floats:
        """Shares of the parts, along given futures of the whole.

        Args:
            whole: Counts [persons] in the periods after the last known one, NaN where the whole
                is not known either, shape (paths, periods).
            rng: Source of chance.

        Returns:
            Shares [-], never negative, adding up to one, shape (paths, parts, periods).
        """
        paths, periods = whole.shape
        values, vectors = np.linalg.eigh(self.covariance)
        # The square root that is symmetric: it favours no part by its place in the order.
        root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
        own = rng.standard_normal((periods, paths, len(self.level))) @ root
        ratios = np.empty((paths, len(self.level), periods))
        level, at = np.tile(self.level, (paths, 1)), np.full(paths, self.whole_level)
        for step in range(periods):
            # An empty month is as far below the level as any month has ever been.
            logs = np.log(np.maximum(whole[:, step], np.finfo(float).tiny))
            shock = np.nan_to_num(np.clip(logs - at, -self.largest, self.largest))
            surprise = own[step] + shock[:, None] * self.response
            expected = self.long_run + self.keep * (level - self.long_run)
            ratios[:, :, step] = expected + surprise
            level, at = expected + self.gain * surprise, at + self.gain * shock
        return _shares(ratios)


def add_up(whole: Floats, shares: Floats) -> Floats:
    """Parts that add up to the whole to the last digit, in whatever order they are added.

    All parts but the largest are rounded down to about a thousandth of a person (GRAIN), and the
    largest takes what is left. Differences of such numbers are exact in binary: nothing is lost.

    Args:
        whole: Counts [persons], shape (paths, periods).
        shares: Shares [-], shape (paths, parts, periods).

    Returns:
        Counts [persons], never negative, shape (paths, parts, periods).
    """
    parts = np.floor(whole[:, None, :] * shares / GRAIN) * GRAIN
    largest = np.argmax(shares, axis=1)[:, None, :]
    np.put_along_axis(parts, largest, 0.0, axis=1)
    rest = whole - parts.sum(axis=1)
    np.put_along_axis(parts, largest, rest[:, None, :], axis=1)
    return parts


def _log_ratios(shares: Floats) -> Floats:
    """Centred log-ratios (Aitchison 1986), shape (parts, periods)."""
    logs = np.log(shares + SMALL)
    ratios: Floats = logs - logs.mean(axis=0)
    return ratios


def _shares(ratios: Floats) -> Floats:
    """Back to shares, shape (paths, parts, periods)."""
    weights = np.exp(ratios - ratios.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    shares = np.maximum(weights * (1 + ratios.shape[1] * SMALL) - SMALL, 0.0)
    drawn: Floats = shares / shares.sum(axis=1, keepdims=True)
    return drawn


def _walk(
    values: Floats, long_run: Floats, *, keep: float, gain: float, start: int
) -> tuple[Floats, Floats]:
    """Follow series by exponential smoothing; what is unknown is stepped over.

    Returns:
        The level after the last period, shape (series,), and the surprises of the known
        periods after the first `start`, shape (series, known periods - start).
    """
    known = np.isfinite(values[0])
    opening = np.flatnonzero(known)[:start]
    level = values[:, opening].mean(axis=1)
    surprises = []
    for period in range(opening[-1] + 1, values.shape[1]):
        level = long_run + keep * (level - long_run)
        if known[period]:
            surprises.append(values[:, period] - level)
            level = level + gain * surprises[-1]
    return level, np.array(surprises).T


def _misfit(surprises: Floats) -> float:
    """Mean log of the size of one-step surprises; a part that never moves does not decide."""
    return float(np.mean(np.log(np.mean(surprises**2, axis=1) + SMALL**2)))


def _together(surprises: Floats, shocks: Floats) -> tuple[Floats, Floats]:
    """Response of the parts to the whole, and the covariance of what is left; both shrunk."""
    periods = len(shocks)
    believed = periods / (periods + PRIOR_PERIODS)
    power = float(np.sum(shocks**2))
    response = believed * (surprises @ shocks) / power if power > 0 else np.zeros(len(surprises))
    left = surprises - np.outer(response, shocks)
    seen = left @ left.T / periods
    shrunk = believed * seen + (1 - believed) * np.diag(np.diag(seen))
    parts = len(surprises)
    # Shrinking takes the log-ratios off the plane on which they sum to zero; this puts them back,
    # and gives them the variance again that is lost on the way.
    centre = np.eye(parts) - 1 / parts
    covariance = centre @ shrunk @ centre
    kept = float(np.trace(covariance))
    return response, covariance * (np.trace(seen) / kept if kept > 0 else 1.0)
