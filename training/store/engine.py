# SPDX-License-Identifier: EUPL-1.2
"""The database engine: how SQLite and PostgreSQL are opened, read and written.

Reads see one consistent moment. Writes are serial on both engines, so that the order of
recording is the order of committing. SQLite runs with a rollback journal and
`synchronous=EXTRA`, never in WAL mode: SQLite before 3.51.3 (Debian 12 has 3.40.1) can corrupt
a WAL database that two connections write, and this mode loses no acknowledged row in a power
cut. The price is that a commit waits for readers, milliseconds at our size; many writers are
what PostgreSQL is for.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from models.errors import InvalidInput

__all__ = ["engine_for", "reading", "writing"]

WAIT_SECONDS = 30
"""How long a writer waits for another before it gives up [s]."""

WRITER_LOCK = 7_119_205
"""Any constant will do, as long as every writer asks PostgreSQL for the same one."""


def engine_for(database_url: str) -> Engine:
    """An engine for a SQLite file or a PostgreSQL database; nothing is connected yet.

    A plain `engine.begin()` starts a write transaction on SQLite; prefer `reading` and `writing`.

    Raises:
        InvalidInput: the address cannot be read, or names another kind of database.
    """
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        # The address may hold a password, so it is not repeated.
        raise InvalidInput("The database address cannot be read.") from error
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    if url.get_backend_name() in {"postgresql", "postgres"}:
        return _postgresql(url)
    raise InvalidInput(f"The database must be SQLite or PostgreSQL, not {url.get_backend_name()}.")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads one consistent moment and holds up no writer longer than needed."""
    if engine.dialect.name == "sqlite":
        options: dict[str, Any] = {"getij_reading": True}
    else:
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """The only write transaction at this moment: all of it is kept, or nothing."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"))
        yield connection


def _sqlite(url: URL) -> Engine:
    if url.database in {None, "", ":memory:"}:
        raise InvalidInput("A SQLite database needs a file; in memory it would forget.")
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"), connect_args={"timeout": WAIT_SECONDS}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    # Transactions are begun by _begin_sqlite: the driver would begin too late, and never for DDL.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = DELETE",
        "synchronous = EXTRA",
        "mmap_size = 0",
        "foreign_keys = ON",
        "recursive_triggers = ON",
        "trusted_schema = OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another one wrote in
    # between, whatever the time-out; IMMEDIATE waits for its turn.
    reads = connection.get_execution_options().get("getij_reading", False)
    connection.exec_driver_sql("BEGIN DEFERRED" if reads else "BEGIN IMMEDIATE")


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        # Without these a frozen server holds a request for ever.
        connect_args={"connect_timeout": 5, "tcp_user_timeout": 10_000},
    )
