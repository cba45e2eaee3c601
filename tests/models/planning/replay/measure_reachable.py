# SPDX-License-Identifier: EUPL-1.2
"""Measure what the advice reaches where its forecasts are exactly right.

    python -m tests.models.planning.replay.measure_reachable [HISTORIES]

Histories are drawn from a process whose log changes follow each other (autoregressive, of order
one), fixed by two published figures: the yearly change of the Dutch occupancy from 1995 to 2019 had
a standard deviation of 0.28 on the log scale, that over two years 0.47. Every forecast is drawn
from the process itself, so that nothing is left to learn. The prices are those before 2023.
"""

import sys
from functools import cache

import numpy as np
from joblib import Parallel, delayed
from scipy.optimize import brentq

from models.planning.replay.foresight import foresight
from models.planning.replay.half_year import LEAD, Step, Terms
from models.planning.replay.policies import (
    ADVICE,
    ADVICE_ALL_OPEN,
    ADVICE_DIRECT_ONLY,
    HOUSE_RULE,
    HOUSE_RULE_WITH_RESERVES,
    Policy,
    play,
)
from models.planning.replay.waiting import MONTHS_AHEAD
from models.types import Floats
from training.prices import prices_of

ONE_YEAR, TWO_YEARS = 0.28, 0.47
START = 25_000.0
HALF_YEARS = 29
PATHS = 500
TERMS = Terms(costs=prices_of(2015), norm=0.91, lot=768)
"""Locations of twice COA's mean size: half as many numbers of places to weigh."""

POLICIES = (
    *(ADVICE, ADVICE_DIRECT_ONLY, ADVICE_ALL_OPEN),
    HOUSE_RULE_WITH_RESERVES,
)


def variance(months: int, persistence: float) -> float:
    """Of the sum of so many changes, those of one month having a variance of one."""
    lags = np.arange(1, months)
    return float(months + 2 * ((months - lags) * persistence**lags).sum())


@cache
def process() -> tuple[float, float]:
    """How much of a monthly log change stays in the next, and the spread of what is new."""
    wanted = (TWO_YEARS / ONE_YEAR) ** 2
    stays = brentq(lambda one: variance(24, one) / variance(12, one) - wanted, 0, 0.99)
    monthly = ONE_YEAR / np.sqrt(variance(12, stays))
    return stays, monthly * float(np.sqrt(1 - stays**2))


def drawn(
    rng: np.random.Generator, *, paths: int, months: int, need: float, change: float
) -> tuple[Floats, Floats]:
    """Need of the coming months [persons] and their log changes, shape (paths, months)."""
    stays, new = process()
    changes = np.empty((paths, months))
    last = np.full(paths, change)
    for month in range(months):
        last = stays * last + rng.normal(0, new, paths)
        changes[:, month] = last
    return need * np.exp(np.cumsum(changes, axis=1)), changes


def regrets(seed: int) -> list[float]:
    """Cost above foresight of the house rule and of every policy, in one history [EUR]."""
    rng = np.random.default_rng(seed)
    stays, new = process()
    change = float(rng.normal(0, new / np.sqrt(1 - stays**2)))
    came = drawn(rng, paths=1, months=6 * HALF_YEARS + LEAD, need=START, change=change)
    need = np.concatenate([[START], came[0][0]])
    changes = np.concatenate([[change], came[1][0]])
    steps = [
        Step(
            decided_at="",
            period=f"half-year {half_year}",
            need=drawn(
                rng,
                paths=PATHS,
                months=MONTHS_AHEAD,
                need=float(need[6 * half_year]),
                change=float(changes[6 * half_year]),
            )[0],
            official=None,
            realised=need[1:][6 * half_year : 6 * half_year + 2 * LEAD],
            terms=TERMS,
        )
        for half_year in range(HALF_YEARS)
    ]
    best = foresight(steps, start=START / TERMS.norm).cost_eur

    def regret(policy: Policy) -> float:
        return play(policy, steps, start=START / TERMS.norm).cost_eur - best

    return [regret(policy) for policy in (HOUSE_RULE, *POLICIES)]


def main() -> None:
    """Measure, and print."""
    histories = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    jobs = (delayed(regrets)(seed) for seed in range(histories))
    found = np.array(Parallel(n_jobs=2)(jobs))
    stays, new = process()
    sys.stdout.write(
        f"{histories} histories of {HALF_YEARS} half-years; {stays:.2f} of a monthly log change "
        f"stays in the next, what is new has a standard deviation of {new:.4f}.\n"
    )
    for policy, row in zip(POLICIES, found.T[1:], strict=True):
        ratios = row / found[:, 0]
        low, middle, high = np.quantile(ratios, [0.1, 0.5, 0.9])
        sys.stdout.write(
            f"{policy.name}: {row.sum() / found[:, 0].sum():.2f} of the house rule's cost above "
            f"foresight over all histories; in one {middle:.2f} ({low:.2f} to {high:.2f} in 80 %), "
            f"at most 0.70 in {np.mean(ratios <= 0.7):.0%} of them.\n"
        )


if __name__ == "__main__":
    main()
