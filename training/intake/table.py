# SPDX-License-Identifier: EUPL-1.2
"""Reading a CSV file that may be anything: line by line, within limits, as strict UTF-8.

Every line of the file is one record: a quoted cell that runs over the end of its line is
refused, because one lost quote would otherwise swallow the rows after it. A UTF-8 byte order
mark, which spreadsheets write, is accepted; empty lines are skipped.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.intake.faults import Faults
from training.store.records import sha256_of

__all__ = ["USUAL_LIMITS", "Limits", "Line", "Table", "is_plain_number", "read_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one file may hold before it is refused unread.

    Attributes:
        max_bytes: Size of the file [bytes].
        max_rows: Rows below the header.
        max_columns: Columns.
        max_line: Length of one line [bytes].
        max_faults: How many faults are listed.
    """

    max_bytes: int = 32 * 1024 * 1024
    max_rows: int = 250_000
    max_columns: int = 50
    max_line: int = 16 * 1024
    max_faults: int = 100


USUAL_LIMITS = Limits()
"""What any file of figures keeps within."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a table.

    Attributes:
        number: Line in the file, the header being line 1.
        cells: Column name to stripped cell.
    """

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file that could be read as a table; what stands in its cells is not judged yet.

    Attributes:
        columns: Names of the columns, in lower case.
        lines: The rows that had the right number of cells.
        sha256: Hash of the bytes.
    """

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    sha256: str


_NOT_TEXT = {
    b"\xff\xfe": "This is UTF-16, not UTF-8; save the file as CSV UTF-8.",
    b"\xfe\xff": "This is UTF-16, not UTF-8; save the file as CSV UTF-8.",
    b"PK\x03\x04": "This is a spreadsheet or a zip file; export it as CSV UTF-8.",
    b"\xd0\xcf\x11\xe0": "This is a spreadsheet; export it as CSV UTF-8.",
    b"\x1f\x8b": "This file is compressed; unpack it first.",
    b"%PDF": "This is a PDF, not a CSV file.",
}
_CONTROL = re.compile(r"[\x01-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


def is_plain_number(cell: str) -> bool:
    """Whether a cell is a number that a spreadsheet would not take for a formula."""
    return _PLAIN_NUMBER.fullmatch(cell) is not None


def read_table(path: Path, *, faults: Faults, limits: Limits) -> Table:
    """Read a file as a table; rows that cannot be read are noted as faults and left out.

    Raises:
        InvalidFile: there is no such file, it is no CSV file, or it has no header.
    """
    if not path.is_file():
        faults.stop("There is no such file." if not path.exists() else "This is not a file.")
    if path.stat().st_size > limits.max_bytes:
        faults.stop(f"The file is larger than {limits.max_bytes // 1024**2} MB; split it.")
    content = path.read_bytes()
    # Counted before anything is parsed: a file that is too long costs neither time nor memory.
    if content.count(b"\n") > limits.max_rows + 1:
        faults.stop(f"The file has more than {limits.max_rows} rows; split it.")
    records = _records(content, faults=faults, limits=limits)
    number, header = next(records, (0, []))
    if not header:
        faults.stop("The file is empty.")
    columns = _columns(header, line=number, faults=faults, limits=limits)
    lines = tuple(_rows(records, columns, faults=faults))
    if not lines and not faults.total:
        faults.stop("The file has a header and nothing below it.")
    return Table(columns=columns, lines=lines, sha256=sha256_of(content))


def _records(content: bytes, *, faults: Faults, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    offset = 0
    for number, raw in enumerate(io.BytesIO(content), start=1):
        _refuse_other_formats(raw, number, faults=faults, limits=limits)
        cells = _cells(raw, number, offset=offset, faults=faults)
        offset += len(raw)
        if cells:
            yield number, cells
        elif cells is None and number == 1:
            faults.refuse_if_any()  # without a header nothing below it can be read


def _refuse_other_formats(raw: bytes, number: int, *, faults: Faults, limits: Limits) -> None:
    if number == 1:
        for start, reason in _NOT_TEXT.items():
            if raw.startswith(start):
                faults.stop(reason)
    if b"\x00" in raw:
        faults.stop("A NUL byte: this is not a UTF-8 text file.", line=number)
    if len(raw) > limits.max_line:
        faults.stop(f"The line is longer than {limits.max_line} bytes.", line=number)


def _cells(raw: bytes, number: int, *, offset: int, faults: Faults) -> list[str] | None:
    """The cells of one line; empty for an empty line, None for one that cannot be read."""
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        byte = raw[error.start]
        faults.add(
            f"Byte {offset + error.start + 1} of the file (0x{byte:02X}) is not UTF-8; "
            "save the file as CSV UTF-8.",
            line=number,
        )
        return None
    if not text.strip():
        return []
    if _CONTROL.search(text):
        faults.add("A control character or a stray line end.", line=number)
        return None
    if text.count('"') % 2:
        faults.add("A quoted cell runs over the end of the line.", line=number)
        return None
    try:
        return [cell.strip() for cell in next(csv.reader([text], strict=True))]
    except csv.Error:
        faults.add("The quotes on this line do not match.", line=number)
        return None


def _columns(header: list[str], *, line: int, faults: Faults, limits: Limits) -> tuple[str, ...]:
    columns = tuple(name.casefold() for name in header)
    if len(columns) > limits.max_columns:
        faults.stop(f"More than {limits.max_columns} columns.", line=line)
    if len(columns) == 1 and re.search(r"[;\t|]", header[0]):
        faults.stop("The columns are not separated by commas.", line=line)
    for place, name in enumerate(columns, start=1):
        if not name:
            faults.stop(f"Column {place} has no name; name it or leave it out.", line=line)
        if name in columns[: place - 1]:
            faults.stop(f"Column {place} has the same name as an earlier one.", line=line)
    return columns


def _rows(
    records: Iterator[tuple[int, list[str]]], columns: tuple[str, ...], *, faults: Faults
) -> Iterator[Line]:
    for number, cells in records:
        if len(cells) == len(columns):
            yield Line(number=number, cells=dict(zip(columns, cells, strict=True)))
        else:
            reason = f"{len(cells)} cells where the header has {len(columns)} columns."
            faults.add(reason, line=number)
