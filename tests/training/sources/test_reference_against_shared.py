# SPDX-License-Identifier: EUPL-1.2
"""Every reference figure is the figure of the file it was retabulated from, and none is lost."""

import csv
import re
from collections import Counter
from datetime import date

import pytest

from training.sources.reference import capacity_need_decisions, official_forecasts, portfolio_decay
from training.sources.reference.tables import read_table

KINDS = {
    "total_inflow": "nl.inflow.total",
    "first_applications": "nl.inflow.first_application",
    "repeat_applications": "nl.inflow.repeat_application",
    "family_members_nareis": "nl.inflow.family_reunification",
    "unaccompanied_minors_amv": "nl.inflow.unaccompanied_minor",
}
OCCUPANCY_PARTS = {
    "in_regular_locations": "nl.occupancy.regular",
    "in_emergency_coa": "nl.occupancy.emergency",
    "outside_coa": "nl.occupancy.outside_coa",
    "n_locations": "nl.locations",
    "n_regular_locations": "nl.locations.regular",
    "n_emergency_or_temporary_locations": "nl.locations.emergency",
}
OCCUPANCY_TOTALS = {
    "nl.occupancy.central_reception",
    "nl.occupancy.persons_in_reception",
    "nl.occupancy.nji",
    "nl.occupancy.including_external",
    "nl.occupancy.reception_agreement",
    "nl.occupancy.residents",
    "nl.occupancy.entitled",
    "nl.occupancy.press",
}


@pytest.fixture
def original(shared):
    def rows(name):
        with (shared / "data" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return rows


def ours(table, *series):
    """Series, period and value of a table, as a bag; all of it where no series is named."""
    return Counter(
        (row["series_id"], row["period"], float(row["value"]))
        for row in read_table(table)
        if not series or row["series_id"] in series
    )


def cells(rows, columns, *, period):
    """The filled cells of the original in the same form."""
    return Counter(
        (series, period(row), float(row[column]))
        for row in rows
        for column, series in columns.items()
        if row[column]
    )


def by_kind(bag, suffixes):
    """The same bag with the publisher's suffix taken off the series."""
    found = Counter()
    for (series, period, value), count in bag.items():
        found[re.sub(rf"\.({'|'.join(suffixes)})$", "", series), period, value] += count
    return found


class TestInflow:
    def test_eurostat_gives_the_dutch_rows_and_no_other_country(self, original):
        applicants = original("eurostat_asylum_applicants_monthly.csv")
        first = original("eurostat_first_time_applicants_quarterly.csv")
        dutch = [row for row in applicants if row["series_id"] == "NL"]
        quarters = [row for row in first if row["series_id"] == "NL"]

        assert ours("inflow_eurostat") == cells(
            dutch, {"persons": "nl.inflow.asylum_applications"}, period=lambda row: row["period"]
        ) + cells(
            quarters,
            {"persons": "nl.inflow.first_application.quarterly"},
            period=lambda row: row["period"],
        )
        assert ours("temporary_protection") == cells(
            quarters,
            {
                "temporary_protection_stock": "nl.temporary_protection",
                "temporary_protection_ukrainians": "nl.temporary_protection.ukrainians",
            },
            period=lambda row: row["period"],
        )

    def test_printed_months_keep_every_edition(self, original):
        printed = original("nl/ind_monthly_asylum_inflow_printed_values.csv")

        found = by_kind(ours("inflow_ind"), ["cbs", "disputed", "secondary"])

        assert found == cells(printed, KINDS, period=lambda row: row["month"])

    def test_an_edition_is_known_from_the_last_day_of_its_month(self, original):
        editions = Counter(
            row["edition"][:7]
            for row in original("nl/ind_monthly_asylum_inflow_printed_values.csv")
            for column in KINDS
            if row[column] and "secondary" not in row["edition"]
        )

        rows = [row for row in read_table("inflow_ind") if row["known_at"]]

        assert Counter(row["known_at"][:7] for row in rows) == editions
        assert all(
            date.fromisoformat(row["known_at"]).toordinal() + 1
            == date(
                int(row["known_at"][:4]) + (row["known_at"][5:7] == "12"),
                int(row["known_at"][5:7]) % 12 + 1,
                1,
            ).toordinal()
            for row in rows
        )

    def test_years_are_those_published_and_the_sum_of_2025(self, original):
        years = cells(
            original("nl/nl_annual_inflow_ind.csv"),
            {
                column: f"{series}.annual"
                for column, series in KINDS.items()
                if column != "unaccompanied_minors_amv"
            },
            period=lambda row: f"{row['year']}-01-01",
        )
        monthly = original("nl/ind_monthly_asylum_inflow_printed_values.csv")
        of_2025 = sum(float(row["total_inflow"]) for row in monthly if row["month"][:4] == "2025")

        assert ours("inflow_annual") == years + Counter(
            {("nl.inflow.total.annual", "2025-01-01", of_2025): 1}
        )

    def test_cbs_quarters_and_joint_months(self, original):
        quarters = cells(
            original("nl/cbs_quarterly_first_applications_and_nareis.csv"),
            {
                "first_applications": "nl.inflow.first_application.quarterly",
                "family_members_nareis": "nl.inflow.family_reunification.quarterly",
            },
            period=lambda row: row["quarter_start"],
        )
        months = cells(
            original("nl/cbs_monthly_first_plus_family_2013_2016.csv"),
            {"first_applications_plus_family_members": "nl.inflow.first_and_family"},
            period=lambda row: row["month"],
        )

        assert by_kind(ours("inflow_cbs"), ["cbs", "text"]) == quarters + months

    def test_a_quarter_rounded_in_text_is_no_total_that_binds(self, original):
        rounded = {
            (row["quarter_start"], float(row["family_members_nareis"]))
            for row in original("nl/cbs_quarterly_first_applications_and_nareis.csv")
            if row["family_members_nareis"] and row["precision"].startswith("rounded")
        }

        found = ours("inflow_cbs", "nl.inflow.family_reunification.quarterly.text")

        assert {(period, value) for _, period, value in found} == rounded

    def test_nationalities_by_month_and_year(self, original):
        kinds = {
            "first_application": "first_application",
            "family_member_nareiziger": "family_reunification",
        }
        months = Counter(
            (
                f"nl.inflow.{kinds[row['type']]}.{row['citizen'].lower()}",
                row["month"],
                float(row["persons"]),
            )
            for row in original("nl/cbs_83102ned_monthly_by_nationality_2015_2025.csv")
        )
        years = Counter(
            (column[-4:], float(row[column]))
            for row in original("nl/cbs_80059ned_annual_by_nationality_2024_2025.csv")
            for column in ("first_2025", "nareis_2025", "first_2024", "nareis_2024")
        )

        found = ours("inflow_nationality")

        annual = Counter({key: count for key, count in found.items() if key[0].endswith(".annual")})
        assert found - annual == months
        assert Counter((period[:4], value) for _, period, value in annual.elements()) == years
        assert annual["nl.inflow.first_application.sy.annual", "2025-01-01", 3285] == 1
        assert annual["nl.inflow.family_reunification.ye.annual", "2025-01-01", 1475] == 1

    def test_weeks_but_for_the_second_bulletin_of_week_24(self, original):
        weeks = Counter(
            (
                "nl.inflow.total.weekly",
                date.fromisocalendar(
                    int(row["year"]),
                    25 if row["published"] == "2026-06-22" else int(row["iso_week_as_in_slug"]),
                    1,
                ).isoformat(),
                float(row["total_inflow_rounded"]),
            )
            for row in original("nl/rijksoverheid_weekly_asylum_inflow.csv")
        )

        assert ours("inflow_weekly") == weeks


class TestStocks:
    def test_occupancy_points_of_every_definition(self, original):
        points = original("nl/coa_occupancy_dated_points.csv")

        totals = Counter()
        for (_, period, value), count in ours("occupancy", *OCCUPANCY_TOTALS).items():
            totals["total", period, value] += count
        assert totals == cells(
            points, {"total_entitled_or_resident": "total"}, period=lambda row: row["date"]
        )
        assert by_kind(
            ours("occupancy", "nl.occupancy.permit_holder", "nl.occupancy.permit_holder.press"),
            ["press"],
        ) == cells(
            points,
            {"permit_holders": "nl.occupancy.permit_holder"},
            period=lambda row: row["date"],
        )
        assert ours("occupancy", *OCCUPANCY_PARTS.values()) == cells(
            points, OCCUPANCY_PARTS, period=lambda row: row["date"]
        )

    def test_each_definition_has_a_series_of_its_own(self, original):
        published, held = {}, {}
        for row in original("nl/coa_occupancy_dated_points.csv"):
            if row["total_entitled_or_resident"]:
                definition = "press" if row["rounded"] == "1" else row["definition"]
                point = (row["date"], float(row["total_entitled_or_resident"]))
                published.setdefault(definition, set()).add(point)
        for series, period, value in ours("occupancy", *OCCUPANCY_TOTALS):
            held.setdefault(series, set()).add((period, value))

        assert len(held) == len(published) == len(OCCUPANCY_TOTALS)
        assert {frozenset(points) for points in held.values()} == {
            frozenset(points) for points in published.values()
        }

    def test_unaccompanied_minors_are_those_of_the_brief_year_by_year(self, shared):
        brief = (shared / "domain.md").read_text(encoding="utf-8")
        listed = re.search(r"AMV (717; .*? 559)\.", brief)[1].replace(",", "").split("; ")

        assert ours("occupancy", "nl.occupancy.unaccompanied_minor") == Counter(
            ("nl.occupancy.unaccompanied_minor", f"{year}-12-31", float(persons))
            for year, persons in zip(range(2011, 2020), listed, strict=True)
        )

    def test_persons_in_coa_locations_are_printed_or_the_sum_of_the_parts(self, original):
        expected = Counter()
        for row in original("nl/coa_occupancy_dated_points.csv"):
            noted = re.search(r"(\d\d)\.(\d{3}) (on|in) a COA location", row["note"])
            parts = (row["in_regular_locations"], row["in_emergency_coa"])
            if noted:
                persons = float(noted[1] + noted[2])
            elif all(parts):
                persons = sum(float(part) for part in parts)
            else:
                continue
            expected["nl.occupancy.coa_locations", row["date"], persons] += 1

        assert ours("occupancy", "nl.occupancy.coa_locations") == expected

    def test_capacity_is_the_sum_of_the_municipalities(self, original):
        rows = original("nl/municipalities_spreidingswet_capacity_2025.csv")

        assert len(rows) == 342
        assert ours("capacity", "nl.capacity.regular", "nl.capacity.emergency") == Counter(
            (
                f"nl.capacity.{kind}",
                "2025-11-30",
                sum(float(row[f"capacity_{kind}"]) for row in rows),
            )
            for kind in ("regular", "emergency")
        )

    def test_reception_of_ukrainians(self, original):
        columns = {
            "persons_in_municipal_reception": "nl.occupancy.ukraine_municipal",
            "places": "nl.capacity.ukraine_municipal",
            "registered_in_brp": "nl.registered.ukraine",
        }

        assert ours("capacity", *columns.values()) == cells(
            original("nl/ukraine_municipal_reception_points_2022_2025.csv"),
            columns,
            period=lambda row: row["date"],
        )


class TestFlowsOut:
    def test_departures_and_outflow(self, original):
        departures = Counter(
            (row["year"][:4], float(row[column]))
            for row in original("nl/dtv_departures_annual_2014_2024.csv")
            for column in (
                "independent_departure",
                "forced_departure",
                "independent_without_supervision",
            )
            if row[column]
        )
        outflow = Counter(
            ("2024", float(row["value"]) * (100 if row["indicator"].startswith("share") else 1))
            for row in original("nl/coa_outflow_2024.csv")
        )

        found = Counter(
            (period[:4], round(value, 6)) for _, period, value in ours("outflow").elements()
        )

        assert found == departures + outflow

    def test_ten_months_are_not_taken_for_a_year(self, original):
        (short,) = [
            row
            for row in original("nl/dtv_departures_annual_2014_2024.csv")
            if "Oct" in row["year"]
        ]

        found = ours("outflow", "nl.outflow.forced_return.to_october")

        assert list(found) == [
            ("nl.outflow.forced_return.to_october", "2023-01-01", float(short["forced_departure"]))
        ]

    def test_housing_of_permit_holders(self, original):
        def half_year(row):
            return f"{row['half_year'][:4]}-{'01' if row['half_year'].endswith('1') else '07'}-01"

        assert ours("housing") == cells(
            original("nl/taakstelling_housing_permit_holders.csv"),
            {
                "target_taakstelling": "nl.housing.target",
                "backlog_at_start": "nl.housing.backlog",
                "realised": "nl.housing.realised",
            },
            period=half_year,
        )

    def test_permits_backlogs_rates_and_waiting_times(self, original):
        permits = cells(
            original("nl/cbs_85400ned_permits_by_type_annual_2015_2025.csv"),
            {
                "refugee_status": "nl.decisions.refugee_status",
                "subsidiary_protection": "nl.decisions.subsidiary_protection",
                "humanitarian": "nl.decisions.humanitarian",
                "total": "nl.decisions.granted",
            },
            period=lambda row: f"{row['year']}-01-01",
        )
        others = Counter(
            (row["date_or_year"][:4], float(row["value"]))
            for row in original("nl/nl_first_instance_recognition_and_backlog.csv")
        )

        found = ours("decisions")

        assert found & permits == permits
        rest = found - permits
        assert Counter((period[:4], value) for _, period, value in rest.elements()) == others


class TestForecastsAndDecisions:
    def test_official_forecasts(self, original):
        rows = original("nl/mpp_official_inflow_forecasts.csv")

        assert Counter(
            (row.edition, row.target_year, row.scenario, row.persons)
            for row in official_forecasts()
        ) == Counter(
            (row["edition"], int(row["target_year"]), row["scenario"], int(row["inflow_forecast"]))
            for row in rows
        )

    def test_capacity_decisions(self, original):
        assert Counter(
            (row.known_at.strftime("%Y-%m"), row.target, row.places)
            for row in capacity_need_decisions()
        ) == Counter(
            (
                row["edition_date"],
                date.fromisoformat(row["target_date"]) if row["target_date"] else None,
                int(row["places_needed"]),
            )
            for row in original("nl/coa_capacity_need_forecasts.csv")
        )

    def test_portfolio_decay(self, original):
        assert Counter((row.day.isoformat(), row.needed_places) for row in portfolio_decay()) == (
            Counter(
                (row["date"], int(row["need_total"]))
                for row in original("nl/coa_portfolio_vs_need_2022w23.csv")
            )
        )
