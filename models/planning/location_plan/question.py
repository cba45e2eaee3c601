# SPDX-License-Identifier: EUPL-1.2
"""The question that a plan answers: register, sampled need and settings, made ready to solve."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.planning.dual_use.lending import lending_floor
from models.planning.portfolio.branches import Branches
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.patterns import DelayPatterns
from models.planning.portfolio.portfolio import Awaited, Portfolio
from models.planning.portfolio.scenarios import Futures, reduce_paths
from models.planning.portfolio.supply import draw_delays, draw_delays_in_patterns
from models.planning.portfolio.terms import MONTHS_PER_HALF_YEAR, Terms
from models.planning.portfolio.uses import UseState
from models.planning.programme.programme import PlanProgramme
from models.planning.register.criteria import CriterionScore, preference_eur, score_register
from models.planning.register.locations import Location, ReceptionGroup
from models.types import Floats

__all__ = ["Courses", "Question", "Scene"]

Courses = Sequence[Sequence[Sequence[UseState]]]
"""Use of every line in every half-year, by branch."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """One branch of a plan: its places, the paths that lie in it, and what is late on each.

    Attributes:
        branch: Which one, the lowest need first.
        chance: Share of the paths that lie in it [-].
        states: Use of every line in every half-year.
        portfolio: The places that the uses come to.
        need: Need by month [persons], shape (paths, months).
        minors: Unaccompanied minors in it [persons]; None where groups are not kept apart.
        awaited: Places that are late on each of these paths.
        futures: Kept futures in this branch, with chances that add up to one.
        awaited_in_futures: Places that are late in each of them.
    """

    branch: int
    chance: float
    states: Sequence[Sequence[UseState]]
    portfolio: Portfolio
    need: Floats
    minors: Floats | None
    awaited: Awaited
    futures: Futures
    awaited_in_futures: Awaited


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """What a plan is asked, with the futures and branches that stand for the sample.

    Attributes:
        register: Lines to decide on.
        terms: Their terms in this plan.
        need: Need by month [persons], shape (paths, months).
        minors: Unaccompanied minors in it [persons]; None where groups are not kept apart.
        futures: Futures that stand for the paths.
        branches: Which of them can be told apart later.
        delays: Delay of every opening in every future [half-years], shape (futures, lines).
        scores: What every line scores on the criteria.
        settings: What is asked.
        seed: Seed of delays and of the draw of paths.
    """

    register: Sequence[Location]
    terms: Sequence[Terms]
    need: Floats
    minors: Floats | None
    futures: Futures
    branches: Branches
    delays: NDArray[np.int8]
    scores: Sequence[Sequence[CriterionScore]]
    settings: PlanSettings
    seed: int

    @classmethod
    def of(
        cls,
        register: Sequence[Location],
        need: Floats,
        *,
        start: np.datetime64,
        settings: PlanSettings,
        seed: int,
        minors: Floats | None = None,
    ) -> Self:
        """Reduce the paths to futures, group them into branches, and draw what comes late.

        Args:
            register: Lines to decide on.
            need: Need by month [persons], shape (paths, months), as long as the plan.
            start: First month of the plan.
            settings: What is asked.
            seed: Seed of delays and of the draw of paths.
            minors: Unaccompanied minors in the need [persons], of the same shape. Groups are
                kept apart only where the register has places for one group.
        """
        if all(one.group is ReceptionGroup.EVERYONE for one in register):
            minors = None
        minor_steps = None if minors is None else _in_steps(minors, months=settings.step_months)
        steps = _in_steps(need, months=settings.step_months)
        rng = np.random.default_rng(seed)
        futures = reduce_paths(steps, count=settings.futures, rng=rng, minors=minor_steps)
        terms = [Terms.of(one, start=start, horizon=settings.half_years) for one in register]
        branches = Branches.of(
            futures,
            count=settings.branches,
            steps_per_half_year=MONTHS_PER_HALF_YEAR // settings.step_months,
        )
        return cls(
            register=register,
            terms=terms,
            need=need,
            minors=minors,
            futures=futures,
            branches=branches,
            delays=draw_delays_in_patterns(
                register,
                terms=terms,
                risk=settings.supply,
                patterns=DelayPatterns.of(futures, branches),
                seed=seed,
            ),
            scores=score_register(register, start=start, costs=settings.costs),
            settings=settings,
            seed=seed,
        )

    def in_steps(self, need: Floats) -> Floats:
        """Mean need in every step of the plan [persons], shape (paths, steps)."""
        return _in_steps(need, months=self.settings.step_months)

    def programme(self) -> PlanProgramme:
        """The programme that answers it."""
        return PlanProgramme(
            self.register,
            terms=self.terms,
            futures=self.futures,
            branches=self.branches,
            delays=self.delays,
            lending_floor=lending_floor(self.need, settings=self.settings),
            preferences=[preference_eur(one, self.settings.criteria) for one in self.scores],
            settings=self.settings,
        )

    def scenes(self, courses: Courses, need: Floats | None = None) -> tuple[Scene, ...]:
        """What becomes of the courses of a plan on sampled paths, branch by branch.

        Args:
            courses: Use of every line in every half-year, by branch.
            need: Other paths than those of the question [persons], shape (paths, months).

        Returns:
            A scene for every branch that any path lies in.
        """
        paths = self.need if need is None else need
        member = self.branches.assign(self.in_steps(paths))
        delays = draw_delays(
            self.register,
            terms=self.terms,
            risk=self.settings.supply,
            count=len(paths),
            seed=self.seed,
        )
        minors = self.minors if paths is self.need else self._minors_in(paths)
        return tuple(
            self._scene(
                branch,
                states,
                need=paths[member == branch],
                minors=None if minors is None else minors[member == branch],
                delays=delays[member == branch],
                paths=len(paths),
            )
            for branch, states in enumerate(courses)
            if np.any(member == branch)
        )

    def _minors_in(self, need: Floats) -> Floats | None:
        """Minors on other paths, of which the total is all that is known: their mean share."""
        if self.minors is None:
            return None
        share = self.minors.sum(axis=0) / np.maximum(self.need.sum(axis=0), 1.0)
        minors: Floats = need * share
        return minors

    def _scene(
        self,
        branch: int,
        states: Sequence[Sequence[UseState]],
        *,
        need: Floats,
        minors: Floats | None,
        delays: NDArray[np.int8],
        paths: int,
    ) -> Scene:
        def awaited(late: NDArray[np.int8]) -> Awaited:
            return Awaited.of(
                self.register,
                terms=self.terms,
                states=states,
                delays=late,
                costs=self.settings.costs,
            )

        inside = self.branches.member == branch
        weights = self.futures.weights[inside]
        return Scene(
            branch=branch,
            chance=len(need) / paths,
            states=states,
            portfolio=Portfolio.of(
                self.register, terms=self.terms, states=states, costs=self.settings.costs
            ),
            need=need,
            minors=minors,
            awaited=awaited(delays),
            futures=replace(
                self.futures,
                need=self.futures.need[inside],
                weights=weights / weights.sum(),
                minors=None if self.futures.minors is None else self.futures.minors[inside],
            ),
            awaited_in_futures=awaited(self.delays[inside]),
        )


def _in_steps(need: Floats, *, months: int) -> Floats:
    steps: Floats = need.reshape(len(need), -1, months).mean(axis=2)
    return steps
