# SPDX-License-Identifier: EUPL-1.2
"""Calling tiers up along each path, month by month, with what is known when it must be decided.

People and places are numbered alike: who comes on top of n others sleeps in place n. Low numbers
are the regular places, higher ones the tiers in their order. A place is called up when its number
will probably be reached one activation time ahead, stays while somebody sleeps in it, and is given
back after a month in which nobody did and nobody is expected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.planning.buffer.tiers import BufferTier, TierName
from models.planning.costs import CostParameters
from models.types import Floats

__all__ = ["Growth", "Stay", "call_up_level", "expected_growth", "ready_up_to", "stay"]

FOUND_LEVEL = 0.8
"""Emergency reception is found for the need that is exceeded in one of five futures [-]."""

PARTS = 10
"""Parts of the futures that the need of a day can tell apart, at most."""

_ENOUGH = 50
"""Futures in a part at least: fewer would tell one path what is to become of it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Growth:
    """By what factor the need grows while a tier is being made ready, by the need of the day.

    Attributes:
        limits: Need of the day between neighbouring parts of the futures, for each month of the
            window [persons], rising, shape (months, parts - 1).
        factors: Factor to each month from one activation time before it, in each part [-], shape
            (months, parts).
    """

    limits: Floats
    factors: Floats

    def need_in(self, month: int, *, now: Floats) -> Floats:
        """Need to call up for, in a month of the window.

        Args:
            month: The month, counted from 0.
            now: Need one activation time before it [persons], shape (paths,).
        """
        part = np.searchsorted(self.limits[month], now, side="right")
        called: Floats = self.factors[month, part] * now
        return called


def call_up_level(
    tier: BufferTier, *, costs: CostParameters, missing_eur: float, norm: float
) -> float:
    """How likely it should be that what is called up turns out enough.

    A place called up for nothing costs more than one on call, and its calling up is lost, written
    off over half a year. A place that is not called up leaves a person in emergency reception.

    Args:
        tier: Gives the prices of its places.
        costs: What regular places cost.
        missing_eur: Who has no place, above regular reception [EUR/(person·year)].
        norm: Share of places that can be slept in at the same time [-].

    Returns:
        Share of futures in which the need is no more than what is called up for [-].

    Source:
        docs/methods.md, Buffer, equation 7a: the newsvendor's critical ratio.
    """
    if tier.name is TierName.EMERGENCY:
        return FOUND_LEVEL
    saved = norm * max(missing_eur - (tier.person_eur - costs.regular_person), 0.0)
    wasted = max(costs.regular_open - tier.holding_eur, 0.0) + 2 * tier.activation_eur
    return saved / (saved + wasted) if saved + wasted > 0 else FOUND_LEVEL


def expected_growth(need: Floats, *, tier: BufferTier, before: int, level: float) -> Growth:
    """By what factor the need grows while a tier is being made ready, as the forecast has it.

    It is learned from all paths, so it is known when the decision on the buffer is taken. What is
    known later is the need of the day, and with it in which part of the futures one is.

    Args:
        need: Need [persons], shape (paths, before + months).
        tier: Gives the activation time.
        before: Months of need that come before the window.
        level: Share of the futures of a part in which the need grows by no more [-].

    Returns:
        Factors to each month of the window; 1 where the day lies before the first month known.

    Source:
        docs/methods.md, Buffer, equation 7.
    """
    delay = tier.activation_months
    months = need.shape[1] - before
    parts = min(max(len(need) // _ENOUGH, 1), PARTS)
    growth = Growth(limits=np.zeros((months, parts - 1)), factors=np.ones((months, parts)))
    for month in range(max(delay - before, 0), months):
        then, now = need[:, before + month - delay], need[:, before + month]
        ratio = np.divide(now, then, out=np.ones_like(now), where=then > 0)
        growth.limits[month] = np.quantile(then, np.arange(1, parts) / parts)
        part = np.searchsorted(growth.limits[month], then, side="right")
        for one in range(parts):
            # Where the need of the day is the same on all paths, some parts have none.
            alike = ratio[part == one] if (part == one).any() else ratio
            growth.factors[month, one] = np.quantile(alike, level)
    return growth


def ready_up_to(need: Floats, *, tier: BufferTier, before: int, growth: Growth) -> Floats:
    """Up to which number of people the places of a tier stand ready, whatever its size.

    Args:
        need: Need [persons], shape (paths, before + months).
        tier: Gives the activation time, and from when it may be called up.
        before: Months of need that come before the window.
        growth: What the need is expected to grow by.

    Returns:
        Persons, shape (paths, months): a place of the tier is ready if its number is lower.

    Source:
        docs/methods.md, Buffer, equations 8 and 9.
    """
    delay = tier.activation_months
    window = need[:, before:]
    ready = np.zeros_like(window)
    for month in range(window.shape[1]):
        decided = before + month - delay
        if month:
            # Who sleeps there stays, if somebody still needs the place.
            ready[:, month] = np.minimum(ready[:, month - 1], window[:, month - 1])
        if month >= tier.first_ready and decided >= 0:
            called = growth.need_in(month, now=need[:, decided])
            np.maximum(ready[:, month], called, out=ready[:, month])
    return ready


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stay:
    """Where everybody was, on every path and in every month of the window.

    Attributes:
        ready: Places that stood ready, by held tier, regular first [places], shape
            (held tiers, paths, months).
        used: Persons in them [persons], shape (held tiers, paths, months).
        emergency: Persons in emergency reception [persons], shape (paths, months).
        waiting: Persons for whom not even that was ready [persons], shape (paths, months).
    """

    ready: Floats
    used: Floats
    emergency: Floats
    waiting: Floats

    @property
    def missing(self) -> Floats:
        """Persons without one of the places that are held [persons], shape (paths, months)."""
        total: Floats = self.emergency + self.waiting
        return total


def stay(
    window: Floats,
    *,
    tiers: Sequence[BufferTier],
    ready: Sequence[Floats],
    places: Sequence[int],
    norm: float,
) -> Stay:
    """House everybody in regular places, tiers and emergency reception.

    Args:
        window: Need in the months of the window [persons], shape (paths, months).
        tiers: The ladder; emergency reception, if it is there, is the last.
        ready: Of each tier, up to which number of people its places stand ready.
        places: Regular places, and places of each held tier [places].
        norm: Share of places that can be slept in at the same time [-].

    Source:
        docs/methods.md, Buffer, equations 9 and 10.
    """
    edges = norm * np.concatenate([[0], np.cumsum(places)])
    held = [np.full_like(window, np.inf), *ready[: len(places) - 1]]
    stood = np.stack(
        [
            np.clip(up_to, low, high) - low
            for up_to, (low, high) in zip(held, pairwise(edges), strict=True)
        ]
    )
    wanted = np.stack([np.clip(window, low, high) - low for low, high in pairwise(edges)])
    used = np.minimum(stood, wanted)
    emergency = np.zeros_like(window)
    if tiers and tiers[-1].name is TierName.EMERGENCY:
        found = np.minimum(ready[-1], window)
        emergency = np.maximum(found - edges[-1], 0.0)
        for (low, high), inside in zip(pairwise(edges), used, strict=True):
            emergency += np.maximum(np.clip(found, low, high) - low - inside, 0.0)
    return Stay(
        ready=stood / norm,
        used=used,
        emergency=emergency,
        waiting=window - used.sum(axis=0) - emergency,
    )
