# SPDX-License-Identifier: EUPL-1.2
"""A number of places that the board may choose to hold: what it does, in all and by tier."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models.planning.buffer.sizing import Places, Sizing, SufficiencyPoint
from models.planning.buffer.tiers import TierName
from models.types import Floats

__all__ = ["BufferOption", "OptionBasis", "TierShare", "buffer_option", "mean_of_worst"]


class OptionBasis(StrEnum):
    """Where an offered number of places comes from."""

    COST_OPTIMAL = "cost_optimal"
    """The mix with the least expected cost of empty, reserved and missing places together."""
    HOUSE_RULE = "house_rule"
    """Median need in the last month of the window over the occupancy norm, in regular places."""
    SERVICE_LEVEL = "service_level"
    """The cheapest mix with which nobody misses a place in any month, with a chosen chance."""
    MAXIMUM_MISSING = "maximum_missing"
    """The cheapest mix with which no more persons are expected to miss a place."""
    WORST_CASE = "worst_case"
    """The same for the average of the worst futures (conditional value at risk)."""
    CONSIDERED = "considered"
    """A number that was asked about, for instance the places of today, in regular places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TierShare:
    """What one tier contributes to an option; expectations run over every path.

    Attributes:
        tier: Which tier.
        places: Places of it that are held; of emergency reception, which nobody holds, the
            persons it takes at its peak in nine of ten futures, to have plans for [places].
        chance_used: Share of futures in which somebody sleeps in it [-].
        used_place_months: Expected persons in it [person·months].
        empty_place_months: Expected places that stand ready and nobody sleeps in [place·months].
        waiting_place_months: Expected places on call, not called up [place·months].
        cost_eur: Expected cost above that of a regular place for everybody; of emergency
            reception, with that of the last resort [EUR].
    """

    tier: TierName
    places: int
    chance_used: float
    used_place_months: float
    empty_place_months: float
    waiting_place_months: float
    cost_eur: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferOption:
    """Places that the board may choose to hold.

    Attributes:
        basis: Where the numbers come from.
        service_level: The chance asked for; None unless the basis is a service level [-].
        outcome: What the places would do together.
        tiers: What each tier contributes, in the order in which they are called up.
        last_resort_place_months: Expected persons, of those who miss a place, for whom not even
            emergency reception was ready [person·months].
        worst_missing_place_months: Persons who miss a place, on average in the worst futures
            [person·months].
        worst_cost_eur: Cost, on average in the dearest futures [EUR].
        buffer_places: Places above the highest monthly median of need; may be negative [places].
        implied_price_eur: What a missing place must cost per year for it to be worth missing no
            more; None where no future fills the last place [EUR/(person·year)].
    """

    basis: OptionBasis
    service_level: float | None
    outcome: SufficiencyPoint
    tiers: tuple[TierShare, ...]
    last_resort_place_months: float
    worst_missing_place_months: float
    worst_cost_eur: float
    buffer_places: int
    implied_price_eur: float | None

    def places_of(self, tier: TierName) -> int:
        """Places of one tier that are held; 0 where it is not on the ladder [places]."""
        return sum(share.places for share in self.tiers if share.tier is tier)

    @property
    def reserve_places(self) -> int:
        """Places held that must be called up [places]."""
        return self.outcome.places - self.places_of(TierName.REGULAR)


def buffer_option(
    sizing: Sizing,
    mix: Places,
    *,
    basis: OptionBasis,
    service_level: float | None = None,
    worst: float,
) -> BufferOption:
    """What a mix of places would do, in all and by tier.

    Args:
        sizing: The window of sampled need.
        mix: Regular places, and those of each held tier [places].
        basis: Where the numbers come from.
        service_level: The chance asked for, if one was [-].
        worst: Which share of the futures counts as the worst [-].
    """
    housed = sizing.stay(mix)
    costs = sizing.costs_by_path(mix, housed)
    median = np.median(sizing.window, axis=0).max()
    return BufferOption(
        basis=basis,
        service_level=service_level,
        outcome=sizing.outcome(mix),
        tiers=tuple(_shares(sizing, mix)),
        last_resort_place_months=float(housed.waiting.sum(axis=1).mean()),
        worst_missing_place_months=mean_of_worst(housed.missing.sum(axis=1), worst),
        worst_cost_eur=mean_of_worst(costs.sum(axis=0), worst),
        buffer_places=sum(mix) - int(np.ceil(median)),
        implied_price_eur=sizing.implied_price(mix),
    )


def _shares(sizing: Sizing, mix: Places) -> list[TierShare]:
    housed = sizing.stay(mix)
    costs = sizing.costs_by_path(mix, housed).mean(axis=1)
    months = sizing.window.shape[1]
    names = (TierName.REGULAR, *(tier.name for tier in sizing.held))
    shares = []
    for at, name in enumerate(names):
        used, ready = housed.used[at].sum(axis=1), housed.ready[at].sum(axis=1)
        shares.append(
            TierShare(
                tier=name,
                places=mix[at],
                chance_used=float(np.mean(used > 0)),
                used_place_months=float(used.mean()),
                empty_place_months=float((ready - used).mean()),
                waiting_place_months=max(float(mix[at] * months - ready.mean()), 0.0),
                cost_eur=float(costs[at]),
            )
        )
    peaks = housed.emergency.max(axis=1)
    if sizing.tiers != sizing.held:
        shares.append(
            TierShare(
                tier=TierName.EMERGENCY,
                places=int(np.ceil(np.quantile(peaks, 0.9, method="inverted_cdf") - 1e-6)),
                chance_used=float(np.mean(peaks > 0)),
                used_place_months=float(housed.emergency.sum(axis=1).mean()),
                empty_place_months=0.0,
                waiting_place_months=0.0,
                cost_eur=float(costs[-1]),
            )
        )
    return shares


def mean_of_worst(values: Floats, share: float) -> float:
    """The mean of the highest values, of which there are a given share in all.

    Source:
        Rockafellar and Uryasev (2000), Optimization of conditional value-at-risk; here exact on
        the sample, with the last value counted in part.
    """
    falling = np.sort(values)[::-1]
    count = share * len(falling)
    weights = np.clip(count - np.arange(len(falling)), 0.0, 1.0)
    return float(falling @ weights / count)
