# SPDX-License-Identifier: EUPL-1.2
"""The tables of the shelf; training/store/migrations makes them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    UniqueConstraint,
)

from training.store.columns import UtcDateTime, order_of_recording

__all__ = [
    "METADATA",
    "forecasts",
    "gate_records",
    "intakes",
    "live_scores",
    "observations",
    "official_forecasts",
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

gate_records = Table(
    "gate_records",
    METADATA,
    order_of_recording(),
    Column("kind", Text, nullable=False),
    Column("challenger_id", Text, nullable=False),
    Column("champion_id", Text),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("duel", Text),
    Column("recorded_at", UtcDateTime, nullable=False),
    Index("gate_records_by_kind", "kind", "seq"),
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

live_scores = Table(
    "live_scores",
    METADATA,
    order_of_recording(),
    Column("forecast_id", Text, nullable=False),
    Column("series_id", Text, nullable=False),
    Column("period", Date, nullable=False),
    Column("horizon", Integer, nullable=False),
    # No foreign key: PostgreSQL would then answer a TRUNCATE of the figures before our own guard.
    Column("observation", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("median", Float(53), nullable=False),
    Column("crps", Float(53), nullable=False),
    Column("upper_crps", Float(53), nullable=False),
    Column("baseline_crps", Float(53)),
    Column("baseline_upper_crps", Float(53)),
    Column("held_50", Boolean, nullable=False),
    Column("held_80", Boolean, nullable=False),
    Column("held_90", Boolean, nullable=False),
    Column("scored_at", UtcDateTime, nullable=False),
    UniqueConstraint("forecast_id", "series_id", "observation", name="live_scores_once"),
    sqlite_autoincrement=True,
)

official_forecasts = Table(
    "official_forecasts",
    METADATA,
    order_of_recording(),
    Column("edition", Text, nullable=False),
    Column("known_at", UtcDateTime, nullable=False),
    Column("target_year", Integer, nullable=False),
    Column("scenario", Text, nullable=False),
    Column("persons", Integer, nullable=False),
    Column("counts", Text, nullable=False),
    Column("not_comparable", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Index("official_forecasts_by_year", "target_year", "known_at", "seq"),
    sqlite_autoincrement=True,
)
