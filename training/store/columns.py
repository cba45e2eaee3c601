# SPDX-License-Identifier: EUPL-1.2
"""Kinds of column that every table of the database may use."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Identity, Integer
from sqlalchemy.types import TypeDecorator

__all__ = ["UtcDateTime", "order_of_recording"]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware UTC in Python on both engines; SQLite itself knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a time zone, and write it as UTC."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"The moment {value} needs a time zone.")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Read it back as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def order_of_recording() -> Column[int]:
    """A number that only grows and is never used twice."""
    kind = BigInteger().with_variant(Integer, "sqlite")
    return Column("seq", kind, Identity(always=True), primary_key=True)
