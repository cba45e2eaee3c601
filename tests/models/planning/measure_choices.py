# SPDX-License-Identifier: EUPL-1.2
"""Measure what a board may choose: fresh futures, alternatives, and the price of the opposite.

    python -m tests.models.planning.measure_choices

The register is the real one; the need is drawn for the measurement.
"""

import sys
import time
from dataclasses import replace

import numpy as np

from models.planning.location_plan.alternatives import find_alternatives
from models.planning.location_plan.evaluation import evaluate_plan
from models.planning.location_plan.plan import pose_question, solve_question
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.uses import UseState
from models.planning.programme.otherwise import Decision, Otherwise, Reconsideration
from models.types import Floats
from service.storage.register import default_register
from tests.models.planning.builders import PERIODS

REGISTER = default_register()
SETTINGS = PlanSettings()
FINE = replace(SETTINGS, relative_gap=1e-5, maximum_nodes=20_000)
PRICED, COMPARED = 100, 3


def drawn_need(*, start: float, paths: int, seed: int) -> Floats:
    """Need that begins at `start` and spreads by 3 % per month [persons]."""
    changes = np.random.default_rng(seed).normal(0.002, 0.03, (paths, len(PERIODS)))
    return start * np.exp(np.cumsum(changes, axis=1))


def say(sentence: str) -> None:
    """One line on standard output."""
    sys.stdout.write(f"{sentence}\n")


def measure(start: float) -> None:
    """Measure on one level of need, and print."""
    need = drawn_need(start=start, paths=2_000, seed=1)
    say(f"Need from {start:,.0f} persons on:")
    begun = time.process_time()
    question = pose_question(REGISTER, need, periods=PERIODS, settings=SETTINGS, seed=1)
    programme, solved = solve_question(question)
    say(f"  plan {time.process_time() - begun:.1f} s of processor, gap {solved.gap:.3%}")

    begun = time.process_time()
    told = evaluate_plan(REGISTER, need, start=PERIODS[0], settings=SETTINGS, seed=1)
    if told is not None:
        say(
            f"  fresh futures {time.process_time() - begun:.1f} s: planned on futures "
            f"{told.on_futures.cost_eur / 1e9:.3f}, on the expected need "
            f"{told.on_expected.cost_eur / 1e9:.3f} billion EUR; {told.value_eur / 1e6:+.0f} "
            f"million, standard error {told.standard_error_eur / 1e6:.0f}"
        )

    begun = time.process_time()
    asked = Reconsideration(programme, seed=1)
    decisions = [
        Decision(line=at, half_year=3, use=course[3])
        for at, course in enumerate(solved.courses[0])
        if course[3] is not UseState.ABSENT
    ][:PRICED]
    prices = [asked.without(decision) for decision in decisions]
    say(f"  {len(prices)} decisions priced in {time.process_time() - begun:.1f} s of processor")
    compare(need, list(zip(decisions, prices, strict=True))[:: PRICED // COMPARED])

    begun = time.process_time()
    found = find_alternatives(question, programme, solved.courses, cost_eur=solved.objective_eur)
    say(f"  alternatives {time.process_time() - begun:.1f} s")
    for one in found.offered:
        say(
            f"    {one.aim}: {one.extra_eur / 1e6:+.0f} million EUR, missing "
            f"{one.missing_place_months:,.0f}, moved {one.places_moved:,.0f}, spread "
            f"{one.spread_deviation or 0:.1%}, lent {one.lent_place_months:,.0f}, other use "
            f"{one.difference:.1%}"
        )
    say(f"    left out: {', '.join(one.aim for one in found.left_out) or 'none'}")


def compare(need: Floats, priced: list[tuple[Decision, Otherwise | None]]) -> None:
    """Solve the whole plan again without a decision, beside its price where lines are not whole."""
    question = pose_question(REGISTER, need, periods=PERIODS, settings=FINE, seed=1)
    _, best = solve_question(question)
    for decision, price in priced:
        if price is None:
            continue
        location = REGISTER[decision.line]
        programme = question.programme()
        parts, constant = programme.lines[decision.line].using(decision.half_year, decision.use)
        programme.tree.row(parts, upper=-constant)
        without = programme.solve(seed=1)
        if without is not None:
            say(
                f"    {location.location_id}: {price.extra_eur / 1e6:.2f} million EUR, whole "
                f"plans {(without.objective_eur - best.objective_eur) / 1e6:.2f} (gaps "
                f"{best.gap:.1e}, {without.gap:.1e})"
            )


if __name__ == "__main__":
    for level in (60_000.0, 72_000.0):
        measure(level)
