# SPDX-License-Identifier: EUPL-1.2
"""/v1/scenarios: what levers would do to a forecast, beside that forecast; immutable once made."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi import Query as QueryParameters
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from models.errors import InvalidFile
from service.api.advice_shapes import (
    FoundationOut,
    IdempotencyKey,
    TaskOut,
    accept,
    foundation_of,
)
from service.api.paging import link
from service.api.route import ALSO_CSV, CSV, JSON, Route, preferred
from service.api.scenario_shapes import (
    COLUMNS,
    LeverOut,
    PeakOut,
    ScenarioIn,
    ScenarioPeriodOut,
    Selection,
    levers_out,
    place_of,
)
from service.api.schemas import Identifier, Levels, Month, PageQuery, Query, Shape
from service.api.text_csv import csv_response, quality_headers
from service.deps import DeskDep, SettingsDep, WorkerDep
from service.usecases.forecasts import DEFAULT_LEVELS, latest_entry
from service.usecases.scenarios import (
    MadeScenario,
    check_scenario,
    list_scenarios,
    read_figures,
    read_scenario,
)
from service.usecases.work import ask as queue

router = APIRouter(route_class=Route, tags=["scenarios"])


class FiguresQuery(Query):
    """Which figures of a scenario are asked for."""

    levels: Annotated[
        Levels, Field(description="Quantile levels; the median and three bands if not given.")
    ] = DEFAULT_LEVELS
    first: Annotated[Month | None, Field(alias="from", description="First month.")] = None
    last: Annotated[Month | None, Field(alias="to", description="Last month.")] = None


class ScenarioSummaryOut(FoundationOut):
    """A scenario without its figures."""

    scenario_id: Annotated[str, Field(description="Hash of the content: never changes.")]
    name: str
    levers: tuple[LeverOut, ...]


class ScenarioOut(ScenarioSummaryOut):
    """A scenario beside the forecast that is its baseline, taken apart by lever."""

    levels: tuple[float, ...]
    peak: PeakOut
    periods: tuple[ScenarioPeriodOut, ...]


class ScenarioListOut(Shape):
    """A page of scenarios, the latest first."""

    total: int
    items: tuple[ScenarioSummaryOut, ...]


@router.post("/scenarios", operation_id="askScenario", status_code=202)
def ask_scenario(
    *,
    response: Response,
    _: Annotated[Query, QueryParameters()],
    body: ScenarioIn,
    desk: DeskDep,
    settings: SettingsDep,
    worker: WorkerDep,
    key: IdempotencyKey = None,
) -> TaskOut:
    """Ask what levers would do; the task leads to the scenario."""
    request = body.request(latest=body.forecast_id or latest_entry(desk).forecast_id)
    try:
        check_scenario(desk, request)
    except InvalidFile as error:
        # As faults of the body, so that they look like those of its types.
        raise RequestValidationError(
            [
                {"type": "lever", "loc": ("body", *place_of(fault)), "msg": fault.reason}
                for fault in error.faults
            ]
        ) from None
    task = queue(desk, request, asked=body.words(), key=key, queue_limit=settings.queue_limit)
    worker.notify()
    return accept(task, response)


@router.get("/scenarios", operation_id="listScenarios")
def list_all(
    request: Request,
    response: Response,
    ask: Annotated[PageQuery, QueryParameters()],
    desk: DeskDep,
) -> ScenarioListOut:
    """Every scenario that was made, the latest first; read one for its figures."""
    total = desk.scenarios.count()
    link(request, response, ask, total=total)
    made = list_scenarios(desk, offset=ask.offset, limit=ask.page_size)
    items = tuple(ScenarioSummaryOut(**_summary(scenario)) for scenario in made)
    return ScenarioListOut(total=total, items=items)


@router.get(
    "/scenarios/{scenarioId}",
    operation_id="readScenario",
    response_model=ScenarioOut,
    responses=ALSO_CSV,
)
def read_one(
    request: Request,
    response: Response,
    scenario_id: Annotated[Identifier, Path(alias="scenarioId")],
    ask: Annotated[FiguresQuery, QueryParameters()],
    desk: DeskDep,
) -> Any:
    """A scenario as it was made: the levels and months asked for."""
    made = read_scenario(desk, scenario_id)
    selection = Selection(
        summary=read_figures(desk, scenario_id), levels=ask.levels, first=ask.first, last=ask.last
    )
    if preferred(request, (JSON, CSV)) == CSV:
        foundation = made.document.foundation
        return csv_response(
            COLUMNS,
            selection.rows(scenario_id),
            name=f"scenario-{scenario_id}.csv",
            headers=quality_headers(foundation.quality, foundation.data_until),
        )
    response.headers["Vary"] = "Accept"
    return ScenarioOut(
        **_summary(made),
        levels=tuple(sorted(set(ask.levels))),
        peak=selection.peak(),
        periods=tuple(selection.periods()),
    )


def _summary(made: MadeScenario) -> dict[str, Any]:
    request = made.document.request
    return {
        "scenario_id": made.scenario_id,
        "made_at": made.made_at,
        "name": request.name,
        "levers": levers_out(request.levers),
        **foundation_of(made.document.foundation, forecast_id=request.forecast_id),
    }
