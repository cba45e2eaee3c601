# SPDX-License-Identifier: EUPL-1.2
"""Branches: groups of futures that can be told apart after some time, and decided on apart."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.planning.portfolio.scenarios import Futures
from models.types import Floats

__all__ = ["KNOWN_AFTER_HALF_YEARS", "Branches"]

KNOWN_AFTER_HALF_YEARS = 2
"""Half-years after which it can be seen in which branch a future lies: two capacity decisions."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Branches:
    """Futures grouped by where the need stands when the groups can first be told apart.

    Attributes:
        known_from: First half-year at whose start it is known in which branch one is.
        step: Step of the need that is looked at: the last one before then.
        limits: Need between neighbouring branches [persons], rising, shape (branches - 1,).
        member: Branch of each kept future, the lowest need first, shape (futures,).
        chances: Chance of each branch on the kept futures [-], shape (branches,).
    """

    known_from: int
    step: int
    limits: Floats
    member: NDArray[np.intp]
    chances: Floats

    @classmethod
    def of(cls, futures: Futures, *, count: int, steps_per_half_year: int) -> Self:
        """Cut the futures into so many branches, as equally likely as they come.

        Futures whose need is the same cannot be told apart, and stay together. A plan that ends
        before anything can be known has one branch.

        Args:
            futures: Kept futures, in steps.
            count: Number of branches; fewer where the futures allow no more.
            steps_per_half_year: Steps in a half-year.

        Source:
            docs/methods.md, Location plan, equation 11.
        """
        steps = futures.need.shape[1]
        step = KNOWN_AFTER_HALF_YEARS * steps_per_half_year - 1
        if step >= steps - 1:
            count, step = 1, steps - 1
        levels = futures.need[:, step]
        order = np.argsort(levels, kind="stable")
        rising = levels[order]
        # Each future stands in the middle of its own part of the probability.
        middle = np.cumsum(futures.weights[order]) - futures.weights[order] / 2
        part = np.floor(middle * count - 1e-9).astype(int)
        cuts = (np.diff(part) > 0) & (np.diff(rising) > 0)
        limits = ((rising[:-1] + rising[1:]) / 2)[cuts]
        member = np.searchsorted(limits, levels, side="left")
        return cls(
            known_from=KNOWN_AFTER_HALF_YEARS,
            step=step,
            limits=limits,
            member=member,
            chances=np.bincount(member, weights=futures.weights, minlength=len(limits) + 1).astype(
                float
            ),
        )

    @property
    def count(self) -> int:
        """Number of branches."""
        return len(self.chances)

    def assign(self, need: Floats) -> NDArray[np.intp]:
        """The branch that each of other paths lies in.

        Args:
            need: Need in the same steps [persons], shape (paths, steps).
        """
        return np.searchsorted(self.limits, need[:, self.step], side="left")

    def apart(self, half_year: int, *, lag: int) -> bool:
        """Whether what holds in a half-year, decided `lag` half-years before, may differ."""
        return half_year >= self.known_from + lag
