# SPDX-License-Identifier: EUPL-1.2
"""Dual use on the page: why nothing can be lent, or what can, to whom and at what odds."""

import csv
import io
import re
import urllib.request
from dataclasses import replace

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab

from models.planning.location_plan.plan import plan_capacity
from models.planning.portfolio.capacity_plan import CapacityPlan, PlanSettings
from models.planning.register.locations import ContractForm, Location
from service.language import Language, wording_of
from service.storage.desk import Desk
from service.storage.register.default import default_register
from service.usecases.dual_use import OFFER_COLUMNS, offer_rows
from service.web.dual_use_view import DualUse, join_dual_use
from service.web.plan_view import Choice
from service.web.read import read_page
from service.web.render import render_page
from service.web.view import Page

DUTCH = wording_of(Language.NL)
PERIODS = np.arange("2027-01", "2029-01", dtype="datetime64[M]")


def lendable_register() -> tuple[Location, ...]:
    """Lines of the real register, in every contract form, one with units for four."""
    regular = [one for one in default_register() if one.dual_use is ContractForm.VACANCY_ACT]
    rent, campus = ContractForm.TEMPORARY_RENT, ContractForm.CAMPUS_CONTRACT
    return (
        replace(regular[0], residents_per_unit=4),
        replace(regular[1], dual_use=rent, lent_to=()),
        replace(regular[2], dual_use=campus, lent_to=()),
        *regular[3:6],
    )


@pytest.fixture(scope="module")
def planned() -> tuple[CapacityPlan, tuple[Location, ...]]:
    """A plan that keeps every place of a register of which few are needed."""
    register = lendable_register()
    places = sum(one.places for one in register)
    need = np.full((40, 24), places / 100) + np.arange(40)[:, np.newaxis]
    asked = PlanSettings(half_years=4, futures=4, branches=1, minimum_places=places)
    return plan_capacity(register, need, periods=PERIODS, settings=asked, seed=1), register


@pytest.fixture(scope="module")
def offered(planned: tuple[CapacityPlan, tuple[Location, ...]]) -> DualUse:
    return join_dual_use(*planned)


@pytest.fixture
def page(desk: Desk, offered: DualUse) -> Page:
    """The page of the filled service, with these offers on it."""
    shown = read_page(desk, norm=0.91)
    assert shown is not None
    return replace(shown, dual_use=offered)


def section(page: Page, language: Language = Language.NL) -> str:
    """The words of the section as they are read."""
    html = render_page(page, language=language, choice=Choice())
    (part,) = re.findall(r'<section aria-labelledby="dual-use">(.*?)</section>', html, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", part)).strip()


class TestWithoutRoom:
    def test_says_how_likely_one_place_is_needed_and_what_the_limit_is(self, desk: Desk):
        shown = read_page(desk, norm=0.91)
        assert shown is not None
        assert shown.dual_use is not None
        assert not shown.dual_use.offers

        told = section(shown)

        assert "Vanaf januari 2027 is er geen plaats uit te lenen" in told
        assert "de grens is 5%" in told
        assert "Aangeboden plaatsen" not in told

    def test_says_from_when_on_the_room_hangs_on_the_need(self, desk: Desk):
        shown = read_page(desk, norm=0.91)
        assert shown is not None
        assert shown.dual_use is not None

        told = section(shown)

        assert shown.dual_use.known_from == "2028-01"
        assert "Vanaf januari 2028 hangt de ruimte af van hoe hoog de behoefte dan blijkt" in told

    def test_says_when_there_may_be_room_later(self, desk: Desk, offered: DualUse):
        nothing = replace(offered.rooms[0], places_offered=0)
        later = replace(offered.rooms[1], places_offered=120)
        shown = read_page(desk, norm=0.91)
        assert shown is not None
        of = replace(offered, rooms=(nothing, later), every=())

        told = section(replace(shown, dual_use=of))

        assert "vanaf juli 2027 naar verwachting 120 plaatsen" in told


class TestWithRoom:
    def test_says_how_many_places_tenants_and_euros(self, page: Page, offered: DualUse):
        told = section(page)
        first = offered.first

        assert 0 < first.tenants_offered < first.places_offered
        assert f"kunnen {DUTCH.number(first.places_offered)} plaatsen op 6 locaties" in told
        assert f"Daar kunnen {DUTCH.number(first.tenants_offered)} huurders wonen" in told

    def test_says_to_whom_when_back_and_that_a_campus_never_comes_back(self, page: Page):
        told = section(page)

        assert "studenten, spoedzoekers, vergunninghouders, jongeren" in told
        assert "na 9 maanden; opzegtermijn 3 maanden" in told
        assert "op de einddatum, na 24 maanden" in told
        assert "niet: telt als afgestoten, nooit als reserve" in told
        assert "Leegstandwet, art. 15-16" in told
        assert "hangt de ruimte af" not in told

    def test_speaks_english_as_well(self, page: Page):
        told = section(page, Language.EN)

        assert "no: counts as given away, never as reserve" in told
        assert "students, urgent home-seekers, permit holders, young people" in told

    def test_reads_without_barriers(self, page: Page, tab: Tab):
        tab.set_content(render_page(page, language=Language.NL, choice=Choice()))
        for details in tab.locator("section[aria-labelledby=dual-use] summary").all():
            details.click()
        found = Axe().run(tab, "section[aria-labelledby=dual-use]")

        assert found.violations_count == 0, found.generate_report()


class TestTable:
    def test_holds_every_offer_with_its_groups_in_one_cell(self, offered: DualUse):
        rows = list(offer_rows(offered.every))
        groups = OFFER_COLUMNS.index("groups")

        assert len(rows) == len(offered.every) > len(offered.offers)
        assert rows[0][groups] == "student;urgent_seeker;permit_holder;young_person"

    def test_is_a_file_of_the_page(self, site: str):
        with urllib.request.urlopen(f"{site}/dual-use.csv") as answer:
            header = next(csv.reader(io.StringIO(answer.read().decode())))

        assert tuple(header) == OFFER_COLUMNS
