# SPDX-License-Identifier: EUPL-1.2
"""/v1/official-forecasts: what the ministry expected, edition by edition."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from service.api.paging import cut, link
from service.api.route import Route
from service.api.schemas import Moment, PageQuery, Shape
from service.deps import DeskDep
from training.store.official_forecasts import OfficialForecast

router = APIRouter(route_class=Route, tags=["official forecasts"])


class OfficialForecastQuery(PageQuery):
    """Which official forecasts are asked for."""

    target_year: Annotated[
        int | None, Field(ge=1900, le=2199, description="Only forecasts of this year.")
    ] = None
    known_at: Annotated[
        Moment | None, Field(description="As published by this moment; now if left out.")
    ] = None


class OfficialForecastOut(Shape):
    """One published figure of an official forecast of the inflow."""

    edition: str
    known_at: Annotated[
        datetime, Field(description="Day of the edition, or the last day of its month.")
    ]
    target_year: Annotated[int, Field(description="Year that is forecast.")]
    scenario: Annotated[str, Field(description="As published: min, medium, max, point, ….")]
    persons: Annotated[int, Field(description="Inflow in that year.")]
    counts: Annotated[str, Field(description="Which persons it counts, as far as is stated.")]
    comparable: Annotated[
        bool, Field(description="Whether it can be held against the inflow of the year.")
    ]
    not_comparable: Annotated[str | None, Field(description="Why it cannot.")] = None
    note: Annotated[str | None, Field(description="What else is printed with it.")] = None
    source: str

    @classmethod
    def of(cls, entry: OfficialForecast) -> Self:
        """The shape of an official forecast."""
        return cls(
            edition=entry.edition,
            known_at=entry.known_at,
            target_year=entry.target_year,
            scenario=entry.scenario,
            persons=entry.persons,
            counts=entry.counts,
            comparable=entry.is_comparable,
            not_comparable=entry.not_comparable or None,
            note=entry.note or None,
            source=entry.source,
        )


class OfficialForecastListOut(Shape):
    """A page of official forecasts, by year, edition and scenario."""

    total: int
    items: tuple[OfficialForecastOut, ...]


@router.get("/official-forecasts", operation_id="listOfficialForecasts")
def list_official_forecasts(
    request: Request,
    response: Response,
    ask: Annotated[OfficialForecastQuery, QueryParameters()],
    desk: DeskDep,
) -> OfficialForecastListOut:
    """Official forecasts of the yearly inflow, each with the day it became known."""
    found = desk.store.official_forecasts.as_known_at(
        ask.known_at or desk.now(), target_year=ask.target_year
    )
    link(request, response, ask, total=len(found))
    return OfficialForecastListOut(
        total=len(found), items=tuple(OfficialForecastOut.of(entry) for entry in cut(found, ask))
    )
