# SPDX-License-Identifier: EUPL-1.2
"""Tiers make a ladder, and every default says where it comes from."""

import math
from dataclasses import fields, replace

import pytest

from models.errors import InvalidInput
from models.planning.buffer.tiers import (
    TIER_ORIGINS,
    BufferTier,
    TierName,
    check_tiers,
    usual_tiers,
)
from models.planning.costs import Basis, CostParameters
from tests.models.planning.buffer.ladders import AT_ONCE, tier

COSTS = CostParameters()


class TestUsualTiers:
    def test_follow_each_other_in_the_order_in_which_they_are_called_up(self):
        names = [one.name for one in usual_tiers(COSTS)]

        assert names == [name for name in TierName if name is not TierName.REGULAR]

    def test_each_say_where_every_value_comes_from(self):
        for one in usual_tiers(COSTS):
            told = {field.name for field in fields(one)} - {"name"}
            if not one.earliest_months:
                told -= {"earliest_months"}

            assert set(TIER_ORIGINS[one.name]) == told

    def test_own_up_to_what_is_assumed(self):
        origins = [origin for values in TIER_ORIGINS.values() for origin in values.values()]

        assert all(origin.owner for origin in origins if origin.basis is not Basis.FACT)

    def test_cost_more_to_use_the_less_they_cost_to_hold(self):
        ladder = usual_tiers(COSTS)
        held = [one.holding_eur for one in ladder]
        used = [one.person_eur + one.activation_eur for one in ladder]

        assert held == sorted(held, reverse=True)
        assert used == sorted(used)

    def test_follow_the_costs(self):
        dear = replace(COSTS, missing_premium=50_000.0)

        assert usual_tiers(COSTS)[-1].person_eur == 69_400
        assert usual_tiers(dear)[-1].person_eur == 80_400

    def test_lend_no_more_than_there_is(self):
        lent = next(
            one
            for one in usual_tiers(COSTS, most_lent=1_200)
            if one.name is TierName.RECALLABLE_DUAL_USE
        )

        assert lent.most_places == 1_200
        # Six months' term and three months' notice: back at the end of the ninth month.
        assert lent.first_ready == 8


class TestATier:
    @pytest.mark.parametrize(
        "changed",
        [
            {"activation_months": -1},
            {"earliest_months": -1},
            {"most_places": -1},
            {"holding_eur": -1.0},
            {"person_eur": math.nan},
            {"activation_eur": math.inf},
        ],
    )
    def test_has_no_negative_or_endless_values(self, changed):
        with pytest.raises(InvalidInput, match="direct_reserve"):
            tier(TierName.DIRECT_RESERVE, **changed)

    def test_is_not_open_already(self):
        with pytest.raises(InvalidInput, match="open already"):
            tier(TierName.REGULAR)

    @pytest.mark.parametrize("changed", [{"most_places": 10}, {"holding_eur": 5.0}])
    def test_of_emergency_reception_is_neither_held_nor_limited(self, changed):
        with pytest.raises(InvalidInput, match="no limit"):
            tier(TierName.EMERGENCY, **changed)


class TestALadder:
    def refusal(self, *tiers: BufferTier) -> str:
        with pytest.raises(InvalidInput) as refused:
            check_tiers(tiers, costs=COSTS)
        return str(refused.value)

    def test_names_each_tier_once(self):
        reserve = tier(TierName.DIRECT_RESERVE)

        assert "twice" in self.refusal(reserve, reserve)

    def test_ends_with_the_emergency(self):
        assert "last tier" in self.refusal(AT_ONCE, tier(TierName.DIRECT_RESERVE))

    def test_has_no_emergency_that_is_cheaper_than_regular_reception(self):
        cheap = replace(AT_ONCE, person_eur=30_400.0)

        assert "no place would be held at all" in self.refusal(cheap)

    def test_may_do_without_any(self):
        check_tiers((), costs=COSTS)
