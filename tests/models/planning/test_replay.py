# SPDX-License-Identifier: EUPL-1.2
"""Past decisions done again: costs, policies and perfect foresight."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.planning.costs import CostParameters
from models.planning.replay import (
    Rules,
    Step,
    advised_places,
    foresight,
    house_rule_places,
    play,
    score,
)

RULES = Rules(costs=CostParameters(), norm=1.0, location_places=100)

needs = st.lists(st.lists(st.integers(0, 3_000), min_size=6, max_size=6), min_size=1, max_size=6)


def step(*realised, expected=None, official=None):
    months = np.array(realised * 6 if len(realised) == 1 else realised, dtype=float)
    paths = np.array(expected if expected is not None else [months.tolist() * 2], dtype=float)
    return Step(
        decided_at="2017-12-31",
        period="2018-07",
        expected=paths,
        official=official,
        realised=months,
    )


class TestScore:
    def test_adds_up_a_hand_worked_half_year(self):
        # 500 held, 100 opened for it; 400 needed: 100 empty for half a year.
        course = score("x", [500], [step(400)], start=400, rules=RULES)

        assert course.empty_place_months == 600
        assert course.missing_place_months == 0
        assert course.cost_eur == pytest.approx(600 / 12 * 6_935 + 100 * 2_500)
        assert (course.openings, course.closures) == (1, 0)

    def test_prices_a_person_without_a_place(self):
        course = score("x", [300], [step(400)], start=300, rules=RULES)

        assert course.missing_place_months == 600
        assert course.cost_eur == pytest.approx(600 / 12 * 39_000)

    def test_counts_an_opening_after_a_closure_once(self):
        steps = [step(400)] * 4
        course = score("x", [200, 400, 200, 600], steps, start=400, rules=RULES)

        assert (course.openings, course.closures) == (6, 4)
        assert course.reopenings_within_12_months == 4

    def test_forgives_an_opening_long_after(self):
        course = score("x", [200, 200, 200, 400], [step(300)] * 4, start=400, rules=RULES)

        assert course.reopenings_within_12_months == 0


class TestAdvice:
    forecast = np.arange(1_001.0)[:, None] * np.ones(12)

    def test_stays_within_its_band(self):
        # (6,935 + 2,500) / 45,935 = 20.5 % and (6,935 - 3,667) / 45,935 = 7.1 % chance of use.
        held = [advised_places(step(0, expected=self.forecast), h, rules=RULES) for h in (800, 900)]

        assert held == [800, 900]

    def test_moves_to_the_nearest_edge_and_no_further(self):
        low = advised_places(step(0, expected=self.forecast), 0, rules=RULES)
        high = advised_places(step(0, expected=self.forecast), 2_000, rules=RULES)

        assert low == pytest.approx(1_000 * (1 - 9_435 / 45_935), abs=1)
        assert high == pytest.approx(1_000 * (1 - 3_268 / 45_935), abs=1)

    def test_beats_every_other_number_in_expectation(self):
        seen = step(0, expected=self.forecast)
        best = advised_places(seen, 500, rules=RULES)

        def cost(places):
            years = [
                score("x", [places], [step(path[0])], start=500, rules=RULES)
                for path in self.forecast[::20]
            ]
            moved = max(places - 500, 0) * 2_500 + max(500 - places, 0) * 3_667
            return np.mean([2 * (course.cost_eur - moved) + moved for course in years])

        assert min(range(400, 1_001, 25), key=cost) == pytest.approx(best, abs=25)


class TestHouseRule:
    def test_divides_the_median_by_the_norm(self):
        rules = Rules(costs=CostParameters(), norm=0.91, location_places=100)

        assert house_rule_places(step(910), 0, rules=rules) == pytest.approx(1_000)


class TestForesight:
    @settings(max_examples=40)
    @given(realised=needs, start=st.integers(0, 3_000), other=st.integers(0, 3_000))
    def test_is_never_dearer_than_another_course(self, realised, start, other):
        steps = [step(*months) for months in realised]
        best = score(
            "best", foresight(steps, start=start, rules=RULES), steps, start=start, rules=RULES
        )

        for rival in ([other] * len(steps), [max(months) for months in realised]):
            dearer = score("rival", rival, steps, start=start, rules=RULES)
            assert best.cost_eur <= dearer.cost_eur + 1e-3

    def test_finds_what_trying_everything_finds(self):
        steps = [step(300), step(100), step(200)]
        best = foresight(steps, start=200, rules=RULES)
        tried = min(
            product(range(0, 401, 50), repeat=3),
            key=lambda places: score("x", places, steps, start=200, rules=RULES).cost_eur,
        )

        assert best == pytest.approx(tried)


class TestPlay:
    def test_lets_each_decision_start_from_the_one_before(self):
        course = play("x", lambda _, held: held + 10, [step(0)] * 3, start=5, rules=RULES)

        assert course.places == (15, 25, 35)
