# SPDX-License-Identifier: EUPL-1.2
"""What all places up to a number would cost, and who would miss one, if they were of one tier."""

from dataclasses import dataclass

import numpy as np

from models.planning.buffer.tiers import BufferTier
from models.planning.costs import CostParameters
from models.types import Floats

__all__ = ["Levels", "Rung", "missing_rung", "regular_rung", "tier_rung"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Expected cost of places of one tier, and of who misses one of them, by their number.

    Attributes:
        most: Steps of it that there can be; None where nothing limits them.
        held_eur: Cost of having and using the places, shape (steps + 1,).
        missing_eur: Cost of those who miss one of them, of the same shape.
        missing: Those who miss one of them [person·months], of the same shape.
    """

    most: int | None
    held_eur: Floats
    missing_eur: Floats
    missing: Floats

    def cost(self, price: float | None) -> Floats:
        """Cost of both, with a price of its own for who misses a place [EUR]."""
        if price is None:
            return self.held_eur + self.missing_eur
        return self.held_eur + price / 12 * self.missing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """Numbers of places to weigh, in equal steps, and the need to weigh them against.

    Attributes:
        window: Need [persons], shape (paths, months).
        found: Of those, who could be in emergency reception [persons], of the same shape.
        step: Places in a step [places].
        count: Number of steps.
        norm: Share of places that can be slept in at the same time [-].
        emergency_eur: Emergency above regular reception [EUR/(person·year)].
        waiting_eur: The last resort above regular reception [EUR/(person·year)].
    """

    window: Floats
    found: Floats
    step: int
    count: int
    norm: float
    emergency_eur: float
    waiting_eur: float

    @property
    def places(self) -> Floats:
        """Number of places after every step [places], shape (steps + 1,)."""
        return self.step * np.arange(self.count + 1.0)

    def up_to(self, persons: Floats) -> Floats:
        """Expected sum over the months of min(persons, norm · places), shape (steps + 1,)."""
        width = self.norm * self.step
        bins = np.minimum(np.ceil(persons / width - 1e-9), self.count + 1).astype(int).ravel()
        size = self.count + 2
        numbers = np.bincount(bins, minlength=size)[:-1].cumsum()
        below = np.bincount(bins, weights=persons.ravel(), minlength=size)[:-1].cumsum()
        above = (persons.size - numbers) * self.norm * self.places
        total: Floats = (below + above) / len(persons)
        return total

    def missing(self, ready: Floats) -> tuple[Floats, Floats]:
        """Who misses a place that is ready up to some number of people, and what that costs.

        Returns:
            Persons [person·months] and their cost above regular reception [EUR].
        """
        missing = self.up_to(self.window) - self.up_to(np.minimum(ready, self.window))
        inside = self.up_to(self.found) - self.up_to(np.minimum(self.found, ready))
        cost: Floats = (self.emergency_eur * inside + self.waiting_eur * (missing - inside)) / 12
        return missing, cost


def regular_rung(levels: Levels, *, costs: CostParameters) -> Rung:
    """Open places: ready at once, so that nobody misses one."""
    months = levels.window.shape[1]
    empty = months * levels.places - levels.up_to(levels.window)
    nobody = np.zeros(levels.count + 1)
    held = costs.regular_open * empty / 12
    return Rung(most=None, held_eur=held, missing_eur=nobody, missing=nobody)


def tier_rung(levels: Levels, *, tier: BufferTier, ready: Floats, costs: CostParameters) -> Rung:
    """Places of a tier that are ready up to some number of people.

    Args:
        levels: Numbers of places to weigh.
        tier: Their terms.
        ready: Up to which number of people they are ready, shape (paths, months).
        costs: What open places cost.

    Source:
        docs/methods.md, Buffer, equations 11 and 12.
    """
    used = levels.up_to(np.minimum(ready, levels.window))
    stood = levels.up_to(ready) / levels.norm
    before = np.column_stack([np.zeros(len(ready)), ready[:, :-1]])
    rises = levels.up_to(np.maximum(ready, before)) - levels.up_to(before)
    yearly = (
        (tier.person_eur - costs.regular_person) * used
        + costs.regular_open * (stood - used)
        + tier.holding_eur * (levels.window.shape[1] * levels.places - stood)
    )
    held = yearly / 12 + tier.activation_eur * rises / levels.norm
    missing, missing_eur = levels.missing(ready)
    most = None if tier.most_places is None else tier.most_places // levels.step
    return Rung(most=most, held_eur=held, missing_eur=missing_eur, missing=missing)


def missing_rung(levels: Levels) -> Rung:
    """No place at all: everybody misses one."""
    missing, missing_eur = levels.missing(np.zeros_like(levels.window))
    return Rung(
        most=None, held_eur=np.zeros_like(missing), missing_eur=missing_eur, missing=missing
    )
