# SPDX-License-Identifier: EUPL-1.2
"""Dual use: how many places can be lent, and the odds that they are needed back too early."""

import numpy as np

from models.periods import Months
from models.planning.capacity_plan import LendingRoom, PlanSettings
from models.planning.outcome import Portfolio, walk_months
from models.planning.terms import LENT_MONTHS_UNTIL_BACK, MONTHS_PER_HALF_YEAR
from models.types import Floats

__all__ = ["lending_floor", "lending_room"]


def _peaks_until_back(need: Floats) -> Floats:
    """Highest need before a place lent at the start of a half-year could be back.

    Returns:
        Peak [persons], shape (paths, half-years); cut off where the need ends.
    """
    starts = range(0, need.shape[1], MONTHS_PER_HALF_YEAR)
    return np.stack(
        [need[:, at : at + LENT_MONTHS_UNTIL_BACK].max(axis=1) for at in starts], axis=1
    )


def lending_floor(need: Floats, *, settings: PlanSettings) -> Floats:
    """Persons that the places which are not lent must house before anything may be lent.

    Args:
        need: Need by month [persons], shape (paths, months), whole half-years.
        settings: Holds the board's limit on the chance of a shortage.

    Returns:
        The need that is exceeded in at most a share `lending_limit` of the futures [persons],
        shape (half-years,).

    Source:
        docs/methods.md, Location plan, equation 9.
    """
    peaks = _peaks_until_back(need)
    floor: Floats = np.quantile(peaks, 1 - settings.lending_limit, axis=0, method="inverted_cdf")
    return floor


def lending_room(
    portfolio: Portfolio,
    need: Floats,
    *,
    periods: Months,
    settings: PlanSettings,
) -> tuple[LendingRoom, ...]:
    """Per half-year: the places that could be lent, those that are, and the odds of both.

    Args:
        portfolio: Places of the plan.
        need: Need by month [persons], shape (paths, months).
        periods: Months of the need.
        settings: Board's limit, occupancy norm and costs.
    """
    norm = settings.occupancy_norm
    floor = lending_floor(need, settings=settings)
    peaks = _peaks_until_back(need)
    kept = portfolio.regular + portfolio.reserve + portfolio.emergency
    recalled = walk_months(portfolio, need, occupancy_norm=norm).recalled
    by_half_year = recalled.reshape(len(need), -1, MONTHS_PER_HALF_YEAR).max(axis=2)
    years = MONTHS_PER_HALF_YEAR / 12
    return tuple(
        LendingRoom(
            period=str(periods[at * MONTHS_PER_HALF_YEAR]),
            places_lendable=max(int(there - np.ceil(floor[at] / norm - 1e-6)), 0),
            places_lent=int(lent),
            chance_short_before_back=float(np.mean(peaks[:, at] > norm * kept[at])),
            chance_recalled=float(np.mean(by_half_year[:, at] > 0)),
            income_eur=float(lent * settings.costs.lending_income * years),
        )
        for at, (there, lent) in enumerate(zip(kept + portfolio.lent, portfolio.lent, strict=True))
    )
