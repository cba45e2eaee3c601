# SPDX-License-Identifier: EUPL-1.2
"""A table as text/csv, with cells that a spreadsheet cannot mistake for a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from starlette.responses import Response

from service.api.route import CSV
from training.store.records import Quality

__all__ = ["csv_response", "quality_headers"]

Cell = str | int | float | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def quality_headers(quality: Quality, data_until: Mapping[str, str]) -> dict[str, str]:
    """How far a table may be relied on, and from when its oldest figures are."""
    return {
        "Getij-Quality": ", ".join((quality.state.value, *quality.reasons)),
        "Getij-Data-Until": min(data_until.values(), default=""),
    }


def _harmless(cell: Cell) -> Cell:
    """Text that begins like a formula gets an apostrophe; true numbers stay as they are."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def csv_response(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    name: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A table as a CSV document.

    Args:
        columns: Header line.
        rows: Lines of the table; None becomes an empty cell.
        name: File name that a browser proposes.
        headers: What a table has no room for, such as the quality of a forecast.

    Returns:
        The response (RFC 4180, UTF-8).
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return Response(
        text.getvalue(),
        media_type=f"{CSV}; charset=utf-8; header=present",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Vary": "Accept",
            **(headers or {}),
        },
    )
