# SPDX-License-Identifier: EUPL-1.2
"""Measure the location plan: time, gap, memory, and what sampled futures are worth.

    python -m tests.models.planning.measure

The register is the real one; the need is drawn for the measurement, as wide as an issued one.
"""

import resource
import sys
import time
from dataclasses import replace

import numpy as np

from models.planning.capacity_plan import CapacityPlan, PlanSettings
from models.planning.outcome import half_year_totals
from models.planning.plan import plan_capacity
from models.planning.portfolio import Portfolio
from models.planning.terms import Terms
from models.types import Floats
from service.storage.register import default_register
from tests.models.planning.builders import PERIODS

REGISTER = default_register()


def drawn_need(*, paths: int, seed: int) -> Floats:
    """Need that starts at 72,000 and spreads by 4.5 % per month [persons]."""
    changes = np.random.default_rng(seed).normal(0.002, 0.045, (paths, len(PERIODS)))
    return 72_000 * np.exp(np.cumsum(changes, axis=1))


def planned(need: Floats, settings: PlanSettings) -> CapacityPlan:
    """A plan, with what it took on standard output."""
    wall, cpu = time.perf_counter(), time.process_time()
    made = plan_capacity(REGISTER, need, periods=PERIODS, settings=settings, seed=1)
    taken = f"{time.perf_counter() - wall:.1f} s, {time.process_time() - cpu:.1f} s of processor"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(
        f"{len(REGISTER)} lines, {settings.half_years} half-years, {made.scenario_error.futures} "
        f"futures of {made.scenario_error.paths} paths: {taken}, {memory} MiB, gap {made.gap:.2%}, "
        f"{made.status}, cost error of the reduction {made.scenario_error.cost_error:+.2%}\n"
    )
    return made


def cost_on(made: CapacityPlan, need: Floats) -> float:
    """What a plan costs on other paths [EUR]."""
    terms = [Terms.of(one, start=PERIODS[0], horizon=made.settings.half_years) for one in REGISTER]
    portfolio = Portfolio.of(
        REGISTER, terms=terms, states=list(made.states.values()), costs=made.settings.costs
    )
    totals = half_year_totals(portfolio, need, periods=PERIODS, settings=made.settings)
    return sum(total.cost_eur for total in totals)


def main() -> None:
    """Measure, and print."""
    need, fresh = drawn_need(paths=2_000, seed=1), drawn_need(paths=2_000, seed=2)
    settings = PlanSettings()
    plan = planned(need, settings)
    planned(need, replace(settings, futures=100))
    expected = planned(need.mean(axis=0, keepdims=True), settings)
    with_odds, without = cost_on(plan, fresh), cost_on(expected, fresh)
    sys.stdout.write(
        f"On fresh paths: {with_odds / 1e9:.3f} billion EUR planned on futures, "
        f"{without / 1e9:.3f} planned on the expected need ({with_odds / without - 1:+.1%}).\n"
    )


if __name__ == "__main__":
    main()
