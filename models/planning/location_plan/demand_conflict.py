# SPDX-License-Identifier: EUPL-1.2
"""Demands of a board that no plan meets together, with what could be met of each."""

from dataclasses import replace

from models.errors import ConflictingDemands, Demanded
from models.planning.location_plan.question import Question
from models.planning.programme.programme import UNIT_EUR, PlanProgramme
from models.planning.solving.conflicts import smallest_conflict, way_to_give

__all__ = ["conflict_of"]

_SPREAD = "maximum_spread_deviation"
_HALVINGS = 7

_UNITS = {
    "minimum_places": -1.0,
    "maximum_openings": 1.0,
    "maximum_moved_children": 1.0,
    "maximum_half_year_eur": UNIT_EUR,
    "maximum_cost_eur": UNIT_EUR,
}
"""What a unit of the rows of a demand changes in its value; a least value falls."""


def conflict_of(question: Question, programme: PlanProgramme) -> ConflictingDemands:
    """The fewest demands that exclude each other, and how far each would have to give.

    Args:
        question: What was asked.
        programme: Its programme, which has no plan.

    Source:
        docs/methods.md, Conflicts.
    """
    lp, seed = programme.tree.lp, question.seed
    names = smallest_conflict(lp, seed=seed)
    found = []
    for name in names:
        asked = getattr(question.settings, name, None)
        if isinstance(asked, bool):
            asked = None
        possible = None
        if name == _SPREAD:
            possible = _possible_spread(question, names)
        elif name in _UNITS and asked is not None:
            by = way_to_give(lp, name, beside=names, seed=seed)
            possible = None if by is None else asked + _UNITS[name] * by
        found.append(Demanded(name=name, asked=asked, possible=possible))
    return ConflictingDemands(found)


def _possible_spread(question: Question, names: tuple[str, ...]) -> float:
    """A deviation that can be met beside the others, found by halving [-]."""
    too_little, enough = question.settings.maximum_spread_deviation or 0.0, 1.0
    for _ in range(_HALVINGS):
        tried = (too_little + enough) / 2
        settings = replace(question.settings, maximum_spread_deviation=tried)
        lp = replace(question, settings=settings).programme().tree.lp
        for name in lp.demands:
            if name not in names:
                lp.relax(name)
        if lp.relaxed(seed=question.seed) is None:
            too_little = tried
        else:
            enough = tried
    return enough
