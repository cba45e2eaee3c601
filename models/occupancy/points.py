# SPDX-License-Identifier: EUPL-1.2
"""Dated points: how many persons were in reception on a day, and how exactly that is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from models.errors import InvalidInput
from models.periods import last_day, month_of
from models.types import Panel

__all__ = [
    "AFTER_MONTH_END",
    "EXACT_LOG_SD",
    "DatedPoint",
    "check_points",
    "exits_per_stock",
    "moment_of",
    "rounding_log_sd",
]

AFTER_MONTH_END = 0.2
"""A figure of the first days of a month may stand for the end of the month before [months]."""

EXACT_LOG_SD = 0.003
"""Error of a figure printed to the person [log]: two lists of the same day differ this much."""

_MOST_ENTRANTS_PER_ARRIVAL = 4.0
"""More persons than this per counted arrival is a contradiction, not a hazard [-]."""

_SLOWEST = 0.005
"""Hazard assumed at least, where the points alone imply none [1/month]."""

_LARGEST_DISAGREEMENT = 0.2
"""Two figures of one day that differ by more than this are not the same stock [log]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedPoint:
    """The stock at the end of one day.

    Attributes:
        day: The day.
        persons: Persons entitled to reception [persons].
        log_sd: Standard error of the figure [log]: rounding, or the bridge from a definition.
    """

    day: date
    persons: float
    log_sd: float = EXACT_LOG_SD

    def __post_init__(self) -> None:
        if not np.isfinite(self.persons) or self.persons <= 0:
            raise InvalidInput(f"{self.day}: {self.persons} is not a stock of persons.")
        if not np.isfinite(self.log_sd) or self.log_sd <= 0:
            raise InvalidInput(f"{self.day}: the error of a point must be positive.")

    @property
    def moment(self) -> float:
        """The end of the day [months since 1970]."""
        return moment_of(self.day)

    @property
    def stands_for_month_before(self) -> bool:
        """Whether it is of the first days of a month."""
        return 0 < self.moment % 1 <= AFTER_MONTH_END


def moment_of(day: date) -> float:
    """The end of a day [months since 1970]; the last day of a month is a whole number."""
    month = month_of(day)
    return float(month.astype(int)) + day.day / last_day(month).day


def rounding_log_sd(persons: float) -> float:
    """Standard error of a figure of which only the digits are known [log].

    A figure is no more exact than its trailing zeros: 53,000 is taken as rounded to thousands,
    and as never more exact than two lists of the same day are.

    Raises:
        InvalidInput: not a stock of persons.
    """
    if not np.isfinite(persons) or persons < 1:
        raise InvalidInput(f"{persons} is not a stock of persons.")
    digits = f"{persons:.0f}"
    unit = 10.0 ** (len(digits) - len(digits.rstrip("0")))
    # An even spread over one unit has this standard deviation.
    return max(EXACT_LOG_SD, float(unit / np.sqrt(12) / persons))


def exits_per_stock(points: Sequence[DatedPoint], inflow: Panel) -> float:
    """Outflow over stock, over all points together, as if every arrival entered [1/month].

    Args:
        points: By day.
        inflow: Arrivals by month [persons]; points outside it, or across a gap, are left out.
    """
    persons = inflow.persons.sum(axis=0)
    gaps = np.flatnonzero(~np.isfinite(persons))
    begin = int(gaps[-1]) + 1 if len(gaps) else 0
    arrived = np.concatenate([[0.0], np.cumsum(persons[begin:])])
    start = float(inflow.periods[0].astype(int)) + begin if len(inflow.periods) else 0.0
    inside = [point for point in points if start <= point.moment]
    if len(inside) < 2:
        return _SLOWEST
    moments = np.array([point.moment for point in inside])
    stocks = np.array([point.persons for point in inside])
    first, last = np.interp(moments[[0, -1]] - start, np.arange(len(arrived)), arrived)
    stayed = float(np.trapezoid(stocks, moments))
    if stayed <= 0:
        return _SLOWEST
    return max(float(last - first + stocks[0] - stocks[-1]) / stayed, _SLOWEST)


def check_points(points: Sequence[DatedPoint], inflow: Panel) -> None:
    """Refuse points that exclude each other, or that rise by more than could have come in.

    Args:
        points: By day.
        inflow: Arrivals by month [persons], covering the points.

    Raises:
        InvalidInput: names the two points that cannot both be right.
    """
    arrived = np.concatenate([[0.0], np.cumsum(inflow.persons[0])])
    start = float(inflow.periods[0].astype(int))
    for earlier, later in pairwise(points):
        error = 4 * float(np.hypot(earlier.log_sd, later.log_sd))
        rise = float(np.log(later.persons / earlier.persons))
        if earlier.day == later.day and abs(rise) > _LARGEST_DISAGREEMENT + error:
            raise InvalidInput(
                f"On {later.day} the stock cannot be both {earlier.persons:.0f} "
                f"and {later.persons:.0f} persons."
            )
        moments = np.array([earlier.moment, later.moment]) - start
        before, after = np.interp(moments, np.arange(len(arrived)), arrived)
        came = _MOST_ENTRANTS_PER_ARRIVAL * (after - before)
        if later.persons * np.exp(-error) > earlier.persons * np.exp(_LARGEST_DISAGREEMENT) + came:
            raise InvalidInput(
                f"Between {earlier.day} and {later.day} the stock rose from "
                f"{earlier.persons:.0f} to {later.persons:.0f} persons, "
                f"while only {after - before:.0f} came in."
            )
