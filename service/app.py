# SPDX-License-Identifier: EUPL-1.2
"""The application: pages, probes and metrics outside, the API at /v1 inside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from service import probes
from service.api import problems
from service.api.application import create_api
from service.conditional import Conditional
from service.guard import Guard
from service.settings import Settings
from service.storage.desk import FrontDesk, OpenStore
from service.telemetry import Telemetry, configure_logs
from service.usecases.work import Worker
from service.web import pages

__all__ = ["create_app"]


def create_app(settings: Settings, open_store: OpenStore) -> FastAPI:
    """Build the application; tests pass their own settings and store.

    Args:
        settings: What the operator chose.
        open_store: Opens a migrated store; called when it is first needed, so that the
            application starts, and says what is wrong, while the database is away.
    """
    configure_logs(settings.log_level)
    front = FrontDesk(open_store)
    worker = Worker(front)
    telemetry = Telemetry(front)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        worker.start()
        try:
            yield {"front": front, "worker": worker, "settings": settings, "telemetry": telemetry}
        finally:
            worker.stop()
            front.close()

    app = FastAPI(
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(Guard, max_in_flight=settings.max_in_flight, observe=telemetry.observe),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(settings.allowed_hosts)),
            # Outside the packing, so that packed and plain answers have tags of their own.
            Middleware(Conditional),
            Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6),
        ],
    )
    problems.install(app)
    pages.install(app)
    app.include_router(probes.router)
    app.mount("/v1", create_api())
    app.include_router(pages.router)
    return app
