# SPDX-License-Identifier: EUPL-1.2
"""How many places to decide on now, when one can decide again every half-year."""

from itertools import count, takewhile

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInput
from models.planning.replay.half_year import (
    LEAD,
    Ready,
    Reserves,
    Terms,
    half_year_cost,
    stand_ready,
)
from models.types import Floats

__all__ = ["MONTHS_AHEAD", "best_places"]

DECISIONS = 4
"""Decisions that are looked through, this one included; half a year apart."""

MONTHS_AHEAD = LEAD + 6 * DECISIONS
"""Months of need that the decisions are about, from the one after this decision on."""

GROUPS = 10
"""Parts of the futures that a later decision can tell apart, by the need of its day."""


def best_places(need: Floats, *, held: float, terms: Terms, reserves: Reserves) -> float:
    """The cheapest number of places to decide on now, knowing what can be mended later.

    Every half-year one decides again, for the half-year that begins half a year on. By then the
    need of that day is known, and with it which tenth of the futures one is in. Places that are
    opened now may have to be closed again, and what is closed now may have to be opened again;
    both are paid for. So it is worth waiting where little is lost by it, and a small change of the
    forecast changes nothing.

    Args:
        need: Futures of the need from the next month on [persons], shape (paths, months), at
            least `MONTHS_AHEAD` of them; later ones are not looked at.
        held: Places in the half-year before the one that is decided on [places].
        terms: Prices, norm and size of a location.
        reserves: Which reserves there are.

    Returns:
        Places [places]: those held, and whole locations more or fewer.

    Raises:
        InvalidInput: too few months of need, or need that is no count.

    Source:
        Bellman (1957), Dynamic Programming; docs/methods.md, Replay, equation 2.
    """
    if need.ndim != 2 or not len(need) or need.shape[1] < MONTHS_AHEAD:
        raise InvalidInput(f"Need of shape {need.shape} is no {MONTHS_AHEAD} months on any path.")
    if not np.isfinite(need).all() or need.min() < 0 or held < 0:
        raise InvalidInput("Need for places is finite and never negative.")
    choices = _choices(need, held=held, terms=terms)
    change = choices[np.newaxis, :] - choices[:, np.newaxis]
    moving = terms.costs.open_place * np.maximum(change, 0.0)
    moving += terms.costs.close_place * np.maximum(-change, 0.0)
    ready = stand_ready(need, expected=need, terms=terms, reserves=reserves)

    def cost(decision: int) -> Floats:
        return _by_choice(need, ready, decision, choices, terms=terms)

    # What comes after each choice, by path; at the end of what is looked through, nothing.
    after = np.zeros((len(need), len(choices)))
    for decision in range(DECISIONS - 1, 0, -1):
        ahead = after + cost(decision)
        group = _groups(need[:, 6 * decision - 1])
        expected = np.stack([ahead[group == one].mean(axis=0) for one in range(group.max() + 1)])
        after = (moving + expected[:, np.newaxis, :]).min(axis=2)[group]
    now = (after + cost(0)).mean(axis=0)
    at = int(np.flatnonzero(choices == held)[0])
    return float(choices[np.argmin(moving[at] + now)])


def _choices(need: Floats, *, held: float, terms: Terms) -> Floats:
    """Numbers of places a whole number of locations away from what is held, rising."""
    # Places that one future in a thousand would fill pay at no price anybody has published.
    most = max(float(np.quantile(need, 0.999)) / terms.norm, held) + terms.lot
    up = takewhile(lambda places: places <= most, count(held + terms.lot, terms.lot))
    down = takewhile(lambda places: places >= 0, count(held, -terms.lot))
    return np.array(sorted([*down, *up]), dtype=float)


def _by_choice(
    need: Floats, ready: Ready | None, decision: int, choices: Floats, *, terms: Terms
) -> Floats:
    """Cost of the half-year that a decision is for [EUR], shape (paths, choices)."""
    begin, end = LEAD + 6 * decision, LEAD + 6 * (decision + 1)
    there = None if ready is None else ready.between(begin - 1, end)
    months = need[:, begin:end]
    costs = [half_year_cost(months, one, terms=terms, ready=there) for one in choices]
    return np.stack(costs, axis=1)


def _groups(known: Floats) -> NDArray[np.intp]:
    """Which part of the futures each belongs to, by the need of a day; shape (paths,).

    Parts are equal but for ties: futures that are alike that day are in the same part.
    """
    groups = min(GROUPS, len(known))
    rank = np.searchsorted(np.sort(known), known, side="left")
    part: NDArray[np.intp] = np.unique(rank * groups // len(known), return_inverse=True)[1]
    return part
