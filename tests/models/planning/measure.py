# SPDX-License-Identifier: EUPL-1.2
"""Measure the location plan: time, gap, memory, and what branches and late openings cost.

    python -m tests.models.planning.measure

The default register is the real one, the others are drawn so that no line is like another; the
need is drawn for the measurement, as wide as an issued one.
"""

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.planning.location_plan.question import Question
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.register.locations import Location
from models.types import Floats
from service.storage.register import default_register
from tests.models.planning.builders import CERTAIN, PERIODS, random_register


def drawn_need(*, paths: int, seed: int) -> Floats:
    """Need that starts at 72,000 and spreads by 4.5 % per month [persons]."""
    changes = np.random.default_rng(seed).normal(0.002, 0.045, (paths, len(PERIODS)))
    return 72_000 * np.exp(np.cumsum(changes, axis=1))


def measured(name: str, register: Sequence[Location], settings: PlanSettings) -> None:
    """Solve one plan, from the sample paths on, with what it took on standard output."""
    need = drawn_need(paths=2_000, seed=1)
    wall, cpu = time.perf_counter(), time.process_time()
    question = Question.of(register, need, start=PERIODS[0], settings=settings, seed=1)
    solved = question.programme().solve(seed=1)
    taken = f"{time.perf_counter() - wall:.1f} s, {time.process_time() - cpu:.1f} s of processor"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if solved is None:
        raise SystemExit(f"{name}: no plan")
    sys.stdout.write(
        f"{name}: {len(register)} lines, {settings.half_years} half-years, "
        f"{len(question.futures.need)} futures of {len(need)} paths, {question.branches.count} "
        f"branches: {taken}, {memory} MiB, gap {solved.gap:.2%}, "
        f"{solved.objective_eur / 1e9:.3f} billion EUR\n"
    )
    sys.stdout.flush()


def main() -> None:
    """Measure, and print."""
    real, many = default_register(), PlanSettings(futures=100)
    measured("default register, default settings", real, PlanSettings())
    measured("default register", real, many)
    measured("no branches", real, replace(many, branches=1))
    measured("every opening in time", real, replace(many, supply=CERTAIN))
    measured("neither", real, replace(many, branches=1, supply=CERTAIN))
    for seed in (1, 2, 3):
        measured(f"drawn register {seed}", random_register(300, seed=seed), many)


if __name__ == "__main__":
    main()
