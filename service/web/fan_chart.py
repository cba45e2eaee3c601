# SPDX-License-Identifier: EUPL-1.2
"""The fan chart: what was observed, and where the future may end up."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from markupsafe import Markup

from service.web.drawing import LINE, Guide, Heading, Moment, Size, Writes, frame, rows
from service.web.markers import marker
from service.web.svg import Scale, node, points, spread, ticks
from service.web.view import Fan, Figure

__all__ = ["fan_chart"]

SOON = 24
"""Months ahead in which a decision of today takes effect, and is to be seen well."""

ROOM = 1.2
"""Space above what is to be seen well [-]."""

YEAR_WIDTH = 46.0
"""Width that the name of a year needs [pixels]."""

Beyond = Callable[[float, float], str]


def fan_chart(
    fan: Fan,
    *,
    heading: Heading,
    observed: Sequence[Figure],
    guides: Sequence[Guide],
    moments: Sequence[Moment],
    joined: bool,
    writes: Writes,
    beyond: Beyond,
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
        beyond: Says of the share of a band how far it runs on, where it is cut off.
        size: Wide or narrow.
    """
    if not guides:
        size = replace(size, right=16.0)
    marks = ticks(_top(fan, observed, guides))
    first = min([figure.day for figure in observed] + [fan.days[0]])
    across = Scale(
        low=date(first.year, 1, 1).toordinal(),
        high=fan.days[-1].toordinal(),
        start=size.left,
        end=size.width - size.right,
    )
    up = Scale(low=0.0, high=marks[-1], start=size.height - size.bottom, end=size.top)
    return frame(
        heading,
        size,
        rows(marks, up, writes, size),
        _years(across, size),
        _bands(fan, across, up, clip=f"{heading.name}-{size.name}-area"),
        _beyond(fan, marks[-1], beyond, across, up),
        _moments(moments, across, up, size),
        _median(fan, across, up),
        _guides(guides, across, up, size),
        _observed(observed, across, up, joined=joined),
    )


def _top(fan: Fan, observed: Sequence[Figure], guides: Sequence[Guide]) -> float:
    """Up to where to draw: far tails are cut off rather than flatten all the rest."""
    likely = [*fan.median, *(high for band in fan.bands[2:] for high in band.high)]
    soon = [high for band in fan.bands[1:] for high in band.high[:SOON]]
    past = [figure.persons for figure in observed]
    levels = [level for guide in guides for _, level in guide.steps]
    needed = ROOM * max(*likely, *soon, *past, *levels)
    return min(needed, max(*fan.bands[0].high, *past, *levels))


def _beyond(fan: Fan, top: float, says: Beyond, across: Scale, up: Scale) -> Markup:
    """Says of each band that is cut off how far it runs on."""
    said = [
        says(band.share, max(band.high)) for band in reversed(fan.bands) if max(band.high) > top
    ]
    x = across.end - 6
    drawn = [
        node("text", label, x=x, y=up.end + LINE * (row + 1), text_anchor="end", class_="label-1")
        for row, label in enumerate(said)
    ]
    return node("g", *drawn)


def _years(across: Scale, size: Size) -> Markup:
    first, last = date.fromordinal(int(across.low)).year, date.fromordinal(int(across.high)).year
    foot = size.height - size.bottom
    width = (across.end - across.start) / (last - first + 1)
    step = next(step for step in (1, 2, 5, 10, 100) if step * width >= YEAR_WIDTH)
    drawn = []
    for year in range(first, last + 1):
        x = across(date(year, 1, 1).toordinal())
        drawn.append(node("line", x1=x, x2=x, y1=foot, y2=foot + 5))
        middle = across(date(year, 7, 1).toordinal())
        if year % step == 0 and middle <= across.end:
            drawn.append(node("text", str(year), x=middle, y=foot + 20, text_anchor="middle"))
    return node("g", *drawn, class_="axis")


def _bands(fan: Fan, across: Scale, up: Scale, *, clip: str) -> Markup:
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
    area = node(
        "rect",
        x=across.start,
        y=up.end,
        width=across.end - across.start,
        height=up.start - up.end,
    )
    return node("clipPath", area, id=clip) + node("g", *drawn, clip_path=f"url(#{clip})")


def _median(fan: Fan, across: Scale, up: Scale) -> Markup:
    xs = [across(day.toordinal()) for day in fan.days]
    return node("path", d=points(xs, [up(value) for value in fan.median]), class_="median")


def _observed(observed: Sequence[Figure], across: Scale, up: Scale, *, joined: bool) -> Markup:
    xs = [across(figure.day.toordinal()) for figure in observed]
    ys = [up(figure.persons) for figure in observed]
    dots = [
        marker(figure.shape, x=x, y=y, mark=figure.mark, radius=2.2 if joined else 3.5)
        for figure, x, y in zip(observed, xs, ys, strict=True)
        if not joined or figure.mark != "firm"
    ]
    line = [node("path", d=points(xs, ys), class_="observed")] if joined and xs else []
    return node("g", *line, *dots)


def _moments(moments: Sequence[Moment], across: Scale, up: Scale, size: Size) -> Markup:
    drawn = []
    for moment in moments:
        x = across(moment.day.toordinal())
        label = moment.label if size.is_wide else moment.short
        side, anchor = (-5.0, "end") if moment.leftwards else (5.0, "start")
        drawn.append(node("line", x1=x, x2=x, y1=size.top - 18, y2=up.start))
        drawn.append(node("text", label, x=x + side, y=size.top - 8, text_anchor=anchor))
    return node("g", *drawn, class_="moment")


def _guides(guides: Sequence[Guide], across: Scale, up: Scale, size: Size) -> Markup:
    labels = [guide.label if size.is_wide else (guide.short,) for guide in guides]
    tallest = max((len(label) for label in labels), default=1)
    ends = [up(guide.steps[-1][1]) for guide in guides]
    heights = spread(
        ends, gap=LINE * tallest + 6, low=size.top, high=up.start - LINE * (tallest - 1)
    )
    drawn = []
    for guide, label, end, height in zip(guides, labels, ends, heights, strict=True):
        edge = across(guide.until.toordinal()) if guide.until else across.end
        days = [across(day.toordinal()) for day, _ in guide.steps] + [edge]
        levels = [up(level) for _, level in guide.steps]
        xs = [x for pair in pairwise(days) for x in pair]
        ys = [y for level in levels for y in (level, level)]
        elbow = points([edge, across.end, across.end + 12], [end, end, height])
        drawn.append(node("path", d=elbow, class_="leader"))
        drawn.append(node("path", d=points(xs, ys), class_=f"guide guide-{guide.kind}"))
        drawn += [
            node(
                "text",
                line,
                x=across.end + 16,
                y=height + 5 + LINE * row,
                class_=f"label-{row} label-{guide.kind}",
            )
            for row, line in enumerate(label)
        ]
    return node("g", *drawn)
