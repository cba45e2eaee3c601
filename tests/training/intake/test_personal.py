# SPDX-License-Identifier: EUPL-1.2
"""Nothing about a person comes in, and a refusal repeats nothing of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidFile
from training.intake import ingest_csv
from training.intake.personal import personal_cell, personal_column

BSN = "111222333"
"""The number that the tax office uses in its own examples; it passes the eleven-test."""

PERSONAL = """
bsn|BSN|Burgerservicenummer|BSN-nummer|client_bsn|sofinummer|V-nummer|vnummer|v_nr|V nummer
vreemdelingennummer|Vreemdelingnummer|zaaknummer|dossiernr|dossier_id|clientnummer|client_id
bewonersnummer|persoonsnummer|person_id|personID|resident_id|applicant_number|case_id
naam|Naam|name|first_name|firstname|Voornaam|achternaam|surname|family name|last-name|full_name
geboortedatum|Geboortedatum kind|geb_geboorteplaats|date_of_birth|dateofbirth|birth date|dob
leeftijd|age|geslacht|gender|sex|nationaliteit|nationality|citizenship|religie|ethnicity
adres|woonadres|address|straat|postcode|huisnummer|zipcode|e-mail|email|emailadres|mail
telefoon|Telefoonnummer|phone|mobiel|paspoortnummer|passport|iban|kenteken
"""
HARMLESS = """
note|edition|source_url|municipality_name|gemeente naam|location_name|series_name|group|status
difference|safety_region|province|population_2024|n_locations|capacity_total|occupancy_rate
publisher name|place_code|table_id|vintage|percentage|manager|average|package|rename
"""


def listed(names):
    return [name for line in names.strip().splitlines() for name in line.split("|")]


class TestColumns:
    @pytest.mark.parametrize("name", listed(PERSONAL))
    def test_look_personal(self, name):
        assert personal_column(name)

    @pytest.mark.parametrize("name", listed(HARMLESS))
    def test_look_harmless(self, name):
        assert not personal_column(name)


class TestCells:
    @pytest.mark.parametrize(
        "cell",
        [
            BSN,
            "111.222.333",
            "1112.22.333",
            "111 222 333",
            f"zie {BSN}",
            "012345672",
            "12345672",
            "2812345678",
            "281.234.5678",
            "0612345678",
            "06-12345678",
            "+31 6 12345678",
            "jan@example.org",
            "mail <jan@example.org>, voor meer",
            "NL91 ABNA 0417 1643 00",
        ],
    )
    def test_look_personal(self, cell):
        assert personal_cell(cell)

    @pytest.mark.parametrize(
        "cell",
        [
            "",
            "111222334",
            "000000000",
            "2026-02-03",
            "20260203",
            "3-2-2026",
            "74236",
            "1234567",
            "https://nos.nl/artikel/111222333-meeste",
            "CBS 83102NED",
            "https://example.org/@getij.v2",
            "@example",
            "5 @ 3.5",
            "rounded to 5",
            "12345678901234",
        ],
    )
    def test_look_harmless(self, cell):
        assert personal_cell(cell) is None

    @given(st.integers(1, 99_999_999))
    def test_of_nine_digits_are_told_by_the_eleven_test(self, first):
        digits, weights = f"{first:08}", range(9, 1, -1)
        rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        found = {last for last in range(10) if personal_cell(f"{digits}{last}")}

        assert found == ({rest} if rest < 10 else set())


class TestFiles:
    @pytest.mark.parametrize("name", ["bsn", "Naam", "geboortedatum", "V-nummer"])
    def test_with_a_personal_column_are_refused(self, store, write, name):
        path = write(f"series_id,period,value,{name}\nnl.inflow.total,2026-01-01,1,x\n")

        with pytest.raises(InvalidFile) as refusal:
            ingest_csv(store, path)
        (fault,) = refusal.value.faults
        assert (fault.line, fault.column) == (1, name.casefold())

    @pytest.mark.parametrize("column", ["note", "source", "kolom"])
    def test_with_a_number_of_a_person_are_refused_without_repeating_it(self, store, write, column):
        path = write(f"series_id,period,value,{column}\nnl.inflow.total,2026-01-01,1,{BSN}\n")

        with pytest.raises(InvalidFile) as refusal:
            ingest_csv(store, path)
        (fault,) = refusal.value.faults
        assert (fault.line, fault.column) == (2, column)
        assert BSN not in str(refusal.value)

    @pytest.mark.parametrize("place", ["series_id", "period", "value", "status", "known_at"])
    def test_never_find_their_cells_in_a_message(self, store, write, place):
        cells = {
            "series_id": "nl.inflow.total",
            "period": "2026-01-01",
            "value": "1",
            "status": "observed",
            "known_at": "2026-02-02",
        }
        cells[place] = f"Jansen {BSN}"
        path = write(",".join(cells) + "\n" + ",".join(cells.values()) + "\n")

        with pytest.raises(InvalidFile) as refusal:
            ingest_csv(store, path)
        assert "Jansen" not in str(refusal.value)
        assert BSN not in str(refusal.value)

    def test_without_a_header_never_find_their_first_row_in_a_message(self, store, write):
        path = write(f"nl.inflow.total,2026-01-01,5,naam {BSN}\n" * 2)

        with pytest.raises(InvalidFile) as refusal:
            ingest_csv(store, path)
        assert not any(BSN in str(fault) for fault in refusal.value.faults)
