# SPDX-License-Identifier: EUPL-1.2
"""What the default register assumes, because nobody publishes it: each rule once, with its reason.

The rules are the same for every municipality of one kind. No dates are scattered to look real.
Someone who knows better loads a register of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from models.planning.locations import ContractForm

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
        extension_months: Term that an extension or a new agreement binds for [months].
        recall_months: From calling up the reserve to its first night [months].
        dual_use: Contract form in which the places may be lent.
    """

    agreement_end: str | None
    notice_months: int
    lead_time_months: int
    extension_months: int
    recall_months: int
    dual_use: ContractForm


TERMS: Mapping[str, Terms] = MappingProxyType(
    {
        "regular": Terms(
            agreement_end="2030-11",
            notice_months=6,
            lead_time_months=0,
            extension_months=60,
            recall_months=3,
            dual_use=ContractForm.VACANCY_ACT,
        ),
        "emergency": Terms(
            agreement_end="2026-11",
            notice_months=3,
            lead_time_months=0,
            extension_months=12,
            recall_months=0,
            dual_use=ContractForm.NONE,
        ),
        "candidate": Terms(
            agreement_end=None,
            notice_months=6,
            lead_time_months=15,
            extension_months=60,
            recall_months=3,
            dual_use=ContractForm.NONE,
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
        "dual_use": "Not published; open regular places under the Vacancy Act, others not at all.",
        "places_possible": (
            "Open lines: no more than today. Candidates: the indicative task of the municipality "
            "less its places today, as if it met its task."
        ),
    }
)
"""Why each assumed field has its value."""
