# SPDX-License-Identifier: EUPL-1.2
"""The API as an application of its own, to be mounted at /v1."""

from fastapi import FastAPI
from starlette.responses import JSONResponse

from service.api import (
    buffer_advices,
    capacity_plans,
    document,
    dual_use,
    forecasts,
    live_scores,
    locations,
    models,
    observations,
    official_forecasts,
    outlook,
    problems,
    scenarios,
    series,
    status,
    tasks,
)

__all__ = ["create_api"]

_RESOURCES = (
    status,
    series,
    observations,
    forecasts,
    live_scores,
    outlook,
    official_forecasts,
    scenarios,
    locations,
    buffer_advices,
    capacity_plans,
    dual_use,
    tasks,
    models,
)


def create_api() -> FastAPI:
    """Build the API; it describes itself at /openapi.json, readable from any website."""
    # A trailing slash is another address, and nothing is there: no redirects.
    app = FastAPI(redirect_slashes=False, openapi_url=None, docs_url=None, redoc_url=None)
    for resource in _RESOURCES:
        app.include_router(resource.router)
    problems.install(app)
    document.install(app)

    @app.get("/openapi.json", include_in_schema=False)
    async def read_document() -> JSONResponse:
        return JSONResponse(
            app.openapi(),
            headers={
                "Access-Control-Allow-Origin": "*",
                "Cross-Origin-Resource-Policy": "cross-origin",
                "Cache-Control": "no-cache",
            },
        )

    return app
