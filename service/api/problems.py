# SPDX-License-Identifier: EUPL-1.2
"""Problem documents (RFC 9457): the one place where an error becomes an HTTP status."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from models.errors import (
    Conflict,
    ConflictingDemands,
    DamagedArtefact,
    GetijError,
    InvalidFile,
    InvalidInput,
    NotFitted,
    NotFound,
    SourceUnavailable,
)
from service.errors import AddressTooLong, Busy, NotAcceptable, Unavailable, UnsupportedMedia

__all__ = [
    "DATABASE_AWAY",
    "PROBLEMS",
    "install",
    "on_database_away",
    "problem",
    "render",
    "unforeseen",
]

PROBLEMS: dict[type[GetijError], tuple[int, str]] = {
    GetijError: (500, "Internal error"),
    InvalidInput: (400, "Invalid input"),
    InvalidFile: (400, "Invalid file"),
    NotFound: (404, "Not found"),
    NotFitted: (500, "Internal error"),
    Conflict: (409, "Conflict"),
    ConflictingDemands: (409, "Conflicting demands"),
    SourceUnavailable: (503, "Source unavailable"),
    DamagedArtefact: (500, "Internal error"),
    Busy: (503, "Too busy"),
    Unavailable: (503, "Temporarily unavailable"),
    NotAcceptable: (406, "Not acceptable"),
    UnsupportedMedia: (415, "Unsupported media type"),
    AddressTooLong: (414, "Address too long"),
}
"""Every error class and what the outside world sees of it."""

DATABASE_AWAY = (OperationalError, InterfaceError, NoConnectionFree)
"""What is raised while the database cannot be reached."""

_DETAILS = {
    400: "The request could not be understood.",
    404: "There is nothing at this address.",
    405: "This address does not know that method.",
    413: "The request body is too large.",
    500: "Something went wrong on our side. Please try again later.",
}


def problem(
    status: int,
    *,
    title: str,
    detail: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document.

    Args:
        status: HTTP status code.
        title: The kind of problem, the same every time.
        detail: What is wrong this time, in one sentence; never echoes the input.
        errors: Every fault, where there are several.
        headers: Further headers.

    Returns:
        The response, never to be stored by a cache.
    """
    body: dict[str, Any] = {"status": status, "title": title, "detail": detail}
    if errors:
        body["errors"] = list(errors)
    return Response(
        # ASCII only: a lone surrogate in a message must not turn a 400 into a 500.
        json.dumps(body, ensure_ascii=True),
        status_code=status,
        media_type="application/problem+json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def render(error: GetijError) -> Response:
    """Turn one of our errors into a problem document; keep internals inside."""
    kind = next(kind for kind in type(error).__mro__ if kind in PROBLEMS)
    status, title = PROBLEMS[kind]
    inside = status == HTTPStatus.INTERNAL_SERVER_ERROR
    retry_after = getattr(error, "retry_after", None)
    return problem(
        status,
        title=title,
        detail=_DETAILS[500] if inside else str(error),
        errors=_faults(error) if isinstance(error, InvalidFile) else (),
        headers=None if retry_after is None else {"Retry-After": str(retry_after)},
    )


def _faults(error: InvalidFile) -> list[dict[str, str]]:
    return [
        {
            "in": "body",
            "name": ", ".join(
                part
                for part in (
                    f"line {fault.line}" if fault.line is not None else "",
                    fault.column or "",
                )
                if part
            ),
            "reason": fault.reason,
        }
        for fault in error.faults
    ]


def install(app: FastAPI) -> None:
    """Let an application answer with problem documents whatever goes wrong."""
    app.add_exception_handler(GetijError, _on_our_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    for away in DATABASE_AWAY:
        app.add_exception_handler(away, on_database_away)
    app.add_exception_handler(Exception, _on_unforeseen)


def _on_our_error(_: Request, error: Exception) -> Response:
    return render(cast("GetijError", error))


def _on_invalid_request(_: Request, error: Exception) -> Response:
    faults = [_explain(fault) for fault in cast("RequestValidationError", error).errors()]
    count = "One thing is" if len(faults) == 1 else f"{len(faults)} things are"
    return problem(
        400, title="Invalid input", detail=f"{count} wrong with the request.", errors=faults
    )


def _explain(fault: Mapping[str, Any]) -> dict[str, str]:
    """One fault of a request, without what was sent: not even the name of an unknown field."""
    where, *names = [str(part) for part in fault["loc"]] or ["body"]
    if fault["type"] == "extra_forbidden":
        known = "parameter" if where == "query" else "field"
        return {"in": where, "name": ".".join(names[:-1]), "reason": f"Unknown {known}."}
    if fault["type"] == "json_invalid":
        reason = str(fault.get("ctx", {}).get("error", fault["msg"]))
        return {"in": where, "name": "", "reason": f"Not valid JSON: {reason}."}
    return {"in": where, "name": ".".join(names), "reason": str(fault["msg"])}


def _on_http_error(request: Request, error: Exception) -> Response:
    status = HTTPStatus(cast("HTTPException", error).status_code)
    headers = dict(cast("HTTPException", error).headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(_methods(request))}
    return problem(
        status,
        title=status.phrase.capitalize(),
        detail=_DETAILS.get(status, f"{status.description or status.phrase}."),
        headers=headers,
    )


def _methods(request: Request) -> list[str]:
    """All methods of an address; the framework names only those of the first route it met."""
    app: FastAPI = request.scope["app"]
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    methods = {
        method.upper()
        for template, item in app.openapi()["paths"].items()
        if compile_path(template)[0].match(path)
        for method in item
    } or {"GET"}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def on_database_away(_: Request, error: Exception) -> Response:
    """A problem document for whoever asks while the store or its database is away."""
    return render(error if isinstance(error, Unavailable) else Unavailable("The database"))


def _on_unforeseen(_: Request, __: Exception) -> Response:
    return unforeseen()


def unforeseen() -> Response:
    """What the outside world sees of an error nobody thought of: nothing."""
    return problem(500, title="Internal error", detail=_DETAILS[500])
