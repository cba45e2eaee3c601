# SPDX-License-Identifier: EUPL-1.2
"""Why a plan does what it does: actions per line, each with what the plan would lose without."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.periods import Months
from models.planning.capacity_plan import (
    Action,
    Fact,
    PlanLine,
    PlanSettings,
    ReasonCode,
    UseState,
)
from models.planning.locations import Location, LocationStatus
from models.planning.outcome import Portfolio, housing_cost
from models.planning.scenarios import Futures
from models.planning.terms import LENT_NOTICE_MONTHS, MONTHS_PER_HALF_YEAR, Terms
from models.types import Floats

__all__ = ["plan_lines"]

_INTO = {
    UseState.OPEN: Action.OPEN,
    UseState.RESERVE: Action.RESERVE,
    UseState.LENT: Action.LEND,
    UseState.ABSENT: Action.CLOSE,
}
_START = {
    LocationStatus.OPEN: UseState.OPEN,
    LocationStatus.RESERVE: UseState.RESERVE,
    LocationStatus.LENT: UseState.LENT,
    LocationStatus.CANDIDATE: UseState.ABSENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One action on one line, over the half-years from `start` up to `stop`."""

    action: Action
    start: int
    stop: int
    use: UseState
    before: UseState


def plan_lines(
    register: Sequence[Location],
    *,
    terms: Sequence[Terms],
    states: Sequence[Sequence[UseState]],
    portfolio: Portfolio,
    futures: Futures,
    need: Floats,
    periods: Months,
    settings: PlanSettings,
) -> tuple[PlanLine, ...]:
    """The actions of a solved plan, each with its reason.

    Args:
        register: Lines that were decided on.
        terms: Their terms in this plan.
        states: Use of every line in every half-year, as the programme chose.
        portfolio: Places that the uses come to.
        futures: Futures that the programme was solved on.
        need: Need by month [persons], shape (paths, months).
        periods: Months of the need.
        settings: What the plan was asked to do.

    Source:
        docs/methods.md, Location plan, equation 10.
    """
    explain = _Explainer(
        portfolio=portfolio, futures=futures, need=need, periods=periods, settings=settings
    )
    return tuple(
        explain.line(location, of, step)
        for location, of, uses in zip(register, terms, states, strict=True)
        for step in _steps(location, of, uses)
    )


def _steps(location: Location, terms: Terms, states: Sequence[UseState]) -> Iterator[_Step]:
    """What is done with one line, in order of time."""
    starts: list[tuple[int, Action]] = []
    before = _START[location.status]
    for half_year, use in enumerate(states):
        changed = use is not before
        if changed:
            starts.append((half_year, _INTO[use]))
        elif use is not UseState.ABSENT and _extended(terms, half_year):
            starts.append((half_year, Action.EXTEND))
        elif half_year == 0 and (use is not UseState.ABSENT or UseState.OPEN not in states):
            starts.append((0, Action.LEAVE if use is UseState.ABSENT else Action.KEEP))
        before = use
    stops = [half_year for half_year, _ in starts[1:]] + [len(states)]
    for (start, action), stop in zip(starts, stops, strict=True):
        before = states[start - 1] if start else _START[location.status]
        yield _Step(action=action, start=start, stop=stop, use=states[start], before=before)


def _extended(terms: Terms, half_year: int) -> bool:
    """Whether an extension begins in this half-year."""
    covered = terms.candidate or half_year < terms.agreement_end
    return not covered and terms.extension_start(half_year) == half_year


class _Explainer:
    """Gives each action its reason: what the plan would lose by doing otherwise."""

    def __init__(
        self,
        *,
        portfolio: Portfolio,
        futures: Futures,
        need: Floats,
        periods: Months,
        settings: PlanSettings,
    ) -> None:
        costs = settings.costs
        self._portfolio = portfolio
        self._futures = futures
        self._housing = housing_cost(portfolio, futures, settings=settings)
        self._need = need
        self._periods = periods
        self._settings = settings
        self._running = {
            "regular": costs.regular_open / 2,
            "reserve": costs.empty_place / 2,
            "lent": (costs.empty_place - costs.lending_income) / 2,
            "emergency": costs.emergency_housing / 2,
        }

    def line(self, location: Location, terms: Terms, step: _Step) -> PlanLine:
        """One action with its reason and facts."""
        span = _span(terms, step)
        tier = _tier(location, step.use)
        there = step.use is not UseState.ABSENT
        value = self._value(tier, terms.places, span, there=there)
        cost = terms.places * self._running[tier] * (span.stop - span.start)
        if step.action in {Action.OPEN, Action.LEND, Action.LEAVE}:
            cost += self._settings.costs.open_place * terms.places
        facts: dict[str, Fact] = {
            "chance_needed": self._chance_needed(terms, step, tier, first=span.start),
            "value_eur": value,
            "cost_eur": cost,
        }
        if step.action is Action.CLOSE and step.start < terms.bound_until:
            facts["leaving_eur"] = self._settings.costs.close_place * terms.places
            cost -= self._settings.costs.close_place * terms.places
        reason, more = self._reason(location, terms, step, pays=value >= cost)
        start = self._periods[step.start * MONTHS_PER_HALF_YEAR]
        ahead = np.timedelta64(_months_ahead(location, terms, step), "M")
        decide_by = max(start - ahead, self._periods[0])
        return PlanLine(
            location_id=location.location_id,
            action=step.action,
            from_period=str(start),
            decide_by=str(decide_by),
            decide_now=step.action.is_decision
            and bool(decide_by < self._periods[0] + MONTHS_PER_HALF_YEAR),
            new_agreement=_needs_agreement(terms, step),
            places_before=terms.places if step.before is UseState.OPEN else 0,
            places_after=terms.places if step.use is UseState.OPEN else 0,
            places=terms.places,
            reason=reason,
            facts=facts | more,
        )

    def _value(self, tier: str, places: int, span: slice, *, there: bool) -> float:
        """What housing everybody costs more without these places than with them [EUR]."""
        sign = -1 if there else 1
        otherwise = self._portfolio.with_more(tier, sign * places, span)
        cost = housing_cost(otherwise, self._futures, settings=self._settings)
        return sign * (self._housing - cost)

    def _chance_needed(self, terms: Terms, step: _Step, tier: str, *, first: int) -> float:
        """Share of futures in which the places are used in the first year [-]."""
        stop = min(first + 2, terms.horizon)
        if stop <= first:
            return 0.0
        held = self._portfolio
        ahead = {
            "regular": held.regular,
            "reserve": held.regular,
            "lent": held.regular + held.reserve,
            "emergency": held.regular + held.reserve + held.emergency,
        }[tier][first:stop]
        # Its own places come last in their tier: the question is whether they are needed.
        own = step.use is UseState.OPEN
        usable = self._settings.occupancy_norm * (ahead - own * terms.places)
        months = self._need[:, first * MONTHS_PER_HALF_YEAR : stop * MONTHS_PER_HALF_YEAR]
        used = months > np.repeat(usable, MONTHS_PER_HALF_YEAR)
        return float(used.any(axis=1).mean())

    def _reason(
        self, location: Location, terms: Terms, step: _Step, *, pays: bool
    ) -> tuple[ReasonCode, dict[str, Fact]]:
        if location.fixed_core:
            return ReasonCode.FIXED_CORE, {}
        if step.use is UseState.ABSENT:
            return self._reason_against(location, terms, pays=pays)
        if step.use is UseState.LENT:
            half_years = step.stop - step.start
            income = terms.places * self._settings.costs.lending_income * half_years / 2
            return ReasonCode.RENT_OVER_READINESS, {"income_eur": income}
        if not pays:
            return self._reason_at_a_loss(terms, step)
        reserve = step.use is UseState.RESERVE
        return ReasonCode.HELD_FOR_PEAKS if reserve else ReasonCode.WORTH_ITS_COST, {}

    def _reason_at_a_loss(self, terms: Terms, step: _Step) -> tuple[ReasonCode, dict[str, Fact]]:
        if self._settings.minimum_places is not None:
            return ReasonCode.DEMANDED, {"demand": "minimum_places"}
        if not terms.candidate and step.start < terms.bound_until:
            last = self._periods[0] + terms.bound_until * MONTHS_PER_HALF_YEAR - 1
            leaving = 0.0 if terms.open_ended else self._settings.costs.close_place
            return ReasonCode.AGREEMENT_BINDS, {
                "agreement_end": str(last),
                "leaving_eur": leaving * terms.places,
            }
        return ReasonCode.NEARLY_EVEN, {}

    def _reason_against(
        self, location: Location, terms: Terms, *, pays: bool
    ) -> tuple[ReasonCode, dict[str, Fact]]:
        if terms.candidate and terms.places < self._settings.minimum_opening:
            return ReasonCode.TOO_SMALL, {"minimum_places": self._settings.minimum_opening}
        if terms.candidate and terms.earliest_opening >= terms.horizon:
            return ReasonCode.BEYOND_HORIZON, {"lead_time_months": location.lead_time_months}
        if not pays:
            return ReasonCode.NOT_WORTH_ITS_COST, {}
        for demand in ("maximum_openings", "maximum_cost_eur"):
            if getattr(self._settings, demand) is not None:
                return ReasonCode.DEMANDED, {"demand": demand}
        return ReasonCode.NEARLY_EVEN, {}


def _needs_agreement(terms: Terms, step: _Step) -> bool:
    """Whether the action begins with a new agreement or with an extension of the present one."""
    if step.use is UseState.ABSENT:
        return False
    return step.before is UseState.ABSENT or _extended(terms, step.start)


def _months_ahead(location: Location, terms: Terms, step: _Step) -> int:
    """How long before its first half-year an action must be decided [months]."""
    if terms.candidate and step.action is Action.OPEN:
        return location.lead_time_months
    of_agreement = step.action is Action.CLOSE or _needs_agreement(terms, step)
    of_reserve = step.before is UseState.RESERVE and step.use is not UseState.RESERVE
    of_tenants = step.before is UseState.LENT and step.use is not UseState.LENT
    return max(
        location.notice_months if of_agreement else 0,
        location.recall_months if of_reserve else 0,
        LENT_NOTICE_MONTHS if of_tenants else 0,
    )


def _tier(location: Location, use: UseState) -> str:
    if use is UseState.RESERVE:
        return "reserve"
    if use is UseState.LENT:
        return "lent"
    return "emergency" if location.kind.is_emergency else "regular"


def _span(terms: Terms, step: _Step) -> slice:
    """Half-years over which the value and the cost of the places are compared."""
    if step.action is Action.LEAVE:
        return slice(terms.earliest_opening, terms.horizon)
    if step.action is Action.CLOSE and step.start < terms.bound_until:
        return slice(step.start, terms.bound_until)
    if step.action is Action.CLOSE:
        return slice(step.start, min(step.start + terms.extension, terms.horizon))
    return slice(step.start, step.stop)
