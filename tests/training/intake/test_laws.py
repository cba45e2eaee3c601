# SPDX-License-Identifier: EUPL-1.2
"""Laws of intake: whatever the bytes, a file is taken whole or refused with reasons."""

import csv
import io
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from models.errors import Fault, InvalidFile
from models.periods import first_day
from tests.figures import INFLOW, NOW, definition
from training.intake import read_observations_csv
from training.intake.cells import read_value
from training.intake.faults import BadCell
from training.store.records import Observation, Snapshot

RELAXED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
EMPTY = Snapshot(known_at=NOW, definitions=(), observations=())
CALM = definition(INFLOW.series_id, jump_factor=1e12)

months = st.integers(0, 800).map(lambda n: first_day(np.datetime64("1950-01") + n))
counts = st.integers(0, 99_999_999)
cells = st.one_of(
    st.sampled_from(["nl.inflow.total", "2026-01-01", "4000", "persons", "", '"', "-1"]),
    st.text(max_size=12),
)
lines = st.lists(cells, max_size=5).map(",".join)
texts = st.lists(lines, max_size=5).map("\n".join)
headed = st.tuples(
    st.sampled_from(["series_id,period,value\n", "series_id,date,persons,note\n", "\ufeff"]), texts
).map("".join)
contents = st.one_of(
    st.binary(max_size=200),
    headed.map(lambda text: text.encode("utf-8", "surrogatepass")),
    headed.map(lambda text: text.encode("utf-16", "surrogatepass")),
    st.tuples(headed, st.binary(max_size=4)).map(
        lambda pair: pair[0].encode(errors="replace") + pair[1]
    ),
)


def read(path, entry=INFLOW):
    return read_observations_csv(
        path, catalogue={entry.series_id: entry}, standing=lambda _: EMPTY, now=NOW
    )


class TestAnyFile:
    @RELAXED
    @given(content=contents)
    @example(content=b"series_id,period,value\nnl.inflow.total,2026-01-01,4000")
    @example(content=b"\xef\xbb\xbf")
    @example(content=b'series_id,period,value\n"\n')
    @example(content=b"series_id,period,value,\xc2\x85\n")
    def test_is_taken_whole_or_refused_with_reasons(self, write, content):
        faults: tuple[Fault, ...] = ()
        observations: tuple[Observation, ...] = ()
        try:
            observations = read(write(content)).observations
        except InvalidFile as refusal:
            faults = refusal.faults

        lines = content.decode("utf-8-sig", "replace").splitlines()
        assert all(fault.reason for fault in faults)
        assert faults or 0 < len(observations) == sum(map(bool, map(str.strip, lines))) - 1


class TestGoodFile:
    @RELAXED
    @given(figures=st.dictionaries(months, counts, min_size=1, max_size=20))
    def test_comes_back_figure_by_figure(self, write, figures):
        buffer = io.StringIO()
        table = csv.writer(buffer)
        table.writerow(["series_id", "period", "value"])
        table.writerows([CALM.series_id, period, value] for period, value in figures.items())

        intake = read(write(buffer.getvalue()), CALM)

        assert {row.period: row.value for row in intake.observations} == figures
        assert all(row.known_at.date() < NOW.date() for row in intake.observations)


class TestValues:
    @given(value=counts)
    def test_of_counts_come_back_exactly(self, value):
        assert read_value(str(value), unit="persons") == value

    @given(value=counts.filter(lambda value: value > 999), separator=st.sampled_from(".,' "))
    def test_with_separators_of_thousands_are_never_guessed(self, value, separator):
        cell = f"{value:,}".replace(",", separator)
        with pytest.raises(BadCell):
            read_value(cell, unit="persons")

    @given(cell=st.text(max_size=20))
    def test_are_finite_and_never_negative_or_refused(self, cell):
        value = 0.0
        with suppress(BadCell):
            value = read_value(cell, unit="percent")

        assert 0 <= value < 1e16
