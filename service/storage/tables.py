# SPDX-License-Identifier: EUPL-1.2
"""The tables the service itself owns; training/store/migrations makes them."""

from sqlalchemy import Column, Float, Index, MetaData, Table, Text

from training.store.columns import UtcDateTime, order_of_recording

__all__ = ["METADATA", "advices", "registers", "scenarios", "tasks"]

METADATA = MetaData()

registers = Table(
    "registers",
    METADATA,
    order_of_recording(),
    Column("register_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Index("registers_by_id", "register_id", "seq"),
    sqlite_autoincrement=True,
)

advices = Table(
    "advices",
    METADATA,
    order_of_recording(),
    Column("advice_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("forecast_id", Text, nullable=False),
    Column("register_id", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index("advices_by_kind", "kind", "seq"),
    sqlite_autoincrement=True,
)

scenarios = Table(
    "scenarios",
    METADATA,
    order_of_recording(),
    Column("scenario_id", Text, nullable=False, unique=True),
    Column("forecast_id", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("figures", Text, nullable=False),
    Column("figures_sha256", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

tasks = Table(
    "tasks",
    METADATA,
    order_of_recording(),
    Column("task_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("idempotency_key", Text, unique=True),
    Column("state", Text, nullable=False),
    Column("progress", Float, nullable=False),
    Column("reason", Text),
    Column("result_id", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("conflict", Text),
    Index("tasks_by_state", "state", "seq"),
    sqlite_autoincrement=True,
)
