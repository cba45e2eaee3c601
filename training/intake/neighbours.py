# SPDX-License-Identifier: EUPL-1.2
"""Figures that do not look like their neighbours: a wrong unit, or a gap written as zero.

A figure is doubtful when it is a jump away from everything it can be compared with: the figure
before it, the last one above zero before it, and what already stands for its own period (where
nothing is before it, the first that stands after it). A jump is a factor of at least the series'
`jump_factor`. Counts below five are taken as five: publishers round to five, and ratios of small
counts say nothing. A zero is thus doubtful after a count of 5 jump_factors or more. A doubtful
figure needs confirmation by name; until then its followers are compared with the one before it,
so that one bad month is reported once and a change of unit for every month.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from models.catalogue import SeriesDefinition
from models.errors import InvalidInput
from training.intake.cells import COUNTED

__all__ = ["Confirmation", "Figure", "doubtful", "read_confirmation"]

SMALL_COUNT = 5.0
"""Counts below this are taken as this [persons]."""

_Point = tuple[date, float]
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)

Confirmation = tuple[str, date]
"""A series and a period whose figure a person has confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a file.

    Attributes:
        line: Line in the file.
        period: First day of its period, or the day itself.
        known_at: When it became known; None where the file does not say.
        value: In the unit of the series.
    """

    line: int
    period: date
    known_at: datetime | None
    value: float


def doubtful(
    figures: Iterable[Figure],
    *,
    definition: SeriesDefinition,
    standing: Mapping[date, float],
    confirmed: frozenset[Confirmation],
) -> Iterator[tuple[Figure, str]]:
    """The figures of one series that need confirmation, with the reason.

    Args:
        figures: Of one file.
        definition: Of the series.
        standing: What is known already, by period.
        confirmed: What a person has confirmed.
    """
    ordered = sorted(figures, key=lambda figure: (figure.period, figure.known_at or _BEFORE_ALL))
    offered = {figure.period for figure in ordered}
    settled = sorted(point for point in standing.items() if point[0] not in offered)
    last: list[_Point] = []
    for figure in ordered:
        while settled and settled[0][0] < figure.period:
            last = _follow(last, settled.pop(0))
        own = [(figure.period, standing[figure.period])] if figure.period in standing else []
        compared = last + own or settled[:1]
        reason = _reason(figure.value, compared, definition=definition)
        if reason and (definition.series_id, figure.period) not in confirmed:
            yield figure, f"{reason} {definition.series_id}@{figure.period}."
        else:
            last = _follow(last, (figure.period, figure.value))


def _follow(last: list[_Point], point: _Point) -> list[_Point]:
    """The points that the next figure is compared with: the last one, and the last above zero."""
    return [point] if point[1] > 0 else [point, *(old for old in last if old[1] > 0)]


def read_confirmation(text: str) -> Confirmation:
    """A confirmation as written on the command line, for instance nl.inflow.total@2015-10-01.

    Raises:
        InvalidInput: it does not name a series and a period.
    """
    series_id, sign, period = text.rpartition("@")
    try:
        day = date.fromisoformat(period)
    except ValueError:
        day = None
    if not series_id or not sign or day is None:
        raise InvalidInput(f"{text!r} does not confirm a figure; write SERIES@2026-01-01.")
    return series_id, day


def _reason(value: float, compared: list[_Point], *, definition: SeriesDefinition) -> str | None:
    least = SMALL_COUNT if definition.unit in COUNTED else 0.0
    for _, other in compared:
        high, low = max(value, other, least), max(min(value, other), least)
        if high < definition.jump_factor * low or high == low:
            return None
    if not compared:
        return None
    day, other = compared[0]
    if value == 0:
        return (
            f"is zero, beside {other:.10g} for {day}. If nothing was measured, leave the line out; "
            "if it truly is zero, confirm"
        )
    times = f"{value / other:.3g} times" if other else "far above"
    return (
        f"is {value:.10g}, {times} the {other:.10g} for {day}: is the unit {definition.unit}? "
        f"If it is right, confirm"
    )
