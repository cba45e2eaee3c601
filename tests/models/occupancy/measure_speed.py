# SPDX-License-Identifier: EUPL-1.2
"""Measure the chain: seconds and memory of 10,000 paths, and how the cost grows.

    python -m tests.models.occupancy.measure_speed [--plot FILE.svg]

The chain is the Dutch one, with who is inside and who comes made up for the measurement. Seconds
are those of one processor, the best of several runs: other work on the machine only adds to them.
"""

import argparse
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

# One processor; read when NumPy is imported.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from models.occupancy.chain import Chain
from models.occupancy.simulation import ChainState, simulate
from models.occupancy.specification import ChainSpecification, Into
from service.web.svg import Scale, node, points, ticks
from training.chains import dutch_chain

PATHS, MONTHS = 10_000, 60

SIZES = {
    "paths": (2_500, 5_000, 10_000, 15_000, 20_000),
    "months": (12, 24, 48, 84, 120),
    "groups": (1, 2, 4, 6, 8),
}

NAMES = {"paths": "paths", "months": "months", "groups": "times the groups"}

INSIDE, COMING = 70_000.0, 4_000.0
"""Persons inside at the start, and arrivals a month."""

RUNS = 5


def with_groups(specification: ChainSpecification, times: int) -> ChainSpecification:
    """The chain with every group so many times, each with entries of its own."""

    def again(name: str | None, number: int) -> str | None:
        return f"{name}_{number}" if name and number else name

    numbers = range(times)
    return replace(
        specification,
        groups={
            again(name, number): title
            for number in numbers
            for name, title in specification.groups.items()
        },
        compartments=tuple(
            replace(part, group=again(part.group, number))
            for number in numbers
            for part in specification.compartments
        ),
        entries=tuple(
            replace(
                entry,
                inflow=again(entry.inflow, number),
                into=tuple(
                    Into(group=again(to.group, number), stage=to.stage, share=to.share)
                    for to in entry.into
                ),
            )
            for number in numbers
            for entry in specification.entries
        ),
    )


def seconds(
    *, paths: int = PATHS, months: int = MONTHS, groups: int = 1, runs: int = RUNS
) -> float:
    """Time of the processor for one simulation, the best of some runs."""
    chain = Chain(with_groups(dutch_chain(), groups))
    parameters = chain.specification.parameters
    levels = np.array([[part.inward(part.median)] for part in parameters])
    spreads = np.array([[part.spread] for part in parameters])
    rng = np.random.default_rng(2026)
    levels = levels + spreads * rng.standard_normal((len(parameters), paths))
    recent = 0.9 ** np.arange(chain.shape[1])
    inside = INSIDE / chain.shape[0] * recent / recent.sum()
    start = ChainState(
        cohorts=np.broadcast_to(inside[:, None], (*chain.shape, paths)),
        inward=levels,
        levels=levels,
    )
    inflows = len(chain.specification.inflows)
    arrivals = np.full((inflows, paths, months), COMING / inflows)
    taken = []
    for _ in range(runs):
        begin = time.process_time()
        simulate(chain, start, arrivals=arrivals, rng=np.random.default_rng(1))
        taken.append(time.process_time() - begin)
    return min(taken)


def straight(sizes: tuple[int, ...], times: list[float]) -> np.ndarray:
    """The times that a straight line through all of them says."""
    slope, offset = np.polyfit(sizes, times, 1)
    return offset + slope * np.array(sizes)


def panel(name: str, sizes: tuple[int, ...], times: list[float], *, left: float) -> str:
    """One cost against one size: what was measured as dots, the straight line through them."""
    across = Scale(low=0, high=max(sizes) * 1.05, start=left + 46, end=left + 270)
    up = Scale(low=0, high=ticks(max(times))[-1], start=200, end=30)
    axis = [
        node("text", f"{value:g}", x=left + 40, y=up(value) + 4, text_anchor="end")
        + node("line", x1=left + 46, x2=left + 270, y1=up(value), y2=up(value), stroke="#ccc")
        for value in ticks(max(times))
    ]
    bottom = [
        node("text", f"{size:,}", x=across(size), y=218, text_anchor="middle")
        for size in (sizes[0], sizes[len(sizes) // 2], sizes[-1])
    ]
    fitted = straight(sizes, times)
    line = points([across(size) for size in sizes], [up(value) for value in fitted])
    dots = [
        node("circle", cx=across(size), cy=up(value), r=4.0, fill="#154273")
        for size, value in zip(sizes, times, strict=True)
    ]
    return node(
        "g",
        *axis,
        *bottom,
        node("path", d=line, fill="none", stroke="#154273", stroke_width=1.5),
        *dots,
        node("text", f"seconds against {NAMES[name]}", x=left + 46, y=16, font_weight="bold"),
    )


def drawing(measured: dict[str, list[float]]) -> str:
    """All costs beside each other."""
    said = "; ".join(
        f"{name}: "
        + ", ".join(
            f"{size:,} in {value:.2f} s" for size, value in zip(SIZES[name], times, strict=True)
        )
        for name, times in measured.items()
    )
    panels = [
        panel(name, SIZES[name], times, left=285 * place)
        for place, (name, times) in enumerate(measured.items())
    ]
    return node(
        "svg",
        node("title", "Cost of the occupancy chain against paths, months and groups"),
        node("desc", f"Measured, with the straight line through it. {said}."),
        node("rect", x=0, y=0, width=860, height=230, fill="#fff"),
        *panels,
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 860 230",
        role="img",
        font_family="sans-serif",
        font_size=12.0,
    )


def main() -> None:
    """Measure, print, and draw if asked to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plot", type=Path, help="write the cost against each size as SVG")
    asked = parser.parse_args()
    taken = seconds()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{PATHS:,} paths, {MONTHS} months, all stages and groups of the Dutch chain: "
        f"{taken:.2f} s of one processor, {memory:.0f} MiB at most"
    )
    measured = {}
    for name, sizes in SIZES.items():
        # In turns, so that what else the machine does falls on all sizes alike.
        turns = [[seconds(**{name: size}, runs=1) for size in sizes] for _ in range(RUNS)]
        measured[name] = np.min(turns, axis=0).tolist()
        print(f"| {NAMES[name]} | seconds | to the straight line |\n|---:|---:|---:|")
        for size, value, line in zip(
            sizes, measured[name], straight(sizes, measured[name]), strict=True
        ):
            print(f"| {size:,} | {value:.2f} | {value / line:.2f} |")
    if asked.plot:
        asked.plot.write_text(str(drawing(measured)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
