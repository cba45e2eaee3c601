# SPDX-License-Identifier: EUPL-1.2
"""The location plan as a mixed-integer programme: one use per line and half-year, all futures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.planning.capacity_plan import PlanSettings, UseState
from models.planning.locations import Location, LocationStatus
from models.planning.scenarios import Futures
from models.planning.solver import LinearProgramme
from models.planning.terms import (
    LENT_MONTHS_UNTIL_BACK,
    LENT_NOTICE_MONTHS,
    MONTHS_PER_HALF_YEAR,
    Terms,
)
from models.types import Floats

__all__ = ["PlanProgramme", "SolvedPlan"]

_UNIT = 1e4
"""The programme counts in units of so many EUR, which keeps its factors near one."""

_YEARS = MONTHS_PER_HALF_YEAR / 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SolvedPlan:
    """The uses that the programme chose.

    Attributes:
        states: Use of every line in every half-year, in the order of the register.
        objective_eur: Expected cost on the futures [EUR].
        gap: Proven distance from the best plan at most, relative to the cost that a plan can
            change [-].
        proven: Whether the search ended by itself rather than at a limit.
    """

    states: tuple[tuple[UseState, ...], ...]
    objective_eur: float
    gap: float
    proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """Columns of one line, per half-year; reserve and lent are None where not allowed."""

    present: tuple[int, ...]
    reserve: tuple[int | None, ...]
    lent: tuple[int | None, ...]

    def open(self, half_year: int, factor: float) -> list[tuple[int, float]]:
        """Terms of 'present and neither in reserve nor lent'."""
        used = [self.reserve[half_year], self.lent[half_year]]
        return [
            (self.present[half_year], factor),
            *((column, -factor) for column in used if column is not None),
        ]


class PlanProgramme:
    """Builds and solves the programme of docs/methods.md, Location plan."""

    def __init__(
        self,
        register: Sequence[Location],
        *,
        terms: Sequence[Terms],
        futures: Futures,
        recall_months: int,
        lending_floor: Floats,
        settings: PlanSettings,
    ) -> None:
        self._settings = settings
        self._recall_months = recall_months
        self._lent_before = sum(one.places for one in register if one.status is LocationStatus.LENT)
        self._lp = LinearProgramme()
        self._horizon = settings.half_years
        self._lines = tuple(
            self._line(location, of) for location, of in zip(register, terms, strict=True)
        )
        self._tiers = self._add_up(register, terms)
        self._restrict_lending(lending_floor, terms)
        self._house(futures)
        self._meet_demands(terms)

    def solve(self, *, seed: int) -> SolvedPlan | None:
        """The cheapest uses; None if the demands on the plan exclude each other."""
        settings = self._settings
        solution = self._lp.solve(
            relative_gap=settings.relative_gap,
            maximum_nodes=settings.maximum_nodes,
            time_limit_seconds=settings.time_limit_seconds,
            seed=seed,
        )
        if solution is None:
            return None
        return SolvedPlan(
            states=tuple(self._states(line, solution.values) for line in self._lines),
            objective_eur=solution.objective * _UNIT,
            gap=solution.gap,
            proven=solution.proven,
        )

    def _states(self, line: _Columns, values: Floats) -> tuple[UseState, ...]:
        def state(half_year: int) -> UseState:
            reserve, lent = line.reserve[half_year], line.lent[half_year]
            if not values[line.present[half_year]]:
                return UseState.ABSENT
            if reserve is not None and values[reserve]:
                return UseState.RESERVE
            if lent is not None and values[lent]:
                return UseState.LENT
            return UseState.OPEN

        return tuple(state(half_year) for half_year in range(self._horizon))

    def _line(self, location: Location, terms: Terms) -> _Columns:
        if terms.candidate:
            present = self._opening(terms)
        else:
            present = self._staying(terms, fixed=location.fixed_core)
        none: tuple[int | None, ...] = (None,) * self._horizon
        line = _Columns(present=present, reserve=none, lent=none)
        if terms.candidate or location.fixed_core or location.kind.is_emergency:
            return line
        return self._with_uses(line, location, terms)

    def _opening(self, terms: Terms) -> tuple[int, ...]:
        """A candidate: absent until it opens, then there to stay."""
        may = terms.places >= self._settings.minimum_opening
        columns = [
            self._lp.column(upper=float(may and half_year >= terms.earliest_opening), whole=True)
            for half_year in range(self._horizon)
        ]
        for before, after in pairwise(columns):
            self._lp.row([(after, 1.0), (before, -1.0)], lower=0.0)
        opening = self._settings.costs.open_place * terms.places
        self._lp.charge(columns[-1], opening / _UNIT)
        return tuple(columns)

    def _staying(self, terms: Terms, *, fixed: bool) -> tuple[int, ...]:
        """An existing line: there until it is left, and then gone for good."""
        leaving = self._settings.costs.close_place * terms.places / _UNIT
        columns: list[int] = []
        for half_year in range(self._horizon):
            extended = half_year >= terms.agreement_end
            if extended and terms.extension_start(half_year) < half_year:
                columns.append(columns[-1])
                continue
            bound = fixed or half_year < terms.earliest_closing
            column = self._lp.column(lower=float(bound), upper=1.0, whole=True, start=1.0)
            if columns:
                self._lp.row([(columns[-1], 1.0), (column, -1.0)], lower=0.0)
            columns.append(column)
        if terms.agreement_end and not terms.open_ended:
            left_early = self._lp.column(cost=leaving)
            self._lp.row([(left_early, 1.0), (columns[terms.agreement_end - 1], 1.0)], lower=1.0)
        return tuple(columns)

    def _with_uses(self, line: _Columns, location: Location, terms: Terms) -> _Columns:
        """Let a line be held in reserve or, in a form that can be recalled, lent."""
        recallable = location.dual_use.recallable
        half_years = range(self._horizon)
        reserve = tuple(self._lp.column(upper=1.0, whole=True) for _ in half_years)
        was_open = float(location.status is LocationStatus.OPEN)
        was_lent = float(location.status is LocationStatus.LENT)
        # What is lent now cannot be back before its notice has passed.
        lent = tuple(
            self._lp.column(lower=0.0 if at else was_lent, upper=1.0, whole=True)
            if recallable
            else None
            for at in half_years
        )
        line = _Columns(present=line.present, reserve=reserve, lent=lent)
        switching = self._settings.costs.open_place * terms.places / _UNIT
        for half_year in half_years:
            self._lp.row(line.open(half_year, 1.0), lower=0.0)
            entering = self._lp.column(cost=switching)
            before = line.open(half_year - 1, 1.0) if half_year else []
            now = line.open(half_year, -1.0)
            self._lp.row([(entering, 1.0), *now, *before], lower=0.0 if half_year else -was_open)
            column, previous = lent[half_year], lent[half_year - 1] if half_year else None
            if column is None:
                continue
            entering = self._lp.column(cost=switching)
            before = [(previous, 1.0)] if previous is not None else []
            self._lp.row(
                [(entering, 1.0), (column, -1.0), *before],
                lower=0.0 if half_year else -was_lent,
            )
        return line

    def _add_up(
        self, register: Sequence[Location], terms: Sequence[Terms]
    ) -> dict[str, tuple[int, ...]]:
        """Per tier: a column with its places in each half-year."""
        costs = self._settings.costs
        running = {
            "regular": costs.regular_open,
            "reserve": costs.empty_place,
            "lent": costs.empty_place - costs.lending_income,
            "emergency": costs.emergency_housing,
        }
        tiers: dict[str, tuple[int, ...]] = {}
        for tier, cost in running.items():
            columns = []
            for half_year in range(self._horizon):
                total = self._lp.column(cost=cost * _YEARS / _UNIT)
                members = [
                    term
                    for location, line, of in zip(register, self._lines, terms, strict=True)
                    for term in _terms_in_tier(tier, location, line, half_year, float(of.places))
                ]
                self._lp.row([*members, (total, -1.0)], lower=0.0, upper=0.0)
                columns.append(total)
            tiers[tier] = tuple(columns)
        return tiers

    def _restrict_lending(self, floor: Floats, terms: Sequence[Terms]) -> None:
        """Lend only where the places that are not lent reach the board's floor [persons]."""
        norm = self._settings.occupancy_norm
        for half_year in range(self._horizon):
            there = sum(
                of.places for of in terms if not of.candidate or of.earliest_opening <= half_year
            )
            # No more can be lent than all places less those that the floor asks for.
            most = max(there - float(floor[half_year]) / norm, 0.0)
            lending = self._lp.column(upper=1.0, whole=True, gate=True)
            # What is lent already cannot be taken back at once.
            bound = 0.0 if half_year else float(self._lent_before)
            self._lp.row([(self._tiers["lent"][half_year], 1.0), (lending, -most)], upper=bound)
            kept = [self._tiers[tier][half_year] for tier in ("regular", "reserve", "emergency")]
            self._lp.row(
                [*((column, norm) for column in kept), (lending, -float(floor[half_year]))],
                lower=0.0,
            )

    def _house(self, futures: Futures) -> None:
        """House everybody in every future, in the steps that the settings ask for."""
        costs, years = self._settings.costs, self._settings.step_months / 12
        everybody = float((futures.weights @ futures.need).sum())
        self._lp.offset += costs.regular_housed * years * everybody / _UNIT
        for weight, need in zip(futures.weights, futures.need, strict=True):
            before: tuple[int, ...] = ()
            for step, persons in enumerate(need.tolist()):
                before = self._house_step(step, persons, before, weight=float(weight))

    def _house_step(
        self, step: int, persons: float, before: tuple[int, ...], *, weight: float
    ) -> tuple[int, ...]:
        """Whoever finds no regular place: reserve, lent, emergency, or what is left.

        Returns:
            The columns of persons in called-up and in recalled places.
        """
        costs, norm = self._settings.costs, self._settings.occupancy_norm
        scale = weight / _UNIT
        years = self._settings.step_months / 12
        month = step * self._settings.step_months
        half_year = month // MONTHS_PER_HALF_YEAR
        lent_since = (month - LENT_MONTHS_UNTIL_BACK) // MONTHS_PER_HALF_YEAR
        persons_eur = {
            "reserve": costs.called_up,
            "lent": costs.recalled,
            "emergency": costs.emergency_housed,
            "missing": costs.last_resort_person,
        }
        placed = {
            tier: self._lp.column(cost=scale * years * (cost - costs.regular_housed))
            for tier, cost in persons_eur.items()
        }
        self._lp.row(
            [
                (self._tiers["regular"][half_year], norm),
                *((one, 1.0) for one in placed.values()),
            ],
            lower=persons,
        )
        for tier in ("reserve", "lent", "emergency"):
            for drawn in {half_year, lent_since if tier == "lent" else half_year}:
                if drawn >= 0:
                    self._lp.row(
                        [(placed[tier], 1.0), (self._tiers[tier][drawn], -norm)], upper=0.0
                    )
                else:
                    self._lp.row([(placed[tier], 1.0)], upper=norm * self._lent_before)
        calls = (("reserve", self._recall_months), ("lent", LENT_NOTICE_MONTHS))
        for index, (tier, delay) in enumerate(calls):
            # Until a place that was called up is ready, its person has none.
            waiting = (costs.last_resort_person - persons_eur[tier]) * delay / 12
            called = self._lp.column(cost=scale * (costs.open_place + waiting))
            earlier = [(before[index], 1.0)] if before else []
            self._lp.row([(called, 1.0), (placed[tier], -1.0), *earlier], lower=0.0)
        return placed["reserve"], placed["lent"]

    def _meet_demands(self, terms: Sequence[Terms]) -> None:
        settings = self._settings
        for half_year in range(self._horizon):
            if settings.minimum_places is not None:
                held = [
                    self._tiers[tier][half_year] for tier in ("regular", "reserve", "emergency")
                ]
                self._lp.row(
                    [(column, 1.0) for column in held], lower=float(settings.minimum_places)
                )
            if settings.maximum_openings is not None:
                opened = [
                    term
                    for line, of in zip(self._lines, terms, strict=True)
                    if of.candidate
                    for term in _change(line.present, half_year)
                ]
                self._lp.row(opened, upper=float(settings.maximum_openings))
        if settings.maximum_cost_eur is not None:
            self._lp.cost_row(upper=settings.maximum_cost_eur / _UNIT)


def _change(present: Sequence[int], half_year: int) -> list[tuple[int, float]]:
    before = [(present[half_year - 1], -1.0)] if half_year else []
    return [(present[half_year], 1.0), *before]


def _terms_in_tier(
    tier: str, location: Location, line: _Columns, half_year: int, places: float
) -> list[tuple[int, float]]:
    """What one line adds to one tier."""
    if tier in {"regular", "emergency"}:
        emergency = tier == "emergency"
        return line.open(half_year, places) if location.kind.is_emergency is emergency else []
    column = line.reserve[half_year] if tier == "reserve" else line.lent[half_year]
    return [] if column is None else [(column, places)]
