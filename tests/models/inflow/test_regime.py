# SPDX-License-Identifier: EUPL-1.2
"""The regime alarm: seldom when forecasts are honest, soon when they are not, never for ever."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, norm

from models.errors import InvalidInput
from models.inflow.regime import BETS, HONEST_YEARS, AlarmState, Direction, memory, watch
from models.periods import Frequency, month_range

THRESHOLD = HONEST_YEARS * 12


def run(places, *, frequency=Frequency.MONTH):
    places = np.asarray(places, dtype=float)
    periods = month_range(np.datetime64("2010-01"), len(places), frequency)
    return watch(places, periods=periods, frequency=frequency)


def honest(count, *, seed):
    return np.random.default_rng(seed).uniform(size=count)


def surprised(count, *, shift=0.0, scale=1.0, seed=0):
    """Places of figures that come `shift` usual spreads higher, `scale` times as far out."""
    scores = shift + scale * np.random.default_rng(seed).standard_normal(count)
    return np.clip(norm.cdf(scores), 1e-4, 1 - 1e-4)


def rises(course):
    """The alarms of a course that say higher; figures far above are far out as well."""
    return [alarm for alarm in course.alarms if alarm.direction is Direction.HIGHER]


streams = st.lists(st.one_of(st.floats(0.01, 0.99), st.just(float("nan"))), min_size=1, max_size=40)


class TestBets:
    @pytest.mark.parametrize("bet", [bet for bets in BETS.values() for bet in bets])
    def test_win_nothing_on_average_from_an_honest_forecast(self, bet):
        assert quad(beta(*bet).pdf, 0, 1)[0] == pytest.approx(1)

    @pytest.mark.parametrize("bet", [bet for bets in BETS.values() for bet in bets])
    def test_are_convex(self, bet):
        pays = beta(*bet).pdf(np.linspace(0.001, 0.999, 999))

        assert (np.diff(pays, 2) >= -1e-9).all()


class TestEvidence:
    def test_after_one_figure_is_what_the_bets_pay(self):
        # At 0.9 the bets on higher pay 2 x 0.9 and 4 x 0.9^3, and have a third of the evidence.
        assert run([0.9]).evidence[0, 0] == pytest.approx((1.8 + 2.916) / 2 / 3)

    @given(places=streams)
    def test_is_the_sum_over_every_start_of_what_was_won_since(self, places):
        course = run(places)
        known = [place for place in places if np.isfinite(place)]

        for row, bets in enumerate(BETS.values()):
            if any(alarm.direction is list(BETS)[row] for alarm in course.alarms):
                continue  # after an alarm it starts anew
            won = [
                sum(
                    np.prod([beta.pdf(place, a, b) for place in known[start:]])
                    for start in range(len(known))
                )
                for a, b in bets
            ]
            assert course.evidence[row, -1] == pytest.approx(np.mean(won) / 3)

    @given(places=streams)
    def test_is_never_less_than_that_of_pages_cusum(self, places):
        course = run(places)
        if course.alarms:
            return
        for row, bets in enumerate(BETS.values()):
            cusum = np.zeros(len(bets))
            for place in places:
                if np.isfinite(place):
                    paid = np.array([beta.pdf(place, a, b) for a, b in bets])
                    cusum = np.maximum(cusum, 1) * paid
            assert course.evidence[row, -1] * 3 >= cusum.mean() - 1e-9

    @given(places=streams)
    def test_for_higher_is_that_for_lower_of_the_mirrored_figures(self, places):
        course, mirrored = run(places), run([1 - place for place in places])

        np.testing.assert_allclose(course.evidence[0], mirrored.evidence[1])
        np.testing.assert_allclose(course.evidence[2], mirrored.evidence[2])

    @given(places=streams, after=st.lists(st.floats(0.01, 0.99), max_size=20))
    def test_of_a_month_does_not_change_with_what_comes_later(self, places, after):
        np.testing.assert_array_equal(
            run(places).evidence, run([*places, *after]).evidence[:, : len(places)]
        )

    @given(places=streams)
    def test_stands_still_in_a_gap(self, places):
        course = run([*places, np.nan])

        np.testing.assert_array_equal(course.evidence[:, -1], course.evidence[:, -2])

    @pytest.mark.parametrize("place", [0.0, 1.0, -0.2, 1.4])
    def test_is_refused_for_a_place_outside_the_forecast(self, place):
        with pytest.raises(InvalidInput):
            run([0.5, place])


class TestHonestForecasts:
    def test_ring_less_often_than_promised(self):
        courses = [run(honest(1_200, seed=seed)) for seed in range(20)]
        alarms = sum(len(course.alarms) for course in courses)
        years = 20 * 1_200 / 12

        assert 0 < alarms <= years / HONEST_YEARS

    def test_take_longer_to_the_first_alarm_than_promised(self):
        firsts = []
        for seed in range(120):
            course = run(honest(300, seed=1_000 + seed))
            rang = course.alarms[0].rang if course.alarms else course.periods[-1]
            firsts.append(int((rang - course.periods[0]).astype(int)) + 1)

        # Streams without an alarm count as if it came at their end: too short, never too long.
        assert np.mean(firsts) >= THRESHOLD

    def test_in_any_order_ring_no_more_often(self):
        # A surge in its place rings; the same figures shuffled are as good as honest.
        stream = np.concatenate([honest(400, seed=3), surprised(12, shift=2.0)])
        shuffled = [np.random.default_rng(seed).permutation(stream) for seed in range(40)]

        assert run(stream).verdict.state is AlarmState.RINGING
        assert sum(len(run(order).alarms) for order in shuffled) <= 40 * 412 / THRESHOLD


class TestChange:
    @pytest.mark.parametrize(
        ("places", "direction"),
        [
            (surprised(12, shift=1.5), Direction.HIGHER),
            (surprised(12, shift=-1.5), Direction.LOWER),
            (surprised(36, scale=3.0), Direction.VOLATILE),
        ],
    )
    def test_rings_in_its_direction(self, places, direction):
        course = run(np.concatenate([honest(60, seed=7), places]))
        rang = [alarm.direction for alarm in course.alarms]

        assert run(honest(60, seed=7)).alarms == ()
        assert direction in rang

    def test_is_dated_from_when_it_began(self):
        (alarm,) = rises(run([*honest(60, seed=7), *[0.95] * 8]))

        assert abs((alarm.since - np.datetime64("2015-01")).astype(int)) <= 2
        assert alarm.rang <= np.datetime64("2015-07")

    def test_of_spread_rings_in_most_streams_within_three_years(self):
        rang = [
            any(
                alarm.direction is Direction.VOLATILE
                for alarm in run(surprised(36, scale=3.0, seed=seed)).alarms
            )
            for seed in range(30)
        ]

        assert np.mean(rang) > 0.8

    def test_rings_on_quarters_too(self):
        course = run([*[0.45, 0.55] * 8, 0.97, 0.98, 0.97, 0.98], frequency=Frequency.QUARTER)

        assert course.verdict.direction is Direction.HIGHER

    def test_is_not_called_rarer_than_once_in_a_hundred_years(self):
        assert run([0.99] * 60).verdict.once_in_years == 100

    def test_is_called_no_more_common_than_what_rings(self):
        verdicts = [run([*[0.5] * 24, *[0.9] * count]).verdict for count in range(6, 12)]
        ringing = [verdict for verdict in verdicts if verdict.state is AlarmState.RINGING]

        assert ringing
        assert all(verdict.once_in_years >= HONEST_YEARS for verdict in ringing)


class TestEnd:
    def test_comes_when_half_a_year_of_figures_is_ordinary_again(self):
        ordinary = [0.5, 0.4, 0.6, 0.5, 0.4, 0.6]
        (alarm,) = rises(run([*[0.5] * 24, *[0.97] * 9, *ordinary]))

        assert alarm.until is not None

    def test_does_not_come_while_surprises_go_on(self):
        course = run([*[0.5] * 24, *[0.9] * 60])

        assert course.verdict.state is AlarmState.RINGING
        assert course.verdict.since == "2012-01"

    def test_lets_a_second_surge_ring_anew(self):
        first, second = rises(run([*[0.97] * 9, *[0.45, 0.55] * 12, *[0.97] * 9]))

        assert first.until is not None
        assert second.rang > first.until

    @settings(max_examples=25)
    @given(seed=st.integers(0, 10_000))
    def test_comes_within_two_years_of_honest_figures(self, seed):
        course = run([*[0.97] * 24, *honest(24, seed=seed)])

        assert rises(course)[0].until is not None


class TestVerdict:
    @pytest.mark.parametrize("frequency", [Frequency.MONTH, Frequency.QUARTER])
    def test_says_too_short_before_half_a_year_of_figures(self, frequency):
        short = [*[np.nan] * 20, *[0.99] * (memory(frequency) - 1)]

        assert run(short, frequency=frequency).verdict.state is AlarmState.TOO_SHORT
        assert run(short, frequency=frequency).alarms == ()

    def test_says_too_short_of_nothing(self):
        assert run([np.nan] * 30).verdict.state is AlarmState.TOO_SHORT

    def test_says_nothing_more_when_silent(self):
        verdict = run([0.5] * 30).verdict

        assert verdict.state is AlarmState.SILENT
        assert verdict.direction is verdict.since is verdict.rang is verdict.once_in_years is None

    def test_says_which_way_rather_than_how_far_out(self):
        course = run([*[0.02, 0.98] * 8, *[0.98] * 8])
        ringing = {alarm.direction for alarm in course.ringing_at(course.periods[-1])}

        assert ringing == {Direction.VOLATILE, Direction.HIGHER}
        assert course.verdict.direction is Direction.HIGHER

    def test_says_volatile_of_figures_far_out_by_turns(self):
        assert run([0.02, 0.98] * 15).verdict.direction is Direction.VOLATILE
