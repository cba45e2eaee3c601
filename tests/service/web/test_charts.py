# SPDX-License-Identifier: EUPL-1.2
"""The charts draw what they are given, and say it in words too."""

import re
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from service.language import Language, wording_of
from service.storage.desk import Desk
from service.web.curve_chart import Mark, curve_chart
from service.web.drawing import NARROW, WIDE, Guide, Heading, Moment, Size
from service.web.fan_chart import fan_chart
from service.web.markers import SHAPES, marker
from service.web.pictures import counted
from service.web.read import read_page
from service.web.view import Band, Curve, Fan, Figure

HEADING = Heading(name="need", title="Need", description="What is <expected>.")
FAN = Fan(
    days=(date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)),
    median=(100, 110, 120),
    bands=(
        Band(share=0.95, low=(60, 50, 40), high=(150, 170, 190)),
        Band(share=0.8, low=(70, 65, 60), high=(130, 150, 160)),
        Band(share=0.5, low=(90, 95, 100), high=(110, 125, 140)),
    ),
)
OBSERVED = (
    Figure(day=date(2025, 1, 1), persons=80, status="observed"),
    Figure(day=date(2025, 12, 31), persons=95, status="rounded"),
)
NOW = Guide(
    kind="now", steps=((date(2025, 11, 30), 90.0),), label=("<b>90</b>", "room"), short="now"
)


def drawn(
    size: Size = WIDE,
    *,
    fan: Fan = FAN,
    guides: tuple[Guide, ...] = (NOW,),
    joined: bool = False,
) -> ET.Element:
    markup = fan_chart(
        fan,
        heading=HEADING,
        observed=OBSERVED,
        guides=guides,
        moments=(Moment(day=date(2025, 12, 31), label="last figure", short="last"),),
        joined=joined,
        writes=lambda value: f"{value:.0f}",
        beyond=lambda share, value: f"{share}: up to {value:.0f}",
        size=size,
    )
    return ET.fromstring(markup)  # noqa: S314 - our own markup


def of_class(svg: ET.Element, name: str) -> list[ET.Element]:
    return [part for part in svg.iter() if name in part.get("class", "").split()]


def places(path: ET.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+),([\d.]+)", path.get("d", ""))]


def height_of(svg: ET.Element, value: float) -> float:
    """Where a value is drawn, read off the numbers beside the axis."""
    (axis,) = [part for part in svg.findall("g") if part.get("class") == "axis"][:1]
    marks = {float(text.text or 0): float(text.get("y", 0)) - 5 for text in axis.findall("text")}
    low, high = min(marks), max(marks)
    return marks[low] + (value - low) / (high - low) * (marks[high] - marks[low])


class TestFanChart:
    @pytest.mark.parametrize("size", [WIDE, NARROW])
    def test_says_what_it_shows(self, size: Size):
        svg = drawn(size)
        named = {part.get("id"): part.text for part in svg.iter() if part.get("id")}

        label = svg.get("aria-labelledby", "").split()

        assert svg.get("role") == "img"
        assert [named[name] for name in label] == ["Need", "What is <expected>."]

    def test_draws_median_and_edges_at_their_values(self):
        svg = drawn()
        (median,) = of_class(svg, "median")
        low, high = of_class(svg, "edge-80")

        assert [y for _, y in places(median)] == pytest.approx(
            [height_of(svg, value) for value in FAN.median], abs=0.1
        )
        assert places(low)[-1][1] == pytest.approx(height_of(svg, 60), abs=0.1)
        assert places(high)[-1][1] == pytest.approx(height_of(svg, 160), abs=0.1)

    def test_draws_the_widest_band_first_so_that_none_is_hidden(self):
        kinds = [part.get("class", "") for part in of_class(drawn(), "band")]

        assert kinds == ["band band-95", "band band-80", "band band-50"]

    def test_marks_figures_that_were_not_counted_exactly(self):
        svg = drawn()

        assert len(of_class(svg, "dot-firm")) == 1
        assert len(of_class(svg, "dot-soft")) == 1

    def test_joins_figures_by_a_line_only_when_asked(self):
        assert len(of_class(drawn(joined=True), "observed")) == 1
        assert of_class(drawn(joined=False), "observed") == []

    def test_draws_a_level_from_its_first_day_to_the_end(self):
        svg = drawn()
        (level,) = of_class(svg, "guide-now")
        (median,) = of_class(svg, "median")
        (start, y), (end, _) = places(level)

        assert y == pytest.approx(height_of(svg, 90), abs=0.1)
        assert start < places(median)[0][0]
        assert end == pytest.approx(WIDE.width - WIDE.right, abs=0.1)

    def test_stops_a_level_where_it_no_longer_holds(self):
        svg = drawn(guides=(replace(NOW, until=date(2026, 2, 28)),))
        (level,) = of_class(svg, "guide-now")
        (median,) = of_class(svg, "median")

        assert places(level)[-1][0] == pytest.approx(places(median)[1][0], abs=0.1)

    def test_shows_no_label_as_markup(self):
        texts = [text.text for text in drawn().iter("text")]

        assert "<b>90</b>" in texts

    def test_uses_short_labels_where_there_is_little_room(self):
        texts = [text.text for text in drawn(NARROW).iter("text")]

        assert "now" in texts
        assert "room" not in texts

    def test_cuts_off_a_far_tail_and_says_so(self):
        tail = replace(FAN.bands[0], high=(200, 4_000, 90_000))
        svg = drawn(fan=replace(FAN, bands=(tail, *FAN.bands[1:])))
        texts = [text.text for text in svg.iter("text")]

        assert "0.95: up to 90000" in texts
        assert height_of(svg, 160) < height_of(svg, 0) - 100

    def test_says_nothing_of_a_tail_that_fits(self):
        assert not [text.text for text in drawn().iter("text") if "up to" in (text.text or "")]


class TestCurveChart:
    def test_marks_each_choice_at_its_chance(self):
        curve = Curve(places=(100, 200, 300), chances=(0.0, 0.5, 1.0))
        choices = (
            Mark(places=150, chance=0.2, kind="cost_optimal", label="Advice: a", short=""),
            Mark(places=50, chance=0.0, kind="house_rule", label="B", short=""),
        )

        svg = ET.fromstring(  # noqa: S314 - our own markup
            curve_chart(
                curve,
                heading=HEADING,
                marks=choices,
                axis="places",
                writes=lambda value: f"{value:.0f}",
                writes_share=lambda share: f"{100 * share:.0f}",
                size=WIDE,
            )
        )
        dots = [float(dot.get("cy", 0)) for dot in of_class(svg, "dot")]

        # From left to right: 50 places lie before the curve begins; of 150, some must be called
        # up, so their dot lies below the curve.
        assert dots == pytest.approx([height_of(svg, 0), height_of(svg, 20)], abs=0.1)
        assert "Advice: a" in [text.text for text in svg.iter("text")]


class TestMarkers:
    def test_are_all_different(self):
        drawn = {marker(shape, x=10, y=10, mark="firm") for shape in range(len(SHAPES))}

        assert len(drawn) == len(SHAPES)

    @pytest.mark.parametrize("shape", range(len(SHAPES)))
    def test_stay_around_their_middle(self, shape: int):
        corners = SHAPES[shape]

        for along in ([x for x, _ in corners], [y for _, y in corners]):
            assert abs(min(along, default=0) + max(along, default=0)) < 0.35
            assert 1.5 < max(along, default=1) - min(along, default=-1) < 2.6

    def test_have_an_entry_in_the_key_for_every_way_of_counting_that_is_drawn(self, desk: Desk):
        page = read_page(desk, norm=0.91)
        assert page is not None
        first_year = page.issued_at.year - 12
        drawn = {figure.shape for figure in page.observed_need if figure.day.year >= first_year}

        entries = counted(page, wording_of(Language.NL))

        assert len(entries) == len(drawn) == 9
        assert len({entry.mark for entry in entries}) == 9
        assert all(entry.is_worded for entry in entries)

    def test_say_what_is_counted_in_the_words_of_the_publisher_where_we_have_none(self, desk: Desk):
        page = read_page(desk, norm=0.91)
        assert page is not None
        own = replace(page.observed_need[-1], series_id="own.count", definition="Own count.")

        (entry,) = counted(replace(page, observed_need=(own,)), wording_of(Language.NL))

        assert (entry.label, entry.is_worded) == ("Own count.", False)
