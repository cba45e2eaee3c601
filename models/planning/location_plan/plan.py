# SPDX-License-Identifier: EUPL-1.2
"""The location plan: the cheapest use of every line of the register over the coming years."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.errors import Conflict, InvalidInput
from models.periods import Months
from models.planning.dual_use.lending import dual_use
from models.planning.location_plan.demand_conflict import conflict_of
from models.planning.location_plan.question import Question, Scene
from models.planning.location_plan.reasons import mixed_lines, plan_lines
from models.planning.portfolio.capacity_plan import (
    BranchCourse,
    CapacityPlan,
    PlanLine,
    PlanSettings,
    PlanStatus,
    ScenarioError,
)
from models.planning.portfolio.outcome import half_year_totals, housing_cost, mixed_totals
from models.planning.portfolio.stability import stability_of
from models.planning.portfolio.terms import MONTHS_PER_HALF_YEAR
from models.planning.programme.programme import PlanProgramme, SolvedPlan
from models.planning.register.locations import Location
from models.types import Floats

__all__ = ["describe_plan", "plan_capacity", "pose_question", "solve_question"]


def plan_capacity(
    register: Sequence[Location],
    need: Floats,
    *,
    periods: Months,
    settings: PlanSettings,
    seed: int,
    minors: Floats | None = None,
) -> CapacityPlan:
    """What to do with every line of the register, from the first month of the forecast on.

    Args:
        register: Lines to decide on; their order matters for nothing but the order of the answer.
        need: Need for places [persons], shape (paths, months).
        periods: Months of the need, without gaps, shape (months,); the plan starts at the first.
        settings: What the plan is asked to do.
        seed: Seed of the solver, of the openings that come late, and of the draw of paths where
            there are very many.
        minors: Unaccompanied minors in the need [persons], of the same shape; they count apart
            where the register has places for one group only.

    Returns:
        The plan; equal inputs give equal plans, in any process.

    Raises:
        InvalidInput: an empty register, a line named twice, or a need that is no count or is
            shorter than the plan.
        ConflictingDemands: the demands in the settings exclude each other, or the terms in the
            register; it names the fewest that do.
        Conflict: no plan was found within the limits, not even to keep everything.

    Source:
        docs/methods.md, Location plan.
    """
    question = pose_question(
        register, need, periods=periods, settings=settings, seed=seed, minors=minors
    )
    _, solved = solve_question(question)
    return describe_plan(question, solved, periods=periods)


def pose_question(
    register: Sequence[Location],
    need: Floats,
    *,
    periods: Months,
    settings: PlanSettings,
    seed: int,
    minors: Floats | None = None,
) -> Question:
    """What a plan is asked, checked; arguments and errors as of `plan_capacity`."""
    months = settings.half_years * MONTHS_PER_HALF_YEAR
    _check(register, need, periods=periods, months=months)
    if minors is not None and (
        minors.shape != need.shape or np.any((minors < 0) | (minors > need))
    ):
        raise InvalidInput("Minors are a part of the need, on the same paths and months.")
    return Question.of(
        register,
        need[:, :months],
        start=periods[0],
        settings=settings,
        seed=seed,
        minors=None if minors is None else minors[:, :months],
    )


def solve_question(question: Question) -> tuple[PlanProgramme, SolvedPlan]:
    """The programme of a question, and its answer; errors as of `plan_capacity`."""
    programme = question.programme()
    try:
        solved = programme.solve(seed=question.seed)
    except TimeoutError:
        try:
            solved = programme.nearest(seed=question.seed)
        except TimeoutError as error:
            raise Conflict("No plan was found within the limits, not even a poor one.") from error
    if solved is None:
        raise conflict_of(question, programme)
    return programme, solved


def describe_plan(question: Question, solved: SolvedPlan, *, periods: Months) -> CapacityPlan:
    """What a solved plan does, and what comes of it on every path."""
    settings, names = question.settings, [one.location_id for one in question.register]
    scenes = question.scenes(solved.courses)
    chances = np.array([scene.chance for scene in scenes])
    totals = [
        half_year_totals(
            scene.portfolio,
            scene.need,
            periods=periods,
            settings=settings,
            awaited=scene.awaited,
            minors=scene.minors,
        )
        for scene in scenes
    ]
    mixed = mixed_totals(totals, chances)
    known_from = min(question.branches.known_from, settings.half_years - 1)
    before_known = known_from * MONTHS_PER_HALF_YEAR
    rooms, offers = dual_use(
        question.register,
        scenes,
        terms=question.terms,
        known_from=question.branches.known_from,
        periods=periods,
        settings=settings,
    )
    return CapacityPlan(
        periods=tuple(one.period for one in mixed),
        lines=mixed_lines(
            [_lines(question, scene, periods=periods) for scene in scenes], chances, order=names
        ),
        branches=tuple(
            BranchCourse(
                chance=scene.chance,
                need_persons=float(scene.need[:, max(before_known - 1, 0)].mean()),
                states={
                    name: tuple(course) for name, course in zip(names, scene.states, strict=True)
                },
                totals=of,
            )
            for scene, of in zip(scenes, totals, strict=True)
        ),
        known_from=mixed[known_from].period,
        totals=mixed,
        lending=rooms,
        offers=offers,
        stability=stability_of(
            question.register, [scene.states for scene in scenes], chances=chances.tolist()
        ),
        cost_eur=sum(one.cost_eur for one in mixed),
        objective_eur=solved.objective_eur,
        gap=solved.gap,
        unmet=solved.unmet,
        status=PlanStatus.WITHIN_GAP if solved.proven else PlanStatus.LIMIT_REACHED,
        scenario_error=_scenario_error(question, scenes, objective_eur=solved.objective_eur),
        settings=settings,
        seed=question.seed,
    )


def _lines(question: Question, scene: Scene, *, periods: Months) -> tuple[PlanLine, ...]:
    return plan_lines(
        question.register,
        terms=question.terms,
        states=scene.states,
        portfolio=scene.portfolio,
        futures=scene.futures,
        need=scene.need,
        periods=periods,
        settings=question.settings,
        awaited=scene.awaited_in_futures,
    )


def _scenario_error(
    question: Question, scenes: Sequence[Scene], *, objective_eur: float
) -> ScenarioError:
    """What the few futures make of the cost of housing everybody, against every path."""
    settings, weights = question.settings, question.branches.chances
    on_futures = on_paths = 0.0
    for scene in scenes:
        steps = question.in_steps(scene.need)
        minors = None if scene.minors is None else question.in_steps(scene.minors)
        every = replace(
            scene.futures, need=steps, minors=minors, weights=np.full(len(steps), 1 / len(steps))
        )
        on_futures += float(weights[scene.branch]) * housing_cost(
            scene.portfolio, scene.futures, settings=settings, awaited=scene.awaited_in_futures
        )
        on_paths += scene.chance * housing_cost(
            scene.portfolio, every, settings=settings, awaited=scene.awaited
        )
    return ScenarioError(
        futures=len(question.futures.need),
        paths=len(question.need),
        distance_persons=question.futures.distance,
        cost_error=(on_futures - on_paths) / max(objective_eur - on_futures + on_paths, 1.0),
    )


def _check(register: Sequence[Location], need: Floats, *, periods: Months, months: int) -> None:
    names = [one.location_id for one in register]
    if not names:
        raise InvalidInput("A plan needs at least one location.")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(f"Location {twice!r} is in the register twice.")
    if need.ndim != 2 or not need.size or need.shape[1] != len(periods):
        raise InvalidInput(
            f"Need of shape {need.shape} does not fit {len(periods)} months: paths by months."
        )
    if need.shape[1] < months:
        raise InvalidInput(
            f"A plan of {months} months needs a forecast as long; this one has {need.shape[1]}."
        )
    if not np.isfinite(need).all() or np.any(need < 0):
        raise InvalidInput("Need for places is finite and never negative.")
