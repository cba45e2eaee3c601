# SPDX-License-Identifier: EUPL-1.2
"""What a plan is worth on futures that it was not made on, against planning on the expected one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.errors import InvalidInput
from models.planning.location_plan.path_outcomes import PathOutcomes, outcomes_by_path
from models.planning.location_plan.question import Question
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.terms import MONTHS_PER_HALF_YEAR
from models.planning.register.locations import Location
from models.types import Floats

__all__ = ["Evaluation", "FreshOutcome", "evaluate_plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshOutcome:
    """What a plan comes to on fresh futures, on average.

    Attributes:
        cost_eur: Cost of the whole plan [EUR].
        missing_place_months: Persons without a place [place·months].
        empty_place_months: Places that stay empty [place·months].
        chance_sufficient: Share of half-years, over all futures, without a missing place [-].
    """

    cost_eur: float
    missing_place_months: float
    empty_place_months: float
    chance_sufficient: float

    @classmethod
    def of(cls, outcomes: PathOutcomes) -> "FreshOutcome":
        """The means over all paths."""
        return cls(
            cost_eur=float(outcomes.cost_eur.mean()),
            missing_place_months=float(outcomes.missing_place_months.mean()),
            empty_place_months=float(outcomes.empty_place_months.mean()),
            chance_sufficient=float(outcomes.enough.mean()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What planning for many futures is worth: the value of the stochastic solution.

    Attributes:
        planned_on: Sample paths that both plans were made on.
        fresh: Other sample paths, on which both were judged.
        on_futures: The plan that is made as this one is.
        on_expected: The plan made for the expected need alone, with every opening in time.
        value_eur: Cost of the second above the first, on average [EUR].
        standard_error_eur: Standard error of that difference over the fresh paths [EUR].
    """

    planned_on: int
    fresh: int
    on_futures: FreshOutcome
    on_expected: FreshOutcome
    value_eur: float
    standard_error_eur: float


def evaluate_plan(
    register: Sequence[Location],
    need: Floats,
    *,
    start: np.datetime64,
    settings: PlanSettings,
    seed: int,
    minors: Floats | None = None,
) -> Evaluation | None:
    """Plan on every other path, and judge on the paths between them.

    Both plans meet the same need and the same late openings, so the difference of their costs on
    a path is theirs alone.

    Args:
        register: Lines to decide on.
        need: Need by month [persons], shape (paths, months), at least two paths.
        start: First month of the plan.
        settings: What the plan is asked to do.
        seed: As that of the plan.
        minors: Unaccompanied minors in the need [persons]; None where they do not count apart.

    Returns:
        The evaluation; None where half of the paths, or the expected need alone, leaves no plan
        that meets the demands.

    Raises:
        InvalidInput: fewer than two paths.

    Source:
        Birge (1982), Mathematical Programming 24, for the value of the stochastic solution.
        docs/methods.md, What the plan is worth on fresh futures.
    """
    if len(need) < 2:
        raise InvalidInput("Fresh futures need at least two paths: one to plan on, one to judge.")
    need = need[:, : settings.half_years * MONTHS_PER_HALF_YEAR]
    known, fresh = need[0::2], need[1::2]
    known_minors = None if minors is None else minors[0::2, : need.shape[1]]
    question = Question.of(
        register, known, start=start, settings=settings, seed=seed, minors=known_minors
    )
    expected = Question.of(
        register,
        known.mean(axis=0, keepdims=True),
        start=start,
        settings=settings,
        seed=seed,
        minors=None if known_minors is None else known_minors.mean(axis=0, keepdims=True),
    )
    # Whoever plans on one future reckons with no late opening either.
    expected = replace(expected, delays=np.zeros_like(expected.delays))
    outcomes = [_judged(one, fresh) for one in (question, expected)]
    if outcomes[0] is None or outcomes[1] is None:
        return None
    dearer = outcomes[1].cost_eur - outcomes[0].cost_eur
    return Evaluation(
        planned_on=len(known),
        fresh=len(fresh),
        on_futures=FreshOutcome.of(outcomes[0]),
        on_expected=FreshOutcome.of(outcomes[1]),
        value_eur=float(dearer.mean()),
        standard_error_eur=float(dearer.std(ddof=min(len(fresh) - 1, 1)) / np.sqrt(len(fresh))),
    )


def _judged(question: Question, fresh: Floats) -> PathOutcomes | None:
    try:
        solved = question.programme().solve(seed=question.seed)
    except TimeoutError:
        return None
    return None if solved is None else outcomes_by_path(question, solved.courses, fresh)
