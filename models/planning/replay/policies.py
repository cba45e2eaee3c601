# SPDX-License-Identifier: EUPL-1.2
"""Ways to decide on places, and what each would have held in past half-years."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import InvalidInput
from models.planning.replay.course import Course, score
from models.planning.replay.half_year import LEAD, Reserves, Step
from models.planning.replay.waiting import best_places

__all__ = [
    "ADVICE",
    "ADVICE_ALL_OPEN",
    "ADVICE_DIRECT_ONLY",
    "HOUSE_RULE",
    "HOUSE_RULE_WITH_RESERVES",
    "KEEP_OPEN",
    "OFFICIAL_PLAN",
    "Policy",
    "play",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A way to decide.

    Attributes:
        name: What it is called.
        places: From what is known at a step, and the places held, to the places to hold next.
        reserves: Which reserves it keeps; those are called up when they are expected to be needed.
    """

    name: str
    places: Callable[[Step, float], float]
    reserves: Reserves = Reserves.NONE


def _advised(name: str, reserves: Reserves) -> Policy:
    """The cheapest places under agreement, knowing that one decides again in half a year."""

    def places(step: Step, held: float) -> float:
        return best_places(step.need, held=held, terms=step.terms, reserves=reserves)

    return Policy(name=name, places=places, reserves=reserves)


def _median_over_norm(step: Step, _: float) -> float:
    return float(np.median(step.need[:, LEAD + 5]) / step.terms.norm)


def _official(step: Step, held: float) -> float:
    return _median_over_norm(step, held) if step.official is None else float(step.official)


def _never_fewer(step: Step, held: float) -> float:
    return max(held, _median_over_norm(step, held))


ADVICE = _advised("advice", Reserves.INDIRECT)
"""The cheapest places under agreement, with reserves within them and on call beyond them."""

ADVICE_DIRECT_ONLY = _advised("advice_direct_only", Reserves.DIRECT)
"""The same where nothing is on call beyond the agreements."""

ADVICE_ALL_OPEN = _advised("advice_all_open", Reserves.NONE)
"""The same where no reserve can be kept."""

HOUSE_RULE = Policy(name="house_rule", places=_median_over_norm)
"""The median need at the end of the half-year, divided by the occupancy norm."""

HOUSE_RULE_WITH_RESERVES = Policy(
    name="house_rule_with_reserves", places=_median_over_norm, reserves=Reserves.INDIRECT
)
"""The same number of places, with the reserves of the advice."""

OFFICIAL_PLAN = Policy(name="official_plan", places=_official)
"""The published plan; the house rule before there was one."""

KEEP_OPEN = Policy(name="keep_open", places=_never_fewer)
"""The house rule, but nothing is ever closed."""


def play(policy: Policy, steps: Sequence[Step], *, start: float) -> Course:
    """Let one policy decide at every step, from the same places at the start."""
    places, held = [], start
    for step in steps:
        held = policy.places(step, held)
        if not np.isfinite(held) or held < 0:
            raise InvalidInput(f"{policy.name} would hold {held} places from {step.period} on.")
        places.append(held)
    ready = [step.ready(policy.reserves) for step in steps]
    return score(policy.name, places, steps, ready=ready, start=start)
