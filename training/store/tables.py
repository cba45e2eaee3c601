# SPDX-License-Identifier: EUPL-1.2
"""The tables of the shelf; training/store/migrations makes them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

from training.store.columns import UtcDateTime, order_of_recording

__all__ = [
    "METADATA",
    "forecasts",
    "intakes",
    "observations",
    "publications",
    "series",
]

METADATA = MetaData()


series = Table(
    "series",
    METADATA,
    Column("series_id", Text, primary_key=True),
    Column("measure", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("frequency", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("group", Text, nullable=False),
    Column("place_kind", Text, nullable=False),
    Column("place_code", Text, nullable=False),
    Column("publisher", Text, nullable=False),
    Column("jump_factor", Float, nullable=False),
)

observations = Table(
    "observations",
    METADATA,
    order_of_recording(),
    Column("series_id", Text, ForeignKey("series.series_id"), nullable=False),
    Column("period", Date, nullable=False),
    Column("value", Float(53), nullable=False),
    Column("known_at", UtcDateTime, nullable=False),
    Column("known_basis", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    CheckConstraint("value >= 0 AND value <= 1e300", name="observations_value_is_a_count"),
    Index("observations_as_known_at", "series_id", "period", "known_at", "seq"),
    sqlite_autoincrement=True,
)

forecasts = Table(
    "forecasts",
    METADATA,
    order_of_recording(),
    Column("forecast_id", Text, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("paths_id", Text, nullable=False),
    Column("manifest", Text, nullable=False),
    Index("forecasts_by_id", "forecast_id", "seq"),
    sqlite_autoincrement=True,
)

publications = Table(
    "publications",
    METADATA,
    order_of_recording(),
    Column("kind", Text, nullable=False),
    Column("artefact_id", Text, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Index("publications_by_kind", "kind", "seq"),
    sqlite_autoincrement=True,
)

intakes = Table(
    "intakes",
    METADATA,
    order_of_recording(),
    Column("source", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("revised", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    sqlite_autoincrement=True,
)
