# SPDX-License-Identifier: EUPL-1.2
"""Scenarios: named sets of levers, and what they do to an issued forecast."""

import sqlalchemy as sa
from alembic import op

from training.store.append_only import allow_changes, make_append_only
from training.store.columns import UtcDateTime, order_of_recording

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "scenarios",
        order_of_recording(),
        sa.Column("scenario_id", sa.Text, nullable=False, unique=True),
        sa.Column("forecast_id", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("figures_sha256", sa.Text, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    make_append_only(op.get_bind(), "scenarios")


def downgrade() -> None:
    """Remove the table, and everything in it."""
    allow_changes(op.get_bind(), "scenarios")
    op.drop_table("scenarios")
