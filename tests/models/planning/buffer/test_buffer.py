# SPDX-License-Identifier: EUPL-1.2
"""The buffer is the cheapest mix of places, and every figure beside it can be recounted."""

import json
import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.errors import InvalidInput
from models.planning.buffer.advice import (
    BOARD_LEVELS,
    DecisionWindow,
    OptionBasis,
    Promises,
    advise_buffer,
)
from models.planning.buffer.option import mean_of_worst
from models.planning.buffer.sizing import Sizing
from models.planning.buffer.tiers import TierName
from models.planning.buffer.warnings import WarningCode
from models.planning.costs import CostParameters
from tests.models.planning.buffer import ladders
from tests.models.planning.buffer.ladders import tier

COSTS = CostParameters()
EMPTY = COSTS.regular_open
AT_ONCE = (ladders.AT_ONCE,)
NO_LEVELS = Promises(service_levels=())
PERIODS = np.arange("2026-01", "2026-07", dtype="datetime64[M]")
WINDOW = DecisionWindow(first="2026-01", last="2026-06")


def advise(
    need, *, costs=COSTS, norm=1.0, window=WINDOW, tiers=AT_ONCE, promises=NO_LEVELS, considered=()
):
    periods = PERIODS[: np.shape(need)[1]]
    last = min(str(periods[-1]), window.last)
    return advise_buffer(
        np.asarray(need, dtype=float),
        periods=periods,
        window=replace(window, last=last),
        costs=costs,
        occupancy_norm=norm,
        tiers=tiers,
        promises=promises,
        considered=considered,
    )


def cheapest(need, *, costs=COSTS, norm=1.0, tiers=AT_ONCE):
    """The regular places of the cheapest mix: what most laws are about."""
    need = np.asarray(need, dtype=float)
    return Sizing(need, tiers=tiers, costs=costs, norm=norm).cheapest()[0]


def recount(need, *, places, norm, costs):
    """Empty and missing place-months and cost, person by person: slow and obvious."""
    empty = missing = 0.0
    for path in need:
        for persons in path:
            housed = min(persons, norm * places)
            missing += persons - housed
            empty += places - housed
    empty, missing = empty / len(need), missing / len(need)
    return empty, missing, (empty * costs.regular_open + missing * 39_000) / 12


needs = st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=1, max_size=8).map(
    lambda rows: np.array(rows, dtype=float)
)
norms = st.sampled_from([0.8, 0.91, 1.0])


class TestCostOptimum:
    def test_is_the_critical_quantile_of_a_known_distribution(self):
        spread = stats.norm(loc=70_000, scale=5_000)
        need = spread.ppf((np.arange(20_000) + 0.5) / 20_000)[:, np.newaxis]
        critical = 1 - EMPTY / (0.91 * (39_000 + EMPTY))

        advice = advise(need, norm=0.91)

        assert advice.recommended.outcome.places == pytest.approx(
            spread.ppf(critical) / 0.91, abs=3
        )
        assert advice.recommended.outcome.chance_average_month == pytest.approx(critical, abs=1e-4)

    def test_is_the_textbook_newsvendor_when_every_place_can_be_slept_in(self):
        need = np.arange(1, 101, dtype=float)[:, np.newaxis]

        # 39,000 / (39,000 + 15,000) = 0.722: the 73rd of a hundred equally likely needs
        assert advise(need).recommended.outcome.places == 73

    @given(needs, norms)
    def test_costs_no_more_than_any_other_number_of_places(self, need, norm):
        every = [recount(need, places=x, norm=norm, costs=COSTS)[2] for x in range(60)]

        assert cheapest(need, norm=norm) == int(np.argmin(np.round(every, 1)))

    @given(needs, norms, st.floats(1.0, 4.0))
    def test_grows_with_the_price_of_a_missing_place(self, need, norm, factor):
        dearer = (replace(AT_ONCE[0], person_eur=30_400 + 39_000 * factor),)

        assert cheapest(need, norm=norm, tiers=dearer) >= cheapest(need, norm=norm)

    @given(needs, norms, st.floats(1.0, 1.4))
    def test_shrinks_with_the_price_of_an_empty_place(self, need, norm, factor):
        dearer = replace(COSTS, empty_place=COSTS.empty_place * factor)

        assert cheapest(need, norm=norm, costs=dearer) <= cheapest(need, norm=norm)

    @settings(max_examples=20)
    @given(needs, norms, st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_of_the_paths(self, need, norm, random):
        order = list(range(len(need)))
        random.shuffle(order)

        assert advise(need[order], norm=norm) == advise(need, norm=norm)


class TestOutcome:
    @settings(max_examples=30)
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

    @settings(max_examples=30)
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
    @settings(max_examples=30)
    @given(needs, norms)
    def test_is_met_at_the_least_cost(self, need, norm):
        peaks = need.max(axis=1)
        every = [recount(need, places=x, norm=norm, costs=COSTS)[2] for x in range(60)]

        for option in advise(need, norm=norm, promises=Promises()).service_levels:
            meeting = [
                cost
                for x, cost in enumerate(every)
                if np.mean(peaks <= norm * x + 1e-6) >= option.service_level
            ]

            assert option.outcome.chance_every_month >= option.service_level
            assert option.outcome.cost_eur == pytest.approx(min(meeting), abs=0.02)

    def test_is_offered_at_each_level_of_the_board(self):
        levels = tuple(
            one.service_level for one in advise([[10, 12]], promises=Promises()).service_levels
        )

        assert levels == BOARD_LEVELS


class TestImpliedPrice:
    def test_makes_the_last_place_pay_for_itself(self):
        need = np.arange(1, 101, dtype=float)[:, np.newaxis]
        house = advise(need).house_rule

        # the 51st place is slept in in 50 of 100 futures, and empty in 50
        assert house.outcome.places == 51
        assert house.implied_price_eur == pytest.approx(EMPTY * 50 / 50, rel=1e-5)

    @given(needs, norms)
    def test_is_at_most_the_price_that_the_optimum_was_made_with(self, need, norm):
        price = advise(need, norm=norm).recommended.implied_price_eur

        assert price is not None
        assert price <= 39_000 * (1 + 1e-5)

    @given(needs, norms)
    def test_is_a_price_at_which_the_choice_would_be_the_optimum(self, need, norm):
        house = advise(need, norm=norm).house_rule
        price = house.implied_price_eur
        if not price:  # nobody sleeps in the last place, or there is none
            return
        if norm * price <= (1 - norm) * EMPTY * 1.01:  # refused: no place pays for itself
            return
        priced = (replace(AT_ONCE[0], person_eur=30_400 + price * 1.001),)

        assert advise(need, norm=norm, tiers=priced).recommended.outcome.places >= (
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
        barely = (replace(AT_ONCE[0], person_eur=30_400.0 + 600),)

        with pytest.raises(InvalidInput, match="no place pays"):
            advise([[10.0]], tiers=barely, norm=0.91)


PEAK = [[10, 10, 10, 10], [10, 10, 12, 14], [10, 12, 14, 16], [10, 10, 10, 12]]
RESERVE = (
    tier(TierName.DIRECT_RESERVE, activation_months=1, holding_eur=2_000.0),
    *AT_ONCE,
)


class TestShares:
    def test_add_up_to_the_option(self):
        for option in (advise(PEAK, tiers=RESERVE).recommended, advise(PEAK).house_rule):
            outcome, shares = option.outcome, option.tiers
            held = [share for share in shares if share.tier is not TierName.EMERGENCY]

            assert sum(share.places for share in held) == outcome.places
            assert sum(share.cost_eur for share in shares) == pytest.approx(outcome.cost_eur)
            assert sum(share.empty_place_months for share in shares) == pytest.approx(
                outcome.empty_place_months
            )
            used = sum(share.used_place_months for share in shares)
            assert used + option.last_resort_place_months == pytest.approx(np.sum(PEAK) / 4)

    def test_tell_how_much_emergency_reception_to_have_plans_for(self):
        # 10 of a hundred futures need 91 to 100 places and more than the 73 that pay
        need = np.arange(1, 101, dtype=float)[:, np.newaxis]
        *_, emergency = advise(need).recommended.tiers

        assert emergency.tier is TierName.EMERGENCY
        assert emergency.places == 90 - 73
        assert emergency.chance_used == 0.27

    def test_hold_a_reserve_where_it_is_needed_too_seldom_to_stay_open(self):
        recommended = advise(PEAK, tiers=RESERVE).recommended

        assert recommended.places_of(TierName.REGULAR) < recommended.outcome.places
        assert recommended.reserve_places == recommended.places_of(TierName.DIRECT_RESERVE) > 0


class TestPromises:
    @given(needs, st.integers(0, 60))
    def test_of_missing_places_are_kept_at_the_least_cost_where_nothing_else_is_asked(
        self, need, most
    ):
        advice = advise(need, promises=Promises(service_levels=(), most_missing=float(most)))
        (kept,) = advice.promised
        every = [recount(need, places=x, norm=1.0, costs=COSTS) for x in range(45)]

        assert kept.basis is OptionBasis.MAXIMUM_MISSING
        assert kept.outcome.missing_place_months <= most + 1e-6
        assert kept.outcome.cost_eur == pytest.approx(
            min(cost for _, missing, cost in every if missing <= most + 1e-6)
        )

    @given(needs, st.integers(0, 60), st.sampled_from([0.2, 0.5, 1.0]))
    def test_of_the_worst_futures_are_kept_at_the_least_cost(self, need, most, share):
        asked = Promises(service_levels=(), most_missing_at_worst=float(most), worst_share=share)
        (kept,) = advise(need, promises=asked).promised

        def worst(places):
            missing = np.sort(np.maximum(need - places, 0).sum(axis=1))[::-1]
            # Each future counted a hundred times over: a share of them is a whole number.
            return np.repeat(missing, 100)[: round(share * 100 * len(need))].mean()

        every = range(45)
        assert kept.worst_missing_place_months == pytest.approx(worst(kept.outcome.places))
        assert kept.outcome.cost_eur == pytest.approx(
            min(
                recount(need, places=x, norm=1.0, costs=COSTS)[2] for x in every if worst(x) <= most
            )
        )

    def test_of_a_service_level_cost_no_more_than_open_places_alone_would(self):
        for option in advise(PEAK, tiers=RESERVE, promises=Promises()).service_levels:
            alone = recount(
                np.array(PEAK),
                places=int(
                    np.quantile(np.max(PEAK, axis=1), option.service_level, method="higher")
                ),
                norm=1.0,
                costs=COSTS,
            )

            assert option.outcome.chance_every_month >= option.service_level
            assert option.outcome.cost_eur <= alone[2] + 1e-6

    @pytest.mark.parametrize(
        "asked",
        [
            {"service_levels": (0.0,)},
            {"service_levels": (1.01,)},
            {"service_levels": (0.9, 0.8)},
            {"service_levels": (0.9, 0.9)},
            {"worst_share": 0.0},
            {"most_missing": -1.0},
            {"most_missing_at_worst": math.inf},
        ],
    )
    def test_that_are_none_are_refused(self, asked):
        with pytest.raises(InvalidInput):
            Promises(**asked)

    def test_mean_of_the_worst_counts_the_last_future_in_part(self):
        # a quarter of six futures is one and a half: (10 + 8 / 2) / 1.5
        assert mean_of_worst(np.array([1.0, 10, 2, 8, 3, 4]), 0.25) == pytest.approx(14 / 1.5)


class TestWarnings:
    def codes(self, *tiers):
        return [(one.code, one.tier) for one in advise(PEAK, tiers=tiers).warnings]

    def test_are_silent_where_everything_has_its_use(self):
        assert self.codes(*RESERVE) == []

    def test_name_a_tier_that_leaves_regular_places_without_use(self):
        free = tier(TierName.DIRECT_RESERVE, activation_months=0, person_eur=30_000.0)

        assert self.codes(free, *AT_ONCE) == [
            (WarningCode.BEATS_REGULAR, TierName.DIRECT_RESERVE),
            (WarningCode.NO_REGULAR_PLACES, None),
        ]

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"activation_months": 5}, WarningCode.TOO_SLOW),
            ({"most_places": 0}, WarningCode.NONE_THERE),
            ({"holding_eur": 20_000.0}, WarningCode.NEVER_CHOSEN),
            ({"person_eur": 69_400.0}, WarningCode.DEARER_THAN_EMERGENCY),
        ],
    )
    def test_name_a_tier_that_is_never_used(self, changed, code):
        name = TierName.TEMPORARY

        assert self.codes(tier(name, **changed), *AT_ONCE) == [(code, name)]


class TestDecisionWindow:
    @pytest.mark.parametrize(
        ("first", "last"), [("2026-07", "2026-06"), ("2026-13", "2027-01"), ("July", "2027-01")]
    )
    def test_refuses_months_that_are_none_or_run_backwards(self, first, last):
        with pytest.raises(InvalidInput):
            DecisionWindow(first=first, last=last)
