# SPDX-License-Identifier: EUPL-1.2
"""How many places to decide on now, when one can decide again every half-year."""

from dataclasses import dataclass
from itertools import count, takewhile

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInput
from models.planning.costs import CostParameters
from models.types import Floats

__all__ = ["MONTHS_AHEAD", "Terms", "best_places", "half_year_cost"]

LEAD = 6
"""From a decision to the half-year it is for [months]."""

DECISIONS = 4
"""Decisions that are looked through, this one included; half a year apart."""

MONTHS_AHEAD = LEAD + 6 * DECISIONS
"""Months of need that the decisions are about, from the one after this decision on."""

GROUPS = 10
"""Parts of the futures that a later decision can tell apart, by the need of its day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holding and changing places takes.

    Attributes:
        costs: Prices of places that are empty, missing, opened and closed.
        norm: Share of places that can be slept in at the same time, in (0, 1] [-].
        lot: Places come and go in whole locations of this size [places].
    """

    costs: CostParameters
    norm: float
    lot: int

    def __post_init__(self) -> None:
        if not 0 < self.norm <= 1 or self.lot < 1:
            raise InvalidInput("Deciding needs a norm in (0, 1] and locations with places.")


def half_year_cost(need: Floats, places: Floats | float, *, terms: Terms) -> Floats:
    """Cost of empty and missing places over some months [EUR].

    Args:
        need: Need by month [persons], shape (..., months).
        places: Held throughout [places], of a shape that goes with all but the months.
        terms: Prices and norm.

    Source:
        docs/methods.md, Replay, equation 1.
    """
    held = np.asarray(places, dtype=float)[..., np.newaxis]
    missing = np.maximum(need - terms.norm * held, 0.0)
    empty = held - (need - missing)
    priced = terms.costs.missing_premium * missing + terms.costs.empty_place * empty
    cost: Floats = priced.sum(axis=-1) / 12
    return cost


def best_places(need: Floats, *, held: float, terms: Terms) -> float:
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
    # What comes after each choice, by path; at the end of what is looked through, nothing.
    after = np.zeros((len(need), len(choices)))
    for decision in range(DECISIONS - 1, 0, -1):
        ahead = after + _by_choice(need, decision, choices, terms=terms)
        group = _groups(need[:, 6 * decision - 1])
        expected = np.stack([ahead[group == one].mean(axis=0) for one in range(group.max() + 1)])
        after = (moving + expected[:, np.newaxis, :]).min(axis=2)[group]
    now = (after + _by_choice(need, 0, choices, terms=terms)).mean(axis=0)
    at = int(np.flatnonzero(choices == held)[0])
    return float(choices[np.argmin(moving[at] + now)])


def _choices(need: Floats, *, held: float, terms: Terms) -> Floats:
    """Numbers of places a whole number of locations away from what is held, rising."""
    # Places that one future in a thousand would fill pay at no price anybody has published.
    most = max(float(np.quantile(need, 0.999)) / terms.norm, held) + terms.lot
    up = takewhile(lambda places: places <= most, count(held + terms.lot, terms.lot))
    down = takewhile(lambda places: places >= 0, count(held, -terms.lot))
    return np.array(sorted([*down, *up]), dtype=float)


def _by_choice(need: Floats, decision: int, choices: Floats, *, terms: Terms) -> Floats:
    """Cost of the half-year that a decision is for [EUR], shape (paths, choices)."""
    months = need[:, LEAD + 6 * decision : LEAD + 6 * (decision + 1)]
    return np.stack([half_year_cost(months, one, terms=terms) for one in choices], axis=1)


def _groups(known: Floats) -> NDArray[np.intp]:
    """Which part of the futures each belongs to, by the need of a day; shape (paths,).

    Parts are equal but for ties: futures that are alike that day are in the same part.
    """
    groups = min(GROUPS, len(known))
    rank = np.searchsorted(np.sort(known), known, side="left")
    part: NDArray[np.intp] = np.unique(rank * groups // len(known), return_inverse=True)[1]
    return part
