# SPDX-License-Identifier: EUPL-1.2
"""Where things stand: totals, quality as of today, and the words for it."""

from datetime import timedelta

import pytest

from models.planning.register.locations import LocationKind, LocationStatus
from service.settings import Settings
from service.storage.desk import Desk
from service.usecases.overview import (
    RegisterTotals,
    give_first_advice,
    overview,
    quality_now,
    register_totals,
)
from service.usecases.wording import sentences
from tests.builders import NOW, location
from training.store.records import Quality, QualityState


class TestQualityToday:
    @pytest.mark.parametrize(
        ("days", "state", "today"),
        [
            (35, QualityState.OK, QualityState.OK),
            (36, QualityState.OK, QualityState.DEGRADED),
            (36, QualityState.FALLBACK, QualityState.FALLBACK),
        ],
    )
    def test_a_forecast_that_grew_old_is_no_longer_ok(
        self, days: int, state: QualityState, today: QualityState
    ):
        issued_at = NOW - timedelta(days=days)

        found = quality_now(Quality(state=state, reasons=("one",)), issued_at, now=NOW)
        assert found.state is today
        assert found.reasons == (("one",) if days <= 35 else ("one", "forecast_old"))

    def test_is_said_once(self):
        issued_at = NOW - timedelta(days=90)
        quality = Quality(state=QualityState.OK)

        once = quality_now(quality, issued_at, now=NOW)
        assert quality_now(once, issued_at, now=NOW) == once


class TestTheRegister:
    def test_counts_every_place_by_what_it_is_used_for(self):
        lines = (
            location("A", places=10, possible=15),
            location("B", kind=LocationKind.CRISIS, places=20),
            location("C", status=LocationStatus.RESERVE, places=30),
            location("D", status=LocationStatus.LENT, places=40),
            location("E", status=LocationStatus.CANDIDATE, places=0, possible=50),
        )

        totals = register_totals(lines)
        assert totals == RegisterTotals(
            regular=10, emergency=20, reserve=30, lent=40, possible=55, locations=5
        )
        assert totals.open == 30


class TestTheOverview:
    def test_of_an_empty_store_is_empty_and_says_so(self, empty_desk: Desk):
        view = overview(empty_desk)

        assert (view.forecast, view.buffer, view.plan, view.register) == (None,) * 4
        assert view.quality.reasons == ("no_forecast",)
        assert sentences(view)["en"] == "No forecast has been issued yet."

    def test_says_advice_and_places_in_both_languages(self, desk: Desk):
        give_first_advice(desk, Settings())
        view = overview(desk)
        assert view.buffer is not None

        places = view.buffer.document.advice.recommended.outcome.places
        told = sentences(view)
        assert f"{places:,}".replace(",", ".") in told["nl"]
        assert f"{places:,}" in told["en"]
        reserve = view.buffer.document.advice.recommended.reserve_places
        assert f"waarvan {reserve:,} in reserve".replace(",", ".") in told["nl"]
        assert "1.050" in told["nl"]
        assert "1,050" in told["en"]
