# SPDX-License-Identifier: EUPL-1.2
"""How surprising a figure was: honest ranks, and nothing of the future in them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.inflow.surprise import FEWEST, one_step_errors, ranks_among_earlier, surprises
from models.periods import Frequency, month_range
from models.types import Panel
from training.series_file import read_series


def walks(*, series=4, months=72, seed=8, frequency=Frequency.MONTH):
    """Log random walks: made up, to test mechanics and never to score."""
    rng = np.random.default_rng(seed)
    steps = 0.15 * rng.standard_normal((series, months)).cumsum(axis=1)
    return Panel(
        series_ids=tuple("abcdefgh"[:series]),
        frequency=frequency,
        periods=month_range(np.datetime64("2012-01"), months, frequency),
        persons=np.round(1_000 * np.exp(steps)),
    )


@pytest.fixture(scope="module")
def panel():
    return walks()


class TestSurprises:
    def test_of_a_month_are_the_same_whatever_came_later(self, panel):
        changed = panel.persons.copy()
        changed[:, 48:] = 7 * changed[:, 48:] + 400

        np.testing.assert_array_equal(
            surprises(panel)[:, :48], surprises(replace(panel, persons=changed))[:, :48]
        )

    def test_of_a_panel_cut_short_are_those_of_the_whole(self, panel):
        short = surprises(panel.until(np.datetime64("2015-12")))

        np.testing.assert_array_equal(short, surprises(panel)[:, : short.shape[1]])

    def test_are_close_to_one_for_a_figure_five_times_as_high(self, panel):
        changed = panel.persons.copy()
        changed[0, 60] *= 5

        assert surprises(replace(panel, persons=changed))[0, 60] > 0.99

    def test_are_even_on_real_figures(self, shared):
        places = surprises(read_series(shared / "data/eurostat_asylum_applicants_monthly.csv"))
        shares, _ = np.histogram(places[np.isfinite(places)], bins=10, range=(0, 1))

        # A tenth in each tenth, within a fifth: an honest forecast for a whole continent.
        np.testing.assert_allclose(shares / shares.sum(), 0.1, atol=0.02)

    def test_are_unknown_without_a_figure_and_known_again_after_the_gap(self, panel):
        changed = panel.persons.copy()
        changed[1, 50:53] = np.nan
        places = surprises(replace(panel, persons=changed))[1]

        assert np.isnan(places[50:54]).all()
        assert np.isfinite(places[54:]).all()

    def test_are_stated_for_quarters(self):
        places = surprises(walks(months=40, frequency=Frequency.QUARTER))

        assert np.isfinite(places[:, -12:]).all()

    @pytest.mark.parametrize("months", [1, 5, 11, 12])
    def test_are_unknown_while_every_series_is_short(self, months):
        assert np.isnan(surprises(walks(months=months))).all()


class TestOneStepErrors:
    def test_are_zero_for_a_series_that_never_moves(self):
        panel = walks(series=1)
        flat = replace(panel, persons=np.full_like(panel.persons, 80.0))
        errors = one_step_errors(flat)

        np.testing.assert_allclose(errors[np.isfinite(errors)], 0, atol=1e-9)


class TestRanksAmongEarlier:
    def test_count_only_what_came_before(self):
        errors = np.arange(30.0)[None]
        ranks = ranks_among_earlier(errors)

        assert np.isnan(ranks[0, :FEWEST]).all()
        # Higher than all 24 before it: the last of 25 places, at its middle.
        assert ranks[0, FEWEST] == 24.5 / 25

    def test_share_their_places_among_ties(self):
        errors = np.zeros((1, 26))

        assert ranks_among_earlier(errors)[0, 25] == 0.5

    def test_do_not_compare_series_within_one_month(self):
        errors = np.zeros((2, 13))
        errors[:, 12] = [3.0, 9.0]

        assert ranks_among_earlier(errors)[:, 12].tolist() == [24.5 / 25, 24.5 / 25]

    @settings(max_examples=30)
    @given(
        errors=st.lists(st.integers(-3, 3), min_size=FEWEST + 1, max_size=40),
        power=st.sampled_from([0.0, 1.0, 3.0]),
    )
    def test_win_no_bet_on_average_over_equally_likely_orders(self, errors, power):
        # Any of the errors could have come last; a convex bet that pays 1 on uniform places
        # must not pay more on their ranks, with ties as without.
        payments = []
        for last in range(len(errors)):
            order = [*errors[:last], *errors[last + 1 :], errors[last]]
            rank = ranks_among_earlier(np.array([order], dtype=float))[0, -1]
            payments.append((power + 1) * rank**power)

        assert np.mean(payments) <= 1 + 1e-9
