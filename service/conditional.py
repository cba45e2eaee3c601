# SPDX-License-Identifier: EUPL-1.2
"""HEAD, ETag and 304 for everything that is read, in one place."""

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Conditional"]


class Conditional:
    """Answers HEAD as GET without a body, and an unchanged resource with 304.

    An answer that says `no-store` changes all the time and gets no tag; one that brings
    its own tag keeps it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        without_body = scope["method"] == "HEAD"
        scope["method"] = "GET"
        answer = _Answer(send, wanted=_tags(scope), without_body=without_body)
        await self.app(scope, receive, answer.send)


def _tags(scope: Scope) -> set[str]:
    """The tags a client already holds; weak and strong count alike for reading (RFC 9110)."""
    listed = Headers(scope=scope).get("if-none-match", "")
    return {tag.strip().removeprefix("W/") for tag in listed.split(",") if tag.strip()}


class _Answer:
    """Holds an answer back until its whole body is known, then tags it."""

    def __init__(self, send: Send, *, wanted: set[str], without_body: bool) -> None:
        self._send = send
        self._wanted = wanted
        self._without_body = without_body
        self._start: Message = {}
        self._body = bytearray()
        self._taggable = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = Headers(raw=message["headers"])
            self._taggable = (
                message["status"] == 200
                and "etag" not in headers
                and "no-store" not in headers.get("cache-control", "")
            )
            self._start = message
            if not self._taggable:
                await self._send(message)
            return
        if not self._taggable:
            await self._send({**message, "body": b""} if self._without_body else message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._finish()

    async def _finish(self) -> None:
        tag = f'"{hashlib.sha256(self._body).hexdigest()[:32]}"'
        headers = MutableHeaders(raw=list(self._start["headers"]))
        headers["ETag"] = tag
        headers.setdefault("Cache-Control", "private, no-cache")
        unchanged = bool(self._wanted & {tag, "*"})
        if unchanged:
            for name in ("content-length", "content-type", "content-encoding"):
                del headers[name]
        status = 304 if unchanged else self._start["status"]
        await self._send({**self._start, "status": status, "headers": headers.raw})
        empty = unchanged or self._without_body
        await self._send(
            {"type": "http.response.body", "body": b"" if empty else bytes(self._body)}
        )
