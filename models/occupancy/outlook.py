# SPDX-License-Identifier: EUPL-1.2
"""What sampled futures of the need say of peaks, of room, of waiting and of outflow."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import InvalidInput
from models.periods import Months
from models.types import Floats

__all__ = ["Exceedance", "Peak", "exceedance", "half_year_sums", "peak", "waiting_times"]

HALF_YEAR = 6
"""Months of a half-year, which begins in January or July [months]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Peak:
    """When the need is highest, and how high.

    Attributes:
        chances: Share of the paths that peak in each month [-], shape (months,); together one.
        month: Half of the paths peak in it or before it.
        persons: Height of the peak at each level [persons], shape (levels,).
    """

    chances: Floats
    month: np.datetime64
    persons: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exceedance:
    """Whether the need outgrows the room there is.

    Attributes:
        chance: Share of the paths that do so in some month [-].
        in_month: Share of the paths that are above it in each month [-], shape (months,).
        by_month: Share of the paths that have been above it by the end of each month [-], same
            shape.
        first: Month in which it first happens, at each level among the paths in which it does;
            None where it happens in none.
    """

    chance: float
    in_month: Floats
    by_month: Floats
    first: tuple[np.datetime64, ...] | None


def peak(need: Floats, periods: Months, *, levels: Sequence[float]) -> Peak:
    """The highest need of each path, and the first month in which it is reached.

    Args:
        need: Paths of the need [persons], shape (paths, months).
        periods: Their months, shape (months,).
        levels: Which quantiles of the height [-].

    Raises:
        InvalidInput: there is no path or no month.
    """
    _check(need, periods)
    months = need.argmax(axis=1)
    return Peak(
        chances=np.bincount(months, minlength=len(periods)) / len(need),
        month=_months_at(months, periods, [0.5])[0],
        persons=np.quantile(need.max(axis=1), levels),
    )


def exceedance(
    need: Floats, periods: Months, *, capacity: float, levels: Sequence[float]
) -> Exceedance:
    """How often and when the need is larger than a capacity.

    Args:
        need: Paths of the need [persons], shape (paths, months).
        periods: Their months, shape (months,).
        capacity: Persons for whom there is room [persons].
        levels: Which quantiles of the first month [-].

    Raises:
        InvalidInput: there is no path or no month, or the capacity is no number of persons.
    """
    _check(need, periods)
    if not np.isfinite(capacity) or capacity < 0:
        raise InvalidInput(f"There cannot be room for {capacity} persons.")
    above = need > capacity
    since = np.logical_or.accumulate(above, axis=1)
    ever = since[:, -1]
    return Exceedance(
        chance=float(ever.mean()),
        in_month=above.mean(axis=0),
        by_month=since.mean(axis=0),
        first=_months_at(above[ever].argmax(axis=1), periods, levels) if ever.any() else None,
    )


def waiting_times(waited: Floats, served: Floats, *, levels: Sequence[float]) -> Floats:
    """How long those served had waited, over the paths in which somebody was served.

    Args:
        waited: Mean wait of those served in each month [months], shape (paths, months).
        served: How many they were [persons/month], same shape.
        levels: Which quantiles [-].

    Returns:
        Quantiles [months], shape (months, levels); NaN in a month in which no path serves anybody.
    """
    months = [
        np.quantile(waited[some, month], levels) if some.any() else np.full(len(levels), np.nan)
        for month, some in enumerate((served > 0).T)
    ]
    return np.stack(months)


def half_year_sums(flow: Floats, periods: Months) -> tuple[Months, Floats]:
    """What goes through in each half-year that lies wholly within the months given.

    Args:
        flow: Paths of a flow [persons/month], shape (paths, months).
        periods: Their months, one after the other, shape (months,).

    Returns:
        The first month of each half-year, shape (half_years,), and persons in it [persons], shape
        (paths, half_years).
    """
    begin = int(-periods[0].astype("datetime64[M]").astype(int) % HALF_YEAR) if len(periods) else 0
    count = max(len(periods) - begin, 0) // HALF_YEAR
    end = begin + count * HALF_YEAR
    sums: Floats = flow[:, begin:end].reshape(len(flow), count, HALF_YEAR).sum(axis=2)
    return periods[begin:end:HALF_YEAR], sums


def _check(need: Floats, periods: Months) -> None:
    if not need.size or need.shape[1] != len(periods):
        raise InvalidInput(f"Need of {need.shape} paths and months has {len(periods)} months.")


def _months_at(
    indices: np.ndarray[tuple[int], np.dtype[np.intp]], periods: Months, levels: Sequence[float]
) -> tuple[np.datetime64, ...]:
    """The months that stand at these levels; each is one that occurs, never between two."""
    found = np.quantile(indices, levels, method="inverted_cdf").astype(int)
    return tuple(periods[index] for index in found)
