# SPDX-License-Identifier: EUPL-1.2
"""The location plan as the page shows it: joined with the register, and added up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, groupby, pairwise

from models.planning.location_plan.alternatives import Alternatives
from models.planning.location_plan.evaluation import Evaluation
from models.planning.portfolio.capacity_plan import (
    Action,
    CapacityPlan,
    HalfYearTotals,
    PlanLine,
)
from models.planning.portfolio.portfolio import open_places
from models.planning.register.locations import Location, LocationStatus
from service.usecases.documents import PlanDocument

__all__ = [
    "ActionTotal",
    "Choice",
    "Course",
    "Plan",
    "ProvinceTotal",
    "StandingTotal",
    "join_plan",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What the plan does with one location, in order of time."""

    location: Location
    lines: tuple[PlanLine, ...]


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

    def of(self, course: Course) -> Course:
        """What is chosen of a course, possibly without any line left."""
        if self.province not in {"", course.location.province}:
            return replace(course, lines=())
        lines = tuple(
            line
            for line in course.lines
            if self.action in {"", line.action.value} and (self.when != "now" or line.decide_now)
        )
        return replace(course, lines=lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTotal:
    """How much of the plan is one action: number of lines, and the places they are about.

    Attributes:
        first_now: First month from which any of what must be decided now holds, YYYY-MM; None
            where there is nothing.
    """

    action: Action
    lines_now: int
    places_now: int
    first_now: str | None
    lines_later: int
    places_later: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingTotal:
    """How much of the plan goes on by itself: number of lines, and the places they are about."""

    action: Action
    lines: int
    places: int


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
        alternatives: Other plans of nearly the same cost; None while they have not been sought.
        evaluation: What the plan is worth on fresh futures; None while that is not known.
        demand_prices: What a unit less of each demand that binds would save [EUR].
        courses: What happens to each location, by province, the largest first.
        decisions: Totals per action that somebody must decide.
        standing: Totals per action that comes about without a decision.
        provinces: Totals per province.
    """

    plan: CapacityPlan
    alternatives: Alternatives | None
    evaluation: Evaluation | None
    demand_prices: Mapping[str, float]
    courses: tuple[Course, ...]
    decisions: tuple[ActionTotal, ...]
    standing: tuple[StandingTotal, ...]
    provinces: tuple[ProvinceTotal, ...]

    @property
    def decided_now(self) -> int:
        """Lines that must be decided before the next capacity decision."""
        return sum(total.lines_now for total in self.decisions)

    @property
    def pressing(self) -> tuple[tuple[Location, PlanLine], ...]:
        """What must be decided now, that which costs most to decide otherwise first."""
        now = [
            (course.location, line)
            for course in self.courses
            for line in course.lines
            if line.decide_now
        ]
        return tuple(sorted(now, key=lambda one: -(one[1].otherwise_eur or 0.0)))

    @property
    def latest_lateness(self) -> HalfYearTotals | None:
        """The half-year with most places that should be open and are not there yet, if any."""
        worst = max(self.plan.totals, key=lambda total: total.places_late)
        return worst if worst.places_late else None

    @property
    def actions(self) -> tuple[Action, ...]:
        """Every action, for who wants to see the lines of one."""
        return tuple(Action)

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

    def chosen(self, choice: Choice) -> Mapping[str, tuple[Course, ...]]:
        """What a reader wants to see, by province."""
        picked = [choice.of(course) for course in self.courses]
        left = [course for course in picked if course.lines]
        by_province = groupby(left, key=lambda course: course.location.province)
        return {province: tuple(courses) for province, courses in by_province}


def join_plan(document: PlanDocument, register: Sequence[Location]) -> Plan:
    """A plan with the locations it is about, in the order in which people read it."""
    plan = document.plan
    lines: dict[str, list[PlanLine]] = {}
    for line in plan.lines:
        lines.setdefault(line.location_id, []).append(line)
    courses = [
        Course(
            location=location,
            lines=tuple(sorted(lines[location.location_id], key=lambda line: line.from_period)),
        )
        for location in register
        if location.location_id in lines
    ]
    return Plan(
        plan=plan,
        alternatives=document.alternatives,
        evaluation=document.evaluation,
        demand_prices=document.demand_prices,
        courses=tuple(sorted(courses, key=_reading_order)),
        decisions=tuple(
            _action_total(action, plan.lines) for action in Action if action.is_decision
        ),
        standing=tuple(
            _standing_total(action, plan.lines) for action in Action if not action.is_decision
        ),
        provinces=_province_totals(plan, register),
    )


def _reading_order(course: Course) -> tuple[str, int, str, str]:
    location = course.location
    return location.province, -location.places_possible, location.name, location.location_id


def _action_total(action: Action, lines: Sequence[PlanLine]) -> ActionTotal:
    now = [line for line in lines if line.action is action and line.decide_now]
    later = [line.places for line in lines if line.action is action and not line.decide_now]
    return ActionTotal(
        action=action,
        lines_now=len(now),
        places_now=sum(line.places for line in now),
        first_now=min((line.from_period for line in now), default=None),
        lines_later=len(later),
        places_later=sum(later),
    )


def _standing_total(action: Action, lines: Sequence[PlanLine]) -> StandingTotal:
    places = [line.places for line in lines if line.action is action]
    return StandingTotal(action=action, lines=len(places), places=sum(places))


def _province_totals(plan: CapacityPlan, register: Sequence[Location]) -> tuple[ProvinceTotal, ...]:
    provinces = {
        name: [location for location in register if location.province == name]
        for name in sorted({location.province for location in register})
    }
    inside = list(provinces.values())
    first = _expected_places(plan, inside, half_year=0)
    last = _expected_places(plan, inside, half_year=len(plan.periods) - 1)
    return tuple(
        ProvinceTotal(
            province=name,
            before=sum(line.places for line in lines if line.status is LocationStatus.OPEN),
            first=first[at],
            last=last[at],
            # Every line of a municipality carries the task of the whole municipality.
            indicative=sum(
                {line.municipality_code: line.indicative_places for line in lines}.values()
            ),
        )
        for at, (name, lines) in enumerate(provinces.items())
    )


def _expected_places(
    plan: CapacityPlan, parts: Sequence[Sequence[Location]], *, half_year: int
) -> list[int]:
    """Open places of some parts of the register, expected over the branches of the plan.

    They are rounded together, so that they add up to the whole as the plan tells it.
    """
    expected = [
        sum(
            branch.chance * open_places(one, branch.states[one.location_id][half_year])
            for branch in plan.branches
            for one in part
        )
        for part in parts
    ]
    whole = plan.totals[half_year].places_regular + plan.totals[half_year].places_emergency
    sums = [*(round(total) for total in accumulate(expected[:-1])), whole]
    return [after - before for before, after in pairwise([0, *sums])]
