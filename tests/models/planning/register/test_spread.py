# SPDX-License-Identifier: EUPL-1.2
"""Spread over the provinces is measured against the statutory indicative distribution."""

import csv
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.planning.register.locations import PROVINCES
from models.planning.register.spread import indicative_shares, province_spread, spread_deviation
from service.storage.register import default_register
from tests.models.planning.builders import regular

FRYSLAN = {"province": "Fryslân", "municipality_code": "GM0080"}
TWO = (
    regular("one", 100, indicative_places=300),
    regular("two", 60, indicative_places=300),
    regular("three", 40, indicative_places=100, **FRYSLAN),
)
portfolios = st.dictionaries(st.sampled_from(PROVINCES), st.integers(0, 9_000), min_size=1)


class TestIndicativeShares:
    def test_count_the_task_of_a_municipality_once(self):
        assert indicative_shares(TWO) == {"Drenthe": 0.75, "Fryslân": 0.25}

    def test_are_unknown_where_no_task_is_stated(self):
        with pytest.raises(InvalidInput, match="no indicative places"):
            indicative_shares([replace(one, indicative_places=0) for one in TWO])

    def test_are_those_published_for_the_netherlands(self, shared):
        path = shared / "data" / "nl" / "provinces_population_capacity_2025.csv"
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        tasks = {row["province"]: int(row["spreidingswet_indicative_places"]) for row in rows}
        shares = indicative_shares(default_register())

        assert len(shares) == 12
        assert shares == pytest.approx({name: n / sum(tasks.values()) for name, n in tasks.items()})


class TestSpreadDeviation:
    def test_is_the_share_that_would_have_to_lie_elsewhere(self):
        shares = {"Drenthe": 0.75, "Fryslân": 0.25}

        # 75 of 100 belong in Drenthe; 15 of them lie in Fryslân
        assert spread_deviation({"Drenthe": 60, "Fryslân": 40}, shares) == pytest.approx(0.15)

    def test_is_nothing_for_no_places(self):
        assert spread_deviation({"Drenthe": 0}, {"Drenthe": 1.0}) == 0.0

    @given(portfolios, portfolios.filter(lambda tasks: sum(tasks.values()) > 0))
    def test_lies_between_none_and_all_and_knows_no_scale(self, places, tasks):
        total = sum(tasks.values())
        shares = {province: task / total for province, task in tasks.items()}
        deviation = spread_deviation(places, shares)
        tenfold = {province: 10 * count for province, count in places.items()}

        assert 0 <= deviation <= 1 + 1e-12
        assert spread_deviation(tenfold, shares) == pytest.approx(deviation)
        assert spread_deviation(tasks, shares) == pytest.approx(0.0)

    @given(portfolios.filter(lambda places: sum(places.values()) > 0))
    def test_is_all_where_every_place_lies_in_a_province_without_task(self, places):
        assert spread_deviation(places, {"nowhere": 1.0}) == pytest.approx(1.0)


class TestProvinceSpread:
    def test_adds_up_the_places_by_province(self):
        drenthe, fryslan = province_spread(TWO, [100, 60, 40])

        assert (drenthe.places, drenthe.indicative_places) == (160, 300)
        assert (drenthe.share, drenthe.indicative_share) == (0.8, 0.75)
        assert (fryslan.share, fryslan.indicative_share) == (0.2, 0.25)
