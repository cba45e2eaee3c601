# SPDX-License-Identifier: EUPL-1.2
"""What a course of places came to by half-year, and how far it could have come otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.planning.replay.half_year import Ready, Step, half_year_cost
from models.types import Floats

__all__ = ["MEASURES", "Course", "course_of", "intervals", "place_months", "score"]

MEASURES = (
    "cost_eur",
    "empty_place_months",
    "reserve_place_months",
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
class Course:
    """What one policy held, half-year by half-year, and what that came to.

    Attributes:
        policy: Its name.
        places: Held in each half-year [places].
        counted: One row per name in `MEASURES`, one column per half-year, shape
            (measures, half-years): cost of open, reserved, missing, opened, called-up and closed
            places [EUR]; places nobody slept in, those of them in reserve within agreements, and
            persons without one [place·months]; locations opened, closed, and opened within two
            half-years of a closure.
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


def score(
    name: str,
    places: Sequence[float],
    steps: Sequence[Step],
    *,
    ready: Sequence[Ready | None],
    start: float,
) -> Course:
    """What a course of places would have come to in the need as it turned out.

    Args:
        name: What it is called.
        places: Held in each half-year [places].
        steps: The decisions.
        ready: What was ready in each half-year, shape (6,); None where all places were open.
        start: Held, and open, before the first [places].
    """
    rows = []
    in_use, called = start, 0.0
    for before, held, step, known in zip([start, *places], places, steps, ready, strict=False):
        terms = step.terms
        up, down = max(held - before, 0.0), max(before - held, 0.0)
        room = terms.norm * held
        there = None
        stood, on_call = np.full(len(step.outcome), held), np.zeros(len(step.outcome))
        if known is not None:
            # What is opened is in use at once; calling up the rest is paid for.
            there = Ready(
                agreed=np.concatenate([[terms.norm * (in_use + up)], known.agreed]),
                on_call=np.concatenate([[room + terms.norm * called], known.on_call]),
                most_on_call=known.most_on_call,
            )
            stood = np.minimum(known.agreed / terms.norm, held)
            on_call = np.clip((known.on_call - room) / terms.norm, 0.0, known.most_on_call)
        in_use, called = float(stood[-1]), float(on_call[-1])
        cost = (
            float(half_year_cost(step.outcome, held, terms=terms, ready=there))
            + up * terms.costs.open_place
            + down * terms.costs.close_place
        )
        housed = np.minimum(step.outcome, terms.norm * stood)
        housed += np.minimum(terms.norm * on_call, np.maximum(step.outcome - room, 0.0))
        rows.append((cost, *place_months(step, held, stood, on_call, housed)))
    return course_of(name, places, rows, steps=steps, start=start)


def place_months(
    step: Step, held: float, stood: Floats, on_call: Floats, housed: Floats
) -> tuple[float, float, float]:
    """Empty and reserved places, and persons without one, over a half-year [place·months].

    Args:
        step: The decision.
        held: Places under agreement [places].
        stood: Those of them that are ready, shape (6,).
        on_call: Places of the indirect reserve that are ready, shape (6,).
        housed: Persons in either, shape (6,).
    """
    empty, reserved = (held + on_call - housed).sum(), (held - stood).sum()
    return float(empty), float(reserved), float((step.outcome - housed).sum())


def course_of(
    name: str,
    places: Sequence[float],
    rows: Sequence[tuple[float, ...]],
    *,
    steps: Sequence[Step],
    start: float,
) -> Course:
    """A course from what each half-year cost and the place·months in it, locations counted.

    Args:
        name: What it is called.
        places: Held in each half-year [places].
        rows: Cost [EUR] and the place·months of `place_months`, by half-year.
        steps: The decisions.
        start: Held before the first [places].
    """
    changes = [
        (after - before) / step.terms.lot
        for before, after, step in zip([start, *places], places, steps, strict=False)
    ]
    opened = [round(max(change, 0.0)) for change in changes]
    closed = [round(max(-change, 0.0)) for change in changes]
    locations = np.array([opened, closed, _reopened(opened, closed)], dtype=float)
    return Course(
        policy=name, places=tuple(places), counted=np.vstack([np.array(rows).T, locations])
    )


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
