# SPDX-License-Identifier: EUPL-1.2
"""The cheapest mix is the cheapest of all that can be tried, and prices follow from it."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.planning.buffer.activation import call_up_level, expected_growth, ready_up_to
from models.planning.buffer.rungs import Levels, missing_rung, tier_rung
from models.planning.buffer.sizing import Sizing
from models.planning.buffer.tiers import TierName, usual_tiers
from models.planning.costs import CostParameters
from tests.models.planning.buffer.ladders import AT_ONCE, tier

COSTS = CostParameters()
needs = st.lists(st.lists(st.integers(0, 7), min_size=6, max_size=6), min_size=1, max_size=5).map(
    lambda rows: np.array(rows, dtype=float)
)
norms = st.sampled_from([0.8, 1.0])
limits = st.sampled_from([None, 0, 1, 2])


def ladder(*, limit=None, activation=2):
    """A dear reserve, a cheap one that is slower and costs more to use, and the emergency."""
    return (
        tier(TierName.DIRECT_RESERVE, activation_eur=3_000.0),
        tier(
            TierName.INDIRECT_RESERVE,
            activation_months=activation,
            most_places=limit,
            holding_eur=700.0,
            person_eur=34_000.0,
        ),
        tier(TierName.EMERGENCY, activation_months=1),
    )


def cost(sizing, places):
    return float(sizing.costs_by_path(places, sizing.stay(places)).sum(axis=0).mean())


def every_mix(sizing, *, limit=None, most=10):
    top = range(most)
    return [
        mix
        for mix in product(top, top, top if limit is None else range(limit + 1))
        if sum(mix) < most
    ]


class TestARung:
    @settings(max_examples=40)
    @given(needs, norms)
    def test_counts_for_every_number_what_the_walk_counts_for_one(self, need, norm):
        tiers = direct, indirect, emergency = ladder()
        sizing = Sizing(need, tiers=tiers, costs=COSTS, norm=norm, before=2)

        def ready(of):
            missing = emergency.person_eur - COSTS.regular_person
            level = call_up_level(of, costs=COSTS, missing_eur=missing, norm=norm)
            growth = expected_growth(need, tier=of, before=2, level=level)
            return ready_up_to(need, tier=of, before=2, growth=growth)

        levels = Levels(
            window=need[:, 2:],
            found=np.minimum(ready(emergency), need[:, 2:]),
            step=1,
            count=9,
            norm=norm,
            emergency_eur=39_000.0,
            waiting_eur=60_600.0,
        )
        nothing = missing_rung(levels)

        for at, of in ((1, direct), (2, indirect)):
            rung = tier_rung(levels, tier=of, ready=ready(of), costs=COSTS)
            for places in range(10):
                mix = (0, places, 0) if at == 1 else (0, 0, places)
                rows = sizing.costs_by_path(mix, sizing.stay(mix)).mean(axis=1)
                beyond = nothing.missing_eur[-1] - nothing.missing_eur[places]

                assert rung.held_eur[places] == pytest.approx(rows[at], abs=1e-6)
                assert rung.missing_eur[places] + beyond == pytest.approx(rows[-1], abs=1e-6)


class TestCheapest:
    @settings(max_examples=40)
    @given(needs, norms, limits, st.integers(1, 3))
    def test_of_two_tiers_is_the_best_of_all_that_can_be_tried(self, need, norm, limit, activation):
        sizing = Sizing(
            need,
            tiers=ladder(limit=limit, activation=activation),
            costs=COSTS,
            norm=norm,
            before=2,
        )
        best = sizing.cheapest()

        assert limit is None or best[2] <= limit
        assert cost(sizing, best) == pytest.approx(
            min(cost(sizing, mix) for mix in every_mix(sizing, limit=limit)), abs=0.1
        )

    def test_uses_the_same_costs_in_steps_as_one_by_one(self):
        """Beyond 40,000 places they are weighed in steps; the answer costs no more."""
        need = 900 * np.exp(np.random.default_rng(5).normal(0, 0.2, (300, 8)).cumsum(axis=1))
        tiers = ladder(limit=60)
        small = Sizing(need, tiers=tiers, costs=COSTS, norm=0.91, before=2)
        large = Sizing(300 * need, tiers=ladder(limit=18_000), costs=COSTS, norm=0.91, before=2)
        best = large.cheapest()

        assert sum(best) / 300 == pytest.approx(sum(small.cheapest()), rel=0.01)
        assert cost(large, best) == pytest.approx(300 * cost(small, small.cheapest()), rel=1e-4)

    def test_calls_on_a_reserve_rather_than_on_open_places_where_need_is_rare(self):
        need = np.full((10, 12), 100.0)
        need[0, 5:] = 160.0
        *held, _ = ladder()
        sizing = Sizing(need, tiers=(*held, AT_ONCE), costs=COSTS, norm=1.0)

        assert sizing.cheapest() == (100, 0, 60)


class TestImpliedPrice:
    def test_rises_with_the_places(self):
        need = np.random.default_rng(2).integers(50, 150, (40, 6)).astype(float)
        sizing = Sizing(need, tiers=ladder(), costs=COSTS, norm=1.0)
        prices = [sizing.implied_price(places) for places in range(40, 150, 10)]

        assert prices == sorted(prices)
        assert prices[0] == 0

    def test_of_the_cheapest_mix_lies_between_emergency_and_last_resort(self):
        need = 1_000 * np.exp(np.random.default_rng(4).normal(0, 0.1, (200, 14)).cumsum(axis=1))
        sizing = Sizing(need, tiers=usual_tiers(COSTS), costs=COSTS, norm=0.91, before=2)

        assert 39_000 * 0.9 <= (sizing.implied_price(sizing.cheapest()) or 0) <= 60_600 * 1.1

    def test_is_the_price_from_which_on_the_mix_is_worth_having(self):
        need = np.random.default_rng(6).integers(0, 60, (30, 8)).astype(float)
        sizing = Sizing(need, tiers=ladder(), costs=COSTS, norm=1.0, before=2)

        def missing(mix):
            return sizing.outcome(mix).missing_place_months

        for mix in (sizing.regular(30), sizing.regular(45), (30, 5, 3)):
            price = sizing.implied_price(mix)
            assert price
            assert missing(sizing.cheapest(price * 1.001)) <= missing(mix) + 1e-6
            assert missing(sizing.cheapest(price * 0.999)) > missing(mix)


class TestLadder:
    def test_is_refused_where_emergency_reception_is_not_dearer_than_regular(self):
        cheap = replace(AT_ONCE, person_eur=30_000.0)

        with pytest.raises(InvalidInput, match="not dearer than regular"):
            Sizing(np.ones((1, 1)), tiers=(cheap,), costs=COSTS, norm=1.0)
