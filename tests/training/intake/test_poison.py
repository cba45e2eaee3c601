# SPDX-License-Identifier: EUPL-1.2
"""The poison corpus: files that must be refused, each with line, column and reason."""

import gzip

import pytest

from models.errors import InvalidFile
from tests.figures import NOW
from training.intake import Limits, ingest_csv

HEADER = "series_id,period,value\n"
GOOD = "nl.inflow.total,2026-01-01,4000\n"


def row(value="4000", period="2026-01-01", series_id="nl.inflow.total"):
    return f"{series_id},{period},{value}\n"


def value(text):
    return HEADER + row(value=f'"{text}"')


def period(text, series_id="nl.inflow.total"):
    return HEADER + row(period=text, series_id=series_id)


def extra(header, cell="1"):
    return f"series_id,period,value,{header}\nnl.inflow.total,2026-01-01,4000,{cell}\n"


POISON = {
    # name: content, line, column, words of the reason
    "word": (value("veel"), 2, "value", "is not a number"),
    "empty value": (HEADER + row(value=""), 2, "value", "is empty"),
    "nan": (value("NaN"), 2, "value", "is no number"),
    "na": (value("n/a"), 2, "value", "is no number"),
    "dash": (value("-"), 2, "value", "is no number"),
    "excel error": (value("#N/A"), 2, "value", "is no number"),
    "infinite": (value("inf"), 2, "value", "is infinite"),
    "minus infinite": (value("-Infinity"), 2, "value", "is infinite"),
    "negative": (value("-5"), 2, "value", "is negative"),
    "negative with a proper minus": (value("\u22125"), 2, "value", "is negative"),
    "decimal comma": (value("12,5"), 2, "value", "has a decimal comma"),
    "dutch thousands": (value("4.000"), 2, "value", "separator of thousands"),
    "english thousands": (value("4,000"), 2, "value", "separator of thousands"),
    "spaced thousands": (value("4\u00a0000"), 2, "value", "separator of thousands"),
    "dutch millions": (value("4.000.000,50"), 2, "value", "separator of thousands"),
    "fraction of a person": (value("12.5"), 2, "value", "has a fraction"),
    "exponent": (value("4e3"), 2, "value", "has an exponent"),
    "underscore": (value("4_000"), 2, "value", "is not a number"),
    "other digits": (value("\u0664\u0660"), 2, "value", "is not a number"),
    "hexadecimal": (value("0xFF"), 2, "value", "is not a number"),
    "formula": (value("=SUM(A1:A9)"), 2, "value", "like a formula"),
    "plus sign": (value("+4000"), 2, "value", "like a formula"),
    "euro": (value("\u20ac 4000"), 2, "value", "holds its unit"),
    "percent sign": (value("40%"), 2, "value", "holds its unit"),
    "more people than there are": (value("100000000"), 2, "value", "larger than any count"),
    "beyond every float": (value("9" * 400), 2, "value", "is not a number"),
    "not a date": (period("gisteren"), 2, "period", "is no date"),
    "dutch date": (period("01-01-2026"), 2, "period", "is no date"),
    "month without a day": (period("2026-01"), 2, "period", "is no date"),
    "compact date": (period("20260101"), 2, "period", "is no date"),
    "30 february": (period("2026-02-30"), 2, "period", "is no date"),
    "no date": (period(""), 2, "period", "is no date"),
    "year 1700": (period("1700-01-01"), 2, "period", "before 1900"),
    "year 2999": (period("2999-01-01"), 2, "period", "after 2199"),
    "next month": (period("2026-12-01"), 2, "period", "in the future"),
    "year 2199": (period("2199-01-01"), 2, "period", "in the future"),
    "this month": (period("2026-11-01"), 2, "period", "has not ended"),
    "this week": (period("2026-11-16", "coa.weekly"), 2, "period", "has not ended"),
    "tomorrow": (period("2026-11-23", "nl.occupancy"), 2, "period", "in the future"),
    "middle of a month": (period("2026-01-15"), 2, "period", "first day of a month"),
    "middle of a quarter": (period("2026-02-01", "nl.quarterly"), 2, "period", "of a quarter"),
    "middle of a half-year": (period("2026-04-01", "nl.half_year"), 2, "period", "1 July"),
    "middle of a year": (period("2025-07-01", "nl.year"), 2, "period", "1 January"),
    "a tuesday": (period("2026-11-10", "coa.weekly"), 2, "period", "a Monday"),
    "unknown series": (HEADER + row(series_id="nl.nothing"), 2, "series_id", "catalogue"),
    "no series": (HEADER + row(series_id=""), 2, "series_id", "catalogue"),
    "twice": (HEADER + GOOD + GOOD, 3, None, "twice: see line 2"),
    "twice, otherwise": (HEADER + GOOD + row(value="4100"), 3, None, "twice: see line 2"),
    "unknown status": (extra("status", "definitief"), 2, "status", "must be one of observed"),
    "other unit": (extra("unit", "places"), 2, "unit", "must be persons"),
    "other unit in the header": (
        "series_id,period,places\nnl.inflow.total,2026-01-01,4000\n",
        2,
        "places",
        "counts persons",
    ),
    "known tomorrow": (extra("known_at", "2026-11-23"), 2, "known_at", "in the future"),
    "known too early": (extra("known_at", "2026-01-30"), 2, "known_at", "before the period"),
    "known without a zone": (extra("known_at", "2026-02-10T10:00"), 2, "known_at", "time zone"),
    "known some day": (extra("known_at", "soon"), 2, "known_at", "no date or time"),
    "a thousand times": (
        HEADER + row(period="2025-12-01") + row("4000000"),
        3,
        "value",
        "4000000, 1e+03 times the 4000 for 2025-12-01: is the unit persons?",
    ),
    "gap as zero": (
        HEADER + row(period="2025-12-01") + row("0") + row("4100", "2026-02-01"),
        3,
        "value",
        "If nothing was measured, leave the line out",
    ),
    "rate as a share": (
        HEADER
        + row("87", "2025-12-01", series_id="nl.rate")
        + row("0.87", series_id="nl.rate"),
        3,
        "value",
        "is the unit percent?",
    ),
    "empty file": ("", None, None, "is empty"),
    "blank lines": ("\n\n\n", None, None, "is empty"),
    "header alone": (HEADER, None, None, "nothing below"),
    "missing column": ("series_id,period\nx,2026-01-01\n", 1, None, "no column 'value'"),
    "two dates": (extra("date", "2026-01-01"), 1, None, "not both"),
    "two values": (extra("persons", "4000"), 1, None, "not both"),
    "column twice": (extra("value"), 1, None, "same name"),
    "nameless column": (extra(""), 1, None, "no name"),
    "too few cells": (HEADER + "nl.inflow.total,2026-01-01\n", 2, None, "2 cells"),
    "too many cells": (HEADER + "nl.inflow.total,2026-01-01,4,000\n", 2, None, "4 cells"),
    "semicolons": ((HEADER + GOOD).replace(",", ";"), 1, None, "not separated by commas"),
    "tabs": ((HEADER + GOOD).replace(",", "\t"), 1, None, "not separated by commas"),
    "lost quote": (extra("source", '"IND'), 2, None, "runs over the end"),
    "quote in the middle": (extra("source", '"IND" "x"'), 2, None, "do not match"),
    "old line ends": ((HEADER + GOOD).replace("\n", "\r"), 1, None, "stray line end"),
    "escape character": (extra("source", "\x1b[31mIND"), 2, None, "control character"),
    "nul": (HEADER + "nl.inflow.total,2026-01-01,4\x00000\n", 2, None, "NUL byte"),
    "windows-1252": (extra("source", "\u00eb").encode("cp1252"), 2, None, "Byte 63 of the file"),
    "utf-16": ((HEADER + GOOD).encode("utf-16"), None, None, "UTF-16"),
    "utf-16 without a mark": ((HEADER + GOOD).encode("utf-16-le"), 1, None, "NUL byte"),
    "spreadsheet": (b"PK\x03\x04\x14\x00", None, None, "spreadsheet"),
    "compressed": (gzip.compress(HEADER.encode()), None, None, "compressed"),
    "formula in the source": (extra("source", "@SUM(1)"), 2, "source", "like a formula"),
    "formula in an unknown column": (extra("note", "=cmd|' /C calc'!A0"), 2, "note", "formula"),
    "long cell": (extra("note", "x" * 1_001), 2, "note", "longer than 1000"),
    "endless line": (extra("note", "x" * 20_000), 2, None, "longer than 16384 bytes"),
}  # fmt: skip


class TestPoison:
    @pytest.mark.parametrize(
        ("content", "where", "reason"),
        [(content, (line, column), reason) for content, line, column, reason in POISON.values()],
        ids=POISON.keys(),
    )
    def test_is_refused_and_nothing_is_taken(self, store, write, content, where, reason):
        path = write(content)

        with pytest.raises(InvalidFile) as refusal:
            ingest_csv(store, path)

        found = [(fault.line, fault.column) for fault in refusal.value.faults]
        assert found == [where], refusal.value.faults
        assert reason in refusal.value.faults[0].reason
        assert str(path) in str(refusal.value)
        assert store.observations.as_known_at(NOW).observations == ()
        assert [(entry.source, entry.refused) for entry in store.intakes.all()] == [(path.name, 1)]

    def test_is_refused_with_all_its_faults_together(self, store, write):
        ragged = "nl.inflow.total,2026-02-01\n"
        rows = [
            row("veel"),
            GOOD,
            row("-1", "2026-01-02"),
            row(series_id="nl.nothing"),
            GOOD,
            ragged,
        ]

        with pytest.raises(InvalidFile) as refusal:
            ingest_csv(store, write(HEADER + "".join(rows)))

        assert [(fault.line, fault.column) for fault in refusal.value.faults] == [
            (2, "value"),
            (4, "period"),
            (4, "value"),
            (5, "series_id"),
            (6, None),
            (7, None),
        ]

    def test_is_refused_on_both_lines_of_a_quoted_line_end(self, store, write):
        with pytest.raises(InvalidFile) as refusal:
            ingest_csv(store, write(extra("source", '"IND\nDen Haag"')))

        assert [fault.line for fault in refusal.value.faults] == [2, 3]

    def test_is_refused_without_a_header_by_naming_every_missing_column(self, store, write):
        with pytest.raises(InvalidFile) as refusal:
            ingest_csv(store, write(GOOD + row(period="2026-02-01")))

        assert [str(fault) for fault in refusal.value.faults] == [
            "line 1: There is no column 'series_id'.",
            "line 1: There is no column 'period' or 'date'.",
            "line 1: There is no column 'value' or 'persons' or 'places'.",
        ]

    def test_lists_so_many_faults_and_counts_the_rest(self, store, write):
        content = HEADER + row("veel") * 250

        with pytest.raises(InvalidFile) as refusal:
            ingest_csv(store, write(content))

        assert len(refusal.value.faults) == 101
        assert refusal.value.faults[-1].reason == "150 further faults are not listed."

    def test_is_refused_when_there_is_no_such_file(self, store, tmp_path):
        with pytest.raises(InvalidFile, match="no such file"):
            ingest_csv(store, tmp_path / "nowhere.csv")
        with pytest.raises(InvalidFile, match="not a file"):
            ingest_csv(store, tmp_path)

    @pytest.mark.parametrize(
        ("limits", "reason"),
        [
            (Limits(max_bytes=60), "larger than"),
            (Limits(max_rows=2), "more than 2 rows"),
            (Limits(max_columns=2), "More than 2 columns"),
        ],
        ids=["bytes", "rows", "columns"],
    )
    def test_is_refused_when_it_is_larger_than_allowed(self, store, write, limits, reason):
        rows = "".join(row(period=f"2026-0{month}-01") for month in (1, 2, 3))

        with pytest.raises(InvalidFile, match=reason):
            ingest_csv(store, write(HEADER + rows), limits=limits)
