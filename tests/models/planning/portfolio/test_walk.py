# SPDX-License-Identifier: EUPL-1.2
"""Places fill up in their order, and a reserve helps only once it is ready."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.planning.costs import CostParameters
from models.planning.portfolio.walk import Tiers, walk


def tiers(steps, *, regular=0, reserve=0, lent=0, emergency=0):
    given = {"regular": regular, "reserve": reserve, "lent": lent, "emergency": emergency}
    return Tiers(**{name: np.full(steps, float(places)) for name, places in given.items()})


def walked(persons, *, norm=1.0, delays=(0, 0), **places):
    need = np.array([persons], dtype=float)
    return walk(
        need,
        tiers=tiers(len(persons), **places),
        occupancy_norm=norm,
        reserve_delay=delays[0],
        lent_delay=delays[1],
    )


class TestWalk:
    def test_fills_regular_reserve_lent_and_emergency_places_in_that_order(self):
        housed = walked([5, 15, 25, 35, 45], regular=10, reserve=10, lent=10, emergency=10)

        assert housed.regular.tolist() == [[5, 10, 10, 10, 10]]
        assert housed.called_up.tolist() == [[0, 5, 10, 10, 10]]
        assert housed.recalled.tolist() == [[0, 0, 5, 10, 10]]
        assert housed.emergency.tolist() == [[0, 0, 0, 5, 10]]
        assert housed.missing.tolist() == [[0, 0, 0, 0, 5]]

    def test_brings_no_help_in_month_two_from_a_reserve_that_takes_six(self):
        housed = walked([0] + [20] * 9, regular=10, reserve=10, delays=(6, 0))

        assert housed.called_up.tolist() == [[0] * 7 + [10] * 3]
        assert housed.missing.tolist() == [[0] + [10] * 6 + [0] * 3]

    def test_recalls_a_lent_place_only_for_what_the_reserve_leaves(self):
        housed = walked([0, 25, 25, 25], regular=10, reserve=10, lent=10, delays=(1, 2))

        assert housed.called_up.tolist() == [[0, 0, 10, 10]]
        assert housed.recalled.tolist() == [[0, 0, 0, 5]]
        assert housed.missing.tolist() == [[0, 15, 5, 0]]

    def test_lets_people_sleep_in_no_more_than_the_norm(self):
        housed = walked([200], norm=0.9, regular=100, emergency=50)

        assert housed.regular.item() == 90
        assert housed.emergency.item() == 45
        assert housed.missing.item() == 65

    @given(
        st.lists(st.integers(0, 60), min_size=6, max_size=6),
        st.lists(st.integers(0, 20), min_size=4, max_size=4),
        st.tuples(st.integers(0, 3), st.integers(0, 3)),
    )
    def test_leaves_nobody_out_and_houses_nobody_twice(self, persons, places, delays):
        names = ("regular", "reserve", "lent", "emergency")
        housed = walked(persons, delays=delays, **dict(zip(names, places, strict=True)))
        parts = [housed.regular, housed.called_up, housed.recalled, housed.emergency]

        assert sum(parts) + housed.missing == pytest.approx(np.array([persons]))
        assert all((part >= 0).all() for part in [*parts, housed.missing])
        assert all((part <= limit + 1e-9).all() for part, limit in zip(parts, places, strict=True))

    def test_charges_every_call_once_and_every_person_while_he_stays(self):
        costs = CostParameters()
        housed = walked([10, 20, 20, 10, 15], regular=10, reserve=10)
        cost = housed.cost(costs, years=0.5)

        calls = costs.open_place * np.array([[0, 10, 0, 0, 5]])
        stays = costs.regular_housed * 10 + costs.called_up * np.array([[0, 10, 10, 0, 5]])
        assert cost == pytest.approx(calls + stays / 2)
