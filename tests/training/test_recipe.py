# SPDX-License-Identifier: EUPL-1.2
"""Recipes: the same method on newer figures is the same, and any changed constant is another."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from models.inflow import ensemble
from models.occupancy import combining, fitting
from tests.figures import manifest
from training.chains import dutch_chain
from training.occupancy import Method, NeedRecipe
from training.recipe import (
    METHOD,
    TUNED_UNTIL,
    Recipe,
    constants_of_the_method,
    constants_of_the_need,
    recipe_of,
)

PARAMETERS = {"targets": ["nl.inflow.total"], "members": ["theta"], "pool": None}
POOL = {"parameters_sha256": "p" * 64, "until": "2026-03"}


NEED = NeedRecipe(chain=dutch_chain())


def made(*, need: NeedRecipe = NEED, **parameters) -> Recipe:
    return recipe_of(replace(manifest(), parameters={**PARAMETERS, **parameters}), need=need)


class TestRecipe:
    def test_is_the_same_on_newer_figures(self):
        newer = replace(manifest(), parameters=PARAMETERS, snapshot_sha256="6" * 64)

        assert recipe_of(newer, need=NEED) == made()

    def test_survives_json(self):
        recipe = made(pool=POOL)

        assert (
            Recipe.from_json(json.loads(json.dumps(asdict(recipe)))).recipe_id == recipe.recipe_id
        )

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"method": METHOD + 1}, "method"),
            ({"members": ("theta", "prophet")}, "members"),
            ({"pool_sha256": "p" * 64}, "pool"),
            ({"constants": {"models.inflow.ensemble.SHOCK": 0.35}}, "constants"),
            ({"targets": ("nl.inflow.first_application",)}, "targets"),
            ({"need_method": "direct"}, "need_method"),
            (
                {"need_constants": {"models.occupancy.combining.CHAIN_WEIGHT": 0.6}},
                "need_constants",
            ),
            ({"chain_sha256": "c" * 64}, "chain"),
        ],
    )
    def test_is_another_when_anything_of_it_changes(self, changes, named):
        one = made()
        other = replace(one, **changes)

        assert other.recipe_id != one.recipe_id
        assert other.differences(one) == (named,)

    def test_is_the_same_whatever_it_says_about_what_it_has_seen(self):
        assert replace(made(), tuned_until="2030-01").recipe_id == made().recipe_id

    def test_has_seen_what_it_was_tuned_on_and_what_its_pool_saw(self):
        assert made().seen_until == np.datetime64(TUNED_UNTIL, "M")
        assert made(pool=POOL).seen_until == np.datetime64("2026-03", "M")
        assert made(pool={**POOL, "until": "2019-04"}).seen_until == np.datetime64(TUNED_UNTIL, "M")


class TestTheNeed:
    def test_of_another_method_or_chain_makes_another_recipe(self):
        chain = dutch_chain()
        slower = chain.with_parameter(replace(chain.parameter("depart"), median=0.1))

        for need, named in (
            (NeedRecipe(chain=chain, method=Method.CHAIN), "need_method"),
            (NeedRecipe(chain=slower), "chain"),
        ):
            assert made(need=need).differences(made()) == (named,)
            assert made(need=need).judged_against(made()) == ("need",)

    def test_is_judged_with_the_inflow_only_where_both_were_changed(self):
        one = made()

        assert replace(one, method=METHOD + 1).judged_against(one) == ("inflow",)
        both = replace(one, method=METHOD + 1, need_method="direct")
        assert both.judged_against(one) == ("inflow", "need")
        assert one.judged_against(one) == ()


class TestConstants:
    def test_are_read_from_the_code_and_so_cannot_be_forgotten(self):
        found = constants_of_the_method()

        assert found["models.inflow.ensemble.SHOCK"] == ensemble.SHOCK
        assert found["models.inflow.weights.HALF_LIFE"] == 36
        assert found["training.fit.EVERY"] == 12

    def test_are_named_by_the_module_that_gives_them_their_value(self):
        # SHIFT is used all over; it is a constant of one module.
        assert [name for name in constants_of_the_method() if name.endswith(".SHIFT")] == [
            "models.inflow.base.SHIFT"
        ]

    def test_leave_out_the_neighbours_that_the_forecast_does_not_pass_through(self):
        assert not [name for name in constants_of_the_method() if ".regime." in name]

    def test_of_the_need_are_those_of_chain_direct_forecast_and_kinds(self):
        found = constants_of_the_need()

        assert found["models.occupancy.combining.CHAIN_WEIGHT"] == combining.CHAIN_WEIGHT
        assert found["models.occupancy.fitting.MEMBERS"] == fitting.MEMBERS
        assert found["models.inflow.shares.HALF_LIFE"] == 3
        assert found["training.occupancy.VERSION"] == 1
        assert not [name for name in found if ".levers." in name or ".scenarios." in name]
        # A table of normal values is computed, not chosen.
        assert not [name for name in found if ".movement." in name]

    @pytest.mark.parametrize("constants", [constants_of_the_method, constants_of_the_need])
    def test_are_plain_json(self, constants):
        found = constants()

        assert json.loads(json.dumps(found)) == found
