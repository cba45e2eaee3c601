# SPDX-License-Identifier: EUPL-1.2
"""Versions of the location register, each filed under the hash of its lines."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine, Row, Select, func, insert, select

from models.errors import DamagedArtefact, InvalidInput, NotFound
from models.planning.register.locations import Location
from service.storage.tables import registers
from training.store.engine import reading, writing
from training.store.records import canonical_json, sha256_of

__all__ = ["Register", "Registers", "register_id_of"]

_PLACES_POSSIBLE = ("technical_places", "contractual_places")

_LOCATIONS: TypeAdapter[tuple[Location, ...]] = TypeAdapter(tuple[Location, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One version of the location register.

    Attributes:
        register_id: Address: the first 24 digits of the SHA-256 of its lines.
        source: Where it came from.
        recorded_at: When it was recorded, aware UTC.
        locations: Its lines, ordered by location id.
    """

    register_id: str
    source: str
    recorded_at: datetime
    locations: tuple[Location, ...]


class Registers:
    """Every register there has been; the one recorded last holds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, locations: Sequence[Location], *, source: str, now: datetime) -> str:
        """Let a register hold from now on, and return its id; the one that holds already stays.

        Raises:
            InvalidInput: it is empty, or names a location twice.
        """
        names = [location.location_id for location in locations]
        if not names or len(set(names)) != len(names):
            raise InvalidInput("A register needs locations, and each of them once.")
        content = _content(locations)
        register_id = sha256_of(content)[:24]
        holding = select(registers.c.register_id).order_by(registers.c.seq.desc()).limit(1)
        with writing(self._engine) as connection:
            if connection.execute(holding).scalar() != register_id:
                connection.execute(
                    insert(registers).values(
                        register_id=register_id, source=source, content=content, recorded_at=now
                    )
                )
        return register_id

    def count(self) -> int:
        """How many registers were recorded."""
        with reading(self._engine) as connection:
            counted = select(func.count()).select_from(registers)
            return int(connection.execute(counted).scalar_one())

    def latest(self) -> Register:
        """The register that holds.

        Raises:
            NotFound: none was ever recorded.
        """
        found = self._first(select(registers).order_by(registers.c.seq.desc()))
        if found is None:
            raise NotFound("location register", "latest")
        return found

    def get(self, register_id: str) -> Register:
        """One version of the register.

        Raises:
            NotFound: there is none under this id.
            DamagedArtefact: its lines no longer match its id.
        """
        found = self._first(select(registers).where(registers.c.register_id == register_id))
        if found is None:
            raise NotFound("location register", register_id)
        return found

    def _first(self, wanted: Select[Any]) -> Register | None:
        with reading(self._engine) as connection:
            row = connection.execute(wanted.limit(1)).first()
        return None if row is None else _register(row)


def register_id_of(locations: Sequence[Location]) -> str:
    """The id that a register gets, in whatever order its lines are given."""
    return sha256_of(_content(locations))[:24]


def _content(locations: Sequence[Location]) -> str:
    ordered = sorted(locations, key=lambda location: location.location_id)
    return canonical_json(_LOCATIONS.dump_python(tuple(ordered), mode="json"))


def _register(row: Row[Any]) -> Register:
    return Register(
        register_id=row.register_id,
        source=row.source,
        recorded_at=row.recorded_at,
        locations=_lines(row.register_id, row.content),
    )


@lru_cache(maxsize=4)
def _lines(register_id: str, content: str) -> tuple[Location, ...]:
    """The lines of a register; parsing a thousand of them takes longer than a request should."""
    if sha256_of(content)[:24] != register_id:
        raise DamagedArtefact(register_id)
    return _LOCATIONS.validate_python([_in_fields_of_today(line) for line in json.loads(content)])


def _in_fields_of_today(line: dict[str, Any]) -> dict[str, Any]:
    """A stored line; the first registers had one field for what is possible, not two."""
    if "places_possible" not in line:
        return line
    possible = line.pop("places_possible")
    assumed = [name for name in line["assumed"] if name != "places_possible"]
    if len(assumed) < len(line["assumed"]):
        assumed += _PLACES_POSSIBLE
    return line | dict.fromkeys(_PLACES_POSSIBLE, possible) | {"assumed": assumed}
