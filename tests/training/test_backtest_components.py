# SPDX-License-Identifier: EUPL-1.2
"""The backtest of components: what was known then, what is scored, and beside what."""

from datetime import datetime

import numpy as np
import pytest

from models.errors import InvalidInput
from training.backtest_components import METHODS, backtest_components
from training.sources.reference.estimates import FAMILY, FIRST, TOTAL

CUTOFFS = tuple(np.datetime64(month) for month in ("2016-09", "2017-03"))


@pytest.fixture(scope="module")
def found(as_known_at):
    return backtest_components(as_known_at, CUTOFFS, actual=as_known_at(), horizon=12, seed=1)


def score(found, whole, method):
    return next(row for row in found.scores if (row.whole, row.method) == (whole, method))


class TestBacktest:
    def test_scores_every_way_on_every_whole(self, found):
        assert [(row.whole, row.method) for row in found.scores] == [
            (whole, method) for whole in (TOTAL, FIRST, FAMILY) for method in METHODS
        ]
        assert score(found, TOTAL, METHODS[-1]).relative == pytest.approx(1)

    def test_waits_with_nationalities_until_two_years_are_known(self, found):
        # In September 2016 they were known for 21 months; three kinds were for 45.
        assert score(found, TOTAL, "structure").targets == 2 * 12 * 3
        assert score(found, FIRST, "structure").targets == 12 * 8

    def test_holds_more_outcomes_than_shares_that_stand_still(self, found):
        for whole in (FIRST, FAMILY):
            still = score(found, whole, "shares of last year")
            assert score(found, whole, "structure").covered_90 > still.covered_90

    def test_knows_nothing_of_what_came_after_the_cutoff(self, as_known_at, found):
        told: list[datetime] = []

        def remember(moment):
            told.append(moment)
            return as_known_at(moment)

        again = backtest_components(remember, CUTOFFS, actual=as_known_at(), horizon=12, seed=1)

        assert [moment.date().isoformat() for moment in told] == ["2016-09-30", "2017-03-31"]
        assert again == found

    def test_prints_one_row_per_score(self, found):
        header, *rows = found.table()

        assert header[:3] == ["parts of", "method", "relative"]
        assert {len(row) for row in rows} == {len(header)}
        assert len(rows) == len(found.scores)

    @pytest.mark.parametrize(("cutoffs", "horizon"), [((), 12), (CUTOFFS, 0)])
    def test_refuses_to_score_nothing(self, as_known_at, cutoffs, horizon):
        with pytest.raises(InvalidInput, match="at least one cutoff"):
            backtest_components(as_known_at, cutoffs, actual=as_known_at(), horizon=horizon, seed=1)
