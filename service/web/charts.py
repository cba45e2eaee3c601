# SPDX-License-Identifier: EUPL-1.2
"""Charts as SVG: a fan of possible futures, and the chance that so many places suffice.

Pure functions from values to markup. Every text arrives worded; colours live in the style
sheet. Bands differ in lightness and in their edge, and lines in their dashes, so that nothing
depends on colour alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from markupsafe import Markup

from service.web.svg import Scale, node, points, spread, ticks
from service.web.view import Curve, Fan, Figure

__all__ = ["NARROW", "WIDE", "Guide", "Heading", "Moment", "Size", "curve_chart", "fan_chart"]

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
        years: A year is named once in so many.
    """

    name: str
    width: float
    height: float
    left: float
    right: float
    years: int
    top: float = 30.0
    bottom: float = 30.0

    @property
    def is_wide(self) -> bool:
        """Whether there is room for long labels."""
        return self.right > 100


WIDE = Size(name="wide", width=860, height=430, left=64, right=176, years=1)
NARROW = Size(name="narrow", width=360, height=340, left=56, right=58, years=4)


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
        steps: From which day on the level is what; the last one goes on to the end.
        label: One or two short lines of text.
        short: One word, for a narrow drawing.
    """

    kind: str
    steps: tuple[tuple[date, float], ...]
    label: tuple[str, ...]
    short: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day to remember, as a line from top to bottom.

    Attributes:
        day: Which day.
        label: What happened then.
        leftwards: Whether the label stands before the line.
    """

    day: date
    label: str
    leftwards: bool = False


def fan_chart(
    fan: Fan,
    *,
    heading: Heading,
    observed: Sequence[Figure],
    guides: Sequence[Guide],
    moments: Sequence[Moment],
    joined: bool,
    writes: Writes,
    size: Size,
) -> Markup:
    """Possible futures as a fan, behind what was observed.

    Args:
        fan: Median and bands [persons].
        heading: Title and description.
        observed: Figures of the past [persons].
        guides: Levels to hold it against [persons].
        moments: Days to mark.
        joined: Whether the observed figures follow each other without a gap, and so get a line.
        writes: How a number is written.
        size: Wide or narrow.
    """
    tops = [
        *(max(band.high) for band in fan.bands),
        *(figure.persons for figure in observed),
        *(level for guide in guides for _, level in guide.steps),
    ]
    marks = ticks(max(tops))
    first = min([figure.day for figure in observed] + [fan.days[0]])
    across = Scale(
        low=date(first.year, 1, 1).toordinal(),
        high=fan.days[-1].toordinal(),
        start=size.left,
        end=size.width - size.right,
    )
    up = Scale(low=0.0, high=marks[-1], start=size.height - size.bottom, end=size.top)
    return _drawing(
        heading,
        size,
        _rows(marks, up, writes, size),
        _years(across, size),
        _bands(fan, across, up),
        _moments(moments, across, up, size),
        _median(fan, across, up),
        _guides(guides, across, up, size),
        _observed(observed, across, up, joined=joined),
    )


def curve_chart(
    curve: Curve,
    *,
    heading: Heading,
    guides: Sequence[Guide],
    axis: str,
    writes: Writes,
    writes_share: Writes,
    size: Size,
) -> Markup:
    """The chance that so many places suffice, rising with their number.

    Args:
        curve: Numbers of places and their chances.
        heading: Title and description.
        guides: Numbers of places to mark; of each the first step counts.
        axis: What runs from left to right.
        writes: How a number of places is written.
        writes_share: How a chance is written.
        size: Wide or narrow.
    """
    marked = sorted(guides, key=lambda guide: guide.steps[0][1])
    shown = [*curve.places, *(guide.steps[0][1] for guide in guides)]
    size = replace(
        size,
        height=size.height * 0.85,
        right=24.0,
        top=size.top + LINE * max(len(guides) - 1, 0),
        bottom=52.0,
    )
    across = Scale(low=min(shown), high=max(shown), start=size.left, end=size.width - size.right)
    up = Scale(low=0.0, high=1.0, start=size.height - size.bottom, end=size.top)
    xs = [across(places) for places in curve.places]
    ys = [up(chance) for chance in curve.chances]
    return _drawing(
        heading,
        size,
        _rows([0.0, 0.25, 0.5, 0.75, 1.0], up, writes_share, size),
        _numbers(across, writes, axis, size),
        node("path", d=points(xs, ys), class_="median"),
        *(
            _drop(guide, across, up, row=row, chance=curve.at(guide.steps[0][1]))
            for row, guide in enumerate(marked)
        ),
    )


def _drawing(heading: Heading, size: Size, *parts: Markup) -> Markup:
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


def _rows(marks: Sequence[float], up: Scale, writes: Writes, size: Size) -> Markup:
    rows = [
        node("line", x1=size.left, x2=size.width - size.right, y1=up(mark), y2=up(mark))
        + node("text", writes(mark), x=size.left - 8, y=up(mark) + 5, text_anchor="end")
        for mark in marks
    ]
    return node("g", *rows, class_="axis")


def _years(across: Scale, size: Size) -> Markup:
    first, last = date.fromordinal(int(across.low)).year, date.fromordinal(int(across.high)).year
    foot = size.height - size.bottom
    drawn = []
    for year in range(first, last + 1):
        x = across(date(year, 1, 1).toordinal())
        drawn.append(node("line", x1=x, x2=x, y1=foot, y2=foot + 5))
        middle = across(date(year, 7, 1).toordinal())
        if (last - year) % size.years == 0 and middle <= size.width - size.right:
            drawn.append(node("text", str(year), x=middle, y=foot + 20, text_anchor="middle"))
    return node("g", *drawn, class_="axis")


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


def _bands(fan: Fan, across: Scale, up: Scale) -> Markup:
    xs = [across(day.toordinal()) for day in fan.days]
    drawn = []
    for band in fan.bands:
        low, high = [up(value) for value in band.low], [up(value) for value in band.high]
        around = points([*xs, *reversed(xs)], [*high, *reversed(low)]) + "Z"
        kind = f"{100 * band.share:.0f}"
        drawn.append(node("path", d=around, class_=f"band band-{kind}"))
        drawn += [
            node("path", d=points(xs, edge), class_=f"edge edge-{kind}") for edge in (low, high)
        ]
    return node("g", *drawn)


def _median(fan: Fan, across: Scale, up: Scale) -> Markup:
    xs = [across(day.toordinal()) for day in fan.days]
    return node("path", d=points(xs, [up(value) for value in fan.median]), class_="median")


def _observed(observed: Sequence[Figure], across: Scale, up: Scale, *, joined: bool) -> Markup:
    xs = [across(figure.day.toordinal()) for figure in observed]
    ys = [up(figure.persons) for figure in observed]
    dots = [
        node("circle", cx=x, cy=y, r=2.2 if joined else 3.5, class_=f"dot dot-{figure.mark}")
        for figure, x, y in zip(observed, xs, ys, strict=True)
        if not joined or figure.mark != "firm"
    ]
    line = [node("path", d=points(xs, ys), class_="observed")] if joined and xs else []
    return node("g", *line, *dots)


def _moments(moments: Sequence[Moment], across: Scale, up: Scale, size: Size) -> Markup:
    drawn = []
    for moment in moments:
        x = across(moment.day.toordinal())
        side, anchor = (-5.0, "end") if moment.leftwards else (5.0, "start")
        drawn.append(node("line", x1=x, x2=x, y1=size.top - 18, y2=up.start))
        drawn.append(node("text", moment.label, x=x + side, y=size.top - 8, text_anchor=anchor))
    return node("g", *drawn, class_="moment")


def _guides(guides: Sequence[Guide], across: Scale, up: Scale, size: Size) -> Markup:
    labels = [guide.label if size.is_wide else (guide.short,) for guide in guides]
    tallest = max((len(label) for label in labels), default=1)
    ends = [up(guide.steps[-1][1]) for guide in guides]
    heights = spread(
        ends, gap=LINE * tallest + 6, low=size.top, high=up.start - LINE * (tallest - 1)
    )
    edge = across.end
    drawn = []
    for guide, label, end, height in zip(guides, labels, ends, heights, strict=True):
        days = [across(day.toordinal()) for day, _ in guide.steps] + [edge]
        levels = [up(level) for _, level in guide.steps]
        xs = [x for pair in pairwise(days) for x in pair]
        ys = [y for level in levels for y in (level, level)]
        drawn.append(node("path", d=points(xs, ys), class_=f"guide guide-{guide.kind}"))
        drawn.append(node("path", d=points([edge + 2, edge + 12], [end, height]), class_="leader"))
        drawn += [
            node("text", line, x=edge + 16, y=height + 5 + LINE * row, class_=f"label-{row}")
            for row, line in enumerate(label)
        ]
    return node("g", *drawn)


def _drop(guide: Guide, across: Scale, up: Scale, *, row: int, chance: float) -> Markup:
    """A line down from a label to the curve's foot, with a dot where it meets the curve."""
    x = across(guide.steps[0][1])
    top = 14 + LINE * row
    is_left = x < (across.start + across.end) / 2
    side, anchor = (6.0, "start") if is_left else (-6.0, "end")
    label = ": ".join(guide.label)
    return node(
        "g",
        node("line", x1=x, x2=x, y1=top - 10, y2=up.start, class_=f"guide guide-{guide.kind}"),
        node("circle", cx=x, cy=up(chance), r=4.5, class_="dot dot-firm"),
        node("text", label, x=x + side, y=top + 2, text_anchor=anchor, class_="label-0"),
    )
