# SPDX-License-Identifier: EUPL-1.2
"""What the occupancy model must beat, and what it is held against."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from models.inflow.base import SHIFT
from models.occupancy.points import DatedPoint
from models.periods import Months
from models.types import LEVELS, Floats

__all__ = ["last_value", "month_ends", "random_walk"]

_NEAR = 3 / 28
"""A point at most three days from the end of a month stands for it [months]."""


def random_walk(points: Sequence[DatedPoint], months: Months) -> Floats:
    """The log random walk of occupancy, from points at any dates.

    The variance per month comes from the changes between successive points, each over its own
    time; for month ends it is the variance of the monthly changes.

    Args:
        points: By day, at least two.
        months: The months forecast, shape (horizon,).

    Returns:
        Quantiles at LEVELS [persons], shape (horizon, levels).
    """
    logs = np.log(np.array([point.persons for point in points]) + SHIFT)
    moments = np.array([point.moment for point in points])
    changes, lengths = np.diff(logs), np.diff(moments)
    drift = changes.sum() / lengths.sum()
    count = len(changes)
    variance = ((changes - drift * lengths) ** 2).sum() / lengths.sum() * count / max(count - 1, 1)
    ahead = months.astype(int) + 1 - moments[-1]
    spread = np.sqrt(variance * ahead)[:, None] * norm.ppf(LEVELS)
    quantiles: Floats = np.maximum(np.exp(logs[-1] + spread) - SHIFT, 0)
    return quantiles


def last_value(points: Sequence[DatedPoint], months: Months) -> Floats:
    """The last point, for sure, at every level [persons], shape (horizon, levels)."""
    return np.full((len(months), len(LEVELS)), points[-1].persons)


def month_ends(points: Sequence[DatedPoint], months: Months) -> Floats:
    """The stock at the end of each month, where a point lies within three days of it.

    Returns:
        Persons [persons], NaN where there is no such point, shape (months,).
    """
    moments = np.array([point.moment for point in points])
    actual = np.full(len(months), np.nan)
    for index, month in enumerate(months):
        distance = np.abs(moments - (int(month.astype(int)) + 1))
        nearest = int(np.argmin(distance))
        if distance[nearest] <= _NEAR:
            actual[index] = points[nearest].persons
    return actual
