# SPDX-License-Identifier: EUPL-1.2
"""What a plan changes: openings, closures, moves, spread and lending, counted from its uses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.planning.location_plan.question import Courses, Question
from models.planning.portfolio.portfolio import USE_BEFORE, places_by_use
from models.planning.portfolio.terms import MONTHS_PER_HALF_YEAR
from models.planning.portfolio.uses import UseState
from models.planning.register.spread import indicative_tasks, spread_deviation
from models.types import Floats

__all__ = ["PlanChanges"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanges:
    """What a plan changes, expected over its branches.

    Attributes:
        openings: Times that a location comes into use that was not there.
        closures: Times that a location is given up.
        places_moved: Places that stop being open, so that people there must move [places].
        children_moved: School-age children among them, as far as the register states how many
            live where [persons]; None where it states nothing.
        spread_deviation: Deviation from the indicative distribution of the places open or in
            reserve when the plan ends [-]; None where the register states no task.
        lent_place_months: Places that are lent [place·months].
    """

    openings: float
    closures: float
    places_moved: float
    children_moved: float | None
    spread_deviation: float | None
    lent_place_months: float

    @classmethod
    def of(cls, question: Question, courses: Courses) -> "PlanChanges":
        """Count them in the courses of a plan."""
        register, terms = question.register, question.terms
        base = np.array([of.places for of in terms], dtype=float)
        children = np.array([one.school_children or 0 for one in register], dtype=float)
        known = any(one.school_children is not None for one in register)
        before = np.array([USE_BEFORE[one.status] for one in register], dtype=object)
        openings = closures = places = moved = 0.0
        for chance, states in zip(question.branches.chances.tolist(), courses, strict=True):
            uses = np.column_stack([before, np.array(states, dtype=object)])
            there = uses != UseState.ABSENT
            changed = np.diff(there.astype(int), axis=1)
            at_start = np.where(before == UseState.OPEN, base, 0.0)
            in_use = np.column_stack([at_start, _places_open(question, states)])
            fallen = np.maximum(-np.diff(in_use, axis=1), 0.0).sum(axis=1)
            openings += chance * float((changed > 0).sum())
            closures += chance * float((changed < 0).sum())
            places += chance * float(fallen.sum())
            moved += chance * float((children * fallen / np.maximum(base, 1.0)).sum())
        return cls(
            openings=openings,
            closures=closures,
            places_moved=places,
            children_moved=moved if known else None,
            spread_deviation=_spread_at_end(question, courses),
            lent_place_months=_lent_place_months(question, courses),
        )


def _places_open(question: Question, states: Sequence[Sequence[UseState]]) -> Floats:
    in_use = np.array([[use.is_open for use in course] for course in states])
    places: Floats = places_by_use(question.terms, states) * in_use
    return places


def _spread_at_end(question: Question, courses: Courses) -> float | None:
    """Deviation from the indicative distribution in the last half-year, over the branches [-]."""
    tasks = indicative_tasks(question.register)
    everywhere = sum(tasks.values())
    if not everywhere:
        return None
    shares = {province: task / everywhere for province, task in tasks.items()}
    deviations = (
        float(chance) * spread_deviation(_ready_at_end(question, states), shares)
        for chance, states in zip(question.branches.chances.tolist(), courses, strict=True)
    )
    return sum(deviations)


def _ready_at_end(question: Question, states: Sequence[Sequence[UseState]]) -> dict[str, float]:
    """Places open or in reserve when the plan ends, by province [places]."""
    held: dict[str, float] = {}
    places = places_by_use(question.terms, states)[:, -1]
    for location, course, count in zip(question.register, states, places.tolist(), strict=True):
        if course[-1] is not UseState.LENT:
            held[location.province] = held.get(location.province, 0.0) + count
    return held


def _lent_place_months(question: Question, courses: Courses) -> float:
    total = 0.0
    for chance, states in zip(question.branches.chances.tolist(), courses, strict=True):
        lent = np.array([[use is UseState.LENT for use in course] for course in states])
        total += chance * float((places_by_use(question.terms, states) * lent).sum())
    return total * MONTHS_PER_HALF_YEAR
