# SPDX-License-Identifier: EUPL-1.2
"""Tiers of the buffer that the planning tests share."""

from models.planning.buffer.tiers import BufferTier, TierName


def tier(name, **changed):
    """A tier of the buffer that is ready after a month and costs as a reserve does."""
    values = {
        "name": name,
        "activation_months": 1,
        "most_places": None,
        "holding_eur": 0.0 if name is TierName.EMERGENCY else 6_935.0,
        "person_eur": 69_400.0 if name is TierName.EMERGENCY else 30_400.0,
        "activation_eur": 0.0,
    }
    return BufferTier(**(values | changed))


AT_ONCE = tier(TierName.EMERGENCY, activation_months=0)
"""Who finds no place that was held is in emergency reception the same month."""
