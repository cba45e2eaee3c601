# SPDX-License-Identifier: EUPL-1.2
"""Reading single cells: a value, a period, a moment, a word out of a list.

Every function raises BadCell with a reason that does not repeat the cell, for it may hold
anything.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

from models.catalogue import Measure, SeriesDefinition
from models.periods import Frequency
from training.intake.faults import BadCell
from training.intake.table import is_plain_number

__all__ = [
    "COUNTED",
    "EARLIEST",
    "LARGEST_COUNT",
    "PLANNED",
    "assumed_known_at",
    "last_day_of",
    "looks_like_formula",
    "read_choice",
    "read_known_at",
    "read_period",
    "read_value",
]

COUNTED = frozenset(
    {"persons", "places", "applications", "decisions", "homes", "cases", "locations"}
)
"""Units in which a value is a whole number."""

PLANNED = frozenset({Measure.HOUSING_TARGET, Measure.CAPACITY_NEED})
"""Measures that may be known before their period begins."""

EARLIEST = date(1900, 1, 1)
"""No figure is older."""

LARGEST_COUNT = 99_999_999
"""No count is larger; it also keeps nine-digit personal numbers out."""

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_REASONS = (
    (re.compile(r"(na|n/a|nan|null|none|nil|nvt|onbekend|unknown|[-.?x]+|#.*)", re.IGNORECASE),
     "is no number; leave the line out where nothing is known."),
    (re.compile(r"[+-]?inf(inity)?", re.IGNORECASE), "is infinite."),
    (re.compile(r"[-\u2212][0-9.,]+"), "is negative."),
    (re.compile(r"[0-9]{1,3}([.,'\u2019 \u00a0\u202f][0-9]{3})+([.,][0-9]+)?"),
     "has a separator of thousands; write the digits alone."),
    (re.compile(r"[0-9]+,[0-9]+"), "has a decimal comma; write a point."),
    (re.compile(r"[0-9.]+e[+-]?[0-9]+", re.IGNORECASE), "has an exponent; write it out."),
    (re.compile(r"[=+@-].*"), "begins like a formula."),
    (re.compile(r"[0-9.,]+ ?[%\u20ac].*|\u20ac.*"), "holds its unit; write the number alone."),
)  # fmt: skip
_STARTS = {
    Frequency.WEEK: "a Monday",
    Frequency.MONTH: "the first day of a month",
    Frequency.QUARTER: "the first day of a quarter",
    Frequency.HALF_YEAR: "1 January or 1 July",
    Frequency.YEAR: "1 January",
}
_Choice = TypeVar("_Choice", bound=StrEnum)


def read_value(cell: str, *, unit: str) -> float:
    """A finite value that is not negative, whole if the unit is counted.

    Raises:
        BadCell: it is anything else, or could be read in two ways.
    """
    if not cell:
        raise BadCell("is empty; leave the line out where nothing is known.")
    counted = unit in COUNTED
    whole, _, decimals = cell.partition(".")
    # 1.234 is a thousand to a Dutch reader; where no fraction can be meant it is not guessed.
    ambiguous = counted and len(decimals) == 3 and len(whole) <= 3
    if not _NUMBER.fullmatch(cell) or ambiguous:
        for shape, reason in _REASONS:
            if shape.fullmatch(cell):
                raise BadCell(reason)
        raise BadCell("is not a number.")
    value = float(cell)
    if counted and not value.is_integer():
        raise BadCell(f"has a fraction, but {unit} are counted.")
    if counted and value > LARGEST_COUNT:
        raise BadCell(f"is larger than any count of {unit} can be.")
    return value


def read_period(cell: str, *, definition: SeriesDefinition, now: datetime) -> date:
    """The first day of a period that has ended, or the day of a dated point.

    Raises:
        BadCell: it is no such day.
    """
    period = _read_date(cell)
    frequency = definition.frequency
    if not _starts_a_period(period, frequency):
        raise BadCell(f"must be {_STARTS[frequency]}; the series is by {_name(frequency)}.")
    if definition.measure in PLANNED:
        return period
    if period > now.date():
        raise BadCell("lies in the future.")
    if frequency is not Frequency.DATED and last_day_of(period, frequency) >= now.date():
        raise BadCell(f"is a {_name(frequency)} that has not ended yet.")
    return period


def read_known_at(
    cell: str, *, period: date, definition: SeriesDefinition, now: datetime
) -> datetime:
    """When a figure became known, aware UTC; a date alone means its first moment in UTC.

    Raises:
        BadCell: it is no moment, lies in the future, or before the period had ended.
    """
    if _ISO_DATE.fullmatch(cell):
        known_at = datetime.combine(_read_date(cell), time(), tzinfo=UTC)
    else:
        try:
            known_at = datetime.fromisoformat(cell)
        except ValueError:
            raise BadCell("is no date or time like 2026-01-31 or 2026-01-31T12:00Z.") from None
        if known_at.utcoffset() is None:
            raise BadCell("needs a time zone, like 2026-01-31T12:00Z.")
    if known_at > now:
        raise BadCell("lies in the future.")
    if definition.measure not in PLANNED and known_at.date() < last_day_of(
        period, definition.frequency
    ):
        raise BadCell("lies before the period had ended.")
    return known_at.astimezone(UTC)


def read_choice(cell: str, choices: type[_Choice]) -> _Choice:
    """One word out of a list.

    Raises:
        BadCell: it is not in the list.
    """
    try:
        return choices(cell.casefold())
    except ValueError:
        raise BadCell(f"must be one of {', '.join(choices)}.") from None


def looks_like_formula(cell: str) -> bool:
    """Whether a spreadsheet would run a cell: it begins with = + - or @ and is no number."""
    return cell.startswith(("=", "+", "-", "@")) and not is_plain_number(cell)


def last_day_of(period: date, frequency: Frequency) -> date:
    """The last day of a period; of a dated point the day itself."""
    if frequency is Frequency.DATED:
        return period
    if frequency is Frequency.WEEK:
        return period + timedelta(days=6)
    years, month = divmod(period.month - 1 + frequency.months, 12)
    return date(period.year + years, month + 1, 1) - timedelta(days=1)


def assumed_known_at(period: date, frequency: Frequency) -> datetime:
    """When a figure is taken as known where nobody says: on the last day of its period."""
    return datetime.combine(last_day_of(period, frequency), time(), tzinfo=UTC)


def _read_date(cell: str) -> date:
    match = _ISO_DATE.fullmatch(cell)
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None:
        raise BadCell("is no date like 2026-01-31.")
    if not EARLIEST <= day < date(2200, 1, 1):
        raise BadCell(f"lies before {EARLIEST.year} or after 2199.")
    return day


def _starts_a_period(day: date, frequency: Frequency) -> bool:
    if frequency is Frequency.DATED:
        return True
    if frequency is Frequency.WEEK:
        return day.isoweekday() == 1
    return day.day == 1 and (day.month - 1) % frequency.months == 0


def _name(frequency: Frequency) -> str:
    return frequency.value.replace("_", "-")
