# SPDX-License-Identifier: EUPL-1.2
"""What any number of places would do in a window of sampled need, and the cheapest number."""

from dataclasses import dataclass

import numpy as np

from models.errors import InvalidInput
from models.planning.costs import CostParameters
from models.types import Floats

__all__ = ["Sizing", "SufficiencyPoint"]

_CURVE_POINTS = 41
_NOBODY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class SufficiencyPoint:
    """What a number of places would do in the window: one point of the S-curve.

    Attributes:
        places: Places held [places].
        chance_every_month: Share of futures in which they suffice in every month [-].
        chance_average_month: Share of months, over all futures, in which they suffice [-].
        empty_place_months: Expected places that nobody sleeps in [place·months].
        missing_place_months: Expected persons without one of them [place·months].
        cost_eur: Expected cost of the empty and the missing places [EUR].
    """

    places: int
    chance_every_month: float
    chance_average_month: float
    empty_place_months: float
    missing_place_months: float
    cost_eur: float


class Sizing:
    """Expected empty and missing places for any number of places, exact on the sample."""

    def __init__(self, sample: Floats, *, costs: CostParameters, norm: float) -> None:
        """Take the need of a window.

        Args:
            sample: Need [persons], shape (paths, months).
            costs: Costs of an empty and of a missing place.
            norm: Share of places that can be slept in at the same time [-], in (0, 1].

        Raises:
            InvalidInput: at these costs no place would pay for itself.
        """
        if costs.empty_place >= norm * (costs.missing_premium + costs.empty_place):
            raise InvalidInput(
                f"At {costs.missing_premium:,.0f} EUR for a missing and "
                f"{costs.empty_place:,.0f} EUR for an empty place, no place pays for itself."
            )
        self._peaks = np.sort(sample.max(axis=1))
        self._pooled = np.sort(sample, axis=None)
        self._cumulative = np.concatenate([[0.0], np.cumsum(self._pooled)])
        self._months = sample.shape[1]
        self._costs = costs
        self._norm = norm

    def places_for(self, persons: float) -> int:
        """The fewest places that house this many persons."""
        # Without the tolerance, rounding noise in the division would buy a whole place.
        return int(np.ceil(persons / self._norm - 1e-6))

    def _missing_and_empty(self, places: int) -> tuple[float, float]:
        """Expected missing and empty places, per month."""
        usable = self._norm * places
        count = len(self._pooled)
        within = int(np.searchsorted(self._pooled, usable, side="right"))
        above = self._cumulative[-1] - self._cumulative[within]
        missing = (above - (count - within) * usable) / count
        housed = self._cumulative[-1] / count - missing
        return float(missing), float(places - housed)

    def outcome(self, places: int) -> SufficiencyPoint:
        """What a number of places would do over the window."""
        missing, empty = self._missing_and_empty(places)
        yearly = self._costs.missing_premium * missing + self._costs.empty_place * empty
        return SufficiencyPoint(
            places=places,
            chance_every_month=self._chance(self._peaks, places),
            chance_average_month=self._chance(self._pooled, places),
            empty_place_months=empty * self._months,
            missing_place_months=missing * self._months,
            cost_eur=yearly * self._months / 12,
        )

    def _chance(self, rising: Floats, places: int) -> float:
        usable = self._norm * places + 1e-6 * self._norm
        return float(np.searchsorted(rising, usable, side="right") / len(rising))

    def cheapest(self) -> int:
        """The number of places with the least expected cost; the fewest where several tie."""
        ratio = self._costs.empty_place / (self._costs.missing_premium + self._costs.empty_place)
        level = 1 - ratio / self._norm
        rank = max(int(np.ceil(level * len(self._pooled) - 1e-9)), 1)
        best = self._pooled[rank - 1] / self._norm
        # The cost is convex in the places, so the best whole number is next to the best number.
        candidates = sorted({int(np.floor(best)), int(np.ceil(best))})
        return min(candidates, key=lambda places: self.outcome(places).cost_eur)

    def implied_price(self, places: int) -> float | None:
        """What a missing place must cost per year for the last place to pay for itself [EUR]."""
        if places < 1:
            return 0.0
        missing, empty = self._missing_and_empty(places)
        missing_before, empty_before = self._missing_and_empty(places - 1)
        spared = missing_before - missing
        if spared <= _NOBODY:
            return None
        return self._costs.empty_place * max(empty - empty_before, 0.0) / spared

    def grid(self) -> list[int]:
        """Numbers of places from where they hardly ever to where they always suffice."""
        low = self.places_for(float(np.quantile(self._pooled, 0.005)))
        high = self.places_for(float(self._peaks[-1]))
        return sorted({round(places) for places in np.linspace(low, high, _CURVE_POINTS).tolist()})
