# SPDX-License-Identifier: EUPL-1.2
"""Prophet on the log scale, with its trend damped: the only module that knows Prophet.

Guards against explosion: the trend is damped from the origin on, the level is brought to the
last three figures, and the spread is stated in closed form, so that Prophet's own simulation,
which draws from NumPy's global generator, is never run.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Self

import numpy as np
import pandas as pd
from numpy.random import Generator

from models.errors import NotFitted
from models.inflow.base import log_persons, require_history, season_of
from models.inflow.paths import SCORES, draw_alone
from models.periods import Months, month_range
from models.types import LEVELS, Floats, Panel, SamplePaths

# Prophet reports on import that a plotting library is missing; we draw our own charts.
logging.getLogger("prophet.plot").disabled = True

from prophet import Prophet  # noqa: E402 - after the line above
from prophet.serialize import model_from_json, model_to_json  # noqa: E402 - the same

__all__ = ["ProphetMember"]

DAMPING = 0.9
"""Share of the trend that is left after each month [-]."""

CHANGE_SHARE = 0.8
"""Prophet looks for changes of trend in this first share of the history [-]."""


@contextmanager
def _quiet() -> Iterator[None]:
    """Neither the logs of Stan nor its use of chance leak out of a fit."""
    loggers = [logging.getLogger(name) for name in ("prophet", "cmdstanpy")]
    before = [logger.disabled for logger in loggers]
    state = np.random.get_state()  # noqa: NPY002 - kept and put back, never drawn from
    try:
        for logger in loggers:
            logger.disabled = True
        np.random.seed(0)  # noqa: NPY002 - should Stan's adapter draw, it draws the same
        with warnings.catch_warnings():
            # Prophet 1.5 still speaks to pandas in words that pandas 4 will not know.
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        np.random.set_state(state)  # noqa: NPY002 - as it was
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled


class ProphetMember:
    """Prophet for the series asked for; it has nothing to say on the others.

    Args:
        only: Series to forecast; all of them if None. A fit takes a tenth of a second.
        fitted: Models of an artefact, as JSON by series, used in place of a fit.
    """

    name = "prophet"

    def __init__(
        self, *, only: tuple[str, ...] | None = None, fitted: Mapping[str, str] | None = None
    ) -> None:
        self._only = only
        self._given = fitted
        self._panel: Panel | None = None
        self._models: dict[str, Prophet] = {}

    def fit(self, panel: Panel) -> Self:
        """Fit one Prophet per series; raises InvalidInput if a series is too short."""
        require_history(panel)
        self._models = {}
        with _quiet():
            for series_id, values in zip(panel.series_ids, log_persons(panel), strict=True):
                if self._given is not None:
                    if series_id in self._given:
                        self._models[series_id] = model_from_json(self._given[series_id])
                elif self._only is None or series_id in self._only:
                    self._models[series_id] = _fit_one(panel, values)
        self._panel = panel
        return self

    def to_json(self) -> dict[str, str]:
        """The fitted models, by series."""
        return {series_id: model_to_json(model) for series_id, model in self._models.items()}

    def log_quantiles(self, horizon: int) -> Floats:
        """Quantiles of log(persons + 5) at LEVELS, shape (series, horizon, levels)."""
        if self._panel is None:
            raise NotFitted(self.name)
        quantiles = np.full((len(self._panel.series_ids), horizon, len(LEVELS)), np.nan)
        values = log_persons(self._panel)
        origins = self._panel.origins
        for row, series_id in enumerate(self._panel.series_ids):
            if series_id in self._models:
                model = self._models[series_id]
                middle = _middle(model, self._panel, values[row], origins[row], horizon)
                spread = _spread(model, self._panel, values[row], horizon)
                quantiles[row] = middle[:, None] + spread[:, None] * SCORES
        return quantiles

    def sample(self, horizon: int, *, paths: int, rng: Generator) -> SamplePaths:
        """Draw connected futures [persons] of the series fitted, shape (paths, series, horizon)."""
        if self._panel is None:
            raise NotFitted(self.name)
        fitted = [name in self._models for name in self._panel.series_ids]
        return draw_alone(
            self.log_quantiles(horizon)[fitted],
            panel=self._panel.select(tuple(self._models)),
            paths=paths,
            rng=rng,
        )


def _fit_one(panel: Panel, values: Floats) -> Prophet:
    known = np.isfinite(values)
    table = pd.DataFrame({"ds": panel.periods[known].astype("datetime64[ns]"), "y": values[known]})
    season = season_of(panel.frequency)
    # Four waves a year for months, and no more than quarters can carry.
    waves = min(4, season // 2) if known.sum() >= 2 * season else False
    model = Prophet(
        growth="linear",
        yearly_seasonality=waves,
        weekly_seasonality=False,
        daily_seasonality=False,
        uncertainty_samples=0,
        changepoint_range=CHANGE_SHARE,
        n_changepoints=int(min(25, known.sum() // 3)),
    )
    return model.fit(table)


def _components(model: Prophet, months: Months) -> tuple[Floats, Floats]:
    """Trend and season of a fitted model [log persons], each of shape (months,)."""
    with _quiet():
        table = model.predict(pd.DataFrame({"ds": months.astype("datetime64[ns]")}))
    trend = table["trend"].to_numpy(float)
    return trend, table["yhat"].to_numpy(float) - trend


def _middle(
    model: Prophet, panel: Panel, values: Floats, origin: np.datetime64, horizon: int
) -> Floats:
    length = panel.frequency.months
    recent = month_range(origin - np.timedelta64(2 * length, "M"), 3, panel.frequency)
    ahead = month_range(origin + np.timedelta64(length, "M"), horizon, panel.frequency)
    trend, season = _components(model, np.concatenate([recent, ahead]))
    known = values[np.searchsorted(panel.periods, recent)]
    level = trend[2] + np.nanmean(known - trend[:3] - season[:3])
    slope = trend[3] - trend[2]
    kept = DAMPING**length
    drift = slope * np.cumsum(kept ** np.arange(1, horizon + 1))
    middle: Floats = level + drift + season[3:]
    return middle


def _spread(model: Prophet, panel: Panel, values: Floats, horizon: int) -> Floats:
    """Noise, and changes of trend as large and as frequent as the model found them.

    Source:
        Taylor and Letham (2018), Forecasting at scale, The American Statistician 72, 37-45,
        section 3.1.4; docs/methods.md, Inflow, equation 12.
    """
    scale = float(model.y_scale or 1.0)
    noise = float(np.mean(model.params["sigma_obs"])) * scale
    history = np.flatnonzero(np.isfinite(values))
    history = np.arange(history[0], history[-1] + 1)
    changes = np.asarray(model.params["delta"], dtype=float).ravel()
    periods = max(int(len(history) * CHANGE_SHARE), 1)
    # Prophet counts time in shares of the history; we count it in periods.
    size = float(np.mean(np.abs(changes))) * scale / max(len(history) - 1, 1)
    chance = len(changes) / periods
    kept = DAMPING**panel.frequency.months
    reach = np.cumsum(kept ** np.arange(horizon))
    variance = noise**2 + 2 * size**2 * chance * np.cumsum(reach**2)
    # The level was brought to three figures, which carry noise themselves.
    spread: Floats = np.sqrt(variance + noise**2 / 3)
    return spread
