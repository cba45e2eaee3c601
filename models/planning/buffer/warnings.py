# SPDX-License-Identifier: EUPL-1.2
"""Consequences of what was asked that are easily missed, such as a tier that nobody would use."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.planning.buffer.option import BufferOption
from models.planning.buffer.tiers import BufferTier, TierName
from models.planning.costs import CostParameters

__all__ = ["BufferWarning", "WarningCode", "warnings_about"]


class WarningCode(StrEnum):
    """Why an advice may not say what was meant; the words for people stand in the service."""

    BEATS_REGULAR = "beats_regular"
    """A tier is as quick as a regular place and nowhere dearer: nobody would open those."""
    DEARER_THAN_EMERGENCY = "dearer_than_emergency"
    """A tier is neither cheaper to use nor sooner there than emergency reception."""
    TOO_SLOW = "too_slow"
    """A tier cannot be ready within the window."""
    NONE_THERE = "none_there"
    """There are no places of a tier."""
    NEVER_CHOSEN = "never_chosen"
    """The cheapest mix does without a tier."""
    NO_REGULAR_PLACES = "no_regular_places"
    """The cheapest mix opens no regular place at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferWarning:
    """A consequence of what was asked that is easily missed.

    Attributes:
        code: Which consequence.
        tier: Tier that it is about; None where it is about all of them.
    """

    code: WarningCode
    tier: TierName | None = None


def warnings_about(
    tiers: Sequence[BufferTier], recommended: BufferOption, *, costs: CostParameters, months: int
) -> tuple[BufferWarning, ...]:
    """Consequences of the tiers that were offered, and of the mix that came out.

    Args:
        tiers: Tiers that may be called up.
        recommended: The cheapest mix.
        costs: What places cost.
        months: Length of the window [months].
    """
    found = []
    emergency = next((tier for tier in tiers if tier.name is TierName.EMERGENCY), None)
    for tier in tiers:
        if tier is emergency:
            continue
        if (
            not tier.activation_months
            and not tier.earliest_months
            and tier.holding_eur <= costs.regular_open
            and tier.person_eur <= costs.regular_person
            and not tier.activation_eur
        ):
            found.append(BufferWarning(code=WarningCode.BEATS_REGULAR, tier=tier.name))
        elif tier.most_places == 0:
            found.append(BufferWarning(code=WarningCode.NONE_THERE, tier=tier.name))
        elif tier.first_ready >= months:
            found.append(BufferWarning(code=WarningCode.TOO_SLOW, tier=tier.name))
        elif (
            emergency is not None
            and tier.person_eur >= emergency.person_eur
            and tier.activation_months >= emergency.activation_months
        ):
            found.append(BufferWarning(code=WarningCode.DEARER_THAN_EMERGENCY, tier=tier.name))
        elif not recommended.places_of(tier.name):
            found.append(BufferWarning(code=WarningCode.NEVER_CHOSEN, tier=tier.name))
    if recommended.outcome.places and not recommended.places_of(TierName.REGULAR):
        found.append(BufferWarning(code=WarningCode.NO_REGULAR_PLACES))
    return tuple(found)
