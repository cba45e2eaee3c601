# SPDX-License-Identifier: EUPL-1.2
"""The reference figures: facts, estimates and what may be read from them."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from models.catalogue import Status
from models.errors import InvalidInput
from models.periods import Frequency
from training.sources.reference import (
    OccupancyBridge,
    capacity_need_decisions,
    load_reference,
    occupancy_bridge,
    official_forecasts,
    portfolio_decay,
)
from training.sources.reference.estimates import FAMILY, FIRST, KINDS, REPEAT, TOTAL, estimate
from training.sources.reference.known import known_at, month_number
from training.sources.reference.loading import estimates_by_vintage
from training.sources.reference.tables import definitions, facts, period_end
from training.store.records import KnownBasis, Snapshot


@pytest.fixture(scope="module")
def reference():
    return load_reference()


@pytest.fixture(scope="module")
def printed():
    return facts(definitions())


@pytest.fixture(scope="module")
def estimated(printed):
    return estimates_by_vintage(printed)


def as_known_at(reference, moment):
    latest = {}
    for row in reference.observations:
        if row.known_at <= moment:
            latest[row.series_id, row.period] = row
    return Snapshot(
        known_at=moment,
        definitions=reference.definitions,
        observations=tuple(latest[key] for key in sorted(latest)),
    )


def value(reference, series_id, period):
    rows = [
        row
        for row in reference.observations
        if (row.series_id, row.period) == (series_id, date.fromisoformat(period))
    ]
    return max(rows, key=lambda row: row.known_at)


class TestLoadReference:
    def test_gives_the_same_figures_every_time(self, reference):
        assert load_reference() == reference

    def test_describes_every_series_once_and_none_that_is_empty(self, reference):
        described = [entry.series_id for entry in reference.definitions]

        assert described == sorted(set(described))
        assert set(described) == {row.series_id for row in reference.observations}

    def test_gives_one_figure_per_series_period_and_moment(self, reference):
        keys = Counter((row.series_id, row.period, row.known_at) for row in reference.observations)

        assert max(keys.values()) == 1

    def test_names_a_source_for_every_figure(self, reference):
        assert all(len(row.source.strip()) > 3 for row in reference.observations)

    def test_is_known_in_utc_and_never_before_the_period_has_begun(self, reference):
        for row in reference.observations:
            assert row.known_at.utcoffset() == timedelta(0)
            assert row.known_at.date() >= row.period

    def test_names_each_period_by_its_first_day(self, reference):
        frequency = {entry.series_id: entry.frequency for entry in reference.definitions}
        for row in reference.observations:
            kind = frequency[row.series_id]
            if kind is Frequency.WEEK:
                assert row.period.weekday() == 0
            elif kind is not Frequency.DATED:
                assert row.period.day == 1
                assert (row.period.month - 1) % kind.months == 0

    def test_takes_a_figure_without_a_date_as_known_when_its_period_ended(self, reference):
        quarter = value(reference, "nl.inflow.first_application.quarterly", "2025-10-01")

        assert quarter.known_at == datetime(2025, 12, 31, tzinfo=UTC)
        assert quarter.known_basis is KnownBasis.ASSUMED

    def test_keeps_each_edition_of_a_printed_month(self, reference):
        october = [
            (row.value, row.known_at.date())
            for row in reference.observations
            if row.series_id == FIRST and row.period == date(2022, 10, 1)
        ]

        assert october == [(3912, date(2022, 10, 31)), (3965, date(2022, 11, 30))]

    def test_keeps_apart_the_two_lists_of_occupancy_that_disagree(self, reference):
        coa = value(reference, "nl.occupancy.persons_in_reception", "2015-12-31")
        nji = value(reference, "nl.occupancy.nji", "2015-12-31")

        assert (coa.value, nji.value) == (47_764, 47_636)

    def test_keeps_both_bulletins_of_week_24_and_dates_the_second_by_its_day(self, reference):
        first = value(reference, "nl.inflow.total.weekly", "2026-06-08")
        second = value(reference, "nl.inflow.total.weekly", "2026-06-15")

        assert (first.value, second.value) == (710, 970)
        assert second.known_at.date() == date(2026, 6, 22)

    def test_never_joins_the_doubtful_months_of_2025_to_the_total(self, reference):
        doubtful = value(reference, "nl.inflow.total.secondary", "2025-03-01")

        assert doubtful.status is Status.PROVISIONAL
        assert value(reference, TOTAL, "2025-03-01").status is Status.ESTIMATED


class TestMonthlyEstimates:
    def test_leave_printed_months_as_printed(self, reference, printed):
        last = known_at(max(row.known_at for row in printed), printed)
        snapshot = as_known_at(reference, max(row.known_at for row in printed))
        for kind in KINDS:
            found = {month_number(row.period): row for row in snapshot.of(kind)}
            for month, persons in last.of(kind).items():
                assert found[month].value == persons
                assert found[month].status is not Status.ESTIMATED

    def test_meet_every_quarter_of_first_applications_that_they_can_meet(self, reference, printed):
        last = known_at(max(row.known_at for row in printed), printed)
        months = {
            month_number(row.period): row.value
            for row in as_known_at(reference, datetime(2026, 1, 1, tzinfo=UTC)).of(FIRST)
        }
        missed = {
            f"{quarter // 12}Q{quarter % 12 // 3 + 1}"
            for quarter, total in last.of("nl.inflow.first_application.quarterly").items()
            if sum(months[month] for month in range(quarter, quarter + 3)) != total
        }

        all_printed = {"2015Q3", "2019Q1", "2019Q3", "2020Q1", "2020Q2", "2020Q4"}
        all_printed |= {"2021Q3", "2021Q4", "2022Q1", "2022Q3", "2022Q4"}
        relocation = {f"{year}Q{quarter}" for year in (2016, 2017) for quarter in (1, 2, 3, 4)}
        assert missed == all_printed | relocation

    def test_meet_the_year_2017_of_the_ind_though_eurostat_counts_more(self, reference):
        snapshot = as_known_at(reference, datetime(2026, 1, 1, tzinfo=UTC))

        assert sum(row.value for row in snapshot.of(FIRST) if row.period.year == 2017) == 14_720

    def test_meet_the_family_total_that_follows_from_the_year_2023(self, reference):
        snapshot = as_known_at(reference, datetime(2026, 1, 1, tzinfo=UTC))

        months = [row.value for row in snapshot.of(FAMILY) if row.period.year == 2023]
        assert sum(months) == 49_892 - 38_377 - 1_390

    def test_meet_the_years_of_total_inflow_that_were_hardly_printed(self, reference):
        snapshot = as_known_at(reference, datetime(2026, 1, 1, tzinfo=UTC))
        years = Counter()
        for row in snapshot.of(TOTAL):
            years[row.period.year] += row.value

        published = {2014: 29_891, 2015: 58_880, 2016: 31_642, 2018: 30_380, 2019: 29_435}
        published |= {2023: 49_892, 2024: 45_640, 2025: 44_097}
        assert {year: years[year] for year in published} == published

    def test_take_what_a_printed_total_leaves_for_first_applications(self, reference):
        # April 2016: 1,473 in all, of whom 148 repeat and 401 family members.
        assert value(reference, FIRST, "2016-04-01").value == 1_473 - 148 - 401

    def test_reach_from_2008_to_2025_without_a_gap(self, reference):
        panel = as_known_at(reference, datetime(2026, 1, 1, tzinfo=UTC)).panel([FIRST, REPEAT])

        assert panel.persons.shape == (2, 18 * 12)
        assert (panel.persons >= 0).all()

    def test_give_a_total_for_every_month_from_2013_to_2025(self, reference):
        panel = as_known_at(reference, datetime(2026, 1, 1, tzinfo=UTC)).panel([TOTAL, FAMILY])

        assert panel.persons.shape == (2, 13 * 12)
        assert (panel.persons > 0).all()

    def test_stop_where_a_total_is_known_but_its_indicator_is_not(self, printed):
        known = known_at(max(row.known_at for row in printed), printed)
        last = month_number(date(2025, 12, 1))

        shorter = known.without([f"{FIRST}.sy"], [last])

        assert max(estimate(known)[FIRST]) == last
        assert max(estimate(shorter)[FIRST]) == last - 3

    def test_are_empty_before_the_first_quarter_is_known(self):
        assert estimate(known_at(datetime(2026, 1, 1, tzinfo=UTC), [])) == {
            kind: {} for kind in KINDS
        }


class TestVintages:
    @pytest.mark.parametrize("day", [date(2014, 6, 30), date(2019, 6, 30), date(2022, 12, 31)])
    def test_show_at_each_quarter_end_what_could_be_estimated_then(self, reference, printed, day):
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        expected = estimate(known_at(moment, printed))

        snapshot = as_known_at(reference, moment)

        for kind in KINDS:
            found = {month_number(row.period): row.value for row in snapshot.of(kind)}
            assert found == {**expected[kind], **known_at(moment, printed).of(kind)}

    @pytest.mark.parametrize("day", [date(2013, 12, 31), date(2017, 6, 30), date(2021, 9, 30)])
    def test_never_use_what_became_known_later(self, printed, estimated, day):
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        changed = [
            row if row.known_at <= moment else replace(row, value=3 * row.value + 40)
            for row in printed
        ]

        before = [row for row in estimated if row.known_at <= moment]
        after = [row for row in estimates_by_vintage(changed) if row.known_at <= moment]

        assert len(before) > 50
        assert before == after

    def test_add_a_row_only_when_the_whole_number_changed(self, reference):
        for kind in KINDS:
            standing = {}
            for row in sorted(reference.observations, key=lambda row: row.known_at):
                if row.series_id == kind and row.status is Status.ESTIMATED:
                    assert standing.get(row.period) != row.value
                    standing[row.period] = row.value


class TestPeriodEnd:
    @pytest.mark.parametrize(
        ("period", "frequency", "end"),
        [
            (date(2024, 2, 1), Frequency.MONTH, date(2024, 2, 29)),
            (date(2024, 10, 1), Frequency.QUARTER, date(2024, 12, 31)),
            (date(2024, 7, 1), Frequency.HALF_YEAR, date(2024, 12, 31)),
            (date(2024, 1, 1), Frequency.YEAR, date(2024, 12, 31)),
            (date(2025, 12, 29), Frequency.WEEK, date(2026, 1, 4)),
            (date(2025, 1, 6), Frequency.DATED, date(2025, 1, 6)),
        ],
    )
    def test_is_the_last_day_that_the_period_covers(self, period, frequency, end):
        assert period_end(period, frequency) == end


class TestPlans:
    def test_official_forecasts_are_known_before_the_year_is_over(self):
        for forecast in official_forecasts():
            assert forecast.known_at.year <= forecast.target_year

    def test_the_autumn_forecast_for_2023_keeps_its_three_scenarios(self):
        autumn = {
            row.scenario: row.persons
            for row in official_forecasts()
            if (row.edition, row.target_year) == ("MPP 2023-II", 2023)
        }

        assert autumn == {"min": 45_000, "medium": 60_000, "max": 68_000}

    def test_decisions_look_ahead_from_the_day_they_were_known(self):
        for decision in capacity_need_decisions():
            assert decision.target is None or decision.target > decision.known_at.date()

    def test_what_remains_of_the_portfolio_and_what_is_missing_make_the_need(self):
        for point in portfolio_decay():
            assert point.portfolio_places + point.extra_places == point.needed_places

    def test_only_whole_populations_stand_in_for_persons_entitled(self, reference):
        names = {entry.series_id for entry in reference.definitions}
        bridges = {bridge.series_id for bridge in occupancy_bridge()}

        assert bridges <= names
        assert "nl.occupancy.entitled" in bridges
        assert not bridges & {"nl.occupancy.regular", "nl.occupancy.coa_locations"}

    def test_the_uncertainty_of_a_measured_bridge_covers_the_points_it_rests_on(self, reference):
        bridges = {bridge.series_id: bridge for bridge in occupancy_bridge()}
        coa = {
            row.period: row.value
            for row in reference.observations
            if row.series_id == "nl.occupancy.persons_in_reception"
        }
        nji = {
            row.period: row.value
            for row in reference.observations
            if row.series_id == "nl.occupancy.nji" and row.period in coa
        }

        assert len(nji) == 5
        assert max(abs(nji[day] - coa[day]) for day in nji) == 128
        largest = max(abs(nji[day] / coa[day] - 1) for day in nji)
        assert bridges["nl.occupancy.nji"].log_sd >= largest

    def test_a_bridge_with_a_negative_factor_cannot_exist(self):
        with pytest.raises(InvalidInput, match="factor above 0"):
            OccupancyBridge(
                series_id="x", factor=-1, log_sd=0, basis="assumption", owner="-", reason="-"
            )
