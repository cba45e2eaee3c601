# SPDX-License-Identifier: EUPL-1.2
"""Monthly inflow by kind: printed months as printed, the others from totals and indicators.

The rules and their reasons are in docs/methods.md, "Monthly inflow from quarterly totals".
"""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from models.disaggregation import SpanTotal, disaggregate, to_whole
from models.types import Floats
from training.sources.reference.known import ByMonth, Known, month_number

__all__ = [
    "FAMILY",
    "FIRST",
    "INPUTS",
    "KINDS",
    "NATIONALITIES",
    "REPEAT",
    "TOTAL",
    "Monthly",
    "ShareOut",
    "estimate",
]

FIRST = "nl.inflow.first_application"
FAMILY = "nl.inflow.family_reunification"
REPEAT = "nl.inflow.repeat_application"
TOTAL = "nl.inflow.total"
KINDS = (FIRST, FAMILY, REPEAT, TOTAL)

NATIONALITIES = ("af", "er", "iq", "so", "sy", "tr", "ye")
"""The seven nationalities that CBS publishes by month."""

_ALL_APPLICATIONS = "nl.inflow.asylum_applications"
_FIRST_QUARTER = f"{FIRST}.quarterly"
_FAMILY_QUARTER = f"{FAMILY}.quarterly"
_FIRST_AND_FAMILY = "nl.inflow.first_and_family"
_FIRST_BY_NATIONALITY = tuple(f"{FIRST}.{code}" for code in NATIONALITIES)
_FAMILY_BY_NATIONALITY = tuple(f"{FAMILY}.{code}" for code in NATIONALITIES)

INPUTS = frozenset(
    {
        *KINDS,
        *(f"{kind}.annual" for kind in KINDS),
        _ALL_APPLICATIONS,
        _FIRST_QUARTER,
        _FAMILY_QUARTER,
        _FIRST_AND_FAMILY,
        *_FIRST_BY_NATIONALITY,
        *_FAMILY_BY_NATIONALITY,
    }
)
"""Every series that an estimate may look at."""

START = month_number(date(2008, 1, 1))
"""First month with all applications and a quarterly total of first applications."""
NATIONALITY_START = month_number(date(2015, 1, 1))
"""First month of the nationality series."""
FAMILY_START = month_number(date(2013, 1, 1))
"""First month of first applications plus family members."""
SPLICE = month_number(date(2019, 4, 1))
"""From this quarter on the nationality series is the indicator of first applications."""
RELOCATION = frozenset({2016, 2017})
"""Years in which Eurostat's quarters count relocated persons, and the IND's figures do not."""
MOSTLY_PRINTED = 6
"""A year with more printed months than this does not bind the few that are left."""

Monthly = dict[int, int]
"""Whole persons by month number."""

ShareOut = Callable[[Floats, Sequence[SpanTotal]], Floats]


def _spans(totals: ByMonth, length: int, first: int, until: int) -> list[SpanTotal]:
    """Totals that lie within the months first to until, as spans of that series."""
    return [
        SpanTotal(first=month - first, months=length, total=total)
        for month, total in totals.items()
        if first <= month and month + length - 1 <= until
    ]


def _monthly(
    indicator: Floats, totals: list[SpanTotal], first: int, share_out: ShareOut
) -> Monthly:
    whole = to_whole(share_out(indicator, totals), totals)
    return {first + offset: int(persons) for offset, persons in enumerate(whole)}


def _along(values: ByMonth, first: int, until: int) -> Floats:
    return np.array([values[month] for month in range(first, until + 1)], dtype=float)


def _year_totals(known: Known, kind: str) -> ByMonth:
    """Published year totals of a kind; one missing part is what the total leaves."""
    parts = {part: dict(known.of(f"{part}.annual")) for part in (FIRST, FAMILY, REPEAT)}
    quarters = known.of(_FIRST_QUARTER)
    for year, total in known.of(f"{TOTAL}.annual").items():
        own_quarters = [year + step for step in (0, 3, 6, 9)]
        if (
            year not in parts[FIRST]
            and year // 12 not in RELOCATION
            and all(quarter in quarters for quarter in own_quarters)
        ):
            parts[FIRST][year] = sum(quarters[quarter] for quarter in own_quarters)
        missing = [part for part in parts if year not in parts[part]]
        if len(missing) == 1:
            given = sum(values[year] for values in parts.values() if year in values)
            parts[missing[0]][year] = max(total - given, 0.0)
    return parts[kind]


def _printed_first(known: Known) -> ByMonth:
    """Printed first applications, or what a printed total leaves once the rest is taken off."""
    found = {
        month: max(total - known.of(REPEAT)[month] - known.of(FAMILY)[month], 0.0)
        for month, total in known.of(TOTAL).items()
        if month in known.of(REPEAT) and month in known.of(FAMILY)
    }
    return found | dict(known.of(FIRST))


def _repeat_applications(known: Known, until: int) -> Monthly:
    """Spread evenly within quarters (all less first applications), later within years."""
    every, first = known.of(_ALL_APPLICATIONS), known.of(_FIRST_QUARTER)
    quarters = {
        quarter: max(sum(every[month] for month in range(quarter, quarter + 3)) - total, 0.0)
        for quarter, total in first.items()
        if all(month in every for month in range(quarter, quarter + 3))
    }
    totals = [
        *_spans(known.of(REPEAT), 1, START, until),
        *_spans(quarters, 3, START, until),
        *_spans(_year_totals(known, REPEAT), 12, START, until),
    ]
    return _monthly(np.ones(until - START + 1), totals, START, disaggregate)


def _first_applications(
    known: Known, until: int, repeat: Monthly, share_out: ShareOut = disaggregate
) -> Monthly:
    """All less repeat applications as indicator to March 2019, seven nationalities after."""
    quarters = {
        quarter: total
        for quarter, total in known.of(_FIRST_QUARTER).items()
        if quarter // 12 not in RELOCATION
    }
    every = known.of(_ALL_APPLICATIONS)
    less_repeat = {
        month: max(every[month] - repeat[month], 0.0) for month in repeat if month in every
    }
    result: Monthly = {}
    for first, last, indicator in (
        (START, min(until, SPLICE - 1), less_repeat),
        (SPLICE, until, known.sum_of(_FIRST_BY_NATIONALITY)),
    ):
        if first <= last:
            totals = [
                *_spans(_printed_first(known), 1, first, last),
                *_spans(quarters, 3, first, last),
                *_spans(_year_totals(known, FIRST), 12, first, last),
            ]
            result |= _monthly(_along(indicator, first, last), totals, first, share_out)
    return result


def _family_reunification(known: Known, until: int, first: Monthly) -> Monthly:
    """What first applications leave of the joint months; later along seven nationalities."""
    printed = known.of(FAMILY)
    left = {
        month: max(both - first[month], 0.0)
        for month, both in known.of(_FIRST_AND_FAMILY).items()
        if month in first
    }
    result = {month: int(persons) for month, persons in (left | dict(printed)).items()}
    result = {month: persons for month, persons in result.items() if month <= until}
    if until < NATIONALITY_START:
        return result
    indicator = _along(known.sum_of(_FAMILY_BY_NATIONALITY), NATIONALITY_START, until)
    totals = [
        *_spans(left | dict(printed), 1, NATIONALITY_START, until),
        *_spans(known.of(_FAMILY_QUARTER), 3, NATIONALITY_START, until),
        *_spans(_year_totals(known, FAMILY), 12, NATIONALITY_START, until),
    ]
    return result | _monthly(indicator, totals, NATIONALITY_START, disaggregate)


def _total_inflow(known: Known, until: int, parts: Sequence[Monthly]) -> Monthly:
    """The sum of the parts as indicator; a year binds where most of it was not printed."""
    if until < FAMILY_START:
        return {}
    printed = known.of(TOTAL)
    years = {
        year: total
        for year, total in known.of(f"{TOTAL}.annual").items()
        if sum(month in printed for month in range(year, year + 12)) <= MOSTLY_PRINTED
    }
    indicator = np.array(
        [sum(part[month] for part in parts) for month in range(FAMILY_START, until + 1)], float
    )
    totals = [*_spans(printed, 1, FAMILY_START, until), *_spans(years, 12, FAMILY_START, until)]
    if not totals:
        return {FAMILY_START + offset: int(persons) for offset, persons in enumerate(indicator)}
    return _monthly(indicator, totals, FAMILY_START, disaggregate)


def _last_month(known: Known) -> int | None:
    """End of the last quarter with a total, and with its indicators where those are needed."""
    indicated = set(known.sum_of((*_FIRST_BY_NATIONALITY, *_FAMILY_BY_NATIONALITY)))
    quarters = [
        quarter
        for quarter in known.of(_FIRST_QUARTER)
        if quarter < NATIONALITY_START or indicated.issuperset(range(quarter, quarter + 3))
    ]
    return max(quarters) + 2 if quarters else None


def estimate(known: Known, *, share_out: ShareOut = disaggregate) -> dict[str, Monthly]:
    """Every month of each kind of inflow, to the end of the last quarter that is known.

    Printed months come back as printed; whole persons; every binding total holds exactly.

    Args:
        known: What was known at the moment of the estimate.
        share_out: How first applications follow their indicator.

    Returns:
        Persons by kind (`KINDS`) and month number; empty where no quarter was known.
    """
    until = _last_month(known)
    if until is None:
        return {kind: {} for kind in KINDS}
    repeat = _repeat_applications(known, until)
    first = _first_applications(known, until, repeat, share_out)
    family = _family_reunification(known, until, first)
    total = _total_inflow(known, until, (first, family, repeat))
    return {FIRST: first, FAMILY: family, REPEAT: repeat, TOTAL: total}
