# SPDX-License-Identifier: EUPL-1.2
"""A learner pooled over all series and horizons: what one country has seen helps the others.

Two ridge regressions on scale-free features, one for where a series goes and one for how far it
may stray, and the quantiles of what they leave unexplained.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.random import Generator
from sklearn.linear_model import Ridge

from models.errors import NotFitted
from models.inflow.base import require_history, season_of
from models.inflow.features import Origins, describe_origins
from models.inflow.paths import SCORES, draw_alone
from models.types import LEVELS, Floats, Panel, SamplePaths

__all__ = ["PoolParameters", "Pooled", "learn_pool"]

PENALTY = 100.0
"""Weight of "no movement" against the figures, in origins [-]."""

SPREAD_PENALTY = 30.0
"""The same for the spread."""

SURPRISE_LIMIT = 4.0
"""A surprise counts for no more than this many usual spreads in learning the direction [-]."""

FEWEST = 60
"""Fewest errors near a horizon before their own quantiles are used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolParameters:
    """What the pool learned; plain numbers, so that they can be published without pickle.

    Attributes:
        season: Periods in a year of the panel learned from.
        centre: Mean of each feature, shape (features,).
        scale: Spread of each feature, shape (features,).
        direction: Coefficients by feature and horizon function, shape (3 features,).
        spread_centre: Mean of each spread feature.
        spread_scale: Spread of each spread feature.
        spread: Coefficients of the log spread, shape (3 + 3 spread features,).
        quantiles: Of the standardised error at LEVELS, shape (2 seasons, levels).
    """

    season: int
    centre: Floats
    scale: Floats
    direction: Floats
    spread_centre: Floats
    spread_scale: Floats
    spread: Floats
    quantiles: Floats

    def to_json(self) -> dict[str, Any]:
        """As plain lists; numbers survive the round trip exactly."""
        return {
            "season": self.season,
            **{
                name: getattr(self, name).tolist()
                for name in self.__dataclass_fields__
                if name != "season"
            },
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Back from plain lists."""
        arrays = {name: np.array(part) for name, part in value.items() if name != "season"}
        return cls(season=int(value["season"]), **arrays)


def _horizon_functions(horizon: Floats, season: int) -> Floats:
    """A constant, a slow and a fast function of the horizon, shape (targets, 3)."""
    months = horizon * 12 / season
    return np.column_stack(
        [np.ones_like(months), np.log1p(months) / np.log(25), np.exp(-months / 6)]
    )


def _crossed(features: Floats, functions: Floats) -> Floats:
    """Every feature times every function of the horizon, shape (targets, 3 features)."""
    columns = features.shape[1] * functions.shape[1]
    return (features[:, :, None] * functions[:, None, :]).reshape(len(features), columns)


def _ridge(columns: Floats, targets: Floats, *, alpha: float) -> Floats:
    """Coefficients without intercept; none at all where there is nothing to learn from yet."""
    if not len(targets):
        return np.zeros(columns.shape[1])
    fitted = Ridge(alpha=alpha, fit_intercept=False).fit(columns, targets)
    coefficients: Floats = fitted.coef_
    return coefficients


def _targets(panel: Panel, origins: Origins, horizon: int) -> Floats:
    """Movements after each origin in usual spreads, NaN where unknown, shape (rows, horizon)."""
    columns = origins.period[:, None] + np.arange(1, horizon + 1)
    inside = np.minimum(columns, panel.persons.shape[1] - 1)
    log_values = np.log(panel.persons[origins.series[:, None], inside] + 5)
    future = np.where(columns == inside, log_values, np.nan)
    moved: Floats = (
        future - origins.season_ahead(horizon) - origins.level[:, None]
    ) / origins.spread_ahead(horizon)
    return moved


def learn_pool(panel: Panel, *, origins: Origins | None = None) -> PoolParameters:
    """Learn direction, spread and error quantiles from everything a panel has seen.

    Source:
        docs/methods.md, Inflow, equations 5 to 7.
    """
    season = season_of(panel.frequency)
    horizon = 2 * season
    origins = describe_origins(panel) if origins is None else origins
    targets = _targets(panel, origins, horizon)
    row, step = np.nonzero(np.isfinite(targets))
    moved = targets[row, step]
    functions = _horizon_functions((step + 1).astype(float), season)

    centre, scale = origins.features.mean(axis=0), origins.features.std(axis=0) + 1e-6
    crossed = _crossed((origins.features[row] - centre) / scale, functions)
    # Overlapping windows say nearly the same, so the penalty counts in origins, not in targets.
    direction = _ridge(
        crossed,
        np.clip(moved, -SURPRISE_LIMIT, SURPRISE_LIMIT),
        alpha=PENALTY * 10 * horizon,
    )
    error = moved - crossed @ direction

    spread_centre = origins.spread_features.mean(axis=0)
    spread_scale = origins.spread_features.std(axis=0) + 1e-6
    known = (origins.spread_features[row] - spread_centre) / spread_scale
    # The functions of the horizon alone are all but free of the penalty: a larger column.
    columns = np.column_stack([100 * functions, _crossed(known, functions)])
    size = np.log(np.maximum(np.abs(error), 0.05))
    spread = _ridge(columns, size, alpha=SPREAD_PENALTY * 10 * horizon)
    standardised = error / np.exp(columns @ spread)
    return PoolParameters(
        season=season,
        centre=centre,
        scale=scale,
        direction=direction,
        spread_centre=spread_centre,
        spread_scale=spread_scale,
        spread=spread,
        quantiles=_error_quantiles(standardised, step + 1, season),
    )


def _error_quantiles(
    standardised: Floats, step: np.ndarray[tuple[int], np.dtype[np.intp]], season: int
) -> Floats:
    """Quantiles of the standardised error near each horizon, shape (2 seasons, levels).

    Their median is put at zero and half their skewness is taken away: which way a few years
    happened to go is not taken for a law.
    """
    horizon = 2 * season
    usual = SCORES * (float(np.sqrt(np.mean(standardised**2))) if len(standardised) else 1.0)
    quantiles = np.empty((horizon, len(LEVELS)))
    for ahead in range(1, horizon + 1):
        near = standardised[np.abs(step - ahead) <= season / 2]
        if len(near) >= FEWEST:
            usual = np.quantile(near, LEVELS)
            usual = usual - usual[len(LEVELS) // 2]
            usual = 0.5 * usual + 0.25 * (usual - usual[::-1])
        quantiles[ahead - 1] = usual
    return quantiles


class Pooled:
    """Forecasts every series of a panel with parameters learned across series.

    Attributes:
        parameters: Learned before and elsewhere; learned from the panel itself if None.
    """

    name = "pooled"

    def __init__(self, parameters: PoolParameters | None = None) -> None:
        self._given = parameters
        self._panel: Panel | None = None

    def fit(self, panel: Panel) -> Self:
        """Learn across the panel and describe where each series stands now."""
        require_history(panel)
        self._origins = describe_origins(panel, only_last=self._given is not None)
        self.parameters = self._given or learn_pool(panel, origins=self._origins)
        self._panel = panel
        return self

    def log_quantiles(self, horizon: int) -> Floats:
        """Quantiles of log(persons + 5) at LEVELS, shape (series, horizon, levels)."""
        if self._panel is None:
            raise NotFitted(self.name)
        learned, origins = self.parameters, self._origins
        # Beyond what was learned the functions of the horizon stand still; the spread does not.
        steps = np.minimum(np.arange(1.0, horizon + 1), len(learned.quantiles))
        functions = _horizon_functions(steps, learned.season)
        errors = learned.quantiles[steps.astype(int) - 1]
        quantiles = np.full((len(self._panel.series_ids), horizon, len(LEVELS)), np.nan)
        seasons, spreads = origins.season_ahead(horizon), origins.spread_ahead(horizon)
        for series, row in enumerate(origins.last_of(len(quantiles))):
            if row is None:
                continue
            feature = (origins.features[row] - learned.centre) / learned.scale
            moved = _crossed(np.tile(feature, (horizon, 1)), functions) @ learned.direction
            known = (origins.spread_features[row] - learned.spread_centre) / learned.spread_scale
            size = np.exp(
                np.column_stack(
                    [100 * functions, _crossed(np.tile(known, (horizon, 1)), functions)]
                )
                @ learned.spread
            )
            quantiles[series] = (origins.level[row] + seasons[row])[:, None] + spreads[row][
                :, None
            ] * (moved[:, None] + size[:, None] * errors)
        return quantiles

    def sample(self, horizon: int, *, paths: int, rng: Generator) -> SamplePaths:
        """Draw connected futures [persons], shape (paths, series, horizon)."""
        quantiles = self.log_quantiles(horizon)
        return draw_alone(quantiles, panel=self._panel, paths=paths, rng=rng)
