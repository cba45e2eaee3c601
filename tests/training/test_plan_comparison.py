# SPDX-License-Identifier: EUPL-1.2
"""The comparison with official plans: which count, what was known, and how errors are taken."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from models.catalogue import Measure, SeriesDefinition, Status
from models.errors import InvalidInput
from models.occupancy import DatedPoint
from models.periods import Frequency, first_day, last_day, month_range
from models.types import LEVELS
from training.occupancy import INFLOW_ID, Method
from training.plan_comparison import (
    OfficialPlan,
    PlanCheck,
    PlanComparison,
    compare_plans,
    official_plans,
    outcome_of,
)
from training.store.records import KnownBasis, Observation, Snapshot

ENTITLED = "nl.occupancy.entitled"


def plan(*, persons=900.0, until=date(2019, 12, 31), target=date(2020, 12, 31)):
    return OfficialPlan(known_until=until, target=target, persons=persons, source="test")


def checked(*, persons, median, walk, actual):
    return PlanCheck(
        plan=plan(persons=persons),
        champion=Method.CHAIN,
        by_method={
            method: factor * median * (1 + (LEVELS - 0.5) / 10)
            for method, factor in zip(Method, (1.0, 2.0, 1.2), strict=True)
        },
        random_walk=walk,
        actual=actual,
    )


def observation(series_id, period, value):
    return Observation(
        series_id=series_id,
        period=period,
        value=value,
        known_at=datetime(period.year, period.month, period.day, tzinfo=UTC),
        known_basis=KnownBasis.ASSUMED,
        status=Status.OBSERVED,
        source="made by the test",
    )


@pytest.fixture(scope="module")
def history():
    """Five steady years of inflow, and a stock that balances it: an oracle, not figures."""
    rng = np.random.default_rng(5)
    months = month_range(np.datetime64("2016-01", "M"), 60)
    return [
        row
        for month in months
        for row in (
            observation(INFLOW_ID, first_day(month), round(1000 * np.exp(0.1 * rng.normal()))),
            observation(ENTITLED, last_day(month), 10_000.0),
        )
    ]


def as_known_at(history, moment):
    definitions = tuple(
        SeriesDefinition(
            series_id=name,
            measure=measure,
            unit="persons",
            frequency=frequency,
            definition="made by the test",
        )
        for name, measure, frequency in (
            (INFLOW_ID, Measure.INFLOW, Frequency.MONTH),
            (ENTITLED, Measure.OCCUPANCY, Frequency.DATED),
        )
    )
    rows = sorted(
        (row for row in history if row.known_at <= moment),
        key=lambda row: (row.series_id, row.period),
    )
    return Snapshot(known_at=moment, definitions=definitions, observations=tuple(rows))


class TestOfficialPlans:
    def test_rest_on_what_was_known_before_the_month_of_the_decision(self):
        made = {(found.known_until, found.target): found for found in official_plans()}

        autumn = made[date(2023, 9, 30), date(2025, 1, 1)]
        assert autumn.persons == pytest.approx(96_000 * 0.91)
        assert made[date(2022, 10, 31), date(2022, 12, 31)].persons == pytest.approx(61_189 * 0.96)
        assert made[date(2016, 12, 31), date(2017, 12, 31)].persons == 17_000

    def test_look_ahead(self):
        assert all(found.known_until < found.target for found in official_plans())


class TestOutcomeOf:
    def test_is_the_nearest_exact_point_within_a_week(self):
        points = [
            DatedPoint(day=date(2020, 12, 20), persons=1),
            DatedPoint(day=date(2020, 12, 29), persons=2),
            DatedPoint(day=date(2020, 12, 31), persons=3, log_sd=0.1),
            DatedPoint(day=date(2021, 1, 4), persons=4),
        ]

        assert outcome_of(plan(), points) == 2
        assert outcome_of(plan(), points[:1]) is None


class TestPlanComparison:
    def test_takes_errors_as_a_share_of_what_happened(self):
        comparison = PlanComparison(
            checks=(
                checked(persons=800, median=900, walk=1100, actual=1000),
                checked(persons=1250, median=1010, walk=1000, actual=1000),
            )
        )

        errors = comparison.errors()
        assert errors["plan"] == pytest.approx((0.2 + 0.25) / 2)
        assert errors["forecast"] == pytest.approx((0.1 + 0.01) / 2)
        assert errors["random_walk"] == pytest.approx(0.05)
        paired = (1 - np.sqrt(0.9 * 0.8) + np.sqrt(1.01 * 1.25) - 1) / 2
        assert errors["forecast_and_plan"] == pytest.approx(paired)
        assert comparison.covered_80() == 0.5

    def test_shows_one_row_per_plan_and_the_mean_last(self):
        comparison = PlanComparison(
            checks=(checked(persons=800, median=900, walk=1100, actual=1000),)
        )

        _, row, mean = comparison.table()
        assert row[:4] == ["2019-12-31", "2020-12-31", "1,000", "800 (-20%)"]
        assert mean[3:5] == ["20.0%", "10.0%"]

    def test_holds_the_methods_beside_plan_and_random_walk(self):
        comparison = PlanComparison(
            checks=(
                checked(persons=800, median=900, walk=1100, actual=1000),
                checked(persons=1250, median=1010, walk=1000, actual=1000),
            )
        )

        header, *rows = comparison.method_table()
        # Errors of the chain 10 % and 1 %, of twice its medians 80 % and 102 %, of a fifth more
        # than it 8 % and 21.2 %; of the plans 20 % and 25 %, of the random walk 10 % and none.
        assert header[0] == "2 plans"
        assert [row[:4] for row in rows] == [
            ["forecast", "5.5%", "0.24", "1.10"],
            ["chain", "5.5%", "0.24", "1.10"],
            ["direct", "91.0%", "4.04", "18.20"],
            ["combination", "14.6%", "0.65", "2.92"],
            ["plan", "22.5%", "1.00", "4.50"],
            ["random_walk", "5.0%", "0.22", "1.00"],
            ["forecast_and_plan", "13.8%", "0.61", "2.75"],
        ]
        # An interval of 4 % to both sides holds an error of 1 % and no larger one.
        assert [row[4] for row in rows] == ["50%", "50%", "0%", "0%", "", "", ""]


class TestComparePlans:
    def test_forecasts_from_what_was_known_then_alone(self, history):
        now = datetime(2021, 1, 1, tzinfo=UTC)
        later = [
            row
            if row.known_at <= datetime(2019, 12, 31, tzinfo=UTC)
            else observation(row.series_id, row.period, row.value * 3)
            for row in history
        ]

        honest, poisoned = (
            compare_plans(
                lambda moment, rows=rows: as_known_at(rows, moment),
                plans=[plan(), plan(target=date(2031, 1, 1))],
                actual=as_known_at(rows, now),
                seed=1,
            ).checks
            for rows in (history, later)
        )

        assert len(honest) == 1
        assert honest[0].actual == 10_000
        assert poisoned[0].actual == 30_000
        assert honest[0].quantiles.tobytes() == poisoned[0].quantiles.tobytes()
        assert honest[0].median == pytest.approx(10_000, rel=0.2)
        assert honest[0].random_walk == pytest.approx(10_000)

    def test_refuses_plans_that_have_no_outcome_yet(self, history):
        snapshot = as_known_at(history, datetime(2019, 1, 1, tzinfo=UTC))

        with pytest.raises(InvalidInput, match="outcome"):
            compare_plans(lambda _: snapshot, plans=[plan()], actual=snapshot, seed=1)
