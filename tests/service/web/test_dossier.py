# SPDX-License-Identifier: EUPL-1.2
"""The dossier: one file that needs nothing else, prints, and says how to repeat the run."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from models.errors import NotFound
from models.planning.costs import COST_ORIGINS, Basis, CostParameters
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.supply import SupplyRisk
from models.planning.register.criteria import CriteriaWeights
from service.language import Language, wording_of
from service.reports.dossier import read_record, render_dossier
from service.storage.desk import Desk

LANGUAGES = list(Language)


@pytest.fixture(scope="module")
def dossiers(desk: Desk) -> dict[Language, str]:
    return {language: render_dossier(desk, norm=0.91, language=language) for language in LANGUAGES}


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return Language(request.param)


@pytest.fixture
def file(dossiers: dict[Language, str], language: Language, tmp_path: Path) -> Path:
    path = tmp_path / "dossier.html"
    path.write_text(dossiers[language], encoding="utf-8")
    return path


class TestTheFile:
    def test_speaks_the_language_that_was_asked(
        self, dossiers: dict[Language, str], language: Language
    ):
        assert f'<html lang="{language}">' in dossiers[language]
        assert wording_of(language).say("record.heading") in dossiers[language]

    def test_needs_nothing_else(self, dossiers: dict[Language, str], language: Language):
        addresses = re.findall(r'(?:href|src|action)="([^"]*)"', dossiers[language])

        assert addresses
        assert all(address.startswith("#") for address in addresses)
        assert not re.search(
            r"<(link|script|img|form|iframe)\b|url\((?!#)|@import|/static/", dossiers[language]
        )

    def test_asks_nothing_of_any_machine_when_it_is_opened(self, file: Path, browser: Browser):
        asked: list[str] = []
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        page.close()

        assert asked == [file.as_uri()]

    def test_is_the_same_twice(self, desk: Desk, dossiers: dict[Language, str], language: Language):
        assert render_dossier(desk, norm=0.91, language=language) == dossiers[language]

    def test_shows_every_line_of_the_plan_and_every_table(
        self, file: Path, browser: Browser, desk: Desk
    ):
        page = browser.new_page()
        page.goto(file.as_uri())
        shown = page.locator(".lines .why:visible").count()
        closed = page.locator("details:not([open])").count()
        page.close()

        assert shown == len(read_record(desk).plan.document.plan.lines)
        assert closed == 0

    def test_has_nothing_that_axe_complains_of(self, file: Path, browser: Browser):
        page = browser.new_page()
        page.goto(file.as_uri())
        found = Axe().run(page)
        page.close()

        assert found.violations_count == 0, found.generate_report()

    def test_prints_on_paper_without_cutting_anything_off(self, file: Path, browser: Browser):
        page = browser.new_page(viewport={"width": 680, "height": 960})  # A4 within its margins
        page.goto(file.as_uri())
        page.emulate_media(media="print")
        wider = page.evaluate(
            "[...document.querySelectorAll('table')]"
            ".filter(t => t.getBoundingClientRect().right > innerWidth + 1)"
            ".map(t => t.textContent.trim().slice(0, 40))"
        )
        printed = page.pdf(prefer_css_page_size=True)
        page.close()

        assert wider == []
        assert printed.startswith(b"%PDF")
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 5


class TestTheRecord:
    def test_names_all_that_is_needed_to_repeat_the_run(
        self, desk: Desk, dossiers: dict[Language, str], language: Language
    ):
        record = read_record(desk)
        marks = (
            record.forecast.forecast_id,
            record.forecast.snapshot_sha256,
            record.forecast.artefact_id,
            record.forecast.code_version,
            str(record.forecast.seed),
            record.register.register_id,
            record.buffer.advice_id,
            record.plan.advice_id,
            "2026-11-22 09:30:00 UTC",
        )

        assert [mark for mark in marks if mark not in dossiers[language]] == []

    def test_gives_every_price_and_every_setting_its_origin(self, desk: Desk):
        record = read_record(desk)
        prices = {price.name: (price.value, price.basis) for price in record.prices}
        published = CostParameters()

        assert prices == {
            name: (getattr(published, name), origin.basis) for name, origin in COST_ORIGINS.items()
        }
        parts = {"supply": SupplyRisk, "criteria": CriteriaWeights}
        within = {field.name for part in parts.values() for field in fields(part)}
        assert {row.name for row in record.settings} | {"costs", *parts} == {
            field.name for field in fields(PlanSettings)
        } | within
        (norm,) = (row for row in record.settings if row.name == "occupancy_norm")
        assert (norm.basis, norm.value) == (Basis.FACT, 0.91)

    def test_says_when_a_value_was_given_instead_of_usual(self, desk: Desk):
        """The plan of these tests was asked for four half-years and six futures."""
        given = {row.name: row.value for row in read_record(desk).settings if row.basis is None}

        assert given == {"half_years": 4, "futures": 6}

    def test_counts_what_is_assumed_in_the_register(self, desk: Desk):
        assumed = dict(read_record(desk).assumed)
        lines = desk.registers.latest().locations

        assert assumed["agreement_end"] == sum("agreement_end" in line.assumed for line in lines)

    def test_needs_a_forecast(self, empty_desk: Desk):
        with pytest.raises(NotFound, match="forecast"):
            render_dossier(empty_desk, norm=0.91, language=Language.NL)
