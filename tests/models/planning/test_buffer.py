# SPDX-License-Identifier: EUPL-1.2
"""The buffer is the cheapest number of places, and every figure beside it can be recounted."""

import json
import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from models.errors import InvalidInput
from models.planning.buffer import BOARD_LEVELS, DecisionWindow, advise_buffer
from models.planning.costs import CostParameters

COSTS = CostParameters()
PERIODS = np.arange("2026-01", "2026-07", dtype="datetime64[M]")
WINDOW = DecisionWindow(first="2026-01", last="2026-06")


def advise(need, *, costs=COSTS, norm=1.0, window=WINDOW, considered=()):
    periods = PERIODS[: np.shape(need)[1]]
    last = min(str(periods[-1]), window.last)
    return advise_buffer(
        np.asarray(need, dtype=float),
        periods=periods,
        window=replace(window, last=last),
        costs=costs,
        occupancy_norm=norm,
        considered=considered,
    )


def recount(need, *, places, norm, costs):
    """Empty and missing place-months and cost, person by person: slow and obvious."""
    empty = missing = 0.0
    for path in need:
        for persons in path:
            housed = min(persons, norm * places)
            missing += persons - housed
            empty += places - housed
    empty, missing = empty / len(need), missing / len(need)
    return empty, missing, (empty * costs.empty_place + missing * costs.missing_premium) / 12


needs = st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=1, max_size=8).map(
    lambda rows: np.array(rows, dtype=float)
)
norms = st.sampled_from([0.8, 0.91, 1.0])


class TestCostOptimum:
    def test_is_the_critical_quantile_of_a_known_distribution(self):
        spread = stats.norm(loc=70_000, scale=5_000)
        need = spread.ppf((np.arange(20_000) + 0.5) / 20_000)[:, np.newaxis]
        critical = 1 - COSTS.empty_place / (0.91 * (39_000 + COSTS.empty_place))

        advice = advise(need, norm=0.91)

        assert advice.recommended.outcome.places == pytest.approx(
            spread.ppf(critical) / 0.91, abs=3
        )
        assert advice.recommended.outcome.chance_average_month == pytest.approx(critical, abs=1e-4)

    def test_is_the_textbook_newsvendor_when_every_place_can_be_slept_in(self):
        need = np.arange(1, 101, dtype=float)[:, np.newaxis]

        # 39,000 / (39,000 + 6,935) = 0.849: the 85th of a hundred equally likely needs
        assert advise(need).recommended.outcome.places == 85

    @given(needs, norms)
    def test_costs_no_more_than_any_other_number_of_places(self, need, norm):
        best = advise(need, norm=norm).recommended.outcome
        every = [recount(need, places=x, norm=norm, costs=COSTS)[2] for x in range(60)]

        assert best.cost_eur == pytest.approx(min(every))
        assert best.places == int(np.argmin(np.round(every, 6)))

    @given(needs, norms, st.floats(1.0, 4.0))
    def test_grows_with_the_price_of_a_missing_place(self, need, norm, factor):
        dearer = replace(COSTS, missing_premium=COSTS.missing_premium * factor)

        assert (
            advise(need, norm=norm, costs=dearer).recommended.outcome.places
            >= advise(need, norm=norm).recommended.outcome.places
        )

    @given(needs, norms, st.floats(1.0, 2.0))
    def test_shrinks_with_the_price_of_an_empty_place(self, need, norm, factor):
        dearer = replace(COSTS, empty_place=COSTS.empty_place * factor)

        assert (
            advise(need, norm=norm, costs=dearer).recommended.outcome.places
            <= advise(need, norm=norm).recommended.outcome.places
        )

    @given(needs, norms, st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_of_the_paths(self, need, norm, random):
        order = list(range(len(need)))
        random.shuffle(order)

        assert advise(need[order], norm=norm) == advise(need, norm=norm)


class TestOutcome:
    @given(needs, norms)
    def test_agrees_with_a_recount_person_by_person(self, need, norm):
        for point in advise(need, norm=norm).curve:
            empty, missing, cost = recount(need, places=point.places, norm=norm, costs=COSTS)

            assert point.empty_place_months == pytest.approx(empty, abs=1e-6)
            assert point.missing_place_months == pytest.approx(missing, abs=1e-6)
            assert point.cost_eur == pytest.approx(cost, abs=1e-3)

    def test_tells_every_month_from_the_average_month(self):
        # ten places: enough in both months of one future, in one of two of the other
        curve = advise([[10, 10], [10, 20]]).curve
        (ten,) = [point for point in curve if point.places == 10]

        assert (ten.chance_every_month, ten.chance_average_month) == (0.5, 0.75)

    @given(needs, norms)
    def test_draws_chances_that_rise_to_one(self, need, norm):
        curve = advise(need, norm=norm).curve
        chances = [point.chance_every_month for point in curve]

        assert chances == sorted(chances)
        assert chances[-1] == 1.0
        assert all(p.chance_every_month <= p.chance_average_month for p in curve)


class TestHouseRule:
    def test_divides_the_median_of_the_last_month_by_the_norm(self):
        need = [[95, 85], [95, 91], [95, 99]]

        assert advise(need, norm=0.91).house_rule.outcome.places == 100

    def test_leaves_room_above_the_highest_median(self):
        need = [[95, 85], [95, 91], [95, 99]]

        assert advise(need, norm=0.91).house_rule.buffer_places == 5


class TestServiceLevel:
    @given(needs, norms)
    def test_is_met_with_no_place_too_many(self, need, norm):
        for option in advise(need, norm=norm).service_levels:
            places, level = option.outcome.places, option.service_level
            peaks = need.max(axis=1)

            assert np.mean(peaks <= norm * places + 1e-6) >= level
            assert places == 0 or np.mean(peaks <= norm * (places - 1)) < level

    def test_is_offered_at_each_level_of_the_board(self):
        levels = tuple(one.service_level for one in advise([[10, 12]]).service_levels)

        assert levels == BOARD_LEVELS


class TestImpliedPrice:
    def test_makes_the_last_place_pay_for_itself(self):
        need = np.arange(1, 101, dtype=float)[:, np.newaxis]
        house = advise(need).house_rule

        # the 51st place is slept in in 50 of 100 futures, and empty in 50
        assert house.outcome.places == 51
        assert house.implied_price_eur == pytest.approx(COSTS.empty_place * 50 / 50)

    @given(needs, norms)
    def test_is_at_most_the_price_that_the_optimum_was_made_with(self, need, norm):
        price = advise(need, norm=norm).recommended.implied_price_eur

        assert price is not None
        assert price <= COSTS.missing_premium * (1 + 1e-9)

    @given(needs, norms)
    def test_is_a_price_at_which_the_choice_would_be_the_optimum(self, need, norm):
        house = advise(need, norm=norm).house_rule
        price = house.implied_price_eur
        if not price:  # nobody sleeps in the last place, or there is none
            return
        dearer = replace(COSTS, missing_premium=price * (1 + 1e-6))

        assert advise(need, norm=norm, costs=dearer).recommended.outcome.places >= (
            house.outcome.places
        )

    def test_has_no_value_where_no_future_fills_the_last_place(self):
        (many,) = advise([[10, 12]], considered=[50]).considered

        assert many.implied_price_eur is None
        assert many.outcome.empty_place_months == 38 + 40


class TestAdvice:
    def test_can_be_written_as_json(self):
        text = json.dumps(asdict(advise([[10, 12], [13, 9]])))

        assert json.loads(text)["window"] == {"first": "2026-01", "last": "2026-02"}

    def test_looks_at_the_window_alone(self):
        need = np.array([[10.0, 500.0, 11.0, 0.0, 0.0, 0.0]])
        march = DecisionWindow(first="2026-03", last="2026-03")

        assert advise(need, window=march).recommended.outcome.places == 11

    @pytest.mark.parametrize(
        ("need", "norm"),
        [([[-1.0, 2.0]], 0.9), ([[math.nan, 2.0]], 0.9), ([[1.0, 2.0]], 0.0), ([[1.0]], 1.01)],
    )
    def test_refuses_what_is_no_count_or_no_norm(self, need, norm):
        with pytest.raises(InvalidInput):
            advise(need, norm=norm)

    def test_refuses_fewer_than_no_places(self):
        with pytest.raises(InvalidInput, match="fewer than no places"):
            advise([[10.0]], considered=[-1])

    def test_refuses_a_window_outside_the_forecast(self):
        with pytest.raises(InvalidInput, match="outside the forecast"):
            advise_buffer(
                np.ones((2, 6)),
                periods=PERIODS,
                window=DecisionWindow(first="2026-05", last="2027-02"),
                costs=COSTS,
                occupancy_norm=0.9,
            )

    def test_refuses_costs_at_which_no_place_pays_for_itself(self):
        with pytest.raises(InvalidInput, match="no place pays"):
            advise([[10.0]], costs=replace(COSTS, missing_premium=600.0), norm=0.91)


class TestDecisionWindow:
    @pytest.mark.parametrize(
        ("first", "last"), [("2026-07", "2026-06"), ("2026-13", "2027-01"), ("July", "2027-01")]
    )
    def test_refuses_months_that_are_none_or_run_backwards(self, first, last):
        with pytest.raises(InvalidInput):
            DecisionWindow(first=first, last=last)
