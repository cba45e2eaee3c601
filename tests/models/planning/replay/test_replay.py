# SPDX-License-Identifier: EUPL-1.2
"""Past decisions done again: costs, policies and perfect foresight."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.planning.costs import CostParameters
from models.planning.replay.course import intervals
from models.planning.replay.course import score as score_ready
from models.planning.replay.foresight import foresight
from models.planning.replay.half_year import LEAD, Ready, Reserves, Step, Terms
from models.planning.replay.policies import (
    ADVICE,
    ADVICE_ALL_OPEN,
    ADVICE_DIRECT_ONLY,
    HOUSE_RULE,
    KEEP_OPEN,
    OFFICIAL_PLAN,
    Policy,
    play,
)
from models.planning.replay.waiting import MONTHS_AHEAD, best_places

TERMS = Terms(costs=CostParameters(), norm=1.0, lot=100)

half_years = st.lists(st.integers(0, 3_000), min_size=6, max_size=6)
needs = st.lists(half_years, min_size=1, max_size=6)


def step(*realised, need=None, official=None, terms=TERMS):
    """A decision with its outcome, and months before it that were as the first of the outcome."""
    outcome = np.array(realised * 6 if len(realised) == 1 else realised, dtype=float)
    months = np.concatenate([np.full(LEAD, outcome[0]), outcome])
    return Step(
        decided_at="2017-12-31",
        period="2018-07",
        need=np.full((1, MONTHS_AHEAD), months[-1]) if need is None else need,
        official=official,
        realised=months,
        terms=terms,
    )


def ready_for(*persons, on_call=0.0, most_on_call=0.0):
    """What stands ready in a half-year."""
    agreed = np.broadcast_to(np.array(persons, dtype=float), 6)
    beyond = np.broadcast_to(np.array(on_call, dtype=float), 6)
    return Ready(agreed=agreed, on_call=beyond, most_on_call=most_on_call)


def score(name, places, steps, *, start):
    """What places that are all open come to."""
    return score_ready(name, places, steps, ready=[None] * len(steps), start=start)


class TestScore:
    def test_adds_up_a_hand_worked_half_year(self):
        # 500 held, 100 opened for it; 400 needed: 100 empty for half a year.
        course = score("x", [500], [step(400)], start=400)

        assert course.of("empty_place_months").sum() == 600
        assert course.of("missing_place_months").sum() == 0
        assert course.cost_eur == pytest.approx(600 / 12 * 15_000 + 100 * 2_500)
        assert (course.of("openings").sum(), course.of("closures").sum()) == (1, 0)

    def test_charges_a_reserve_its_housing_and_its_calling_up(self):
        # 500 held, 300 of them ready at first and 400 from the third month on; 350 needed.
        ready = ready_for(300, 300, 400, 400, 400, 400)
        course = score_ready("x", [500], [step(350)], ready=[ready], start=300)

        in_reserve = 2 * 200 + 4 * 100
        assert course.of("reserve_place_months").sum() == in_reserve
        assert course.of("missing_place_months").sum() == 2 * 50
        assert course.of("empty_place_months").sum() == in_reserve + 4 * 50
        assert course.cost_eur == pytest.approx(
            in_reserve / 12 * 6_935
            + 4 * 50 / 12 * 15_000
            + 2 * 50 / 12 * 39_000
            + 100 * 2_500  # called up in the third month
            + 200 * 2_500  # opened; what is opened is in use at first
        )

    def test_calls_up_again_what_was_given_back_between_half_years(self):
        low, high = ready_for(300), ready_for(500)
        steps = [step(300), step(500)]
        given_back = score_ready("x", [500, 500], steps, ready=[low, high], start=500)
        kept = score_ready("x", [500, 500], steps, ready=[high, high], start=500)

        assert given_back.of("cost_eur")[1] == pytest.approx(200 * 2_500)
        assert kept.of("cost_eur")[1] == 0

    def test_charges_an_indirect_reserve_what_it_takes_and_credits_who_sleeps_in_it(self):
        # 300 held, 100 more on call and ready from the third month on for 50 of them; 350 needed.
        ready = ready_for(300, on_call=[0, 0, 350, 350, 350, 350], most_on_call=100)
        course = score_ready("x", [300], [step(350)], ready=[ready], start=300)

        assert course.of("missing_place_months").sum() == 2 * 50
        assert course.of("empty_place_months").sum() == 0
        assert course.of("reserve_place_months").sum() == 0
        assert course.cost_eur == pytest.approx(
            (2 * 100 + 4 * 50) / 12 * 693.5  # on call
            + 2 * 50 / 12 * 39_000
            + 50 * (2_500 + 3_667)  # called up: opened now, and closed again some day
        )

    def test_lets_an_indirect_reserve_stay_where_the_agreements_do(self):
        ready = [ready_for(each, on_call=350, most_on_call=100) for each in (300, 350)]
        courses = [
            score_ready("x", places, [step(350)] * 2, ready=ready, start=300)
            for places in ([300, 300], [300, 350])
        ]

        stayed, replaced = (course.of("cost_eur")[1] for course in courses)
        assert stayed == pytest.approx(6 * 50 / 12 * 693.5)
        # What is under agreement now is needed no more from elsewhere.
        assert replaced == pytest.approx(50 * 2_500 + 6 * 100 / 12 * 693.5)

    def test_prices_a_person_without_a_place(self):
        course = score("x", [300], [step(400)], start=300)

        assert course.of("missing_place_months").sum() == 600
        assert course.cost_eur == pytest.approx(600 / 12 * 39_000)

    def test_counts_an_opening_after_a_closure_once(self):
        steps = [step(400)] * 4
        course = score("x", [200, 400, 200, 600], steps, start=400)

        assert (course.of("openings").sum(), course.of("closures").sum()) == (6, 4)
        assert course.of("reopenings_within_12_months").sum() == 4

    def test_forgives_an_opening_long_after(self):
        course = score("x", [200, 200, 200, 400], [step(300)] * 4, start=400)

        assert course.of("reopenings_within_12_months").sum() == 0

    def test_charges_each_half_year_at_its_own_prices(self):
        dear = Terms(
            costs=CostParameters(
                regular_standby=23_065.0, regular_person=45_400.0, emergency_person=84_400.0
            ),
            norm=1.0,
            lot=100,
        )
        course = score("x", [500, 500], [step(400), step(400, terms=dear)], start=500)

        first, second = course.of("cost_eur")
        assert second == pytest.approx(2 * first)


class TestPolicies:
    NEED = 500 * np.exp(
        np.cumsum(np.random.default_rng(1).normal(0, 0.05, (50, MONTHS_AHEAD)), axis=1)
    )

    @pytest.mark.parametrize("advice", [ADVICE, ADVICE_DIRECT_ONLY, ADVICE_ALL_OPEN])
    def test_the_advice_is_the_best_number_for_what_is_expected(self, advice):
        best = best_places(self.NEED, held=500, terms=TERMS, reserves=advice.reserves)

        assert advice.places(step(0, need=self.NEED), 500) == best

    def test_the_house_rule_divides_the_median_at_the_end_of_the_half_year_by_the_norm(self):
        need = np.tile(np.arange(1.0, MONTHS_AHEAD + 1), (3, 1))
        terms = Terms(costs=CostParameters(), norm=0.91, lot=100)

        assert HOUSE_RULE.places(step(0, need=need, terms=terms), 0) == pytest.approx(12 / 0.91)

    def test_the_official_plan_follows_the_house_rule_until_there_is_one(self):
        usual = HOUSE_RULE.places(step(0, need=self.NEED), 0)

        assert OFFICIAL_PLAN.places(step(0, need=self.NEED), 0) == usual
        assert OFFICIAL_PLAN.places(step(0, need=self.NEED, official=9), 0) == 9

    def test_keeping_open_closes_nothing(self):
        decided = step(0, need=self.NEED)

        assert KEEP_OPEN.places(decided, 9_999) == 9_999
        assert KEEP_OPEN.places(decided, 0) == HOUSE_RULE.places(decided, 0)

    def test_the_reserve_is_called_up_by_what_is_known_and_by_nothing_later(self):
        decided = step(300, 310, 320, 330, 340, 350, need=self.NEED)
        later = np.where(np.arange(LEAD + 6) < LEAD + 3, 1, 7) * decided.realised
        other = replace(decided, realised=later)

        # Three months from calling up to the first night, four for what is on call.
        ready, then = decided.ready(Reserves.INDIRECT), other.ready(Reserves.INDIRECT)
        np.testing.assert_array_equal(ready.agreed[:4], then.agreed[:4])
        np.testing.assert_array_equal(ready.on_call[:5], then.on_call[:5])
        earlier = replace(decided, realised=7 * decided.realised).ready(Reserves.INDIRECT)
        assert (earlier.agreed > ready.agreed).all()  # the control
        assert (earlier.on_call > ready.on_call).all()


class TestForesight:
    @settings(max_examples=40)
    @given(realised=needs, start=st.integers(0, 3_000), other=st.integers(0, 3_000))
    def test_is_never_dearer_than_another_course(self, realised, start, other):
        steps = [step(*months) for months in realised]
        best = foresight(steps, start=start)

        for rival in ([other] * len(steps), [max(months) for months in realised]):
            dearer = score("rival", rival, steps, start=start)
            assert best.cost_eur <= dearer.cost_eur + 1e-3

    @settings(max_examples=40)
    @given(
        realised=needs,
        start=st.integers(0, 3_000),
        held=st.integers(0, 3_000),
        known=st.builds(
            lambda levels, beyond, most: ready_for(*levels, on_call=beyond, most_on_call=most),
            half_years,
            half_years,
            st.integers(0, 3_000),
        ),
    )
    def test_is_never_dearer_than_another_use_of_reserves(self, realised, start, held, known):
        steps = [step(*months) for months in realised]
        ready = [known] * len(steps)
        rival = score_ready("x", [held] * len(steps), steps, ready=ready, start=start)

        assert foresight(steps, start=start).cost_eur <= rival.cost_eur + 1e-3

    def test_finds_what_trying_everything_finds(self):
        steps = [step(300), step(100), step(200)]
        best = foresight(steps, start=200)
        sizes = range(0, 401, 100)
        courses = product([(held, ready) for held in sizes for ready in sizes], repeat=3)
        tried = min(
            score_ready(
                "x",
                [held for held, _ in course],
                steps,
                ready=[ready_for(ready) for _, ready in course],
                start=200,
            ).cost_eur
            for course in courses
        )

        assert best.cost_eur == pytest.approx(tried)


class TestPlay:
    def test_lets_each_decision_start_from_the_one_before(self):
        more = Policy(name="x", places=lambda _, held: held + 10)
        course = play(more, [step(0)] * 3, start=5)

        assert course.places == (15, 25, 35)

    @pytest.mark.parametrize("places", [-1.0, float("nan")])
    def test_refuses_a_policy_that_holds_no_number(self, places):
        with pytest.raises(InvalidInput, match="from 2018-07 on"):
            play(Policy(name="x", places=lambda *_: places), [step(0)], start=5)


class TestIntervals:
    def test_have_no_width_where_every_half_year_is_alike(self):
        steps = [step(400)] * 8
        best = score("best", [400] * 8, steps, start=400)
        rival = score("rival", [500] * 8, steps, start=500)
        worse = score("worse", [600] * 8, steps, start=600)
        spread = intervals([worse], best=best, rival=rival, rng=np.random.default_rng(1))

        low, high = spread["worse"]["relative_to_house_rule"]
        assert low == pytest.approx(high)
        assert low == pytest.approx(2)

    def test_hold_the_sum_of_the_years_that_came(self):
        rng = np.random.default_rng(2)
        steps = [step(float(need)) for need in rng.integers(300, 700, 30)]
        best = score("best", [700] * 30, steps, start=700)
        course = score("x", [500] * 30, steps, start=500)
        spread = intervals([course], best=best, rival=course, rng=np.random.default_rng(1))

        low, high = spread["x"]["cost_eur"]
        assert low < course.cost_eur < high
        assert spread["x"]["relative_to_house_rule"] == (1.0, 1.0)

    def test_hold_the_true_sum_about_as_often_as_they_say(self):
        """Histories of independent half-years, each with its own interval of 80 %."""
        rng = np.random.default_rng(5)
        truth, held = None, 0
        for _ in range(60):
            steps = [step(float(need)) for need in rng.normal(500, 80, 40)]
            best = score("best", [500] * 40, steps, start=500)
            course = score("x", [600] * 40, steps, start=600)
            truth = 40 * 6 / 12 * 100 * 6_935  # always 600 held, 500 needed on average
            found = intervals([course], best=best, rival=course, rng=rng)
            low, high = found["x"]["empty_place_months"]
            held += low <= truth / 6_935 * 12 <= high

        assert 0.6 <= held / 60 <= 0.95
