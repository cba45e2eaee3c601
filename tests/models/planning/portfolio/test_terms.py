# SPDX-License-Identifier: EUPL-1.2
"""Terms in months become half-years of a plan, to the nearer end or to the safe side."""

import numpy as np
import pytest

from models.planning.portfolio.terms import Terms, half_years_for
from tests.models.planning.builders import candidate, regular

START = np.datetime64("2026-01")


def terms(location, *, horizon=10):
    return Terms.of(location, start=START, horizon=horizon)


class TestTerms:
    @pytest.mark.parametrize(
        ("end", "first_uncovered"),
        [
            ("2025-06", 0),  # ended before the plan begins
            ("2026-03", 0),  # half a half-year counts to the even end
            ("2026-04", 1),
            ("2026-06", 1),
            ("2026-11", 2),
            ("2040-01", 10),
        ],
    )
    def test_count_the_end_of_an_agreement_to_the_nearer_end_of_a_half_year(
        self, end, first_uncovered
    ):
        assert terms(regular("one", 10, agreement_end=end)).agreement_end == first_uncovered

    def test_round_notice_and_lead_time_up(self):
        assert terms(regular("one", 10, notice_months=7)).earliest_closing == 2
        assert terms(candidate("two", 10, lead_time_months=15)).earliest_opening == 3
        assert terms(candidate("two", 10, lead_time_months=60)).earliest_opening == 10

    def test_let_an_open_ended_agreement_go_after_its_notice(self):
        open_ended = terms(regular("one", 10, notice_months=6))
        bound = terms(regular("one", 10, notice_months=6, agreement_end="2027-12"))

        assert (open_ended.bound_until, bound.bound_until) == (1, 4)

    def test_count_extensions_from_the_end_of_the_agreement(self):
        line = terms(regular("one", 10, agreement_end="2026-06", extension_months=18))

        assert [line.extension_start(at) for at in range(1, 8)] == [1, 1, 1, 4, 4, 4, 7]

    def test_decide_on_what_a_candidate_can_become(self):
        assert terms(candidate("two", 80)).places == 80


class TestHalfYearsFor:
    @pytest.mark.parametrize(("months", "expected"), [(0, 0), (1, 1), (6, 1), (7, 2), (12, 2)])
    def test_counts_begun_half_years_as_whole(self, months, expected):
        assert half_years_for(months) == expected
