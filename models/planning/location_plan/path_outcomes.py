# SPDX-License-Identifier: EUPL-1.2
"""What a plan comes to on each path by itself: its cost, and whom it leaves without a place."""

from dataclasses import dataclass

import numpy as np

from models.planning.location_plan.question import Courses, Question
from models.planning.portfolio.outcome import walk_months
from models.planning.portfolio.terms import MONTHS_PER_HALF_YEAR
from models.types import Floats

__all__ = ["PathOutcomes", "outcomes_by_path"]

_NOBODY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathOutcomes:
    """What happens on each path; the first three have shape (paths,).

    Attributes:
        cost_eur: Cost of the whole plan [EUR].
        missing_place_months: Persons without a place, added up over the months [place·months].
        empty_place_months: Places in which nobody sleeps [place·months].
        enough: Whether nobody is without a place in any month of a half-year, as 0 or 1, shape
            (paths, half-years).
    """

    cost_eur: Floats
    missing_place_months: Floats
    empty_place_months: Floats
    enough: Floats

    def worst(self, share: float) -> float:
        """Mean of the missing place-months over the worst share of the paths [place·months]."""
        falling = np.sort(self.missing_place_months)[::-1]
        return float(falling[: max(round(share * len(falling)), 1)].mean())


def outcomes_by_path(
    question: Question, courses: Courses, need: Floats | None = None
) -> PathOutcomes:
    """Walk along every path with the courses of a plan.

    Args:
        question: What the plan was asked.
        courses: Use of every line in every half-year, by branch.
        need: Other paths than those of the question [persons], shape (paths, months).
    """
    paths = question.need if need is None else need
    member = question.branches.assign(question.in_steps(paths))
    cost, missing, empty = np.zeros((3, len(paths)))
    enough = np.zeros((len(paths), question.settings.half_years))
    costs, norm = question.settings.costs, question.settings.occupancy_norm
    for scene in question.scenes(courses, paths):
        here, held, late = member == scene.branch, scene.portfolio, scene.awaited
        housed = walk_months(
            held, scene.need, occupancy_norm=norm, awaited=late, minors=scene.minors
        )
        there = (held.regular + held.reserve + held.emergency).sum() - (
            late.regular + late.emergency
        ).sum(axis=1)
        inside = (housed.regular + housed.called_up + housed.emergency).sum(axis=1)
        places_eur = float((held.running_eur + held.changes_eur).sum())
        persons_eur = housed.cost(costs, years=1 / 12).sum(axis=1)
        cost[here] = places_eur + persons_eur - late.spared_eur.sum(axis=1)
        missing[here] = housed.missing.sum(axis=1)
        empty[here] = there * MONTHS_PER_HALF_YEAR - inside
        by_half_year = housed.missing.reshape(len(scene.need), -1, MONTHS_PER_HALF_YEAR)
        enough[here] = (by_half_year <= _NOBODY).all(axis=2)
    return PathOutcomes(
        cost_eur=cost, missing_place_months=missing, empty_place_months=empty, enough=enough
    )
