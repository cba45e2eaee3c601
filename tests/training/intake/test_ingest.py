# SPDX-License-Identifier: EUPL-1.2
"""What intake takes, what it asks confirmation for, and when it says a figure became known."""

from datetime import UTC, date, datetime

import pytest

from models.catalogue import Measure, PlaceKind, Status
from models.errors import Conflict, InvalidFile, InvalidInput
from models.periods import Frequency
from tests.figures import INFLOW, NOW
from training.intake import ingest_csv, read_catalogue_csv, read_confirmation
from training.store.records import KnownBasis

HEADER = "series_id,period,value\n"


def monthly(*values, year=2025):
    rows = [f"nl.inflow.total,{year}-{n:02}-01,{value}\n" for n, value in enumerate(values, 1)]
    return HEADER + "".join(rows)


def standing(store, series_id=INFLOW.series_id):
    return store.observations.as_known_at(store.clock(), series_ids=[series_id]).observations


def faults_of(store, path, **options):
    with pytest.raises(InvalidFile) as refusal:
        ingest_csv(store, path, **options)
    return [(fault.line, fault.reason) for fault in refusal.value.faults]


class TestIngest:
    def test_takes_a_file_and_says_what_became_of_it(self, store, write):
        path = write(monthly(3800, 4100.0))
        report = ingest_csv(store, path)

        assert str(report) == "figures.csv: 2 accepted, 0 revised, 0 unchanged, 0 refused."
        assert [row.value for row in standing(store)] == [3800, 4100]
        (entry,) = store.intakes.all()
        assert (entry.sha256, entry.receipt.accepted) == (report.sha256, 2)

    def test_reads_every_column_there_is(self, store, write):
        path = write(
            "Series_ID,Period,Persons,known_at,status,source,unit\n"
            "nl.inflow.total,2025-01-01,3800,2025-02-10T09:00+01:00,provisional,IND,persons\n"
        )
        ingest_csv(store, path)
        (row,) = standing(store)

        assert row.known_at == datetime(2025, 2, 10, 8, tzinfo=UTC)
        assert (row.known_basis, row.status) == (KnownBasis.STATED, Status.PROVISIONAL)
        assert (row.value, row.source) == (3800, "IND")

    def test_accepts_what_spreadsheets_make_of_it(self, store, write):
        path = write("\ufeff" + monthly('"3800"', " 4100 ").replace("\n", "\r\n") + "\r\n\r\n")

        assert ingest_csv(store, path).accepted == 2

    def test_ignores_further_columns_and_names_them(self, store, write):
        path = write(
            "series_id,period,value,citizen_group,difference,location_name,published\n"
            "nl.inflow.total,2025-01-01,3800,all,-780,Ter Apel,2026-02-03\n"
        )
        report = ingest_csv(store, path)

        assert report.ignored_columns == (
            "citizen_group",
            "difference",
            "location_name",
            "published",
        )

    @pytest.mark.parametrize(
        ("series_id", "period"),
        [
            ("nl.quarterly", "2026-07-01"),
            ("nl.half_year", "2026-01-01"),
            ("nl.year", "2025-01-01"),
            ("nl.occupancy", "2026-11-22"),
            ("coa.weekly", "2026-11-09"),
            ("nl.target", "2027-01-01"),
            ("nl.inflow.total", "2026-10-01"),
        ],
    )
    def test_takes_the_last_period_that_has_ended_and_plans_ahead(
        self, store, write, series_id, period
    ):
        assert ingest_csv(store, write(f"{HEADER}{series_id},{period},10\n")).accepted == 1

    def test_keeps_two_editions_of_one_figure(self, store, write):
        path = write(
            "series_id,period,value,known_at\n"
            "nl.inflow.total,2025-01-01,3800,2025-02-10\n"
            "nl.inflow.total,2025-01-01,3850,2025-05-10\n"
        )
        report = ingest_csv(store, path)

        assert (report.accepted, report.revised) == (1, 1)
        assert [row.value for row in standing(store)] == [3850]

    def test_keeps_a_dated_edition_that_repeats_a_figure(self, store, write):
        ingest_csv(store, write(monthly(3800)))
        path = write(
            "series_id,period,value,known_at\nnl.inflow.total,2025-01-01,3800,2025-05-10\n"
        )

        assert ingest_csv(store, path).revised == 1
        assert ingest_csv(store, path).unchanged == 1

    def test_brings_new_series_beside_those_it_knows(self, store, write):
        catalogue = write(
            "series_id,measure,unit,frequency,definition\n"
            "nl.new,inflow,persons,month,Something new.\n",
            name="catalogue.csv",
        )
        path = write(monthly(3800) + "nl.new,2025-01-01,10\n")

        assert ingest_csv(store, path, catalogue_file=catalogue).accepted == 2

    def test_defines_the_series_that_come_along_in_a_catalogue(self, store, write):
        catalogue = write(
            "series_id,measure,unit,frequency,definition,place_kind,place_code,jump_factor\n"
            "coa.ter_apel,occupancy,persons,week,Persons present on Monday.,location,COA-001,3\n",
            name="catalogue.csv",
        )
        path = write(f"{HEADER}coa.ter_apel,2026-11-09,1900\n")
        report = ingest_csv(store, path, catalogue_file=catalogue)
        entry = store.series.get("coa.ter_apel")

        assert (report.defined, report.accepted) == (1, 1)
        assert (entry.measure, entry.frequency) == (Measure.OCCUPANCY, Frequency.WEEK)
        assert (entry.place.kind, entry.place.code) == (PlaceKind.LOCATION, "COA-001")
        assert (entry.group, entry.jump_factor) == ("total", 3.0)

    def test_takes_no_figure_when_the_catalogue_means_something_else(self, store, write):
        catalogue = write(
            "series_id,measure,unit,frequency,definition\n"
            "nl.inflow.total,inflow,persons,month,Something else.\n",
            name="catalogue.csv",
        )

        with pytest.raises(Conflict, match="another definition"):
            ingest_csv(store, write(monthly(3800)), catalogue_file=catalogue)
        assert standing(store) == ()


class TestWhenAFigureBecameKnown:
    def test_is_the_last_day_of_the_period_where_nobody_says(self, store, write):
        ingest_csv(store, write(monthly(3800)))
        (row,) = standing(store)

        assert row.known_at == datetime(2025, 1, 31, tzinfo=UTC)
        assert row.known_basis is KnownBasis.ASSUMED

    def test_is_now_for_a_correction_so_that_the_past_stays_as_it_was(self, store, write):
        ingest_csv(store, write(monthly(3800)))
        report = ingest_csv(store, write(monthly(3900)))
        before = store.observations.as_known_at(datetime(2026, 1, 1, tzinfo=UTC))

        assert report.revised == 1
        assert [row.value for row in before.observations] == [3800]
        assert [(row.value, row.known_at) for row in standing(store)] == [(3900, NOW)]

    def test_does_not_change_when_the_same_file_comes_again(self, store, write):
        ingest_csv(store, write(monthly(3800)))
        ingest_csv(store, write(monthly(3900)))
        report = ingest_csv(store, write(monthly(3900, 4000)))

        assert (report.accepted, report.revised, report.unchanged) == (1, 0, 1)
        assert len(store.observations.history(INFLOW.series_id, date(2025, 1, 1))) == 2

    def test_is_now_for_a_plan(self, store, write):
        ingest_csv(store, write(f"{HEADER}nl.target,2025-01-01,10000\n"))

        assert standing(store, "nl.target")[0].known_at == NOW

    def test_is_never_later_than_now(self, store, write):
        ingest_csv(store, write(f"{HEADER}nl.occupancy,2026-11-22,65000\n"))

        assert standing(store, "nl.occupancy")[0].known_at <= NOW


class TestDoubt:
    """The jump factor of the series is 20."""

    def test_asks_about_one_wild_month_once(self, store, write):
        faults = faults_of(store, write(monthly(3800, 3_900_000, 4000, 4100)))

        assert [line for line, _ in faults] == [3]

    def test_asks_about_every_month_after_the_unit_changed(self, store, write):
        faults = faults_of(store, write(monthly(3800, 3900, 4_000_000, 4_100_000)))

        assert [line for line, _ in faults] == [4, 5]

    def test_takes_what_was_confirmed_and_goes_on_from_there(self, store, write):
        path = write(monthly(100, 3000, 3100))
        confirmed = frozenset({read_confirmation("nl.inflow.total@2025-02-01")})

        assert "confirm nl.inflow.total@2025-02-01." in faults_of(store, path)[0][1]
        assert ingest_csv(store, path, confirmed=confirmed).accepted == 3
        assert ingest_csv(store, path).unchanged == 3

    def test_compares_with_what_stands_before_and_after(self, store, write):
        ingest_csv(store, write(monthly(3800)))

        after = faults_of(store, write(f"{HEADER}nl.inflow.total,2025-02-01,4000000\n"))
        before = faults_of(store, write(f"{HEADER}nl.inflow.total,2024-12-01,4000000\n"))
        same = faults_of(store, write(monthly(4000000)))
        assert [len(after), len(before), len(same)] == [1, 1, 1]

    def test_lets_a_wrong_figure_be_corrected_without_asking(self, store, write):
        wrong = frozenset({(INFLOW.series_id, date(2025, 2, 1))})
        ingest_csv(store, write(monthly(3800, 3_900_000)), confirmed=wrong)

        assert ingest_csv(store, write(monthly(3800, 3900))).revised == 1

    def test_takes_a_factor_just_below_the_limit(self, store, write):
        assert ingest_csv(store, write(monthly(200, 3999))).accepted == 2

    def test_asks_at_the_limit(self, store, write):
        assert len(faults_of(store, write(monthly(200, 4000)))) == 1

    def test_takes_zeros_among_small_counts(self, store, write):
        assert ingest_csv(store, write(monthly(12, 0, 99, 0, 1, 60))).accepted == 6

    def test_asks_about_every_month_of_a_gap_written_as_zero(self, store, write):
        faults = faults_of(store, write(monthly(3800, 0, 0, 4100)))

        assert [line for line, _ in faults] == [3, 4]

    def test_asks_once_about_a_location_that_stays_empty(self, store, write):
        closed = frozenset({(INFLOW.series_id, date(2025, 2, 1))})
        path = write(monthly(3800, 0, 0, 4100))

        assert ingest_csv(store, path, confirmed=closed).accepted == 4

    def test_asks_nothing_about_a_first_figure(self, store, write):
        assert ingest_csv(store, write(monthly(3_900_000))).accepted == 1

    @pytest.mark.parametrize("text", ["", "nl.inflow.total", "nl.x@2025", "@2025-01-01"])
    def test_refuses_a_confirmation_that_names_no_figure(self, text):
        with pytest.raises(InvalidInput, match="does not confirm"):
            read_confirmation(text)


class TestCatalogueFile:
    HEADER = "series_id,measure,unit,frequency,definition,place_kind,place_code,jump_factor\n"

    @pytest.mark.parametrize(
        ("row", "column", "reason"),
        [
            ("Nl.X,inflow,persons,month,All.,,,", "series_id", "small letters"),
            ("nl..x,inflow,persons,month,All.,,,", "series_id", "small letters"),
            ("../x,inflow,persons,month,All.,,,", "series_id", "small letters"),
            ("nl.x,people,persons,month,All.,,,", "measure", "one of inflow"),
            ("nl.x,inflow,,month,All.,,,", "unit", "is empty"),
            ("nl.x,inflow,persons,daily,All.,,,", "frequency", "one of week"),
            ("nl.x,inflow,persons,month,,,,", "definition", "is empty"),
            ("nl.x,inflow,persons,month,All.,city,X,", "place_kind", "one of nation"),
            ("nl.x,inflow,persons,month,All.,location,,", "place_code", "has a code"),
            ("nl.x,inflow,persons,month,All.,,,1", "jump_factor", "above 1"),
            ("nl.x,inflow,persons,month,All.,,,inf", "jump_factor", "above 1"),
            ("nl.x,inflow,persons,month,=1+1,,,", "definition", "formula"),
        ],
        ids=lambda part: part[:40],
    )
    def test_is_refused_with_line_column_and_reason(self, write, row, column, reason):
        with pytest.raises(InvalidFile) as refusal:
            read_catalogue_csv(write(f"{self.HEADER}{row}\n"))

        (fault,) = refusal.value.faults
        assert (fault.line, fault.column) == (2, column)
        assert reason in fault.reason

    def test_is_refused_when_it_names_a_series_twice(self, write):
        row = "nl.x,inflow,persons,month,All.,,,\n"

        with pytest.raises(InvalidFile, match=r"line 3.*twice"):
            read_catalogue_csv(write(self.HEADER + row + row))
