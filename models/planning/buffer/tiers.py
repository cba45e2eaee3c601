# SPDX-License-Identifier: EUPL-1.2
"""Tiers of the buffer: how soon their places are ready, and what having and using them costs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from models.errors import InvalidInput
from models.planning.costs import Basis, CostParameters, Origin
from models.planning.register.contract_forms import LENT_NOTICE_MONTHS, LENT_TERM_MONTHS

__all__ = ["TIER_ORIGINS", "BufferTier", "TierName", "check_tiers", "usual_tiers"]


class TierName(StrEnum):
    """The steps of the buffer, in the order in which they are called up."""

    REGULAR = "regular"
    """Open places: ready at once."""
    DIRECT_RESERVE = "direct_reserve"
    """Kept empty within existing agreements."""
    RECALLABLE_DUAL_USE = "recallable_dual_use"
    """Lent to others in a form that can be ended on notice."""
    INDIRECT_RESERVE = "indirect_reserve"
    """Prepared, but it needs one more agreement."""
    TEMPORARY = "temporary"
    """Hired for a season: holiday parks, halls."""
    EMERGENCY = "emergency"
    """Emergency reception: found when it is needed, never held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferTier:
    """Places that can be called up when the regular ones are full.

    Attributes:
        name: Which tier.
        activation_months: From calling up to the first night [months].
        most_places: Places of it that there can be; None where nothing limits them [places].
        holding_eur: A place that is held and not called up [EUR/(place·year)].
        person_eur: A person who sleeps in it, everything included [EUR/(person·year)].
        activation_eur: Calling up one place, and giving it back, once [EUR/place].
        earliest_months: From the start of the window until it may first be called up [months].
    """

    name: TierName
    activation_months: int
    most_places: int | None
    holding_eur: float
    person_eur: float
    activation_eur: float
    earliest_months: int = 0

    def __post_init__(self) -> None:
        if self.name is TierName.REGULAR:
            raise InvalidInput("Regular places are open already: they are no tier to call up.")
        if self.name is TierName.EMERGENCY and (self.most_places is not None or self.holding_eur):
            raise InvalidInput(
                "Emergency reception is found when it is needed: it has no limit and is not held."
            )
        prices = (self.holding_eur, self.person_eur, self.activation_eur)
        if min(self.activation_months, self.earliest_months, self.most_places or 0, *prices) < 0:
            raise InvalidInput(f"Tier {self.name}: no time, number or price can be below 0.")
        if not all(math.isfinite(price) for price in prices):
            raise InvalidInput(f"Tier {self.name}: every price must be finite.")

    @property
    def soonest(self) -> int:
        """From the start of the window until its places can first be ready [months]."""
        return self.earliest_months + self.activation_months

    @property
    def first_ready(self) -> int:
        """First month of the window at whose end its places can be ready, counted from 0."""
        # Decided on the first day of the window, which is the end of the month before it.
        return max(self.soonest - 1, 0)


def check_tiers(tiers: Sequence[BufferTier], *, costs: CostParameters) -> None:
    """Refuse tiers that make no ladder.

    Raises:
        InvalidInput: a tier is named twice, emergency reception is not the last, or it is
            cheaper than regular reception.
    """
    names = [tier.name for tier in tiers]
    if len(set(names)) < len(names):
        raise InvalidInput("A tier is named twice.")
    if TierName.EMERGENCY in names[:-1]:
        raise InvalidInput("Emergency reception is the last tier: nobody calls it up before.")
    if names[-1:] == [TierName.EMERGENCY] and tiers[-1].person_eur <= costs.regular_person:
        raise InvalidInput(
            f"Emergency reception at {tiers[-1].person_eur:,.0f} EUR is not dearer than regular "
            f"reception at {costs.regular_person:,.0f} EUR: no place would be held at all."
        )


_HIRED_HOUSING = 25_550.0
"""Housing hired for a season: 70 EUR a day, halfway 40-100 EUR [EUR/(place·year)]."""
_OPTION = 0.1
"""What keeping places in prospect costs, as a share of the housing of an empty place [-]."""
_INDIRECT_EVER, _HALLS_EVER = 3_000, 1_800
"""The only sizes of an indirect reserve and of halls on call that were published [places]."""


def usual_tiers(costs: CostParameters, *, most_lent: int | None = None) -> tuple[BufferTier, ...]:
    """The ladder of tiers as it is taken when nobody says otherwise.

    Args:
        costs: What places cost.
        most_lent: Places that may be lent in a form that can be recalled [places].
    """
    moving = costs.open_place + costs.close_place
    return (
        BufferTier(
            name=TierName.DIRECT_RESERVE,
            activation_months=3,
            most_places=None,
            holding_eur=costs.empty_place,
            person_eur=costs.regular_person,
            activation_eur=costs.open_place,
        ),
        BufferTier(
            name=TierName.RECALLABLE_DUAL_USE,
            activation_months=LENT_NOTICE_MONTHS,
            most_places=most_lent,
            holding_eur=max(costs.empty_place - costs.lending_income, 0.0),
            person_eur=costs.regular_person,
            activation_eur=costs.open_place,
            earliest_months=LENT_TERM_MONTHS,
        ),
        BufferTier(
            name=TierName.INDIRECT_RESERVE,
            activation_months=4,
            most_places=_INDIRECT_EVER,
            holding_eur=_OPTION * costs.empty_place,
            person_eur=costs.regular_person,
            activation_eur=moving,
        ),
        BufferTier(
            name=TierName.TEMPORARY,
            activation_months=2,
            most_places=_HALLS_EVER,
            holding_eur=_OPTION * costs.empty_place,
            person_eur=costs.regular_person - costs.empty_place + _HIRED_HOUSING,
            activation_eur=moving,
        ),
        BufferTier(
            name=TierName.EMERGENCY,
            activation_months=1,
            most_places=None,
            holding_eur=0.0,
            person_eur=costs.regular_person + costs.missing_premium,
            activation_eur=0.0,
        ),
    )


_OWNER = "Getij, until COA states its own figure"


def _assumed(source: str) -> Origin:
    return Origin(basis=Basis.ASSUMPTION, source=source, owner=_OWNER)


def _derived(source: str, year: int | None = None) -> Origin:
    return Origin(basis=Basis.DERIVED, source=source, owner=_OWNER, year=year)


_HOUSING = _derived("Housing of an empty place, as in the prices", 2022)
_LAW = "Vacancy Act (Leegstandwet), art. 16: at least six months, then three months' notice"
_MOVING = _derived("Opening a place and closing it again, as in the prices")
_OPENING = _assumed("Opening a place, as in the prices")
_SEASON = "Published nowhere for holiday parks and halls: "

TIER_ORIGINS: Mapping[TierName, Mapping[str, Origin]] = MappingProxyType(
    {
        TierName.DIRECT_RESERVE: {
            "activation_months": _derived("Filled in the summer quarter of 2018", 2018),
            "most_places": _assumed("No limit: any open place can be kept in reserve instead"),
            "holding_eur": _HOUSING,
            "person_eur": _derived("Regular reception, as in the prices", 2023),
            "activation_eur": _OPENING,
        },
        TierName.RECALLABLE_DUAL_USE: {
            "activation_months": Origin(basis=Basis.FACT, source=_LAW),
            "earliest_months": Origin(basis=Basis.FACT, source=_LAW),
            "most_places": _assumed("Places whose contract form in the register can be recalled"),
            "holding_eur": _derived("Housing of an empty place less net rent, as in the prices"),
            "person_eur": _derived("Regular reception, as in the prices", 2023),
            "activation_eur": _OPENING,
        },
        TierName.INDIRECT_RESERVE: {
            "activation_months": _derived(
                "Musselkanaal: decided in May, open in September 2020 (press)", 2020
            ),
            "most_places": _derived(
                "Reserve of 5,000 less 2,000 direct (rd.nl, March 2018; rijksoverheid.nl "
                "1-10-2018): the only size ever published",
                2018,
            ),
            "holding_eur": _assumed("Held for little: a tenth of the housing of an empty place"),
            "person_eur": _derived("Regular reception, as in the prices", 2023),
            "activation_eur": _MOVING,
        },
        TierName.TEMPORARY: {
            "activation_months": _assumed(
                "Halls took weeks (Goes 2021, Biddinghuizen); 2 months with the contract"
            ),
            "most_places": _derived(
                "Halls on call in Leeuwarden and Goes (nu.nl, February 2020)", 2020
            ),
            "holding_eur": _assumed(
                _SEASON + "an option at a tenth of the housing of an empty place"
            ),
            "person_eur": _assumed(
                _SEASON + "housing at 70 EUR a day, halfway the 40-100 EUR of emergency places "
                "(INLIA 16-3-2023); the rest as in regular reception"
            ),
            "activation_eur": _MOVING,
        },
        TierName.EMERGENCY: {
            "activation_months": _derived("Weeks: Goes, August to September 2021", 2021),
            "most_places": _assumed("No limit: it is found, at its price"),
            "holding_eur": _assumed("Nothing is held: whatever is there is in its price"),
            "person_eur": Origin(
                basis=Basis.FACT,
                source="NOS 2530030 (2024), on the cost of reception in 2023",
                year=2023,
            ),
            "activation_eur": _assumed("Within the price per person"),
        },
    }
)
"""Origin of every value of `usual_tiers` at the published costs."""
