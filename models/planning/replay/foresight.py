# SPDX-License-Identifier: EUPL-1.2
"""Perfect foresight: the cheapest course there could have been, known only afterwards."""

from collections.abc import Sequence

import numpy as np

from models.errors import InvalidInput
from models.planning.replay.policies import Course, Step, score
from models.planning.solving.solver import LinearProgramme

__all__ = ["foresight"]


def foresight(steps: Sequence[Step], *, start: float) -> Course:
    """The cheapest places, open and in reserve, for the need as it turned out, solved exactly.

    Args:
        steps: Decisions that follow each other.
        start: Places held, and open, before the first [places].

    Source:
        docs/methods.md, Replay, equation 3.
    """
    lp = LinearProgramme()
    held = [_held(lp, step) for step in steps]
    stood = [_stood(lp, step, places) for step, places in zip(steps, held, strict=True)]
    before: list[tuple[int, float]] = []
    last: list[tuple[int, float]] = []
    constant = start
    for step, places, months in zip(steps, held, stood, strict=True):
        up = lp.column(cost=step.terms.costs.open_place)
        down = lp.column(cost=step.terms.costs.close_place)
        lp.row([(places, 1.0), (up, -1.0), (down, 1.0), *before], lower=constant, upper=constant)
        opened = [(up, 1.0)]
        for month in months:
            called = lp.column(cost=step.terms.reserve.activation_eur)
            lp.row([(called, 1.0), (month, -1.0), *opened, *last], lower=-constant)
            last, opened, constant = [(month, 1.0)], [], 0.0
        before = [(places, -1.0)]
    relaxation = lp.relaxed(seed=0)
    if relaxation is None:
        raise InvalidInput("No course of places houses the need of these half-years.")
    values = relaxation.best.values
    ready = [step.terms.norm * values[months] for step, months in zip(steps, stood, strict=True)]
    places = np.maximum(values[held], 0.0).tolist()
    return score("perfect_foresight", places, steps, ready=ready, start=start)


def _held(lp: LinearProgramme, step: Step) -> int:
    """Column of the places under agreement in a half-year."""
    return lp.column(cost=step.terms.costs.empty_place / 2)


def _stood(lp: LinearProgramme, step: Step, held: int) -> list[int]:
    """Columns of the places that stand ready in each of its months, slept in as far as needed."""
    costs, months = step.terms.costs, []
    for persons in step.outcome.tolist():
        month = lp.column(cost=(costs.regular_open - costs.empty_place) / 12)
        housed = lp.column(cost=-(costs.missing_premium + costs.regular_open) / 12, upper=persons)
        lp.row([(month, 1.0), (held, -1.0)], upper=0.0)
        lp.row([(housed, 1.0), (month, -step.terms.norm)], upper=0.0)
        months.append(month)
    return months
