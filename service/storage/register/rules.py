# SPDX-License-Identifier: EUPL-1.2
"""What the default register assumes, because nobody publishes it: each rule once, with its reason.

The rules are the same for every municipality of one kind. No dates are scattered to look real.
Someone who knows better loads a register of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from models.planning.register.locations import ContractForm, DualUseGroup

__all__ = ["AS_OF", "CENTRAL_SITES", "OWNER", "REASONS", "SOURCE", "TERMS", "Terms"]

AS_OF = "2025-11"
"""Month that the capacities are about."""

OWNER = "Getij, until COA states its own terms"

SOURCE = (
    "NOS from the ministry and COA, November 2025 (places and indicative task); "
    "CBS 70072NED (inhabitants); coa.nl (central reception at Ter Apel and Budel)"
)

CENTRAL_SITES = frozenset({"GM1950", "GM1706"})
"""Westerwolde (Ter Apel) and Cranendonck (Budel), where central reception is. [coa.nl]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Terms that one kind of line is assumed to have.

    Attributes:
        agreement_end: Last month of the present agreement, YYYY-MM; None for a candidate.
        notice_months: Notice for closing before the agreement ends [months].
        lead_time_months: From decision to first night [months].
        expansion_months: From decision to more places within the agreement [months].
        extension_months: Term that an extension or a new agreement binds for [months].
        recall_months: From calling up the reserve to its first night [months].
        minimum_term_months: What is opened, or agreed anew, stays at least so long [months].
        dual_use: Contract form in which the places may be lent.
        lent_to: Groups to which they may be lent.
    """

    agreement_end: str | None
    notice_months: int
    lead_time_months: int
    expansion_months: int
    extension_months: int
    recall_months: int
    minimum_term_months: int
    dual_use: ContractForm
    lent_to: tuple[DualUseGroup, ...]


TERMS: Mapping[str, Terms] = MappingProxyType(
    {
        "regular": Terms(
            agreement_end="2030-11",
            notice_months=6,
            lead_time_months=0,
            expansion_months=1,
            extension_months=60,
            recall_months=3,
            minimum_term_months=60,
            dual_use=ContractForm.VACANCY_ACT,
            lent_to=tuple(DualUseGroup),
        ),
        "emergency": Terms(
            agreement_end="2026-11",
            notice_months=3,
            lead_time_months=0,
            expansion_months=1,
            extension_months=12,
            recall_months=0,
            minimum_term_months=6,
            dual_use=ContractForm.NONE,
            lent_to=(),
        ),
        "candidate": Terms(
            agreement_end=None,
            notice_months=6,
            lead_time_months=15,
            expansion_months=1,
            extension_months=60,
            recall_months=3,
            minimum_term_months=60,
            dual_use=ContractForm.NONE,
            lent_to=(),
        ),
    }
)

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "fixed_core": (
            "All regular places of the two municipalities with central reception, and no others."
        ),
        "agreement_end": (
            "Regular: five years on, the least term of a lasting place; of 74,236 places about "
            "50,000 are available for several years (letter to parliament of 5-2-2026), and 47,293 "
            "are regular. Emergency: twelve months on; COA takes such places for 6 to 12 months."
        ),
        "notice_months": "No standard closure notice is published; 6 months, emergency 3.",
        "lead_time_months": "Most likely time for a new regular location (9, 15 or 36 months).",
        "extension_months": "A lasting place has 5 years or more; emergency 6 to 12 months.",
        "recall_months": "The direct reserve was filled within the summer quarter of 2018.",
        "group": (
            "Not published per municipality: places for unaccompanied minors, about 8.5 % of the "
            "task of the Dispersal Act, are not told apart."
        ),
        "expansion_months": "More places within an agreement: half a month is most likely; 1.",
        "minimum_term_months": (
            "A place counts as lasting under the Dispersal Act when it is agreed for 5 years; "
            "emergency places are taken for 6 months at least (coa.nl, kinds of locations)."
        ),
        "lent_to": (
            "Students, divorced people and permit holders (COA and VNG, AD 13-5-2017); students, "
            "urgent seekers and young people (agenda for a flexible asylum chain, 14-5-2020)."
        ),
        "residents_per_unit": (
            "The size of units is published for one project only (Plan Einstein, Utrecht: 4 asylum "
            "seekers or 1 tenant); elsewhere a place is taken to be a unit."
        ),
        "tenants_per_unit": "As for residents_per_unit.",
        "dual_use": "Not published; open regular places under the Vacancy Act, others not at all.",
        "technical_places": (
            "Open lines: no more than today. Candidates: the indicative task of the municipality "
            "less its places today, as if it met its task."
        ),
        "contractual_places": "As for technical_places: nobody publishes what agreements allow.",
    }
)
"""Why each assumed field has its value."""
