# SPDX-License-Identifier: EUPL-1.2
"""Walk along each future: who sleeps where, which reserve is called up, who finds no place."""

from dataclasses import dataclass

import numpy as np

from models.planning.costs import CostParameters
from models.types import Floats

__all__ = ["Tiers", "Walk", "walk"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tiers:
    """Places per step, in the order in which they fill up.

    Each array has shape (steps,), or (futures, steps) where the places differ by future.

    Attributes:
        regular: Regular places open [places].
        reserve: Places in reserve that can be called up [places].
        lent: Lent places that can be recalled [places].
        emergency: Emergency places open [places].
    """

    regular: Floats
    reserve: Floats
    lent: Floats
    emergency: Floats

    def __add__(self, other: "Tiers") -> "Tiers":
        return Tiers(
            regular=self.regular + other.regular,
            reserve=self.reserve + other.reserve,
            lent=self.lent + other.lent,
            emergency=self.emergency + other.emergency,
        )

    def without(self, other: "Tiers") -> "Tiers":
        """What is left in each tier once other places are taken off; never below 0."""
        return Tiers(
            regular=np.maximum(self.regular - other.regular, 0.0),
            reserve=np.maximum(self.reserve - other.reserve, 0.0),
            lent=np.maximum(self.lent - other.lent, 0.0),
            emergency=np.maximum(self.emergency - other.emergency, 0.0),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walk:
    """Where people were in every future and step [persons]; each has shape (futures, steps)."""

    regular: Floats
    called_up: Floats
    recalled: Floats
    emergency: Floats
    missing: Floats

    def __add__(self, other: "Walk") -> "Walk":
        return Walk(
            regular=self.regular + other.regular,
            called_up=self.called_up + other.called_up,
            recalled=self.recalled + other.recalled,
            emergency=self.emergency + other.emergency,
            missing=self.missing + other.missing,
        )

    def places(self, *, occupancy_norm: float) -> Tiers:
        """The places that people take up in each tier [places]."""
        return Tiers(
            regular=self.regular / occupancy_norm,
            reserve=self.called_up / occupancy_norm,
            lent=self.recalled / occupancy_norm,
            emergency=self.emergency / occupancy_norm,
        )

    def cost(self, costs: CostParameters, *, years: float) -> Floats:
        """Cost of the persons, without that of the places [EUR], shape (futures, steps).

        Args:
            costs: What places cost.
            years: Length of a step [years].
        """
        staying = (
            costs.regular_housed * self.regular
            + costs.called_up * self.called_up
            + costs.recalled * self.recalled
            + costs.emergency_housed * self.emergency
            + costs.last_resort_person * self.missing
        )
        calls = _rises(self.called_up) + _rises(self.recalled)
        cost: Floats = staying * years + costs.open_place * calls
        return cost


def walk(
    need: Floats,
    *,
    tiers: Tiers,
    occupancy_norm: float,
    reserve_delay: int = 0,
    lent_delay: int = 0,
) -> Walk:
    """House everybody, step by step, with what was known when a place had to be called up.

    A place in reserve helps against the shortage that was already there `reserve_delay` steps
    before; a lent place against what the reserve left of it `lent_delay` steps before.

    Args:
        need: Need for places [persons], shape (futures, steps).
        tiers: Places per step.
        occupancy_norm: Share of places that can be slept in at the same time [-].
        reserve_delay: From calling up to first night [steps].
        lent_delay: From recalling to first night [steps].

    Source:
        docs/methods.md, Location plan, equations 3 to 6.
    """
    regular = np.minimum(need, occupancy_norm * tiers.regular)
    short = need - regular
    reserve, lent = occupancy_norm * tiers.reserve, occupancy_norm * tiers.lent
    called_up = np.minimum(np.minimum(_earlier(short, reserve_delay), reserve), short)
    beyond = np.maximum(short - reserve, 0.0)
    left = short - called_up
    recalled = np.minimum(np.minimum(_earlier(beyond, lent_delay), lent), left)
    left = left - recalled
    emergency = np.minimum(left, occupancy_norm * tiers.emergency)
    return Walk(
        regular=regular,
        called_up=called_up,
        recalled=recalled,
        emergency=emergency,
        missing=left - emergency,
    )


def _earlier(values: Floats, delay: int) -> Floats:
    """The values of `delay` steps before; nothing had been called up before the first step."""
    if not delay:
        return values
    earlier = np.zeros_like(values)
    earlier[:, delay:] = values[:, :-delay]
    return earlier


def _rises(values: Floats) -> Floats:
    return np.maximum(np.diff(values, axis=1, prepend=0.0), 0.0)
