# SPDX-License-Identifier: EUPL-1.2
"""Official forecasts of the inflow: each published figure with the day it became known."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, insert, select

from models.errors import InvalidInput
from training.store.engine import reading, writing
from training.store.tables import official_forecasts

__all__ = ["OfficialForecast", "OfficialForecasts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialForecast:
    """One published figure of an official inflow forecast (MPP, or a budget based on it).

    Attributes:
        edition: Name of the edition.
        known_at: Day of the edition, or the last day of its month where only that is known.
        target_year: Year that is forecast.
        scenario: As published: min, medium, max, point, ...
        persons: Inflow in that year [persons].
        counts: Which persons it counts, as far as the publisher says.
        not_comparable: Why it cannot be held against the inflow of the year; empty if it can.
        note: What else is printed with it.
        source: Publisher and address.
    """

    edition: str
    known_at: datetime
    target_year: int
    scenario: str
    persons: int
    counts: str
    not_comparable: str
    note: str
    source: str

    def __post_init__(self) -> None:
        if self.known_at.utcoffset() is None:
            raise InvalidInput(f"{self.edition} {self.target_year}: known_at needs a time zone.")
        if self.persons < 0:
            raise InvalidInput(f"{self.edition} {self.target_year}: {self.persons} is no count.")

    @property
    def is_comparable(self) -> bool:
        """Whether it can be held against the inflow of the year."""
        return not self.not_comparable


class OfficialForecasts:
    """Takes official forecasts in, and says which were known when."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def record(self, batch: Iterable[OfficialForecast]) -> int:
        """Add what is new; a correction is a new row.

        Returns:
            How many were new.
        """
        with writing(self._engine) as connection:
            standing = {_key(row): row for row in map(_forecast_of, connection.execute(_RECORDED))}
            new = []
            for entry in batch:
                if standing.get(_key(entry)) != entry:
                    standing[_key(entry)] = entry
                    new.append({**asdict(entry), "recorded_at": self._clock()})
            if new:
                connection.execute(insert(official_forecasts), new)
        return len(new)

    def as_known_at(
        self, moment: datetime, *, target_year: int | None = None
    ) -> tuple[OfficialForecast, ...]:
        """What had been published by a moment, by target year, edition and scenario.

        Args:
            moment: Editions that became known later do not count.
            target_year: Only forecasts of this year.
        """
        with reading(self._engine) as connection:
            found = [_forecast_of(row) for row in connection.execute(_RECORDED)]
        standing = {
            _key(entry): entry
            for entry in found
            if entry.known_at <= moment and target_year in {None, entry.target_year}
        }
        return tuple(
            sorted(
                standing.values(),
                key=lambda entry: (entry.target_year, entry.known_at, *_key(entry)),
            )
        )


_FIELDS = tuple(field.name for field in fields(OfficialForecast))
_RECORDED = select(*(official_forecasts.c[name] for name in _FIELDS)).order_by(
    official_forecasts.c.seq
)


def _key(entry: OfficialForecast) -> tuple[str, int, str]:
    return entry.edition, entry.target_year, entry.scenario


def _forecast_of(row: Row[*tuple[Any, ...]]) -> OfficialForecast:
    return OfficialForecast(**dict(zip(_FIELDS, row, strict=True)))
