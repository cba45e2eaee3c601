# SPDX-License-Identifier: EUPL-1.2
"""Costs are published or owned, and never make an emergency the cheaper choice."""

import math
from dataclasses import fields

import pytest

from models.errors import InvalidInput
from models.planning.costs import COST_ORIGINS, Basis, CostParameters, Origin


class TestCostParameters:
    def test_adds_up_to_the_published_cost_of_a_person(self):
        costs = CostParameters()

        assert costs.regular_open + costs.regular_housed == 30_400
        assert costs.emergency_housing + costs.emergency_housed == 69_400
        assert costs.empty_place + costs.called_up == 30_400
        assert costs.missing_premium == costs.emergency_person - costs.regular_person

    def test_says_of_every_figure_where_it_comes_from(self):
        assert set(COST_ORIGINS) == {entry.name for entry in fields(CostParameters)}

    def test_has_an_owner_for_every_figure_that_is_not_a_plain_fact(self):
        assert all(one.owner for one in COST_ORIGINS.values() if one.basis is not Basis.FACT)

    @pytest.mark.parametrize(
        "changed",
        [
            {"empty_place": -1.0},
            {"empty_place": 0.0},
            {"missing_premium": 0.0},
            {"missing_premium": math.inf},
            {"regular_standby": math.nan},
            {"emergency_person": 20_000.0},
            {"last_resort_person": 50_000.0},
            {"regular_standby": 30_000.0},
            {"emergency_housing": 80_000.0},
            {"lending_income": 40_000.0},
        ],
    )
    def test_refuses_costs_that_turn_the_order_of_reception_around(self, changed):
        with pytest.raises(InvalidInput):
            CostParameters(**changed)

    def test_names_everything_that_is_wrong_at_once(self):
        with pytest.raises(InvalidInput, match=r"open_place is -1.*close_place is nan"):
            CostParameters(open_place=-1, close_place=float("nan"))
        with pytest.raises(InvalidInput, match=r"must both cost something.*more empty than"):
            CostParameters(empty_place=0, regular_standby=99_000)


class TestOrigin:
    def test_refuses_an_assumption_that_nobody_answers_for(self):
        with pytest.raises(InvalidInput):
            Origin(basis=Basis.ASSUMPTION, source="a guess")
