# SPDX-License-Identifier: EUPL-1.2
"""What every inflow forecaster promises, and the log scale they work on."""

from typing import Protocol, Self

import numpy as np
from numpy.random import Generator

from models.errors import InvalidInput
from models.periods import Frequency
from models.types import Floats, Panel, SamplePaths

__all__ = [
    "SHIFT",
    "Forecaster",
    "Member",
    "from_log",
    "histories",
    "log_persons",
    "minimum_figures",
    "require_history",
    "season_of",
]

SHIFT = 5.0
"""Added before the logarithm, so that a month without arrivals is a number [persons]."""

LOG_CEILING = float(np.log(1e8))
"""No forecast exceeds a hundred million persons, whatever a member says [log persons]."""


class Forecaster(Protocol):
    """Learns from a panel known so far and draws the periods after it.

    Implementations are deterministic given their generator, never read the clock, and pass
    tests/contracts/test_forecasters.py.
    """

    name: str

    def fit(self, panel: Panel) -> Self:
        """Learn from the panel.

        Raises:
            InvalidInput: a series is too short, or its periods are no whole months.
        """
        ...

    def sample(self, horizon: int, *, paths: int, rng: Generator) -> SamplePaths:
        """Draw connected futures [persons], shape (paths, series, horizon).

        Raises:
            NotFitted: called before fit.
        """
        ...


class Member(Forecaster, Protocol):
    """A forecaster that also states its quantiles, so that an ensemble can weigh it."""

    def log_quantiles(self, horizon: int) -> Floats:
        """Quantiles of log(persons + 5) at LEVELS, shape (series, horizon, levels).

        A row of NaN says that the member has nothing to say on that series.

        Raises:
            NotFitted: called before fit.
        """
        ...


def log_persons(panel: Panel) -> Floats:
    """The panel on the log scale, log(persons + 5), NaN where nothing is known."""
    return np.log(panel.persons + SHIFT)


def from_log(values: Floats) -> Floats:
    """Back from the log scale to persons, never negative and never endless."""
    persons: Floats = np.maximum(np.exp(np.minimum(values, LOG_CEILING)) - SHIFT, 0.0)
    return persons


def season_of(frequency: Frequency) -> int:
    """Number of periods in a year; raises InvalidInput for weeks and dated points."""
    return 12 // frequency.months


def minimum_figures(frequency: Frequency) -> int:
    """Fewest figures a series needs before anything is said about it [periods]."""
    return max(season_of(frequency), 8)


def require_history(panel: Panel) -> None:
    """Refuse a panel with a series too short to learn from.

    Raises:
        InvalidInput: the first series with too few figures, by name.
    """
    needed = minimum_figures(panel.frequency)
    for series_id, count in zip(
        panel.series_ids, np.isfinite(panel.persons).sum(axis=1), strict=True
    ):
        if count < needed:
            raise InvalidInput(
                f"Series {series_id!r} has {count} figures; a forecast needs at least {needed}."
            )


def histories(panel: Panel) -> list[Floats]:
    """Each series on the log scale from its first to its last figure, NaN in gaps between."""
    rows = []
    for row in log_persons(panel):
        known = np.flatnonzero(np.isfinite(row))
        rows.append(row[known[0] : known[-1] + 1])
    return rows
