# SPDX-License-Identifier: EUPL-1.2
"""The location plan as the page shows it: joined with the register, and added up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from models.planning.capacity_plan import Action, CapacityPlan, PlanLine, UseState
from models.planning.locations import Location, LocationStatus

__all__ = ["ActionTotal", "Choice", "Plan", "PlanRow", "ProvinceTotal", "join_plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One action of the plan, with the location it is about."""

    line: PlanLine
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which lines of the plan a reader wants to see; an empty field leaves nothing out.

    Attributes:
        province: Only of this province.
        action: Only this action.
        when: `now` for only what must be decided now.
    """

    province: str = ""
    action: str = ""
    when: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.province or self.action or self.when)

    def takes(self, row: PlanRow) -> bool:
        """Whether a line is among the chosen."""
        return (
            self.province in ("", row.location.province)
            and self.action in ("", row.line.action.value)
            and (self.when != "now" or row.line.decide_now)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTotal:
    """How much of the plan is one action: number of lines, and the places they are about."""

    action: Action
    lines_now: int
    places_now: int
    lines_later: int
    places_later: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceTotal:
    """A province in the plan.

    Attributes:
        province: Which one.
        before: Places open now [places].
        first: Places open in the first half-year of the plan [places].
        last: Places open in the last half-year of the plan [places].
        indicative: Its indicative task under the Dispersal Act [places].
    """

    province: str
    before: int
    first: int
    last: int
    indicative: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The location plan, joined with the register.

    Attributes:
        plan: As it was made.
        rows: Its actions, by province, then what is to be decided first, then by size.
        actions: Totals per action.
        provinces: Totals per province.
    """

    plan: CapacityPlan
    rows: tuple[PlanRow, ...]
    actions: tuple[ActionTotal, ...]
    provinces: tuple[ProvinceTotal, ...]

    @property
    def open_places(self) -> tuple[tuple[date, int], ...]:
        """From which day on how many places are open."""
        return tuple(
            (
                date.fromisoformat(f"{total.period}-01"),
                total.places_regular + total.places_emergency,
            )
            for total in self.plan.totals
        )

    def chosen(self, choice: Choice) -> Mapping[str, tuple[PlanRow, ...]]:
        """The lines that a reader wants to see, by province."""
        return _grouped(row for row in self.rows if choice.takes(row))


def _grouped(rows: Iterable[PlanRow]) -> Mapping[str, tuple[PlanRow, ...]]:
    groups: dict[str, tuple[PlanRow, ...]] = {}
    for row in rows:
        groups[row.location.province] = (*groups.get(row.location.province, ()), row)
    return groups


def join_plan(plan: CapacityPlan, register: Sequence[Location]) -> Plan:
    """A plan with the locations it is about, in the order in which people read it."""
    by_id = {location.location_id: location for location in register}
    rows = [PlanRow(line=line, location=by_id[line.location_id]) for line in plan.lines]
    rows.sort(key=_reading_order)
    return Plan(
        plan=plan,
        rows=tuple(rows),
        actions=tuple(_action_total(action, plan.lines) for action in Action),
        provinces=_province_totals(plan, register),
    )


def _reading_order(row: PlanRow) -> tuple[str, bool, int, str, str]:
    line = row.line
    return (
        row.location.province,
        not line.decide_now,
        -line.places,
        row.location.name,
        f"{line.location_id} {line.from_period}",
    )


def _action_total(action: Action, lines: Sequence[PlanLine]) -> ActionTotal:
    now = [line.places for line in lines if line.action is action and line.decide_now]
    later = [line.places for line in lines if line.action is action and not line.decide_now]
    return ActionTotal(
        action=action,
        lines_now=len(now),
        places_now=sum(now),
        lines_later=len(later),
        places_later=sum(later),
    )


def _province_totals(plan: CapacityPlan, register: Sequence[Location]) -> tuple[ProvinceTotal, ...]:
    totals = []
    for province in sorted({location.province for location in register}):
        inside = [location for location in register if location.province == province]
        # Every line of a municipality carries the task of the whole municipality.
        tasks = {line.municipality_code: line.indicative_places for line in inside}
        totals.append(
            ProvinceTotal(
                province=province,
                before=sum(line.places for line in inside if line.status is LocationStatus.OPEN),
                first=_open_places(plan, inside, half_year=0),
                last=_open_places(plan, inside, half_year=len(plan.periods) - 1),
                indicative=sum(tasks.values()),
            )
        )
    return tuple(totals)


def _open_places(plan: CapacityPlan, inside: Sequence[Location], *, half_year: int) -> int:
    return sum(
        location.places_possible
        for location in inside
        if plan.states[location.location_id][half_year] is UseState.OPEN
    )
