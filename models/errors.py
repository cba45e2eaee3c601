# SPDX-License-Identifier: EUPL-1.2
"""What can go wrong, as one tree; constructors take facts and write the sentence.

    GetijError
    ├── InvalidInput           a value that cannot be used
    │   └── InvalidFile        a file with faults, each with its line and column
    ├── NotFound               nothing is known under this name
    ├── NotFitted              a model was asked to forecast before it learned
    ├── Conflict               two requests, or two facts, that exclude each other
    │   └── ConflictingDemands demands on a plan that none meets together, and what would do
    ├── SourceUnavailable      a publisher of figures that cannot be reached, or will not answer
    └── DamagedArtefact        stored bytes that no longer match their hash

Domain errors know no HTTP; `service/api/problems.py` alone maps them to status codes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "Conflict",
    "ConflictingDemands",
    "DamagedArtefact",
    "Demanded",
    "Fault",
    "GetijError",
    "InvalidFile",
    "InvalidInput",
    "NotFitted",
    "NotFound",
    "SourceUnavailable",
]


class GetijError(Exception):
    """Any of our own errors."""


class InvalidInput(GetijError):
    """A value that cannot be used; the sentence says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a file.

    Attributes:
        line: Line in the file, the header being line 1; None where the whole file is meant.
        column: Name of the column; None where the whole line is meant.
        reason: What is wrong, without echoing personal data.
    """

    line: int | None = None
    column: str | None = None
    reason: str

    def __str__(self) -> str:
        where = [f"line {self.line}"] if self.line is not None else []
        where += [f"column {self.column!r}"] if self.column is not None else []
        return f"{', '.join(where)}: {self.reason}" if where else self.reason


class InvalidFile(InvalidInput):
    """A file with faults; nothing of it is taken."""

    def __init__(self, file: str, faults: Sequence[Fault]) -> None:
        self.file = file
        self.faults = tuple(faults)
        first = f"{file}: {self.faults[0]}"
        more = len(self.faults) - 1
        super().__init__(f"{first} (and {more} more)" if more else first)


class NotFound(GetijError):
    """Nothing is known under this name."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name
        super().__init__(f"There is no {kind} {name!r}.")


class NotFitted(GetijError):
    """A model was asked to forecast before it learned."""

    def __init__(self, model: str) -> None:
        self.model = model
        super().__init__(f"{model} must be fitted before it can forecast.")


class Conflict(GetijError):
    """Two requests, or two facts, that exclude each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demanded:
    """A demand on a plan that cannot be met beside others.

    Attributes:
        name: Field of the settings, or term of the register, that it comes from.
        asked: The value that was asked; None for what is no number.
        possible: The value that can be met beside the others, as they are; None where that was
            not found, or where it is no number.
    """

    name: str
    asked: float | None = None
    possible: float | None = None

    def __str__(self) -> str:
        if self.asked is None:
            return self.name
        told = f"{self.name} = {self.asked:,.10g}"
        if self.possible is None:
            return told
        return f"{told} ({self.possible:,.10g} can be met beside the others)"


class ConflictingDemands(Conflict):
    """The fewest demands on a plan that exclude each other; without any of them there is a plan."""

    def __init__(self, demands: Sequence[Demanded]) -> None:
        self.demands = tuple(demands)
        named = ", ".join(str(demand) for demand in self.demands)
        super().__init__(f"No plan meets these demands together: {named}.")


class SourceUnavailable(GetijError):
    """A publisher of figures that cannot be reached, or will not answer."""

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        self.reason = reason
        super().__init__(f"{source} is not available now: {reason}.")


class DamagedArtefact(GetijError):
    """Stored bytes that no longer match the hash they are filed under."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"Artefact {name} does not match its hash and is refused.")
