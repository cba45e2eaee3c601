# SPDX-License-Identifier: EUPL-1.2
"""A learner pooled over all series and horizons: what one country has seen helps the others.

Two ridge regressions on scale-free features, one for where a series goes and one for how far it
may stray, and the quantiles of what they leave unexplained.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.random import Generator
from sklearn.linear_model import Ridge

from models.calibration import weighted_quantile
from models.errors import InvalidInput, NotFitted
from models.inflow.base import SHIFT, require_history, season_of
from models.inflow.features import Origins, describe_origins
from models.inflow.paths import SCORES, draw_alone
from models.types import LEVELS, Floats, Panel, SamplePaths

__all__ = [
    "PoolParameters",
    "Pooled",
    "expected",
    "fan_of",
    "learn_pool",
    "require_season",
    "targets_of",
]

Rows = np.ndarray[tuple[int], np.dtype[np.intp]]

PENALTY = 100.0
"""Weight of "no movement" against the figures, in origins [-]."""

SPREAD_PENALTY = 30.0
"""The same for the spread."""

SURPRISE_LIMIT = 4.0
"""A surprise counts for no more than this many usual spreads in learning the direction [-]."""

FEWEST = 60
"""Fewest errors near a horizon before their own quantiles are used."""

CENTRES = (1 / 6, 1 / 2, 5 / 6)
"""Shares of the origins that are calmer than those that error quantiles are stated for [-]."""

NARROWEST = 0.2
"""Volatilities closer than this are not told apart [log]."""

FAR_SHARE = 0.1
"""What an error of a series with quite another volatility counts for [-]."""


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
        volatilities: Usual yearly movements that quantiles are known at [log of log persons],
            increasing, shape (volatilities,).
        quantiles: Of the standardised error at LEVELS, by horizon and volatility,
            shape (2 seasons, volatilities, levels).
    """

    season: int
    centre: Floats
    scale: Floats
    direction: Floats
    spread_centre: Floats
    spread_scale: Floats
    spread: Floats
    volatilities: Floats
    quantiles: Floats

    def errors(self, origins: Origins, rows: Rows, steps: Floats) -> Floats:
        """Quantiles of the standardised error of each target [-], shape (targets, levels).

        Args:
            origins: Moments to forecast from.
            rows: Which origin, by target, shape (targets,).
            steps: How far ahead, at most two seasons [periods], shape (targets,).
        """
        known = self.quantiles[steps.astype(int) - 1]
        moved = np.log(origins.yearly_movement[rows])
        places = np.interp(moved, self.volatilities, np.arange(len(self.volatilities)))
        share = np.maximum(1 - np.abs(places[:, None] - np.arange(len(self.volatilities))), 0)
        errors: Floats = np.einsum("tv,tvl->tl", share, known)
        return errors

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


def targets_of(panel: Panel, origins: Origins, horizon: int) -> Floats:
    """Movements after each origin, in the spread that smoothing expects [-].

    Args:
        panel: Figures, also those after the origins.
        origins: Moments to forecast from.
        horizon: How far ahead [periods].

    Returns:
        NaN where unknown, shape (rows, horizon).

    Source:
        docs/methods.md, Inflow, equation 5.
    """
    columns = origins.period[:, None] + np.arange(1, horizon + 1)
    inside = np.minimum(columns, panel.persons.shape[1] - 1)
    log_values = np.log(panel.persons[origins.series[:, None], inside] + SHIFT)
    future = np.where(columns == inside, log_values, np.nan)
    moved: Floats = (
        future - origins.season_ahead(horizon) - origins.level[:, None]
    ) / origins.spread_ahead(horizon)
    return moved


def expected(
    parameters: PoolParameters, origins: Origins, rows: Rows, steps: Floats
) -> tuple[Floats, Floats]:
    """Where a series goes and how far it may stray, in the spread that smoothing expects.

    Args:
        parameters: What the pool learned.
        origins: Moments to forecast from.
        rows: Which origin, by target, shape (targets,).
        steps: How far ahead [periods], shape (targets,).

    Returns:
        Expected movement [-] and size of a usual surprise [-], both of shape (targets,).
    """
    functions = _horizon_functions(steps, parameters.season)
    known = (origins.features[rows] - parameters.centre) / parameters.scale
    movement: Floats = _crossed(known, functions) @ parameters.direction
    size: Floats = np.exp(_spread_columns(parameters, origins, rows, functions) @ parameters.spread)
    return movement, size


def _spread_columns(
    parameters: PoolParameters, origins: Origins, rows: Rows, functions: Floats
) -> Floats:
    known = (origins.spread_features[rows] - parameters.spread_centre) / parameters.spread_scale
    # The functions of the horizon alone are all but free of the penalty: a larger column.
    return np.column_stack([100 * functions, _crossed(known, functions)])


# Several members learn from one panel; the pool they stand on is learned once.
@lru_cache(maxsize=2)
def learn_pool(panel: Panel) -> PoolParameters:
    """Learn direction, spread and error quantiles from everything a panel has seen.

    Source:
        docs/methods.md, Inflow, equations 5 to 7.
    """
    season = season_of(panel.frequency)
    horizon = 2 * season
    origins = describe_origins(panel)
    targets = targets_of(panel, origins, horizon)
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
    untaught = PoolParameters(
        season=season,
        centre=centre,
        scale=scale,
        direction=direction,
        spread_centre=origins.spread_features.mean(axis=0),
        spread_scale=origins.spread_features.std(axis=0) + 1e-6,
        spread=np.empty(0),
        volatilities=np.empty(0),
        quantiles=np.empty(0),
    )
    columns = _spread_columns(untaught, origins, row, functions)
    size = np.log(np.maximum(np.abs(error), 0.05))
    spread = _ridge(columns, size, alpha=SPREAD_PENALTY * 10 * horizon)
    volatility = np.log(origins.yearly_movement)
    centres = np.quantile(volatility, CENTRES)
    quantiles = _error_quantiles(
        error / np.exp(columns @ spread),
        step + 1,
        volatility[row],
        centres=centres,
        season=season,
    )
    return replace(untaught, spread=spread, volatilities=centres, quantiles=quantiles)


def _error_quantiles(
    standardised: Floats, step: Rows, volatility: Floats, *, centres: Floats, season: int
) -> Floats:
    """Quantiles of the standardised error near each horizon and each volatility.

    Their median is put at zero and half their skewness is taken away: which way a few years
    happened to go is not taken for a law.

    Args:
        standardised: Errors in usual sizes [-], shape (targets,).
        step: How far ahead [periods], shape (targets,).
        volatility: Log of the usual yearly movement of the series then, shape (targets,).
        centres: Volatilities to state quantiles at, shape (volatilities,).
        season: Periods in a year.

    Returns:
        Shape (2 seasons, volatilities, levels).
    """
    usual = SCORES * (float(np.sqrt(np.mean(standardised**2))) if len(standardised) else 1.0)
    reach = max(float(np.ptp(centres)) / (len(centres) - 1), NARROWEST)
    inside = np.clip(volatility, centres[0], centres[-1])
    closeness = np.maximum(1 - np.abs(inside[:, None] - centres) / reach, 0) + FAR_SHARE
    quantiles = np.empty((2 * season, len(centres), len(LEVELS)))
    for ahead in range(1, 2 * season + 1):
        near = np.abs(step - ahead) <= season / 2
        for place in range(len(centres)):
            found = usual
            if near.sum() >= FEWEST:
                found = weighted_quantile(standardised[near], closeness[near, place], LEVELS)
                found = found - found[len(LEVELS) // 2]
                found = 0.5 * found + 0.25 * (found - found[::-1])
            quantiles[ahead - 1, place] = found
    return quantiles


def require_season(panel: Panel, parameters: PoolParameters | None) -> None:
    """Refuse parameters that were learned on months for quarters, and the other way about.

    Raises:
        InvalidInput: the panel has another number of periods in a year.
    """
    if parameters is not None and parameters.season != season_of(panel.frequency):
        raise InvalidInput(
            f"The pool was learned on {parameters.season} periods a year; "
            f"the panel has {season_of(panel.frequency)}."
        )


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
        require_season(panel, self._given)
        self.parameters = self._given or learn_pool(panel)
        self._origins = describe_origins(panel, only_last=self._given is not None)
        self._panel = panel
        return self

    def log_quantiles(self, horizon: int) -> Floats:
        """Quantiles of log(persons + 5) at LEVELS, shape (series, horizon, levels)."""
        if self._panel is None:
            raise NotFitted(self.name)
        return fan_of(self.parameters, self._origins, self._panel, horizon)

    def sample(self, horizon: int, *, paths: int, rng: Generator) -> SamplePaths:
        """Draw connected futures [persons], shape (paths, series, horizon)."""
        quantiles = self.log_quantiles(horizon)
        return draw_alone(quantiles, panel=self._panel, paths=paths, rng=rng)


def fan_of(
    parameters: PoolParameters,
    origins: Origins,
    panel: Panel,
    horizon: int,
    *,
    corrected: Callable[[Rows, Floats], Floats] | None = None,
) -> Floats:
    """Quantiles of every series from its last origin.

    Args:
        parameters: What the pool learned.
        origins: Of the panel; the last one of each series is forecast from.
        panel: What is known.
        horizon: How far ahead [periods].
        corrected: What to add to the standardised error quantiles, given the origin and the
            step of each target, shape (targets, levels); nothing if None.

    Returns:
        Of log(persons + 5) at LEVELS, NaN for a series without an origin,
        shape (series, horizon, levels).
    """
    last = origins.last_of(len(panel.series_ids))
    found = [series for series, row in enumerate(last) if row is not None]
    rows = np.repeat(np.array([last[series] for series in found], dtype=np.intp), horizon)
    # Beyond what was learned the functions of the horizon stand still; the spread does not.
    learned = np.minimum(np.arange(1.0, horizon + 1), len(parameters.quantiles))
    steps = np.tile(learned, len(found))
    movement, size = expected(parameters, origins, rows, steps)
    errors = parameters.errors(origins, rows, steps)
    if corrected is not None:
        errors = np.sort(errors + corrected(rows, steps), axis=1)
    ahead = np.tile(np.arange(horizon), len(found))
    level = origins.level[rows] + origins.season_ahead(horizon)[rows, ahead]
    spread = origins.spread_ahead(horizon)[rows, ahead]
    fan = level[:, None] + spread[:, None] * (movement[:, None] + size[:, None] * errors)
    quantiles = np.full((len(panel.series_ids), horizon, len(LEVELS)), np.nan)
    quantiles[found] = fan.reshape(len(found), horizon, len(LEVELS))
    return quantiles
