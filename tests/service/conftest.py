# SPDX-License-Identifier: EUPL-1.2
"""A service on a small filled store, for every test of the service."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from service.app import create_app
from service.settings import Settings
from service.storage.desk import Desk
from tests.builders import fill, opener


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, log_level="error")


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with figures, a forecast and a register in it; tests get copies."""
    folder = tmp_path_factory.mktemp("filled")
    with opener(folder)() as store:
        fill(store)
    return folder


@pytest.fixture
def empty_desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk on a migrated store without anything in it."""
    with opener(tmp_path)() as store:
        yield Desk.of(store)


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    """A folder of the test's own, with figures, a forecast and a register in it."""
    return shutil.copytree(filled, tmp_path / "getij")


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    """A desk with figures, a forecast and a register on it."""
    with opener(folder, fresh=False)() as store:
        yield Desk.of(store)


@pytest.fixture
def app(settings: Settings, folder: Path) -> FastAPI:
    return create_app(settings, opener(folder, fresh=False))


@pytest.fixture(scope="session")
def read_only(filled: Path) -> Iterator[TestClient]:
    """A client of a service that the tests only read from."""
    settings = Settings(data_dir=filled, log_level="error")
    app = create_app(settings, opener(filled, fresh=False))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The address of an application that really listens, in a thread of its own."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", server_header=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def wait_for(client: TestClient, task: str, *, seconds: float = 60.0) -> dict[str, object]:
    """The task at an address, once it has ended."""
    deadline = time.monotonic() + seconds
    while True:
        found: dict[str, object] = client.get(task).json()
        if found["state"] in {"succeeded", "failed"} or time.monotonic() > deadline:
            return found
        time.sleep(0.02)
