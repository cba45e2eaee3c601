# SPDX-License-Identifier: EUPL-1.2
"""Where the page is served: parse what is asked, fetch, render."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, HTMLResponse, Response

from models.errors import NotFound
from service.deps import DeskDep, SettingsDep
from service.web.language import Language
from service.web.plan_view import Choice
from service.web.read import read_page
from service.web.render import STATIC, render_empty, render_page

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

MEDIA_TYPES = {".css": "text/css", ".svg": "image/svg+xml"}
A_YEAR = "public, max-age=31536000, immutable"


@router.api_route("/", methods=["GET", "HEAD"])
def read_home(
    desk: DeskDep,
    settings: SettingsDep,
    *,
    lang: Annotated[str, Query()] = Language.NL,
    province: Annotated[str, Query()] = "",
    action: Annotated[str, Query()] = "",
    when: Annotated[str, Query()] = "",
) -> HTMLResponse:
    """The page, in Dutch unless English is asked for."""
    language = Language.EN if lang == Language.EN else Language.NL
    page = read_page(desk, norm=settings.occupancy_norm)
    if page is None:
        return HTMLResponse(render_empty(language=language), headers={"Cache-Control": "no-store"})
    choice = Choice(province=province, action=action, when=when)
    body = render_page(page, language=language, choice=choice)
    return HTMLResponse(body, headers={"Cache-Control": "no-cache"})


@router.api_route("/en", methods=["GET", "HEAD"])
def read_home_in_english(desk: DeskDep, settings: SettingsDep) -> HTMLResponse:
    """The page in English, under an address that is easy to pass on."""
    return read_home(desk, settings, lang=Language.EN)


@router.api_route("/static/{name}", methods=["GET", "HEAD"])
def read_static(name: str) -> Response:
    """A style sheet or picture of our own; its address carries its hash, so it may be kept.

    Raises:
        NotFound: there is no such file.
    """
    if name not in STATIC:
        raise NotFound("file", name)
    path = STATIC[name]
    return FileResponse(
        path, media_type=MEDIA_TYPES[path.suffix], headers={"Cache-Control": A_YEAR}
    )
