# SPDX-License-Identifier: EUPL-1.2
"""The stock-flow step: laws, a hand-worked month, and a slow obvious loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.occupancy.flow import hazard_of, stock_after

persons = st.floats(0, 200_000)
hazards = st.floats(1e-5, 5)
lengths = st.floats(0.01, 1)


def step(stock, entrants, hazard, months):
    return float(
        stock_after(
            np.array(stock), entrants=np.array(entrants), hazard=np.array(hazard), months=months
        )
    )


def in_small_steps(stock, entrants, hazard, months, *, steps=200_000):
    """The differential equation itself, walked forward."""
    length = months / steps
    for _ in range(steps):
        stock += (entrants - hazard * stock) * length
    return stock


class TestStockAfter:
    def test_halves_in_a_month_when_the_hazard_is_log_two(self):
        assert step(1000, 0, np.log(2), 1) == pytest.approx(500)

    def test_keeps_a_stock_where_entry_balances_exit(self):
        assert step(2000, 200, 0.1, 1) == pytest.approx(2000)

    def test_agrees_with_the_differential_equation_walked_in_small_steps(self):
        assert step(900, 250, 0.35, 0.7) == pytest.approx(
            in_small_steps(900, 250, 0.35, 0.7), rel=1e-5
        )

    @given(persons, persons, hazards, lengths)
    def test_loses_and_finds_nobody(self, stock, entrants, hazard, months):
        left = stock + entrants * months - step(stock, entrants, hazard, months)

        assert -1e-6 * (1 + stock + entrants) <= left <= (stock + entrants * months) * (1 + 1e-9)

    @given(st.floats(1, 200_000), hazards, lengths)
    def test_only_falls_while_nobody_enters(self, stock, hazard, months):
        assert 0 <= step(stock, 0, hazard, months) < stock

    @given(persons, persons, st.floats(0, 10_000), hazards, lengths)
    def test_never_falls_when_more_enter(self, stock, entrants, more, hazard, months):
        assert step(stock, entrants + more, hazard, months) >= step(stock, entrants, hazard, months)

    @given(persons, persons, hazards, st.floats(1, 3), lengths)
    def test_never_rises_when_people_leave_faster(self, stock, entrants, hazard, faster, months):
        slow = step(stock, entrants, hazard, months)

        assert step(stock, entrants, hazard * faster, months) <= slow * (1 + 1e-9) + 1e-9

    @given(persons, persons, hazards, lengths, st.floats(0.1, 0.9))
    def test_gives_the_same_in_two_steps_as_in_one(self, stock, entrants, hazard, months, cut):
        halfway = step(stock, entrants, hazard, months * cut)
        at_once = step(stock, entrants, hazard, months)

        assert step(halfway, entrants, hazard, months * (1 - cut)) == pytest.approx(
            at_once, rel=1e-9, abs=1e-6
        )


class TestHazardOf:
    def test_is_the_exponential_within_what_a_number_can_carry(self):
        assert hazard_of(np.array([np.log(0.05)])) == pytest.approx([0.05])

    @given(st.floats(-1e6, 1e6))
    def test_is_always_positive_and_finite(self, log_hazard):
        (hazard,) = hazard_of(np.array([log_hazard]))

        assert 0 < hazard < np.inf
