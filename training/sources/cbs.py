# SPDX-License-Identifier: EUPL-1.2
"""CBS table 83102NED over OData 3: asylum applications and family reunification by nationality.

The table is a full cube of sex, age, nationality and period; only the totals of sex and age are
asked for. Its figures are rounded to 5 by CBS, and provisional until CBS says otherwise.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from models.catalogue import Measure, SeriesDefinition, Status
from models.errors import InvalidInput, SourceUnavailable
from models.periods import Frequency
from training.sources.http import Publisher
from training.sources.published import Published, moment_stated, observed, persons_in
from training.sources.reference.tables import definitions
from training.store.records import Observation

__all__ = ["ADDRESS", "SOURCE", "read_cbs"]

TABLE = "83102NED"
SOURCE = f"CBS {TABLE}"
ADDRESS = f"https://opendata.cbs.nl/ODataFeed/odata/{TABLE}"

FIRST = "nl.inflow.first_application"
REPEAT = "nl.inflow.repeat_application"
FAMILY = "nl.inflow.family_reunification"

TOPICS = MappingProxyType(
    {"EersteAsielverzoeken": FIRST, "VolgendeAsielverzoeken": REPEAT, "Nareizigers": FAMILY}
)
"""How the name of a column begins, and what it counts; CBS numbers its columns at the end."""

TOTALS = MappingProxyType({"Geslacht": "T001038", "Leeftijd": "10000", "Nationaliteit": "T001059"})
"""Codes of both sexes, all ages and all nationalities."""

NATIONALITIES = MappingProxyType(
    {
        "af": ("Afghanistan", "Afghaans"),
        "dz": ("Algerije", "Algerijns"),
        "er": ("Eritrea", "Eritrees"),
        "et": ("Ethiopië", "Ethiopisch"),
        "iq": ("Irak", "Iraaks"),
        "ma": ("Marokko", "Marokkaans"),
        "ng": ("Nigeria", "Nigeriaans"),
        "pk": ("Pakistan", "Pakistaans"),
        "sd": ("Soedan", "Soedanees"),
        "sl": ("Sierra Leone", "Sierra Leoons"),
        "so": ("Somalië", "Somalisch"),
        "sy": ("Syrië", "Syrisch"),
        "tr": ("Turkije", "Turks"),
        "unknown": ("Onbekend",),
        "ye": ("Jemen", "Jemenitisch"),
    }
)
"""Titles in the code list of nationalities, by the ending of our series."""

NEEDED = frozenset({"af", "er", "iq", "so", "sy", "tr", "ye"})
"""Without one of these the answer is not the table we know; the others may come and go."""

OWN = (
    SeriesDefinition(
        series_id=f"{REPEAT}.cbs",
        measure=Measure.INFLOW,
        unit="persons",
        frequency=Frequency.MONTH,
        definition="Repeat asylum applications in the month as published by CBS, rounded to 5.",
        group="repeat_application",
        publisher="CBS",
    ),
)
"""Series of this table that the reference figures do not have."""

_ENDINGS = MappingProxyType({Frequency.MONTH: "", Frequency.YEAR: ".annual"})
_ALL_NATIONALITIES = MappingProxyType(
    {
        (FIRST, Frequency.MONTH): f"{FIRST}.cbs",
        (FIRST, Frequency.QUARTER): f"{FIRST}.quarterly.cbs",
        (FIRST, Frequency.YEAR): f"{FIRST}.cbs.annual",
        (FAMILY, Frequency.MONTH): f"{FAMILY}.cbs",
        (FAMILY, Frequency.QUARTER): f"{FAMILY}.quarterly",
        (FAMILY, Frequency.YEAR): f"{FAMILY}.cbs.annual",
        (REPEAT, Frequency.MONTH): f"{REPEAT}.cbs",
    }
)
_PERIOD = re.compile(r"((?:19|20)\d\d)(MM|KW|JJ)(\d\d)", re.ASCII)
_NUMBERS = {"MM": range(1, 13), "KW": range(1, 5), "JJ": range(1)}
_FREQUENCY = {"MM": Frequency.MONTH, "KW": Frequency.QUARTER, "JJ": Frequency.YEAR}
MOST_PAGES = 100


def read_cbs(publisher: Publisher, *, now: datetime) -> Published:
    """The current edition of the table.

    Args:
        publisher: CBS, at the address of the table.
        now: What time it is, aware UTC.

    Raises:
        SourceUnavailable: CBS cannot be reached, or renewed the table while it was read.
        InvalidInput: the answer is not the whole of the table as we know it.
    """
    edition = _edition(publisher)
    columns = _columns(_rows(publisher, "DataProperties"))
    nationalities = _nationalities(_rows(publisher, "Nationaliteit"))
    periods = _periods(_rows(publisher, "Perioden"))
    cells = list(_rows(publisher, "TypedDataSet", {"$filter": _filter(nationalities)}))
    if _edition(publisher) != edition:
        raise SourceUnavailable(SOURCE, "it was renewed while it was being read")

    known_at = moment_stated(edition, source=SOURCE, now=now)
    catalogue = {entry.series_id: entry for entry in (*definitions(), *OWN)}
    observations = _observations(
        _by_place(cells, nationalities=nationalities, periods=periods),
        columns=columns,
        periods=periods,
        catalogue=catalogue,
        known_at=known_at,
    )
    names = sorted({row.series_id for row in observations})
    return Published(
        source=SOURCE,
        known_at=known_at,
        definitions=tuple(catalogue[name] for name in names),
        observations=observations,
    )


def _rows(
    publisher: Publisher, path: str, query: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Mapping[str, Any]]:
    """The rows of an entity set, page by page."""
    params = {"$format": "json", **query}
    asked: list[Mapping[str, str]] = []
    while params not in asked and len(asked) < MOST_PAGES:
        asked.append(params)
        page = publisher.json(path, params)
        rows = page.get("value") if isinstance(page, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise InvalidInput(f"{SOURCE} answered {path} without a list of rows.")
        yield from rows
        link = page.get("odata.nextLink")
        if link is None:
            return
        # Only the query is followed, so that an answer cannot send us to another address.
        params = dict(parse_qsl(urlsplit(str(link)).query)) | {"$format": "json"}
    raise InvalidInput(f"{SOURCE} answered {path} with pages that do not end.")


def _edition(publisher: Publisher) -> str:
    infos = list(_rows(publisher, "TableInfos"))
    if len(infos) != 1 or str(infos[0].get("Identifier")).strip() != TABLE:
        raise InvalidInput(f"{SOURCE} answered with another table.")
    return str(infos[0].get("Modified"))


def _columns(properties: Iterator[Mapping[str, Any]]) -> dict[str, str]:
    """What we count, by the name of its column."""
    keys = [str(row.get("Key")) for row in properties]
    absent = [name for name in (*TOTALS, "Perioden") if name not in keys]
    if absent:
        raise InvalidInput(f"{SOURCE} has no dimension {absent[0]} any more.")
    columns: dict[str, str] = {}
    for beginning, kind in TOPICS.items():
        found = [key for key in keys if re.fullmatch(rf"{beginning}(Personen)?_\d+", key)]
        if len(found) != 1:
            raise InvalidInput(f"{SOURCE} has {len(found)} columns {beginning}, and not one.")
        columns[found[0]] = kind
    return columns


def _nationalities(rows: Iterator[Mapping[str, Any]]) -> dict[str, str]:
    """The ending of our series by code of nationality; empty for all nationalities together."""
    endings = {title.lower(): end for end, titles in NATIONALITIES.items() for title in titles}
    codes: dict[str, str] = {}
    for row in rows:
        code, title = str(row.get("Key")).strip(), str(row.get("Title")).strip().lower()
        if not re.fullmatch(r"\w+", code, re.ASCII):
            raise InvalidInput(f"{SOURCE} has a nationality without a code.")
        if code == TOTALS["Nationaliteit"]:
            codes[code] = ""
        elif title in endings:
            codes[code] = endings[title]
    absent = sorted((NEEDED | {""}) - set(codes.values()))
    if absent:
        raise InvalidInput(f"{SOURCE} has no nationality {absent[0] or 'total'!r} any more.")
    if len(set(codes.values())) != len(codes):
        raise InvalidInput(f"{SOURCE} has one nationality under two codes.")
    return codes


def _periods(rows: Iterator[Mapping[str, Any]]) -> dict[str, tuple[Frequency, date, Status]]:
    """Frequency, first day and status by code of period, for instance 2025MM12."""
    periods: dict[str, tuple[Frequency, date, Status]] = {}
    for row in rows:
        code = str(row.get("Key")).strip()
        match = _PERIOD.fullmatch(code)
        if match is None or int(match[3]) not in _NUMBERS[match[2]]:
            raise InvalidInput(f"{SOURCE} has a period {code!r} that we do not know.")
        frequency = _FREQUENCY[match[2]]
        # A year is number 0 of its kind, months and quarters are numbered from 1.
        month = max(int(match[3]) - 1, 0) * frequency.months + 1
        firm = row.get("Status") == "Definitief" and not str(row.get("Title")).endswith("*")
        status = Status.OBSERVED if firm else Status.PROVISIONAL
        periods[code] = (frequency, date(int(match[1]), month, 1), status)
    return periods


def _filter(nationalities: Mapping[str, str]) -> str:
    # CBS pads its codes with spaces, so a comparison for equality finds nothing.
    wanted = " or ".join(f"startswith(Nationaliteit,'{code}')" for code in nationalities)
    fixed = [f"startswith({name},'{TOTALS[name]}')" for name in ("Geslacht", "Leeftijd")]
    return " and ".join([*fixed, f"({wanted})"])


def _by_place(
    cells: list[Mapping[str, Any]],
    *,
    nationalities: Mapping[str, str],
    periods: Mapping[str, object],
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The rows of the totals of sex and age by nationality and period; each of them, once."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for row in cells:
        codes = {name: str(row.get(name)).strip() for name in (*TOTALS, "Perioden")}
        if any(codes[name] != TOTALS[name] for name in ("Geslacht", "Leeftijd")):
            continue
        nationality, period = codes["Nationaliteit"], codes["Perioden"]
        if nationality not in nationalities:
            continue
        if period not in periods:
            raise InvalidInput(f"{SOURCE} states a figure of {period!r}, a period not on its list.")
        if (nationality, period) in found:
            raise InvalidInput(f"{SOURCE} states {nationality} {period} twice.")
        found[nationality, period] = row
    missing = len(nationalities) * len(periods) - len(found)
    if missing:
        raise InvalidInput(f"{SOURCE} answered with {missing} rows too few; the answer is cut off.")
    return {(nationalities[code], period): row for (code, period), row in found.items()}


def _observations(
    rows: Mapping[tuple[str, str], Mapping[str, Any]],
    *,
    columns: Mapping[str, str],
    periods: Mapping[str, tuple[Frequency, date, Status]],
    catalogue: Mapping[str, SeriesDefinition],
    known_at: datetime,
) -> tuple[Observation, ...]:
    observations: list[Observation] = []
    for (nationality, code), row in rows.items():
        frequency, period, status = periods[code]
        for column, kind in columns.items():
            if column not in row:
                raise InvalidInput(f"{SOURCE} states {code} without {column}.")
            persons = persons_in(row[column], source=SOURCE, where=f"{code} {column}")
            series_id = _series_id(kind, nationality, frequency, catalogue)
            if persons is not None and series_id is not None:
                observations.append(
                    observed(
                        series_id,
                        period,
                        persons,
                        known_at=known_at,
                        status=status,
                        source=SOURCE,
                    )
                )
    return tuple(sorted(observations, key=lambda row: (row.series_id, row.period)))


def _series_id(
    kind: str, nationality: str, frequency: Frequency, catalogue: Mapping[str, SeriesDefinition]
) -> str | None:
    """The series that a cell belongs to; None where the catalogue keeps none for it."""
    if not nationality:
        return _ALL_NATIONALITIES.get((kind, frequency))
    name = f"{kind}.{nationality}{_ENDINGS.get(frequency, '.quarterly')}"
    return name if name in catalogue else None
