# SPDX-License-Identifier: EUPL-1.2
"""Whatever register can exist survives being written, and one spoilt cell is one fault."""

import csv
import io
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidFile
from models.planning.register.contract_forms import CONTRACT_FORMS
from models.planning.register.locations import (
    PROVINCES,
    ContractForm,
    Location,
    LocationKind,
    LocationStatus,
    ReceptionGroup,
)
from service.storage.register import format_register, parse_register
from service.storage.register.csv_file import COLUMNS

SPOILT = "=?"
"""No column can hold this: it is no number, no word of a list, and begins like a formula."""

letters = st.characters(categories=("L", "N", "P", "S"))
texts = st.builds(
    lambda first, rest: first + rest,
    st.sampled_from(string.ascii_letters + "'\"éÅ"),
    st.text(letters | st.just(" "), max_size=20).map(str.rstrip),
).filter(str.isprintable)
counts = st.integers(0, 100_000)
terms = st.integers(0, 60)
euros = st.none() | st.floats(0, 1e6)
scores = st.none() | st.floats(0, 10)
months = st.builds("{}-{:02d}".format, st.integers(1990, 2090), st.integers(1, 12))
origins = ("source", "assumed", "owner")


@st.composite
def locations(draw, *, number):
    """A location that can exist, in a municipality of its own."""
    kind = draw(st.sampled_from(LocationKind))
    fixed_core = draw(st.booleans())
    form = draw(st.sampled_from(ContractForm))
    idle = [LocationStatus.RESERVE] + [LocationStatus.LENT] * form.recallable
    status = draw(
        st.sampled_from(
            [LocationStatus.OPEN]
            + [LocationStatus.CANDIDATE] * (not fixed_core)
            + idle * (not fixed_core and not kind.is_emergency)
        )
    )
    there = 0 if status is LocationStatus.CANDIDATE else draw(st.integers(1, 5_000))
    most = st.integers(max(there, 1), 9_000)
    start, end = sorted(draw(st.tuples(months, months)))
    late = draw(st.none() | st.floats(0, 1))
    place = draw(euros)
    allowed = () if form is ContractForm.NONE else CONTRACT_FORMS[form].groups
    assumed = draw(
        st.lists(st.sampled_from([name for name in COLUMNS if name not in origins]), unique=True)
    )
    return Location(
        location_id=f"line-{number}" + draw(st.sampled_from(["", "_ï", ".9"])),
        name=draw(texts),
        municipality=draw(texts),
        municipality_code=f"GM{number:04d}",
        province=draw(st.sampled_from(PROVINCES)),
        kind=kind,
        status=status,
        group=ReceptionGroup.UNACCOMPANIED_MINORS
        if kind.is_for_minors
        else draw(st.sampled_from(ReceptionGroup)),
        places=there,
        technical_places=draw(most),
        contractual_places=draw(most),
        fixed_core=fixed_core,
        agreement_start=draw(st.sampled_from([None, start])),
        agreement_end=draw(st.sampled_from([None, end])),
        extension_months=draw(counts),
        notice_months=draw(terms),
        lead_time_months=draw(terms),
        expansion_months=draw(terms),
        recall_months=draw(terms),
        minimum_term_months=draw(counts),
        opening_eur=draw(euros),
        place_eur=place,
        reserve_eur=draw(st.none() | st.floats(0, 14_000 if place is None else place)),
        lent_eur=draw(euros),
        closing_eur=draw(euros),
        dual_use=form,
        lent_to=tuple(one for one in allowed if draw(st.booleans())),
        residents_per_unit=draw(st.integers(1, 10)),
        tenants_per_unit=draw(st.integers(1, 10)),
        late_chance=late,
        failure_chance=draw(st.none() | st.floats(0, 1 - (late or 0))),
        spread_score=draw(scores),
        chain_score=draw(scores),
        flexibility_score=draw(scores),
        quality_score=draw(scores),
        finance_score=draw(scores),
        labour_score=draw(scores),
        school_children=draw(st.none() | counts),
        school_places=draw(st.none() | counts),
        population=draw(counts),
        indicative_places=draw(counts),
        source=draw(texts),
        assumed=tuple(assumed),
        owner=draw(texts) if assumed else "",
    )


registers = st.integers(1, 3).flatmap(
    lambda size: st.tuples(*(locations(number=number) for number in range(size)))
)


class TestRegisterAsCsv:
    @settings(max_examples=40)
    @given(registers)
    def test_reads_back_exactly_what_was_written(self, register):
        written = format_register(register).encode()

        assert parse_register(written, file="register.csv") == register

    @settings(max_examples=40)
    @given(registers, st.randoms(use_true_random=False))
    def test_reads_the_columns_in_any_order(self, register, shuffler):
        order = list(range(len(COLUMNS)))
        shuffler.shuffle(order)
        rows = [
            [row[place] for place in order]
            for row in csv.reader(io.StringIO(format_register(register), newline=""))
        ]

        assert parse_register(joined(rows), file="register.csv") == register

    @settings(max_examples=40)
    @given(registers, st.data())
    def test_names_line_and_column_of_one_spoilt_cell_and_nothing_else(self, register, data):
        rows = list(csv.reader(io.StringIO(format_register(register), newline="")))
        line = data.draw(st.integers(1, len(register)))
        column = data.draw(st.integers(0, len(COLUMNS) - 1))
        rows[line][column] = SPOILT

        with pytest.raises(InvalidFile) as refused:
            parse_register(joined(rows), file="register.csv")

        assert [(fault.line, fault.column) for fault in refused.value.faults] == [
            (line + 1, COLUMNS[column])
        ]


def joined(rows):
    """Rows of cells as the bytes of a file."""
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue().encode()
