# SPDX-License-Identifier: EUPL-1.2
"""The shelf: catalogue, observations, issued forecasts, publications and intakes.

A later revision follows this pattern: its own file `r000N_subject.py`, `down_revision` naming
the one before, columns written out (a migration never imports the tables of today), and
`make_append_only` for what may only grow.
"""

import sqlalchemy as sa
from alembic import op

from training.store.append_only import allow_changes, make_append_only
from training.store.columns import UtcDateTime, order_of_recording

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("observations", "forecasts", "publications", "intakes")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "series",
        sa.Column("series_id", sa.Text, primary_key=True),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("frequency", sa.Text, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("group", sa.Text, nullable=False),
        sa.Column("place_kind", sa.Text, nullable=False),
        sa.Column("place_code", sa.Text, nullable=False),
        sa.Column("publisher", sa.Text, nullable=False),
        sa.Column("jump_factor", sa.Float, nullable=False),
    )
    op.create_table(
        "observations",
        order_of_recording(),
        sa.Column("series_id", sa.Text, sa.ForeignKey("series.series_id"), nullable=False),
        sa.Column("period", sa.Date, nullable=False),
        sa.Column("value", sa.Float(53), nullable=False),
        sa.Column("known_at", UtcDateTime, nullable=False),
        sa.Column("known_basis", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("value >= 0 AND value <= 1e300", name="observations_value_is_a_count"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "observations_as_known_at", "observations", ["series_id", "period", "known_at", "seq"]
    )
    op.create_table(
        "forecasts",
        order_of_recording(),
        sa.Column("forecast_id", sa.Text, nullable=False),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.Column("as_of", UtcDateTime, nullable=False),
        sa.Column("paths_id", sa.Text, nullable=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("forecasts_by_id", "forecasts", ["forecast_id", "seq"])
    op.create_table(
        "publications",
        order_of_recording(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("artefact_id", sa.Text, nullable=False),
        sa.Column("published_at", UtcDateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("publications_by_kind", "publications", ["kind", "seq"])
    op.create_table(
        "intakes",
        order_of_recording(),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.Column("revised", sa.Integer, nullable=False),
        sa.Column("unchanged", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    for table in APPEND_ONLY:
        make_append_only(op.get_bind(), table)


def downgrade() -> None:
    """Remove the tables, and everything in them."""
    for table in reversed(APPEND_ONLY):
        allow_changes(op.get_bind(), table)
        op.drop_table(table)
    op.drop_table("series")
