# SPDX-License-Identifier: EUPL-1.2
"""The regime alarm: a sequential test that the figures no longer look like what was learned.

Every new figure is a bet against the forecast made just before it. While forecasts are honest no
bet wins on average, so the evidence grows by at most one a period, and an alarm is rare.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from models.errors import InvalidInput
from models.inflow.base import season_of
from models.periods import Frequency, Months
from models.types import Floats

__all__ = [
    "HONEST_YEARS",
    "Alarm",
    "AlarmState",
    "Direction",
    "RegimeVerdict",
    "Watch",
    "memory",
    "watch",
]

HONEST_YEARS = 5
"""While forecasts are honest, the average time to an alarm is at least this long [years]."""

MOST_YEARS = 100
"""No alarm is called rarer than this, however strong: no model is that sure of itself [years]."""


class Direction(StrEnum):
    """In which way figures differ from what was forecast."""

    HIGHER = "higher"
    LOWER = "lower"
    VOLATILE = "volatile"
    """Now far above, now far below."""


class AlarmState(StrEnum):
    """What the alarm says of a series."""

    TOO_SHORT = "too_short"
    """There have been too few figures to tell."""
    SILENT = "silent"
    RINGING = "ringing"


BETS: Final = {
    Direction.HIGHER: ((2.0, 1.0), (4.0, 1.0)),
    Direction.LOWER: ((1.0, 2.0), (1.0, 4.0)),
    Direction.VOLATILE: ((0.5, 0.5),),
}
"""Parameters of the beta densities that are bet on; convex, so that ranks may stand for places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm, from the period it began to ring in.

    Attributes:
        direction: In which way the figures differed.
        since: Period from which on they most likely did.
        rang: Period whose figure made it ring.
        until: Last period that it rang in; None while it still rings.
    """

    direction: Direction
    since: np.datetime64
    rang: np.datetime64
    until: np.datetime64 | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeVerdict:
    """What the alarm says of a series at one moment; plain values, so that it can be kept.

    Attributes:
        state: Too short to tell, silent, or ringing.
        direction: In which way figures differ, while it rings.
        since: Month from which on they most likely do, YYYY-MM, while it rings.
        rang: Month whose figure made it ring, YYYY-MM, while it rings.
        once_in_years: Honest forecasts give an alarm as strong as this at most once in so many
            years, on average, while it rings [years].
    """

    state: AlarmState
    direction: Direction | None = None
    since: str | None = None
    rang: str | None = None
    once_in_years: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Watch:
    """The course of the alarm over one series.

    Attributes:
        frequency: Month or quarter.
        periods: First month of each period, shape (periods,).
        evidence: By direction, in periods of honest forecasts that it takes on average to get
            so far by chance, whatever the direction; shape (directions, periods).
        alarms: In the order in which they rang; two directions may ring at once.
        compared: Whether there was a figure and a forecast of it, shape (periods,).
    """

    frequency: Frequency
    periods: Months
    evidence: Floats
    alarms: tuple[Alarm, ...]
    compared: NDArray[np.bool_]

    @property
    def verdict(self) -> RegimeVerdict:
        """What the alarm says after the last period.

        Figures that are all far above are far out as well: of two alarms that ring, the one
        that says which way is told, and of two ways the newer one.
        """
        if self.compared.sum() < memory(self.frequency):
            return RegimeVerdict(state=AlarmState.TOO_SHORT)
        ringing = [alarm for alarm in self.alarms if alarm.until is None]
        if not ringing:
            return RegimeVerdict(state=AlarmState.SILENT)
        last = max(
            ringing, key=lambda alarm: (alarm.direction is not Direction.VOLATILE, alarm.rang)
        )
        course = self.evidence[list(Direction).index(last.direction)]
        years = course[self.periods >= last.rang].max() / season_of(self.frequency)
        return RegimeVerdict(
            state=AlarmState.RINGING,
            direction=last.direction,
            since=str(last.since),
            rang=str(last.rang),
            once_in_years=int(min(years, MOST_YEARS)),
        )

    def ringing_at(self, period: np.datetime64) -> tuple[Alarm, ...]:
        """The alarms that rang in a period."""
        return tuple(
            alarm
            for alarm in self.alarms
            if alarm.rang <= period and (alarm.until is None or period <= alarm.until)
        )


def memory(frequency: Frequency) -> int:
    """Half a year: so many figures it takes to tell anything, and to end an alarm [periods]."""
    return max(season_of(frequency) // 2, 2)


def watch(places: Floats, *, periods: Months, frequency: Frequency) -> Watch:
    """Run the alarm over one series.

    With every figure the evidence of a bet, and one more, is multiplied by what the bet pays: the
    Shiryaev-Roberts detector. It stands still where there is no figure. A direction rings when
    its evidence reaches three times HONEST_YEARS, since there are three of them. It ends when
    the figures of the last half-year, taken by themselves, no longer speak for that direction,
    whose evidence then starts anew.

    Args:
        places: Place of each figure in its forecast distribution [-], NaN where there is none,
            shape (periods,).
        periods: First month of each period, shape (periods,).
        frequency: Month or quarter.

    Raises:
        InvalidInput: a place is not strictly between 0 and 1.

    Source:
        Shin, Ramdas and Rinaldo (2023), E-detectors: a nonparametric framework for sequential
        change detection, New England J. Statistics in Data Science; docs/methods.md, Regime
        alarm, equations 3 to 6.
    """
    known = np.flatnonzero(np.isfinite(places))
    if np.any(places[known] <= 0) or np.any(places[known] >= 1):
        raise InvalidInput("The place of a figure in its forecast lies between 0 and 1.")
    evidence = np.zeros((len(BETS), len(places)))
    alarms: list[Alarm] = []
    for row, (direction, bets) in enumerate(BETS.items()):
        pays = np.array([beta.pdf(places[known], a, b) for a, b in bets])
        course, rang = _course(
            pays,
            threshold=len(BETS) * HONEST_YEARS * season_of(frequency),
            memory=memory(frequency),
        )
        evidence[row] = _carried(course / len(BETS), known, len(places))
        alarms += [
            Alarm(
                direction=direction,
                since=periods[known[since]],
                rang=periods[known[first]],
                until=None if last is None else periods[known[last]],
            )
            for since, first, last in rang
        ]
    return Watch(
        frequency=frequency,
        periods=periods,
        evidence=evidence,
        alarms=tuple(sorted(alarms, key=lambda alarm: alarm.rang)),
        compared=np.isfinite(places),
    )


def _course(
    pays: Floats, *, threshold: float, memory: int
) -> tuple[Floats, list[tuple[int, int, int | None]]]:
    """Evidence of one direction after each figure, and its alarms.

    Args:
        pays: What each bet pays on each figure [-], shape (bets, figures).
        threshold: Evidence that rings [periods].
        memory: Figures that end an alarm [periods].

    Returns:
        Evidence, shape (figures,), and the figures that each alarm dates from, rang at and last
        rang at.
    """
    evidence = np.zeros(pays.shape[1])
    rang: list[tuple[int, int, int | None]] = []
    held, start, ringing = np.zeros(len(pays)), 0, False
    for now, paid in enumerate(pays.T):
        held = (held + 1) * paid
        evidence[now] = held.mean()
        if ringing and pays[:, now - memory + 1 : now + 1].prod(axis=1).mean() < 1:
            since, first, _ = rang[-1]
            rang[-1] = since, first, now - 1
            held, start, ringing = np.zeros(len(pays)), now + 1, False
        elif not ringing and now + 1 >= memory and evidence[now] >= threshold:
            since = start + _likeliest_start(pays[:, start : now + 1])
            rang.append((since, now, None))
            ringing = True
    return evidence, rang


def _likeliest_start(pays: Floats) -> int:
    """From which figure on the bets would have won most: where Page's CUSUM began."""
    from_each = np.cumprod(pays[:, ::-1], axis=1)[:, ::-1]
    return int(np.argmax(from_each.mean(axis=0)))


def _carried(course: Floats, known: NDArray[np.intp], count: int) -> Floats:
    """Evidence in every period: in a gap it stands as it stood."""
    last = np.searchsorted(known, np.arange(count), side="right") - 1
    carried: Floats = np.where(last >= 0, course[last], 0.0) if len(course) else np.zeros(count)
    return carried
