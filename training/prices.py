# SPDX-License-Identifier: EUPL-1.2
"""What reception cost in the year of a past decision, as far as it was published."""

from dataclasses import dataclass

from models.planning.costs import CostParameters

__all__ = ["PRICES", "YearPrices", "prices_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearPrices:
    """Cost of a person in one year.

    Attributes:
        year: The year.
        regular_person: Regular reception, everything included [EUR/(person·year)].
        emergency_person: Emergency reception, everything included [EUR/(person·year)].
        source: Publication.
    """

    year: int
    regular_person: float
    emergency_person: float
    source: str


PRICES = (
    YearPrices(
        year=2022,
        regular_person=27_100.0,
        emergency_person=53_400.0,
        source="coa.nl, Noodopvang twee keer zo duur als normale opvang (November 2023)",
    ),
    YearPrices(
        year=2023,
        regular_person=30_400.0,
        emergency_person=69_400.0,
        source="NOS 2530030 (2024), on the cost of reception in 2023",
    ),
)
"""By year. For the years before 2022 no such pair is published; the earliest stands in for them,
and the latest for the years after it. What an empty place, an opening and a closure cost is
published once only, and is the same in all years."""


def prices_of(year: int) -> CostParameters:
    """The prices of a year, or of the published year that stands in for it."""
    known = [one for one in PRICES if one.year <= year] or [PRICES[0]]
    return CostParameters(
        regular_person=known[-1].regular_person,
        emergency_person=known[-1].emergency_person,
        missing_premium=known[-1].emergency_person - known[-1].regular_person,
    )
