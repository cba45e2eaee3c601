# SPDX-License-Identifier: EUPL-1.2
"""The pooled learner with boosted trees on what it leaves unexplained.

The trees learn quantiles of the pool's standardised errors from the same scale-free features, so
that where a few years teach nothing more, the pool's own quantiles are left as they are.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.random import Generator
from scipy.stats import norm

from models.errors import NotFitted
from models.inflow.base import require_history, season_of
from models.inflow.features import Origins, describe_origins
from models.inflow.paths import SCORES, draw_alone
from models.inflow.pooled import (
    PoolParameters,
    Rows,
    expected,
    fan_of,
    learn_pool,
    require_season,
    targets_of,
)
from models.inflow.trees import Forest, grow
from models.types import Floats, Panel, SamplePaths

__all__ = ["Boosted", "BoostedParameters", "learn_boosted"]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles that trees are grown for; the levels between them are read off a straight line."""

BENDS: Floats = norm.ppf(np.array(QUANTILES))

HORIZONS = 8
"""Horizons that the trees learn from, from the next period to two years ahead."""

APART = 3
"""Trees learn from origins at the end of a quarter; those between say nearly the same [months]."""

FEWEST = 300
"""Fewest targets before any tree is grown."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoostedParameters:
    """What pool and trees learned; plain numbers, so that they can be published without pickle.

    Attributes:
        pool: What the trees stand on.
        forests: One per quantile of QUANTILES; none where there was too little to learn from.
    """

    pool: PoolParameters
    forests: tuple[Forest, ...]

    def correction(self, origins: Origins, rows: Rows, steps: Floats) -> Floats:
        """What the trees add to the pool's standardised error quantiles [-].

        Args:
            origins: Moments to forecast from.
            rows: Which origin, by target, shape (targets,).
            steps: How far ahead [periods], shape (targets,).

        Returns:
            At LEVELS, shape (targets, levels).
        """
        if not self.forests:
            return np.zeros((len(rows), len(SCORES)))
        known = _columns(origins, rows, steps, self.pool.season)
        moved = np.stack([forest.predict(known) - forest.start for forest in self.forests])
        return np.array([np.interp(SCORES, BENDS, at) for at in moved.T]).reshape(-1, len(SCORES))

    def to_json(self) -> dict[str, Any]:
        """As plain lists; numbers survive the round trip exactly."""
        return {
            "pool": self.pool.to_json(),
            "forests": [forest.to_json() for forest in self.forests],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Back from plain lists."""
        return cls(
            pool=PoolParameters.from_json(value["pool"]),
            forests=tuple(Forest.from_json(forest) for forest in value["forests"]),
        )


def _columns(origins: Origins, rows: Rows, steps: Floats, season: int) -> Floats:
    """What the trees may ask about, shape (targets, features + spread features + 1)."""
    months = steps * 12 / season
    return np.column_stack([origins.features[rows], origins.spread_features[rows], months])


def learn_boosted(panel: Panel) -> BoostedParameters:
    """Learn the pool, and trees on the quantiles of its errors.

    Source:
        docs/methods.md, Inflow, equation 7a.
    """
    pool = learn_pool(panel)
    season = season_of(panel.frequency)
    origins = describe_origins(panel)
    ahead = np.unique(np.round(np.geomspace(1, 2 * season, HORIZONS)).astype(int))
    targets = targets_of(panel, origins, 2 * season)[:, ahead - 1]
    months = panel.periods[origins.period].astype(int) + panel.frequency.months
    at_quarters_end = months % APART == 0
    rows, place = np.nonzero(np.isfinite(targets) & at_quarters_end[:, None])
    steps = ahead[place].astype(float)
    if len(rows) < FEWEST:
        return BoostedParameters(pool=pool, forests=())
    movement, size = expected(pool, origins, rows, steps)
    errors = (targets[rows, place] - movement) / size
    known = _columns(origins, rows, steps, season)
    return BoostedParameters(
        pool=pool, forests=tuple(grow(known, errors, level=level) for level in QUANTILES)
    )


class Boosted:
    """Forecasts every series of a panel with a pool and trees learned across series.

    Attributes:
        parameters: Learned before and elsewhere; learned from the panel itself if None.
    """

    name = "boosted"

    def __init__(self, parameters: BoostedParameters | None = None) -> None:
        self._given = parameters
        self._panel: Panel | None = None

    def fit(self, panel: Panel) -> Self:
        """Learn across the panel and describe where each series stands now."""
        require_history(panel)
        require_season(panel, None if self._given is None else self._given.pool)
        self.parameters = self._given or learn_boosted(panel)
        self._origins = describe_origins(panel, only_last=self._given is not None)
        self._panel = panel
        return self

    def log_quantiles(self, horizon: int) -> Floats:
        """Quantiles of log(persons + 5) at LEVELS, shape (series, horizon, levels)."""
        if self._panel is None:
            raise NotFitted(self.name)
        learned, origins = self.parameters, self._origins
        return fan_of(
            learned.pool,
            origins,
            self._panel,
            horizon,
            corrected=lambda rows, steps: learned.correction(origins, rows, steps),
        )

    def sample(self, horizon: int, *, paths: int, rng: Generator) -> SamplePaths:
        """Draw connected futures [persons], shape (paths, series, horizon)."""
        quantiles = self.log_quantiles(horizon)
        return draw_alone(quantiles, panel=self._panel, paths=paths, rng=rng)
