# SPDX-License-Identifier: EUPL-1.2
"""The location plan as a mixed-integer programme: choices by line, half-year and branch."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.planning.portfolio.branches import Branches
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.scenarios import Futures
from models.planning.portfolio.terms import MONTHS_PER_HALF_YEAR, Terms
from models.planning.portfolio.uses import UseState
from models.planning.programme.demands import Demands
from models.planning.programme.holdings import Holdings, refunds
from models.planning.programme.housing import Housing
from models.planning.programme.lines import LineChoices, add_line
from models.planning.programme.tree import Tree
from models.planning.register.locations import Location, LocationStatus, ReceptionGroup
from models.planning.register.place_costs import PlaceCosts, place_costs
from models.planning.solving.solver import LinearProgramme
from models.types import Floats

__all__ = ["UNIT_EUR", "PlanProgramme", "SolvedPlan"]

UNIT_EUR = 1e4
"""The programme counts in units of so many EUR, which keeps its factors near one."""

_MISSED = 1e6
"""What missing a demand by one unit counts for: more than any plan costs."""

_SLIGHTLY = 1e-6

_MANY = 60
"""Kinds of lines beyond which the programme is solved from the inside."""

_YEARS = MONTHS_PER_HALF_YEAR / 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SolvedPlan:
    """The uses that the programme chose.

    Attributes:
        courses: Use of every line in every half-year, by branch, in the order of the register.
        objective_eur: Expected cost on the futures [EUR].
        gap: Proven distance from the best plan at most, relative to the cost that a plan can
            change [-].
        proven: Whether the search ended by itself rather than at a limit.
        unmet: Demands that it misses, where no plan that meets them was found in time.
    """

    courses: tuple[tuple[tuple[UseState, ...], ...], ...]
    objective_eur: float
    gap: float
    proven: bool
    unmet: tuple[str, ...] = ()


class PlanProgramme:
    """Builds and solves the programme of docs/methods.md, Location plan.

    Attributes:
        tree: The programme itself, with its branches.
        lines: Choices for every line, in the order of the register.
        holdings: Totals of its places.
        missing: Of every future its chance, and the columns of who has no place.
    """

    def __init__(
        self,
        register: Sequence[Location],
        *,
        terms: Sequence[Terms],
        futures: Futures,
        branches: Branches,
        delays: NDArray[np.int8],
        lending_floor: Floats,
        preferences: Sequence[float],
        settings: PlanSettings,
    ) -> None:
        """Build the programme.

        Args:
            register: Lines to decide on.
            terms: Their terms in this plan.
            futures: What the need may become.
            branches: Which of them can be told apart later.
            delays: Delay of every opening in every future [half-years], shape (futures, lines).
            lending_floor: Persons that must be housed before anything is lent, by half-year.
            preferences: What the criteria make each line worth [EUR/(place·year)]; it bends the
                choice and is no part of the cost.
            settings: What the plan is asked to do.
        """
        self._settings = settings
        costs = [_in_units(place_costs(one, costs=settings.costs)) for one in register]
        self.tree = Tree(branches, half_years=settings.half_years)
        self.lines = tuple(
            add_line(
                self.tree,
                location,
                terms=of,
                costs=cost,
                minimum_opening=settings.minimum_opening,
            )
            for location, of, cost in zip(register, terms, costs, strict=True)
        )
        self.holdings = Holdings(
            self.tree, register, self.lines, delays=delays, grouped=futures.minors is not None
        )
        for at, line in enumerate(self.lines):
            if delays[:, at].any():
                running = costs[at].place_eur * _YEARS
                late = delays[:, at]
                refunds(self.tree, line, delays=late, weights=futures.weights, place_eur=running)
        lent_before = _lent_before(register, grouped=futures.minors is not None)
        self._restrict_lending(lending_floor, futures.weights, sum(lent_before.values()), terms)
        housing = Housing(
            tree=self.tree,
            holdings=self.holdings,
            futures=futures,
            lent_before=lent_before,
            recall_months=max(one.recall_months for one in register),
            settings=settings,
            unit=UNIT_EUR,
        )
        housing.add()
        self.missing = housing.missing
        Demands(
            tree=self.tree,
            register=register,
            lines=self.lines,
            holdings=self.holdings,
            settings=settings,
            unit=UNIT_EUR,
        ).add()
        self.tree.lp.from_inside = _unlike(terms, costs)
        self._priced = self.tree.lp.priced
        for line, eur in zip(self.lines, preferences, strict=True):
            self._prefer(line, eur / UNIT_EUR)

    def solve(self, *, seed: int) -> SolvedPlan | None:
        """The cheapest uses; None if the demands on the plan exclude each other."""
        settings = self._settings
        solution = self.tree.lp.solve(
            relative_gap=settings.relative_gap,
            maximum_nodes=settings.maximum_nodes,
            time_limit_seconds=settings.time_limit_seconds,
            seed=seed,
        )
        if solution is None:
            return None
        return SolvedPlan(
            courses=self.courses(solution.values),
            objective_eur=self._cost_eur(solution.values),
            gap=solution.gap,
            proven=solution.proven,
        )

    def nearest(self, *, seed: int) -> SolvedPlan | None:
        """A plan that misses the demands by as little as was found, where none met them in time.

        Raises:
            TimeoutError: not even keeping everything is possible.
        """
        lp = self.tree.lp.copy()
        for demand in self.tree.lp.missed:
            lp.charge(lp.relax(demand), _MISSED)
        settings = self._settings
        solution = lp.solve(
            relative_gap=settings.relative_gap,
            maximum_nodes=settings.maximum_nodes,
            time_limit_seconds=settings.time_limit_seconds,
            seed=seed,
        )
        if solution is None:
            return None
        missed = {name: solution.values[column] for name, column in lp.missed.items()}
        return SolvedPlan(
            courses=self.courses(solution.values),
            objective_eur=self._cost_eur(solution.values),
            gap=1.0,
            proven=False,
            unmet=tuple(name for name, by in missed.items() if by > _SLIGHTLY),
        )

    def courses(self, values: Floats) -> tuple[tuple[tuple[UseState, ...], ...], ...]:
        """Use of every line in every half-year, by branch, at a point of the programme."""
        return tuple(
            tuple(_course(line, branch, values) for line in self.lines)
            for branch in range(self.tree.branches.count)
        )

    def bound_cost(self, lp: LinearProgramme, *, upper_eur: float) -> None:
        """Bound the cost in a programme that begins as this one."""
        lp.row(self._priced, upper=upper_eur / UNIT_EUR - self.tree.lp.offset)

    def _cost_eur(self, values: Floats) -> float:
        """Expected cost at a point, preferences left out [EUR]."""
        cost = sum(factor * values[column] for column, factor in self._priced)
        return float(cost + self.tree.lp.offset) * UNIT_EUR

    def _prefer(self, line: LineChoices, yearly: float) -> None:
        """Let having a line at all be worth something, beside what it costs."""
        for present in line.present if yearly else ():
            for column, chance in zip(present, self.tree.branches.chances.tolist(), strict=True):
                self.tree.lp.charge(column, -yearly * line.terms.places * _YEARS * chance)

    def _restrict_lending(
        self, floor: Floats, weights: Floats, lent_before: int, terms: Sequence[Terms]
    ) -> None:
        """Lend only where the places that are not lent reach the board's floor [persons]."""
        norm = self._settings.occupancy_norm
        for half_year in range(self.tree.half_years):
            there = sum(
                of.places + of.more
                for of in terms
                if not of.candidate or of.earliest_opening <= half_year
            )
            # No more can be lent than all places less those that the floor asks for.
            most = max(there - float(floor[half_year]) / norm, 0.0)
            lending = self.tree.choice(half_year, lag=0, gate=True)
            # What is lent already cannot be taken back at once.
            bound = 0.0 if half_year else float(lent_before)
            self.tree.row(
                [*self.holdings.planned("lent", half_year), (lending, -most)], upper=bound
            )
            kept = [
                (column, norm)
                for tier in ("regular", "reserve", "emergency")
                for column, _ in self.holdings.planned(tier, half_year)
            ]
            # A place that is not there yet houses nobody.
            late = [
                (column, -norm * factor)
                for column, factor in self.holdings.awaited(half_year, weights)
            ]
            self.tree.row(
                [*kept, *late, (lending, -float(floor[half_year]))],
                lower=0.0,
                demand="lending_limit",
            )


def _course(line: LineChoices, branch: int, values: Floats) -> tuple[UseState, ...]:
    return tuple(line.state(at, branch, values) for at in range(line.terms.horizon))


def _unlike(terms: Sequence[Terms], costs: Sequence[PlaceCosts]) -> bool:
    """Whether a large register has hardly two lines that differ by their size only."""
    kinds = {
        (replace(of, places=0, more=0, fewer=0), cost)
        for of, cost in zip(terms, costs, strict=True)
    }
    return len(kinds) > max(_MANY, len(terms) // 4)


def _in_units(costs: PlaceCosts) -> PlaceCosts:
    return PlaceCosts(
        opening_eur=costs.opening_eur / UNIT_EUR,
        place_eur=costs.place_eur / UNIT_EUR,
        reserve_eur=costs.reserve_eur / UNIT_EUR,
        lent_eur=costs.lent_eur / UNIT_EUR,
        closing_eur=costs.closing_eur / UNIT_EUR,
    )


def _lent_before(register: Sequence[Location], *, grouped: bool) -> Counter[ReceptionGroup]:
    lent: Counter[ReceptionGroup] = Counter()
    for one in register:
        if one.status is LocationStatus.LENT:
            lent[one.group if grouped else ReceptionGroup.EVERYONE] += one.places
    return lent
