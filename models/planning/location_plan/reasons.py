# SPDX-License-Identifier: EUPL-1.2
"""Why a plan does what it does: actions per line, each with what the plan would lose without."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.periods import Months
from models.planning.portfolio.capacity_plan import Action, Fact, PlanLine, PlanSettings, ReasonCode
from models.planning.portfolio.outcome import housing_cost
from models.planning.portfolio.portfolio import USE_BEFORE, Awaited, Portfolio
from models.planning.portfolio.scenarios import Futures
from models.planning.portfolio.terms import LENT_NOTICE_MONTHS, MONTHS_PER_HALF_YEAR, Terms
from models.planning.portfolio.uses import UseState
from models.planning.programme.demands import ladder_step
from models.planning.register.locations import Location
from models.planning.register.place_costs import PlaceCosts, place_costs
from models.types import Floats

__all__ = ["mixed_lines", "plan_lines"]

_INTO = {
    UseState.EXPANDED: Action.EXPAND,
    UseState.SHRUNK: Action.SHRINK,
    UseState.RESERVE: Action.RESERVE,
    UseState.LENT: Action.LEND,
    UseState.ABSENT: Action.CLOSE,
}
_BACK = {
    UseState.EXPANDED: Action.SHRINK,
    UseState.SHRUNK: Action.EXPAND,
    UseState.RESERVE: Action.REOPEN,
    UseState.LENT: Action.RECALL,
    UseState.ABSENT: Action.REOPEN,
}
"""Action by which a line comes to be open at its own size, by its use before."""

_INTO_USE = {
    Action.OPEN,
    Action.EXPAND,
    Action.REOPEN,
    Action.RECALL,
    Action.LEND,
    Action.LEAVE,
}
"""Actions that bring places into use, at a cost; for a candidate that is left, what it spares."""

_SPARE = 2
"""Step of the ladder for what is there, but not in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One action on one line, over the half-years from `start` up to `stop`."""

    action: Action
    start: int
    stop: int
    use: UseState
    before: UseState

    def places(self, terms: Terms) -> int:
        """Places that the action is about."""
        sizes = {UseState.EXPANDED: terms.more, UseState.SHRUNK: -terms.fewer}
        if self.action in {Action.EXPAND, Action.SHRINK}:
            return abs(sizes.get(self.use, 0) - sizes.get(self.before, 0))
        there = self.before if self.use is UseState.ABSENT else self.use
        return terms.places + sizes.get(there, 0)


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
    awaited: Awaited | None = None,
) -> tuple[PlanLine, ...]:
    """The actions of one branch of a solved plan, each with its reason.

    Args:
        register: Lines that were decided on.
        terms: Their terms in this plan.
        states: Use of every line in every half-year, as the programme chose.
        portfolio: Places that the uses come to.
        futures: Futures that the programme was solved on.
        need: Need by month [persons], shape (paths, months).
        periods: Months of the need.
        settings: What the plan was asked to do.
        awaited: Places that are late in each future.

    Source:
        docs/methods.md, Location plan, equation 10.
    """
    explain = _Explainer(
        portfolio=portfolio,
        futures=futures,
        need=need,
        periods=periods,
        settings=settings,
        awaited=awaited,
    )
    return tuple(
        explain.line(location, of, step)
        for location, of, uses in zip(register, terms, states, strict=True)
        for step in _steps(location, of, uses)
    )


def _steps(location: Location, terms: Terms, states: Sequence[UseState]) -> Iterator[_Step]:
    """What is done with one line, in order of time."""
    starts: list[tuple[int, Action]] = []
    before = USE_BEFORE[location.status]
    for half_year, use in enumerate(states):
        changed = use is not before
        if changed:
            starts.append((half_year, _action(terms, before, use)))
        elif use is not UseState.ABSENT and _extended(terms, half_year):
            starts.append((half_year, Action.EXTEND))
        elif half_year == 0 and (use is not UseState.ABSENT or UseState.OPEN not in states):
            starts.append((0, Action.LEAVE if use is UseState.ABSENT else Action.KEEP))
        before = use
    stops = [half_year for half_year, _ in starts[1:]] + [len(states)]
    for (start, action), stop in zip(starts, stops, strict=True):
        before = states[start - 1] if start else USE_BEFORE[location.status]
        yield _Step(action=action, start=start, stop=stop, use=states[start], before=before)


def _action(terms: Terms, before: UseState, use: UseState) -> Action:
    """What is done where one use follows another."""
    if terms.candidate and before is UseState.ABSENT:
        return Action.OPEN
    return _BACK[before] if use is UseState.OPEN else _INTO[use]


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
        awaited: Awaited | None,
    ) -> None:
        self._awaited = awaited
        self._portfolio = portfolio
        self._futures = futures
        self._housing = housing_cost(portfolio, futures, settings=settings, awaited=awaited)
        self._need = need
        self._periods = periods
        self._settings = settings

    def line(self, location: Location, terms: Terms, step: _Step) -> PlanLine:
        """One action with its reason and facts."""
        span = _span(terms, step)
        tier, places = _tier(location, step.use), step.places(terms)
        there = step.use is not UseState.ABSENT and step.action is not Action.SHRINK
        value = self._value(tier, places, span, there=there)
        costs = place_costs(location, costs=self._settings.costs)
        cost = places * _half_year_eur(tier, costs) * (span.stop - span.start)
        if step.action in _INTO_USE:
            cost += costs.opening_eur * places
        facts: dict[str, Fact] = {
            "chance_needed": self._chance_needed(terms, step, tier, first=span.start),
            "value_eur": value,
            "cost_eur": cost,
        }
        if step.action in {Action.CLOSE, Action.SHRINK} and step.start < terms.bound_until:
            leaving = 0.0 if terms.open_ended else costs.closing_eur * places
            facts["leaving_eur"] = leaving
            cost -= leaving
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
            places_before=_open_places(terms, step.before),
            places_after=_open_places(terms, step.use),
            places=places,
            chance=1.0,
            ladder_step=_ladder_step(location, step),
            reason=reason,
            facts=facts | more,
        )

    def _value(self, tier: str, places: int, span: slice, *, there: bool) -> float:
        """What housing everybody costs more without these places than with them [EUR]."""
        sign = -1 if there else 1
        otherwise = self._portfolio.with_more(tier, sign * places, span)
        cost = housing_cost(
            otherwise, self._futures, settings=self._settings, awaited=self._awaited
        )
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
        own = step.places(terms) if step.use.is_open else 0
        usable = self._settings.occupancy_norm * (ahead - own)
        months = self._need[:, first * MONTHS_PER_HALF_YEAR : stop * MONTHS_PER_HALF_YEAR]
        used = months > np.repeat(usable, MONTHS_PER_HALF_YEAR)
        return float(used.any(axis=1).mean())

    def _reason(
        self, location: Location, terms: Terms, step: _Step, *, pays: bool
    ) -> tuple[ReasonCode, dict[str, Fact]]:
        if location.fixed_core:
            return ReasonCode.FIXED_CORE, {}
        if step.use is UseState.ABSENT or step.action is Action.SHRINK:
            return self._reason_against(location, terms, pays=pays)
        if step.use is UseState.LENT:
            half_years = step.stop - step.start
            rent = place_costs(location, costs=self._settings.costs).lent_eur
            income = terms.places * rent * half_years / 2
            return ReasonCode.RENT_OVER_READINESS, {"income_eur": income}
        if not pays:
            return self._reason_at_a_loss(location, terms, step)
        reserve = step.use is UseState.RESERVE
        return ReasonCode.HELD_FOR_PEAKS if reserve else ReasonCode.WORTH_ITS_COST, {}

    def _reason_at_a_loss(
        self, location: Location, terms: Terms, step: _Step
    ) -> tuple[ReasonCode, dict[str, Fact]]:
        if self._settings.minimum_places is not None:
            return ReasonCode.DEMANDED, {"demand": "minimum_places"}
        if not terms.candidate and step.start < terms.bound_until:
            last = self._periods[0] + terms.bound_until * MONTHS_PER_HALF_YEAR - 1
            each = place_costs(location, costs=self._settings.costs)
            leaving = 0.0 if terms.open_ended else each.closing_eur
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


def _half_year_eur(tier: str, costs: PlaceCosts) -> float:
    """What one place of a tier costs in half a year [EUR]."""
    yearly = {
        "regular": costs.place_eur,
        "reserve": costs.reserve_eur,
        "lent": costs.reserve_eur - costs.lent_eur,
        "emergency": costs.place_eur,
    }
    return yearly[tier] * MONTHS_PER_HALF_YEAR / 12


def _open_places(terms: Terms, use: UseState) -> int:
    sizes = {UseState.EXPANDED: terms.more, UseState.SHRUNK: -terms.fewer}
    return terms.places + sizes.get(use, 0) if use.is_open else 0


def _ladder_step(location: Location, step: _Step) -> int | None:
    """On which step of the ladder new or returning places stand."""
    if step.action not in {Action.OPEN, Action.EXPAND, Action.REOPEN, Action.RECALL}:
        return None
    spare = step.before in {UseState.RESERVE, UseState.LENT}
    return _SPARE if spare else ladder_step(location)


def _needs_agreement(terms: Terms, step: _Step) -> bool:
    """Whether the action begins with a new agreement or with an extension of the present one."""
    if step.use is UseState.ABSENT:
        return False
    return step.before is UseState.ABSENT or _extended(terms, step.start)


def _months_ahead(location: Location, terms: Terms, step: _Step) -> int:
    """How long before its first half-year an action must be decided [months]."""
    if step.before is UseState.ABSENT and step.use is not UseState.ABSENT:
        return location.lead_time_months
    if step.action is Action.EXPAND:
        return location.expansion_months
    of_agreement = step.action in {Action.CLOSE, Action.SHRINK} or _needs_agreement(terms, step)
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


def mixed_lines(
    lines: Sequence[Sequence[PlanLine]], chances: Floats, *, order: Sequence[str]
) -> tuple[PlanLine, ...]:
    """The actions of all branches; what is done in several is one line, with its chance.

    Args:
        lines: Actions in every branch.
        chances: Chance of every branch [-].
        order: Codes of the locations, in the order of the register.
    """
    found: dict[tuple[int, str, str], list[tuple[float, PlanLine]]] = {}
    at = {location_id: index for index, location_id in enumerate(order)}
    for chance, inside in zip(chances.tolist(), lines, strict=True):
        for line in inside:
            key = (at[line.location_id], line.from_period, line.action.value)
            found.setdefault(key, []).append((chance, line))
    return tuple(_mixed(found[key]) for key in sorted(found))


def _mixed(branches: Sequence[tuple[float, PlanLine]]) -> PlanLine:
    """One action of several branches: its likeliest reason, with the facts expected over them."""
    total = sum(chance for chance, _ in branches)
    _, likeliest = max(branches, key=lambda one: one[0])
    facts = {
        name: _mean(name, branches) if isinstance(value, float) else value
        for name, value in likeliest.facts.items()
    }
    return replace(likeliest, chance=min(total, 1.0), facts=facts)


def _mean(name: str, branches: Sequence[tuple[float, PlanLine]]) -> float:
    """Mean of a fact; a branch that does not state it leaves it out."""
    values = [(chance, line.facts[name]) for chance, line in branches if name in line.facts]
    known = [(chance, value) for chance, value in values if isinstance(value, float)]
    return sum(chance * value for chance, value in known) / sum(chance for chance, _ in known)
