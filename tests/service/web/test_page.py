# SPDX-License-Identifier: EUPL-1.2
"""The page as people meet it: in Chromium, from a running service, on the real register."""

import csv
import io
import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from models.planning.portfolio.capacity_plan import Action
from service.language import Language, wording_of
from service.storage.desk import Desk
from service.usecases.overview import overview
from service.web.plan_view import Choice
from service.web.read import read_page
from service.web.render import render_page

DUTCH = wording_of(Language.NL)


def fetch(address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request) as answer:
        lowered = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, lowered, answer.read()


def text_of(tab: Page, selector: str) -> str:
    """What is read there, with every space an ordinary one."""
    return re.sub(r"\s+", " ", tab.locator(selector).first.inner_text()).strip()


def cells(tab: Page, table: str) -> list[list[str]]:
    """The rows of a table body as they are read."""
    rows = tab.locator(f"{table} tbody tr").all()
    return [
        [re.sub(r"\s+", " ", cell).strip() for cell in row.locator("th, td").all_inner_texts()]
        for row in rows
    ]


@contextmanager
def opened(browser: Browser, address: str, **context: Any) -> Iterator[Page]:
    """A tab with its own size, colours or rights."""
    kept = browser.new_context(**context)
    page = kept.new_page()
    page.goto(address)
    yield page
    kept.close()


class TestAnswer:
    def test_opens_in_dutch_with_the_answer_first(self, site: str, tab: Page, desk: Desk):
        tab.goto(site)
        page = read_page(desk, norm=0.91)
        assert page is not None
        first = page.half_years[0]

        answer = text_of(tab, ".lead")

        assert tab.locator("html").get_attribute("lang") == "nl"
        assert text_of(tab, "h1") == "Hoeveel opvangplaatsen zijn nodig?"
        assert "Op 31 december 2026 hebben naar verwachting ongeveer" in answer
        for persons in (first.low, first.median, first.high):
            assert DUTCH.rounded(persons) in answer

    def test_says_how_many_places_there_are_and_how_many_to_hold(
        self, site: str, tab: Page, desk: Desk
    ):
        tab.goto(site)
        given = overview(desk).buffer
        assert given is not None
        advised = given.document.advice.recommended.outcome

        answer = " ".join(tab.locator(".lead").all_inner_texts())

        assert "In november 2025 waren er 74.236 plaatsen: 47.293 regulier en 26.943" in answer
        assert f"houd {DUTCH.rounded(advised.places)} plaatsen aan" in answer
        assert DUTCH.percent(advised.chance_every_month) in answer

    def test_says_what_staying_put_costs_and_what_there_is_to_decide(
        self, site: str, tab: Page, desk: Desk
    ):
        tab.goto(site)
        page = read_page(desk, norm=0.91)
        assert page is not None
        assert page.buffer is not None
        assert page.plan is not None
        extended = next(row for row in page.plan.decisions if row.action is Action.EXTEND)

        answer = re.sub(r"\s+", " ", " ".join(tab.locator(".lead").all_inner_texts()))

        for option in (page.buffer.now, page.buffer.advice.recommended):
            assert DUTCH.euros(option.outcome.cost_eur).replace("\N{NO-BREAK SPACE}", " ") in answer
        assert f"{extended.lines_now} \N{MULTIPLICATION SIGN} verlengen" in answer

    def test_hides_nothing_of_the_age_of_the_figures(self, site: str, tab: Page):
        tab.goto(site)
        facts = text_of(tab, "section:has(#quality) .facts")

        assert "6 januari 2025" in text_of(tab, ".warning")
        assert "Bezetting bekend op 6 januari 2025" in facts
        assert "Capaciteit bekend per november 2025" in facts
        assert "Kwaliteit beperkt" in facts

    def test_publishes_how_often_the_range_held(self, site: str, tab: Page):
        tab.goto(site)

        assert cells(tab, "#coverage") == [
            ["Instroom", "tot 12 maanden", "77%", "96"],
            ["Behoefte aan plaatsen", "tot 12 maanden", "71%", "24"],
        ]


class TestTables:
    def test_stand_beside_every_chart(self, site: str, tab: Page):
        tab.goto(site)

        charts = tab.locator("main svg[role=img]:visible").count()
        tables = tab.locator("details.figures table").count()

        assert charts == 4
        assert tables >= charts

    def test_hold_what_the_api_holds(self, site: str, tab: Page):
        """The page and the API are asked separately; a policy officer compares them so."""
        tab.goto(site)
        tab.locator("summary", has_text="De cijfers als tabel").first.click()
        _, _, body = fetch(f"{site}/v1/forecasts/latest", Accept="application/json")
        series = next(entry for entry in json.loads(body)["series"] if entry["quantity"] == "need")

        shown = [row[1] for row in cells(tab, "#need-table")]

        assert shown == [DUTCH.number(point["quantiles"]["0.5"]) for point in series["periods"]]

    def test_of_the_buffer_holds_the_advice(self, site: str, tab: Page, desk: Desk):
        tab.goto(site)
        given = overview(desk).buffer
        assert given is not None
        advice = given.document.advice

        rows = {row[0]: row[1:4] for row in cells(tab, "#options")}

        assert rows["Plaatsen van nu"][0] == "74.236"
        for name, option in (("Advies", advice.recommended), ("Vuistregel", advice.house_rule)):
            assert rows[name] == [
                DUTCH.number(option.outcome.places),
                DUTCH.percent(option.outcome.chance_every_month),
                DUTCH.number(option.outcome.empty_place_months),
            ]

    def test_of_the_tiers_adds_up_to_the_advice(self, site: str, tab: Page, desk: Desk):
        tab.goto(site)
        given = overview(desk).buffer
        assert given is not None

        *held, emergency = cells(tab, "#ladder")

        places = sum(int(row[1].replace(".", "")) for row in held)
        assert places == given.document.advice.recommended.outcome.places
        assert [row[0] for row in held][:2] == ["Open plaatsen", "Directe reserve"]
        assert [row[2] for row in held][:2] == ["staat open", "3 maanden"]
        assert emergency[0] == "Noodopvang"
        assert emergency[1] == "niet aangehouden"


class TestPlan:
    def test_adds_up_to_the_country(self, site: str, tab: Page):
        tab.goto(site)

        *provinces, country = cells(tab, "#provinces")

        assert len(provinces) == 12
        assert country[:2] == ["Nederland", "74.236"]

    def test_tells_what_later_hangs_on_the_need_and_how_often_it_takes_back(
        self, site: str, tab: Page
    ):
        tab.goto(site)
        rows = cells(tab, "#branches")
        chances = [int(row[1].removesuffix("%")) for row in rows]
        people = [int(row[2].replace(".", "")) for row in rows]

        assert len(rows) == 3
        assert sum(chances) == pytest.approx(100, abs=2)
        assert people == sorted(people)
        assert "binnen twaalf maanden terug in gebruik" in text_of(tab, "section:has(#plan)")

    def test_can_be_narrowed_by_province_and_action(self, site: str, tab: Page):
        tab.goto(site)
        tab.get_by_label("Provincie", exact=True).select_option("Drenthe")
        tab.get_by_label("Maatregel", exact=True).select_option("extend")
        tab.get_by_role("button", name="Toon").click()
        tab.wait_for_url("**province=Drenthe**")

        actions = tab.locator(".lines tbody td:first-of-type").all_inner_texts()

        assert "province=Drenthe" in tab.url
        assert tab.locator("details.province summary").all_inner_texts()[0].startswith("Drenthe")
        assert tab.locator("details.province").count() == 1
        assert actions
        assert all(action.startswith("Verlengen") for action in actions)
        assert tab.get_by_label("Provincie", exact=True).input_value() == "Drenthe"

    def test_says_so_when_nothing_fits(self, site: str, tab: Page):
        tab.goto(f"{site}/?province=Atlantis")

        assert "Geen enkele regel" in text_of(tab, "section:has(#plan)")

    def test_gives_every_line_a_reason_and_says_what_is_assumed(self, site: str, tab: Page):
        tab.goto(f"{site}/?province=Zeeland")
        reasons = tab.locator(".lines .why").all_inner_texts()
        names = tab.locator(".lines tbody th").all_inner_texts()

        assert all(re.search(r"\w{3,}.*\.$", reason) for reason in reasons)
        assert all("looptijd is aanname" in name for name in names)
        assert any("aantal is feit" in name for name in names)


class TestFiles:
    def test_hold_every_line_of_the_plan_with_its_reason_in_words(self, site: str, desk: Desk):
        given = overview(desk).plan
        assert given is not None
        _, headers, body = fetch(f"{site}/plan.csv")

        rows = list(csv.DictReader(io.StringIO(body.decode())))

        assert headers["content-type"].startswith("text/csv")
        assert sorted((row["locationId"], row["from"], row["action"]) for row in rows) == sorted(
            (line.location_id, line.from_period, line.action.value)
            for line in given.document.plan.lines
        )
        assert all(row["explanation"].endswith(".") for row in rows)

    def test_can_be_narrowed_as_the_page_can(self, site: str):
        _, _, body = fetch(f"{site}/plan.csv?lang=en&province=Zeeland&action=keep")
        rows = list(csv.DictReader(io.StringIO(body.decode())))

        assert {(row["province"], row["action"]) for row in rows} == {("Zeeland", "keep")}
        assert "futures" in rows[0]["explanation"]

    def test_hold_the_figures_of_the_charts(self, site: str, desk: Desk):
        page = read_page(desk, norm=0.91)
        assert page is not None
        _, _, body = fetch(f"{site}/forecast.csv")
        rows = list(csv.DictReader(io.StringIO(body.decode())))
        last = [row for row in rows if row["quantity"] == "inflow"][-7:]

        assert [float(row["level"]) for row in last] == [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
        assert {row["day"] for row in last} == {page.inflow.days[-1].isoformat()}
        assert float(last[3]["persons"]) == page.inflow.median[-1]
        assert float(last[-1]["persons"]) == page.inflow.band(0.95).high[-1]

    @pytest.mark.parametrize("name", ["forecast.csv", "plan.csv"])
    def test_do_not_exist_before_there_is_a_forecast(self, empty_site: str, name: str):
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetch(f"{empty_site}/{name}")
        refused.value.close()

        assert refused.value.code == 404


class TestLanguage:
    def test_switches_to_english_and_back(self, site: str, tab: Page):
        tab.goto(site)
        tab.get_by_role("link", name="English").click()
        tab.wait_for_url("**lang=en**")

        assert tab.locator("html").get_attribute("lang") == "en"
        assert text_of(tab, "h1") == "How many reception places are needed?"
        assert "74,236" in text_of(tab, ".lead >> nth=1")

        tab.get_by_role("link", name="Nederlands").click()
        tab.wait_for_url("**lang=nl**")

        assert tab.locator("html").get_attribute("lang") == "nl"

    def test_keeps_what_was_chosen(self, site: str, tab: Page):
        tab.goto(f"{site}/?province=Drenthe")
        tab.get_by_role("link", name="English").click()
        tab.wait_for_url("**lang=en**")

        assert tab.locator("details.province").count() == 1

    def test_has_a_short_address_for_english(self, site: str, tab: Page):
        tab.goto(f"{site}/en")

        assert tab.locator("html").get_attribute("lang") == "en"


class TestAccess:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("query", ["?province=Zeeland", "?lang=en"])
    def test_axe_finds_nothing(self, site: str, browser: Browser, query: str, scheme: str):
        with opened(browser, f"{site}/{query}", color_scheme=scheme) as page:
            found = Axe().run(page)

        assert found.violations_count == 0, found.generate_report()

    def test_axe_finds_nothing_in_the_tables_beside_the_charts(self, site: str, tab: Page):
        tab.goto(site)
        for details in tab.locator("details.figures > summary").all():
            details.click()
        found = Axe().run(tab)

        assert found.violations_count == 0, found.generate_report()

    @pytest.mark.parametrize("width", [320, 390, 640, 768])
    def test_never_scrolls_sideways_as_a_whole(self, site: str, browser: Browser, width: int):
        """320 pixels is 1280 pixels at 400 % zoom."""
        viewport = {"width": width, "height": 640}
        with opened(browser, f"{site}/?province=Zeeland", viewport=viewport) as page:
            for details in page.locator("details.figures > summary").all():
                details.click()
            assert page.evaluate("document.documentElement.scrollWidth") == width

    def test_draws_a_chart_that_can_be_read_on_a_telephone(self, site: str, browser: Browser):
        with opened(browser, site, viewport={"width": 390, "height": 844}) as page:
            smallest = page.evaluate(
                "Math.min(...[...document.querySelectorAll('main svg[role=img] text')]"
                ".filter(t => t.getBoundingClientRect().width)"
                ".map(t => t.getBoundingClientRect().height))"
            )

        assert smallest >= 12

    def test_keeps_labels_within_the_chart(self, site: str, browser: Browser):
        for width in (390, 1280):
            with opened(browser, site, viewport={"width": width, "height": 900}) as page:
                outside = page.evaluate(
                    "[...document.querySelectorAll('main svg[role=img] text')].filter(t => {"
                    "const a = t.getBoundingClientRect(),"
                    " b = t.closest('svg').getBoundingClientRect();"
                    "return a.width && (a.left < b.left - 1 || a.right > b.right + 1"
                    " || a.top < b.top - 1 || a.bottom > b.bottom + 1)}).map(t => t.textContent)"
                )

            assert outside == [], width

    def test_is_walked_by_keyboard_from_the_skip_link_on(self, site: str, tab: Page):
        tab.goto(site)
        tab.keyboard.press("Tab")
        skip = tab.evaluate("document.activeElement.textContent")
        shown = tab.locator(".skip").bounding_box()
        tab.keyboard.press("Enter")
        tab.keyboard.press("Tab")

        assert skip == "Naar de inhoud"
        assert shown is not None
        assert shown["y"] >= 0
        assert tab.evaluate("document.activeElement.closest('main') !== null")

    def test_shows_where_the_focus_is(self, site: str, tab: Page):
        tab.goto(site)
        tab.keyboard.press("Tab")
        tab.keyboard.press("Tab")

        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"

    def test_works_without_scripts(self, site: str, browser: Browser):
        with opened(browser, site, java_script_enabled=False) as page:
            page.get_by_label("Provincie", exact=True).select_option("Drenthe")
            page.get_by_role("button", name="Toon").click()
            page.wait_for_url("**province=Drenthe**")

            assert page.locator("details.province").count() == 1

    def test_prints_the_answer_and_the_summaries(self, site: str, tab: Page):
        tab.goto(site)
        tab.emulate_media(media="print")

        assert tab.locator("h1").is_visible()
        assert tab.locator("#provinces").is_visible()
        assert not tab.locator(".filter").is_visible()


class TestSafety:
    def test_asks_nothing_of_another_machine_and_breaks_no_policy(self, site: str, tab: Page):
        asked: list[str] = []
        complaints: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))

        tab.goto(site)
        _, headers, body = fetch(site)

        assert {urlsplit(url).netloc for url in asked} == {urlsplit(site).netloc}
        assert len(asked) >= 3
        assert complaints == []
        assert "default-src 'none'" in headers["content-security-policy"]
        assert b"<script" not in body
        assert b"style=" not in body

    def test_shows_a_name_from_the_register_as_text(self, desk: Desk):
        page = read_page(desk, norm=0.91)
        assert page is not None
        assert page.plan is not None
        course = page.plan.courses[0]
        poisoned = replace(course, location=replace(course.location, name="<script>x</script>"))

        body = render_page(
            replace(page, plan=replace(page.plan, courses=(poisoned,))),
            language=Language.NL,
            choice=Choice(),
        )

        assert "&lt;script&gt;x&lt;/script&gt;" in body
        assert "<script" not in body

    @pytest.mark.parametrize("name", ["province", "action", "when", "lang"])
    def test_shows_nothing_that_was_typed_in_the_address(self, site: str, name: str):
        _, _, body = fetch(f"{site}/?{name}=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")

        assert b"<img" not in body

    def test_files_may_be_kept_since_their_address_changes_with_them(self, site: str):
        _, _, body = fetch(site)
        (sheet,) = re.findall(rb'href="(/static/getij\.css\?v=[0-9a-f]{12})"', body)

        status, headers, _ = fetch(site + sheet.decode())

        assert status == 200
        assert headers["content-type"].startswith("text/css")
        assert "immutable" in headers["cache-control"]

    @pytest.mark.parametrize("name", ["other.css", "..%2Fpages.py", "getij.css%00"])
    def test_gives_no_other_file(self, site: str, name: str):
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetch(f"{site}/static/{name}")

        refused.value.close()

        assert refused.value.code == 404


class TestEmpty:
    def test_says_that_there_is_no_forecast_yet(self, empty_site: str, tab: Page):
        tab.goto(empty_site)

        assert text_of(tab, "h1") == "Er is nog geen prognose"
        assert Axe().run(tab).violations_count == 0
