# SPDX-License-Identifier: EUPL-1.2
"""The store as a whole: one database and one folder of artefacts, opened together."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from models.catalogue import SeriesDefinition
from training.store.artefacts import Artefacts
from training.store.engine import engine_for, writing
from training.store.forecasts import Forecasts
from training.store.intakes import IntakeEntry, Intakes, log_in
from training.store.live_scores import LiveScores
from training.store.observations import Observations, Receipt, record_in
from training.store.official_forecasts import OfficialForecasts
from training.store.publications import Publications
from training.store.records import Observation
from training.store.scoring import Shelf, score_arrived
from training.store.series import SeriesCatalogue, define_in

__all__ = ["Store", "open_store"]

UNFINISHED = timedelta(hours=1)
"""A file that was being written longer ago than this was left behind by a crash."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Everything on the shelf, by subject.

    Attributes:
        engine: The database; tables of the service live in it too.
        series: The catalogue.
        observations: Figures and when they became known.
        artefacts: Files of models and forecasts.
        forecasts: What was issued.
        live_scores: How it did, once figures arrived.
        official_forecasts: What the ministry forecast, edition by edition.
        models: Which artefact is the champion of its kind.
        intakes: What was brought in, and what was refused.
        clock: What time it is, aware UTC.
    """

    engine: Engine
    series: SeriesCatalogue
    observations: Observations
    artefacts: Artefacts
    forecasts: Forecasts
    live_scores: LiveScores
    official_forecasts: OfficialForecasts
    models: Publications
    intakes: Intakes
    clock: Callable[[], datetime]

    def take_in(
        self,
        source: str,
        *,
        sha256: str,
        definitions: Iterable[SeriesDefinition],
        observations: Iterable[Observation],
    ) -> Receipt:
        """Take series and figures from one source and log it; all of it, or nothing.

        Then every issued forecast that the figures are about is scored, in a transaction of its
        own: what a crash leaves unscored is scored the next time.

        Args:
            source: File name, or name of the publisher's table.
            sha256: Hash of what was offered.
            definitions: Series to enter into the catalogue first.
            observations: The figures.

        Raises:
            Conflict: a series already means something else.
            NotFound: a series is not in the catalogue.
            InvalidInput: the figures give one period two values at one moment.
        """
        with writing(self.engine) as connection:
            now = self.clock()  # once it is our turn: the order of recording is that of its moments
            define_in(connection, definitions)
            receipt = record_in(connection, observations, recorded_at=now)
            log_in(
                connection,
                IntakeEntry(
                    source=source, sha256=sha256, recorded_at=now, receipt=receipt, refused=0
                ),
            )
        self.score_arrived()
        return receipt

    def score_arrived(self) -> int:
        """Score every issued forecast by the figures that arrived after it; the number of scores.

        `take_in` does so by itself.
        """
        return score_arrived(
            Shelf(
                series=self.series,
                observations=self.observations,
                forecasts=self.forecasts,
                live_scores=self.live_scores,
                clock=self.clock,
            )
        )


@contextmanager
def open_store(
    database_url: str, data_dir: Path, *, clock: Callable[[], datetime] = _now
) -> Iterator[Store]:
    """Open the store of a migrated database; connects only when something is asked of it.

    Args:
        database_url: SQLite file or PostgreSQL database, brought up by `migrate`.
        data_dir: Folder for everything that is written.
        clock: What time it is, aware UTC.

    Raises:
        InvalidInput: the database is neither SQLite nor PostgreSQL.
    """
    engine = engine_for(database_url)
    artefacts = Artefacts(data_dir / "artefacts")
    artefacts.sweep(before=clock() - UNFINISHED)
    try:
        yield Store(
            engine=engine,
            series=SeriesCatalogue(engine),
            observations=Observations(engine, clock=clock),
            artefacts=artefacts,
            forecasts=Forecasts(engine, artefacts=artefacts),
            live_scores=LiveScores(engine),
            official_forecasts=OfficialForecasts(engine, clock=clock),
            models=Publications(engine, artefacts=artefacts, clock=clock),
            intakes=Intakes(engine, clock=clock),
            clock=clock,
        )
    finally:
        engine.dispose()
