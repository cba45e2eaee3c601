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
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

START_SECONDS = 60
"""How long a server may take to start on a busy machine [s]."""

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
    # The server stops with us, even when we are killed.
    as_owner = ["setpriv", "--pdeathsig=QUIT"]
    as_owner += ["--reuid=postgres", "--regid=postgres", "--init-groups"] if root else []
    data = folder / "data"
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"]
    subprocess.run(
        [*as_owner, *initdb, "-E", "UTF8", "--no-sync"],
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    # Another time zone and no forcing to disk: we must not lean on the one, nor wait for the other.
    settings = ("listen_addresses=", "fsync=off", "timezone=America/Caracas")
    postgres = [str(binaries / "postgres"), "-D", str(data), "-k", str(folder)]
    postgres += [part for setting in settings for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*as_owner, *postgres], cwd=folder, stdout=log, stderr=log)
    try:
        _wait_for(server, folder)
        yield PostgresServer(folder=folder, numbers=count(1))
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        server.wait()
        shutil.rmtree(folder)


def _wait_for(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail((folder / "log").read_text(errors="replace"))
            time.sleep(0.05)
        else:
            return


def _binaries() -> Path | None:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if installed:
        return installed[0].parent
    found = shutil.which("initdb")
    return None if found is None else Path(found).parent


def _has_account(name: str) -> bool:
    return any(entry.pw_name == name for entry in pwd.getpwall())
