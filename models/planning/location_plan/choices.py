# SPDX-License-Identifier: EUPL-1.2
"""The plan with everything a board needs to choose: reasons re-solved, alternatives, its worth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.periods import Months
from models.planning.location_plan.alternatives import Alternatives, find_alternatives
from models.planning.location_plan.evaluation import Evaluation, evaluate_plan
from models.planning.location_plan.plan import describe_plan, pose_question, solve_question
from models.planning.location_plan.question import Question
from models.planning.portfolio.bindings import binding_of
from models.planning.portfolio.capacity_plan import CapacityPlan, PlanLine, PlanSettings, ReasonCode
from models.planning.portfolio.terms import MONTHS_PER_HALF_YEAR
from models.planning.portfolio.uses import UseState
from models.planning.programme.otherwise import Decision, Reconsideration
from models.planning.programme.programme import SolvedPlan
from models.planning.register.criteria import carried_by
from models.planning.register.locations import Location
from models.types import Floats

__all__ = ["PlanChoices", "plan_with_choices"]

_SOLVED, _PRICED, _COMPARED = 0.2, 0.5, 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChoices:
    """A capacity plan, and what else the board may choose.

    Attributes:
        plan: The cheapest plan; its lines say what binds and carries them, and those that must
            be decided now what it would cost to decide otherwise.
        demand_prices: Demands that make the plan dearer, with what a unit less of each would
            save; the unit is a place, an opening, a child, or a euro [EUR].
        alternatives: Other plans of nearly the same cost.
        evaluation: What the plan is worth on fresh futures; None where that cannot be told.
    """

    plan: CapacityPlan
    demand_prices: dict[str, float]
    alternatives: Alternatives
    evaluation: Evaluation | None


def plan_with_choices(
    register: Sequence[Location],
    need: Floats,
    *,
    periods: Months,
    settings: PlanSettings,
    seed: int,
    minors: Floats | None = None,
    advance: Callable[[float], None] = lambda _: None,
) -> PlanChoices:
    """Plan the locations, price every decision of now, look for alternatives, and judge the plan.

    Args:
        register: Lines to decide on.
        need: Need for places [persons], shape (paths, months).
        periods: Months of the need, without gaps, shape (months,); the plan starts at the first.
        settings: What the plan is asked to do.
        seed: As of `plan_capacity`.
        minors: As of `plan_capacity`.
        advance: Told which share of the work is done.

    Raises:
        InvalidInput: as `plan_capacity`.
        ConflictingDemands: as `plan_capacity`.
        Conflict: as `plan_capacity`.
    """
    question = pose_question(
        register, need, periods=periods, settings=settings, seed=seed, minors=minors
    )
    programme, solved = solve_question(question)
    plan = describe_plan(question, solved, periods=periods)
    advance(_SOLVED)
    reconsideration = Reconsideration(programme, seed=seed)
    prices = reconsideration.binding_demands()
    explain = _Explanation(question, solved, prices=prices, start=periods[0])
    lines = [explain.priced(explain.line(line), reconsideration) for line in plan.lines]
    advance(_PRICED)
    alternatives = find_alternatives(
        question, programme, solved.courses, cost_eur=solved.objective_eur
    )
    advance(_COMPARED)
    return PlanChoices(
        plan=replace(plan, lines=tuple(lines)),
        demand_prices=prices,
        alternatives=alternatives,
        evaluation=evaluate_plan(
            register, need, start=periods[0], settings=settings, seed=seed, minors=minors
        )
        if len(need) > 1
        else None,
    )


class _Explanation:
    """Adds to each line what carried and what binds it, and what the opposite would cost."""

    def __init__(
        self,
        question: Question,
        solved: SolvedPlan,
        *,
        prices: dict[str, float],
        start: np.datetime64,
    ) -> None:
        self._question = question
        self._solved = solved
        self._demands = frozenset(prices)
        self._start = start
        names = [one.location_id for one in question.register]
        self._at = {name: index for index, name in enumerate(names)}

    def line(self, line: PlanLine) -> PlanLine:
        """The line with its criteria and its binding constraint."""
        index, half_year = self._at[line.location_id], self._half_year(line)
        use = self._use(line, index, half_year)
        value, cost = _value_and_cost(line)
        there = use is not UseState.ABSENT
        question = self._question
        years = (question.settings.half_years - half_year) * MONTHS_PER_HALF_YEAR / 12
        line = self._demanded(_agreeing(line, there=there, pays=value >= cost))
        return replace(
            line,
            criteria=carried_by(
                question.scores[index],
                question.settings.criteria,
                gain_eur=(value - cost) / max(line.places * years, 1.0),
                there=there,
            ),
            binding=binding_of(
                question.register[index],
                question.terms[index],
                half_year=half_year,
                there=there,
                lent=use is UseState.LENT,
                pays=value >= cost,
                minimum_opening=question.settings.minimum_opening,
                demands=self._demands,
            ),
        )

    def priced(self, line: PlanLine, reconsideration: Reconsideration) -> PlanLine:
        """The line with what it would cost to decide otherwise, if that must be decided now."""
        if not line.decide_now:
            return line
        index, half_year = self._at[line.location_id], self._half_year(line)
        use = self._use(line, index, half_year)
        other = reconsideration.without(Decision(line=index, half_year=half_year, use=use))
        if other is None:
            return line
        return replace(line, otherwise_use=other.use, otherwise_eur=other.extra_eur)

    def _demanded(self, line: PlanLine) -> PlanLine:
        """A demand is a reason only if it makes the plan dearer."""
        binding = sorted(self._demands - {"lending_limit"})
        if line.reason is ReasonCode.DEMANDED and line.facts["demand"] not in binding:
            if not binding:
                facts = {name: of for name, of in line.facts.items() if name != "demand"}
                return replace(line, reason=ReasonCode.NEARLY_EVEN, facts=facts)
            return replace(line, facts={**line.facts, "demand": binding[0]})
        if line.reason is ReasonCode.NEARLY_EVEN and binding:
            facts = {**line.facts, "demand": binding[0]}
            return replace(line, reason=ReasonCode.DEMANDED, facts=facts)
        return line

    def _half_year(self, line: PlanLine) -> int:
        months = int((np.datetime64(line.from_period, "M") - self._start).astype(int))
        return months // MONTHS_PER_HALF_YEAR

    def _use(self, line: PlanLine, index: int, half_year: int) -> UseState:
        """The use that begins with a line, in whichever branch it does."""
        places = {course[index][half_year]: None for course in self._solved.courses}
        opened = line.places_after > 0
        return next((use for use in places if use.is_open is opened), next(iter(places)))


def _agreeing(line: PlanLine, *, there: bool, pays: bool) -> PlanLine:
    """The line with a reason that agrees with its facts, which are expected over branches."""
    agreed = {
        (ReasonCode.NEARLY_EVEN, True, True): ReasonCode.WORTH_ITS_COST,
        (ReasonCode.WORTH_ITS_COST, True, False): ReasonCode.NEARLY_EVEN,
        (ReasonCode.NEARLY_EVEN, False, False): ReasonCode.NOT_WORTH_ITS_COST,
        (ReasonCode.NOT_WORTH_ITS_COST, False, True): ReasonCode.NEARLY_EVEN,
    }
    return replace(line, reason=agreed.get((line.reason, there, pays), line.reason))


def _value_and_cost(line: PlanLine) -> tuple[float, float]:
    """What the places are worth and what they cost, leaving an agreement early deducted [EUR]."""
    value, cost, leaving = (
        line.facts.get(name, 0.0) for name in ("value_eur", "cost_eur", "leaving_eur")
    )
    # Facts may be texts; these three are amounts.
    return float(value or 0.0), float(cost or 0.0) - float(leaving or 0.0)
