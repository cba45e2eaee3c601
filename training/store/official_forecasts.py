# SPDX-License-Identifier: EUPL-1.2
"""Official forecasts of the inflow: each published figure with the day it became known."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, insert, select

from models.errors import InvalidInput
from training.store.engine import reading, writing
from training.store.tables import official_forecasts

__all__ = ["OfficialEdition", "OfficialForecast", "OfficialForecasts", "editions_of"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialEdition:
    """What one edition says about one year.

    Attributes:
        edition: Name of the edition.
        known_at: When the last figure of it became known.
        target_year: Year that is forecast.
        low: Its minimum; None where none was published [persons].
        high: Its maximum; None where none was published [persons].
        middle: Its medium or point forecast, or else halfway between minimum and maximum; None
            where only one end was published [persons].
        basis: What the middle is: `medium`, `point`, `halfway`, or empty.
        counts: Which persons it counts, as far as the publisher says.
    """

    edition: str
    known_at: datetime
    target_year: int
    low: int | None
    high: int | None
    middle: float | None
    basis: str
    counts: str

    def holds(self, actual: float) -> bool | None:
        """Whether the range held what happened; None where it has no two ends."""
        if self.low is None or self.high is None:
            return None
        return self.low <= actual <= self.high


def editions_of(entries: Iterable[OfficialForecast]) -> tuple[OfficialEdition, ...]:
    """The comparable figures by edition and target year, oldest edition first."""
    found: dict[tuple[str, int], dict[str, OfficialForecast]] = {}
    for entry in entries:
        if entry.is_comparable:
            found.setdefault((entry.edition, entry.target_year), {})[entry.scenario] = entry
    editions = [_edition_of(scenarios) for scenarios in found.values()]
    return tuple(sorted(editions, key=lambda each: (each.known_at, each.target_year, each.edition)))


def _edition_of(scenarios: Mapping[str, OfficialForecast]) -> OfficialEdition:
    low, high = (scenarios[end].persons if end in scenarios else None for end in ("min", "max"))
    basis = next((name for name in ("medium", "point") if name in scenarios), "")
    middle = float(scenarios[basis].persons) if basis else None
    if middle is None and low is not None and high is not None:
        basis, middle = "halfway", (low + high) / 2
    newest = max(scenarios.values(), key=lambda entry: (entry.known_at, entry.scenario))
    return OfficialEdition(
        edition=newest.edition,
        known_at=newest.known_at,
        target_year=newest.target_year,
        low=low,
        high=high,
        middle=middle,
        basis=basis,
        counts=newest.counts,
    )


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
