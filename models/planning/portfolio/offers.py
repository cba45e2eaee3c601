# SPDX-License-Identifier: EUPL-1.2
"""What may be lent: an offer per location and half-year, and the room that they add up to."""

from dataclasses import dataclass

from models.planning.portfolio.uses import UseState
from models.planning.register.kinds import ContractForm, DualUseGroup

__all__ = ["DualUseOffer", "LendingRoom"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DualUseOffer:
    """Places of one location that may be lent from the start of one half-year.

    The places come after those of the offers before it in the same half-year, so chances, costs
    and value hold when those are lent as well. A chance is that of the last place of the offer.

    Attributes:
        location_id: Code in the register.
        period: First month of the half-year, YYYY-MM.
        branch: Branch of the future in which the offer holds, counted from 0, the lowest need;
            None while the branches cannot be told apart yet.
        use: What the plan does with the location in this half-year.
        form: Contract form.
        groups: To whom they may be lent.
        places: Places that reception gives up [places].
        tenants: Persons who can live there instead [persons].
        term_months: Longest term, by law and by the plan for the location [months]; None where
            the tenants stay for good.
        months_until_back: From the start of the half-year until the places can be back [months];
            None where they do not come back: capacity given away.
        notice_months: Notice at which they can be called back [months]; None where they cannot
            be: never a reserve.
        counts_as_reserve: Whether the places can still be called on as a reserve: only in a form
            that can be recalled, and not where they are away until an end date, or for good.
        judged_months: How far the chance was judged [months]: until the places can be back, or to
            the end of the plan where that comes first.
        chance_needed_early: Chance that they are needed before they can be back [-].
        chance_needed_in_term: Chance that they are needed at any time in the term [-], as far as
            the plan looks.
        income_eur: Net rent of all of them [EUR/year].
        saved_eur: Staff not needed while nobody sleeps there, against keeping the places as the
            plan does [EUR], over the judged months.
        switching_eur: Making them ready for tenants, once [EUR]; 0 where they are lent already.
        displaced_eur: Expected extra cost of housing people elsewhere, or of having no place for
            them, because these places are not back in time [EUR].
        value_eur: Rent and savings over the judged months, less both costs [EUR].
    """

    location_id: str
    period: str
    branch: int | None
    use: UseState
    form: ContractForm
    groups: tuple[DualUseGroup, ...]
    places: int
    tenants: int
    term_months: int | None
    months_until_back: int | None
    notice_months: int | None
    counts_as_reserve: bool
    judged_months: int
    chance_needed_early: float
    chance_needed_in_term: float
    income_eur: float
    saved_eur: float
    switching_eur: float
    displaced_eur: float
    value_eur: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LendingRoom:
    """How many places can be missed in one half-year, how many are offered and how many lent.

    From where the branches of the plan can be told apart on, places and euros are expected over
    them; chances run over every sample path.

    Attributes:
        period: First month of the half-year, YYYY-MM.
        places_spare: Places, of all that are there, that can be missed until a place lent under
            the Vacancy Act could be back, at the board's limit [places].
        chance_first_needed: Chance that even a single lent place would be needed before it could
            be back [-].
        places_offered: Places of the offers of the half-year [places].
        tenants_offered: Persons who could live there [persons].
        income_eur: Net rent of the offers [EUR/year].
        value_eur: Value of the offers, over the months that each was judged [EUR].
        places_lent: Places that the plan lends [places].
        chance_short_before_back: Chance of a shortage before a place that the plan lends now
            could be back [-].
        chance_recalled: Chance that a place that the plan lends is called back [-].
    """

    period: str
    places_spare: int
    chance_first_needed: float
    places_offered: int
    tenants_offered: int
    income_eur: float
    value_eur: float
    places_lent: int
    chance_short_before_back: float
    chance_recalled: float
