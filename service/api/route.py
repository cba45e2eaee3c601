# SPDX-License-Identifier: EUPL-1.2
"""How every address under /v1 reads a request: media types, and JSON without surprises."""

import json
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import HTTPException
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from service.errors import NotAcceptable, UnsupportedMedia

__all__ = ["ALSO_CSV", "CSV", "JSON", "Route", "preferred"]

JSON = "application/json"
CSV = "text/csv"

ALSO_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}}}
}
"""For an address that serves the same table in both forms."""

_DEEPEST = 20


def preferred(request: Request, offers: tuple[str, ...]) -> str:
    """The form a client likes best of those on offer; the first one if it does not care.

    Raises:
        NotAcceptable: it accepts none of them.
    """
    accepted = _accepted(request.headers.get("accept", "*/*"))
    scored = [(_weight(offer, accepted), -index) for index, offer in enumerate(offers)]
    best, position = max(scored)
    if best <= 0:
        raise NotAcceptable(offers)
    return offers[-position]


def _accepted(header: str) -> dict[str, float]:
    """Media ranges and their weights; a weight that cannot be read counts as 1."""
    ranges: dict[str, float] = {}
    for item in header.split(","):
        media, *parameters = [part.strip().lower() for part in item.split(";")]
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 1.0
        if media:
            ranges[media] = weight
    return ranges or {"*/*": 1.0}


def _weight(offer: str, accepted: dict[str, float]) -> float:
    """The most specific range decides (RFC 9110, 12.5.1)."""
    family = f"{offer.split('/', maxsplit=1)[0]}/*"
    for media in (offer, family, "*/*"):
        if media in accepted:
            return accepted[media]
    return 0.0


class Route(APIRoute):
    """An address that refuses media it cannot read or write, and reads JSON strictly."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # What has no value is left out everywhere, as the API document says.
        super().__init__(*arguments, **{**options, "response_model_exclude_none": True})

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the framework's handler."""
        handle = super().get_route_handler()
        body: Any = self.body_field
        takes = None if body is None else str(body.field_info.media_type)
        offers = (JSON, *(self.responses.get(200) or {}).get("content", {}))

        async def strict(request: Request) -> Response:
            media = request.headers.get("content-type", "").split(";")[0].strip().lower()
            if takes is not None and media != takes:
                raise UnsupportedMedia(takes)
            preferred(request, offers)
            return await handle(_StrictRequest(request.scope, request.receive, takes=takes))

        return strict


class _StrictRequest(Request):
    """A request whose body is not endless, and whose JSON holds no NaN and no name twice."""

    def __init__(self, scope: Scope, receive: Receive, *, takes: str | None) -> None:
        super().__init__(scope, receive)
        self._takes = takes

    async def body(self) -> bytes:
        """The body.

        Raises:
            HTTPException: it is larger than allowed; no more of it is read than that.
        """
        if not hasattr(self, "_body"):
            settings = self.state.settings
            limit = settings.max_table_bytes if self._takes == CSV else settings.max_body_bytes
            content = bytearray()
            async for part in self.stream():
                content += part
                if len(content) > limit:
                    # Not an error of ours: the framework would take that for bad JSON.
                    raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            self._body = bytes(content)
        return self._body

    async def json(self) -> Any:
        """The body.

        Raises:
            json.JSONDecodeError: it is not strict JSON, which becomes a 400.
        """
        try:
            text = (await self.body()).decode()
            value = json.loads(
                text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_twice
            )
        except json.JSONDecodeError:
            raise
        except (ValueError, RecursionError) as error:
            reason = str(error) if type(error) is _NotStrict else "it cannot be read"
            raise json.JSONDecodeError(reason, "", 0) from None
        if _depth(value) > _DEEPEST:
            raise json.JSONDecodeError(f"it is nested more than {_DEEPEST} deep", "", 0)
        return value


class _NotStrict(ValueError):
    pass


def _refuse_constant(name: str) -> None:
    raise _NotStrict(f"{name} is not a number")


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotStrict("a name occurs twice in one object")
    return found


def _depth(value: Any) -> int:
    """Levels of nesting, without recursion so that hostile input cannot exhaust the stack."""
    deepest = 0
    waiting = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        deepest = max(deepest, depth)
        parts = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        waiting += [(part, depth + 1) for part in parts]
    return deepest
