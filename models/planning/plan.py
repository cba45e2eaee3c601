# SPDX-License-Identifier: EUPL-1.2
"""The location plan: the cheapest use of every line of the register over the coming years."""

from collections.abc import Callable, Sequence, Set
from dataclasses import replace

import numpy as np

from models.errors import Conflict, InvalidInput
from models.periods import Months
from models.planning.capacity_plan import (
    CapacityPlan,
    PlanSettings,
    PlanStatus,
    ScenarioError,
)
from models.planning.dual_use import lending_floor, lending_room
from models.planning.locations import Location
from models.planning.outcome import Portfolio, half_year_totals, housing_cost
from models.planning.programme import PlanProgramme
from models.planning.reasons import plan_lines
from models.planning.scenarios import reduce_paths
from models.planning.terms import MONTHS_PER_HALF_YEAR, Terms
from models.types import Floats

__all__ = ["plan_capacity"]

_DEMANDS = ("minimum_places", "maximum_openings", "maximum_cost_eur")


def plan_capacity(
    register: Sequence[Location],
    need: Floats,
    *,
    periods: Months,
    settings: PlanSettings,
    seed: int,
) -> CapacityPlan:
    """What to do with every line of the register, from the first month of the forecast on.

    Args:
        register: Lines to decide on; their order matters for nothing but the order of the answer.
        need: Need for places [persons], shape (paths, months).
        periods: Months of the need, without gaps, shape (months,); the plan starts at the first.
        settings: What the plan is asked to do.
        seed: Seed of the solver, and of the draw of paths where there are very many.

    Returns:
        The plan; equal inputs give equal plans, in any process.

    Raises:
        InvalidInput: an empty register, a line named twice, or a need that is no count or is
            shorter than the plan.
        Conflict: the demands in the settings exclude each other; the sentence names them.

    Source:
        docs/methods.md, Location plan.
    """
    months = settings.half_years * MONTHS_PER_HALF_YEAR
    _check(register, need, periods=periods, months=months)
    need = need[:, :months]
    steps = need.reshape(len(need), -1, settings.step_months).mean(axis=2)
    futures = reduce_paths(steps, count=settings.futures, rng=np.random.default_rng(seed))
    terms = [Terms.of(one, start=periods[0], horizon=settings.half_years) for one in register]
    recall_months = max(one.recall_months for one in register)

    def programme(asked: PlanSettings) -> PlanProgramme:
        return PlanProgramme(
            register,
            terms=terms,
            futures=futures,
            recall_months=recall_months,
            lending_floor=lending_floor(need, settings=asked),
            settings=asked,
        )

    try:
        solved = programme(settings).solve(seed=seed)
    except TimeoutError as error:
        raise Conflict("No plan that meets the demands was found within the limits.") from error
    if solved is None:
        raise Conflict(_conflict(settings, programme, seed=seed))
    portfolio = Portfolio.of(register, terms=terms, states=solved.states, costs=settings.costs)
    totals = half_year_totals(portfolio, need, periods=periods, settings=settings)
    on_futures = housing_cost(portfolio, futures, settings=settings)
    everything = replace(futures, need=steps, weights=np.full(len(steps), 1 / len(steps)))
    on_paths = housing_cost(portfolio, everything, settings=settings)
    return CapacityPlan(
        periods=tuple(one.period for one in totals),
        lines=plan_lines(
            register,
            terms=terms,
            states=solved.states,
            portfolio=portfolio,
            futures=futures,
            need=need,
            periods=periods,
            settings=settings,
        ),
        states=dict(zip((one.location_id for one in register), solved.states, strict=True)),
        totals=totals,
        lending=lending_room(portfolio, need, periods=periods, settings=settings),
        cost_eur=sum(one.cost_eur for one in totals),
        objective_eur=solved.objective_eur,
        gap=solved.gap,
        status=PlanStatus.WITHIN_GAP if solved.proven else PlanStatus.LIMIT_REACHED,
        scenario_error=ScenarioError(
            futures=len(futures.need),
            paths=len(need),
            distance_persons=futures.distance,
            cost_error=(on_futures - on_paths)
            / max(solved.objective_eur - on_futures + on_paths, 1.0),
        ),
        settings=settings,
        seed=seed,
    )


def _check(register: Sequence[Location], need: Floats, *, periods: Months, months: int) -> None:
    names = [one.location_id for one in register]
    if not names:
        raise InvalidInput("A plan needs at least one location.")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(f"Location {twice!r} is in the register twice.")
    if need.ndim != 2 or not need.size or need.shape[1] != len(periods):
        raise InvalidInput(
            f"Need of shape {need.shape} does not fit {len(periods)} months: paths by months."
        )
    if need.shape[1] < months:
        raise InvalidInput(
            f"A plan of {months} months needs a forecast as long; this one has {need.shape[1]}."
        )
    if not np.isfinite(need).all() or np.any(need < 0):
        raise InvalidInput("Need for places is finite and never negative.")


def _conflict(
    settings: PlanSettings, programme: Callable[[PlanSettings], PlanProgramme], *, seed: int
) -> str:
    """A sentence that names the fewest demands that cannot be met together."""
    made = {name for name in _DEMANDS if getattr(settings, name) is not None}
    for name in _DEMANDS:
        without = _asking_only(settings, made - {name})
        if name in made and programme(without).solve(seed=seed) is None:
            made.remove(name)
    named = ", ".join(f"{name} = {getattr(settings, name):,}" for name in _DEMANDS if name in made)
    return f"No plan meets these demands together: {named}."


def _asking_only(settings: PlanSettings, demands: Set[str]) -> PlanSettings:
    return replace(
        settings,
        minimum_places=settings.minimum_places if "minimum_places" in demands else None,
        maximum_openings=settings.maximum_openings if "maximum_openings" in demands else None,
        maximum_cost_eur=settings.maximum_cost_eur if "maximum_cost_eur" in demands else None,
    )
