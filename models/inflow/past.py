# SPDX-License-Identifier: EUPL-1.2
"""What each member would have said at past cutoffs, and what happened then."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.inflow.base import Member, log_persons, minimum_figures
from models.types import Floats, Panel

__all__ = ["MakeMember", "PastForecast", "forecast_members", "outcomes", "past_cutoffs"]

MakeMember = Callable[[], Member]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PastForecast:
    """The members' forecasts at one cutoff.

    Attributes:
        cutoff: Last month known.
        series_ids: Which series, in the order of the arrays.
        log_quantiles: By member, at LEVELS, NaN where it had nothing to say,
            shape (series, horizon, levels).
    """

    cutoff: np.datetime64
    series_ids: tuple[str, ...]
    log_quantiles: Mapping[str, Floats]


def long_enough(panel: Panel) -> Panel:
    """The series of a panel that have enough figures to be forecast."""
    enough = np.isfinite(panel.persons).sum(axis=1) >= minimum_figures(panel.frequency)
    return panel.select([name for name, keep in zip(panel.series_ids, enough, strict=True) if keep])


def forecast_members(
    panel: Panel, cutoff: np.datetime64, *, members: Sequence[MakeMember], horizon: int
) -> PastForecast:
    """Let every member learn from what was known at the cutoff, and forecast.

    Series that were too short then are left out.
    """
    known = long_enough(panel.until(cutoff))
    forecasts = {}
    for make in members:
        member = make()
        forecasts[member.name] = member.fit(known).log_quantiles(horizon)
    return PastForecast(cutoff=cutoff, series_ids=known.series_ids, log_quantiles=forecasts)


def outcomes(panel: Panel, past: PastForecast, horizon: int) -> Floats:
    """What followed the last figure of each series then, log(persons + 5), NaN where unknown.

    Returns:
        Shape (series of the past forecast, horizon).
    """
    now = panel.select(past.series_ids)
    origins = now.until(past.cutoff).origins
    columns = (origins - now.periods[0]).astype(int) // now.frequency.months
    ahead = columns[:, None] + np.arange(1, horizon + 1)
    inside = np.minimum(ahead, now.persons.shape[1] - 1)
    values = log_persons(now)[np.arange(len(columns))[:, None], inside]
    return np.where(ahead == inside, values, np.nan)


def past_cutoffs(panel: Panel, *, every: int, years: int | None = None) -> list[np.datetime64]:
    """Past cutoffs on a fixed calendar grid, so that backtests can share their forecasts.

    Args:
        panel: What is known now.
        every: Months between cutoffs.
        years: How far back; None for as far as at least two thirds of the series reach.
    """
    length = panel.frequency.months
    ends = panel.periods + np.timedelta64(length - 1, "M")
    have = np.cumsum(np.isfinite(panel.persons), axis=1) >= 2 * minimum_figures(panel.frequency)
    usable = have.mean(axis=0) >= 2 / 3
    if years is not None and len(ends):
        usable &= ends > ends[-1] - np.timedelta64(12 * years, "M")
    on_grid = (ends.astype(int) + 1) % max(every, length) == 0
    return list(ends[:-1][(usable & on_grid)[:-1]])
