# SPDX-License-Identifier: EUPL-1.2
"""What each member would have said at past cutoffs, and what happened then."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from models.inflow.base import Member, log_persons, minimum_figures
from models.inflow.guard import Flag, Guarded, ask
from models.inflow.isolated import without_isolated
from models.periods import Months
from models.types import Floats, Panel

__all__ = ["MakeMember", "PastForecast", "forecast_members", "outcomes", "past_cutoffs", "usable"]

MakeMember = Callable[[], Member]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PastForecast:
    """The members' forecasts at one cutoff.

    Attributes:
        cutoff: Last month known.
        series_ids: Which series, in the order of the arrays.
        origins: Last period with a figure that was used, shape (series,).
        log_quantiles: By member, at LEVELS, NaN where it had nothing usable to say,
            shape (series, horizon, levels).
        flags: Which member was left out of which series, and why.
        stood_in: Series on which no member had a usable answer; the log random walk stood in.
    """

    cutoff: np.datetime64
    series_ids: tuple[str, ...]
    origins: Months
    log_quantiles: Mapping[str, Floats]
    flags: tuple[Flag, ...] = ()
    stood_in: tuple[str, ...] = ()

    def only(self, series_ids: Collection[str]) -> Self:
        """The same, of the series named."""
        rows = [row for row, name in enumerate(self.series_ids) if name in series_ids]
        return replace(
            self,
            series_ids=tuple(self.series_ids[row] for row in rows),
            origins=self.origins[rows],
            log_quantiles={name: table[rows] for name, table in self.log_quantiles.items()},
        )


def usable(panel: Panel) -> Panel:
    """The series of a panel that can be forecast, without their isolated figures."""
    panel = without_isolated(panel)
    enough = np.isfinite(panel.persons).sum(axis=1) >= minimum_figures(panel.frequency)
    return panel.select([name for name, keep in zip(panel.series_ids, enough, strict=True) if keep])


def forecast_members(
    panel: Panel, cutoff: np.datetime64, *, members: Sequence[MakeMember], horizon: int
) -> PastForecast:
    """Let every member learn from what was known at the cutoff, and forecast.

    Series that were too short then are left out, and what a member says that cannot be used.
    """
    known = usable(panel.until(cutoff))
    answers = ask([Guarded(make()).fit(known) for make in members], known, horizon)
    return PastForecast(
        cutoff=cutoff,
        series_ids=known.series_ids,
        origins=known.origins,
        log_quantiles=answers.log_quantiles,
        flags=answers.flags,
        stood_in=answers.stood_in,
    )


def outcomes(panel: Panel, past: PastForecast, horizon: int) -> Floats:
    """What followed the last figure of each series then, log(persons + 5), NaN where unknown.

    Returns:
        Shape (series of the past forecast, horizon).
    """
    now = panel.select(past.series_ids)
    columns = (past.origins - now.periods[0]).astype(int) // now.frequency.months
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
    known = np.isfinite(without_isolated(panel).persons)
    have = np.cumsum(known, axis=1) >= 2 * minimum_figures(panel.frequency)
    usable = have.mean(axis=0) >= 2 / 3
    if years is not None and len(ends):
        usable &= ends > ends[-1] - np.timedelta64(12 * years, "M")
    on_grid = (ends.astype(int) + 1) % max(every, length) == 0
    return list(ends[:-1][(usable & on_grid)[:-1]])
