# SPDX-License-Identifier: EUPL-1.2
"""The forecasters every other one must beat: random walk and last year's month."""

from typing import Self

import numpy as np
from numpy.random import Generator

from models.errors import NotFitted
from models.inflow.base import histories, require_history, season_of
from models.inflow.paths import SCORES, draw_alone, draw_paths, random_walk_correlation
from models.types import Floats, Panel, SamplePaths

__all__ = ["LogRandomWalk", "SeasonalNaive"]


class LogRandomWalk:
    """The last figure, with a spread that grows with the root of the horizon, on the log scale.

    Source:
        docs/methods.md, Inflow, equation 1.
    """

    name = "random_walk"

    def __init__(self) -> None:
        self._panel: Panel | None = None

    def fit(self, panel: Panel) -> Self:
        """Learn last figure and usual one-step change; raises InvalidInput if too short."""
        require_history(panel)
        self._panel = panel
        return self

    def log_quantiles(self, horizon: int) -> Floats:
        """Quantiles of log(persons + 5) at LEVELS, shape (series, horizon, levels)."""
        if self._panel is None:
            raise NotFitted(self.name)
        known = [row[np.isfinite(row)] for row in histories(self._panel)]
        last = np.array([row[-1] for row in known])
        step = np.array([np.std(np.diff(row), ddof=1) for row in known])
        growth = np.sqrt(np.arange(1, horizon + 1))
        quantiles: Floats = last[:, None, None] + np.einsum("s,h,l->shl", step, growth, SCORES)
        return quantiles

    def sample(self, horizon: int, *, paths: int, rng: Generator) -> SamplePaths:
        """Draw connected futures [persons], shape (paths, series, horizon)."""
        if self._panel is None:
            raise NotFitted(self.name)
        return draw_paths(
            self.log_quantiles(horizon),
            panel=self._panel,
            correlation=random_walk_correlation(horizon),
            common=0.0,
            paths=paths,
            rng=rng,
        )


class SeasonalNaive:
    """The same month of the last known year, spread by how wrong that was before."""

    name = "seasonal_naive"

    def __init__(self) -> None:
        self._panel: Panel | None = None

    def fit(self, panel: Panel) -> Self:
        """Learn the last year and its usual change; raises InvalidInput if too short."""
        require_history(panel)
        self._panel = panel
        return self

    def log_quantiles(self, horizon: int) -> Floats:
        """Quantiles of log(persons + 5) at LEVELS, shape (series, horizon, levels)."""
        if self._panel is None:
            raise NotFitted(self.name)
        season = season_of(self._panel.frequency)
        quantiles = np.empty((len(self._panel.series_ids), horizon, len(SCORES)))
        for series, history in enumerate(histories(self._panel)):
            quantiles[series] = self._of(history, season, horizon)
        return quantiles

    @staticmethod
    def _of(history: Floats, season: int, horizon: int) -> Floats:
        known = np.flatnonzero(np.isfinite(history))
        filled = np.interp(np.arange(len(history)), known, history[known])
        year = filled[-season:] if len(filled) >= season else filled[-1:]
        change = history[season:] - history[:-season]
        change = change[np.isfinite(change)]
        if len(change) < season:
            # Less than a year of yearly changes: the one-step changes over a year stand in.
            spread = float(np.std(np.diff(filled), ddof=1)) * np.sqrt(season)
        else:
            spread = float(np.sqrt(np.mean(change**2)))
        steps = np.arange(horizon)
        middle = year[steps % len(year)]
        growth = np.sqrt(steps // season + 1)
        quantiles: Floats = middle[:, None] + spread * growth[:, None] * SCORES
        return quantiles

    def sample(self, horizon: int, *, paths: int, rng: Generator) -> SamplePaths:
        """Draw connected futures [persons], shape (paths, series, horizon)."""
        quantiles = self.log_quantiles(horizon)
        return draw_alone(quantiles, panel=self._panel, paths=paths, rng=rng)
