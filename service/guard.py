# SPDX-License-Identifier: EUPL-1.2
"""The outermost layer: headers on every answer, admission, one log line, one measurement."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import GetijError
from service.api import API_VERSION, problems
from service.errors import AddressTooLong, Busy

__all__ = ["PROBES", "Guard"]

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Addresses that are answered however busy it is."""

MAX_ADDRESS_BYTES = 4_096

_HEADERS = {
    "API-Version": API_VERSION,
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"

Observe = Callable[[str, str, int, float], None]
"""Takes method, route template, status and duration [s] of an answered request."""


class Guard:
    """Wraps the whole application; what reaches a client has passed through here.

    It is plain ASGI rather than the framework's own kind of middleware, because only so
    do refusals and errors carry the same headers as everything else.
    """

    def __init__(self, app: ASGIApp, *, max_in_flight: int, observe: Observe) -> None:
        self.app = app
        self._free = max_in_flight
        self._observe = observe
        self._log = structlog.get_logger("getij.http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Layers further in may rewrite the method (HEAD is answered as GET without a body).
        method = str(scope["method"])
        answer = _Answer(send, path=scope["path"])
        started = time.perf_counter()
        try:
            await self._admit(scope, receive, answer.send)
        except Exception:  # noqa: BLE001 - the last line of defence
            # Whatever it is, the client must learn no more than that something went wrong.
            self._log.exception("unforeseen error", method=method, route=_template(scope))
            if answer.status is None:
                response = problems.unforeseen()
                await response(scope, receive, answer.send)
        finally:
            seconds = time.perf_counter() - started
            status = answer.status or 499
            self._observe(method, _template(scope), status, seconds)
            self._log.info(
                "request",
                method=method,
                route=_template(scope),
                status=status,
                duration_seconds=round(seconds, 6),
            )

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope)
        if refusal is not None:
            await problems.render(refusal)(scope, receive, send)
            return
        counted = scope["path"] not in PROBES
        self._free -= counted
        try:
            await self.app(scope, receive, send)
        finally:
            self._free += counted

    def _refusal(self, scope: Scope) -> GetijError | None:
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_ADDRESS_BYTES:
            return AddressTooLong(MAX_ADDRESS_BYTES)
        if self._free <= 0 and scope["path"] not in PROBES:
            return Busy(
                "Too many requests are being answered.",
                # Not the same for all, or they would all come back at once.
                retry_after=1 + secrets.randbelow(5),
            )
        return None


class _Answer:
    """Passes an answer on with our headers, and remembers its status."""

    def __init__(self, send: Send, *, path: str) -> None:
        self._send = send
        self._policy = _API_POLICY if path.startswith("/v1/") else _PAGE_POLICY
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", self._policy)
        await self._send(message)


def _template(scope: Scope) -> str:
    """The route as a template, so that neither log nor metrics hold what a client typed."""
    route: Any = scope.get("route")
    if route is None:
        return "unknown"
    prefix = "/v1" if str(scope["path"]).startswith("/v1/") else ""
    return prefix + str(getattr(route, "path", "unknown"))
