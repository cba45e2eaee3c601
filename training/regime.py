# SPDX-License-Identifier: EUPL-1.2
"""What the regime alarm is worth: how often it rings for nothing, and how soon when it should."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.inflow.base import from_log, season_of
from models.inflow.features import describe_origins
from models.inflow.regime import Direction, RegimeVerdict, Watch, watch
from models.inflow.surprise import MEMORY_YEARS, one_step_errors, surprises
from models.periods import month_range
from models.types import Floats, Panel
from training.backtest import Progress

__all__ = [
    "AlarmBacktest",
    "Change",
    "Rate",
    "backtest_alarm",
    "calm_periods",
    "changes",
    "drawn_anew",
    "verdict_of",
    "watches",
]

REPEATS = 5
"""How often the whole panel is drawn anew from its own model."""

STREAMS, STREAM_YEARS = 100, 50
"""Honest streams drawn, and the length of each [years]."""

CALM = 1.25
"""A month is calm when the year after it brings less than this times the year up to it, and more
than its inverse [-]."""

CHANGE = 2.0
"""A change is a quarter with this many times the persons of a year before, or its inverse [-]."""

FEWEST_PERSONS = 600.0
"""The larger of the two quarters holds so many, or doubling says little [persons]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often the alarm rang.

    Attributes:
        what: Over which figures.
        alarms: How many alarms, of any direction.
        years: Years of one series in which no alarm was ringing already [years].
    """

    what: str
    alarms: int
    years: float

    @property
    def between(self) -> float:
        """Years of one series from one alarm to the next; without end if there was none."""
        return self.years / self.alarms if self.alarms else float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A doubling or halving that the figures themselves show.

    Attributes:
        series_id: Which series.
        direction: Higher or lower.
        period: First period in which the last quarter is twice, or half, that of a year before.
        delay: Periods from then to the alarm, negative when it rang before; None when it did not
            ring within a year of it.
    """

    series_id: str
    direction: Direction
    period: str
    delay: int | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlarmBacktest:
    """What the alarm did on a panel.

    Attributes:
        courses: Its course over each series.
        rates: How often it rang, by kind of figures.
        changes: What it said of doublings and halvings.
    """

    courses: Mapping[str, Watch]
    rates: tuple[Rate, ...]
    changes: tuple[Change, ...]

    def alarm_table(self) -> list[list[str]]:
        """Every alarm as a row of text, the header first."""
        return [["series", "direction", "since", "rang", "until"]] + [
            [
                series_id,
                alarm.direction.value,
                str(alarm.since),
                str(alarm.rang),
                "now" if alarm.until is None else str(alarm.until),
            ]
            for series_id, course in self.courses.items()
            for alarm in course.alarms
        ]

    def rate_table(self) -> list[list[str]]:
        """How often it rang as rows of text, the header first."""
        return [["over", "alarms", "series-years", "years to an alarm"]] + [
            [rate.what, str(rate.alarms), f"{rate.years:,.0f}", f"{rate.between:.1f}"]
            for rate in self.rates
        ]

    def change_table(self) -> list[list[str]]:
        """What it said of doublings and halvings as rows of text, the header first."""
        return [["change", "seen", "rang", "periods to the alarm"]] + [
            [
                direction.value,
                str(len(seen)),
                str(len(delays := sorted(c.delay for c in seen if c.delay is not None))),
                " ".join(f"{delay:+d}" for delay in delays),
            ]
            for direction in (Direction.HIGHER, Direction.LOWER)
            if (seen := [change for change in self.changes if change.direction is direction])
        ]

    def to_json(self) -> dict[str, Any]:
        """As plain lists and numbers: rates, changes, alarms, and evidence by period."""
        return {
            "rates": [{**asdict(rate), "between": _finite(rate.between)} for rate in self.rates],
            "changes": [asdict(change) for change in self.changes],
            "series": {
                series_id: {
                    "verdict": asdict(course.verdict),
                    "alarms": [
                        {
                            "direction": alarm.direction.value,
                            "since": str(alarm.since),
                            "rang": str(alarm.rang),
                            "until": None if alarm.until is None else str(alarm.until),
                        }
                        for alarm in course.alarms
                    ],
                    "periods": [str(period) for period in course.periods],
                    "evidence": {
                        direction.value: np.round(row, 3).tolist()
                        for direction, row in zip(Direction, course.evidence, strict=True)
                    },
                }
                for series_id, course in self.courses.items()
            },
        }


def _finite(value: float) -> float | None:
    return round(value, 2) if np.isfinite(value) else None


def watches(panel: Panel) -> dict[str, Watch]:
    """The course of the alarm over every series of a panel."""
    return {
        series_id: watch(places, periods=panel.periods, frequency=panel.frequency)
        for series_id, places in zip(panel.series_ids, surprises(panel), strict=True)
    }


def verdict_of(panel: Panel, series_id: str) -> RegimeVerdict:
    """What the alarm says of one series, the others helping to tell what is ordinary.

    Raises:
        NotFound: the series is not in the panel.
    """
    panel.select([series_id])
    return watches(panel)[series_id].verdict


def backtest_alarm(
    panel: Panel, *, rng: np.random.Generator, progress: Progress | None = None
) -> AlarmBacktest:
    """Run the alarm over a panel, and over figures that are honest by construction.

    Args:
        panel: All figures; what is said of a period rests on earlier ones alone.
        rng: Draws the honest figures.
        progress: Told after each time the panel was drawn anew.
    """
    courses = watches(panel)
    drawn = []
    for done in range(1, REPEATS + 1):
        drawn += list(watches(drawn_anew(panel, rng)).values())
        if progress is not None:
            progress(done, REPEATS)
    periods = STREAM_YEARS * season_of(panel.frequency)
    months = month_range(np.datetime64("2000-01"), periods, panel.frequency)
    streams = [
        watch(rng.uniform(size=periods), periods=months, frequency=panel.frequency)
        for _ in range(STREAMS)
    ]
    calm = dict(zip(panel.series_ids, calm_periods(panel), strict=True))
    return AlarmBacktest(
        courses=courses,
        rates=(
            _rate("all figures", list(courses.values())),
            _rate("calm figures", list(courses.values()), within=[calm[name] for name in courses]),
            _rate("figures drawn from the model", drawn),
            _rate("honest streams", streams),
        ),
        changes=tuple(changes(panel, courses)),
    )


def _rate(
    what: str,
    courses: Sequence[Watch],
    *,
    within: Sequence[NDArray[np.bool_]] | None = None,
) -> Rate:
    alarms, years = 0, 0.0
    for place, course in enumerate(courses):
        counted = course.compared if within is None else course.compared & within[place]
        rang = [alarm.rang for alarm in course.alarms]
        alarms += int(counted[np.searchsorted(course.periods, rang)].sum()) if rang else 0
        ringing = np.zeros(len(course.periods), dtype=bool)
        for alarm in course.alarms:
            last = course.periods[-1] if alarm.until is None else alarm.until
            ringing |= (course.periods > alarm.rang) & (course.periods <= last)
        years += float((counted & ~ringing).sum()) / season_of(course.frequency)
    return Rate(what=what, alarms=alarms, years=years)


def drawn_anew(panel: Panel, rng: np.random.Generator) -> Panel:
    """Figures as the model believes they come: a walk around a season, with errors as they were.

    Every series keeps its own gain, noise, season and gaps; a series without a forecast is left
    unknown.

    Source:
        docs/methods.md, Regime alarm, equation 7.
    """
    origins = describe_origins(panel, only_last=True, memory_years=MEMORY_YEARS)
    made = one_step_errors(panel)
    pool = made[np.isfinite(made)]
    pool = (pool - pool.mean()) / pool.std()
    count = panel.persons.shape[1]
    persons = np.full_like(panel.persons, np.nan)
    for series, row in enumerate(origins.last_of(len(panel.series_ids))):
        if row is None:
            continue
        errors = origins.noise[row] * rng.choice(pool, size=count)
        walk = origins.gain[row] * np.cumsum(errors)
        before = np.concatenate([[0.0], walk[:-1]])
        season = origins.season_ahead(count)[row]
        persons[series] = np.round(from_log(origins.level[row] + before + errors + season))
    known = np.isfinite(panel.persons)
    return replace(panel, persons=np.where(known, persons, np.nan))


def calm_periods(panel: Panel) -> NDArray[np.bool_]:
    """Whether the year after a period brought about as many persons as the year up to it.

    The year after makes sure that the beginning of a surge is not called calm; so the last year
    of a panel, and whatever has a gap in either year, is never calm.

    Returns:
        Shape (series, periods).
    """
    season = season_of(panel.frequency)
    year = _totals(panel.persons, season)
    after = np.full_like(year, np.nan)
    after[:, :-season] = year[:, season:]
    calm: NDArray[np.bool_] = (after < CALM * year) & (year < CALM * after)
    return calm


def changes(panel: Panel, courses: Mapping[str, Watch]) -> Iterator[Change]:
    """The doublings and halvings of a panel, and how soon the alarm rang in their direction.

    Only changes that the alarm could see: with a year of figures compared before them. A change
    counts once until a year has passed without it.
    """
    season = season_of(panel.frequency)
    quarter = _totals(panel.persons, max(season // 4, 1))
    before = np.full_like(quarter, np.nan)
    before[:, season:] = quarter[:, :-season]
    large = np.fmax(quarter, before) >= FEWEST_PERSONS
    for direction, changed in (
        (Direction.HIGHER, (quarter >= CHANGE * before) & large),
        (Direction.LOWER, (CHANGE * quarter <= before) & large),
    ):
        for row, series_id in enumerate(panel.series_ids):
            course = courses[series_id]
            compared = np.cumsum(course.compared)
            for place in np.flatnonzero(changed[row]):
                if compared[place] > season and not changed[row, place - season : place].any():
                    yield Change(
                        series_id=series_id,
                        direction=direction,
                        period=str(panel.periods[place]),
                        delay=_delay(course, direction, int(place), season),
                    )


def _totals(persons: Floats, periods: int) -> Floats:
    """Total of the last periods up to each, NaN where one is unknown, shape of persons."""
    totals = np.full_like(persons, np.nan)
    if persons.shape[1] >= periods:
        windows = np.lib.stride_tricks.sliding_window_view(persons, periods, axis=1)
        totals[:, periods - 1 :] = windows.sum(axis=-1)
    return totals


def _delay(course: Watch, direction: Direction, place: int, season: int) -> int | None:
    rang = [alarm.rang for alarm in course.alarms if alarm.direction is direction]
    delays = np.searchsorted(course.periods, np.array(rang, dtype=course.periods.dtype)) - place
    near = delays[np.abs(delays) <= season]
    return int(near[0]) if len(near) else None
