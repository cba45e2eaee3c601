# SPDX-License-Identifier: EUPL-1.2
"""/v1/series: the catalogue of what is counted, in which unit, how often and by whom."""

from typing import Annotated, Self

from fastapi import APIRouter, Path
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from models.catalogue import Measure, PlaceKind, SeriesDefinition
from models.periods import Frequency
from service.api.paging import cut, link
from service.api.route import Route
from service.api.schemas import PageQuery, Query, SeriesId, Shape
from service.deps import DeskDep

router = APIRouter(route_class=Route, tags=["series"])


class SeriesOut(Shape):
    """One series of the catalogue."""

    series_id: str
    measure: Annotated[Measure, Field(description="What is counted.")]
    unit: str
    frequency: Frequency
    definition: Annotated[str, Field(description="The publisher's definition.")]
    group: Annotated[str, Field(description="Who is counted.")]
    place_kind: PlaceKind
    place_code: str
    publisher: str

    @classmethod
    def of(cls, entry: SeriesDefinition) -> Self:
        """The shape of an entry of the catalogue."""
        return cls(
            series_id=entry.series_id,
            measure=entry.measure,
            unit=entry.unit,
            frequency=entry.frequency,
            definition=entry.definition,
            group=entry.group,
            place_kind=entry.place.kind,
            place_code=entry.place.code,
            publisher=entry.publisher,
        )


class SeriesListOut(Shape):
    """A page of the catalogue."""

    total: int
    items: tuple[SeriesOut, ...]


@router.get("/series", operation_id="listSeries")
def list_series(
    request: Request,
    response: Response,
    ask: Annotated[PageQuery, QueryParameters()],
    desk: DeskDep,
) -> SeriesListOut:
    """Every series of the catalogue, by name."""
    found = desk.store.series.all()
    link(request, response, ask, total=len(found))
    items = tuple(SeriesOut.of(entry) for entry in cut(found, ask))
    return SeriesListOut(total=len(found), items=items)


@router.get("/series/{seriesId}", operation_id="readSeries")
def read_series(
    series_id: Annotated[SeriesId, Path(alias="seriesId")],
    _: Annotated[Query, QueryParameters()],
    desk: DeskDep,
) -> SeriesOut:
    """What one series counts."""
    return SeriesOut.of(desk.store.series.get(series_id))
