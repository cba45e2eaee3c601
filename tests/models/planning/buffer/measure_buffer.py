# SPDX-License-Identifier: EUPL-1.2
"""Measure the buffer: how long it takes, and what calling up earlier or later costs.

    python -m tests.models.planning.buffer.measure_buffer

The need is drawn for the measurement, as wide as an issued one.
"""

import sys
import time

import numpy as np

from models.periods import month_range
from models.planning.buffer.advice import DecisionWindow, advise_buffer
from models.planning.buffer.sizing import Sizing
from models.planning.buffer.tiers import usual_tiers
from models.planning.costs import CostParameters
from models.types import Floats

COSTS = CostParameters()
TIERS = usual_tiers(COSTS, most_lent=30_000)
NORM = 0.91
BEFORE = 6


def drawn_need(*, paths: int, months: int, seed: int) -> Floats:
    """Need that is known to a quarter at first and spreads by 5 % a month [persons]."""
    rng = np.random.default_rng(seed)
    level = 80_000 * np.exp(rng.normal(0, 0.25, (paths, 1)))
    return level * np.exp(np.cumsum(rng.normal(0, 0.05, (paths, months)), axis=1))


def say(text: str) -> None:
    """A line on standard output."""
    sys.stdout.write(f"{text}\n")


def main() -> None:
    """Measure, and print."""
    need = drawn_need(paths=2_000, months=BEFORE + 12, seed=1)
    periods = month_range(np.datetime64("2026-07", "M"), BEFORE + 12)
    start = time.process_time()
    advice = advise_buffer(
        need,
        periods=periods,
        window=DecisionWindow(first=str(periods[BEFORE]), last=str(periods[-1])),
        costs=COSTS,
        occupancy_norm=NORM,
        tiers=TIERS,
    )
    say(f"An advice on 2,000 paths of 12 months: {time.process_time() - start:.2f} s of processor.")
    for share in advice.recommended.tiers:
        say(f"  {share.tier}: {share.places:,} places, {share.cost_eur / 1e6:,.1f} million EUR")
    smaller = drawn_need(paths=1_000, months=BEFORE + 18, seed=2)
    start = time.process_time()
    Sizing(smaller, tiers=TIERS, costs=COSTS, norm=NORM, before=BEFORE).cheapest()
    say(f"The cheapest mix on 1,000 paths of 18 months: {time.process_time() - start:.2f} s.")
    for level in (0.5, 0.6, 0.7, 0.8, 0.9, None):
        sizing = Sizing(need, tiers=TIERS, costs=COSTS, norm=NORM, before=BEFORE, level=level)
        best = sizing.outcome(sizing.cheapest())
        when = "as the prices of each tier say" if level is None else f"at level {level:.1f}"
        say(f"Called up {when}: {best.cost_eur / 1e6:,.1f} million EUR, {best.places:,} places.")
    none = Sizing(need, tiers=TIERS[-1:], costs=COSTS, norm=NORM, before=BEFORE)
    best = none.outcome(none.cheapest())
    say(f"Open places alone: {best.cost_eur / 1e6:,.1f} million EUR, {best.places:,} places.")


if __name__ == "__main__":
    main()
