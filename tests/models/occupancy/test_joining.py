# SPDX-License-Identifier: EUPL-1.2
"""Joining known and sampled inflow: no month is lost, none is counted twice."""

from datetime import date

import numpy as np
import pytest

from models.errors import InvalidInput
from models.occupancy import DatedPoint, by_month, fit_occupancy, known_and_expected, need_paths
from models.periods import Frequency, month_range
from models.types import Panel, SamplePaths

FIRST = np.datetime64("2018-01", "M")


def known(persons, *, frequency=Frequency.MONTH, first=FIRST):
    return Panel(
        series_ids=("inflow",),
        frequency=frequency,
        periods=month_range(first, len(persons), frequency),
        persons=np.array([persons], dtype=float),
    )


def futures(origin, persons, *, frequency=Frequency.MONTH):
    return SamplePaths(
        series_ids=("inflow",),
        frequency=frequency,
        origins=np.array([origin], dtype="datetime64[M]"),
        persons=np.asarray(persons, dtype=float)[:, None, :],
    )


def fitted(last_day, *, months=24):
    points = [
        DatedPoint(day=date(2018, 1, 31), persons=1000),
        DatedPoint(day=date(2018, 12, 31), persons=1010),
        DatedPoint(day=last_day, persons=990),
    ]
    return fit_occupancy(points, known([100.0] * months), rng=np.random.default_rng(1))


def needs(model, *, past, sampled, seed=1):
    return need_paths(
        model,
        known=past,
        sampled=sampled,
        inflow_id="inflow",
        need_id="need",
        rng=np.random.default_rng(seed),
    )


class TestByMonth:
    def test_spreads_a_quarter_evenly_and_keeps_its_sum(self):
        monthly = by_month(known([300, 600], frequency=Frequency.QUARTER))

        assert monthly.persons.tolist() == [[100, 100, 100, 200, 200, 200]]
        assert monthly.periods[-1] == np.datetime64("2018-06", "M")

    def test_leaves_months_as_they_are(self):
        panel = known([5, 7])

        np.testing.assert_array_equal(by_month(panel).persons, panel.persons)


class TestKnownAndExpected:
    def test_goes_on_with_the_median_where_knowledge_ends(self):
        joined = known_and_expected(
            known([10, 20]),
            futures(np.datetime64("2018-02", "M"), [[1, 4], [2, 5], [9, 6]]),
            inflow_id="inflow",
        )

        assert joined.persons.tolist() == [[10, 20, 2, 5]]

    def test_bridges_short_gaps_and_leaves_long_ones(self):
        joined = known_and_expected(
            known([10, np.nan, 20, *[np.nan] * 7, 30]),
            futures(np.datetime64("2018-11", "M"), [[40.0], [40.0]]),
            inflow_id="inflow",
        )

        expected = [10, 15, 20, *[np.nan] * 7, 30, 40]
        np.testing.assert_array_equal(joined.persons, [expected])

    def test_refuses_futures_that_begin_after_a_gap(self):
        with pytest.raises(InvalidInput, match="not known up to 2018-06"):
            known_and_expected(
                known([10, 20]),
                futures(np.datetime64("2018-05", "M"), [[1, 4], [2, 5]]),
                inflow_id="inflow",
            )


class TestNeedPaths:
    def test_runs_through_the_inflow_known_since_the_last_point(self):
        model = fitted(date(2019, 3, 31))
        past = known([100.0] * 24)
        paths = np.full((30, 6), 100.0)

        need = needs(model, past=past, sampled=futures(np.datetime64("2019-12", "M"), paths))

        assert need.periods_of("need")[0] == np.datetime64("2020-01", "M")
        np.testing.assert_array_equal(
            need.of("need"),
            model.sample(np.full((30, 15), 100.0), rng=np.random.default_rng(1))[:, 9:],
        )

    def test_begins_after_the_last_point_when_occupancy_is_known_later_than_inflow(self):
        model = fitted(date(2020, 2, 29), months=26)
        paths = np.tile(np.arange(100.0, 106.0), (30, 1))

        need = needs(
            model,
            past=known([100.0] * 24),
            sampled=futures(np.datetime64("2019-12", "M"), paths),
        )

        assert need.periods_of("need")[0] == np.datetime64("2020-03", "M")
        np.testing.assert_array_equal(
            need.of("need"), model.sample(paths[:, 2:], rng=np.random.default_rng(1))
        )

    def test_takes_quarters_and_gives_months(self):
        model = fitted(date(2019, 12, 31))

        need = needs(
            model,
            past=known([300.0] * 8, frequency=Frequency.QUARTER),
            sampled=futures(
                np.datetime64("2019-10", "M"), np.full((30, 2), 300.0), frequency=Frequency.QUARTER
            ),
        )

        assert need.frequency is Frequency.MONTH
        np.testing.assert_array_equal(
            need.of("need"),
            model.sample(np.full((30, 6), 100.0), rng=np.random.default_rng(1)),
        )

    def test_bridges_a_gap_of_a_few_months_by_a_straight_line(self):
        past = known([*[100.0] * 20, np.nan, np.nan, 130.0, 140.0])
        straight = known([*[100.0] * 20, 110.0, 120.0, 130.0, 140.0])
        model = fitted(date(2019, 3, 31))
        sampled = futures(np.datetime64("2019-12", "M"), np.full((3, 2), 100.0))

        np.testing.assert_array_equal(
            needs(model, past=past, sampled=sampled).persons,
            needs(model, past=straight, sampled=sampled).persons,
        )

    def test_refuses_a_long_gap_between_the_last_point_and_the_paths(self):
        past = known([*[100.0] * 15, *[np.nan] * 7, *[100.0] * 2])

        with pytest.raises(InvalidInput, match="not known from 2019-04 to 2019-12"):
            needs(
                fitted(date(2019, 3, 31)),
                past=past,
                sampled=futures(np.datetime64("2019-12", "M"), np.full((3, 2), 100.0)),
            )

    def test_refuses_paths_that_end_before_the_last_point(self):
        with pytest.raises(InvalidInput, match="beyond the sampled inflow"):
            needs(
                fitted(date(2019, 12, 31)),
                past=known([100.0] * 20),
                sampled=futures(np.datetime64("2019-08", "M"), np.full((3, 2), 100.0)),
            )
