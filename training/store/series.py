# SPDX-License-Identifier: EUPL-1.2
"""The catalogue in the database: which series there are, and what each of them counts."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from models.catalogue import Measure, Place, PlaceKind, SeriesDefinition
from models.errors import Conflict, NotFound
from models.periods import Frequency
from training.store.engine import reading, writing
from training.store.tables import series

__all__ = ["SeriesCatalogue", "define_in", "definitions_in"]

_MEANING = ("measure", "unit", "frequency", "definition", "group", "place")


class SeriesCatalogue:
    """Defines series and gives their definitions back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def define(self, definitions: Iterable[SeriesDefinition]) -> int:
        """Enter series into the catalogue; publisher and jump factor may change later.

        Returns:
            How many of them were new.

        Raises:
            Conflict: a series already means something else; nothing was entered.
        """
        with writing(self._engine) as connection:
            return define_in(connection, definitions)

    def all(self, series_ids: Sequence[str] | None = None) -> tuple[SeriesDefinition, ...]:
        """The definitions of the named series, or of all, ordered by name.

        Raises:
            NotFound: a named series is not in the catalogue.
        """
        with reading(self._engine) as connection:
            return definitions_in(connection, series_ids)

    def get(self, series_id: str) -> SeriesDefinition:
        """The definition of one series.

        Raises:
            NotFound: it is not in the catalogue.
        """
        (definition,) = self.all([series_id])
        return definition


def define_in(connection: Connection, definitions: Iterable[SeriesDefinition]) -> int:
    """Enter series into the catalogue, within a transaction that writes."""
    standing = {entry.series_id: entry for entry in definitions_in(connection)}
    new = 0
    for entry in definitions:
        before = standing.get(entry.series_id)
        if before is None:
            connection.execute(insert(series), _row_of(entry))
            new += 1
        elif before != entry:
            _refuse_new_meaning(before, entry)
            where = series.c.series_id == entry.series_id
            connection.execute(update(series).where(where), _row_of(entry))
        standing[entry.series_id] = entry
    return new


def definitions_in(
    connection: Connection, series_ids: Sequence[str] | None = None
) -> tuple[SeriesDefinition, ...]:
    """The definitions of the named series, or of all, ordered by name."""
    known = {
        row["series_id"]: _definition_of(row)
        for row in connection.execute(select(series)).mappings()
    }
    wanted = known if series_ids is None else series_ids
    for series_id in wanted:
        if series_id not in known:
            raise NotFound("series", series_id)
    # Ordered here and not by the database: PostgreSQL would order by its locale.
    return tuple(known[series_id] for series_id in sorted(set(wanted)))


def _refuse_new_meaning(before: SeriesDefinition, after: SeriesDefinition) -> None:
    changed = [name for name in _MEANING if getattr(before, name) != getattr(after, name)]
    if changed:
        raise Conflict(
            f"Series {before.series_id!r} is in the catalogue with another {changed[0]}: "
            f"{_words(before, changed[0])}, not {_words(after, changed[0])}. "
            "Give the new series its own name."
        )


def _words(entry: SeriesDefinition, name: str) -> str:
    value = getattr(entry, name)
    return f"{value.kind} {value.code}" if isinstance(value, Place) else repr(str(value))


def _row_of(entry: SeriesDefinition) -> dict[str, object]:
    return {
        "series_id": entry.series_id,
        "measure": entry.measure.value,
        "unit": entry.unit,
        "frequency": entry.frequency.value,
        "definition": entry.definition,
        "group": entry.group,
        "place_kind": entry.place.kind.value,
        "place_code": entry.place.code,
        "publisher": entry.publisher,
        "jump_factor": entry.jump_factor,
    }


def _definition_of(row: RowMapping) -> SeriesDefinition:
    return SeriesDefinition(
        series_id=row["series_id"],
        measure=Measure(row["measure"]),
        unit=row["unit"],
        frequency=Frequency(row["frequency"]),
        definition=row["definition"],
        group=row["group"],
        place=Place(kind=PlaceKind(row["place_kind"]), code=row["place_code"]),
        publisher=row["publisher"],
        jump_factor=row["jump_factor"],
    )
