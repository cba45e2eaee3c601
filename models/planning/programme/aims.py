# SPDX-License-Identifier: EUPL-1.2
"""What a plan may aim at beside its cost, as objectives of the programme [places]."""

from collections.abc import Sequence
from enum import StrEnum

from models.planning.portfolio.uses import UseState
from models.planning.programme.lines import LineChoices
from models.planning.programme.programme import PlanProgramme
from models.planning.programme.tree import Parts, Tree
from models.planning.register.locations import Location
from models.planning.register.spread import indicative_tasks

__all__ = ["WORST_SHARE", "Aim", "add_aim"]

WORST_SHARE = 0.1
"""Share of the futures that a robust plan looks at: the worst [-]."""


_FAMILIAR = 1e-3
"""What a place in the use of the cheapest plan is worth: nothing changes without a purpose."""


class Aim(StrEnum):
    """What a plan does as well as it can within its cost."""

    LEAST_COST = "least_cost"
    FEWEST_MOVES = "fewest_moves"
    """Fewest places that stop being open, so that people there must move."""
    BEST_SPREAD = "best_spread"
    """Places nearest to the indicative distribution when the plan ends."""
    MOST_DUAL_USE = "most_dual_use"
    """Most places lent to others, summed over the half-years."""
    MOST_ROBUST = "most_robust"
    """Fewest persons without a place in the worst tenth of the futures."""
    OTHER_LOCATIONS = "other_locations"
    """As many places as possible in another use than in the cheapest plan."""


def add_aim(
    tree: Tree,
    programme: PlanProgramme,
    *,
    aim: Aim,
    register: Sequence[Location],
    cheapest: Sequence[Sequence[Sequence[UseState]]],
) -> None:
    """Add to a programme what it should do as well as it can, in places that are done badly.

    Args:
        tree: The programme that gets the aim; it begins as the one that was solved.
        programme: Lines and places of that one.
        aim: What to aim at, other than the least cost.
        register: Lines of the register.
        cheapest: Uses in the cheapest plan, by branch.

    Source:
        docs/methods.md, Alternatives, equations 2 to 6.
    """
    sameness = 1.0 if aim is Aim.OTHER_LOCATIONS else -_FAMILIAR
    for branch, courses in enumerate(cheapest):
        for line, course in zip(programme.lines, courses, strict=True):
            _charge_sameness(tree, line, course, branch=branch, places=sameness)
    if aim is Aim.FEWEST_MOVES:
        for line in programme.lines:
            _charge_moves(tree, line)
    elif aim is Aim.BEST_SPREAD:
        _charge_distances(tree, programme, register)
    elif aim is Aim.MOST_DUAL_USE:
        for half_year in range(tree.half_years):
            tree.charge(programme.holdings.planned("lent", half_year), -1.0, half_year=half_year)
    elif aim is Aim.MOST_ROBUST:
        _charge_worst(tree, programme)


def _charge_moves(tree: Tree, line: LineChoices) -> None:
    """Every place that stops being open counts once."""
    if line.terms.candidate:
        return
    last = tree.half_years - 1
    if line.reserve is None and line.fewer is None and not line.terms.reopens:
        # Gone once is gone for good, so the last half-year tells all of it.
        tree.charge(line.open(last), -float(line.terms.places), half_year=last)
        return
    for half_year in range(tree.half_years):
        before = line.places(half_year - 1) if half_year else []
        now: Parts = [(column, -factor) for column, factor in line.places(half_year)]
        was = 0.0 if half_year else float(line.before)
        fallen = tree.quantity([*now, *before], constant=was)
        tree.charge([(fallen, 1.0)], 1.0, half_year=half_year)


def _charge_distances(tree: Tree, programme: PlanProgramme, register: Sequence[Location]) -> None:
    """Every place that a province has too many or too few for its share, at the end."""
    last = tree.half_years - 1
    tasks = indicative_tasks(register)
    everywhere = max(sum(tasks.values()), 1)
    held: dict[str, Parts] = {province: [] for province in tasks}
    for location, line in zip(register, programme.lines, strict=True):
        held[location.province] += line.ready(last)
    total = tree.quantity([part for parts in held.values() for part in parts], equal=True)
    for province, parts in held.items():
        share = tasks[province] / everywhere
        there = tree.quantity(parts, equal=True)
        over: Parts = [(there, 1.0), (total, -share)]
        distance = tree.quantity(over)
        tree.row([(distance, 1.0), *over], lower=0.0)
        tree.charge([(distance, 1.0)], 1.0, half_year=last)


def _charge_worst(tree: Tree, programme: PlanProgramme) -> None:
    """Mean of those without a place over the worst futures (Rockafellar and Uryasev 2000)."""
    lp = tree.lp
    level = lp.column(cost=1.0)
    for weight, columns in programme.missing:
        beyond = lp.column(cost=weight / WORST_SHARE)
        missing = [(column, -1.0) for column in columns]
        lp.row([(beyond, 1.0), (level, 1.0), *missing], lower=0.0)


def _charge_sameness(
    tree: Tree, line: LineChoices, course: Sequence[UseState], *, branch: int, places: float
) -> None:
    """Every place in the use that the cheapest plan gives it, in one branch, counts so much."""
    chance = places * float(tree.branches.chances[branch])
    for half_year, use in enumerate(course):
        parts, _ = line.using(half_year, use)
        for column, factor in tree.terms(parts, branch):
            tree.lp.charge(column, chance * factor * line.terms.places)
