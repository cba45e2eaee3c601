# SPDX-License-Identifier: EUPL-1.2
"""Long lists in pages, with links to the neighbours (RFC 8288)."""

from collections.abc import Sequence
from typing import TypeVar

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

from service.api.schemas import PageQuery

__all__ = ["cut", "link"]

Item = TypeVar("Item")


def cut(items: Sequence[Item], ask: PageQuery) -> Sequence[Item]:
    """The items of one page."""
    return items[ask.offset : ask.offset + ask.page_size]


def link(request: Request, response: Response, ask: PageQuery, *, total: int) -> None:
    """Write the headers that lead through a list of `total` items."""
    last = max(1, -(-total // ask.page_size))
    pages = {"first": 1, "last": last}
    if ask.page > 1:
        pages["prev"] = min(ask.page - 1, last)
    if ask.page < last:
        pages["next"] = ask.page + 1
    # Relative, so that it holds behind any proxy.
    here = URL(path=request.url.path, query=request.url.query)
    links = [
        f'<{here.include_query_params(page=page, pageSize=ask.page_size)}>; rel="{name}"'
        for name, page in sorted(pages.items())
    ]
    response.headers["Link"] = ", ".join(links)
    response.headers["X-Total-Count"] = str(total)
