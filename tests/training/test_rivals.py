# SPDX-License-Identifier: EUPL-1.2
"""The official forecast beside ours: what counts as its middle, what was known, how errors go."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from models.catalogue import Measure, SeriesDefinition, Status
from models.errors import InvalidInput
from models.periods import Frequency, first_day, last_day, month_range
from models.types import LEVELS, Panel
from tests.figures import official
from training.occupancy import INFLOW_ID
from training.rivals import ANNUAL_ID, Comparison, RivalCheck, compare_official
from training.sources.reference import official_forecasts
from training.store.official_forecasts import editions_of
from training.store.records import KnownBasis, Observation, Snapshot

KNOWN = datetime(2019, 9, 30, tzinfo=UTC)


def figure(series_id, period, value, known_at, status=Status.OBSERVED):
    return Observation(
        series_id=series_id,
        period=period,
        value=value,
        known_at=datetime(known_at.year, known_at.month, known_at.day, tzinfo=UTC),
        known_basis=KnownBasis.ASSUMED,
        status=status,
        source="made by the test",
    )


def edition(**scenarios):
    """One edition about 2020 with these scenarios."""
    return editions_of(
        official(persons, scenario=name, edition="e", known_at=KNOWN, target_year=2020)
        for name, persons in scenarios.items()
    )[0]


def check(made, *, actual, median):
    return RivalCheck(
        edition=made,
        known_until=KNOWN.date(),
        known_months=0,
        bridged_months=0,
        quantiles=median * (1 + (LEVELS - 0.5) / 10),
        naive=1_000.0,
        outcome=figure(ANNUAL_ID, date(2020, 1, 1), actual, date(2020, 12, 31)),
    )


class TestEditions:
    @pytest.mark.parametrize(
        ("scenarios", "middle", "basis"),
        [
            ({"min": 10, "medium": 16, "max": 20}, 16, "medium"),
            ({"point": 12, "min": 10, "max": 20}, 12, "point"),
            ({"min": 10, "max": 20}, 15, "halfway"),
            ({"max": 20}, None, ""),
            ({"cabinet planning": 18, "max": 20}, None, ""),
        ],
    )
    def test_have_the_middle_that_was_published_or_halfway(self, scenarios, middle, basis):
        made = edition(**scenarios)

        assert (made.middle, made.basis) == (middle, basis)

    @pytest.mark.parametrize(("actual", "held"), [(9, False), (10, True), (20, True), (21, False)])
    def test_hold_what_lies_between_their_ends(self, actual, held):
        assert edition(min=10, max=20).holds(actual) is held

    def test_with_one_end_hold_nothing_and_miss_nothing(self):
        assert edition(max=20).holds(15) is None

    def test_leave_out_what_counts_something_else(self):
        entries = official_forecasts()
        kept = {(made.edition, made.target_year) for made in editions_of(entries)}

        assert Counter(entry.is_comparable for entry in entries) == {True: 21, False: 2}
        assert ("CBS Bevolkingsprognose", 2015) not in kept
        (autumn,) = (
            made
            for made in editions_of(entries)
            if (made.edition, made.target_year) == ("MPP 2022-II", 2023)
        )
        assert (autumn.middle, autumn.high) == (50_650, None)


class TestComparison:
    def test_takes_errors_as_forecast_minus_actual(self):
        comparison = Comparison(
            checks=(
                check(edition(medium=1_200), actual=1_000, median=900),
                check(edition(min=600, max=800), actual=1_000, median=1_010),
                check(edition(max=999), actual=1_000, median=1_300),
            )
        )

        ministry, ours, naive = comparison.scores()
        assert (ministry.count, ministry.mean_error, ministry.bias) == (2, 250, -50)
        assert ministry.relative_error == pytest.approx(0.25)
        assert ministry.crps == ministry.mean_error
        assert (ours.mean_error, ours.bias) == pytest.approx((55, -45))
        assert 0 < ours.crps < ours.mean_error
        assert naive.mean_error == 0
        assert comparison.summary()[1] == ["ministry", "2", "250", "25.0%", "-50", "250"]
        assert list(comparison.held().values()) == [(0, 1), (1, 3), (1, 3)]

    def test_says_what_was_published_and_what_is_not_final(self):
        made = check(edition(min=600, max=800), actual=1_000, median=1_010)
        later = replace(made, outcome=replace(made.outcome, status=Status.PROVISIONAL))
        header, row, other = Comparison(checks=(made, later)).table()

        facts = dict(zip(header, row, strict=True))
        assert facts["ministry"] == "~700 (-30%)"
        assert facts["range"] == "600-800 missed"
        assert facts["80 %"] == "970-1,050 held"
        assert facts["ministry counts"] == "first, repeat, family"
        assert dict(zip(header, other, strict=True))["actual"] == "1,000*"

    def test_can_be_written_as_json(self):
        made = Comparison(checks=(check(edition(max=800), actual=1_000, median=1_010),))
        written = json.loads(json.dumps(made.to_json()))

        (row,) = written["checks"]
        assert written["scores"] == []
        assert row["high"] == 800
        assert row["range_held"] is None
        assert "low" not in row
        assert row["ours"]["0.5"] == pytest.approx(1_010)


@pytest.fixture(scope="module")
def history():
    """Five quiet years and their totals: an oracle, not figures."""
    rng = np.random.default_rng(5)
    months = month_range(np.datetime64("2016-01", "M"), 60)
    persons = {month: round(1_000 * np.exp(0.05 * rng.normal())) for month in months}
    return [
        *(
            figure(INFLOW_ID, first_day(month), value, last_day(month))
            for month, value in persons.items()
        ),
        figure(ANNUAL_ID, date(2020, 1, 1), 12_100.0, date(2020, 12, 31)),
    ]


def as_known_at(history, moment):
    definitions = tuple(
        SeriesDefinition(
            series_id=name,
            measure=Measure.INFLOW,
            unit="persons",
            frequency=frequency,
            definition="made by the test",
        )
        for name, frequency in ((INFLOW_ID, Frequency.MONTH), (ANNUAL_ID, Frequency.YEAR))
    )
    rows = sorted(
        (row for row in history if row.known_at <= moment),
        key=lambda row: (row.series_id, row.period),
    )
    return Snapshot(known_at=moment, definitions=definitions, observations=tuple(rows))


def compared(history, editions, **more):
    now = datetime(2021, 1, 1, tzinfo=UTC)
    return compare_official(
        lambda moment: as_known_at(history, moment),
        editions=editions,
        actual=as_known_at(history, now),
        seed=1,
        **more,
    )


class TestCompareOfficial:
    def test_forecasts_from_what_was_known_that_day_alone(self, history):
        later = [
            row
            if row.known_at <= KNOWN
            else replace(row, value=row.value * (1 if row.series_id == ANNUAL_ID else 3))
            for row in history
        ]
        pool = Panel(
            series_ids=("other",),
            frequency=Frequency.MONTH,
            periods=month_range(np.datetime64("2015-01", "M"), 72),
            persons=np.linspace(500, 700, 72)[None, :],
        )
        ahead = np.arange(72) > 56  # after September 2019
        poisoned_pool = replace(pool, persons=np.where(ahead, 9e5, pool.persons))

        (honest,) = compared(history, [edition(medium=20_000)], pool=pool).checks
        (poisoned,) = compared(later, [edition(medium=20_000)], pool=poisoned_pool).checks
        (lagging,) = compared(history, [edition(medium=20_000)], lag=3).checks

        assert honest.quantiles.tobytes() == poisoned.quantiles.tobytes()
        assert honest.median == pytest.approx(12_000, rel=0.1)
        assert honest.naive == pytest.approx(12_000, rel=0.1)
        assert (honest.known_until, lagging.known_until) == (date(2019, 9, 30), date(2019, 6, 30))
        assert lagging.quantiles.tobytes() != honest.quantiles.tobytes()

    def test_adds_the_months_of_the_year_that_were_known(self, history):
        autumn = replace(edition(medium=11_000), known_at=datetime(2020, 9, 30, tzinfo=UTC))

        (made,) = compared(history, [autumn]).checks
        assert (made.known_months, made.bridged_months) == (9, 0)
        so_far = sum(
            row.value
            for row in history
            if row.series_id == INFLOW_ID and date(2020, 1, 1) <= row.period < date(2020, 10, 1)
        )
        assert made.quantiles[0] > so_far
        last = [row.value for row in history if row.series_id == INFLOW_ID][45:57]
        assert made.naive == pytest.approx(so_far + 3 * np.mean(last))

    def test_refuses_years_that_are_not_over(self, history):
        with pytest.raises(InvalidInput, match="outcome"):
            compared(history, [replace(edition(medium=1), target_year=2030)])
