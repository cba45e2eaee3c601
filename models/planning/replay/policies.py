# SPDX-License-Identifier: EUPL-1.2
"""Replaying past decisions: what each policy would have held, and what that would have cost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from models.errors import InvalidInput
from models.planning.replay.waiting import LEAD, Terms, best_places, half_year_cost
from models.types import Floats

__all__ = [
    "MEASURES",
    "Course",
    "Policy",
    "Step",
    "advised_places",
    "foresight",
    "house_rule_places",
    "intervals",
    "play",
    "score",
]

MEASURES = (
    "cost_eur",
    "empty_place_months",
    "missing_place_months",
    "openings",
    "closures",
    "reopenings_within_12_months",
)
"""What is counted of every course, half-year by half-year."""

BLOCK = 4
"""Half-years that are drawn together, since one shortage or surplus lasts about two years."""

DRAWS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """One decision: places for one half-year, decided one half-year before it begins.

    Attributes:
        decided_at: Day of the decision, ISO.
        period: First month of the half-year it is for, YYYY-MM.
        need: Need as forecast then, from the month after the decision on [persons], shape
            (paths, months).
        official: Places of the official plan in force then [places]; None where none was
            published yet.
        realised: Need as it turned out in the half-year it is for [persons], shape (6,).
        terms: Prices of the time, occupancy norm and size of a location.
    """

    decided_at: str
    period: str
    need: Floats
    official: int | None
    realised: Floats
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What one policy held, half-year by half-year, and what that came to.

    Attributes:
        policy: Its name.
        places: Held in each half-year [places].
        counted: One row per name in `MEASURES`, one column per half-year, shape
            (measures, half-years): cost of empty, missing, opened and closed places [EUR]; places
            nobody slept in, and persons without one [place·months]; locations opened, closed, and
            opened within two half-years of a closure.
    """

    policy: str
    places: tuple[float, ...]
    counted: Floats

    def of(self, measure: str) -> Floats:
        """One measure by half-year, shape (half-years,)."""
        row: Floats = self.counted[MEASURES.index(measure)]
        return row

    @property
    def cost_eur(self) -> float:
        """Of the whole course [EUR]."""
        return float(self.of("cost_eur").sum())


Policy = Callable[[Step, float], float]
"""From what is known at a step, and the places held, to the places to hold next."""


def advised_places(step: Step, held: float) -> float:
    """The cheapest places, knowing that one decides again in half a year."""
    return best_places(step.need, held=held, terms=step.terms)


def house_rule_places(step: Step, _: float) -> float:
    """The median need at the end of the half-year, divided by the occupancy norm."""
    return float(np.median(step.need[:, LEAD + 5]) / step.terms.norm)


def play(name: str, policy: Policy, steps: Sequence[Step], *, start: float) -> Course:
    """Let one policy decide at every step, from the same places at the start."""
    places, held = [], start
    for step in steps:
        held = policy(step, held)
        if not np.isfinite(held) or held < 0:
            raise InvalidInput(f"{name} would hold {held} places from {step.period} on.")
        places.append(held)
    return score(name, places, steps, start=start)


def foresight(steps: Sequence[Step], *, start: float) -> tuple[float, ...]:
    """The cheapest places for the need as it turned out, solved exactly as a linear programme.

    Variables are the places of each half-year, places opened and closed, and persons missing in
    each month.

    Source:
        docs/methods.md, Replay, equation 3.
    """
    count = len(steps)
    need = np.array([step.realised for step in steps])
    months = need.size
    costs = [step.terms.costs for step in steps]
    objective = np.concatenate(
        [
            [one.empty_place / 2 for one in costs],
            [one.open_place for one in costs],
            [one.close_place for one in costs],
            np.repeat([(one.missing_premium + one.empty_place) / 12 for one in costs], 6),
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
        housed[month, month // 6] = -steps[month // 6].terms.norm
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


def score(name: str, places: Sequence[float], steps: Sequence[Step], *, start: float) -> Course:
    """What a course of places would have come to in the need as it turned out."""
    rows, opened, closed = [], [], []
    for before, held, step in zip([start, *places], places, steps, strict=False):
        terms = step.terms
        short = np.maximum(step.realised - terms.norm * held, 0.0)
        up, down = max(held - before, 0.0), max(before - held, 0.0)
        cost = (
            float(half_year_cost(step.realised, held, terms=terms))
            + up * terms.costs.open_place
            + down * terms.costs.close_place
        )
        opened.append(round(up / terms.lot))
        closed.append(round(down / terms.lot))
        rows.append((cost, float((held - step.realised + short).sum()), float(short.sum())))
    counted = np.array(rows).T
    locations = np.array([opened, closed, _reopened(opened, closed)], dtype=float)
    return Course(policy=name, places=tuple(places), counted=np.vstack([counted, locations]))


def _reopened(openings: Sequence[int], closures: Sequence[int]) -> list[int]:
    """Openings by half-year that undo a closure of the two before, each closure undone once."""
    again = []
    left = list(closures)
    for step, opened in enumerate(openings):
        undone = 0
        for earlier in range(max(step - 2, 0), step):
            taken = min(opened - undone, left[earlier])
            left[earlier] -= taken
            undone += taken
        again.append(undone)
    return again


def intervals(
    courses: Sequence[Course], *, best: Course, rival: Course, rng: np.random.Generator
) -> Mapping[str, Mapping[str, tuple[float, float]]]:
    """How far the sums of a replay could have come out otherwise, had other years come.

    Half-years are drawn again in blocks that follow each other, with the first after the last
    (circular block bootstrap). The same draws serve every course, so that differences and ratios
    are compared on the same years.

    Args:
        courses: Courses on the same steps.
        best: Course of perfect foresight.
        rival: Course whose cost above foresight that of the others is divided by.
        rng: Source of chance.

    Returns:
        By policy and measure the 10 and 90 % points of the sum: those of `MEASURES`,
        `cost_above_foresight_eur`, and `relative_to_house_rule` [-].

    Source:
        Politis and Romano (1992), A circular block-resampling procedure for stationary data;
        docs/methods.md, Replay, equation 4.
    """
    count = len(best.places)
    length = min(BLOCK, count)
    blocks = -(-count // length)
    starts = rng.integers(count, size=(DRAWS, blocks))
    drawn = (starts[:, :, np.newaxis] + np.arange(length)).reshape(DRAWS, -1)[:, :count] % count

    def spread(sums: Floats) -> tuple[float, float]:
        low, high = np.quantile(sums, [0.1, 0.9])
        return float(low), float(high)

    def above(course: Course) -> Floats:
        sums: Floats = (course.of("cost_eur") - best.of("cost_eur"))[drawn].sum(axis=1)
        return sums

    against = above(rival)
    found = {}
    for course in courses:
        named = {name: course.of(name)[drawn].sum(axis=1) for name in MEASURES}
        named["cost_above_foresight_eur"] = above(course)
        # Years in which the house rule was as good as foresight have no ratio.
        named["relative_to_house_rule"] = above(course)[against > 0] / against[against > 0]
        found[course.policy] = {name: spread(sums) for name, sums in named.items() if len(sums)}
    return found
