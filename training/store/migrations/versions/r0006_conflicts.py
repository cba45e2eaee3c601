# SPDX-License-Identifier: EUPL-1.2
"""Tasks: which demands excluded each other, where a plan failed for that."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("tasks", sa.Column("conflict", sa.Text))


def downgrade() -> None:
    """Remove the column, and everything in it."""
    op.drop_column("tasks", "conflict")
