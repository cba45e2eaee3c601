# SPDX-License-Identifier: EUPL-1.2
"""Scenarios as they were made: immutable, and filed under the hash of their content.

The figures lie beside what is said of them, so that a list of scenarios does not read them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, func, insert, select

from models.errors import DamagedArtefact, NotFound
from service.storage.tables import scenarios
from training.store.engine import reading, writing
from training.store.records import sha256_of

__all__ = ["KeptScenario", "Scenarios"]

_SAID = tuple(column for column in scenarios.c if column.name != "figures")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptScenario:
    """A scenario as it lies in the archive, without its figures.

    Attributes:
        scenario_id: Address: the first 24 digits of the SHA-256 of content and figures.
        forecast_id: Forecast that is its baseline.
        content: Canonical JSON; holds no moment of making, so equal scenarios are equal bytes.
        made_at: When it was made first, aware UTC.
    """

    scenario_id: str
    forecast_id: str
    content: str
    made_at: datetime


class Scenarios:
    """The archive of scenarios; it only grows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, content: str, *, figures: str, forecast_id: str, made_at: datetime) -> str:
        """File a scenario and return its id; one that is there already stays as it is."""
        figures_sha256 = sha256_of(figures)
        scenario_id = _address(content, figures_sha256)
        with writing(self._engine) as connection:
            known = select(scenarios.c.seq).where(scenarios.c.scenario_id == scenario_id)
            if connection.execute(known).first() is None:
                connection.execute(
                    insert(scenarios).values(
                        scenario_id=scenario_id,
                        forecast_id=forecast_id,
                        content=content,
                        figures=figures,
                        figures_sha256=figures_sha256,
                        made_at=made_at,
                    )
                )
        return scenario_id

    def get(self, scenario_id: str) -> KeptScenario:
        """What is said of one scenario.

        Raises:
            NotFound: there is none under this id.
            DamagedArtefact: it no longer matches its id.
        """
        found = select(*_SAID).where(scenarios.c.scenario_id == scenario_id)
        with reading(self._engine) as connection:
            row = connection.execute(found).first()
        if row is None:
            raise NotFound("scenario", scenario_id)
        return _kept(row)

    def figures(self, scenario_id: str) -> str:
        """The figures of one scenario.

        Raises:
            NotFound: there is none under this id.
            DamagedArtefact: they no longer match its id.
        """
        found = select(scenarios).where(scenarios.c.scenario_id == scenario_id)
        with reading(self._engine) as connection:
            row = connection.execute(found).first()
        if row is None:
            raise NotFound("scenario", scenario_id)
        if sha256_of(row.figures) != row.figures_sha256:
            raise DamagedArtefact(scenario_id)
        _kept(row)
        return str(row.figures)

    def page(self, *, offset: int, limit: int) -> tuple[KeptScenario, ...]:
        """What is said of scenarios, the latest first."""
        part = select(*_SAID).order_by(scenarios.c.seq.desc()).offset(offset).limit(limit)
        with reading(self._engine) as connection:
            return tuple(_kept(row) for row in connection.execute(part))

    def count(self) -> int:
        """How many scenarios there are."""
        with reading(self._engine) as connection:
            counted = select(func.count()).select_from(scenarios)
            return int(connection.execute(counted).scalar_one())


def _address(content: str, figures_sha256: str) -> str:
    return sha256_of(content + figures_sha256)[:24]


def _kept(row: Row[Any]) -> KeptScenario:
    if _address(row.content, row.figures_sha256) != row.scenario_id:
        raise DamagedArtefact(row.scenario_id)
    return KeptScenario(
        scenario_id=row.scenario_id,
        forecast_id=row.forecast_id,
        content=row.content,
        made_at=row.made_at,
    )
