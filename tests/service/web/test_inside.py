# SPDX-License-Identifier: EUPL-1.2
"""Why people are inside, as the page says it: by hand, then on the page in both languages."""

import re
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page as Tab

from models.occupancy.specification import Title
from service.language import Language, wording_of
from service.storage.desk import Desk
from service.usecases.outlook_content import PartBasis
from service.web.drawing import NARROW, WIDE, Heading
from service.web.inside import Inside, Queue, Range, Stage
from service.web.plan_view import Choice
from service.web.read import read_page
from service.web.render import render_page
from service.web.stage_chart import Bar, stage_chart
from service.web.view import Page
from tests.service.web.test_page import cells, text_of

HEADING = Heading(name="inside", title="Inside", description="By <stage>.")
BARS = (
    Bar(label="now", total="100", parts=(1.0, 59.0, 40.0)),
    Bar(label="later", total="50", parts=(0.0, 25.0, 25.0)),
)


@pytest.fixture
def page(desk: Desk) -> Page:
    found = read_page(desk, norm=0.91)
    assert found is not None
    return found


@pytest.fixture
def inside(page: Page) -> Inside:
    assert page.inside is not None
    return page.inside


def drawn(size=WIDE) -> ET.Element:
    return ET.fromstring(stage_chart(BARS, heading=HEADING, writes=str, size=size))  # noqa: S314 - our own markup


class TestChart:
    @pytest.mark.parametrize("size", [WIDE, NARROW])
    def test_draws_every_part_as_long_as_it_is_large_and_after_the_one_before(self, size):
        bars = [float(bar.get("width", 0)) for bar in drawn(size).iter("rect")]
        begins = [float(bar.get("x", 0)) for bar in drawn(size).iter("rect")]

        scale = sum(bars[:3]) / 100
        assert bars == pytest.approx([part * scale for bar in BARS for part in bar.parts], abs=0.2)
        assert begins[1] == pytest.approx(begins[0] + bars[0], abs=0.2)
        assert begins[3] == begins[0]

    def test_numbers_the_parts_that_have_room_for_it(self):
        numbers = [text.text for text in drawn().iter("text") if text.get("class") == "label-0"]

        assert numbers == ["2", "3", "2", "3"]

    def test_says_in_words_what_it_shows(self):
        found = drawn()

        assert found.get("role") == "img"
        assert [found[0].text, found[1].text] == ["Inside", "By <stage>."]
        assert "now: 100" in [text.text for text in found.iter("text")]


class TestInside:
    def test_looks_from_the_month_of_the_forecast_one_two_and_five_years_ahead(self, inside):
        """The futures of this forecast end in January 2031, before five years have passed."""
        assert inside.days == (date(2026, 11, 30), date(2027, 11, 30), date(2028, 11, 30))

    def test_divides_the_middle_forecast_of_all_without_a_rest(self, inside, page: Page):
        row = page.need.days.index(date(2027, 11, 30))

        assert inside.total[1] == pytest.approx(page.need.median[row], abs=0.1)
        for column, total in enumerate(inside.total):
            parts = sum(stage.persons[column] for stage in inside.stages)
            assert parts == pytest.approx(total, rel=1e-3)  # shares are to a hundredth of a percent

    def test_sets_the_outflow_beside_the_target_known_last(self, inside):
        """1,600 a month; the circular of the first half of 2026 is the newest there is."""
        assert [row.first for row in inside.outflow] == [
            date(2026, 7, 1),
            date(2027, 1, 1),
            date(2027, 7, 1),
            date(2028, 1, 1),
        ]
        assert inside.outflow[0].persons.median == pytest.approx(6 * 1_600, rel=0.1)
        assert {row.target for row in inside.outflow} == {None}
        assert inside.last_target is not None
        assert (inside.last_target.first, inside.last_target.persons) == (date(2026, 1, 1), 15_000)

    def test_says_of_every_stage_what_is_counted_of_it(self, inside):
        assert [stage.basis for stage in inside.stages] == [
            PartBasis.COUNTED_TOGETHER,
            PartBasis.COUNTED_TOGETHER,
            PartBasis.INFERRED,
            PartBasis.COUNTED,
            PartBasis.INFERRED,
            PartBasis.INFERRED,
        ]

    def test_names_the_stage_in_which_most_are(self, inside):
        few = Stage(number=1, title=inside.stages[0].title, basis=PartBasis.COUNTED, persons=(3,))
        many = replace(few, number=2, persons=(7,))

        assert replace(inside, stages=(few, many, few)).most is many


class TestOnThePage:
    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("", ("algemene en verlengde asielprocedure", "De wachttijd voor woningen", "15.000")),
            ("?lang=en", ("general and extended asylum procedure", "waiting time", "15,000")),
        ],
    )
    def test_says_why_how_long_and_against_which_target(self, site: str, tab: Tab, query, said):
        tab.goto(f"{site}/{query}")
        section = text_of(tab, "section:has(#inside)")

        for words in said:
            assert words in section

    def test_table_holds_what_the_chart_draws(self, site: str, tab: Tab, inside):
        dutch = wording_of(Language.NL)
        tab.goto(site)
        tab.locator("section:has(#inside) summary").click()

        *stages, everybody = cells(tab, "#stages")

        assert [row[1:] for row in stages] == [
            [dutch.rounded(persons) for persons in stage.persons] for stage in inside.stages
        ]
        assert stages[3][0] == "4. algemene en verlengde asielprocedure ook apart geteld"
        assert everybody[1:] == [dutch.rounded(persons) for persons in inside.total]

    @pytest.mark.parametrize(
        ("language", "said"), [(Language.NL, "35 of meer"), (Language.EN, "35 or more")]
    )
    def test_says_that_a_wait_may_be_longer_than_can_be_told(
        self, page: Page, inside, language, said
    ):
        long = Queue(
            name="homes",
            title=Title(nl="woningen", en="homes"),
            longest=35.5,
            waits=(Range(low=20.0, median=33.2, high=35.5), None, None),
        )
        other = replace(page, inside=replace(inside, queues=(long,)))

        html = render_page(other, language=language, choice=Choice())
        table = html[html.index('id="waits"') : html.index('id="outflow"')]

        assert re.search(rf"33<span[^>]*>20 . {said}</span>", table)
        assert len(re.findall('<td class="n">.</td>', table)) == 2

    def test_leaves_the_section_out_where_the_need_is_not_divided(self, page: Page):
        plain = replace(page, inside=None, outlook=None)

        html = render_page(plain, language=Language.NL, choice=Choice())

        assert "#inside" not in html
        assert "Waarom zijn mensen binnen?" not in html

    def test_says_how_high_the_need_may_come_and_whether_there_is_room(self, site: str, tab: Tab):
        tab.goto(site)
        section = text_of(tab, "section:has(#need)")

        assert "ligt de hoogste behoefte met 80% kans tussen" in section
        assert "minstens één maand groter is dan de ruimte die er nu is" in section
