# SPDX-License-Identifier: EUPL-1.2
"""Patterns of delay: what comes late together, in futures that otherwise differ."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.planning.portfolio.branches import Branches
from models.planning.portfolio.scenarios import Futures
from models.types import Floats

__all__ = ["DelayPatterns"]

_PATTERNS = 30
"""Patterns over all branches: enough for the odds, few enough for a programme with many futures."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DelayPatterns:
    """Which futures meet the same late openings; a pattern never goes beyond its branch.

    Attributes:
        member: Pattern of each kept future, shape (futures,).
        branch: Branch of each pattern, shape (patterns,).
        chances: Chance of each pattern on the kept futures [-], shape (patterns,).
    """

    member: NDArray[np.intp]
    branch: NDArray[np.intp]
    chances: Floats

    @classmethod
    def of(cls, futures: Futures, branches: Branches) -> Self:
        """Deal the futures of every branch out over its patterns.

        Every pattern gets one of each run of futures that are neighbours in need, so that delays do
        not go with the need, and of a run what weighs most goes where least is, so that the
        patterns of a branch are as equally likely as they come. Where there are no more futures
        than patterns, each has its own.

        Args:
            futures: Kept futures, in steps.
            branches: How they can be told apart.

        Source:
            docs/methods.md, Location plan, equation 12.
        """
        each = -(-_PATTERNS // branches.count)
        member = np.zeros(len(futures.weights), dtype=np.intp)
        chances: list[float] = []
        branch: list[int] = []
        for at in range(branches.count):
            inside = np.flatnonzero(branches.member == at)
            rising = inside[np.argsort(futures.need[inside].mean(axis=1), kind="stable")]
            dealt = np.zeros(min(each, len(rising)))
            for first in range(0, len(rising), each):
                run = rising[first : first + each]
                heaviest = run[np.argsort(-futures.weights[run], kind="stable")]
                lightest = np.argsort(dealt, kind="stable")[: len(run)]
                member[heaviest] = len(chances) + lightest
                dealt[lightest] += futures.weights[heaviest]
            chances.extend(dealt.tolist())
            branch.extend([at] * len(dealt))
        return cls(member=member, branch=np.array(branch), chances=np.array(chances))

    def levels(self, rng: np.random.Generator) -> Floats:
        """A level in [0, 1) for each pattern, spread evenly by chance, in every branch and in all.

        Args:
            rng: Draws their order, and where each lies in its own part.

        Source:
            docs/methods.md, Location plan, equation 20.
        """
        rank, of = np.zeros((2, len(self.chances)))
        for at in np.unique(self.branch).tolist():
            inside = np.flatnonzero(self.branch == at)
            rank[inside], of[inside] = rng.permutation(len(inside)), len(inside)
        within = rng.random(len(rank))
        # Branches take turns, so that each of them has low and high levels.
        order = np.argsort((rank + rng.random(len(rank))) / of, kind="stable")
        parts = self.chances[order]
        levels = np.empty_like(rank)
        levels[order] = np.cumsum(parts) - parts * (1 - within[order])
        return levels
