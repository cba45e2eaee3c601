# SPDX-License-Identifier: EUPL-1.2
"""Live scores and official forecasts, held to the same rules on both databases."""

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.errors import InvalidInput
from tests.figures import INFLOW, NOW, at, issued_forecast, observation, official
from training.store import Store
from training.store.migrate import downgrade, migrate

JANUARY = "2026-01-01"


@pytest.fixture
def issued(store: Store) -> str:
    """The id of a forecast of three months from January 2026 on."""
    store.series.define([INFLOW])
    return store.forecasts.issue(issued_forecast())


def arrive(store: Store, *figures) -> None:
    store.take_in("x", sha256="", definitions=[], observations=figures)


class TestLiveScores:
    def test_are_filed_when_the_figure_arrives(self, store, issued):
        arrive(store, observation(3_500, known="2026-02-10", period=JANUARY))

        (score,) = store.live_scores.of_forecast(issued)
        paths = issued_forecast().inflow.of(INFLOW.series_id)[:, 0]
        assert (score.series_id, score.counted_as) == (INFLOW.series_id, INFLOW.series_id)
        assert (score.period.isoformat(), score.horizon, score.actual) == (JANUARY, 1, 3_500)
        assert score.known_at == at("2026-02-10")
        assert score.scored_at == NOW
        assert score.median == pytest.approx(np.median(paths))
        assert score.error == pytest.approx(np.median(paths) - 3_500)

    def test_are_filed_once(self, store, issued):
        arrive(store, observation(3_500, known="2026-02-10", period=JANUARY))
        (score,) = store.live_scores.of_forecast(issued)
        arrive(store, observation(3_500, known="2026-02-10", period=JANUARY))

        assert store.score_arrived() == 0
        assert store.live_scores.file([score]) == 0
        assert store.live_scores.count() == 1

    def test_follow_a_correction_and_keep_what_stood_before(self, store, issued):
        arrive(store, observation(3_500, known="2026-02-10", period=JANUARY))
        arrive(store, observation(3_600, known="2026-03-10", period=JANUARY))

        (newest,) = store.live_scores.of_forecast(issued)
        both = store.live_scores.of_forecast(issued, every_vintage=True)
        (then,) = store.live_scores.newest(known_by=at("2026-02-28"))
        assert newest.actual == 3_600
        assert [score.actual for score in both] == [3_600, 3_500]
        assert then.actual == 3_500

    def test_that_a_crash_left_out_are_filed_the_next_time(self, store, issued):
        # What is left when the figures are kept and the process ends before they score.
        store.observations.record([observation(3_500, known="2026-02-10", period=JANUARY)])
        assert store.live_scores.count() == 0

        arrive(store, observation(3_700, known="2026-03-10", period="2026-02-01"))
        found = [score.actual for score in store.live_scores.of_forecast(issued)]
        assert found == [3_500, 3_700]


class TestOfficialForecasts:
    def test_are_recorded_once_and_corrected_by_a_further_row(self, store):
        assert store.official_forecasts.record([official(), official(target_year=2027)]) == 2
        assert store.official_forecasts.record([official()]) == 0
        assert store.official_forecasts.record([official(43_000)]) == 1

        found = store.official_forecasts.as_known_at(NOW, target_year=2026)
        assert [entry.persons for entry in found] == [43_000]

    def test_are_known_from_their_own_day(self, store):
        store.official_forecasts.record(
            [official(), official(known_at=at("2026-09-30"), edition="b")]
        )

        assert store.official_forecasts.as_known_at(at("2026-04-29")) == ()
        assert store.official_forecasts.as_known_at(at("2026-04-30")) == (official(),)
        assert [entry.edition for entry in store.official_forecasts.as_known_at(NOW)] == [
            "MPP 2026-I",
            "b",
        ]

    def test_that_count_something_else_are_kept_and_say_so(self, store):
        other = official(not_comparable="counts something else")
        store.official_forecasts.record([other])

        (found,) = store.official_forecasts.as_known_at(NOW)
        assert found == other
        assert not found.is_comparable

    @pytest.mark.parametrize("wrong", [{"persons": -1}, {"known_at": NOW.replace(tzinfo=None)}])
    def test_need_a_count_and_a_time_zone(self, wrong):
        with pytest.raises(InvalidInput, match="MPP 2026-I 2026"):
            official(**wrong)


class TestTheMigration:
    @pytest.mark.usefixtures("issued")
    def test_goes_down_and_up_again(self, store, database_url):
        arrive(store, observation(3_500, known="2026-02-10", period=JANUARY))
        store.official_forecasts.record([official()])

        downgrade(database_url, revision="0002")
        migrate(database_url)
        assert store.live_scores.count() == 0
        assert store.score_arrived() == 1
        with pytest.raises(DBAPIError), store.engine.begin() as connection:
            connection.execute(text("DELETE FROM live_scores"))
