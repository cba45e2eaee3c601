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
from models.types import Floats

__all__ = ["CALL_UP_LEVEL", "Stay", "expected_growth", "ready_up_to", "stay"]

CALL_UP_LEVEL = 0.8
"""Places are called up for the need that is exceeded in one of five futures [-]."""


def expected_growth(
    need: Floats, *, tier: BufferTier, before: int, level: float = CALL_UP_LEVEL
) -> Floats:
    """By what factor the need grows while a tier is being made ready, as the forecast has it.

    It is taken over all paths, so it is known when the decision on the buffer is taken and says
    nothing about the future of any one of them.

    Args:
        need: Need [persons], shape (paths, before + months).
        tier: Gives the activation time.
        before: Months of need that come before the window.
        level: Share of futures in which the need grows by no more [-].

    Returns:
        Factor to each month of the window from one activation time before it [-], shape
        (months,); 1 where that lies before the first month known.

    Source:
        docs/methods.md, Buffer, equation 7.
    """
    delay = tier.activation_months
    months = need.shape[1] - before
    growth = np.ones(months)
    for month in range(max(delay - before, 0), months):
        then, now = need[:, before + month - delay], need[:, before + month]
        ratio = np.divide(now, then, out=np.ones_like(now), where=then > 0)
        growth[month] = np.quantile(ratio, level)
    return growth


def ready_up_to(need: Floats, *, tier: BufferTier, before: int, growth: Floats) -> Floats:
    """Up to which number of people the places of a tier stand ready, whatever its size.

    Args:
        need: Need [persons], shape (paths, before + months).
        tier: Gives the activation time, and from when it may be called up.
        before: Months of need that come before the window.
        growth: Factor that the need is expected to grow by, shape (months,).

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
            called = growth[month] * need[:, decided]
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
