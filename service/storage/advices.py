# SPDX-License-Identifier: EUPL-1.2
"""Advices as they were given: immutable, and filed under the hash of their content."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, Row, func, insert, select

from models.errors import DamagedArtefact, NotFound
from service.storage.tables import advices
from training.store.engine import reading, writing
from training.store.records import sha256_of

__all__ = ["AdviceKind", "Advices", "KeptAdvice"]


class AdviceKind(StrEnum):
    """What an advice is about."""

    BUFFER = "buffer-advice"
    PLAN = "capacity-plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAdvice:
    """An advice as it lies in the archive.

    Attributes:
        advice_id: Address: the first 24 digits of the SHA-256 of the content.
        kind: Buffer or plan.
        forecast_id: Forecast it rests on.
        register_id: Version of the location register it rests on.
        content: Canonical JSON; holds no moment of making, so equal advices are equal bytes.
        made_at: When it was made first, aware UTC.
    """

    advice_id: str
    kind: AdviceKind
    forecast_id: str
    register_id: str
    content: str
    made_at: datetime


class Advices:
    """The archive of advices; it only grows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(
        self,
        content: str,
        *,
        kind: AdviceKind,
        forecast_id: str,
        register_id: str,
        made_at: datetime,
    ) -> str:
        """File an advice and return its id; one that is there already stays as it is."""
        advice_id = sha256_of(content)[:24]
        with writing(self._engine) as connection:
            known = select(advices.c.seq).where(advices.c.advice_id == advice_id)
            if connection.execute(known).first() is None:
                connection.execute(
                    insert(advices).values(
                        advice_id=advice_id,
                        kind=kind.value,
                        forecast_id=forecast_id,
                        register_id=register_id,
                        content=content,
                        made_at=made_at,
                    )
                )
        return advice_id

    def get(self, advice_id: str, *, kind: AdviceKind) -> KeptAdvice:
        """One advice.

        Raises:
            NotFound: there is none of this kind under this id.
            DamagedArtefact: its content no longer matches its id.
        """
        found = select(advices).where(
            advices.c.advice_id == advice_id, advices.c.kind == kind.value
        )
        with reading(self._engine) as connection:
            row = connection.execute(found).first()
        if row is None:
            raise NotFound(kind.value.replace("-", " "), advice_id)
        return _kept(row)

    def latest(self, kind: AdviceKind, *, forecast_id: str | None = None) -> KeptAdvice | None:
        """The advice of a kind that was made last, if there is any; on one forecast if asked."""
        wanted = select(advices).where(advices.c.kind == kind.value)
        if forecast_id is not None:
            wanted = wanted.where(advices.c.forecast_id == forecast_id)
        with reading(self._engine) as connection:
            row = connection.execute(wanted.order_by(advices.c.seq.desc()).limit(1)).first()
        return None if row is None else _kept(row)

    def page(self, kind: AdviceKind, *, offset: int, limit: int) -> tuple[KeptAdvice, ...]:
        """Advices of a kind, the latest first."""
        wanted = select(advices).where(advices.c.kind == kind.value)
        part = wanted.order_by(advices.c.seq.desc()).offset(offset).limit(limit)
        with reading(self._engine) as connection:
            return tuple(_kept(row) for row in connection.execute(part))

    def count(self, kind: AdviceKind) -> int:
        """How many advices of a kind there are."""
        counted = select(func.count()).where(advices.c.kind == kind.value)
        with reading(self._engine) as connection:
            return int(connection.execute(counted).scalar_one())


def _kept(row: Row[Any]) -> KeptAdvice:
    if sha256_of(row.content)[:24] != row.advice_id:
        raise DamagedArtefact(row.advice_id)
    return KeptAdvice(
        advice_id=row.advice_id,
        kind=AdviceKind(row.kind),
        forecast_id=row.forecast_id,
        register_id=row.register_id,
        content=row.content,
        made_at=row.made_at,
    )
