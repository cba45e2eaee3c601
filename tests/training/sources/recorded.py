# SPDX-License-Identifier: EUPL-1.2
"""Answers of CBS and Eurostat in the shape they have, with the figures that they published.

Every figure is read from the reference data; a cell that was not published there is empty.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from tests.training.sources.local_server import Answer, Answers, Asked
from training.sources.reference.tables import definitions, facts

FIGURES = {(row.series_id, row.period): row.value for row in facts(definitions())}

MODIFIED = "2026-01-30T02:00:00"
UPDATED = "2019-08-20T23:00:00+0200"

NATIONALITIES = {
    "T001059": ("Totaal", None),
    "NAT9278": ("Afghanistan", "af"),
    "NAT9326": ("Eritrea", "er"),
    "NAT9350": ("Irak", "iq"),
    "NAT9444": ("Syrië", "sy"),
    "NAT9458": ("Turkije", "tr"),
    "NAT0001": ("Somalië", "so"),
    "NAT0002": ("Jemen", "ye"),
    "NAT9351": ("Iran", None),
}
"""Codes, titles and our endings; the codes of Somalia and Yemen stand in for the real ones."""

PERIODS = {
    **{
        f"{year}MM{month:02d}": "Definitief" for year in range(2015, 2025) for month in range(1, 13)
    },
    **{f"2025MM{month:02d}": "Voorlopig" for month in range(1, 13)},
    "2020KW01": "Definitief",
    "2020KW02": "Definitief",
    "2024JJ00": "Definitief",
}

COLUMNS = {
    "EersteAsielverzoekenPersonen_2": "nl.inflow.first_application",
    "VolgendeAsielverzoeken_3": "nl.inflow.repeat_application",
    "NareizigersPersonen_4": "nl.inflow.family_reunification",
}


def month(code: str) -> date:
    year, kind, number = int(code[:4]), code[4:6], int(code[6:])
    return date(year, {"MM": number, "KW": 3 * number - 2, "JJ": 1}[kind], 1)


def figure(kind: str, nationality: str | None, code: str) -> float | None:
    names = {
        ("MM", False): [f"{kind}.cbs"],
        ("KW", False): [f"{kind}.quarterly.cbs", f"{kind}.quarterly"],
        ("JJ", False): [f"{kind}.cbs.annual"],
        ("MM", True): [f"{kind}.{nationality}"],
        ("KW", True): [],
        ("JJ", True): [f"{kind}.{nationality}.annual"],
    }[code[4:6], nationality is not None]
    if kind == "nl.inflow.first_application" and code[4:6] == "KW":
        names = names[:1]
    return next(
        (FIGURES[name, month(code)] for name in names if (name, month(code)) in FIGURES), None
    )


def cbs_rows() -> list[dict[str, Any]]:
    """The cube as CBS lays it out: padded codes, numbered rows, empty cells as null."""
    rows: list[dict[str, Any]] = []
    for sex in ("T001038", "3000   "):
        for code, (_, ending) in NATIONALITIES.items():
            for period in PERIODS:
                known = sex == "T001038" and code != "NAT9351"
                rows.append(
                    {
                        "ID": len(rows),
                        "Geslacht": sex,
                        "Leeftijd": "10000",
                        "Nationaliteit": code.ljust(9),
                        "Perioden": period,
                        "TotaalAsielverzoeken_1": None,
                        **{
                            column: figure(kind, ending, period) if known else None
                            for column, kind in COLUMNS.items()
                        },
                    }
                )
    return rows


def cbs_sets() -> dict[str, list[dict[str, Any]]]:
    """Every entity set of the table that is asked for."""
    dimensions = ("Geslacht", "Leeftijd", "Nationaliteit", "Perioden")
    return {
        "TableInfos": [{"ID": 0, "Identifier": "83102NED", "Modified": MODIFIED}],
        "DataProperties": [
            *({"Key": key, "Type": "Dimension"} for key in dimensions),
            *({"Key": key, "Type": "Topic"} for key in ("TotaalAsielverzoeken_1", *COLUMNS)),
        ],
        "Nationaliteit": [
            {"Key": code.ljust(9), "Title": title} for code, (title, _) in NATIONALITIES.items()
        ],
        "Perioden": [
            {"Key": code, "Title": code + "*" * (status != "Definitief"), "Status": status}
            for code, status in PERIODS.items()
        ],
        "TypedDataSet": cbs_rows(),
    }


def cbs(sets: Mapping[str, list[dict[str, Any]]] | None = None, *, page: int = 10_000) -> Answers:
    """CBS: the entity sets, in pages that name the next one."""
    served = cbs_sets() if sets is None else sets

    def answer(asked: Asked, _: int) -> Answer:
        rows, first = served[asked.path], int(asked.query.get("$skip", ["0"])[0])
        content: dict[str, Any] = {"odata.metadata": "…", "value": rows[first : first + page]}
        if first + page < len(rows):
            there = f"https://opendata.cbs.nl/ODataFeed/OData/83102NED/{asked.path}"
            content["odata.nextLink"] = f"{there}?$skip={first + page}"
        return Answer.of(content)

    return answer


def dutch_months(series_id: str) -> Iterator[tuple[str, float]]:
    for (name, period), value in FIGURES.items():
        if name == series_id and date(2018, 11, 1) <= period <= date(2019, 4, 1):
            yield f"{period:%Y-%m}", value


def eurostat(**changes: object) -> dict[str, Any]:
    """Eurostat: all Dutch applicants, November 2018 to April 2019, as JSON-stat.

    First-time applicants by month are not among the reference figures, so their cells are empty.
    """
    months = dict(dutch_months("nl.inflow.asylum_applications"))
    ids = ["freq", "unit", "citizen", "sex", "applicant", "age", "geo", "time"]
    codes = {
        "freq": ["M"],
        "unit": ["PER"],
        "citizen": ["TOTAL"],
        "sex": ["T"],
        "applicant": ["ASY_APP", "FRST"],
        "age": ["TOTAL"],
        "geo": ["NL"],
        "time": list(months),
    }
    content = {
        "version": "2.0",
        "class": "dataset",
        "label": "Asylum applicants by type, citizenship, age and sex - monthly data",
        "source": "ESTAT",
        "updated": UPDATED,
        "value": {str(place): value for place, value in enumerate(months.values())},
        "id": ids,
        "size": [len(codes[name]) for name in ids],
        "dimension": {
            name: {"category": {"index": {code: place for place, code in enumerate(codes[name])}}}
            for name in ids
        },
        "extension": {"id": "MIGR_ASYAPPCTZM"},
    }
    return json.loads(json.dumps({**content, **changes}))
