# SPDX-License-Identifier: EUPL-1.2
"""Both languages say everything, and write numbers and dates as their readers do."""

import re
from dataclasses import fields
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import Status
from models.drift import Verdict
from models.inflow.regime import Direction
from models.planning.portfolio.capacity_plan import Action, PlanSettings, PlanStatus, ReasonCode
from models.planning.register.locations import LocationKind
from service.language import MINUS, Language, Wording, wording_of
from training.store.records import QualityState

SERVICE = Path(__file__).resolve().parents[2] / "service"
DUTCH, ENGLISH = wording_of(Language.NL), wording_of(Language.EN)


def sources() -> str:
    speaking = (SERVICE, SERVICE / "api", SERVICE / "web")
    files = [file for folder in speaking for file in folder.glob("*.py")]
    files += (SERVICE / "web" / "templates").glob("*.j2")
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def blanks(text: str) -> list[tuple[str, str]]:
    """Which facts a text asks for, and in which form, whatever their order or weight."""
    return sorted(
        (name, (form or "").removeprefix("*"))
        for _, name, form, _ in Formatter().parse(text)
        if name is not None
    )


class TestTexts:
    def test_both_languages_have_the_same_texts(self):
        assert DUTCH.sentences.keys() == ENGLISH.sentences.keys()

    def test_both_languages_ask_for_the_same_facts_in_the_same_form(self):
        for key, text in DUTCH.sentences.items():
            assert blanks(text) == blanks(ENGLISH.sentences[key]), key

    def test_every_text_is_used(self):
        used = set(re.findall(r"""["']([a-z_]+\.[a-z_0-9]+)["']""", sources()))
        # A key that is put together: "action." ~ name in a template, f"why.{name}" in Python.
        begun = set(re.findall(r'"([a-z_]+\.[a-z_]*)(?:" ~|\{)', sources()))
        begun |= set(re.findall(r'"([a-z_]+\.)"', sources()))

        unused = [
            key
            for key in DUTCH.sentences
            if key not in used and not any(key.startswith(start) for start in begun)
        ]

        assert unused == []

    @pytest.mark.parametrize(
        ("section", "codes"),
        [
            ("action", Action),
            ("action_means", Action),
            ("kind", LocationKind),
            ("status", Status),
            ("why", ReasonCode),
            ("state", QualityState),
            ("regime", Direction),
            ("verdict", Verdict),
        ],
    )
    def test_every_code_that_may_come_has_a_text(self, section: str, codes: type):
        assert [code for code in codes if not DUTCH.has(f"{section}.{code.value}")] == []

    def test_every_way_a_search_may_end_has_a_text(self):
        assert [state for state in PlanStatus if not DUTCH.has(f"plan.gap_{state.value}")] == []

    def test_every_demand_on_a_plan_has_a_text(self):
        demands = {field.name for field in fields(PlanSettings) if "None" in str(field.type)}

        assert {key.removeprefix("demand.") for key in DUTCH.sentences if "demand." in key} >= (
            demands
        )

    def test_the_dutch_text_never_counts_beds(self):
        assert not [
            text for text in DUTCH.sentences.values() if re.search(r"\bbed(den)?\b", text.lower())
        ]


class TestNumbers:
    def test_dutch_separates_thousands_by_points_and_english_by_commas(self):
        assert DUTCH.number(74236) == "74.236"
        assert ENGLISH.number(74236) == "74,236"

    def test_dutch_writes_decimals_behind_a_comma(self):
        assert DUTCH.number(1234.5, decimals=1) == "1.234,5"
        assert ENGLISH.number(1234.5, decimals=1) == "1,234.5"

    def test_a_number_that_rounds_to_nothing_has_no_sign(self):
        assert DUTCH.number(-0.2) == "0"
        assert DUTCH.number(-1_500) == f"{MINUS}1.500"

    def test_a_forecast_number_is_given_to_the_hundred(self):
        assert DUTCH.rounded(72_349.6) == "72.300"

    def test_what_is_possible_is_never_called_certain_or_excluded(self):
        assert DUTCH.percent(0.004) == "minder dan 1%"
        assert DUTCH.percent(0.999) == "meer dan 99%"
        assert [DUTCH.percent(share) for share in (0, 0.495, 1)] == ["0%", "50%", "100%"]

    def test_a_gap_too_small_to_see_is_called_so(self):
        assert DUTCH.tenths(0.0004) == "minder dan 0,1%"
        assert ENGLISH.tenths(0.0049) == "0.5%"

    @pytest.mark.parametrize(
        ("amount", "dutch", "english"),
        [
            (6_935, "€\N{NO-BREAK SPACE}6.935", "€6,935"),
            (1_250_000, "€\N{NO-BREAK SPACE}1,2 miljoen", "€1.2 million"),
            (412_000_000, "€\N{NO-BREAK SPACE}412 miljoen", "€412 million"),
            (2_230_000_000, "€\N{NO-BREAK SPACE}2,23 miljard", "€2.23 billion"),
            (-5_000, f"{MINUS}€\N{NO-BREAK SPACE}5.000", f"{MINUS}€5,000"),
        ],
    )
    def test_amounts_are_read_at_a_glance(self, amount: float, dutch: str, english: str):
        assert (DUTCH.euros(amount), ENGLISH.euros(amount)) == (dutch, english)

    @given(value=st.integers(-(10**9), 10**9))
    def test_a_number_can_be_read_back(self, value: int):
        for wording, mark in ((DUTCH, "."), (ENGLISH, ",")):
            written = wording.number(value).replace(mark, "").replace(MINUS, "-")

            assert int(written) == value


class TestDates:
    def test_days_are_written_out(self):
        assert DUTCH.day(date(2025, 12, 31)) == "31 december 2025"
        assert ENGLISH.day(date(2025, 12, 31)) == "31 December 2025"

    def test_a_month_may_come_as_text(self):
        assert DUTCH.month("2027-03") == "maart 2027"


class TestWording:
    def test_facts_are_escaped_and_bold_where_the_text_says_so(self):
        wording = Wording(language=Language.NL, sentences={"x.y": "a & b: {one:*}, {two}"})

        assert wording.mark("x.y", one="<1>", two="<2>") == (
            "a &amp; b: <strong>&lt;1&gt;</strong>, &lt;2&gt;"
        )

    def test_an_unknown_form_is_a_mistake(self):
        wording = Wording(language=Language.NL, sentences={"x.y": "{one:shout}"})

        with pytest.raises(ValueError, match="shout"):
            wording.say("x.y", one=1)
