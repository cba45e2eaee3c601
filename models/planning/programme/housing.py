# SPDX-License-Identifier: EUPL-1.2
"""Housing everybody in every future, in the programme: who sleeps in which tier, step by step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.scenarios import Futures
from models.planning.portfolio.terms import (
    LENT_MONTHS_UNTIL_BACK,
    LENT_NOTICE_MONTHS,
    MONTHS_PER_HALF_YEAR,
)
from models.planning.programme.holdings import Cell, Holdings
from models.planning.programme.tree import Tree
from models.planning.register.locations import ReceptionGroup

__all__ = ["Housing"]

_EVERYONE = ReceptionGroup.EVERYONE
_APART = (ReceptionGroup.UNACCOMPANIED_MINORS, ReceptionGroup.ADULTS_AND_FAMILIES)

Placed = Mapping[str, Mapping[ReceptionGroup, int]]
"""Columns of the persons in each tier but the regular one, by group."""


@dataclass(slots=True, kw_only=True, eq=False)
class Housing:
    """Adds the columns and rows that house everybody.

    Attributes:
        tree: The programme.
        holdings: Its places.
        futures: What it is solved on; with the need of minors where groups are kept apart.
        lent_before: Places lent when the plan begins, by group [places].
        recall_months: From calling up the reserve to its first night [months].
        settings: Norm, costs and steps.
        unit: What the programme counts in [EUR].
        missing: Of every future its chance, and the columns of who has no place, once added.
    """

    tree: Tree
    holdings: Holdings
    futures: Futures
    lent_before: Mapping[ReceptionGroup, int]
    recall_months: int
    settings: PlanSettings
    unit: float
    missing: list[tuple[float, list[int]]] = field(default_factory=list, init=False)
    _person_eur: Mapping[str, float] = field(init=False)
    _call_eur: Mapping[str, float] = field(init=False)

    def __post_init__(self) -> None:
        costs = self.settings.costs
        self._person_eur = {
            "reserve": costs.called_up,
            "lent": costs.recalled,
            "emergency": costs.emergency_housed,
            "missing": costs.last_resort_person,
        }
        delays = {"reserve": self.recall_months, "lent": LENT_NOTICE_MONTHS}
        # Until a place that was called up is ready, its person has none.
        self._call_eur = {
            tier: costs.open_place
            + (costs.last_resort_person - self._person_eur[tier]) * delay / 12
            for tier, delay in delays.items()
        }

    def add(self) -> None:
        """House everybody in every future, in the steps that the settings ask for."""
        years = self.settings.step_months / 12
        regular = self.settings.costs.regular_housed * years / self.unit
        for step, persons in enumerate((self.futures.weights @ self.futures.need).tolist()):
            self.tree.spend(regular * persons, half_year=self._half_year(step))
        for future, branch in enumerate(self.tree.branches.member.tolist()):
            before: Placed = {}
            missing: list[int] = []
            awaited: Mapping[Cell, int] = {}
            for step in range(self.futures.need.shape[1]):
                half_year = self._half_year(step)
                if not step or half_year != self._half_year(step - 1):
                    awaited = self.holdings.awaited_in(half_year, future, branch=branch)
                before = self._step(step, future, branch=branch, before=before, awaited=awaited)
                missing.extend(before["missing"].values())
            self.missing.append((float(self.futures.weights[future]), missing))

    def _step(
        self, step: int, future: int, *, branch: int, before: Placed, awaited: Mapping[Cell, int]
    ) -> Placed:
        """Whoever finds no regular place: reserve, lent, emergency, or what is left."""
        persons = self._persons(step, future)
        placed = {tier: self._place(tier, persons, step, future) for tier in self._person_eur}
        half_year = self._half_year(step)
        for groups in _subsets(tuple(persons)):
            self._meet(placed, groups, persons, self._there("regular", half_year, branch, awaited))
            for tier in ("reserve", "lent", "emergency"):
                there = self._there(tier, half_year, branch, awaited)
                self._limit(placed[tier], groups, there)
            since = (step * self.settings.step_months - LENT_MONTHS_UNTIL_BACK) // 6
            if since < 0:
                self._limit_lent_before(placed["lent"], groups)
            elif since != half_year:
                self._limit(placed["lent"], groups, self._there("lent", since, branch, {}))
        self._pay_for_calls(step, future, placed, before)
        return placed

    def _persons(self, step: int, future: int) -> dict[ReceptionGroup, float]:
        """Need in one step of one future, by group where groups are kept apart [persons]."""
        everybody = float(self.futures.need[future, step])
        if self.futures.minors is None:
            return {_EVERYONE: everybody}
        minors = float(self.futures.minors[future, step])
        return dict(zip(_APART, (minors, everybody - minors), strict=True))

    def _place(
        self, tier: str, persons: Mapping[ReceptionGroup, float], step: int, future: int
    ) -> dict[ReceptionGroup, int]:
        """Columns of who sleeps in a tier, by group; a regular place is what it is compared to."""
        lp, costs = self.tree.lp, self.settings.costs
        dearer = self._person_eur[tier] - costs.regular_housed
        eur = self._scale(future) * dearer * self.settings.step_months / 12
        columns = {group: lp.column() for group in persons}
        for column in columns.values():
            self.tree.charge_column(column, eur, half_year=self._half_year(step))
        return columns

    def _there(
        self, tier: str, half_year: int, branch: int, awaited: Mapping[Cell, int]
    ) -> list[tuple[ReceptionGroup, int, float]]:
        """Places of a tier that can be slept in: for whom, column and factor."""
        norm = self.settings.occupancy_norm
        planned = self.holdings.planned_in(tier, half_year, branch=branch)
        return [
            (group, column, factor)
            for columns, factor in ((planned, norm), (awaited, -norm))
            for (name, group), column in columns.items()
            if name == tier
        ]

    def _meet(
        self,
        placed: Placed,
        groups: Sequence[ReceptionGroup],
        persons: Mapping[ReceptionGroup, float],
        regular: Sequence[tuple[ReceptionGroup, int, float]],
    ) -> None:
        """Some groups together find a regular place that serves them, or another."""
        looking = [(columns[one], 1.0) for columns in placed.values() for one in groups]
        lower = sum(persons[one] for one in groups)
        self.tree.lp.row([*_serving(groups, regular), *looking], lower=lower)

    def _limit(
        self,
        placed: Mapping[ReceptionGroup, int],
        groups: Sequence[ReceptionGroup],
        there: Sequence[tuple[ReceptionGroup, int, float]],
    ) -> None:
        """No more of some groups together sleep in a tier than in places that serve them."""
        inside = [(placed[one], -1.0) for one in groups]
        self.tree.lp.row([*_serving(groups, there), *inside], lower=0.0)

    def _limit_lent_before(
        self, placed: Mapping[ReceptionGroup, int], groups: Sequence[ReceptionGroup]
    ) -> None:
        """Nothing lent by the plan can be back yet; only what was lent before it."""
        places = sum(
            places
            for group, places in self.lent_before.items()
            if group is _EVERYONE or group in groups
        )
        upper = self.settings.occupancy_norm * places
        self.tree.lp.row([(placed[one], 1.0) for one in groups], upper=upper)

    def _pay_for_calls(self, step: int, future: int, placed: Placed, before: Placed) -> None:
        """Whoever is newly called up costs something, once."""
        for tier, eur in self._call_eur.items():
            called = self.tree.lp.column()
            cost = self._scale(future) * eur
            self.tree.charge_column(called, cost, half_year=self._half_year(step))
            now = [(column, -1.0) for column in placed[tier].values()]
            earlier = [(column, 1.0) for column in before.get(tier, {}).values()]
            self.tree.lp.row([(called, 1.0), *now, *earlier], lower=0.0)

    def _scale(self, future: int) -> float:
        return float(self.futures.weights[future]) / self.unit

    def _half_year(self, step: int) -> int:
        return step * self.settings.step_months // MONTHS_PER_HALF_YEAR


def _subsets(groups: tuple[ReceptionGroup, ...]) -> tuple[tuple[ReceptionGroup, ...], ...]:
    """Groups by themselves and together: who can be housed if, and only if, all of them can."""
    return (groups,) if len(groups) == 1 else (*((one,) for one in groups), groups)


def _serving(
    groups: Sequence[ReceptionGroup], there: Sequence[tuple[ReceptionGroup, int, float]]
) -> list[tuple[int, float]]:
    """Places in which any of some groups may live."""
    return [
        (column, factor) for group, column, factor in there if group is _EVERYONE or group in groups
    ]
