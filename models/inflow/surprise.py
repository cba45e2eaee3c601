# SPDX-License-Identifier: EUPL-1.2
"""How surprising each figure was, given the forecast that was due just before it came."""

import numpy as np

from models.inflow.base import log_persons, minimum_figures
from models.inflow.features import describe_origins
from models.types import Floats, Panel

__all__ = ["MEMORY_YEARS", "one_step_errors", "ranks_among_earlier", "surprises"]

MEMORY_YEARS = float("inf")
"""The alarm measures a figure by all errors before it: a noise that follows the newest errors would
soon call a surge usual [years]."""

FEWEST = 24
"""Fewest earlier errors, of all series together, that a new one is ranked among [errors]."""


def surprises(panel: Panel) -> Floats:
    """Place of every figure in the distribution forecast for it one period before.

    The forecast is the level of simple smoothing with its season, as the pooled learner uses
    them; its distribution is that of the errors which all series had made by then. Nothing
    later than a figure itself has a say in its place.

    Returns:
        Places [-], strictly between 0 (lower than any error before) and 1, NaN where there was
        no forecast or no figure, shape (series, periods).

    Source:
        docs/methods.md, Regime alarm, equations 1 and 2.
    """
    return ranks_among_earlier(one_step_errors(panel))


def one_step_errors(panel: Panel) -> Floats:
    """Actual minus forecast of one period before, in the noise that was usual for the series.

    Returns:
        Errors [-], NaN where there was no forecast or no figure, shape (series, periods).

    Source:
        docs/methods.md, Regime alarm, equation 1.
    """
    actual = log_persons(panel)
    errors = np.full_like(actual, np.nan)
    if not (np.isfinite(actual).sum(axis=1) >= minimum_figures(panel.frequency)).any():
        return errors
    origins = describe_origins(panel, memory_years=MEMORY_YEARS)
    ahead = origins.period + 1
    inside = ahead < actual.shape[1]
    series, period = origins.series[inside], ahead[inside]
    forecast = origins.level[inside] + origins.season_ahead(1)[inside, 0]
    errors[series, period] = (actual[series, period] - forecast) / origins.noise[inside]
    return errors


def ranks_among_earlier(errors: Floats) -> Floats:
    """Rank of every error among all errors of earlier periods, as a share; ties share theirs.

    With n earlier errors the ranks are (1/2, 3/2, ..., n + 1/2) / (n + 1), each equally likely
    where errors are exchangeable.

    Args:
        errors: NaN where unknown, shape (series, periods).

    Returns:
        Shares [-], NaN while fewer than FEWEST errors came before, shape (series, periods).

    Source:
        Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World, chapter 7;
        docs/methods.md, Regime alarm, equation 2.
    """
    ranks = np.full_like(errors, np.nan)
    earlier: Floats = np.empty(0)
    # Two errors that are equal but for rounding noise are a tie.
    for period, now in enumerate(np.round(errors, 9).T):
        known = np.isfinite(now)
        if len(earlier) >= FEWEST:
            below = np.searchsorted(earlier, now[known], side="left")
            not_above = np.searchsorted(earlier, now[known], side="right")
            ranks[known, period] = (below + not_above + 1) / 2 / (len(earlier) + 1)
        earlier = np.sort(np.concatenate([earlier, now[known]]))
    return ranks
