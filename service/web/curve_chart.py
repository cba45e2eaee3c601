# SPDX-License-Identifier: EUPL-1.2
"""The rising curve: the chance that so many places suffice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from service.web.drawing import LINE, Heading, Size, Writes, frame, rows
from service.web.svg import Scale, node, points, ticks
from service.web.view import Curve

__all__ = ["Mark", "curve_chart"]

LETTER = 8.0
"""Width that a letter of a label takes at most, on average [pixels]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A number of places to point out, with a chance of its own.

    Attributes:
        places: How many [places].
        chance: Chance that they are enough; below the curve where some must be called up [-].
        kind: Class in the style sheet.
        label: A short line of text.
        short: The same for a narrow drawing.
    """

    places: int
    chance: float
    kind: str
    label: str
    short: str


def curve_chart(
    curve: Curve,
    *,
    heading: Heading,
    marks: Sequence[Mark],
    axis: str,
    writes: Writes,
    writes_share: Writes,
    size: Size,
) -> Markup:
    """The chance that so many places suffice, rising with their number.

    Args:
        curve: Numbers of places and their chances.
        heading: Title and description.
        marks: Numbers of places to point out.
        axis: What runs from left to right.
        writes: How a number of places is written.
        writes_share: How a chance is written.
        size: Wide or narrow.
    """
    marked = sorted(marks, key=lambda mark: mark.places)
    shown = [*curve.places, *(float(mark.places) for mark in marks)]
    size = replace(
        size,
        height=size.height * 0.85,
        right=24.0,
        top=size.top + LINE * max(len(marks) - 1, 0),
        bottom=52.0,
    )
    across = Scale(low=min(shown), high=max(shown), start=size.left, end=size.width - size.right)
    up = Scale(low=0.0, high=1.0, start=size.height - size.bottom, end=size.top)
    xs = [across(places) for places in curve.places]
    ys = [up(chance) for chance in curve.chances]
    return frame(
        heading,
        size,
        rows([0.0, 0.25, 0.5, 0.75, 1.0], up, writes_share, size),
        _numbers(across, writes, axis, size),
        node("path", d=points(xs, ys), class_="median"),
        *(
            _drop(mark, across, up, row=row, is_wide=size.is_wide)
            for row, mark in enumerate(marked)
        ),
    )


def _numbers(across: Scale, writes: Writes, axis: str, size: Size) -> Markup:
    foot = size.height - size.bottom
    marks = ticks(across.high, about=8 if size.width > 500 else 4)
    drawn = [
        node("text", writes(mark), x=across(mark), y=foot + 20, text_anchor="middle")
        + node("line", x1=across(mark), x2=across(mark), y1=foot, y2=foot + 5)
        for mark in marks
        if across.low <= mark <= across.high
    ]
    middle = (across.start + across.end) / 2
    drawn.append(node("text", axis, x=middle, y=foot + 42, text_anchor="middle"))
    return node("g", *drawn, class_="axis")


def _drop(mark: Mark, across: Scale, up: Scale, *, row: int, is_wide: bool) -> Markup:
    """A line down from a label to the foot of the chart, with a dot at the chance."""
    x = across(mark.places)
    top = 14 + LINE * row
    label = mark.label if is_wide else mark.short
    fits = x + 6 + LETTER * len(label) <= across.end + 20
    side, anchor = (6.0, "start") if fits else (-6.0, "end")
    return node(
        "g",
        node("line", x1=x, x2=x, y1=top - 10, y2=up.start, class_=f"guide guide-{mark.kind}"),
        node("circle", cx=x, cy=up(mark.chance), r=4.5, class_="dot dot-firm"),
        node("text", label, x=x + side, y=top + 2, text_anchor=anchor, class_="label-0"),
    )
