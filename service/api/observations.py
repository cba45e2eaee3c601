# SPDX-License-Identifier: EUPL-1.2
"""/v1/observations: what is known, and what was known at any moment in the past."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from models.catalogue import Status
from service.api.paging import cut, link
from service.api.route import ALSO_CSV, CSV, JSON, Route, preferred
from service.api.schemas import Moment, Month, PageQuery, SeriesIds, Shape
from service.api.text_csv import csv_response
from service.deps import DeskDep
from training.store.records import KnownBasis, Observation

router = APIRouter(route_class=Route, tags=["observations"])

_COLUMNS = ("series_id", "period", "value", "known_at", "known_basis", "status", "source")
"""What the command line reads back in."""


class ObservationQuery(PageQuery):
    """Which figures are asked for."""

    series_id: Annotated[
        SeriesIds | None, Field(description="Only these series; every series if left out.")
    ] = None
    known_at: Annotated[
        Moment | None, Field(description="As it stood at this moment; now if left out.")
    ] = None
    first: Annotated[Month | None, Field(alias="from", description="First month.")] = None
    last: Annotated[Month | None, Field(alias="to", description="Last month.")] = None

    def wants(self, row: Observation) -> bool:
        """Whether a figure lies in the months asked for."""
        month = row.period.isoformat()[:7]
        return (self.first or month) <= month <= (self.last or month)


class ObservationOut(Shape):
    """One figure, and when it became known."""

    series_id: str
    start_date: Annotated[date, Field(description="First day of the period, or the day itself.")]
    value: Annotated[float, Field(description="In the unit of the series.")]
    known_at: datetime
    known_basis: Annotated[KnownBasis, Field(description="Published, or assumed by us.")]
    status: Status
    source: str

    @classmethod
    def of(cls, row: Observation) -> Self:
        """The shape of an observation."""
        return cls(
            series_id=row.series_id,
            start_date=row.period,
            value=row.value,
            known_at=row.known_at,
            known_basis=row.known_basis,
            status=row.status,
            source=row.source,
        )


class ObservationListOut(Shape):
    """A page of figures as they stood at one moment."""

    known_at: datetime
    total: int
    items: tuple[ObservationOut, ...]


@router.get(
    "/observations",
    operation_id="listObservations",
    response_model=ObservationListOut,
    responses=ALSO_CSV,
)
def list_observations(
    request: Request,
    response: Response,
    ask: Annotated[ObservationQuery, QueryParameters()],
    desk: DeskDep,
) -> Any:
    """Figures by series and period; a correction replaces what it corrects from `knownAt` on."""
    moment = ask.known_at or desk.now()
    snapshot = desk.store.observations.as_known_at(moment, series_ids=ask.series_id)
    found = [row for row in snapshot.observations if ask.wants(row)]
    if preferred(request, (JSON, CSV)) == CSV:
        return csv_response(_COLUMNS, map(_cells, found), name="observations.csv")
    link(request, response, ask, total=len(found))
    response.headers["Vary"] = "Accept"
    return ObservationListOut(
        known_at=moment,
        total=len(found),
        items=tuple(ObservationOut.of(row) for row in cut(found, ask)),
    )


def _cells(row: Observation) -> tuple[str | float, ...]:
    return (
        row.series_id,
        row.period.isoformat(),
        row.value,
        row.known_at.isoformat(),
        row.known_basis.value,
        row.status.value,
        row.source,
    )
