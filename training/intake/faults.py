# SPDX-License-Identifier: EUPL-1.2
"""Gathering everything that is wrong with a file, so that it is reported together."""

from typing import NoReturn

from models.errors import Fault, InvalidFile

__all__ = ["BadCell", "Faults"]


class BadCell(ValueError):
    """A cell that cannot be used; the text is the reason, and repeats nothing of the cell."""


class Faults:
    """The faults of one file, of which no more than a limit are listed.

    Attributes:
        file: What the file is called in messages.
        total: How many there are, listed or not.
    """

    def __init__(self, file: str, *, limit: int) -> None:
        self.file = file
        self.total = 0
        self._limit = limit
        self._listed: list[Fault] = []

    def add(self, reason: object, *, line: int | None = None, column: str | None = None) -> None:
        """Note one fault."""
        self.total += 1
        if len(self._listed) < self._limit:
            self._listed.append(Fault(line=line, column=column, reason=str(reason)))

    def stop(self, reason: str, *, line: int | None = None, column: str | None = None) -> NoReturn:
        """Note a fault after which reading on makes no sense, and refuse the file."""
        self.add(reason, line=line, column=column)
        raise self._refusal()

    def refuse_if_any(self) -> None:
        """Refuse the file if there is any fault.

        Raises:
            InvalidFile: with all faults, in the order of the file.
        """
        if self.total:
            raise self._refusal()

    def _refusal(self) -> InvalidFile:
        ordered = sorted(self._listed, key=lambda fault: fault.line or 0)
        unlisted = self.total - len(ordered)
        if unlisted:
            ordered.append(Fault(reason=f"{unlisted} further faults are not listed."))
        return InvalidFile(self.file, ordered)
