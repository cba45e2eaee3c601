# SPDX-License-Identifier: EUPL-1.2
"""Sentences, numbers and dates in the language of the reader."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from markupsafe import Markup, escape

from models.occupancy.specification import Title

__all__ = ["Language", "Wording", "wording_of"]

TEXTS = Path(__file__).parent / "web" / "texts"
MINUS = "\N{MINUS SIGN}"
FORMS = frozenset({"number", "rounded", "percent", "tenths", "euros", "day", "month"})
"""How a text may ask for a fact: `{places:number}`."""


class Language(StrEnum):
    """A language the page speaks; Dutch where nothing is asked."""

    NL = "nl"
    EN = "en"

    @property
    def other(self) -> "Language":
        """The language that the switch leads to."""
        return Language.EN if self is Language.NL else Language.NL


MONTHS = {
    Language.NL: (
        *("januari", "februari", "maart", "april", "mei", "juni"),
        *("juli", "augustus", "september", "oktober", "november", "december"),
    ),
    Language.EN: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How one language says things.

    Attributes:
        language: Which one.
        sentences: Every text of the page by its dotted name.
    """

    language: Language
    sentences: Mapping[str, str]

    def say(self, key: str, /, **facts: Any) -> str:
        """A text with its facts filled in, as plain text."""
        return _Speller(self).vformat(self.sentences[key], (), facts)

    def mark(self, key: str, /, **facts: Any) -> Markup:
        """A text for a page: escaped, and in bold what it marks so, `{median:*rounded}`."""
        return Markup(_Emphasis(self).vformat(escape(self.sentences[key]), (), facts))  # noqa: S704 - both halves are escaped

    def spell(self, fact: Any, form: str) -> str:
        """A fact in the form that a text asks for: `{median:rounded}`, `{day:day}`.

        Raises:
            ValueError: there is no such form.
        """
        form = form.removeprefix("*")
        if not form:
            return str(fact)
        if form not in FORMS:
            raise ValueError(f"A text asks for the unknown form {form!r}.")
        return str(getattr(self, form)(fact))

    def has(self, key: str) -> bool:
        """Whether there is a text of this name."""
        return key in self.sentences

    def title(self, title: Title) -> str:
        """A name that comes in both languages, as data of the chain do."""
        return title.nl if self.language is Language.NL else title.en

    def number(self, value: float, *, decimals: int = 0) -> str:
        """12.345 in Dutch, 12,345 in English."""
        written = f"{abs(value):,.{decimals}f}"
        if self.language is Language.NL:
            written = written.translate(str.maketrans(",.", ".,"))
        is_negative = value < 0 and any(digit in written for digit in "123456789")
        return f"{MINUS}{written}" if is_negative else written

    def rounded(self, value: float) -> str:
        """A forecast number to the nearest hundred: more digits would promise too much."""
        return self.number(round(value / 100) * 100)

    def signed(self, value: float) -> str:
        """A difference with its sign."""
        return f"+{self.number(value)}" if value > 0 else self.number(value)

    def percent(self, share: float) -> str:
        """A share in whole percents; what is possible is never written as 0 or 100."""
        percents = 100 * share
        if 0 < percents < 1:
            return self.say("percent.below", percent=1)
        if 99 < percents < 100:
            return self.say("percent.above", percent=99)
        return f"{self.number(percents)}%"

    def tenths(self, share: float) -> str:
        """A small share in tenths of a percent."""
        tenths = round(1000 * share)
        if tenths == 0:
            return self.say("percent.below", percent=self.number(0.1, decimals=1))
        return f"{self.number(tenths / 10, decimals=1)}%"

    def euros(self, value: float) -> str:
        """An amount [EUR], in millions from one million on."""
        sign = f"{MINUS}" if value < 0 else ""
        space = "\N{NO-BREAK SPACE}" if self.language is Language.NL else ""
        amount = abs(value)
        if amount < 1_000_000:
            return f"{sign}€{space}{self.number(amount)}"
        millions = amount / 1_000_000
        if millions < 1_000:
            written = self.number(millions, decimals=1 if millions < 100 else 0)
            return f"{sign}€{space}{self.say('euros.million', amount=written)}"
        written = self.number(millions / 1_000, decimals=2)
        return f"{sign}€{space}{self.say('euros.billion', amount=written)}"

    def day(self, day: date) -> str:
        """31 december 2025, 31 December 2025."""
        return f"{day.day} {self.month(day)}"

    def month(self, day: date | str) -> str:
        """December 2025, of a day or of a month written as 2025-12."""
        day = date.fromisoformat(f"{day}-01") if isinstance(day, str) else day
        return f"{MONTHS[self.language][day.month - 1]} {day.year}"


class _Speller(Formatter):
    """Fills in facts, each in the form its text asks for."""

    def __init__(self, wording: Wording) -> None:
        self.wording = wording

    def format_field(self, value: Any, format_spec: str) -> str:
        return self.wording.spell(value, format_spec)


class _Emphasis(_Speller):
    """The same for a page: facts escaped, and in bold where the text says so."""

    def format_field(self, value: Any, format_spec: str) -> str:
        fact = escape(super().format_field(value, format_spec))
        return f"<strong>{fact}</strong>" if format_spec.startswith("*") else fact


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, entry in table.items():
        if isinstance(entry, Mapping):
            yield from _flat(entry, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(entry)


@cache
def wording_of(language: Language) -> Wording:
    """The texts of a language, read once."""
    table = tomllib.loads((TEXTS / f"{language.value}.toml").read_text(encoding="utf-8"))
    return Wording(language=language, sentences=dict(_flat(table)))
