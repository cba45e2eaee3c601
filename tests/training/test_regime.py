# SPDX-License-Identifier: EUPL-1.2
"""The measurement of the regime alarm: real figures, honest ones, and ones that must ring."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from models.errors import NotFound
from models.inflow.regime import HONEST_YEARS, AlarmState, Direction, RegimeVerdict
from models.periods import Frequency, month_range
from models.types import Panel
from training.regime import (
    Rate,
    backtest_alarm,
    calm_periods,
    changes,
    drawn_anew,
    verdict_of,
    watches,
)
from training.regime_past import SERIES, dutch_past, past_table, told
from training.series_file import read_series
from training.sources.reference import load_reference
from training.store import open_store
from training.store.migrate import migrate


def panel_of(*rows, frequency=Frequency.MONTH):
    persons = np.array(rows, dtype=float)
    return Panel(
        series_ids=tuple("abcdefgh"[: len(rows)]),
        frequency=frequency,
        periods=month_range(np.datetime64("2010-01"), persons.shape[1], frequency),
        persons=persons,
    )


@pytest.fixture(scope="module")
def europe(shared):
    """Four countries of the public panel."""
    whole = read_series(shared / "data/eurostat_asylum_applicants_monthly.csv")
    return whole.select(["DE", "FR", "NL", "SE"])


@pytest.fixture(scope="module")
def honest(europe):
    """The same four as the model believes they come: made up, to test mechanics."""
    return drawn_anew(europe, np.random.default_rng(3))


@pytest.fixture(scope="module")
def measured(europe):
    return backtest_alarm(europe, rng=np.random.default_rng(1))


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    folder = tmp_path_factory.mktemp("past")
    url = f"sqlite:///{folder / 'getij.sqlite'}"
    migrate(url)
    reference = load_reference()
    with open_store(url, folder, clock=lambda: datetime(2026, 11, 22, tzinfo=UTC)) as store:
        store.take_in(
            "reference",
            sha256="",
            definitions=reference.definitions,
            observations=reference.observations,
        )
        return dutch_past(store.observations.as_known_at, years=(2015,))


class TestBacktest:
    def test_rings_seldom_on_honest_figures(self, measured):
        between = {rate.what: rate.between for rate in measured.rates}

        assert between["honest streams"] >= HONEST_YEARS
        assert between["figures drawn from the model"] >= HONEST_YEARS

    def test_rings_for_the_surge_of_2015_in_sweden(self, measured):
        ringing = measured.courses["SE"].ringing_at(np.datetime64("2015-11"))

        assert Direction.HIGHER in {alarm.direction for alarm in ringing}

    def test_says_how_soon_it_saw_a_doubling(self, measured):
        seen = {change.period: change for change in measured.changes if change.series_id == "SE"}

        # The third quarter of 2015 was the first to hold twice the persons of a year before.
        assert seen["2015-10"].direction is Direction.HIGHER
        assert seen["2015-10"].delay in {-1, 0}

    def test_is_the_same_twice(self, europe, measured):
        again = backtest_alarm(europe, rng=np.random.default_rng(1))

        assert again.to_json() == measured.to_json()

    def test_runs_on_quarters(self, europe):
        quarters = replace(
            europe,
            frequency=Frequency.QUARTER,
            periods=europe.periods[0] + np.arange(44) * np.timedelta64(3, "M"),
            persons=europe.persons[:, :132].reshape(4, 44, 3).sum(axis=2),
        )
        made = backtest_alarm(quarters, rng=np.random.default_rng(1))

        assert made.rates[0].years > 4 * 6
        assert made.rates[-1].between >= HONEST_YEARS


class TestKnownBad:
    def test_noise_five_times_as_large_rings(self, honest):
        rng = np.random.default_rng(9)
        shaken = honest.persons.copy()
        shaken[2, 100:] *= np.exp(rng.normal(0, 1.2, size=shaken.shape[1] - 100))
        course = watches(replace(honest, persons=shaken))["NL"]

        assert any(
            alarm.direction is Direction.VOLATILE and alarm.rang >= course.periods[100]
            for alarm in course.alarms
        )

    def test_a_rise_of_a_third_every_month_rings_higher(self, honest):
        rising = honest.persons.copy()
        rising[2, -8:] *= 1.33 ** np.arange(1, 9)

        assert verdict_of(replace(honest, persons=rising), "NL").direction is Direction.HIGHER

    def test_the_alarm_ends_once_the_new_level_has_been_learned(self, honest):
        raised = honest.persons.copy()
        raised[2, 90:98] *= 1.33 ** np.arange(1, 9)
        raised[2, 98:] *= 1.33**8
        alarms = watches(replace(honest, persons=raised))["NL"].alarms
        rose = [alarm for alarm in alarms if alarm.direction is Direction.HIGHER]

        assert rose
        assert all(alarm.until is not None for alarm in rose)


class TestDrawnAnew:
    def test_keeps_gaps_and_leaves_short_series_unknown(self, europe):
        persons = europe.persons.copy()
        persons[1, 40:43] = np.nan
        persons[3, :-5] = np.nan
        drawn = drawn_anew(replace(europe, persons=persons), np.random.default_rng(1)).persons

        assert np.isnan(drawn[1, 40:43]).all()
        assert np.isnan(drawn[3]).all()
        assert np.isfinite(drawn[0]).all()

    def test_moves_as_much_as_the_series_it_was_drawn_from(self, europe, honest):
        def step(panel):
            return np.median(np.abs(np.diff(np.log(panel.persons + 5))), axis=1)

        np.testing.assert_allclose(step(honest), step(europe), rtol=0.5)


class TestCalmPeriods:
    def test_are_those_with_two_like_years_around_them(self):
        calm = calm_periods(panel_of([100.0] * 24 + [130.0] * 24))[0]

        assert calm[11]
        assert not calm[23]  # the year after it holds 1.3 times as many
        assert calm[35]
        assert not calm[:11].any()
        assert not calm[36:].any()


class TestChanges:
    def test_are_the_first_month_of_each_doubling(self):
        panel = panel_of([1_000.0] * 50 + [4_000.0] * 10)
        (change,) = changes(panel, watches(panel))

        # 1000 + 1000 + 4000 is twice the 3000 of a year before.
        assert change.period == str(panel.periods[50])
        assert change.direction is Direction.HIGHER

    def test_leave_out_what_is_small(self):
        panel = panel_of([20.0] * 50 + [80.0] * 10)

        assert list(changes(panel, watches(panel))) == []


class TestRate:
    def test_is_endless_without_an_alarm(self):
        assert Rate(what="", alarms=0, years=8.0).between == float("inf")
        assert Rate(what="", alarms=2, years=8.0).between == 4


class TestVerdict:
    def test_of_an_unknown_series_is_refused(self, honest):
        with pytest.raises(NotFound):
            verdict_of(honest, "XX")

    def test_of_a_short_history_is_too_short(self):
        assert verdict_of(panel_of([5.0] * 14), "a").state is AlarmState.TOO_SHORT

    def test_of_figures_changes_with_none_that_came_later(self, europe):
        early = europe.until(np.datetime64("2015-10"))

        assert verdict_of(early, "SE").direction is Direction.HIGHER
        assert watches(europe)["SE"].ringing_at(np.datetime64("2015-10"))


class TestDutchPast:
    def test_holds_every_month_and_series(self, said):
        assert len(said) == 12 * len(SERIES)
        assert len(past_table(said)) == len(said) + 1

    def test_knows_at_the_end_of_a_month_nothing_later(self, said):
        assert all(row.last <= row.month for row in said)

    def test_knows_the_total_by_quarters(self, said):
        first, *_, last = (row for row in said if row.series_id == "nl.inflow.total")

        assert first.last == "2014-12"
        assert last.persons == 4_691.0

    def test_knows_applications_by_month_and_has_enough_of_them(self, said):
        told_then = [row for row in said if row.series_id == "nl.inflow.asylum_applications"]

        assert [row.last for row in told_then] == [row.month for row in told_then]
        assert all(row.verdict.state is not AlarmState.TOO_SHORT for row in told_then)


class TestTold:
    def test_is_the_state_while_nothing_rings(self):
        assert told(RegimeVerdict(state=AlarmState.TOO_SHORT)) == "too short"

    def test_names_direction_beginning_and_odds_while_it_rings(self):
        verdict = RegimeVerdict(
            state=AlarmState.RINGING,
            direction=Direction.HIGHER,
            since="2015-04",
            rang="2015-10",
            once_in_years=6,
        )

        assert told(verdict) == "higher since 2015-04, once in 6 years"
