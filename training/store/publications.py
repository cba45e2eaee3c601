# SPDX-License-Identifier: EUPL-1.2
"""Which artefact is the champion of its kind, and which ones were before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Select, insert, select

from training.store.artefacts import Artefacts
from training.store.engine import reading, writing
from training.store.tables import publications

__all__ = ["Publication", "Publications"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """An artefact became the champion of its kind."""

    kind: str
    artefact_id: str
    published_at: datetime


class Publications:
    """Publishes champions; the history only grows."""

    def __init__(
        self, engine: Engine, *, artefacts: Artefacts, clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._artefacts = artefacts
        self._clock = clock

    def publish(self, artefact_id: str, *, kind: str) -> None:
        """Make an artefact the champion of its kind; the champion itself changes nothing.

        Raises:
            NotFound: there is no such artefact.
            DamagedArtefact: it is not whole.
        """
        self._artefacts.read(artefact_id)
        row = {"kind": kind, "artefact_id": artefact_id, "published_at": self._clock()}
        with writing(self._engine) as connection:
            if connection.execute(_champion(kind)).scalar() != artefact_id:
                connection.execute(insert(publications), row)

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


def _champion(kind: str) -> Select[str]:
    return (
        select(publications.c.artefact_id)
        .where(publications.c.kind == kind)
        .order_by(publications.c.seq.desc())
        .limit(1)
    )
