# SPDX-License-Identifier: EUPL-1.2
"""Live scores: how each issued forecast did, once the figure it was about arrived.

A row belongs to one forecast and one recorded figure, so a corrected figure gives a row of its
own. Readers see the newest figure of a period unless they ask for all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, Select, func, insert, select

from models.catalogue import Status
from models.drift import ScoredOutcome
from training.store.engine import reading, writing
from training.store.tables import live_scores, observations

__all__ = ["LiveScore", "LiveScores"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveScore(ScoredOutcome):
    """A forecast of one period, scored by one figure of it.

    Attributes:
        forecast_id: The forecast that is scored.
        observation: Place of the figure in the order of recording.
        counted_as: The series that the figure stands in.
        known_at: From when on the figure was known.
        scored_at: When the score was filed.
    """

    forecast_id: str
    observation: int
    counted_as: str
    known_at: datetime
    scored_at: datetime


class LiveScores:
    """Files scores, and gives them back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def file(self, scores: Iterable[LiveScore]) -> int:
        """Add what is new; a forecast is scored once by each figure.

        Returns:
            How many were new.
        """
        with writing(self._engine) as connection:
            filed = {tuple(row) for row in connection.execute(_FILED)}
            rows = [
                {name: getattr(score, name) for name in _COLUMNS}
                for score in scores
                if (score.forecast_id, score.series_id, score.observation) not in filed
            ]
            if rows:
                connection.execute(insert(live_scores), rows)
        return len(rows)

    def filed(self) -> frozenset[tuple[str, str, int]]:
        """Forecast, series and figure of every score there is."""
        with reading(self._engine) as connection:
            return frozenset((row[0], row[1], row[2]) for row in connection.execute(_FILED))

    def of_forecast(
        self, forecast_id: str, *, every_vintage: bool = False
    ) -> tuple[LiveScore, ...]:
        """The scores of one forecast, by series and period.

        Args:
            forecast_id: Which forecast.
            every_vintage: Also by figures that were corrected since, the newest first.
        """
        query = _with_figures().where(live_scores.c.forecast_id == forecast_id)
        return self._read(query, every_vintage=every_vintage)

    def newest(self, *, known_by: datetime | None = None) -> tuple[LiveScore, ...]:
        """Every forecast by the newest figure of each period; by series, period and forecast.

        Args:
            known_by: Figures that became known later do not count.
        """
        query = _with_figures()
        if known_by is not None:
            query = query.where(observations.c.known_at <= known_by)
        return self._read(query, every_vintage=False)

    def count(self) -> int:
        """How many scores there are."""
        with reading(self._engine) as connection:
            return int(connection.scalar(select(func.count()).select_from(live_scores)) or 0)

    def _read(
        self, query: Select[*tuple[Any, ...]], *, every_vintage: bool
    ) -> tuple[LiveScore, ...]:
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        chosen = [row for row in rows if every_vintage or row.place == 1]
        # Ordered here and not by the database: PostgreSQL would order names by its locale.
        chosen.sort(key=lambda row: (row.series_id, row.period, row.forecast_id, row.place))
        return tuple(_score_of(row) for row in chosen)


_FILED = select(live_scores.c.forecast_id, live_scores.c.series_id, live_scores.c.observation)
_COLUMNS = tuple(column.name for column in live_scores.c if column.name != "seq")


def _with_figures() -> Select[*tuple[Any, ...]]:
    """Scores beside their figures, each with its place among the vintages, the newest first."""
    newest_first = func.row_number().over(
        partition_by=(live_scores.c.forecast_id, live_scores.c.series_id, live_scores.c.period),
        order_by=(observations.c.known_at.desc(), observations.c.seq.desc()),
    )
    return select(
        *(live_scores.c[name] for name in _COLUMNS),
        observations.c.series_id.label("counted_as"),
        observations.c.value.label("actual"),
        observations.c.known_at,
        observations.c.status,
        newest_first.label("place"),
    ).join(observations, observations.c.seq == live_scores.c.observation)


def _score_of(row: Row[*tuple[Any, ...]]) -> LiveScore:
    *values, status, _ = row
    names = (*_COLUMNS, "counted_as", "actual", "known_at")
    return LiveScore(**dict(zip(names, values, strict=True)), status=Status(status))
