# SPDX-License-Identifier: EUPL-1.2
"""Which artefact is the champion of its kind, which ones were before, and how that came about."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Select, insert, select

from models.errors import Conflict
from training.store.artefacts import Artefacts
from training.store.engine import reading, writing
from training.store.gate_records import (
    Duel,
    GateOutcome,
    GateRecord,
    record_from,
    records_of,
    row_of,
)
from training.store.tables import gate_records, publications

__all__ = ["Publication", "Publications"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """An artefact became the champion of its kind."""

    kind: str
    artefact_id: str
    published_at: datetime


class Publications:
    """Lets models in through the gate; the history only grows."""

    def __init__(
        self, engine: Engine, *, artefacts: Artefacts, clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._artefacts = artefacts
        self._clock = clock

    def admit(
        self,
        challenger_id: str,
        *,
        kind: str,
        champion_id: str | None,
        outcome: GateOutcome,
        reason: str = "",
        duel: Duel | None = None,
    ) -> GateRecord:
        """Record what came of a model, and make it the champion where that is what came of it.

        Both happen or neither, and only while the champion is still the one it was held against.

        Args:
            challenger_id: Artefact of the model.
            kind: What it is, or would be, the champion of.
            champion_id: The champion it was held against; None if there was none.
            outcome: What came of it.
            reason: Why it was accepted all the same.
            duel: How they were compared.

        Raises:
            NotFound: there is no such artefact.
            DamagedArtefact: it is not whole.
            Conflict: the champion is another one by now, or the model itself.
        """
        self._artefacts.read(challenger_id)
        with writing(self._engine) as connection:
            champion = connection.execute(_champion(kind)).scalar()
            if champion != champion_id or champion == challenger_id:
                raise Conflict(f"The champion of {kind!r} is {champion} by now.")
            record = GateRecord(
                kind=kind,
                challenger_id=challenger_id,
                champion_id=champion_id,
                outcome=outcome,
                reason=reason,
                duel=duel,
                recorded_at=self._clock(),  # once it is our turn
            )
            connection.execute(insert(gate_records), row_of(record))
            if record.published:
                row = {
                    "kind": kind,
                    "artefact_id": challenger_id,
                    "published_at": record.recorded_at,
                }
                connection.execute(insert(publications), row)
        return record

    def champion(self, kind: str) -> str | None:
        """Id of the artefact published last; None if nothing of this kind is published."""
        with reading(self._engine) as connection:
            return connection.execute(_champion(kind)).scalar()

    def history(self, kind: str) -> tuple[Publication, ...]:
        """Every publication of a kind, in their order."""
        columns = publications.c.kind, publications.c.artefact_id, publications.c.published_at
        query = select(*columns).where(publications.c.kind == kind).order_by(publications.c.seq)
        with reading(self._engine) as connection:
            return tuple(
                Publication(
                    kind=row.kind, artefact_id=row.artefact_id, published_at=row.published_at
                )
                for row in connection.execute(query)
            )

    def gate_records(self, kind: str | None = None) -> tuple[GateRecord, ...]:
        """Every model that came before the gate, of one kind or of all, in their order."""
        with reading(self._engine) as connection:
            return tuple(record_from(row) for row in connection.execute(records_of(kind)))


def _champion(kind: str) -> Select[str]:
    return (
        select(publications.c.artefact_id)
        .where(publications.c.kind == kind)
        .order_by(publications.c.seq.desc())
        .limit(1)
    )
