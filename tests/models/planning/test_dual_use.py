# SPDX-License-Identifier: EUPL-1.2
"""Places are lent only while the odds that they are missed stay under the board's limit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.planning.capacity_plan import PlanSettings, UseState
from models.planning.dual_use import lending_floor, lending_room
from models.planning.portfolio import Portfolio
from models.planning.terms import Terms
from tests.models.planning.builders import PERIODS, regular


def settings(**changed):
    return PlanSettings(half_years=3, **({"lending_limit": 0.25, "occupancy_norm": 1.0} | changed))


def portfolio(*courses, places=100):
    register = tuple(regular(f"line-{at}", places) for at in range(len(courses)))
    terms = [Terms.of(one, start=PERIODS[0], horizon=len(courses[0])) for one in register]
    return Portfolio.of(register, terms=terms, states=courses, costs=PlanSettings().costs)


def by_quarter(*levels):
    return np.repeat(np.array(levels, dtype=float), 3, axis=1)


class TestLendingFloor:
    def test_is_the_peak_of_nine_months_that_few_enough_futures_exceed(self):
        # quarters; the peak until a place is back spans three of them
        need = by_quarter(
            [10, 20, 30, 99, 5, 5],
            [10, 10, 10, 10, 5, 5],
            [40, 10, 10, 10, 5, 5],
            [10, 10, 50, 10, 5, 5],
        )

        assert lending_floor(need, settings=settings()).tolist() == [40, 50, 5]

    @given(st.integers(0, 1_000), st.sampled_from([0.01, 0.1, 0.25, 0.5]))
    def test_is_exceeded_in_no_more_futures_than_the_limit(self, seed, limit):
        need = np.random.default_rng(seed).integers(0, 100, (20, 18)).astype(float)
        floor = lending_floor(need, settings=settings(lending_limit=limit))
        peaks = np.stack([need[:, at : at + 9].max(axis=1) for at in (0, 6, 12)], axis=1)

        assert np.all(np.mean(peaks > floor, axis=0) <= limit)


class TestLendingRoom:
    def test_counts_what_can_be_missed_until_it_could_be_back(self):
        need = by_quarter([60, 60, 60, 60, 150, 150])
        open_all = portfolio((UseState.OPEN,) * 3, (UseState.OPEN,) * 3)
        room = lending_room([open_all], [need], periods=PERIODS, settings=settings())

        # in the second half-year, nine months reach into the need of 150
        assert [one.places_lendable for one in room] == [140, 50, 50]
        assert {one.places_lent for one in room} == {0}

    def test_gives_the_odds_that_a_lent_place_is_missed_and_that_it_is_recalled(self):
        calm, rising = [60] * 6, [60, 60, 150, 150, 150, 150]
        lent = portfolio((UseState.OPEN,) * 3, (UseState.LENT,) * 3)
        room = lending_room(
            [lent],
            [by_quarter(calm, calm, calm, rising)],
            periods=PERIODS,
            settings=settings(),
        )

        assert [one.chance_short_before_back for one in room] == [0.25, 0.25, 0.25]
        # called back when short in month 7, back in month 10 after nine months' absence
        assert [one.chance_recalled for one in room] == [0.0, 0.25, 0.25]
        assert room[0].income_eur == pytest.approx(100 * 3_600 / 2)
