# SPDX-License-Identifier: EUPL-1.2
"""The register comes from published capacity, survives a round trip, refuses faults together."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidFile
from models.planning.costs import Basis
from models.planning.register.locations import Location, LocationStatus
from service.storage.register import (
    default_register,
    format_register,
    parse_register,
    read_register,
)
from service.storage.register.build import build_register
from service.storage.register.csv_file import COLUMNS
from service.storage.register.rules import REASONS


def total(locations, *, line):
    return sum(one.places for one in locations if one.location_id.endswith(line))


class TestDefaultRegister:
    def test_holds_the_published_places_regular_and_emergency_apart(self):
        register = default_register()

        assert total(register, line="-regular") == 47_293
        assert total(register, line="-emergency") == 26_943
        assert sum(one.places for one in register) == 74_236

    def test_covers_every_municipality_with_its_task_and_inhabitants(self):
        by_municipality = {one.municipality_code: one for one in default_register()}

        assert len(by_municipality) == 342
        assert sum(one.indicative_places for one in by_municipality.values()) == 88_000
        assert sum(one.population for one in by_municipality.values()) == 17_942_942

    def test_takes_as_candidates_what_each_municipality_lacks_of_its_task(self):
        candidates = [one for one in default_register() if one.status is LocationStatus.CANDIDATE]

        assert len(candidates) == 250
        assert sum(one.places_possible for one in candidates) == 39_489

    def test_is_what_the_rules_make_of_the_published_table(self, shared):
        table = shared / "data/nl/municipalities_spreidingswet_capacity_2025.csv"
        with table.open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))

        assert build_register(rows) == default_register()

    def test_marks_the_agreement_as_an_assumption_and_the_places_as_a_fact(self):
        location = default_register()[0]

        assert location.origin_of("places").basis is Basis.FACT
        assert location.origin_of("agreement_end").basis is Basis.ASSUMPTION
        assert location.origin_of("agreement_end").owner

    def test_gives_a_reason_for_every_assumed_field(self):
        assumed = {name for one in default_register() for name in one.assumed}

        assert assumed == set(REASONS)

    def test_keeps_ter_apel_and_budel_in_the_fixed_core(self):
        core = [one.municipality for one in default_register() if one.fixed_core]

        assert core == ["Cranendonck", "Westerwolde"]


def altered(**cells):
    """A file of one good line in which some cells are replaced."""
    rows = list(csv.DictReader(format_register(default_register()[:1]).splitlines()))
    text = [",".join(COLUMNS)]
    text += [",".join(f'"{(row | cells)[name]}"' for name in COLUMNS) for row in rows]
    return "\n".join(text).encode()


def faults_of(content):
    with pytest.raises(InvalidFile) as caught:
        parse_register(content, file="register.csv")
    return [(fault.line, fault.column, fault.reason) for fault in caught.value.faults]


class TestParseRegister:
    def test_reads_back_what_was_written(self, tmp_path):
        file = tmp_path / "register.csv"
        file.write_text(format_register(default_register()), encoding="utf-8")

        assert read_register(file) == default_register()

    def test_accepts_the_mark_that_spreadsheets_put_before_utf8(self):
        content = format_register(default_register()).encode("utf-8-sig")

        assert parse_register(content, file="register.csv") == default_register()

    @pytest.mark.parametrize(
        ("column", "cell", "reason"),
        [
            ("places", "-5", "is negative"),
            ("places", "12.5", "is not a whole number"),
            ("places", "٣", "is not a whole number"),
            ("places", "9" * 5_000, "is not a whole number"),
            ("place_eur", "12,50", "decimal point"),
            ("place_eur", "nan", "decimal point"),
            ("place_eur", "1e999", "is not finite"),
            ("lead_time_months", "61", "60 months"),
            ("province", "Holland", "twelve provinces"),
            ("kind", "castle", "is not one of"),
            ("kind", "poa", "unaccompanied_minor"),
            ("status", "candidate", "must be 0"),
            ("agreement_start", "2030-12", "before the agreement starts"),
            ("lent_to", "student;squatter", "is not one of student"),
            ("dual_use", "none", "no contract form"),
            ("agreement_end", "2026-13", "is not a month"),
            ("agreement_end", "11-2026", "is not a month"),
            ("name", "=1+1", "formula"),
            ("municipality_code", "518", "GM and four digits"),
            ("fixed_core", "yes", "true or false"),
            ("assumed", "beds", "no field"),
            ("owner", "", "owner"),
            ("source", "", "is empty"),
        ],
    )
    def test_names_line_and_column_of_a_fault(self, column, cell, reason):
        ((line, _, why),) = faults_of(altered(**{column: cell}))

        assert line == 2
        assert reason in why

    def test_refuses_more_places_than_building_or_agreement_allow(self):
        assert faults_of(altered(places="9999")) == [
            (2, "technical_places", "is less than the places there now"),
            (2, "contractual_places", "is less than the places there now"),
        ]

    def test_refuses_two_lines_that_say_different_things_of_one_municipality(self):
        lines = format_register(default_register()[:3]).splitlines()
        lines[3] = lines[3].replace("566221", "566222").replace(",2306,", ",2307,")

        assert faults_of("\n".join(lines).encode()) == [
            (4, column, "is not what an earlier line says of the same municipality")
            for column in ("population", "indicative_places")
        ]

    def test_passes_over_empty_lines_and_still_counts_them(self):
        lines = format_register(default_register()[:1]).splitlines()
        content = "\n".join([lines[0], "", *lines[1:], ""]).encode()
        bad = "\n".join([lines[0], "", lines[1].replace("Zuid-Holland", "x")]).encode()

        assert parse_register(content, file="register.csv") == default_register()[:1]
        assert [line for line, _, _ in faults_of(bad)] == [3]

    def test_counts_a_line_from_where_it_begins(self):
        lines = format_register(default_register()[:1]).splitlines()
        broken = lines[1].replace("GM0518-regular,'s-Gravenhage", 'GM0518-regular,"Den\nHaag"')
        again = lines[1].replace("Zuid-Holland", "x").replace("GM0518-regular", "second")

        faults = faults_of("\n".join([lines[0], broken, again]).encode())

        assert [(line, column) for line, column, _ in faults] == [(2, "name"), (4, "province")]

    def test_reports_the_faults_of_every_line_together(self):
        lines = format_register(default_register()[:3]).splitlines()
        lines[1] = (
            lines[1].replace(",252,252,252,", ",-1,252,252,").replace("Zuid-Holland", "Atlantis")
        )
        lines[3] = lines[3] + ",surplus"

        assert faults_of("\n".join(lines).encode()) == [
            (2, "province", "is not one of the twelve provinces"),
            (2, "places", "is negative"),
            (4, None, "has 45 cells where the header has 44"),
        ]

    def test_refuses_a_location_that_is_named_twice(self):
        lines = format_register(default_register()[:1]).splitlines()

        assert faults_of("\n".join([*lines, lines[1]]).encode()) == [
            (3, "location_id", "is already used on an earlier line")
        ]

    def test_refuses_a_column_it_does_not_know_and_one_it_misses(self):
        content = format_register(default_register()).replace("notice_months", "resident_name", 1)

        place = COLUMNS.index("notice_months") + 1

        assert faults_of(content.encode()) == [
            (1, "notice_months", "is missing"),
            (1, None, f"has at place {place} a column that is not in the register"),
        ]

    def test_says_that_semicolons_are_no_commas(self):
        content = format_register(default_register()[:1]).replace(",", ";")

        assert faults_of(content.encode()) == [
            (1, None, "separates its columns by semicolons instead of commas")
        ]

    def test_refuses_bytes_that_are_not_utf8(self):
        assert faults_of(b"location_id\nFrysl\xe2n") == [(2, None, "is not UTF-8")]

    @pytest.mark.parametrize("content", [b"", ",".join(COLUMNS).encode()])
    def test_refuses_a_file_without_locations(self, content):
        assert faults_of(content)

    def test_reports_each_of_ten_thousand_bad_lines(self):
        (line,) = format_register(default_register()[:1]).splitlines()[1:]
        bad = line.replace(",252,252,252,", ",many,252,252,")
        rows = [bad.replace("GM0518-regular", f"site-{number}") for number in range(10_000)]

        faults = faults_of("\n".join([",".join(COLUMNS), *rows]).encode())

        assert faults == [
            (number, "places", "is not a whole number") for number in range(2, 10_002)
        ]

    def test_takes_ten_thousand_lines(self):
        (line,) = format_register(default_register()[:1]).splitlines()[1:]
        rows = [line.replace("GM0518-regular", f"site-{number}") for number in range(10_000)]

        read = parse_register("\n".join([",".join(COLUMNS), *rows]).encode(), file="register.csv")

        assert [one.location_id for one in read] == [f"site-{number}" for number in range(10_000)]

    @given(st.binary(max_size=400))
    def test_takes_nothing_of_arbitrary_bytes(self, content):
        with pytest.raises(InvalidFile):
            parse_register(content, file="register.csv")

    def test_refuses_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(InvalidFile, match="No such file"):
            read_register(tmp_path / "absent.csv")

    def test_refuses_a_file_that_is_larger_than_allowed(self, tmp_path):
        file = tmp_path / "register.csv"
        file.write_text(format_register(default_register()[:1]), encoding="utf-8")
        size = file.stat().st_size

        assert read_register(file, largest=size)
        with pytest.raises(InvalidFile, match=f"larger than {size - 1} bytes"):
            read_register(file, largest=size - 1)


class TestColumns:
    def test_are_the_fields_of_a_location(self):
        assert set(COLUMNS) == set(Location.__slots__)
