# SPDX-License-Identifier: EUPL-1.2
"""Both databases that the store must work on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.figures import NOW
from tests.postgres import PostgresServer, postgres_server
from training.store import Store, open_store
from training.store.migrate import migrate


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real server, for as long as the tests run."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new, empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'getij.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """A new store on each kind of database, whose clock stands at NOW."""
    migrate(database_url)
    with open_store(database_url, tmp_path, clock=lambda: NOW) as store:
        yield store
