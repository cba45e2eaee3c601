# SPDX-License-Identifier: EUPL-1.2
"""The register as CSV: written from locations, and read back with every fault reported."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from models.errors import Fault, InvalidFile
from models.planning.locations import (
    ContractForm,
    Location,
    LocationKind,
    LocationStatus,
    location_faults,
)

__all__ = ["COLUMNS", "format_register", "parse_register", "read_register"]

COLUMNS = tuple(entry.name for entry in fields(Location))
"""Columns of the file: the fields of `Location`, in their order."""

_BOOLEANS = {"true": True, "false": False}


def format_register(locations: Sequence[Location]) -> str:
    """The register as CSV text; reading it back gives the same locations."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    for location in locations:
        writer.writerow([_write(getattr(location, name)) for name in COLUMNS])
    return target.getvalue()


def _write(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ";".join(value)
    return str(value)


def read_register(path: Path) -> tuple[Location, ...]:
    """The locations in a file.

    Raises:
        InvalidFile: something in it is wrong; every fault is named and nothing is taken.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidFile(path.name, [Fault(reason="cannot be opened")]) from error
    return parse_register(content, file=path.name)


def parse_register(content: bytes, *, file: str) -> tuple[Location, ...]:
    """The locations in the bytes of a CSV file.

    Args:
        content: CSV with a header line that holds every name in `COLUMNS`, in any order.
        file: Name to report faults under.

    Raises:
        InvalidFile: something in it is wrong; every fault is named and nothing is taken.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidFile(file, [Fault(line=line, reason="is not UTF-8")]) from error
    rows = csv.reader(io.StringIO(text, newline=""))
    try:
        return _locations(rows, file=file)
    except csv.Error as error:
        raise InvalidFile(file, [Fault(line=rows.line_num, reason=f"{error}")]) from error


def _locations(rows: Any, *, file: str) -> tuple[Location, ...]:
    header: list[str] = next(rows, [])
    faults = list(_faults_in_header(header))
    if faults:
        raise InvalidFile(file, faults)
    locations: dict[str, Location] = {}
    for cells in rows:
        if len(cells) != len(header):
            reason = f"has {len(cells)} cells where the header has {len(header)}"
            faults.append(Fault(line=rows.line_num, reason=reason))
            continue
        values, wrong = _parse_row(dict(zip(header, cells, strict=True)))
        wrong = wrong or list(location_faults(values))
        if values.get("location_id") in locations:
            wrong.append(("location_id", "is already used on an earlier line"))
        faults += [Fault(line=rows.line_num, column=name, reason=why) for name, why in wrong]
        if not wrong:
            location = Location(**values)
            locations[location.location_id] = location
    if not faults and not locations:
        faults.append(Fault(reason="holds no locations"))
    if faults:
        raise InvalidFile(file, faults)
    return tuple(locations.values())


def _faults_in_header(header: Sequence[str]) -> Iterator[Fault]:
    for name in COLUMNS:
        if header.count(name) != 1:
            reason = "is missing" if name not in header else "appears more than once"
            yield Fault(line=1, column=name, reason=reason)
    for name in dict.fromkeys(header):
        if name not in COLUMNS:
            yield Fault(line=1, column=name, reason="is not a column of the register")


def _parse_row(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Values by field, and the fields that could not be read, each with the reason."""
    values: dict[str, Any] = {}
    faults: list[tuple[str, str]] = []
    for entry in fields(Location):
        try:
            values[entry.name] = _PARSERS[entry.type](cells[entry.name].strip())
        except ValueError as error:
            faults.append((entry.name, str(error)))
    return values, faults


def _whole_number(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or not text.isascii():
        raise ValueError("is not a whole number")
    return int(text)


def _boolean(text: str) -> bool:
    if text not in _BOOLEANS:
        raise ValueError("is not true or false")
    return _BOOLEANS[text]


def _one_of(choices: type[StrEnum]) -> Callable[[str], StrEnum]:
    def parse(text: str) -> StrEnum:
        if text not in list(choices):
            raise ValueError(f"is not one of {', '.join(choices)}")
        return choices(text)

    return parse


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(";")) if text else ()


_PARSERS: Mapping[Any, Callable[[str], Any]] = {
    str: str,
    str | None: lambda text: text or None,
    int: _whole_number,
    bool: _boolean,
    tuple[str, ...]: _names,
    LocationKind: _one_of(LocationKind),
    LocationStatus: _one_of(LocationStatus),
    ContractForm: _one_of(ContractForm),
}
