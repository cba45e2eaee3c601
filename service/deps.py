# SPDX-License-Identifier: EUPL-1.2
"""What a route may ask for: the open desk, the settings, the worker."""

from typing import Annotated, cast

from fastapi import Depends, Request

from service.settings import Settings
from service.storage.desk import Desk, FrontDesk
from service.usecases.work import Worker

__all__ = ["DeskDep", "SettingsDep", "WorkerDep"]


def _desk(request: Request) -> Desk:
    return cast("FrontDesk", request.state.front).desk()


def _settings(request: Request) -> Settings:
    return cast("Settings", request.state.settings)


def _worker(request: Request) -> Worker:
    return cast("Worker", request.state.worker)


DeskDep = Annotated[Desk, Depends(_desk)]
SettingsDep = Annotated[Settings, Depends(_settings)]
WorkerDep = Annotated[Worker, Depends(_worker)]
