# SPDX-License-Identifier: EUPL-1.2
"""/v1/locations: the register of locations that holds, and another in its place."""

import csv
import io
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Response
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.requests import Request

from models.errors import NotFound
from models.planning.register.locations import (
    Location,
    LocationKind,
    LocationStatus,
    ReceptionGroup,
)
from service.api.paging import cut, link
from service.api.route import ALSO_CSV, CSV, JSON, Route, preferred
from service.api.schemas import PageQuery, Query, Shape
from service.api.shapes import LocationOut, RegisterChangeOut, RegisterTotalsOut
from service.api.text_csv import csv_response
from service.deps import DeskDep
from service.storage.register import format_register, parse_register
from service.usecases.overview import register_totals
from service.usecases.registers import take_register

router = APIRouter(route_class=Route, tags=["locations"])


class LocationQuery(PageQuery):
    """Which locations are asked for."""

    province: Annotated[str | None, Field(max_length=40)] = None
    municipality_code: Annotated[str | None, Field(pattern=r"^GM[0-9]{4}$")] = None
    kind: LocationKind | None = None
    status: LocationStatus | None = None
    group: ReceptionGroup | None = None

    def wants(self, location: Location) -> bool:
        """Whether a location is among those asked for."""
        return all(
            wanted is None or wanted == found
            for wanted, found in (
                (self.province, location.province),
                (self.municipality_code, location.municipality_code),
                (self.kind, location.kind),
                (self.status, location.status),
                (self.group, location.group),
            )
        )


class LocationListOut(Shape):
    """A page of the register."""

    register_id: Annotated[str, Field(description="Version of the register: hash of its lines.")]
    source: str
    recorded_at: datetime
    totals: Annotated[RegisterTotalsOut, Field(description="Of the locations asked for.")]
    total: int
    items: tuple[LocationOut, ...]


@router.get(
    "/locations", operation_id="listLocations", response_model=LocationListOut, responses=ALSO_CSV
)
def list_locations(
    request: Request,
    response: Response,
    ask: Annotated[LocationQuery, QueryParameters()],
    desk: DeskDep,
) -> Any:
    """The register that holds; as CSV it can be edited and brought in again."""
    register = desk.registers.latest()
    found = [location for location in register.locations if ask.wants(location)]
    if preferred(request, (JSON, CSV)) == CSV:
        header, *rows = csv.reader(io.StringIO(format_register(found)))
        return csv_response(header, rows, name=f"locations-{register.register_id}.csv")
    link(request, response, ask, total=len(found))
    response.headers["Vary"] = "Accept"
    return LocationListOut(
        register_id=register.register_id,
        source=register.source,
        recorded_at=register.recorded_at,
        totals=register_totals(found),
        total=len(found),
        items=tuple(cut(found, ask)),
    )


class NewRegisterQuery(Query):
    """What to know about a register beside its lines."""

    source: Annotated[
        str,
        Field(pattern=r"^[ -~\u00a0-\ud7ff]{1,200}$", description="Where the register comes from."),
    ] = "PUT /v1/locations"


Table = Annotated[
    bytes,
    Body(
        media_type=CSV,
        description="Every line of the register, with the columns that reading it as CSV gives.",
        min_length=1,
        json_schema_extra={"contentMediaType": CSV},
    ),
]


@router.put("/locations", operation_id="replaceLocations")
def replace_locations(
    response: Response,
    ask: Annotated[NewRegisterQuery, QueryParameters()],
    table: Table,
    desk: DeskDep,
) -> RegisterChangeOut:
    """Let another register hold: taken whole, or refused with every fault by line and column."""
    response.headers["Cache-Control"] = "no-store"
    locations = parse_register(table, file="register")
    return take_register(desk, locations, source=ask.source)


@router.get("/locations/{locationId}", operation_id="readLocation")
def read_location(
    location_id: Annotated[str, Path(alias="locationId", max_length=100)],
    _: Annotated[Query, QueryParameters()],
    desk: DeskDep,
) -> LocationOut:
    """One line of the register."""
    for location in desk.registers.latest().locations:
        if location.location_id == location_id:
            return location
    raise NotFound("location", location_id)
