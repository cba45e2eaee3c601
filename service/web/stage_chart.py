# SPDX-License-Identifier: EUPL-1.2
"""The stacked bars: how many people are in which stage, on a few days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from service.web.drawing import Heading, Size, Writes, frame
from service.web.svg import Scale, node, ticks

__all__ = ["Bar", "stage_chart", "tint"]

ROW, THICKNESS = 64.0, 32.0
"""Height of a day with its label, and of its bar alone [pixels]."""

FIGURE_WIDTH = 16.0
"""Width that the number of a stage needs [pixels]."""

TINTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day.

    Attributes:
        label: Which day, in words.
        total: Everybody, in words.
        parts: Persons in each stage [persons].
    """

    label: str
    total: str
    parts: tuple[float, ...]


def tint(number: int) -> str:
    """Class of the fill of a stage; neighbours differ, and numbers tell apart what looks alike."""
    return f"part part-{(number - 1) % TINTS}"


def stage_chart(bars: Sequence[Bar], *, heading: Heading, writes: Writes, size: Size) -> Markup:
    """One bar per day, of the stages in their order, each with its number where that fits.

    Args:
        bars: From top to bottom.
        heading: Title and description.
        writes: How a number is written.
        size: Wide or narrow.
    """
    size = replace(size, height=ROW * len(bars) + size.bottom + 8, left=2.0, right=24.0, top=4.0)
    most = max(sum(bar.parts) for bar in bars)
    marks = ticks(most, about=5 if size.is_wide else 3)
    across = Scale(low=0.0, high=marks[-1], start=size.left, end=size.width - size.right)
    return frame(
        heading,
        size,
        _columns(marks, across, writes, size),
        *(_row(bar, across, top=size.top + ROW * row) for row, bar in enumerate(bars)),
    )


def _columns(marks: Sequence[float], across: Scale, writes: Writes, size: Size) -> Markup:
    foot = size.height - size.bottom
    drawn = []
    for mark in marks:
        x = across(mark)
        anchor = "start" if mark == marks[0] else "end" if mark == marks[-1] else "middle"
        end = x + size.right if mark == marks[-1] else x
        drawn.append(node("line", x1=x, x2=x, y1=size.top, y2=foot))
        drawn.append(node("text", writes(mark), x=end, y=foot + 20, text_anchor=anchor))
    return node("g", *drawn, class_="axis")


def _row(bar: Bar, across: Scale, *, top: float) -> Markup:
    drawn = [
        node("text", f"{bar.label}: {bar.total}", x=across.start, y=top + 18, class_="label-0 row")
    ]
    before = 0.0
    for number, persons in enumerate(bar.parts, start=1):
        x, end = across(before), across(before + persons)
        before += persons
        drawn.append(
            node(
                "rect",
                x=x,
                y=top + 26,
                width=end - x,
                height=THICKNESS,
                class_=tint(number),
            )
        )
        if end - x >= FIGURE_WIDTH:
            drawn.append(
                node(
                    "text",
                    str(number),
                    x=(x + end) / 2,
                    y=top + 26 + THICKNESS / 2 + 5,
                    text_anchor="middle",
                    class_="label-0",
                )
            )
    return node("g", *drawn)
