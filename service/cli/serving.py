# SPDX-License-Identifier: EUPL-1.2
"""`getij run` and `getij serve`: from figures to a page, and the service alone."""

import os
import socket

import uvicorn

from models.errors import InvalidInput
from service.app import create_app
from service.cli.console import problems_as_exit_code_2, say
from service.cli.house import queue_choices, ready_advice, ready_forecast, ready_store
from service.settings import Settings
from service.storage.desk import Desk
from training.store import open_store
from training.store.migrate import migrate

__all__ = ["run", "serve"]


def run() -> None:
    """Do everything: figures, model, forecast, advice; then serve API and page."""
    with problems_as_exit_code_2():
        settings = Settings.read(os.environ)
        listener = _listen(settings)
        with ready_store(settings) as store:
            ready_forecast(store)
            desk = Desk.of(store)
            ready_advice(desk, settings, with_choices=False)
            queue_choices(desk, settings)
        _serve(settings, listener)


def serve() -> None:
    """Serve API and page on what has been issued before."""
    with problems_as_exit_code_2():
        settings = Settings.read(os.environ)
        listener = _listen(settings)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        migrate(settings.database)
        _serve(settings, listener)


def _listen(settings: Settings) -> socket.socket:
    """Take the port before any work is done, so that a taken port is known at once."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        raise InvalidInput(
            f"Cannot listen on {settings.host} port {settings.port}: {error.strerror}; "
            "choose others with GETIJ_HOST and GETIJ_PORT."
        ) from error
    return listener


def _serve(settings: Settings, listener: socket.socket) -> None:
    app = create_app(settings, lambda: open_store(settings.database, settings.data_dir))
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    say(f"Getij answers at http://{host}:{listener.getsockname()[1]}/ (stop with Ctrl-C)")
    uvicorn.Server(config).run(sockets=[listener])
