# SPDX-License-Identifier: EUPL-1.2
"""Eurostat table migr_asyappctzm in JSON-stat 2.0: asylum applicants by country and month.

Of other countries all applicants are read, one series each, for the pool to learn from; of the
Netherlands first-time applicants too. Eurostat rounds to 5 and leaves out what it does not have.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from models.catalogue import Measure, Place, SeriesDefinition, Status
from models.errors import InvalidInput
from models.periods import Frequency
from training.sources.http import Publisher
from training.sources.published import Published, moment_stated, observed, persons_in
from training.sources.reference.tables import definitions
from training.store.records import Observation

__all__ = ["ADDRESS", "COUNTRIES", "SOURCE", "read_eurostat"]

TABLE = "migr_asyappctzm"
SOURCE = f"Eurostat {TABLE}"
ADDRESS = f"https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0/data/{TABLE}"

COUNTRIES = (
    *("AT", "BE", "CH", "CZ", "DE", "EL", "FR", "LT"),
    *("MT", "NL", "PL", "PT", "RO", "SE", "SI"),
)
"""The countries on which the method is measured (docs/results.md), by Eurostat's codes."""

APPLICANTS = MappingProxyType({"ASY_APP": "asylum_applications", "FRST": "first_application"})
FIXED = MappingProxyType(
    {"freq": "M", "unit": "PER", "citizen": "TOTAL", "sex": "T", "age": "TOTAL"}
)
"""The one category that is asked for in each other dimension."""

JUMP_FACTOR = 100.0
"""Malta rose from 30 to 1,130 in April 2011, so twenty is too strict for small countries [-]."""

FIRM = frozenset("bdr")
"""Flags that leave a figure as firm as it was: break in series, definition differs, revised."""
ESTIMATED = frozenset("es")

_MONTH = re.compile(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cube:
    """A JSON-stat data set.

    Attributes:
        codes: Categories of each dimension, in order.
        values: Cells that are not empty, by position.
        flags: Flags of cells, by position.
    """

    codes: Mapping[str, Sequence[str]]
    values: Mapping[int, object]
    flags: Mapping[int, str]

    def cells(self) -> Iterator[tuple[dict[str, str], object, str]]:
        """Every cell that is not empty: its categories, what it holds, and its flags."""
        for position, value in sorted(self.values.items()):
            place: dict[str, str] = {}
            rest = position
            for name, codes in reversed(list(self.codes.items())):
                rest, index = divmod(rest, len(codes))
                place[name] = codes[index]
            yield place, value, self.flags.get(position, "")


def read_eurostat(
    publisher: Publisher, *, now: datetime, countries: Sequence[str] = COUNTRIES
) -> Published:
    """The current edition of the table, for some countries.

    Args:
        publisher: Eurostat, at the address of the table.
        now: What time it is, aware UTC.
        countries: Eurostat's codes, for instance NL; Greece is EL.

    Raises:
        SourceUnavailable: Eurostat cannot be reached, or will not answer.
        InvalidInput: a country is no code or has no applicants, or the answer cannot be trusted.
    """
    wrong = [code for code in countries if not _COUNTRY.fullmatch(code)]
    if wrong or not countries:
        raise InvalidInput(f"{', '.join(wrong) or 'Nothing'} is not a country code such as NL.")
    asked = {"format": "JSON", "lang": "EN", **FIXED}
    answer = publisher.json(params={**asked, "applicant": [*APPLICANTS], "geo": [*countries]})
    cube = _cube(answer)
    known_at = moment_stated(answer.get("updated"), source=SOURCE, now=now)
    catalogue = {entry.series_id: entry for entry in _definitions(countries)}
    observations = tuple(
        sorted(
            _observations(cube, countries=countries, known_at=known_at),
            key=lambda row: (row.series_id, row.period),
        )
    )
    filled = {row.series_id for row in observations}
    for country in countries:
        if series_id_of(country, "ASY_APP") not in filled:
            raise InvalidInput(f"{SOURCE} answered without any figure of {country}.")
    return Published(
        source=SOURCE,
        known_at=known_at,
        definitions=tuple(catalogue[name] for name in sorted(filled)),
        observations=observations,
    )


def series_id_of(country: str, applicant: str) -> str | None:
    """Our name for a country's applicants; None where they are not kept."""
    if country == "NL" and applicant == "ASY_APP":
        return "nl.inflow.asylum_applications"
    if country == "NL" or applicant == "ASY_APP":
        return f"eurostat.{country.lower()}.inflow.{APPLICANTS[applicant]}"
    return None


def _definitions(countries: Sequence[str]) -> Iterator[SeriesDefinition]:
    reference = {entry.series_id: entry for entry in definitions()}
    for country in dict.fromkeys(countries):
        for applicant, group in APPLICANTS.items():
            name = series_id_of(country, applicant)
            if name is None:
                continue
            who = "All asylum applicants" if applicant == "ASY_APP" else "First-time applicants"
            yield reference.get(name) or SeriesDefinition(
                series_id=name,
                measure=Measure.INFLOW,
                unit="persons",
                frequency=Frequency.MONTH,
                definition=f"{who} in the month in the definition of Eurostat ({applicant}), "
                "rounded to 5.",
                group=group,
                place=Place(code=country),
                publisher="Eurostat",
                jump_factor=JUMP_FACTOR,
            )


def _observations(
    cube: _Cube,
    *,
    countries: Sequence[str],
    known_at: datetime,
) -> Iterator[Observation]:
    unknown = [code for code in cube.codes["geo"] if code not in countries]
    if unknown:
        raise InvalidInput(f"{SOURCE} answered with {unknown[0]!r}, which was not asked for.")
    for place, value, flags in cube.cells():
        month = _MONTH.fullmatch(place["time"])
        if month is None:
            raise InvalidInput(f"{SOURCE} has a period {place['time']!r} that we do not know.")
        where = f"{place['geo']} {place['time']}"
        persons = persons_in(value, source=SOURCE, where=where)
        name = series_id_of(place["geo"], place["applicant"])
        if persons is not None and name is not None:
            yield observed(
                name,
                date(int(month[1]), int(month[2]), 1),
                persons,
                known_at=known_at,
                status=_status(flags),
                source=SOURCE,
            )


def _status(flags: str) -> Status:
    """How firm a figure is; one with a flag that we do not know is not taken for firm."""
    marks = set(flags)
    if marks & ESTIMATED:
        return Status.ESTIMATED
    return Status.OBSERVED if marks <= FIRM else Status.PROVISIONAL


def _cube(answer: Any) -> _Cube:
    """Read a JSON-stat data set, and see that it is the one asked for.

    Source:
        JSON-stat 2.0, https://json-stat.org/full/.
    """
    if not isinstance(answer, dict) or answer.get("class") != "dataset":
        raise InvalidInput(f"{SOURCE} did not answer with a JSON-stat data set.")
    names, sizes, dimension = answer.get("id"), answer.get("size"), answer.get("dimension")
    if not (isinstance(names, list) and isinstance(sizes, list) and isinstance(dimension, dict)):
        raise InvalidInput(f"{SOURCE} answered without dimensions.")
    expected = {*FIXED, "applicant", "geo", "time"}
    for name in sorted(expected.symmetric_difference(map(str, names))):
        change = "no dimension" if name in expected else "a dimension that we do not know,"
        raise InvalidInput(f"{SOURCE} has {change} {name}.")
    codes = {name: _categories(dimension.get(name), name=name) for name in names}
    if [len(codes[name]) for name in names] != sizes:
        raise InvalidInput(f"{SOURCE} contradicts itself on the size of its dimensions.")
    for name, code in FIXED.items():
        if list(codes[name]) != [code]:
            raise InvalidInput(f"{SOURCE} answered with another {name} than {code}.")
    if not set(codes["applicant"]) <= set(APPLICANTS):
        raise InvalidInput(f"{SOURCE} answered with applicants that were not asked for.")
    count = math.prod(sizes)
    return _Cube(
        codes=codes,
        values=_by_position(answer.get("value"), count=count),
        flags={
            position: str(flag)
            for position, flag in _by_position(answer.get("status", {}), count=count).items()
        },
    )


def _categories(dimension: Any, *, name: str) -> Sequence[str]:
    """Codes of a dimension in their order."""
    category = dimension.get("category") if isinstance(dimension, dict) else None
    index = category.get("index") if isinstance(category, dict) else None
    if isinstance(index, list):
        codes = index
    elif isinstance(index, dict) and sorted(map(str, index.values())) == sorted(
        map(str, range(len(index)))
    ):
        codes = sorted(index, key=lambda code: int(index[code]))
    else:
        raise InvalidInput(f"{SOURCE} does not order the categories of {name}.")
    if not all(isinstance(code, str) for code in codes) or len(set(codes)) != len(codes):
        raise InvalidInput(f"{SOURCE} names a category of {name} twice, or not at all.")
    return codes


def _by_position(cells: Any, *, count: int) -> dict[int, object]:
    """Cells by position, whether they are written sparsely or one by one."""
    if isinstance(cells, list):
        if len(cells) != count:
            raise InvalidInput(f"{SOURCE} states {len(cells)} cells of {count}.")
        return {place: cell for place, cell in enumerate(cells) if cell is not None}
    if not isinstance(cells, dict):
        raise InvalidInput(f"{SOURCE} answered without cells.")
    found: dict[int, object] = {}
    for key, cell in cells.items():
        if not (key.isascii() and key.isdigit() and len(key) < 10 and int(key) < count):
            raise InvalidInput(f"{SOURCE} states a cell {key!r} that does not exist.")
        if int(key) in found:
            raise InvalidInput(f"{SOURCE} states cell {int(key)} twice.")
        found[int(key)] = cell
    return found
