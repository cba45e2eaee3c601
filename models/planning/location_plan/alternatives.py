# SPDX-License-Identifier: EUPL-1.2
"""Other plans that cost nearly the same: each does one thing as well as that allows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.planning.location_plan.changes import PlanChanges
from models.planning.location_plan.path_outcomes import outcomes_by_path
from models.planning.location_plan.question import Courses, Question
from models.planning.portfolio.portfolio import places_by_use
from models.planning.portfolio.uses import UseState
from models.planning.programme.aims import WORST_SHARE, Aim, add_aim
from models.planning.programme.programme import PlanProgramme
from models.planning.register.spread import indicative_tasks

__all__ = ["Alternatives", "LeftOut", "PlanAlternative", "find_alternatives"]

_AIMS = (Aim.FEWEST_MOVES, Aim.BEST_SPREAD, Aim.MOST_DUAL_USE, Aim.MOST_ROBUST)
_FEWEST, _MOST = 3, 5

_GAP, _NODES = 0.1, 50
"""When a search may stop: near the best that an aim allows, or after so many branches."""

_CLEARLY = 0.01
"""Share by which a plan must do better than the cheapest on what it aims at [-]."""

_TIE = 1e-4
"""What a unit of cost counts for beside the aim: enough to waste nothing, too little to bend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAlternative:
    """One of the plans that the board may choose from; expectations run over every sample path.

    Attributes:
        aim: What it does as well as the slack in cost allows.
        cost_eur: Cost of the whole plan [EUR].
        extra_eur: Cost above that of the cheapest plan [EUR].
        chance_sufficient: Share of half-years, over all paths, without a missing place [-].
        missing_place_months: Persons without a place [place·months].
        worst_missing_place_months: The same, on average over the worst tenth of the paths.
        empty_place_months: Places that stay empty [place·months].
        openings: Locations that come into use [locations].
        closures: Locations that are given up [locations].
        places_moved: Places that stop being open, so that people there must move [places].
        children_moved: School-age children among them, as far as the register states how many
            live where [persons]; None where it states nothing.
        spread_deviation: Share of the places that lie in another province than the indicative
            distribution says, when the plan ends [-]; None where the register states no task.
        lent_place_months: Places that are lent [place·months].
        difference: Share of the place-months with another use than in the cheapest plan [-].
        states: Use of each location in each half-year, by branch, the lowest need first.
    """

    aim: Aim
    cost_eur: float
    extra_eur: float
    chance_sufficient: float
    missing_place_months: float
    worst_missing_place_months: float
    empty_place_months: float
    openings: float
    closures: float
    places_moved: float
    children_moved: float | None
    spread_deviation: float | None
    lent_place_months: float
    difference: float
    states: tuple[dict[str, tuple[UseState, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A plan that was found and is not offered.

    Attributes:
        aim: What it aimed at.
        like: Aim of the plan that it hardly differs from, or does no better than.
        difference: Share of the place-months with another use than in that one [-].
        better: Whether it serves its aim better than that one.
    """

    aim: Aim
    like: Aim
    difference: float
    better: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternatives:
    """Three to five plans of nearly the same cost, each different in substance.

    Attributes:
        slack: Cost that they may have above the cheapest, as a share of it, on the futures that
            the plan was made on [-].
        least_difference: Share of the place-months that must have another use than in every
            other one [-].
        offered: The plans, the one of the least cost first.
        left_out: Those that serve their aim no better, or are too like another.
    """

    slack: float
    least_difference: float
    offered: tuple[PlanAlternative, ...]
    left_out: tuple[LeftOut, ...]


def find_alternatives(
    question: Question, programme: PlanProgramme, cheapest: Courses, *, cost_eur: float
) -> Alternatives:
    """Look for plans within the slack that do one thing as well as they can.

    Fewest moves, best spread, most dual use, most robust; where fewer than three plans come out
    different in substance, also the one that differs most from the cheapest.

    Args:
        question: What the plan was asked; its settings hold the slack.
        programme: The programme that was solved.
        cheapest: Uses in the cheapest plan, by branch.
        cost_eur: Expected cost of that plan, as the programme saw it [EUR].

    Source:
        Modelling to generate alternatives: DeCarolis (2011), Energy Economics 33; Neumann and
        Brown (2021), Electric Power Systems Research 190. docs/methods.md, Alternatives.
    """
    settings = question.settings
    first = _described(question, Aim.LEAST_COST, cheapest, cheapest)
    kept: list[tuple[PlanAlternative, Courses]] = [(first, cheapest)]
    left_out = []
    aims = [aim for aim in _AIMS if _can_aim(aim, question)]
    for aim in (*aims, Aim.OTHER_LOCATIONS):
        if len(kept) == _MOST or (aim is Aim.OTHER_LOCATIONS and len(kept) >= _FEWEST):
            break
        courses = _aimed(question, programme, cheapest, aim=aim, cost_eur=cost_eur)
        if courses is None:
            continue
        found = _described(question, aim, courses, cheapest)
        rejected = _rejected(question, found, courses, kept)
        if rejected is None:
            extra = found.cost_eur - first.cost_eur
            kept.append((replace(found, extra_eur=extra), courses))
        else:
            left_out.append(rejected)
    return Alternatives(
        slack=settings.alternative_slack,
        least_difference=settings.alternative_difference,
        offered=tuple(one for one, _ in kept),
        left_out=tuple(left_out),
    )


def _rejected(
    question: Question,
    found: PlanAlternative,
    courses: Courses,
    kept: Sequence[tuple[PlanAlternative, Courses]],
) -> LeftOut | None:
    """Why a plan is not offered; None if it serves its aim better and differs from the others."""
    first, _ = kept[0]
    if not _serves(found.aim, found, first):
        return LeftOut(aim=found.aim, like=first.aim, difference=found.difference, better=False)
    differences = [(_difference(question, courses, other), one.aim) for one, other in kept]
    difference, like = min(differences)
    if difference >= question.settings.alternative_difference:
        return None
    return LeftOut(aim=found.aim, like=like, difference=difference, better=True)


def _serves(aim: Aim, plan: PlanAlternative, first: PlanAlternative) -> bool:
    """Whether a plan does what it aims at clearly better than the cheapest."""
    measures = {
        Aim.FEWEST_MOVES: (plan.places_moved, first.places_moved),
        Aim.BEST_SPREAD: (plan.spread_deviation or 0.0, first.spread_deviation or 0.0),
        Aim.MOST_DUAL_USE: (-plan.lent_place_months, -first.lent_place_months),
        Aim.MOST_ROBUST: (plan.worst_missing_place_months, first.worst_missing_place_months),
        Aim.OTHER_LOCATIONS: (-plan.difference, -first.difference),
    }
    mine, theirs = measures[aim]
    return mine < theirs - _CLEARLY * abs(theirs)


def _can_aim(aim: Aim, question: Question) -> bool:
    """Whether the register says enough for an aim to mean anything."""
    if aim is Aim.BEST_SPREAD:
        return sum(indicative_tasks(question.register).values()) > 0
    if aim is Aim.MOST_DUAL_USE:
        return any(one.dual_use.recallable for one in question.register)
    return True


def _aimed(
    question: Question, programme: PlanProgramme, cheapest: Courses, *, aim: Aim, cost_eur: float
) -> Courses | None:
    """Uses that serve one aim best within the slack; None where none were found in time."""
    settings = question.settings
    lp = programme.tree.lp.copy()
    programme.bound_cost(lp, upper_eur=cost_eur * (1 + settings.alternative_slack))
    lp.minimise({}, keep=_TIE)
    tree = programme.tree.over(lp)
    add_aim(tree, programme, aim=aim, register=question.register, cheapest=cheapest)
    try:
        found = lp.solve(
            relative_gap=_GAP,
            maximum_nodes=_NODES,
            time_limit_seconds=settings.time_limit_seconds,
            seed=question.seed,
            prove=False,
        )
    except TimeoutError:
        return None
    return None if found is None else programme.courses(found.values)


def _difference(question: Question, courses: Courses, others: Courses) -> float:
    """Share of the place-months that both plans hold, or either, with another use [-]."""
    chances = question.branches.chances
    differing = held = 0.0
    for chance, mine, theirs in zip(chances, courses, others, strict=True):
        places = np.maximum(
            places_by_use(question.terms, mine), places_by_use(question.terms, theirs)
        )
        other = np.array(mine, dtype=object) != np.array(theirs, dtype=object)
        differing += float(chance * (places * other).sum())
        held += float(chance * places.sum())
    return differing / held if held else 0.0


def _described(
    question: Question, aim: Aim, courses: Courses, cheapest: Courses
) -> PlanAlternative:
    outcomes = outcomes_by_path(question, courses)
    names = [one.location_id for one in question.register]
    changes = PlanChanges.of(question, courses)
    return PlanAlternative(
        aim=aim,
        cost_eur=float(outcomes.cost_eur.mean()),
        extra_eur=0.0,
        chance_sufficient=float(outcomes.enough.mean()),
        missing_place_months=float(outcomes.missing_place_months.mean()),
        worst_missing_place_months=outcomes.worst(WORST_SHARE),
        empty_place_months=float(outcomes.empty_place_months.mean()),
        openings=changes.openings,
        closures=changes.closures,
        places_moved=changes.places_moved,
        children_moved=changes.children_moved,
        spread_deviation=changes.spread_deviation,
        lent_place_months=changes.lent_place_months,
        difference=_difference(question, courses, cheapest),
        states=tuple(
            {name: tuple(course) for name, course in zip(names, states, strict=True)}
            for states in courses
        ),
    )
