# SPDX-License-Identifier: EUPL-1.2
"""A score comes from the register, or from data, or is not known; a point has a price."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.planning.costs import CostParameters
from models.planning.register.criteria import (
    WEIGHT_ORIGINS,
    CriteriaWeights,
    Criterion,
    ScoreBasis,
    carried_by,
    preference_eur,
    score_register,
)
from service.storage.register import default_register
from tests.models.planning.builders import candidate, emergency, regular

START = np.datetime64("2026-01", "M")
WEIGHTS = CriteriaWeights()


def scored(*register):
    return [
        {one.criterion: one for one in scores}
        for scores in score_register(register, start=START, costs=CostParameters())
    ]


def score(line, criterion):
    (found,) = scored(line)
    return found[criterion].score


class TestScoreRegister:
    def test_takes_the_score_of_the_register_where_there_is_one(self):
        (found,) = scored(regular("one", 100, quality_score=3.5, labour_score=8.0))

        assert found[Criterion.QUALITY_SUSTAINABILITY].score == 3.5
        assert found[Criterion.LABOUR_MARKET].basis is ScoreBasis.REGISTER

    def test_invents_nothing_where_no_data_tell(self):
        (found,) = scored(regular("one", 100))

        for criterion in (
            Criterion.PROPORTIONAL_SPREAD,
            Criterion.CHAIN_INTEREST,
            Criterion.LABOUR_MARKET,
            Criterion.CHILD_INTEREST,
        ):
            assert (found[criterion].score, found[criterion].basis) == (None, ScoreBasis.UNKNOWN)

    def test_scores_the_spread_of_a_province_against_its_share(self):
        elsewhere = {"province": "Fryslân", "municipality_code": "GM0080"}
        crowded, empty = scored(
            regular("one", 90, indicative_places=100),
            regular("two", 10, indicative_places=100, **elsewhere),
        )

        # 90 % of the places for 50 % of the task, and 10 % for the other half
        assert crowded[Criterion.PROPORTIONAL_SPREAD].score == pytest.approx(10 * 0.5 / 1.4)
        assert empty[Criterion.PROPORTIONAL_SPREAD].score == pytest.approx(10 * 0.5 / 0.6)

    def test_scores_quality_by_kind_and_term(self):
        lasting = regular("one", 100, agreement_start="2024-01", agreement_end="2028-12")
        short = emergency("two", 100, agreement_end="2026-12")

        assert score(lasting, Criterion.QUALITY_SUSTAINABILITY) == 10
        assert score(short, Criterion.QUALITY_SUSTAINABILITY) == pytest.approx(5 * 12 / 60)

    def test_scores_flexibility_by_terms(self):
        line = regular("one", 50, agreement_end="2028-06", recall_months=3)

        # half of five years bound, no room to grow, called up within a quarter of a year
        assert score(line, Criterion.FLEXIBILITY) == pytest.approx(10 * (0.5 + 0 + 0.75) / 3)

    def test_scores_finance_by_the_price_of_a_place_that_is_slept_in(self):
        costs = CostParameters()

        assert score(regular("one", 50), Criterion.FINANCE) == pytest.approx(
            10 * (1 - costs.regular_person / costs.last_resort_person)
        )
        assert score(emergency("two", 50), Criterion.FINANCE) == pytest.approx(
            10 * (1 - costs.emergency_person / costs.last_resort_person)
        )
        assert score(regular("three", 50, place_eur=20_000.0), Criterion.FINANCE) < score(
            regular("one", 50), Criterion.FINANCE
        )

    def test_scores_the_interest_of_the_child_by_school_places(self):
        line = regular("one", 100, school_children=40, school_places=30)

        assert score(line, Criterion.CHILD_INTEREST) == 7.5
        assert score(replace(line, school_places=None), Criterion.CHILD_INTEREST) is None
        assert score(replace(line, school_children=0), Criterion.CHILD_INTEREST) is None

    def test_scores_the_default_register_from_0_to_10_on_what_is_published(self):
        register = default_register()
        scores = score_register(register, start=START, costs=CostParameters())

        known = {one.criterion for line in scores for one in line if one.score is not None}
        assert known == {
            Criterion.PROPORTIONAL_SPREAD,
            Criterion.FLEXIBILITY,
            Criterion.QUALITY_SUSTAINABILITY,
            Criterion.FINANCE,
        }
        assert all(0 <= one.score <= 10 for line in scores for one in line if one.score is not None)


class TestPreference:
    def test_is_the_weighted_distance_from_neutral(self):
        scores = score_register(
            [regular("one", 100, quality_score=9.0, flexibility_score=4.0, chain_score=5.0)],
            start=START,
            costs=CostParameters(),
        )[0]

        assert preference_eur(scores, WEIGHTS) == pytest.approx(50 * 4 - 50 * 1)

    @given(st.floats(0, 10), st.floats(0, 10))
    def test_never_falls_when_a_score_rises(self, one, other):
        low, high = sorted((one, other))
        worth = [
            preference_eur(
                score_register(
                    [regular("one", 100, labour_score=value)], start=START, costs=CostParameters()
                )[0],
                WEIGHTS,
            )
            for value in (low, high)
        ]

        assert worth[0] <= worth[1]


class TestCarriedBy:
    SCORES = score_register(
        [regular("one", 100, quality_score=9.0, flexibility_score=2.0, spread_score=6.0)],
        start=START,
        costs=CostParameters(),
    )[0]

    def test_names_what_speaks_most_for_having_the_line(self):
        assert carried_by(self.SCORES, WEIGHTS, gain_eur=100.0, there=True) == (
            Criterion.QUALITY_SUSTAINABILITY,
            Criterion.FINANCE,
        )

    def test_names_what_speaks_most_for_doing_without_it(self):
        assert carried_by(self.SCORES, WEIGHTS, gain_eur=-900.0, there=False) == (
            Criterion.FINANCE,
            Criterion.FLEXIBILITY,
        )

    def test_names_none_that_is_not_known(self):
        scores = score_register([candidate("one", 60)], start=START, costs=CostParameters())[0]
        named = carried_by(scores, WEIGHTS, gain_eur=1.0, there=True)

        assert Criterion.CHAIN_INTEREST not in named
        assert Criterion.CHILD_INTEREST not in named


class TestCriteriaWeights:
    def test_have_an_origin_each(self):
        assert set(WEIGHT_ORIGINS) == set(Criterion)

    def test_refuse_a_weight_that_punishes_a_better_score(self):
        with pytest.raises(InvalidInput, match=r"chain_interest, flexibility"):
            CriteriaWeights(chain_interest=-1.0, flexibility=float("nan"))
