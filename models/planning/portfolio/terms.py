# SPDX-License-Identifier: EUPL-1.2
"""Terms of a location, and of lending, counted in the half-years of one plan."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from models.planning.register.contract_forms import LENT_MONTHS_UNTIL_BACK, LENT_NOTICE_MONTHS
from models.planning.register.locations import Location, LocationStatus, parse_month

__all__ = [
    "LENT_MONTHS_UNTIL_BACK",
    "LENT_NOTICE_MONTHS",
    "MONTHS_PER_HALF_YEAR",
    "Terms",
    "half_years_for",
]

MONTHS_PER_HALF_YEAR = 6
"""Length of the half-years that a plan decides in [months]."""


def half_years_for(months: int) -> int:
    """Whole half-years that a number of months takes up."""
    return -(-months // MONTHS_PER_HALF_YEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """When a line may change, as indices of half-years; the plan's own length means never.

    Attributes:
        candidate: Whether the line is not there yet.
        places: Places that are decided on as a whole [places].
        more: Places that an expansion adds, all of them together [places].
        fewer: Places that shrinking gives up, half of what is there [places].
        earliest_opening: First half-year in which a candidate can be open, or in which an
            existing line that was closed can be open again.
        earliest_closing: First half-year from which an open line can be left early.
        earliest_expansion: First half-year in which an expansion can be there.
        agreement_end: First half-year that the present agreement no longer covers.
        open_ended: Whether the agreement has no end, so that leaving it takes notice only.
        extension: Half-years that an extension, or a new agreement, binds for.
        notice: Half-years from deciding to leave to leaving.
        lead: Half-years from deciding to open to the first night.
        recall: Half-years from calling up the line as a reserve to the first night.
        horizon: Length of the plan [half-years].
    """

    candidate: bool
    places: int
    more: int = 0
    fewer: int = 0
    earliest_opening: int
    earliest_closing: int
    earliest_expansion: int
    agreement_end: int
    open_ended: bool
    extension: int
    notice: int
    lead: int
    recall: int
    horizon: int

    @classmethod
    def of(cls, location: Location, *, start: np.datetime64, horizon: int) -> Self:
        """The terms of a location in a plan of `horizon` half-years from month `start`.

        An agreement that ends within a half-year counts to the nearer of its two ends. A line
        that is there and has a lead time can be opened again after it was closed. A line can
        shrink where its agreement allows more than one size: more places than it has now.
        """
        candidate = location.status is LocationStatus.CANDIDATE
        end = horizon
        if location.agreement_end is not None and not candidate:
            months = int((parse_month(location.agreement_end) - start).astype(int)) + 1
            end = min(max(round(months / MONTHS_PER_HALF_YEAR), 0), horizon)
        is_open = location.status is LocationStatus.OPEN and not location.fixed_core
        sizes = location.contractual_places > location.places and is_open
        notice = half_years_for(location.notice_months)
        lead = half_years_for(location.lead_time_months)
        bound = max(notice, 0 if candidate else _half_years_bound(location, start=start))
        earliest_closing = min(bound, end)
        reopening = earliest_closing + lead if lead and is_open else horizon
        return cls(
            candidate=candidate,
            places=location.places_possible if candidate else location.places,
            more=location.places_possible - location.places if sizes else 0,
            fewer=location.places // 2 if sizes else 0,
            earliest_opening=min(lead if candidate else reopening, horizon),
            earliest_closing=earliest_closing,
            earliest_expansion=min(half_years_for(location.expansion_months), horizon),
            agreement_end=end,
            open_ended=location.agreement_end is None,
            extension=max(
                half_years_for(max(location.extension_months, location.minimum_term_months)), 1
            ),
            notice=notice,
            lead=lead,
            recall=half_years_for(location.recall_months),
            horizon=horizon,
        )

    @property
    def bound_until(self) -> int:
        """First half-year in which an open line can be left without paying for it."""
        return self.earliest_closing if self.open_ended else self.agreement_end

    @property
    def reopens(self) -> bool:
        """Whether an existing line can be opened again after it was closed."""
        return not self.candidate and self.earliest_opening < self.horizon

    @property
    def stays(self) -> bool:
        """Whether a candidate, once opened, is bound to stay until the plan ends."""
        return self.candidate and self.earliest_opening + self.extension >= self.horizon

    def extension_start(self, half_year: int) -> int:
        """First half-year of the extension that covers `half_year`, after the agreement's end."""
        passed = (half_year - self.agreement_end) % self.extension
        return half_year - passed


def _half_years_bound(location: Location, *, start: np.datetime64) -> int:
    """Half-years that the minimum term of the present agreement still has to run."""
    if location.agreement_start is None:
        return 0
    passed = int((start - parse_month(location.agreement_start)).astype(int))
    return half_years_for(max(location.minimum_term_months - passed, 0))
