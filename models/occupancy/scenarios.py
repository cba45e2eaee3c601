# SPDX-License-Identifier: EUPL-1.2
"""Scenarios: the same people, inflow and chance with and without levers, path by path."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.occupancy.chain import Chain
from models.occupancy.levers import (
    Lever,
    check_levers,
    interventions_of,
    names_of,
)
from models.occupancy.simulation import ChainPaths, Interventions
from models.occupancy.specification import ChainSpecification
from models.periods import Months
from models.types import Floats

__all__ = ["ScenarioEffect", "Walk", "compare"]

Walk = Callable[[Interventions | None], ChainPaths]
"""Walks the same members, along the same inflow and with the same chance, under a policy."""

_GRID = 2.0**-10
"""Differences are kept to this part of a person: sums of such numbers are exact in floating point,
so that parts and interaction make up the whole to the last digit [persons]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScenarioEffect:
    """What a scenario does, path by path.

    Attributes:
        specification: Of the chain.
        periods: Months of the paths, shape (months,).
        names: Of the levers.
        baseline: Without any lever.
        scenario: With all of them.
        parts: What each lever alone does to the need [persons], shape (levers, paths, months).
        need_before: The need as forecast without any lever [persons], shape (paths, months): that
            of the chain, or of a better forecast whose paths follow those of the chain one for one.
    """

    specification: ChainSpecification
    periods: Months
    names: tuple[str, ...]
    baseline: ChainPaths
    scenario: ChainPaths
    parts: Floats
    need_before: Floats

    @property
    def need_after(self) -> Floats:
        """The need with all levers [persons], shape (paths, months)."""
        after: Floats = np.maximum(self.need_before + self.difference, 0.0)
        return after

    @property
    def difference(self) -> Floats:
        """What all levers together do to the need [persons], shape (paths, months)."""
        return _apart(self.scenario.total, self.baseline.total)

    @property
    def interaction(self) -> Floats:
        """What the levers do together beyond what each does alone [persons], same shape."""
        beyond: Floats = self.difference - self.parts.sum(axis=0)
        return beyond

    def difference_at(self, stage: str) -> Floats:
        """The difference in one stage, all groups together [persons], shape (paths, months)."""
        rows = Chain(self.specification).rows(stages=(stage,))
        return _apart(
            self.scenario.persons[rows].sum(axis=0), self.baseline.persons[rows].sum(axis=0)
        )


def compare(
    walk: Walk,
    levers: Sequence[Lever],
    *,
    specification: ChainSpecification,
    first: np.datetime64,
    months: int,
    need: Floats | None = None,
) -> ScenarioEffect:
    """Hold a scenario against the policy-neutral baseline, and take it apart by lever.

    It walks once without levers, once with all, and once with each alone.

    Args:
        walk: Gives the same paths whenever it is asked for the same.
        levers: What changes.
        specification: Of the chain that is walked.
        first: First month of the paths.
        months: How many there are.
        need: As forecast without any lever, where that is not what the chain alone says
            [persons], shape (paths, months).

    Raises:
        InvalidFile: levers that cannot be pulled, with every fault.

    Source:
        docs/methods.md, Levers and scenarios, equations L3 and L4.
    """
    check_levers(
        levers,
        specification=specification,
        first=first,
        last=first + months - 1,
    )

    def under(*pulled: Lever) -> ChainPaths:
        return walk(
            interventions_of(pulled, first=first, months=months, specification=specification)
        )

    baseline = walk(None)
    parts = [_apart(under(lever).total, baseline.total) for lever in levers]
    return ScenarioEffect(
        specification=specification,
        periods=first + np.arange(months),
        names=names_of(levers),
        baseline=baseline,
        scenario=under(*levers),
        parts=np.array(parts).reshape(len(levers), *baseline.total.shape),
        need_before=baseline.total if need is None else need,
    )


def _apart(after: Floats, before: Floats) -> Floats:
    apart: Floats = np.round((after - before) / _GRID) * _GRID
    return apart
