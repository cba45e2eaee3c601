# SPDX-License-Identifier: EUPL-1.2
"""Live scores of issued forecasts, and the official forecasts beside them."""

import sqlalchemy as sa
from alembic import op

from training.store.append_only import allow_changes, make_append_only
from training.store.columns import UtcDateTime, order_of_recording

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("live_scores", "official_forecasts")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "live_scores",
        order_of_recording(),
        sa.Column("forecast_id", sa.Text, nullable=False),
        sa.Column("series_id", sa.Text, nullable=False),
        sa.Column("period", sa.Date, nullable=False),
        sa.Column("horizon", sa.Integer, nullable=False),
        sa.Column(
            "observation", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False
        ),
        sa.Column("median", sa.Float(53), nullable=False),
        sa.Column("crps", sa.Float(53), nullable=False),
        sa.Column("upper_crps", sa.Float(53), nullable=False),
        sa.Column("baseline_crps", sa.Float(53)),
        sa.Column("baseline_upper_crps", sa.Float(53)),
        sa.Column("held_50", sa.Boolean, nullable=False),
        sa.Column("held_80", sa.Boolean, nullable=False),
        sa.Column("held_90", sa.Boolean, nullable=False),
        sa.Column("scored_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("forecast_id", "series_id", "observation", name="live_scores_once"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "official_forecasts",
        order_of_recording(),
        sa.Column("edition", sa.Text, nullable=False),
        sa.Column("known_at", UtcDateTime, nullable=False),
        sa.Column("target_year", sa.Integer, nullable=False),
        sa.Column("scenario", sa.Text, nullable=False),
        sa.Column("persons", sa.Integer, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("not_comparable", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "official_forecasts_by_year", "official_forecasts", ["target_year", "known_at", "seq"]
    )
    for table in APPEND_ONLY:
        make_append_only(op.get_bind(), table)


def downgrade() -> None:
    """Remove the tables, and everything in them."""
    for table in reversed(APPEND_ONLY):
        allow_changes(op.get_bind(), table)
        op.drop_table(table)
