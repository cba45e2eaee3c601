# SPDX-License-Identifier: EUPL-1.2
"""What the service itself keeps: location registers, advices, and tasks."""

import sqlalchemy as sa
from alembic import op

from training.store.append_only import allow_changes, make_append_only
from training.store.columns import UtcDateTime, order_of_recording

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("registers", "advices")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "registers",
        order_of_recording(),
        sa.Column("register_id", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("registers_by_id", "registers", ["register_id", "seq"])
    op.create_table(
        "advices",
        order_of_recording(),
        sa.Column("advice_id", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("forecast_id", sa.Text, nullable=False),
        sa.Column("register_id", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("advices_by_kind", "advices", ["kind", "seq"])
    op.create_table(
        "tasks",
        order_of_recording(),
        sa.Column("task_id", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("progress", sa.Float, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("result_id", sa.Text),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("started_at", UtcDateTime),
        sa.Column("ended_at", UtcDateTime),
        sqlite_autoincrement=True,
    )
    op.create_index("tasks_by_state", "tasks", ["state", "seq"])
    for table in APPEND_ONLY:
        make_append_only(op.get_bind(), table)


def downgrade() -> None:
    """Remove the tables, and everything in them."""
    op.drop_table("tasks")
    for table in reversed(APPEND_ONLY):
        allow_changes(op.get_bind(), table)
        op.drop_table(table)
