# SPDX-License-Identifier: EUPL-1.2
"""Bringing a database to the schema of this version; one history for the whole database."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config

from training.store.engine import engine_for, writing

__all__ = ["MIGRATIONS", "downgrade", "migrate"]

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(database_url: str, *, revision: str = "head") -> None:
    """Bring the database up to a revision; safe to run twice, and by two processes at once."""
    _run(database_url, command.upgrade, revision)


def downgrade(database_url: str, *, revision: str) -> None:
    """Take the database back to an earlier revision; data of later tables are lost."""
    _run(database_url, command.downgrade, revision)


def _run(database_url: str, step: Callable[[Config, str], None], revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    engine = engine_for(database_url)
    try:
        # All revisions in one transaction: a crash leaves the old schema or the new one.
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            step(config, revision)
    finally:
        engine.dispose()
