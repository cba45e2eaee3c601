# SPDX-License-Identifier: EUPL-1.2
"""Tables that only grow: triggers in both engines that refuse every other statement.

They guard against our own mistakes and against any client of the database. The owner of the
database file can always drop a trigger; hash chains are for that.
"""

from sqlalchemy import Connection, inspect, text

__all__ = ["allow_changes", "make_append_only"]

_SQLITE = (
    (
        "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
        "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    ),
    (
        "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    ),
    # REPLACE deletes without firing a delete trigger unless the connection asks for it.
    (
        "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        "WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    ),
)
_POSTGRESQL = (
    (
        "CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    ),
    # Per statement, so that even one that meets no row is refused.
    (
        "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
    ),
)
_UNDO = {
    "sqlite": tuple(
        f"DROP TRIGGER {{table}}_no_{what}" for what in ("update", "delete", "replace")
    ),
    "postgresql": (
        "DROP TRIGGER {table}_append_only ON {table}",
        "DROP FUNCTION {table}_is_append_only()",
    ),
}


def make_append_only(connection: Connection, table: str) -> None:
    """Refuse UPDATE, DELETE, REPLACE and TRUNCATE on a table from now on.

    Args:
        connection: Of the migration, `op.get_bind()`.
        table: Its name; a constant of the migration, never input.
    """
    schema = inspect(connection)
    unique = [schema.get_pk_constraint(table)["constrained_columns"]]
    unique += [constraint["column_names"] for constraint in schema.get_unique_constraints(table)]
    same = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in columns) + ")"
        for columns in unique
    )
    statements = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        connection.execute(text(statement.format(table=table, same=same)))


def allow_changes(connection: Connection, table: str) -> None:
    """Undo `make_append_only`; for downgrades."""
    for statement in _UNDO[connection.dialect.name]:
        connection.execute(text(statement.format(table=table)))
