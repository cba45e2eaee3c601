# SPDX-License-Identifier: EUPL-1.2
"""Months, quarters and years: how the time axis is counted."""

from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInput

__all__ = ["Frequency", "Months", "first_day", "last_day", "month_of", "month_range"]

Months = NDArray[np.datetime64]
"""An array of months, dtype datetime64[M]; a quarter is named by its first month."""


class Frequency(StrEnum):
    """How often a series has a figure."""

    WEEK = "week"
    """ISO weeks, each named by its Monday."""
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    DATED = "dated"
    """Irregular dates, each the state on that day (occupancy)."""

    @property
    def months(self) -> int:
        """Length of one period [months].

        Raises:
            InvalidInput: the series is weekly or dated, so its periods are no whole months.
        """
        lengths = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
        if self.value not in lengths:
            raise InvalidInput(f"A {self.value} series has no periods of whole months.")
        return lengths[self.value]


def month_of(day: date) -> np.datetime64:
    """The month a day falls in."""
    return np.datetime64(day.isoformat()[:7], "M")


def first_day(month: np.datetime64) -> date:
    """The first day of a month."""
    year, number = str(month.astype("datetime64[M]")).split("-")
    return date(int(year), int(number), 1)


def last_day(month: np.datetime64) -> date:
    """The last day of a month."""
    day = (month.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    return date.fromisoformat(str(day))


def month_range(first: np.datetime64, count: int, frequency: Frequency = Frequency.MONTH) -> Months:
    """The first months of `count` successive periods, starting at `first`."""
    step = np.timedelta64(frequency.months, "M")
    months: Months = first.astype("datetime64[M]") + np.arange(count) * step
    return months
