# SPDX-License-Identifier: EUPL-1.2
"""Make the default register from the real capacity of the 342 municipalities.

Made from `municipalities_spreidingswet_capacity_2025.csv` by

    python -m service.storage.register.build MUNICIPALITIES.csv

which writes `default_register.csv` beside this file. Regular and emergency places are separate
lines, and a municipality with fewer places than its indicative task is a candidate for the rest.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from models.planning.register.locations import Location, LocationKind, LocationStatus
from service.storage.register.csv_file import COLUMNS, format_register
from service.storage.register.default import DEFAULT_FILE
from service.storage.register.rules import CENTRAL_SITES, OWNER, REASONS, SOURCE, TERMS

__all__ = ["build_register"]


def build_register(municipalities: Iterable[Mapping[str, str]]) -> tuple[Location, ...]:
    """A register from rows of municipal capacity.

    Args:
        municipalities: Rows with `municipality`, `code`, `province`, `population_2024`,
            `spreidingswet_indicative_places`, `capacity_regular` and `capacity_emergency`.

    Returns:
        Up to three lines per municipality, in the order of the rows.
    """
    return tuple(line for row in municipalities for line in _lines_of(row))


def _lines_of(row: Mapping[str, str]) -> Iterator[Location]:
    regular, emergency = int(row["capacity_regular"]), int(row["capacity_emergency"])
    task = int(row["spreidingswet_indicative_places"])
    if regular:
        yield _line(row, line="regular", places=regular, possible=regular)
    if emergency:
        yield _line(row, line="emergency", places=emergency, possible=emergency)
    if task > regular + emergency:
        yield _line(row, line="candidate", places=0, possible=task - regular - emergency)


def _line(row: Mapping[str, str], *, line: str, places: int, possible: int) -> Location:
    emergency = line == "emergency"
    return Location(
        location_id=f"{row['code']}-{line}",
        name=row["municipality"],
        municipality=row["municipality"],
        municipality_code=row["code"],
        province=row["province"],
        kind=LocationKind.EMERGENCY if emergency else LocationKind.REGULAR,
        status=LocationStatus.OPEN if places else LocationStatus.CANDIDATE,
        places=places,
        technical_places=possible,
        contractual_places=possible,
        fixed_core=line == "regular" and row["code"] in CENTRAL_SITES,
        population=int(row["population_2024"]),
        indicative_places=int(row["spreidingswet_indicative_places"]),
        source=SOURCE,
        assumed=tuple(name for name in COLUMNS if name in REASONS),
        owner=OWNER,
        **asdict(TERMS[line]),
    )


if __name__ == "__main__":
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as source:
        register = build_register(csv.DictReader(source))
    DEFAULT_FILE.write_text(format_register(register), encoding="utf-8")
