# SPDX-License-Identifier: EUPL-1.2
"""Where the page is served: parse what is asked, fetch, render."""

from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, Response

from models.errors import NotFound
from service.api.problems import DATABASE_AWAY, on_database_away
from service.api.text_csv import csv_response
from service.deps import DeskDep, SettingsDep
from service.errors import Unavailable
from service.language import Language, wording_of
from service.usecases.dual_use import OFFER_COLUMNS, offer_rows
from service.web.downloads import FORECAST_COLUMNS, PLAN_COLUMNS, forecast_rows, plan_rows
from service.web.plan_view import Choice
from service.web.read import read_page
from service.web.render import STATIC, render_away, render_empty, render_page

__all__ = ["install", "router"]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

MEDIA_TYPES = {".css": "text/css", ".svg": "image/svg+xml"}
A_YEAR = "public, max-age=31536000, immutable"
READ_BY_PEOPLE = frozenset({"/", "/en"})


def install(app: FastAPI) -> None:
    """Let whoever opens the page while the database is away read so in words."""
    for away in (*DATABASE_AWAY, Unavailable):
        app.add_exception_handler(away, _on_database_away)


def _on_database_away(request: Request, error: Exception) -> Response:
    answer = on_database_away(request, error)
    path = request.url.path
    if path not in READ_BY_PEOPLE:
        return answer
    language = Language.EN if path == "/en" else _language(request.query_params.get("lang", ""))
    return HTMLResponse(
        render_away(language=language),
        status_code=answer.status_code,
        headers={name: answer.headers[name] for name in ("retry-after", "cache-control")},
    )


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
    language = _language(lang)
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


@router.api_route("/forecast.csv", methods=["GET", "HEAD"])
def read_forecast_file(desk: DeskDep, settings: SettingsDep) -> Response:
    """The figures behind the charts.

    Raises:
        NotFound: no forecast has been issued yet.
    """
    page = read_page(desk, norm=settings.occupancy_norm)
    if page is None:
        raise NotFound("forecast", "latest")
    return csv_response(FORECAST_COLUMNS, forecast_rows(page), name="forecast.csv")


@router.api_route("/plan.csv", methods=["GET", "HEAD"])
def read_plan_file(
    desk: DeskDep,
    settings: SettingsDep,
    *,
    lang: Annotated[str, Query()] = Language.NL,
    province: Annotated[str, Query()] = "",
    action: Annotated[str, Query()] = "",
    when: Annotated[str, Query()] = "",
) -> Response:
    """The lines of the plan that were chosen, with their reasons in words.

    Raises:
        NotFound: no plan has been made on the latest forecast yet.
    """
    page = read_page(desk, norm=settings.occupancy_norm)
    if page is None or page.plan is None:
        raise NotFound("capacity plan", "latest")
    choice = Choice(province=province, action=action, when=when)
    rows = plan_rows(page.plan, choice, wording=wording_of(_language(lang)))
    return csv_response(PLAN_COLUMNS, rows, name="plan.csv")


@router.api_route("/dual-use.csv", methods=["GET", "HEAD"])
def read_dual_use_file(desk: DeskDep, settings: SettingsDep) -> Response:
    """What could be lent in every half-year, with the odds and the value.

    Raises:
        NotFound: no plan has been made on the latest forecast yet.
    """
    page = read_page(desk, norm=settings.occupancy_norm)
    if page is None or page.dual_use is None:
        raise NotFound("capacity plan", "latest")
    return csv_response(OFFER_COLUMNS, offer_rows(page.dual_use.every), name="dual-use.csv")


def _language(asked: str) -> Language:
    """Dutch, unless English is asked for."""
    return Language.EN if asked == Language.EN else Language.NL


@router.api_route("/static/{name}", methods=["GET", "HEAD"])
def read_static(name: str) -> Response:
    """A style sheet or picture of our own; its address carries its hash, so it may be kept.

    Raises:
        NotFound: there is no such file.
    """
    if name not in STATIC:
        raise NotFound("file", name)
    path = STATIC[name]
    return Response(
        path.read_bytes(), media_type=MEDIA_TYPES[path.suffix], headers={"Cache-Control": A_YEAR}
    )
