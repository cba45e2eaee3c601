# SPDX-License-Identifier: EUPL-1.2
"""Replaying past decisions: what each policy would have held, and what that would have cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from models.errors import InvalidInput
from models.planning.costs import CostParameters
from models.types import Floats

__all__ = [
    "Course",
    "Policy",
    "Rules",
    "Step",
    "advised_places",
    "foresight",
    "house_rule_places",
    "play",
    "score",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What every policy is held to.

    Attributes:
        costs: Prices of places that are empty, missing, opened and closed.
        norm: Share of places that can be slept in at the same time [-].
        location_places: Size of one location, to count openings and closures [places].
    """

    costs: CostParameters
    norm: float
    location_places: int

    def __post_init__(self) -> None:
        if not 0 < self.norm <= 1 or self.location_places < 1:
            raise InvalidInput("A replay needs a norm in (0, 1] and locations with places.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """One decision: places for one half-year, decided one half-year before it begins.

    Attributes:
        decided_at: Day of the decision, ISO.
        period: First month of the half-year it is for, YYYY-MM.
        expected: Need as forecast then, from that first month on [persons], shape
            (paths, months).
        official: Places of the official plan in force then [places]; None where none was
            published yet.
        realised: Need as it turned out [persons], shape (6,).
    """

    decided_at: str
    period: str
    expected: Floats
    official: int | None
    realised: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What one policy held, half-year by half-year, and what that came to.

    Attributes:
        policy: Its name.
        places: Held in each half-year [places].
        costs_eur: Of empty, missing, opened and closed places in each half-year [EUR].
        empty_place_months: Places that nobody slept in [place·months].
        missing_place_months: Persons without a place [place·months].
        openings: Locations opened.
        closures: Locations closed.
        reopenings_within_12_months: Openings within two half-years of a closure.
    """

    policy: str
    places: tuple[float, ...]
    costs_eur: tuple[float, ...]
    empty_place_months: float
    missing_place_months: float
    openings: int
    closures: int
    reopenings_within_12_months: int

    @property
    def cost_eur(self) -> float:
        """Of the whole course [EUR]."""
        return sum(self.costs_eur)


Policy = Callable[[Step, float], float]
"""From what is known at a step, and the places held, to the places to hold next."""


def advised_places(step: Step, held: float, *, rules: Rules) -> float:
    """The cheapest places over the forecast window, moving only where a move pays for itself.

    With a cost of opening and of closing, the best answer to an uncertain need is a band: hold
    what there is while it lies within, and move to the nearest edge otherwise.

    Source:
        docs/methods.md, Replay, equations 1 and 2.
    """
    costs, norm = rules.costs, rules.norm
    years = step.expected.shape[1] / 12
    weight = norm * (costs.missing_premium + costs.empty_place)
    chance_to_open = (costs.empty_place + costs.open_place / years) / weight
    chance_to_close = (costs.empty_place - costs.close_place / years) / weight
    low, high = np.quantile(
        step.expected, [max(1 - chance_to_open, 0.0), min(1 - max(chance_to_close, 0.0), 1.0)]
    )
    return float(np.clip(held, low / norm, high / norm))


def house_rule_places(step: Step, _: float, *, rules: Rules) -> float:
    """The median need at the end of the half-year, divided by the occupancy norm."""
    return float(np.median(step.expected[:, 5]) / rules.norm)


def play(name: str, policy: Policy, steps: Sequence[Step], *, start: float, rules: Rules) -> Course:
    """Let one policy decide at every step, from the same places at the start."""
    places, held = [], start
    for step in steps:
        held = policy(step, held)
        places.append(held)
    return score(name, places, steps, start=start, rules=rules)


def foresight(steps: Sequence[Step], *, start: float, rules: Rules) -> tuple[float, ...]:
    """The cheapest places for the need as it turned out, solved exactly as a linear programme.

    Variables are the places of each half-year, places opened and closed, and persons missing in
    each month.

    Source:
        docs/methods.md, Replay, equation 3.
    """
    costs, count = rules.costs, len(steps)
    need = np.array([step.realised for step in steps])
    months = need.size
    objective = np.concatenate(
        [
            np.full(count, costs.empty_place / 2),
            np.full(count, costs.open_place),
            np.full(count, costs.close_place),
            np.full(months, (costs.missing_premium + costs.empty_place) / 12),
        ]
    )
    moves = np.zeros((count, len(objective)))
    for step in range(count):
        moves[step, step] = 1
        if step:
            moves[step, step - 1] = -1
        moves[step, count + step] = -1
        moves[step, 2 * count + step] = 1
    housed = np.zeros((months, len(objective)))
    for month in range(months):
        housed[month, month // need.shape[1]] = -rules.norm
        housed[month, 3 * count + month] = -1
    solved = linprog(
        objective,
        A_eq=moves,
        b_eq=np.concatenate([[start], np.zeros(count - 1)]),
        A_ub=housed,
        b_ub=-need.ravel(),
        method="highs",
    )
    return tuple(np.asarray(solved.x, dtype=float)[:count].tolist())


def score(
    name: str,
    places: Sequence[float],
    steps: Sequence[Step],
    *,
    start: float,
    rules: Rules,
) -> Course:
    """What a course of places would have come to in the need as it turned out."""
    costs, empty, missing = [], 0.0, 0.0
    opened, closed = [], []
    for before, held, step in zip([start, *places], places, steps, strict=False):
        short = np.maximum(step.realised - rules.norm * held, 0.0)
        unused = held - (step.realised - short)
        opened.append(max(held - before, 0.0))
        closed.append(max(before - held, 0.0))
        empty += float(unused.sum())
        missing += float(short.sum())
        costs.append(
            float(unused.sum()) * rules.costs.empty_place / 12
            + float(short.sum()) * rules.costs.missing_premium / 12
            + opened[-1] * rules.costs.open_place
            + closed[-1] * rules.costs.close_place
        )
    openings = [round(amount / rules.location_places) for amount in opened]
    closures = [round(amount / rules.location_places) for amount in closed]
    return Course(
        policy=name,
        places=tuple(places),
        costs_eur=tuple(costs),
        empty_place_months=empty,
        missing_place_months=missing,
        openings=sum(openings),
        closures=sum(closures),
        reopenings_within_12_months=_reopened(openings, closures),
    )


def _reopened(openings: Sequence[int], closures: Sequence[int]) -> int:
    """Openings that undo a closure of the two half-years before, each closure undone once."""
    total = 0
    left = list(closures)
    for step, opened in enumerate(openings):
        undone = 0
        for earlier in range(max(step - 2, 0), step):
            again = min(opened - undone, left[earlier])
            left[earlier] -= again
            undone += again
        total += undone
    return total
