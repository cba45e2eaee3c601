# SPDX-License-Identifier: EUPL-1.2
"""Observations with two clocks: the period they are about, and the moment they became known.

A correction is a new row, and no row is ever changed. What stood at a moment D is, for every
series and period, the row with the latest `known_at` not after D; of rows known at the same
moment the one recorded last. When a row was recorded plays no other part, so that history may be
loaded late; what an earlier reader saw before it was, `recorded_by` gives back.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, func, insert, select

from models.catalogue import Status
from models.errors import InvalidInput
from training.store.engine import reading, writing
from training.store.records import KnownBasis, Observation, Snapshot
from training.store.series import definitions_in
from training.store.tables import observations

__all__ = ["Observations", "Receipt", "Recorded", "record_in"]

MANY_SERIES = 1_000
"""Above this a batch is compared with every series in its span, not series by series."""

_FACTS = (
    observations.c.series_id,
    observations.c.period,
    observations.c.value,
    observations.c.known_at,
    observations.c.known_basis,
    observations.c.status,
    observations.c.source,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a batch of observations.

    Attributes:
        accepted: First figures for their series and period.
        revised: Further figures for a series and period.
        unchanged: Figures that were there already, word for word.
    """

    accepted: int = 0
    revised: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An observation as it was recorded here.

    Attributes:
        observation: The figure.
        recorded_at: When it was recorded.
        number: Its place in the order of recording.
    """

    observation: Observation
    recorded_at: datetime
    number: int


class Observations:
    """Takes observations in, and says what was known when."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def record(self, batch: Iterable[Observation]) -> Receipt:
        """Add what is new; all of the batch is taken, or nothing.

        Raises:
            NotFound: a series is not in the catalogue.
            InvalidInput: the batch gives one period two figures at one moment.
        """
        with writing(self._engine) as connection:
            return record_in(connection, batch, recorded_at=self._clock())

    def as_known_at(
        self,
        moment: datetime,
        *,
        series_ids: Sequence[str] | None = None,
        recorded_by: datetime | None = None,
    ) -> Snapshot:
        """Exactly what stood at a moment, of the named series or of all.

        Args:
            moment: Figures that became known later do not count.
            series_ids: Which series; all where not given.
            recorded_by: Figures that were recorded later do not count either, for instance when
                a forecast of that day is made again.

        Raises:
            NotFound: a named series is not in the catalogue.
            InvalidInput: a moment has no time zone.
        """
        for given in (moment, recorded_by):
            if given is not None and given.utcoffset() is None:
                raise InvalidInput(f"The moment {given} needs a time zone.")
        query = _as_known_at(moment, series_ids, recorded_by)
        with reading(self._engine) as connection:
            definitions = definitions_in(connection, series_ids)
            rows = [_observation_of(row) for row in connection.execute(query)]
        # Ordered here and not by the database: PostgreSQL would order names by its locale.
        rows.sort(key=lambda row: (row.series_id, row.period))
        filled = {row.series_id for row in rows}
        return Snapshot(
            known_at=moment,
            definitions=tuple(entry for entry in definitions if entry.series_id in filled),
            observations=tuple(rows),
        )

    def history(self, series_id: str, period: date) -> tuple[Recorded, ...]:
        """Every figure ever recorded for one period, in the order of recording."""
        return self._recorded(
            observations.c.series_id == series_id, observations.c.period == period
        )

    def vintages(self, series_ids: Sequence[str], *, after: date) -> tuple[Recorded, ...]:
        """Every figure ever recorded for periods after a day, in the order of recording."""
        return self._recorded(
            observations.c.series_id.in_(series_ids), observations.c.period > after
        )

    def _recorded(self, *conditions: ColumnElement[bool]) -> tuple[Recorded, ...]:
        query = (
            select(*_FACTS, observations.c.recorded_at, observations.c.seq)
            .where(*conditions)
            .order_by(observations.c.seq)
        )
        with reading(self._engine) as connection:
            return tuple(
                Recorded(
                    observation=_observation_of(row), recorded_at=row.recorded_at, number=row.seq
                )
                for row in connection.execute(query)
            )


def record_in(
    connection: Connection, batch: Iterable[Observation], *, recorded_at: datetime
) -> Receipt:
    """Add what is new, within a transaction that writes."""
    rows = list(batch)
    if not rows:
        return Receipt()
    given = _checked(rows)
    definitions_in(connection, sorted({row.series_id for row in rows}))  # refuses unknown series
    last = {_moment(row): row for row in _standing(connection, rows)}
    new = [row for key, row in given.items() if last.get(key) != row]
    if new:
        connection.execute(
            insert(observations), [_row_of(row, recorded_at=recorded_at) for row in new]
        )
    seen = {(series_id, period) for series_id, period, _ in last}
    revised = 0
    for row in new:
        revised += (row.series_id, row.period) in seen
        seen.add((row.series_id, row.period))
    return Receipt(accepted=len(new) - revised, revised=revised, unchanged=len(rows) - len(new))


def _as_known_at(
    moment: datetime, series_ids: Sequence[str] | None, recorded_by: datetime | None
) -> Select[*tuple[Any, ...]]:
    newest_first = func.row_number().over(
        partition_by=(observations.c.series_id, observations.c.period),
        order_by=(observations.c.known_at.desc(), observations.c.seq.desc()),
    )
    known = select(*_FACTS, newest_first.label("place")).where(observations.c.known_at <= moment)
    if series_ids is not None:
        known = known.where(observations.c.series_id.in_(series_ids))
    if recorded_by is not None:
        known = known.where(observations.c.recorded_at <= recorded_by)
    ranked = known.subquery()
    facts = [ranked.c[column.name] for column in _FACTS]
    return select(*facts).where(ranked.c.place == 1)


def _standing(connection: Connection, rows: Sequence[Observation]) -> list[Observation]:
    """What is recorded already around a batch, in the order of recording."""
    periods = [row.period for row in rows]
    query = (
        select(*_FACTS)
        .where(observations.c.period.between(min(periods), max(periods)))
        .order_by(observations.c.seq)
    )
    names = sorted({row.series_id for row in rows})
    if len(names) <= MANY_SERIES:
        query = query.where(observations.c.series_id.in_(names))
    return [_observation_of(row) for row in connection.execute(query)]


def _checked(rows: Sequence[Observation]) -> dict[tuple[str, date, datetime], Observation]:
    given: dict[tuple[str, date, datetime], Observation] = {}
    for row in rows:
        if "\x00" in row.source:
            # SQLite would keep it and PostgreSQL refuse it.
            raise InvalidInput(f"{row.series_id} {row.period}: the source holds a NUL character.")
        if given.setdefault(_moment(row), row) != row:
            raise InvalidInput(
                f"{row.series_id} {row.period} is given twice as known at {row.known_at}: "
                f"{given[_moment(row)].value:g} and {row.value:g}."
            )
    return given


def _moment(row: Observation) -> tuple[str, date, datetime]:
    return row.series_id, row.period, row.known_at


def _row_of(row: Observation, *, recorded_at: datetime) -> dict[str, object]:
    return {
        "series_id": row.series_id,
        "period": row.period,
        "value": float(row.value),
        "known_at": row.known_at,
        "known_basis": row.known_basis.value,
        "status": row.status.value,
        "source": row.source,
        "recorded_at": recorded_at,
    }


def _observation_of(row: Row[*tuple[Any, ...]]) -> Observation:
    # Unpacked: reading ten thousand rows by name takes half as long again.
    series_id, period, value, known_at, known_basis, status, source = row[: len(_FACTS)]
    return Observation(
        series_id=series_id,
        period=period,
        value=value,
        known_at=known_at,
        known_basis=KnownBasis(known_basis),
        status=Status(status),
        source=source,
    )
