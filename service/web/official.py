# SPDX-License-Identifier: EUPL-1.2
"""The official forecast of the inflow beside ours, year by year, as the page shows it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from models.errors import InvalidInput
from models.years import YearTotal, year_total
from training.store.official_forecasts import OfficialEdition, OfficialForecast, editions_of
from training.store.records import IssuedForecast, Snapshot

__all__ = ["OfficialYear", "present_official"]

TOTAL = "nl.inflow.total"
"""The inflow that official forecasts are about."""

YEARS = 2
"""The year that a forecast is made in, and the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialYear:
    """What the ministry and Getij expect of one year.

    Attributes:
        year: Which year.
        edition: Name of the newest edition that was known.
        published: Day of the edition, or the last day of its month.
        official_low: Its minimum; None where none was published [persons].
        official_middle: Its medium or point forecast; None where none was published [persons].
        official_high: Its maximum; None where none was published [persons].
        low: Lower edge of our 80 % range [persons].
        median: Our middle forecast [persons].
        high: Upper edge of our 80 % range [persons].
        known: Months of the year with a figure [months].
        bridged: Months without a figure between months with one [months].
    """

    year: int
    edition: str
    published: date
    official_low: int | None
    official_middle: float | None
    official_high: int | None
    low: float
    median: float
    high: float
    known: int
    bridged: int


def present_official(
    forecast: IssuedForecast, *, snapshot: Snapshot, official: Sequence[OfficialForecast]
) -> tuple[OfficialYear, ...]:
    """The newest edition of each year beside the forecast; empty where there is none.

    Args:
        forecast: The forecast with its paths.
        snapshot: The figures it was made from.
        official: Official forecasts that were known then.
    """
    if TOTAL not in forecast.inflow.series_ids:
        return ()
    first = forecast.issued_at.year
    newest = {made.target_year: made for made in editions_of(official)}  # the last one stays
    return tuple(
        _year(newest[total.year], total)
        for total in _totals(forecast, snapshot, range(first, first + YEARS))
        if total.year in newest
    )


def _totals(
    forecast: IssuedForecast, snapshot: Snapshot, years: Sequence[int]
) -> Iterator[YearTotal]:
    known = snapshot.panel([TOTAL])
    for year in years:
        try:
            yield year_total(known, forecast.inflow, series_id=TOTAL, year=year)
        except InvalidInput:
            continue  # the forecast does not reach to its end


def _year(made: OfficialEdition, total: YearTotal) -> OfficialYear:
    low, median, high = np.quantile(total.persons, [0.1, 0.5, 0.9]).tolist()
    return OfficialYear(
        year=total.year,
        edition=made.edition,
        published=made.known_at.date(),
        official_low=made.low,
        # Halfway between two ends is ours to compute, and was not published.
        official_middle=None if made.basis == "halfway" else made.middle,
        official_high=made.high,
        low=low,
        median=median,
        high=high,
        known=total.known,
        bridged=total.bridged,
    )
