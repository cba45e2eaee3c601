# SPDX-License-Identifier: EUPL-1.2
"""Figures as they stood on a day: for each series and month, the last value known by then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from training.store.records import Observation

__all__ = ["ByMonth", "Known", "known_at", "month_number", "month_start"]

ByMonth = Mapping[int, float]
"""Values by number of the (first) month of their period; see `month_number`."""


def month_number(day: date) -> int:
    """Months since January of the year 0, so that successive months are successive numbers."""
    return 12 * day.year + day.month - 1


def month_start(number: int) -> date:
    """First day of a numbered month."""
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The last known value per series and month.

    Attributes:
        values: By series, then by month number.
    """

    values: Mapping[str, ByMonth]

    def of(self, series_id: str) -> ByMonth:
        """Values of one series; empty where nothing was known."""
        return self.values.get(series_id, {})

    def sum_of(self, series_ids: Sequence[str]) -> ByMonth:
        """Sum over series, for the months in which every one of them is known."""
        parts = [self.of(series_id) for series_id in series_ids]
        shared = set(parts[0]).intersection(*parts[1:])
        return {month: sum(part[month] for part in parts) for month in sorted(shared)}

    def without(self, series_ids: Iterable[str], months: Iterable[int]) -> "Known":
        """The same, had these months of these series never been printed."""
        hidden, left_out = set(series_ids), set(months)
        return Known(
            values={
                series_id: {
                    month: value
                    for month, value in values.items()
                    if series_id not in hidden or month not in left_out
                }
                for series_id, values in self.values.items()
            }
        )


def known_at(moment: datetime, facts: Iterable[Observation]) -> Known:
    """What was known at a moment; of two figures for one month the later one stands."""
    latest: dict[str, dict[int, tuple[datetime, float]]] = {}
    for fact in facts:
        if fact.known_at <= moment:
            months = latest.setdefault(fact.series_id, {})
            month = month_number(fact.period)
            if month not in months or months[month][0] <= fact.known_at:
                months[month] = (fact.known_at, fact.value)
    return Known(
        values={
            series_id: {month: value for month, (_, value) in sorted(months.items())}
            for series_id, months in latest.items()
        }
    )
