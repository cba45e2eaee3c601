# SPDX-License-Identifier: EUPL-1.2
"""The register as CSV: written from locations, and read back with every fault reported."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from models.errors import Fault, InvalidFile
from models.planning.register.faults import disagreements, location_faults
from models.planning.register.locations import (
    ContractForm,
    DualUseGroup,
    Location,
    LocationKind,
    LocationStatus,
    ReceptionGroup,
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


def read_register(path: Path, *, largest: int | None = None) -> tuple[Location, ...]:
    """The locations in a file.

    Args:
        path: The file.
        largest: Size above which it is not read [bytes]; None for any size.

    Raises:
        InvalidFile: something in it is wrong; every fault is named and nothing is taken.
    """
    try:
        with path.open("rb") as source:
            content = source.read(-1 if largest is None else largest + 1)
    except OSError as error:
        fault = Fault(reason=f"cannot be opened: {error.strerror}")
        raise InvalidFile(path.name, [fault]) from error
    if largest is not None and len(content) > largest:
        raise InvalidFile(path.name, [Fault(reason=f"is larger than {largest} bytes")])
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
    lines: dict[str, dict[str, Any]] = {}
    municipalities: dict[str, dict[str, Any]] = {}
    before = rows.line_num
    for cells in rows:
        line, before = before + 1, rows.line_num
        if not cells:
            continue
        if len(cells) != len(header):
            reason = f"has {len(cells)} cells where the header has {len(header)}"
            faults.append(Fault(line=line, reason=reason))
            continue
        values, wrong = _parse_row(dict(zip(header, cells, strict=True)))
        # Text can always be read, so these two are there whatever else is wrong.
        location_id, code = values["location_id"], values["municipality_code"]
        if location_id in lines and "location_id" not in wrong:
            wrong["location_id"] = "is already used on an earlier line"
        if "municipality_code" not in wrong:
            sound = {name: value for name, value in values.items() if name not in wrong}
            wrong |= disagreements(sound, municipalities.setdefault(code, sound))
        lines.setdefault(location_id, values)
        faults += [
            Fault(line=line, column=name, reason=wrong[name]) for name in COLUMNS if name in wrong
        ]
    if not faults and not lines:
        faults.append(Fault(reason="holds no locations"))
    if faults:
        raise InvalidFile(file, faults)
    return tuple(Location(**values) for values in lines.values())


def _faults_in_header(header: Sequence[str]) -> Iterator[Fault]:
    if len(header) == 1 and set(COLUMNS) <= set(header[0].split(";")):
        # What a spreadsheet writes where a comma stands in its numbers.
        yield Fault(line=1, reason="separates its columns by semicolons instead of commas")
        return
    for name in COLUMNS:
        if header.count(name) != 1:
            reason = "is missing" if name not in header else "appears more than once"
            yield Fault(line=1, column=name, reason=reason)
    for place, name in enumerate(header, start=1):
        if name not in COLUMNS:
            # By its place: a name that is not ours may say something about a person.
            yield Fault(line=1, reason=f"has at place {place} a column that is not in the register")


def _parse_row(cells: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values that could be read, and what is wrong with the row, both by field."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, parse in _PARSER_OF.items():
        try:
            values[name] = parse(cells[name].strip())
        except ValueError as error:
            wrong[name] = str(error)
    return values, {**wrong, **dict(location_faults(values))}


def _whole_number(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,12}", text, flags=re.ASCII):
        raise ValueError("is not a whole number")
    return int(text)


def _number(text: str) -> float:
    if not re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text, flags=re.ASCII):
        raise ValueError("is not a number written with a decimal point")
    return float(text)


def _boolean(text: str) -> bool:
    if text not in _BOOLEANS:
        raise ValueError("is not true or false")
    return _BOOLEANS[text]


def _one_of(choices: type[StrEnum]) -> Callable[[str], StrEnum]:
    by_word = {str(choice): choice for choice in choices}

    def parse(text: str) -> StrEnum:
        if text not in by_word:
            raise ValueError(f"is not one of {', '.join(by_word)}")
        return by_word[text]

    return parse


def _list_of(parse: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    return lambda text: tuple(parse(item.strip()) for item in text.split(";")) if text else ()


def _if_known(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: parse(text) if text else None


_PARSERS: Mapping[Any, Callable[[str], Any]] = {
    str: str,
    str | None: _if_known(str),
    int: _whole_number,
    int | None: _if_known(_whole_number),
    float | None: _if_known(_number),
    bool: _boolean,
    tuple[str, ...]: _list_of(str),
    tuple[DualUseGroup, ...]: _list_of(_one_of(DualUseGroup)),
    LocationKind: _one_of(LocationKind),
    LocationStatus: _one_of(LocationStatus),
    ReceptionGroup: _one_of(ReceptionGroup),
    ContractForm: _one_of(ContractForm),
}
_PARSER_OF = {entry.name: _PARSERS[entry.type] for entry in fields(Location)}
