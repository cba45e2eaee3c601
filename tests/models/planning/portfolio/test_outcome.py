# SPDX-License-Identifier: EUPL-1.2
"""What a plan comes to: places by use, and every change paid for once."""

from dataclasses import replace

import numpy as np
import pytest

from models.planning.portfolio.capacity_plan import PlanSettings, UseState
from models.planning.portfolio.outcome import half_year_totals, walk_months
from models.planning.portfolio.portfolio import Portfolio
from models.planning.portfolio.terms import Terms
from models.planning.register.locations import LocationStatus
from tests.models.planning.builders import PERIODS, candidate, emergency, regular

OPEN, RESERVE, LENT, ABSENT = UseState.OPEN, UseState.RESERVE, UseState.LENT, UseState.ABSENT
COSTS = PlanSettings().costs


def portfolio(**courses_of):
    register, courses = zip(*courses_of.values(), strict=True)
    terms = [Terms.of(one, start=PERIODS[0], horizon=len(courses[0])) for one in register]
    return Portfolio.of(register, terms=terms, states=courses, costs=COSTS)


class TestPortfolio:
    def test_adds_up_places_by_use(self):
        held = portfolio(
            a=(regular("a", 100), (OPEN, RESERVE)),
            b=(regular("b", 60), (LENT, OPEN)),
            c=(emergency("c", 40), (OPEN, ABSENT)),
            d=(candidate("d", 80), (ABSENT, OPEN)),
        )

        assert held.regular.tolist() == [100, 140]
        assert held.reserve.tolist() == [0, 100]
        assert held.lent.tolist() == [60, 0]
        assert held.emergency.tolist() == [40, 0]

    @pytest.mark.parametrize(
        ("line", "course", "expected"),
        [
            (regular("a", 10), (OPEN, OPEN), [0, 0]),
            (regular("a", 10), (RESERVE, OPEN), [0, 10 * COSTS.open_place]),
            (regular("a", 10), (LENT, RESERVE), [10 * COSTS.open_place, 0]),
            (regular("a", 10), (ABSENT, ABSENT), [0, 0]),
            (
                regular("a", 10, agreement_end="2027-12"),
                (OPEN, ABSENT),
                [0, 10 * COSTS.close_place],
            ),
            (regular("a", 10, agreement_end="2026-06"), (OPEN, ABSENT), [0, 0]),
            (candidate("a", 10), (ABSENT, OPEN), [0, 10 * COSTS.open_place]),
        ],
    )
    def test_pays_for_coming_into_use_and_for_leaving_early(self, line, course, expected):
        assert portfolio(a=(line, course)).changes_eur.tolist() == expected


class TestWalkMonths:
    def test_brings_a_lent_place_back_after_term_and_notice(self):
        held = portfolio(a=(regular("a", 50), (LENT, LENT, LENT)))
        back = walk_months(held, np.full((1, 18), 40.0), occupancy_norm=1.0).recalled

        # short from the first month on, lent for nine months at least
        assert back.tolist() == [[0.0] * 9 + [40.0] * 9]

    def test_takes_what_was_lent_before_the_plan_as_lent_long_enough(self):
        lent = replace(regular("a", 50), status=LocationStatus.LENT)
        held = portfolio(a=(lent, (LENT, LENT)))
        back = walk_months(held, np.full((1, 12), 40.0), occupancy_norm=1.0).recalled

        assert back.tolist() == [[0.0] * 3 + [40.0] * 9]

    def test_does_not_recall_what_is_no_longer_lent(self):
        held = portfolio(a=(regular("a", 50), (LENT, LENT, RESERVE)))
        walked = walk_months(held, np.full((1, 18), 40.0), occupancy_norm=1.0)

        assert walked.recalled[0, 12:].tolist() == [0.0] * 6
        assert walked.called_up[0, 12:].tolist() == [40.0] * 6


class TestHalfYearTotals:
    def test_counts_a_reserve_as_empty_until_it_is_called_up(self):
        held = portfolio(a=(regular("a", 100), (OPEN,)), b=(regular("b", 50), (RESERVE,)))
        (total,) = half_year_totals(
            held,
            np.full((1, 6), 120.0),
            periods=PERIODS,
            settings=PlanSettings(half_years=1, occupancy_norm=1.0),
        )

        # three months of recall time with 20 people too many, then three with them in the reserve
        assert total.missing_place_months == 60
        assert total.called_up_place_months == 60
        assert total.empty_place_months == 3 * 50 + 3 * 30
        persons = 600 * COSTS.regular_housed + 60 * COSTS.called_up + 60 * COSTS.last_resort_person
        places = 100 * COSTS.regular_open + 50 * COSTS.empty_place
        assert total.cost_eur == pytest.approx(persons / 12 + places / 2 + 20 * COSTS.open_place)
