# SPDX-License-Identifier: EUPL-1.2
"""Drawing by hand: elements, scales and ticks of a chart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

__all__ = ["Scale", "node", "points", "spread", "ticks"]


def node(tag: str, *children: str, **attributes: str | float) -> Markup:
    """One SVG element; text is escaped, `class_` and `stroke_width` become SVG's names."""
    drawn = [
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), _short(entry))
        for name, entry in attributes.items()
    ]
    inside = Markup("").join(children)
    return Markup("<{0}{1}>{2}</{0}>").format(tag, Markup("").join(drawn), inside)


def _short(entry: str | float) -> str:
    return entry if isinstance(entry, str) else f"{entry:.1f}".removesuffix(".0")


def points(xs: Sequence[float], ys: Sequence[float]) -> str:
    """The path through some points, as SVG writes it."""
    pairs = [f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True)]
    return "M" + "L".join(pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A straight line from values to pixels.

    Attributes:
        low: Value drawn at `start`.
        high: Value drawn at `end`.
        start: Pixel of the lowest value.
        end: Pixel of the highest value.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel at which a value is drawn."""
        span = self.high - self.low
        return self.start + (value - self.low) / span * (self.end - self.start)


def ticks(high: float, *, about: int = 5) -> list[float]:
    """Round values from zero to just past `high`, about so many."""
    if high <= 0:
        return [0.0, 1.0]
    rough = high / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    return [step * count for count in range(math.ceil(high / step - 1e-9) + 1)]


def spread(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Positions near the wanted ones, in the same order, at least `gap` apart, within bounds."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = [0.0] * len(wanted)
    floor = low
    for index in order:
        placed[index] = max(wanted[index], floor)
        floor = placed[index] + gap
    ceiling = high
    for index in reversed(order):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    return placed
