# SPDX-License-Identifier: EUPL-1.2
"""Months out of totals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from models.disaggregation import SpanTotal, chow_lin, disaggregate, set_aside, to_whole
from models.errors import InvalidInput


def span(first, months, total):
    return SpanTotal(first=first, months=months, total=total)


@st.composite
def quarters(draw, least=0):
    """Some quarters of an indicator, their totals, and perhaps a printed month in each."""
    count = draw(st.integers(1, 6))
    persons = st.integers(least, 5000)
    indicator = np.array(draw(st.lists(persons, min_size=3 * count, max_size=3 * count)), float)
    totals = [span(3 * q, 3, draw(st.integers(1, 20_000))) for q in range(count)]
    printed = [
        span(3 * q + draw(st.integers(0, 2)), 1, draw(st.integers(0, int(totals[q].total))))
        for q in range(count)
        if draw(st.booleans())
    ]
    return indicator, [*totals, *printed]


class TestDisaggregate:
    def test_agrees_with_a_case_worked_by_hand(self):
        # Two quarters of 60 and 40 with a flat indicator. In the five monthly steps d the
        # difference of the quarters is d1 + 2 d2 + 3 d3 + 2 d4 + d5 = -20, so the smallest sum
        # of squares has d in proportion to (1, 2, 3, 2, 1), whose squares sum to 19.
        found = disaggregate(np.full(6, 10.0), [span(0, 3, 60.0), span(3, 3, 40.0)])

        assert np.diff(found) == pytest.approx(np.array([1, 2, 3, 2, 1]) * -20 / 19)
        assert found[:3].sum() == pytest.approx(60)

    @given(quarters())
    def test_meets_every_binding_total_and_is_never_negative(self, case):
        indicator, totals = case

        found = disaggregate(indicator, totals)

        aside = set_aside(totals, len(indicator))
        assert (found >= 0).all()
        for total in totals:
            if total not in aside:
                assert found[total.first : total.end].sum() == pytest.approx(total.total, abs=1e-6)

    @given(quarters(), st.floats(0.01, 100), st.floats(0.01, 100))
    def test_scales_with_the_totals_and_not_with_the_indicator(self, case, more, unit):
        indicator, totals = case
        grown = [span(t.first, t.months, more * t.total) for t in totals]

        expected = more * disaggregate(indicator, totals)

        assert disaggregate(unit * indicator, grown) == pytest.approx(expected, rel=1e-5, abs=1e-5)

    @given(st.lists(st.integers(0, 5000), min_size=3, max_size=36), st.floats(0.1, 10))
    def test_finds_the_truth_back_when_the_indicator_is_proportional_to_it(self, truth, unit):
        truth = np.array(truth[: len(truth) // 3 * 3], float)
        totals = [span(m, 3, truth[m : m + 3].sum()) for m in range(0, len(truth), 3)]
        if truth.any():
            found = disaggregate(unit * truth, totals)

            assert found == pytest.approx(truth, rel=1e-6, abs=1e-6)

    @settings(max_examples=40)
    @given(quarters(least=1))
    def test_is_as_smooth_as_a_general_solver_can_make_it(self, case):
        indicator, totals = case
        aside = set_aside(totals, len(indicator))
        level = sum(t.total for t in totals if t.months == 3) / indicator.sum()

        def roughness(ratio):
            return float(np.sum(np.diff(ratio) ** 2))

        found = disaggregate(indicator, totals) / indicator / level
        slow = minimize(
            roughness,
            found + 0.1,
            method="SLSQP",
            bounds=[(0, None)] * len(indicator),
            constraints=[
                {
                    "type": "eq",
                    "fun": lambda r, t=t: (
                        ((r * indicator)[t.first : t.end].sum() * level - t.total)
                        / max(t.total, 1.0)
                    ),
                }
                for t in totals
                if t not in aside
            ],
            options={"maxiter": 300, "ftol": 1e-10},
        )

        if slow.success and (found > 0).all():
            assert roughness(found) <= roughness(slow.x) + 1e-4 * (1 + roughness(found))

    def test_carries_the_last_ratio_on_where_no_total_is_known(self):
        found = disaggregate(np.array([1.0, 1, 1, 2, 5]), [span(0, 3, 30.0)])

        assert found == pytest.approx([10, 10, 10, 20, 50])

    def test_keeps_a_month_at_zero_when_its_indicator_is_zero(self):
        found = disaggregate(np.array([4.0, 0, 4]), [span(0, 3, 100.0)])

        assert found == pytest.approx([50, 0, 50])

    def test_spreads_a_total_evenly_over_months_without_any_indicator(self):
        found = disaggregate(np.array([4.0, 4, 4, 0, 0, 0]), [span(0, 3, 12.0), span(3, 3, 12.0)])

        assert found == pytest.approx([4, 4, 4, 4, 4, 4])

    def test_holds_a_month_at_zero_rather_than_below_it(self):
        found = disaggregate(
            np.ones(9), [span(0, 3, 300.0), span(3, 3, 1.0), span(6, 3, 300.0), span(4, 1, 1.0)]
        )

        assert found[3:6] == pytest.approx([0, 1, 0])

    def test_refuses_an_indicator_that_is_no_count(self):
        with pytest.raises(InvalidInput, match="never negative"):
            disaggregate(np.array([1.0, -1, 1]), [span(0, 3, 3.0)])

    def test_refuses_to_share_out_nothing(self):
        with pytest.raises(InvalidInput, match="nothing to share out"):
            disaggregate(np.ones(3), [span(0, 3, 0.0)])

    def test_refuses_spans_that_cross(self):
        with pytest.raises(InvalidInput, match="may not cross"):
            disaggregate(np.ones(4), [span(0, 3, 3.0), span(1, 3, 3.0)])

    def test_refuses_a_total_beyond_the_last_month(self):
        with pytest.raises(InvalidInput, match="ends at month 6 of 5"):
            disaggregate(np.ones(5), [span(3, 3, 3.0)])


class TestSetAside:
    def test_keeps_all_totals_that_fit_inside_one_another(self):
        assert set_aside([span(0, 12, 100.0), span(0, 3, 30.0), span(1, 1, 9.0)], 12) == ()

    def test_leaves_out_a_quarter_whose_months_were_all_printed(self):
        printed = [span(m, 1, 10.0) for m in range(3)]

        assert set_aside([*printed, span(0, 3, 31.0)], 3) == (span(0, 3, 31.0),)

    def test_leaves_out_a_total_below_the_shorter_ones_inside_it(self):
        assert set_aside([span(0, 1, 10.0), span(0, 3, 9.0)], 3) == (span(0, 3, 9.0),)


class TestToWhole:
    def test_gives_the_persons_left_over_to_the_largest_fractions(self):
        whole = to_whole(np.array([1.2, 1.5, 1.3]), [span(0, 3, 4.0)])

        assert whole.tolist() == [1, 2, 1]

    @given(quarters())
    def test_keeps_every_binding_total_and_stays_within_one_person(self, case):
        indicator, totals = case
        values = disaggregate(indicator, totals)

        whole = to_whole(values, totals)

        aside = set_aside(totals, len(indicator))
        assert np.abs(whole - values).max() < 1 + 1e-6
        for total in totals:
            if total not in aside:
                assert whole[total.first : total.end].sum() == total.total

    def test_refuses_a_total_of_half_a_person(self):
        with pytest.raises(InvalidInput, match="whole number"):
            to_whole(np.array([1.5]), [span(0, 1, 1.5)])

    def test_refuses_values_that_do_not_meet_the_total(self):
        with pytest.raises(InvalidInput, match="do not meet"):
            to_whole(np.array([1.0, 2.0]), [span(0, 2, 4.0)])


class TestChowLin:
    def test_finds_a_linear_relation_back(self):
        indicator = np.array([5.0, 9, 2, 7, 7, 1, 3, 8, 6, 4, 4, 9])
        truth = 100 + 20 * indicator + np.tile([1.0, -1.0], 6)
        totals = [span(m, 3, truth[m : m + 3].sum()) for m in range(0, 12, 3)]

        found = chow_lin(indicator, totals)

        assert found == pytest.approx(truth, abs=8)
        assert found[:3].sum() == pytest.approx(truth[:3].sum())

    def test_refuses_a_regression_on_two_totals(self):
        with pytest.raises(InvalidInput, match="at least three"):
            chow_lin(np.ones(6), [span(0, 3, 3.0), span(3, 3, 3.0)])
