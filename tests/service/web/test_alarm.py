# SPDX-License-Identifier: EUPL-1.2
"""What the page says of the regime alarm: one sentence, in both languages."""

from dataclasses import replace

import pytest

from models.inflow.regime import AlarmState, Direction, RegimeVerdict
from service.language import Language
from service.storage.desk import Desk
from service.web.plan_view import Choice
from service.web.read import read_page
from service.web.render import render_page


def html(desk: Desk, regime: RegimeVerdict | None, language: Language) -> str:
    page = read_page(desk, norm=0.91)
    return render_page(replace(page, regime=regime), language=language, choice=Choice())


def ringing(direction: Direction) -> RegimeVerdict:
    return RegimeVerdict(
        state=AlarmState.RINGING,
        direction=direction,
        since="2026-02",
        rang="2026-06",
        once_in_years=8,
    )


class TestAlarm:
    @pytest.mark.parametrize(
        ("language", "direction", "said"),
        [
            (Language.NL, Direction.HIGHER, "sinds februari 2026 is de instroom hoger"),
            (Language.NL, Direction.LOWER, "sinds februari 2026 is de instroom lager"),
            (Language.NL, Direction.VOLATILE, "sinds februari 2026 schommelt de instroom"),
            (Language.EN, Direction.HIGHER, "since February 2026 the inflow has been higher"),
            (Language.EN, Direction.LOWER, "since February 2026 the inflow has been lower"),
            (Language.EN, Direction.VOLATILE, "since February 2026 the inflow has swung"),
        ],
    )
    def test_says_which_way_and_since_when(self, desk: Desk, language, direction, said):
        shown = html(desk, ringing(direction), language)

        assert said in shown
        assert ("eens in de 8 jaar" if language is Language.NL else "once in 8 years") in shown

    @pytest.mark.parametrize(
        ("state", "said"),
        [(AlarmState.SILENT, "Geen alarm"), (AlarmState.TOO_SHORT, "nog te kort bekend")],
    )
    def test_says_in_one_line_that_it_is_silent_or_cannot_tell(self, desk: Desk, state, said):
        assert said in html(desk, RegimeVerdict(state=state), Language.NL)

    def test_says_nothing_where_nobody_asked(self, desk: Desk):
        shown = html(desk, None, Language.NL)

        assert "larm:" not in shown

    def test_is_read_from_the_forecast_that_is_shown(self, desk: Desk):
        entry = desk.store.forecasts.latest()

        assert read_page(desk, norm=0.91).regime == entry.regime
        assert entry.regime.state is AlarmState.SILENT
