# SPDX-License-Identifier: EUPL-1.2
"""Joining known and sampled inflow: no month is lost, none is counted twice."""

import numpy as np
import pytest

from models.errors import InvalidInput
from models.occupancy import (
    DatedPoint,
    arrivals_after,
    by_month,
    fit_chain,
    flow_paths,
    known_and_expected,
    need_paths,
)
from models.periods import Frequency, last_day, month_range
from models.types import Panel, SamplePaths
from tests.models.occupancy.builders import small_chain

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
            inflows=["inflow"],
            until=np.datetime64("2018-04", "M"),
        )

        assert joined.persons.tolist() == [[10, 20, 2, 5]]

    def test_takes_the_known_months_whole_and_no_more_than_is_needed(self):
        joined = known_and_expected(
            known([10, 20, 30]),
            futures(np.datetime64("2018-03", "M"), [[1, 4], [2, 5]]),
            inflows=["inflow"],
            until=np.datetime64("2018-01", "M"),
        )

        assert joined.persons.tolist() == [[10, 20, 30]]

    def test_bridges_short_gaps_and_leaves_long_ones(self):
        joined = known_and_expected(
            known([10, np.nan, 20, *[np.nan] * 7, 30]),
            futures(np.datetime64("2018-11", "M"), [[40.0], [40.0]]),
            inflows=["inflow"],
            until=np.datetime64("2018-12", "M"),
        )

        expected = [10, 15, 20, *[np.nan] * 7, 30, 40]
        np.testing.assert_array_equal(joined.persons, [expected])

    def test_refuses_futures_that_begin_after_a_gap_or_end_too_early(self):
        for origin, until in (("2018-05", "2018-06"), ("2018-02", "2018-09")):
            with pytest.raises(InvalidInput, match=f"not known up to {until}"):
                known_and_expected(
                    known([10, 20]),
                    futures(np.datetime64(origin, "M"), [[1, 4], [2, 5]]),
                    inflows=["inflow"],
                    until=np.datetime64(until, "M"),
                )

    def test_takes_quarters_and_gives_months(self):
        joined = known_and_expected(
            known([300, 600], frequency=Frequency.QUARTER),
            futures(np.datetime64("2018-04", "M"), [[30.0], [30.0]], frequency=Frequency.QUARTER),
            inflows=["inflow"],
            until=np.datetime64("2018-07", "M"),
        )

        assert joined.persons.tolist() == [[100, 100, 100, 200, 200, 200, 10]]


class TestArrivalsAfter:
    def test_begins_the_month_after_the_state(self):
        months, arrivals = arrivals_after(
            np.datetime64("2018-03", "M"),
            futures(np.datetime64("2018-02", "M"), [[1, 2, 3], [4, 5, 6]]),
            inflows=["inflow"],
        )

        assert months[0] == np.datetime64("2018-04", "M")
        assert arrivals.tolist() == [[[2, 3], [5, 6]]]

    def test_refuses_paths_that_end_before_the_state_or_begin_after_a_gap(self):
        for until, words in (("2018-06", "beyond the sampled inflow"), ("2017-12", "not known")):
            with pytest.raises(InvalidInput, match=words):
                arrivals_after(
                    np.datetime64(until, "M"),
                    futures(np.datetime64("2018-02", "M"), [[1, 2, 3], [4, 5, 6]]),
                    inflows=["inflow"],
                )


class TestNeedPaths:
    @pytest.fixture(scope="class")
    @staticmethod
    def sampled():
        chain = small_chain().specification
        inflow = Panel(
            series_ids=chain.inflows,
            frequency=Frequency.MONTH,
            periods=month_range(FIRST, 24),
            persons=np.full((len(chain.inflows), 24), 500.0),
        )
        points = [DatedPoint(day=last_day(month), persons=6000.0) for month in inflow.periods[::6]]
        fitted = fit_chain(chain, points, inflow, rng=np.random.default_rng(1), members=60)
        arrivals = np.full((len(chain.inflows), 20, 12), 500.0)
        return chain, fitted, fitted.sample(arrivals, rng=np.random.default_rng(1))

    def test_give_stages_and_groups_that_each_add_up_to_the_whole(self, sampled):
        chain, fitted, course = sampled

        need = need_paths(chain, course, fitted=fitted, need_id="nl.need.total")

        assert need.periods_of("nl.need.total")[0] == fitted.until + 1
        for kind, names in (("stage", chain.stages), ("group", chain.groups)):
            parts = sum(need.of(f"nl.need.{kind}.{name}") for name in names)
            np.testing.assert_allclose(parts, need.of("nl.need.total"), rtol=1e-9)

    def test_scale_the_parts_to_another_forecast_of_the_whole(self, sampled):
        chain, fitted, course = sampled

        need = need_paths(chain, course, fitted=fitted, need_id="need", total=course.total * 2)

        np.testing.assert_allclose(need.of("need"), course.total * 2)
        shares = [need.of(f"need.stage.{name}") / need.of("need") for name in chain.stages]
        np.testing.assert_allclose(sum(shares), 1, rtol=1e-9)

    def test_say_what_goes_through_every_bottleneck(self, sampled):
        chain, fitted, course = sampled

        flows = flow_paths(fitted, course)

        assert set(flows.series_ids) == {
            f"{chain.chain_id}.{what}.{part.name}"
            for part in chain.bottlenecks
            for what in ("served", "waited")
        }
