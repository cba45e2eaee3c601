# SPDX-License-Identifier: EUPL-1.2
"""Months of total inflow from weekly bulletins."""

from datetime import UTC, date, datetime

from models.catalogue import Status
from training.sources.reference import load_reference
from training.sources.reference.estimates import TOTAL
from training.sources.reference.known import month_number
from training.sources.reference.nowcast import WEEKLY, months_from_weeks
from training.store.records import KnownBasis, Observation


def week(monday, persons):
    return Observation(
        series_id=WEEKLY,
        period=monday,
        value=persons,
        known_at=datetime(monday.year, monday.month, monday.day, tzinfo=UTC),
        known_basis=KnownBasis.STATED,
        status=Status.ROUNDED,
        source="bulletin",
    )


FEBRUARY = month_number(date(2026, 2, 1))
WEEKS = [
    week(date(2026, 1, 26), 900),
    week(date(2026, 2, 2), 900),
    week(date(2026, 2, 9), 900),
    week(date(2026, 2, 16), 900),
    week(date(2026, 2, 23), 800),
]


class TestMonthsFromWeeks:
    def test_counts_a_seventh_of_a_week_per_day(self):
        # 1 February closes a week of 900; three weeks of 900; six days of a week of 800.
        (february,) = months_from_weeks(WEEKS, [FEBRUARY])

        assert february.value == round((900 + 21 * 900 + 6 * 800) / 7)
        assert february.status is Status.ESTIMATED

    def test_is_known_when_the_last_week_is(self):
        (february,) = months_from_weeks(WEEKS, [FEBRUARY])

        assert february.known_at == WEEKS[-1].known_at

    def test_leaves_out_a_month_with_a_day_that_no_week_covers(self):
        assert months_from_weeks(WEEKS[:-1], [FEBRUARY]) == []

    def test_leaves_alone_the_months_it_was_not_asked_for(self):
        assert months_from_weeks(WEEKS, [FEBRUARY + 1]) == []

    def test_gives_february_to_june_of_2026_from_the_real_bulletins(self):
        months = [
            (row.period.month, row.value)
            for row in load_reference().observations
            if row.series_id == TOTAL and row.period.year == 2026
        ]

        assert [month for month, _ in months] == [2, 3, 4, 5, 6]
        assert dict(months)[2] == 3514
