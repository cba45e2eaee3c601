# SPDX-License-Identifier: EUPL-1.2
"""What the regime alarm would have said of the Dutch inflow, month by month, as known then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

import numpy as np

from models.inflow.regime import AlarmState, RegimeVerdict
from models.periods import last_day
from training.backtest import Progress
from training.dataset import inflow_panel
from training.regime import watches
from training.store.records import Snapshot

__all__ = ["SERIES", "YEARS", "Said", "dutch_past", "past_table", "told"]

SERIES = ("nl.inflow.total", "nl.inflow.asylum_applications")
"""All inflow, known since 2014; and asylum applications, which go further back, to April 2019."""

YEARS = (2015, 2018, 2022)
"""A surge; a fall, then a rise again; a surge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the alarm would have said of one series at the end of one month.

    Attributes:
        month: At its end, YYYY-MM.
        series_id: Which series.
        last: Last month with a figure then, YYYY-MM.
        persons: That figure as known then [persons].
        verdict: What the alarm would have said.
    """

    month: str
    series_id: str
    last: str
    persons: float
    verdict: RegimeVerdict


def dutch_past(
    as_known_at: Callable[[datetime], Snapshot],
    *,
    years: Sequence[int] = YEARS,
    progress: Progress | None = None,
) -> tuple[Said, ...]:
    """Run the alarm anew at the end of every month, on what was known then.

    Args:
        as_known_at: Gives the snapshot of a moment; a store's observations do.
        years: Which years.
        progress: Told after each month.
    """
    months = [np.datetime64(f"{year}-01", "M") + place for year in years for place in range(12)]
    said = []
    for done, month in enumerate(months, start=1):
        end = datetime.combine(last_day(month), time(23, 59), tzinfo=UTC)
        panel = inflow_panel(as_known_at(end))
        courses = watches(panel)
        for series_id in SERIES:
            row = panel.persons[panel.series_ids.index(series_id)]
            last = int(np.flatnonzero(np.isfinite(row))[-1])
            said.append(
                Said(
                    month=str(month),
                    series_id=series_id,
                    last=str(panel.periods[last]),
                    persons=float(row[last]),
                    verdict=courses[series_id].verdict,
                )
            )
        if progress is not None:
            progress(done, len(months))
    return tuple(said)


def told(verdict: RegimeVerdict) -> str:
    """A verdict in few words."""
    if verdict.state is not AlarmState.RINGING:
        return verdict.state.value.replace("_", " ")
    return f"{verdict.direction} since {verdict.since}, once in {verdict.once_in_years} years"


def past_table(said: Sequence[Said]) -> list[list[str]]:
    """One row per month and series as text, the header first."""
    return [["at the end of", "series", "last known", "persons", "alarm"]] + [
        [row.month, row.series_id, row.last, f"{row.persons:,.0f}", told(row.verdict)]
        for row in said
    ]
