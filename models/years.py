# SPDX-License-Identifier: EUPL-1.2
"""A calendar year of a monthly series: the months that are known, and futures of the rest."""

from dataclasses import dataclass

import numpy as np

from models.errors import InvalidInput
from models.periods import Frequency, month_range
from models.types import Floats, Panel, SamplePaths

__all__ = ["YearTotal", "year_total"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class YearTotal:
    """Futures of the total of one year.

    Attributes:
        year: Which year.
        persons: Its total in every path [persons], shape (paths,).
        so_far: What the months before the first sampled one come to [persons].
        known: Months of it that are known [months].
        bridged: Months without a figure between months with one, put on the straight line
            between those [months].
    """

    year: int
    persons: Floats
    so_far: float
    known: int
    bridged: int

    @property
    def ahead(self) -> int:
        """Months that are sampled [months]."""
        return 12 - self.known - self.bridged


def year_total(known: Panel, sampled: SamplePaths, *, series_id: str, year: int) -> YearTotal:
    """The total of a year in every path.

    Args:
        known: What is known, by month.
        sampled: Futures of the same series from its last known month on.
        series_id: The series in both.
        year: Which year.

    Raises:
        NotFound: the series is in neither.
        InvalidInput: not by month, or known and sampled months do not cover the year.

    Source:
        docs/methods.md, Live scores and the official forecast, equation 4.
    """
    if Frequency.MONTH is not known.frequency or Frequency.MONTH is not sampled.frequency:
        raise InvalidInput("The total of a year is made of months.")
    months = month_range(np.datetime64(f"{year}-01", "M"), 12)
    ahead = sampled.periods_of(series_id)
    future = sampled.of(series_id)[:, np.isin(ahead, months)]
    past = known.select([series_id])
    row = past.persons[0]
    figures = np.flatnonzero(np.isfinite(row))
    wanted = (months[months < ahead[0]] - past.periods[0]).astype(int)
    reached = len(figures) > 0 and (not len(wanted) or wanted[0] >= figures[0])
    if not reached or len(wanted) + future.shape[1] != len(months):
        raise InvalidInput(f"Known and sampled months of {series_id!r} do not cover {year}.")
    counts = np.interp(wanted, figures, row[figures])
    count = int(np.isin(wanted, figures).sum())
    return YearTotal(
        year=year,
        persons=counts.sum() + future.sum(axis=1),
        so_far=float(counts.sum()),
        known=count,
        bridged=len(wanted) - count,
    )
