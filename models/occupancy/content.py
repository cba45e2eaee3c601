# SPDX-License-Identifier: EUPL-1.2
"""Plain tables of content, read key by key; what is wrong is noted beside its place.

Reading goes on after a fault with a value that could have stood there, so that one reading finds
every fault.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    "STEADY",
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


STEADY = "steady"
"""Written for a stream that no series counts by month, where otherwise an inflow stands."""


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
        """Note that what stands at a key, or further within it, is wrong."""
        column = f"{self.where}.{key}" if self.where else key
        self._faults.append(Fault(column=column, reason=reason))

    def has(self, key: str) -> bool:
        """Whether anything stands at a key."""
        return key in self._content

    def take(self, key: str, *, needed: bool = True) -> Any:
        """What stands at a key; None if nothing does, which is a fault if it is needed."""
        self._asked.add(key)
        if needed and self._whole and key not in self._content:
            self.refuse(key, "is missing.")
        return self._content.get(key)

    def text(self, key: str, *, needed: bool = True) -> str:
        """A text that is not empty; empty where none is needed and none stands."""
        content = self.take(key, needed=needed)
        if self.has(key) and (not isinstance(content, str) or not content.strip()):
            self.refuse(key, "must be a text that is not empty.")
        return content if isinstance(content, str) else ""

    def choice(self, key: str, kind: type[Choice]) -> Choice:
        """One word of several."""
        content = self.take(key)
        words = list(kind)
        if self.has(key) and content not in words:
            self.refuse(key, f"must be one of {', '.join(words)}.")
        return kind(content) if content in words else words[0]

    def number(self, key: str, bound: Bound, *, default: float | None = None) -> float:
        """A finite number within bounds."""
        content = self.take(key, needed=default is None)
        if not self.has(key):
            return bound.stand_in if default is None else default
        return self.checked(key, content, bound)

    def whole_number(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        content = self.take(key, needed=default is None)
        if not self.has(key):
            return most if default is None else default
        if isinstance(content, int) and not isinstance(content, bool) and least <= content <= most:
            return content
        self.refuse(key, f"must be a whole number from {least} to {most}.")
        return most

    def value(self, key: str, bound: Bound) -> Value:
        """The name of a parameter, or a number within bounds."""
        content = self.take(key)
        return self._value(key, content, bound) if self.has(key) else bound.stand_in

    def shares(self, key: str) -> list[tuple[str, Value | None]]:
        """Pairs of a name and a share, None for the rest; none where nothing stands."""
        pairs = self.pairs(key)
        if not all(isinstance(name, str) for name, _ in pairs):
            self.refuse(key, "must hold pairs of a name and a share.")
            return []
        return [
            (name, None if share == REST else self._value(f"{key}.{name}", share, SHARE))
            for name, share in pairs
        ]

    def words(self, key: str) -> tuple[str, ...]:
        """Names in their order; none where nothing stands."""
        content = self.take(key, needed=False)
        if not self.has(key):
            return ()
        if not isinstance(content, list) or not all(isinstance(word, str) for word in content):
            self.refuse(key, "must be a list of names.")
            return ()
        return tuple(content)

    def pairs(self, key: str) -> list[tuple[Any, Any]]:
        """Pairs in their order; none where nothing stands."""
        content = self.take(key, needed=False)
        if not self.has(key):
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
        # What is missing is said once, and not again of everything within it.
        return Table(
            content, where=beneath(self.where, key), faults=self._faults if self.has(key) else []
        )

    def tables(self, key: str, *, by: Sequence[str], needed: bool = True) -> Iterator["Table"]:
        """The tables of a list, each with what it is known by as its place.

        Args:
            key: Where the list stands.
            by: The keys that tell the tables apart.
            needed: Whether there must be such a list.
        """
        content = self.take(key, needed=needed)
        if not isinstance(content, list):
            if self.has(key):
                self.refuse(key, "must be a list of tables.")
            return
        seen = set()
        for number, part in enumerate(content, start=1):
            names = [part.get(name) for name in by] if isinstance(part, Mapping) else []
            if not names or not all(isinstance(name, str) and name for name in names):
                reason = f"must be a table with {' and '.join(by)}."
                self.refuse(f"{key}.{number}", reason)
                continue
            name = "/".join(map(str, names))
            if name in seen:
                self.refuse(key, f"holds {name} twice.")
            seen.add(name)
            yield Table(part, where=beneath(beneath(self.where, key), name), faults=self._faults)

    def checked(self, key: str, content: object, bound: Bound, *, otherwise: str = "") -> float:
        """A content that must be a finite number within bounds."""
        if isinstance(content, bool) or not isinstance(content, int | float):
            self.refuse(key, f"must be a number{otherwise}.")
        elif not abs(content) < MOST:
            self.refuse(key, f"must be a finite number below {MOST:g}.")
        elif not bound.holds(content):
            self.refuse(key, bound.sentence)
        else:
            return float(content)
        return bound.stand_in

    def close(self) -> None:
        """Refuse whatever nobody asked for."""
        for key in self._content:
            if key not in self._asked:
                self.refuse(key, "is not known here.")

    def _value(self, key: str, content: object, bound: Bound) -> Value:
        if isinstance(content, str) and content:
            return content
        return self.checked(key, content, bound, otherwise=" or the name of a parameter")
