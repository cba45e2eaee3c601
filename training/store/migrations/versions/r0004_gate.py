# SPDX-License-Identifier: EUPL-1.2
"""What came before the champion gate, and what came of it."""

import sqlalchemy as sa
from alembic import op

from training.store.append_only import allow_changes, make_append_only
from training.store.columns import UtcDateTime, order_of_recording

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "gate_records",
        order_of_recording(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("challenger_id", sa.Text, nullable=False),
        sa.Column("champion_id", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("duel", sa.Text),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("gate_records_by_kind", "gate_records", ["kind", "seq"])
    make_append_only(op.get_bind(), "gate_records")


def downgrade() -> None:
    """Remove the table, and everything in it."""
    allow_changes(op.get_bind(), "gate_records")
    op.drop_table("gate_records")
