# SPDX-License-Identifier: EUPL-1.2
"""Past decisions done again: costs, policies and perfect foresight."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.planning.costs import CostParameters
from models.planning.replay.policies import (
    Step,
    advised_places,
    foresight,
    house_rule_places,
    intervals,
    play,
    score,
)
from models.planning.replay.waiting import MONTHS_AHEAD, Terms, best_places

TERMS = Terms(costs=CostParameters(), norm=1.0, lot=100)

needs = st.lists(st.lists(st.integers(0, 3_000), min_size=6, max_size=6), min_size=1, max_size=6)


def step(*realised, need=None, official=None, terms=TERMS):
    months = np.array(realised * 6 if len(realised) == 1 else realised, dtype=float)
    return Step(
        decided_at="2017-12-31",
        period="2018-07",
        need=np.full((1, MONTHS_AHEAD), months[-1]) if need is None else need,
        official=official,
        realised=months,
        terms=terms,
    )


class TestScore:
    def test_adds_up_a_hand_worked_half_year(self):
        # 500 held, 100 opened for it; 400 needed: 100 empty for half a year.
        course = score("x", [500], [step(400)], start=400)

        assert course.of("empty_place_months").sum() == 600
        assert course.of("missing_place_months").sum() == 0
        assert course.cost_eur == pytest.approx(600 / 12 * 6_935 + 100 * 2_500)
        assert (course.of("openings").sum(), course.of("closures").sum()) == (1, 0)

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
        dear = Terms(costs=CostParameters(empty_place=13_870.0), norm=1.0, lot=100)
        course = score("x", [500, 500], [step(400), step(400, terms=dear)], start=500)

        first, second = course.of("cost_eur")
        assert second == pytest.approx(2 * first)


class TestAdvice:
    def test_is_the_best_number_for_what_is_expected(self):
        rng = np.random.default_rng(1)
        need = 500 * np.exp(np.cumsum(rng.normal(0, 0.05, (50, MONTHS_AHEAD)), axis=1))

        assert advised_places(step(0, need=need), 500) == best_places(need, held=500, terms=TERMS)


class TestHouseRule:
    def test_divides_the_median_at_the_end_of_the_half_year_by_the_norm(self):
        need = np.tile(np.arange(1.0, MONTHS_AHEAD + 1), (3, 1))
        terms = Terms(costs=CostParameters(), norm=0.91, lot=100)

        assert house_rule_places(step(0, need=need, terms=terms), 0) == pytest.approx(12 / 0.91)


class TestForesight:
    @settings(max_examples=40)
    @given(realised=needs, start=st.integers(0, 3_000), other=st.integers(0, 3_000))
    def test_is_never_dearer_than_another_course(self, realised, start, other):
        steps = [step(*months) for months in realised]
        best = score("best", foresight(steps, start=start), steps, start=start)

        for rival in ([other] * len(steps), [max(months) for months in realised]):
            dearer = score("rival", rival, steps, start=start)
            assert best.cost_eur <= dearer.cost_eur + 1e-3

    def test_finds_what_trying_everything_finds(self):
        steps = [step(300), step(100), step(200)]
        best = foresight(steps, start=200)
        tried = min(
            product(range(0, 401, 50), repeat=3),
            key=lambda places: score("x", places, steps, start=200).cost_eur,
        )

        assert best == pytest.approx(tried)


class TestPlay:
    def test_lets_each_decision_start_from_the_one_before(self):
        course = play("x", lambda _, held: held + 10, [step(0)] * 3, start=5)

        assert course.places == (15, 25, 35)

    @pytest.mark.parametrize("places", [-1.0, float("nan")])
    def test_refuses_a_policy_that_holds_no_number(self, places):
        with pytest.raises(InvalidInput, match="from 2018-07 on"):
            play("x", lambda *_: places, [step(0)], start=5)


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
