# SPDX-License-Identifier: EUPL-1.2
"""A real PostgreSQL server for tests, from Debian's package, never as root.

A conftest turns it into a fixture:

    @pytest.fixture(scope="session")
    def postgres() -> Iterator[PostgresServer]:
        with postgres_server() as server:
            yield server
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

ABSENT = "left out: no PostgreSQL server on this machine (Debian: apt-get install postgresql)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running server that listens on a socket in its own folder."""

    folder: Path
    numbers: "count[int]"

    def new_database(self) -> str:
        """The address of a new, empty schema; a database of its own would cost 8 MB each."""
        name = f"getij_{next(self.numbers)}"
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        where = f"host={self.folder}&options=-csearch_path%3D{name}"
        return f"postgresql+psycopg://postgres@/postgres?{where}"


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server in a folder of its own; skips the test where none is installed."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip(ABSENT)
    root = os.geteuid() == 0
    if root and not _has_account("postgres"):
        pytest.skip("left out: PostgreSQL does not run as root and there is no account postgres")
    # Not under pytest's own folder: only its owner may enter that.
    folder = Path(tempfile.mkdtemp(prefix="getij-pg-"))
    if root:
        shutil.chown(folder, user="postgres")
    as_owner = ["runuser", "-u", "postgres", "--"] if root else []
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [*as_owner, str(binaries / program), *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)

    run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    # Another time zone and no forcing to disk: we must not lean on the one, nor wait for the other.
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c timezone=America/Caracas"
    log = str(folder / "log")
    run("pg_ctl", "-D", str(data), "-w", "-s", "-l", log, "-o", options, "start")
    try:
        yield PostgresServer(folder=folder, numbers=count(1))
    finally:
        run("pg_ctl", "-D", str(data), "-w", "-s", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _binaries() -> Path | None:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if installed:
        return installed[0].parent
    found = shutil.which("initdb")
    return None if found is None else Path(found).parent


def _has_account(name: str) -> bool:
    return any(entry.pw_name == name for entry in pwd.getpwall())
