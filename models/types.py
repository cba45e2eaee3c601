# SPDX-License-Identifier: EUPL-1.2
"""The nouns that everything shares: a panel of series, and sampled futures of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInput, NotFound
from models.periods import Frequency, Months, month_range

__all__ = ["LEVELS", "Floats", "Panel", "SamplePaths"]

Floats = NDArray[np.float64]

LEVELS: Floats = np.array([0.01, 0.025, *np.round(np.arange(0.05, 0.951, 0.05), 2), 0.975, 0.99])
"""The 23 quantile levels that every forecast is published at [-], shape (23,)."""
LEVELS.setflags(write=False)


def _frozen(values: Floats) -> Floats:
    values = np.array(values, dtype=float)
    values.setflags(write=False)
    return values


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """Several series over the same periods, as known at one moment.

    Attributes:
        series_ids: Name of each series.
        frequency: Month or quarter, the same for every series.
        periods: First month of each period, without gaps, shape (periods,).
        persons: Counts [persons], NaN where nothing is known, shape (series, periods).
    """

    series_ids: tuple[str, ...]
    frequency: Frequency
    periods: Months
    persons: Floats

    def __post_init__(self) -> None:
        expected = (len(self.series_ids), len(self.periods))
        if self.persons.shape != expected:
            raise InvalidInput(f"A panel of shape {expected} was given {self.persons.shape}.")
        if len(set(self.series_ids)) != len(self.series_ids):
            raise InvalidInput("A series is named twice in one panel.")
        if np.any(self.persons < 0) or np.any(np.isinf(self.persons)):
            raise InvalidInput("Counts of persons are finite and never negative.")
        if len(self.periods) and not np.array_equal(
            self.periods, month_range(self.periods[0], len(self.periods), self.frequency)
        ):
            raise InvalidInput("The periods of a panel follow each other without a gap.")
        object.__setattr__(self, "persons", _frozen(self.persons))

    def until(self, cutoff: np.datetime64) -> Self:
        """What had ended by the last day of month `cutoff`; a quarter counts by its last month."""
        ends = self.periods + np.timedelta64(self.frequency.months - 1, "M")
        known = int(np.searchsorted(ends, cutoff.astype("datetime64[M]"), side="right"))
        return replace(self, periods=self.periods[:known], persons=self.persons[:, :known])

    def select(self, series_ids: Sequence[str]) -> Self:
        """The named series, in the order asked for.

        Raises:
            NotFound: a series is not in the panel.
        """
        unknown = [name for name in series_ids if name not in self.series_ids]
        if unknown:
            raise NotFound("series", unknown[0])
        rows = [self.series_ids.index(name) for name in series_ids]
        return replace(self, series_ids=tuple(series_ids), persons=self.persons[rows])

    @property
    def origins(self) -> Months:
        """Last period with a figure, per series, shape (series,).

        Raises:
            InvalidInput: a series has no figure at all.
        """
        known = np.isfinite(self.persons)
        if not known.any(axis=1).all():
            empty = self.series_ids[int(np.argmin(known.any(axis=1)))]
            raise InvalidInput(f"Series {empty!r} has no figures.")
        last = len(self.periods) - 1 - np.argmax(known[:, ::-1], axis=1)
        origins: Months = self.periods[last]
        return origins


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplePaths:
    """Connected futures: path k of one series is one possible course of events.

    Attributes:
        series_ids: Name of each series.
        frequency: Month or quarter.
        origins: Last known period of each series, shape (series,); horizon h of series s
            is the period h steps after origins[s].
        persons: Counts [persons], finite and never negative, shape (paths, series, horizon).
    """

    series_ids: tuple[str, ...]
    frequency: Frequency
    origins: Months
    persons: Floats

    def __post_init__(self) -> None:
        if self.persons.ndim != 3 or self.persons.shape[1] != len(self.series_ids):
            raise InvalidInput(
                f"Paths of {len(self.series_ids)} series were given shape {self.persons.shape}."
            )
        if self.origins.shape != (len(self.series_ids),):
            raise InvalidInput("Every series of the paths has one last known period.")
        if not np.isfinite(self.persons).all() or np.any(self.persons < 0):
            raise InvalidInput("Sampled counts are finite and never negative.")
        object.__setattr__(self, "persons", _frozen(self.persons))

    @property
    def horizon(self) -> int:
        """Number of periods ahead."""
        return int(self.persons.shape[2])

    def of(self, series_id: str) -> Floats:
        """The paths of one series [persons], shape (paths, horizon).

        Raises:
            NotFound: the series is not among the paths.
        """
        if series_id not in self.series_ids:
            raise NotFound("series", series_id)
        paths: Floats = self.persons[:, self.series_ids.index(series_id), :]
        return paths

    def periods_of(self, series_id: str) -> Months:
        """The periods that the paths of one series run over, shape (horizon,)."""
        if series_id not in self.series_ids:
            raise NotFound("series", series_id)
        step = np.timedelta64(self.frequency.months, "M")
        first = self.origins[self.series_ids.index(series_id)] + step
        return month_range(first, self.horizon, self.frequency)

    def quantiles(self, levels: Floats = LEVELS) -> Floats:
        """Quantiles of every series and period [persons], shape (series, horizon, levels)."""
        return np.moveaxis(np.quantile(self.persons, levels, axis=0), 0, -1)
