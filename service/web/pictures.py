# SPDX-License-Identifier: EUPL-1.2
"""The charts of the page, worded: what each draws, and what it says to those who cannot see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from markupsafe import Markup

from service.language import Wording
from service.web.curve_chart import Mark, curve_chart
from service.web.drawing import NARROW, WIDE, Guide, Heading, Moment
from service.web.fan_chart import fan_chart
from service.web.inside import Inside
from service.web.markers import marker
from service.web.stage_chart import Bar, stage_chart
from service.web.view import Buffer, Fan, Figure, Page

__all__ = ["Counted", "counted", "pictures"]

YEARS_DRAWN = 12
"""Whole years of the past that a chart shows."""


NATIONAL_OCCUPANCY = "nl.occupancy."
"""What the names of the published national occupancy series begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One way of counting among the points of the past, as the key of the chart has it.

    Attributes:
        mark: Its mark.
        label: What it counts.
        is_worded: Whether the label is in the language of the reader; else it is the publisher's.
    """

    mark: Markup
    label: str
    is_worded: bool


def counted(page: Page, wording: Wording) -> tuple[Counted, ...]:
    """Every way of counting that the chart of the need draws, the one used last first."""
    drawn: dict[int, Figure] = {}
    for figure in _recent(page.observed_need, page):
        if figure.shape not in drawn or figure.mark == "firm":
            drawn[figure.shape] = figure
    entries = []
    for shape, figure in sorted(drawn.items()):
        key = f"counted.{figure.series_id.removeprefix(NATIONAL_OCCUPANCY)}"
        is_worded = wording.has(key)
        entries.append(
            Counted(
                mark=marker(shape, x=13, y=7, mark=figure.mark),
                label=wording.say(key) if is_worded else figure.definition,
                is_worded=is_worded,
            )
        )
    return tuple(entries)


def pictures(page: Page, wording: Wording) -> Mapping[str, Markup]:
    """Every chart of the page by name, each drawn for wide and for narrow screens."""
    drawn = {"need": _need(page, wording), "inflow": _inflow(page, wording)}
    if page.inside is not None:
        drawn["inside"] = _inside(page.inside, wording)
    if page.buffer is not None:
        drawn["curve"] = _curve(page.buffer, wording)
    return drawn


def _need(page: Page, wording: Wording) -> Markup:
    heading = Heading(
        name="need-chart",
        title=wording.say("need.title"),
        description=wording.say("need.description", usable=page.usable, **_ends(page, page.need)),
    )
    moments = (
        Moment(
            day=page.need_until,
            label=wording.say("need.last_figure"),
            short=wording.say("need.last_short"),
            leftwards=True,
        ),
        Moment(
            day=page.issued_at.date(),
            label=wording.say("need.today"),
            short=wording.say("need.today_short"),
        ),
    )
    return Markup("").join(
        fan_chart(
            page.need,
            heading=heading,
            observed=_recent(page.observed_need, page),
            guides=_levels(page, wording),
            moments=moments,
            joined=False,
            writes=wording.number,
            beyond=partial(_beyond, wording),
            size=size,
        )
        for size in (WIDE, NARROW)
    )


def _beyond(wording: Wording, share: float, persons: float) -> str:
    return wording.say("chart.beyond", share=share, persons=persons)


def _recent(figures: Sequence[Figure], page: Page) -> tuple[Figure, ...]:
    """What is drawn of the past; the table beside the chart holds the rest."""
    first = date(page.issued_at.year - YEARS_DRAWN, 1, 1)
    return tuple(figure for figure in figures if figure.day >= first) or tuple(figures)


def _levels(page: Page, wording: Wording) -> tuple[Guide, ...]:
    """How many people there is room for: now, as advised, and as planned."""
    now = _level(page, wording, "now", ((page.capacity.day, page.capacity.total),))
    guides = [now]
    if page.buffer is not None:
        places = page.buffer.advice.recommended.outcome.places
        steps = ((page.buffer.first, places),)
        guides.append(_level(page, wording, "advice", steps, until=page.buffer.last))
    if page.plan is not None:
        guides.append(_level(page, wording, "plan", page.plan.open_places))
    return tuple(guides)


def _level(
    page: Page,
    wording: Wording,
    kind: str,
    steps: Sequence[tuple[date, int]],
    *,
    until: date | None = None,
) -> Guide:
    places = steps[-1][1]
    return Guide(
        kind=kind,
        steps=tuple((day, page.norm * places) for day, places in steps),
        until=until,
        label=(
            wording.say(f"level.{kind}", places=places),
            wording.say("need.usable", persons=page.norm * places),
        ),
        short=wording.say(f"level.{kind}_short"),
    )


def _inflow(page: Page, wording: Wording) -> Markup:
    heading = Heading(
        name="inflow-chart",
        title=wording.say("inflow.title"),
        description=wording.say("inflow.description", **_ends(page, page.inflow)),
    )
    moments = (
        Moment(
            day=page.inflow_until,
            label=wording.say("inflow.last_figure"),
            short=wording.say("inflow.last_figure"),
            leftwards=True,
        ),
        Moment(
            day=page.issued_at.date(),
            label=wording.say("need.today"),
            short=wording.say("need.today_short"),
        ),
    )
    return Markup("").join(
        fan_chart(
            page.inflow,
            heading=heading,
            observed=_recent(page.observed_inflow, page),
            guides=(),
            moments=moments,
            joined=True,
            writes=wording.number,
            beyond=partial(_beyond, wording),
            size=size,
        )
        for size in (WIDE, NARROW)
    )


def _ends(page: Page, fan: Fan) -> dict[str, object]:
    """The first month after the forecast was made, and the last, as facts for a description."""
    band = fan.band(0.8)
    issued = page.issued_at.date()
    first = next((index for index, day in enumerate(fan.days) if day >= issued), 0)
    return {
        "first": fan.days[first],
        "first_median": fan.median[first],
        "first_low": band.low[first],
        "first_high": band.high[first],
        "last": fan.days[-1],
        "last_median": fan.median[-1],
        "last_low": band.low[-1],
        "last_high": band.high[-1],
    }


def _inside(inside: Inside, wording: Wording) -> Markup:
    told = [
        wording.say("inside.part", stage=wording.title(stage.title), persons=stage.persons[0])
        for stage in inside.stages
    ]
    heading = Heading(
        name="inside-chart",
        title=wording.say("inside.title"),
        description=wording.say(
            "inside.description",
            month=inside.days[0],
            total=inside.total[0],
            parts="; ".join(told),
        ),
    )
    bars = [
        Bar(
            label=wording.month(day),
            total=wording.rounded(inside.total[row]),
            parts=tuple(stage.persons[row] for stage in inside.stages),
        )
        for row, day in enumerate(inside.days)
    ]
    return Markup("").join(
        stage_chart(bars, heading=heading, writes=wording.number, size=size)
        for size in (WIDE, NARROW)
    )


def _curve(buffer: Buffer, wording: Wording) -> Markup:
    outcomes = {name: option.outcome for name, option in buffer.options}
    heading = Heading(
        name="curve-chart",
        title=wording.say("buffer.curve_title"),
        description=wording.say(
            "buffer.curve_description",
            now_places=outcomes["now"].places,
            now_chance=outcomes["now"].chance_every_month,
            rule_places=outcomes["house_rule"].places,
            rule_chance=outcomes["house_rule"].chance_every_month,
            advice_places=outcomes["cost_optimal"].places,
            advice_chance=outcomes["cost_optimal"].chance_every_month,
        ),
    )
    marks = [
        Mark(
            places=outcome.places,
            chance=outcome.chance_every_month,
            kind=name,
            label=": ".join(
                (
                    wording.say(f"choice.{name}"),
                    wording.say(
                        "buffer.at", places=outcome.places, chance=outcome.chance_every_month
                    ),
                )
            ),
            short=wording.say(
                "buffer.short",
                name=wording.say(f"choice.{name}"),
                chance=outcome.chance_every_month,
            ),
        )
        for name, outcome in outcomes.items()
    ]
    return Markup("").join(
        curve_chart(
            buffer.curve,
            heading=heading,
            marks=marks,
            axis=wording.say("buffer.curve_axis"),
            writes=wording.number,
            writes_share=wording.percent,
            size=size,
        )
        for size in (WIDE, NARROW)
    )
