# SPDX-License-Identifier: EUPL-1.2
"""What the page says of forecasts in service, and of what the ministry expected."""

from dataclasses import replace

import numpy as np
import pytest

from models.drift import LiveCoverage, LiveQuality, Verdict
from service.language import Language, wording_of
from service.storage.desk import Desk
from service.web.official import TOTAL, present_official
from service.web.plan_view import Choice
from service.web.read import read_page
from service.web.render import render_page
from service.web.view import Page
from tests.figures import official
from tests.service.web.conftest import NOW


@pytest.fixture(scope="module")
def page(desk: Desk) -> Page:
    return read_page(desk, norm=0.91)


def html(page: Page, language: Language = Language.NL) -> str:
    return render_page(page, language=language, choice=Choice())


class TestOfficial:
    def test_stands_beside_our_forecast_of_the_same_year(self, desk: Desk, page: Page):
        (year,) = page.official
        forecast = desk.store.forecasts.get(page.forecast_id)
        known = desk.store.observations.as_known_at(NOW, series_ids=[TOTAL]).of(TOTAL)
        counts = {row.period.month: row.value for row in known if row.period.year == 2026}
        # January has no figure: it lies halfway between its neighbours.
        december = next(row.value for row in known if row.period.isoformat() == "2025-12-01")
        so_far = sum(counts.values()) + (december + counts[2]) / 2
        to_come = forecast.inflow.of(TOTAL)[:, : 12 - max(counts)].sum(axis=1)

        assert (year.year, year.edition) == (2026, "MPP Sep 2025")
        assert (year.official_low, year.official_high) == (39_000, 67_100)
        assert year.official_middle is None
        assert (year.known, year.bridged) == (len(counts), 1)
        assert year.median == pytest.approx(so_far + np.median(to_come))
        assert year.low < year.median < year.high

    def test_is_the_newest_edition_of_the_year(self, desk: Desk, page: Page):
        forecast = desk.store.forecasts.get(page.forecast_id)
        snapshot = desk.store.observations.as_known_at(NOW)
        newer = official(50_000, edition="b", known_at=NOW)
        made = present_official(
            forecast,
            snapshot=snapshot,
            official=[newer, official(1), official(9, target_year=2027, not_comparable="no")],
        )

        assert [(row.year, row.edition, row.official_middle) for row in made] == [
            (2026, "b", 50_000)
        ]

    def test_is_left_out_where_nothing_was_published(self, page: Page):
        shown = html(replace(page, official=()))

        assert "Wat verwachtte het ministerie?" in html(page)
        assert "Wat verwachtte het ministerie?" not in shown

    @pytest.mark.parametrize(
        ("published", "said"),
        [
            ({}, "39.000 tot 67.100"),
            ({"official_low": None}, "hoogstens 67.100"),
            ({"official_high": None}, "minstens 39.000"),
            ({"official_middle": 50_000.0}, "50.000; 39.000 tot 67.100"),
        ],
    )
    def test_shows_what_was_published_and_no_more(self, page: Page, published, said):
        (year,) = page.official

        assert f">{said}<" in html(replace(page, official=(replace(year, **published),)))

    def test_is_said_in_english_too(self, page: Page):
        shown = html(page, Language.EN)

        assert "What did the ministry expect?" in shown
        assert "39,000 to 67,100" in shown


def live(verdict: Verdict) -> LiveQuality:
    return LiveQuality(
        series_id=TOTAL,
        first_horizon=1,
        last_horizon=3,
        outcomes=30,
        periods=20,
        independent=6.7,
        bias=-250.0,
        relative_crps=0.804,
        relative_upper_crps=None,
        coverage=(LiveCoverage(nominal=0.5, measured=0.4, low=0.1, high=0.9),),
        verdict=verdict,
    )


class TestInService:
    def test_is_read_with_the_forecast(self, page: Page):
        assert {part.series_id for part in page.in_service} == {TOTAL}
        assert page.in_service[0].bias == pytest.approx(100)

    @pytest.mark.parametrize("verdict", list(Verdict))
    def test_shows_error_score_and_verdict(self, page: Page, verdict: Verdict):
        shown = html(replace(page, in_service=(live(verdict),)))

        said = wording_of(Language.NL).say(f"verdict.{verdict}")
        assert f"<td>{said}</td>" in shown
        for cell in ("1 tot 3 maanden", "40%", "\N{MINUS SIGN}250", "0,80", "30"):
            assert f">{cell}</td>" in shown

    def test_says_so_when_nothing_has_arrived(self, page: Page):
        assert "nog geen cijfer binnengekomen" in html(replace(page, in_service=()))

    def test_of_a_file_for_the_board_is_what_was_known_when_it_was_issued(
        self, desk: Desk, page: Page
    ):
        filed = read_page(desk, norm=0.91, as_issued=True)

        assert filed.in_service == page.in_service
        assert filed.official == page.official
