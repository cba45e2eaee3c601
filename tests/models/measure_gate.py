# SPDX-License-Identifier: EUPL-1.2
"""How often the champion gate replaces a champion on made-up histories: the table in methods.

python -m tests.models.measure_gate
"""

import sys

import numpy as np

from models.gate import Ruling, rule
from tests.models.test_gate import HORIZON, made_up

HISTORIES = 1_000

MARGIN = {1: 6, 12: 18}
"""Months beyond the stretches, so that outcomes at this distance fill them [months]."""

CASES = {
    "as good (both misread the level by 0.2)": {"noise": (0.2, 0.2)},
    "as good (both misread it by 0.5)": {"noise": (0.5, 0.5)},
    "as good (0.5), only year ends known": {"noise": (0.5, 0.5), "every": 12},
    "better (0.5 against 0.2)": {"noise": (0.5, 0.2)},
    "far better (0.5 against none)": {"noise": (0.5, 0.0)},
    "far better, only year ends known": {"noise": (0.5, 0.0), "every": 12},
    "far better, fan half as wide as it should be": {"noise": (0.5, 0.0), "width": 0.5},
}


def measure() -> None:
    """Write a row per case: how often each check and all three let the challenger in."""
    rows = ["| Challenger | Stretches | CRPS | upper tail | coverage | all three |"]
    rows.append("|---|---|---|---|---|---|")
    for name, how in CASES.items():
        for stretches in (3, 5, 10):
            rng = np.random.default_rng(2026)
            found = [
                rule(made_up(rng, months=stretches * HORIZON + MARGIN[how.get("every", 1)], **how))
                for _ in range(HISTORIES)
            ]
            checks = [
                [getattr(verdict, part).better for verdict in found]
                for part in ("crps", "upper_tail", "coverage")
            ]
            checks.append([verdict.ruling is Ruling.BETTER for verdict in found])
            shares = " | ".join(f"{np.mean(check):.1%}" for check in checks)
            rows.append(f"| {name} | {stretches} | {shares} |")
    sys.stdout.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    measure()
