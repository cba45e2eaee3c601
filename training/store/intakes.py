# SPDX-License-Identifier: EUPL-1.2
"""What was ever brought in, from where, and what became of it; refusals included."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select

from training.store.engine import reading, writing
from training.store.observations import Receipt
from training.store.tables import intakes

__all__ = ["IntakeEntry", "Intakes", "log_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeEntry:
    """One intake.

    Attributes:
        source: File name, or name of the publisher's table.
        sha256: Hash of what was taken; empty where it was refused, perhaps unread.
        recorded_at: When, aware UTC.
        receipt: What was taken.
        refused: Number of faults; above zero nothing was taken.
    """

    source: str
    sha256: str
    recorded_at: datetime
    receipt: Receipt
    refused: int


class Intakes:
    """The log of intakes, which only grows."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def log_refusal(self, source: str, *, faults: int) -> None:
        """Note that something was refused."""
        with writing(self._engine) as connection:
            log_in(
                connection,
                IntakeEntry(
                    source=source,
                    sha256="",
                    recorded_at=self._clock(),
                    receipt=Receipt(),
                    refused=faults,
                ),
            )

    def all(self) -> tuple[IntakeEntry, ...]:
        """Every intake, in their order."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(intakes).order_by(intakes.c.seq)).all()
        return tuple(
            IntakeEntry(
                source=row.source,
                sha256=row.sha256,
                recorded_at=row.recorded_at,
                receipt=Receipt(
                    accepted=row.accepted, revised=row.revised, unchanged=row.unchanged
                ),
                refused=row.refused,
            )
            for row in rows
        )


def log_in(connection: Connection, entry: IntakeEntry) -> None:
    """Note an intake, within the transaction that takes it."""
    connection.execute(
        insert(intakes),
        {
            "source": entry.source,
            "sha256": entry.sha256,
            "recorded_at": entry.recorded_at,
            "accepted": entry.receipt.accepted,
            "revised": entry.receipt.revised,
            "unchanged": entry.receipt.unchanged,
            "refused": entry.refused,
        },
    )
