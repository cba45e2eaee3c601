# SPDX-License-Identifier: EUPL-1.2
"""Offers of dual use with the names that people know the locations by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from models.planning.portfolio.capacity_plan import CapacityPlan
from models.planning.portfolio.offers import DualUseOffer
from models.planning.register.locations import Location

__all__ = ["OFFER_COLUMNS", "LocatedOffer", "located_offers", "offer_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedOffer(DualUseOffer):
    """Places of one location that may be lent from the start of one half-year.

    Attributes:
        name: What people call the location.
        municipality: Name of the municipality.
        province: One of the twelve.
    """

    name: str
    municipality: str
    province: str


def located_offers(plan: CapacityPlan, register: Sequence[Location]) -> tuple[LocatedOffer, ...]:
    """The offers of a plan, in its own order.

    Args:
        plan: A location plan.
        register: The version of the register that it was made on.
    """
    by_id = {location.location_id: location for location in register}
    names = [entry.name for entry in fields(DualUseOffer)]
    return tuple(
        LocatedOffer(
            **{name: getattr(offer, name) for name in names},
            name=by_id[offer.location_id].name,
            municipality=by_id[offer.location_id].municipality,
            province=by_id[offer.location_id].province,
        )
        for offer in plan.offers
    )


OFFER_COLUMNS = tuple(entry.name for entry in fields(LocatedOffer))
"""Header of the offers as a table."""


def offer_rows(offers: Sequence[LocatedOffer]) -> Iterator[list[str | int | float | None]]:
    """The offers as lines of a table; groups stand in one cell, as in the register."""
    for offer in offers:
        values = [getattr(offer, name) for name in OFFER_COLUMNS]
        yield [";".join(value) if isinstance(value, tuple) else value for value in values]
