# SPDX-License-Identifier: EUPL-1.2
"""Terms of a location, and of lending, counted in the half-years of one plan."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from models.planning.locations import Location, LocationStatus, parse_month

__all__ = [
    "LENT_MONTHS_UNTIL_BACK",
    "LENT_NOTICE_MONTHS",
    "MONTHS_PER_HALF_YEAR",
    "Terms",
    "half_years_for",
]

MONTHS_PER_HALF_YEAR = 6
"""Length of the half-years that a plan decides in [months]."""

LENT_NOTICE_MONTHS = 3
"""Shortest notice for a place lent under the Vacancy Act (Leegstandwet, art. 16) [months]."""

LENT_MONTHS_UNTIL_BACK = 6 + LENT_NOTICE_MONTHS
"""From lending under the Vacancy Act, at least six months, to the first night back [months]."""


def half_years_for(months: int) -> int:
    """Whole half-years that a number of months takes up."""
    return -(-months // MONTHS_PER_HALF_YEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """When a line may change, as indices of half-years; the plan's own length means never.

    Attributes:
        candidate: Whether the line is not there yet.
        places: Places that are decided on as a whole [places].
        earliest_opening: First half-year in which a candidate can be open.
        earliest_closing: First half-year from which an open line can be left early.
        agreement_end: First half-year that the present agreement no longer covers.
        open_ended: Whether the agreement has no end, so that leaving it takes notice only.
        extension: Half-years that an extension binds for.
        horizon: Length of the plan [half-years].
    """

    candidate: bool
    places: int
    earliest_opening: int
    earliest_closing: int
    agreement_end: int
    open_ended: bool
    extension: int
    horizon: int

    @classmethod
    def of(cls, location: Location, *, start: np.datetime64, horizon: int) -> Self:
        """The terms of a location in a plan of `horizon` half-years from month `start`.

        An agreement that ends within a half-year counts to the nearer of its two ends.
        """
        candidate = location.status is LocationStatus.CANDIDATE
        end = horizon
        if location.agreement_end is not None and not candidate:
            months = int((parse_month(location.agreement_end) - start).astype(int)) + 1
            end = min(max(round(months / MONTHS_PER_HALF_YEAR), 0), horizon)
        return cls(
            candidate=candidate,
            places=location.places_possible if candidate else location.places,
            earliest_opening=min(half_years_for(location.lead_time_months), horizon),
            earliest_closing=min(half_years_for(location.notice_months), end),
            agreement_end=end,
            open_ended=location.agreement_end is None,
            extension=max(half_years_for(location.extension_months), 1),
            horizon=horizon,
        )

    @property
    def bound_until(self) -> int:
        """First half-year in which an open line can be left without paying for it."""
        return self.earliest_closing if self.open_ended else self.agreement_end

    def extension_start(self, half_year: int) -> int:
        """First half-year of the extension that covers `half_year`, after the agreement's end."""
        passed = (half_year - self.agreement_end) % self.extension
        return half_year - passed
