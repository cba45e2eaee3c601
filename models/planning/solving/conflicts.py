# SPDX-License-Identifier: EUPL-1.2
"""Demands that exclude each other: the fewest that do, and by how much each would have to give."""

from collections.abc import Iterable, Set
from itertools import combinations

from models.planning.solving.solver import LinearProgramme

__all__ = ["smallest_conflict", "way_to_give"]

_NODES = 500
_SECONDS = 20.0


def smallest_conflict(programme: LinearProgramme, *, seed: int) -> tuple[str, ...]:
    """The fewest demands on a programme that no point meets together.

    A set excludes nothing if it leaves out all of some set of demands without which the rest can
    be met. So the smallest set that touches every such set found so far is tried; either it is a
    conflict, and there is no smaller one, or what can be met with it yields another such set.

    Args:
        programme: A programme without a point; its rows and bounds name their demands.
        seed: Seed of the solver.

    Returns:
        Names of the demands, in the order of the programme; none if it has a point after all.

    Source:
        Ignatiev et al. (2015), Smallest MUS extraction with minimal hitting set dualization,
        CP 2015. docs/methods.md, Conflicts.
    """
    names = programme.demands
    if _can_be_met(programme, set(names), seed=seed):
        return ()
    without: list[frozenset[str]] = []
    while True:
        tried = _smallest_touching(without, names)
        if not _can_be_met(programme, tried, seed=seed):
            return tuple(name for name in names if name in tried)
        met = set(tried)
        for name in names:
            if name not in met and _can_be_met(programme, met | {name}, seed=seed):
                met.add(name)
        without.append(frozenset(names) - met)


def way_to_give(
    programme: LinearProgramme, demand: str, *, beside: Iterable[str], seed: int
) -> float | None:
    """By how much one demand must give for the others of a conflict to be met.

    Args:
        programme: A programme whose rows and bounds name their demands.
        demand: The one that gives.
        beside: Those that do not; all the rest is put aside.
        seed: Seed of the solver.

    Returns:
        How much, in the unit of its rows; None where that was not found within the limits, or
        where the demand has no rows but bounds only, and can be met or put aside.
    """
    asked = _asking(programme, {demand, *beside})
    missed = asked.relax(demand)
    asked.minimise({missed: 1.0})
    try:
        solution = asked.solve(
            relative_gap=0.001, maximum_nodes=_NODES, time_limit_seconds=_SECONDS, seed=seed
        )
    except TimeoutError:
        return None
    return solution.objective if solution is not None and solution.objective > 0 else None


def _asking(programme: LinearProgramme, demands: Set[str]) -> LinearProgramme:
    """The programme with some of its demands only."""
    asked = programme.copy()
    for name in programme.demands:
        if name not in demands:
            asked.relax(name)
    return asked


def _can_be_met(programme: LinearProgramme, demands: Set[str], *, seed: int) -> bool:
    """Whether some point meets these demands; taken to be so where the search does not end."""
    asked = _asking(programme, demands)
    asked.minimise({})
    try:
        met = asked.solve(
            relative_gap=1.0, maximum_nodes=_NODES, time_limit_seconds=_SECONDS, seed=seed
        )
    except TimeoutError:
        return True
    return met is not None


def _smallest_touching(sets: Iterable[frozenset[str]], names: tuple[str, ...]) -> set[str]:
    """The smallest set of names that has one in common with every set given."""
    given = list(sets)
    for size in range(len(names) + 1):
        for some in combinations(names, size):
            if all(one.intersection(some) for one in given):
                return set(some)
    return set(names)
