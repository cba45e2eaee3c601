# SPDX-License-Identifier: EUPL-1.2
"""Replaying past decisions: what each policy would have held, and what that would have cost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.errors import InvalidInput
from models.planning.replay.waiting import (
    LEAD,
    Ready,
    Reserves,
    Terms,
    best_places,
    half_year_cost,
    stand_ready,
)
from models.types import Floats

__all__ = [
    "ADVICE",
    "ADVICE_ALL_OPEN",
    "ADVICE_DIRECT_ONLY",
    "HOUSE_RULE",
    "HOUSE_RULE_WITH_RESERVES",
    "KEEP_OPEN",
    "MEASURES",
    "OFFICIAL_PLAN",
    "Course",
    "Policy",
    "Step",
    "course_of",
    "intervals",
    "place_months",
    "play",
    "score",
]

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
class Step:
    """One decision: places for one half-year, decided one half-year before it begins.

    Attributes:
        decided_at: Day of the decision, ISO.
        period: First month of the half-year it is for, YYYY-MM.
        need: Need as forecast then, from the month after the decision on [persons], shape
            (paths, months).
        official: Places of the official plan in force then [places]; None where none was
            published yet.
        realised: Need as it turned out, from the month after the decision to the end of the
            half-year it is for [persons], shape (LEAD + 6,).
        terms: Prices of the time, occupancy norm and size of a location.
    """

    decided_at: str
    period: str
    need: Floats
    official: int | None
    realised: Floats
    terms: Terms

    @property
    def outcome(self) -> Floats:
        """Need as it turned out in the half-year that the decision is for [persons], shape (6,)."""
        return self.realised[LEAD:]

    def ready(self, reserves: Reserves) -> Ready | None:
        """What would have been ready had there been any number of places under agreement.

        Reserves are called up by the need of the day and the growth that this decision's forecast
        expects; by nothing that came later.

        Returns:
            In the half-year that the decision is for, shape (6,); None where all are open.
        """
        then = self.realised[np.newaxis]
        found = stand_ready(then, expected=self.need, terms=self.terms, reserves=reserves)
        if found is None:
            return None
        return replace(found, agreed=found.agreed[0, LEAD:], on_call=found.on_call[0, LEAD:])


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A way to decide.

    Attributes:
        name: What it is called.
        places: From what is known at a step, and the places held, to the places to hold next.
        reserves: Which reserves it keeps; those are called up when they are expected to be needed.
    """

    name: str
    places: Callable[[Step, float], float]
    reserves: Reserves = Reserves.NONE


def _advised(name: str, reserves: Reserves) -> Policy:
    """The cheapest places under agreement, knowing that one decides again in half a year."""

    def places(step: Step, held: float) -> float:
        return best_places(step.need, held=held, terms=step.terms, reserves=reserves)

    return Policy(name=name, places=places, reserves=reserves)


def _median_over_norm(step: Step, _: float) -> float:
    return float(np.median(step.need[:, LEAD + 5]) / step.terms.norm)


def _official(step: Step, held: float) -> float:
    return _median_over_norm(step, held) if step.official is None else float(step.official)


def _never_fewer(step: Step, held: float) -> float:
    return max(held, _median_over_norm(step, held))


ADVICE = _advised("advice", Reserves.INDIRECT)
"""The cheapest places under agreement, with reserves within them and on call beyond them."""

ADVICE_DIRECT_ONLY = _advised("advice_direct_only", Reserves.DIRECT)
"""The same where nothing is on call beyond the agreements."""

ADVICE_ALL_OPEN = _advised("advice_all_open", Reserves.NONE)
"""The same where no reserve can be kept."""

HOUSE_RULE = Policy(name="house_rule", places=_median_over_norm)
"""The median need at the end of the half-year, divided by the occupancy norm."""

HOUSE_RULE_WITH_RESERVES = Policy(
    name="house_rule_with_reserves", places=_median_over_norm, reserves=Reserves.INDIRECT
)
"""The same number of places, with the reserves of the advice."""

OFFICIAL_PLAN = Policy(name="official_plan", places=_official)
"""The published plan; the house rule before there was one."""

KEEP_OPEN = Policy(name="keep_open", places=_never_fewer)
"""The house rule, but nothing is ever closed."""


def play(policy: Policy, steps: Sequence[Step], *, start: float) -> Course:
    """Let one policy decide at every step, from the same places at the start."""
    places, held = [], start
    for step in steps:
        held = policy.places(step, held)
        if not np.isfinite(held) or held < 0:
            raise InvalidInput(f"{policy.name} would hold {held} places from {step.period} on.")
        places.append(held)
    ready = [step.ready(policy.reserves) for step in steps]
    return score(policy.name, places, steps, ready=ready, start=start)


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
