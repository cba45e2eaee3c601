# SPDX-License-Identifier: EUPL-1.2
"""What all charts share: sizes, titles, guides, rows and the frame.

Pure functions from values to markup. Every text arrives worded; colours live in the style
sheet. Bands differ in lightness and in their edge, and lines in their dashes, so that nothing
depends on colour alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from service.web.svg import Scale, node

__all__ = [
    "LINE",
    "NARROW",
    "WIDE",
    "Guide",
    "Heading",
    "Moment",
    "Size",
    "Writes",
    "frame",
    "rows",
]

LINE = 17.0
"""Height of a line of text in a chart [pixels]."""

Writes = Callable[[float], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A drawing area; one chart is drawn twice, for wide and for narrow screens.

    Attributes:
        name: Class in the style sheet that shows or hides it.
        width: Of the whole drawing [pixels].
        height: Of the whole drawing [pixels].
        left: Margin for the numbers of the axis [pixels].
        right: Margin for the labels of lines [pixels].
    """

    name: str
    width: float
    height: float
    left: float
    right: float
    top: float = 30.0
    bottom: float = 30.0

    @property
    def is_wide(self) -> bool:
        """Whether there is room for long labels."""
        return self.width > 500


WIDE = Size(name="wide", width=860, height=430, left=70, right=176)
NARROW = Size(name="narrow", width=360, height=340, left=68, right=68)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a chart shows, for those who do not see it.

    Attributes:
        name: Identity in the page.
        title: A few words.
        description: What one would see, with the figures that matter.
    """

    name: str
    title: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A level to hold the fan against.

    Attributes:
        kind: Class in the style sheet.
        steps: From which day on the level is what.
        until: Last day of the last level; None where it goes on to the end.
        label: One or two short lines of text.
        short: One word, for a narrow drawing.
    """

    kind: str
    steps: tuple[tuple[date, float], ...]
    until: date | None = None
    label: tuple[str, ...]
    short: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day to remember, as a line from top to bottom.

    Attributes:
        day: Which day.
        label: What happened then.
        short: The same in one word, for a narrow drawing.
        leftwards: Whether the label stands before the line.
    """

    day: date
    label: str
    short: str
    leftwards: bool = False


def frame(heading: Heading, size: Size, *parts: Markup) -> Markup:
    """A whole chart, readable without seeing it."""
    name = f"{heading.name}-{size.name}"
    return node(
        "svg",
        node("title", heading.title, id=f"{name}-title"),
        node("desc", heading.description, id=f"{name}-desc"),
        *parts,
        class_=f"chart chart-{size.name}",
        viewBox=f"0 0 {size.width:.0f} {size.height:.0f}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def rows(marks: Sequence[float], up: Scale, writes: Writes, size: Size) -> Markup:
    """The axis from bottom to top, with a line across for every mark."""
    drawn = [
        node("line", x1=size.left, x2=size.width - size.right, y1=up(mark), y2=up(mark))
        + node("text", writes(mark), x=size.left - 8, y=up(mark) + 5, text_anchor="end")
        for mark in marks
    ]
    return node("g", *drawn, class_="axis")
