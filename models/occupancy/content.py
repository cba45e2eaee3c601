# SPDX-License-Identifier: EUPL-1.2
"""Plain tables of content, read key by key; what is wrong is noted beside its place.

Reading goes on after a fault with a value that could have stood there, so that one reading finds
every fault.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from models.errors import Fault
from models.occupancy.specification import Value

__all__ = [
    "NOT_NEGATIVE",
    "OUT",
    "POSITIVE",
    "REST",
    "SHARE",
    "WITHIN",
    "Bound",
    "Table",
    "beneath",
]

Choice = TypeVar("Choice", bound=StrEnum)

MOST = 1e12
"""Nothing in a chain is as large as this."""

OUT = "out"
"""Written for out of reception, where otherwise a stage stands."""

REST = "rest"
"""Written for the share that the others leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Which numbers may stand somewhere.

    Attributes:
        holds: Whether a number may.
        sentence: What is said of one that may not.
        stand_in: A number that may.
    """

    holds: Callable[[float], bool]
    sentence: str
    stand_in: float


POSITIVE = Bound(holds=lambda value: value > 0, sentence="must be greater than 0.", stand_in=1.0)
NOT_NEGATIVE = Bound(holds=lambda value: value >= 0, sentence="must not be negative.", stand_in=0.0)
SHARE = Bound(
    holds=lambda value: 0 <= value <= 1, sentence="must lie between 0 and 1.", stand_in=0.5
)
WITHIN = Bound(
    holds=lambda value: 0 < value < 1,
    sentence="must lie between 0 and 1 and be neither.",
    stand_in=0.5,
)


def beneath(where: str, name: str) -> str:
    """The place of a name within a place, as TOML writes it."""
    name = f'"{name}"' if "." in name else name
    return f"{where}.{name}" if where else name


class Table:
    """One table of a content.

    Args:
        content: What stands there.
        where: Its place; empty for the whole.
        faults: To which everything wrong is added.
    """

    def __init__(self, content: object, *, where: str, faults: list[Fault]) -> None:
        self.where = where
        self._faults = faults
        self._whole = isinstance(content, Mapping)
        self._content: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
        self._asked: set[str] = set()
        if not self._whole:
            faults.append(Fault(column=where or None, reason="must be a table."))

    def refuse(self, key: str, reason: str) -> None:
        """Note that what stands at a key is wrong."""
        self._faults.append(Fault(column=beneath(self.where, key), reason=reason))

    def has(self, key: str) -> bool:
        """Whether anything stands at a key."""
        return key in self._content

    def take(self, key: str, *, needed: bool = True) -> Any:
        """What stands at a key; None if nothing does, which is a fault if it is needed."""
        self._asked.add(key)
        if key not in self._content:
            if needed and self._whole:
                self.refuse(key, "is missing.")
            return None
        return self._content[key]

    def text(self, key: str, *, needed: bool = True) -> str:
        """A text that is not empty; empty where none is needed and none stands."""
        content = self.take(key, needed=needed)
        if content is not None and (not isinstance(content, str) or not content.strip()):
            self.refuse(key, "must be a text that is not empty.")
        return content if isinstance(content, str) else ""

    def choice(self, key: str, kind: type[Choice]) -> Choice:
        """One word of several."""
        content = self.take(key)
        words = list(kind)
        if content is not None and content not in words:
            self.refuse(key, f"must be one of {', '.join(words)}.")
        return kind(content) if content in words else words[0]

    def number(self, key: str, bound: Bound, *, default: float | None = None) -> float:
        """A finite number within bounds."""
        content = self.take(key, needed=default is None)
        if content is None:
            return bound.stand_in if default is None else default
        return self._number(key, content, bound)

    def whole_number(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        content = self.take(key, needed=default is None)
        if content is None:
            return least if default is None else default
        if (
            not isinstance(content, int)
            or isinstance(content, bool)
            or not least <= content <= most
        ):
            self.refuse(key, f"must be a whole number from {least} to {most}.")
            return least
        return content

    def value(self, key: str, bound: Bound, *, needed: bool = True) -> Value | None:
        """The name of a parameter, or a number within bounds."""
        content = self.take(key, needed=needed)
        if content is None:
            return bound.stand_in if needed else None
        return self._value(key, content, bound)

    def shares(self, key: str, *, needed: bool = True) -> list[tuple[str, Value | None]]:
        """Shares by name, in their order; None for the rest."""
        if not needed and not self.has(key):
            self.take(key, needed=False)
            return []
        inside = self.table(key)
        return [
            (name, None if share == REST else inside.value(name, SHARE))
            for name, share in inside.items()
        ]

    def words(self, key: str) -> tuple[str, ...]:
        """Names in their order; none where nothing stands."""
        content = self.take(key, needed=False)
        if content is None:
            return ()
        if not isinstance(content, list) or not all(isinstance(word, str) for word in content):
            self.refuse(key, "must be a list of names.")
            return ()
        return tuple(content)

    def pairs(self, key: str) -> list[tuple[Any, Any]]:
        """Pairs in their order; none where nothing stands."""
        content = self.take(key, needed=False)
        if content is None:
            return []
        if not isinstance(content, list) or not all(
            isinstance(pair, list) and len(pair) == 2 for pair in content
        ):
            self.refuse(key, "must be a list of pairs.")
            return []
        return [(first, second) for first, second in content]

    def table(self, key: str) -> "Table":
        """The table at a key."""
        content = self.take(key)
        missing = content is None
        return Table(
            {} if missing else content, where=beneath(self.where, key), faults=self._faults
        )

    def tables(self, key: str, *, needed: bool = True) -> Iterator[tuple[str, "Table"]]:
        """The tables within the table at a key, by name, in their order."""
        if not needed and not self.has(key):
            return
        inside = self.table(key)
        for name, content in inside.items():
            yield name, Table(content, where=beneath(inside.where, name), faults=self._faults)

    def items(self) -> list[tuple[str, Any]]:
        """All names and what stands there."""
        self._asked.update(self._content)
        return list(self._content.items())

    def close(self) -> None:
        """Refuse whatever nobody asked for."""
        for key in self._content:
            if key not in self._asked:
                self.refuse(key, "is not known here.")

    def _value(self, key: str, content: object, bound: Bound) -> Value:
        if isinstance(content, str) and content:
            return content
        return self._number(key, content, bound, otherwise=" or the name of a parameter")

    def _number(self, key: str, content: object, bound: Bound, *, otherwise: str = "") -> float:
        if isinstance(content, bool) or not isinstance(content, int | float):
            self.refuse(key, f"must be a number{otherwise}.")
        elif not abs(content) < MOST or not math.isfinite(content):
            self.refuse(key, "must be finite.")
        elif not bound.holds(content):
            self.refuse(key, bound.sentence)
        else:
            return float(content)
        return bound.stand_in
