# SPDX-License-Identifier: EUPL-1.2
"""Months of total inflow from weekly bulletins, where weeks cover the whole month."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from models.catalogue import Status
from training.sources.reference.estimates import TOTAL
from training.sources.reference.known import month_number, month_start
from training.store.records import KnownBasis, Observation

__all__ = ["WEEKLY", "months_from_weeks"]

WEEKLY = "nl.inflow.total.weekly"
SOURCE = "Getij estimate: weekly bulletins of Rijksoverheid by days (docs/methods.md)"


def _days(month: int) -> list[date]:
    first, after = month_start(month), month_start(month + 1)
    return [first + timedelta(days=step) for step in range((after - first).days)]


def months_from_weeks(weeks: Sequence[Observation], months: Iterable[int]) -> list[Observation]:
    """Estimates for the months of which every day lies in a published week.

    A week counts one seventh per day. The estimate is known once its last week is.

    Args:
        weeks: Weekly inflow [persons], each named by its Monday.
        months: Months that may be estimated, as numbers.

    Returns:
        One estimate per month that is wholly covered [persons], by month.

    Source:
        docs/methods.md, "Monthly inflow from quarterly totals".
    """
    by_day = {
        week.period + timedelta(days=day): week
        for week in sorted(weeks, key=lambda week: (week.period, week.known_at))
        for day in range(7)
    }
    wanted = sorted({month_number(day) for day in by_day} & set(months))
    return [
        Observation(
            series_id=TOTAL,
            period=month_start(month),
            value=float(round(sum(by_day[day].value for day in _days(month)) / 7)),
            known_at=max(by_day[day].known_at for day in _days(month)),
            known_basis=KnownBasis.STATED,
            status=Status.ESTIMATED,
            source=SOURCE,
        )
        for month in wanted
        if all(day in by_day for day in _days(month))
    ]
