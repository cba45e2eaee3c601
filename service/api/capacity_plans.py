# SPDX-License-Identifier: EUPL-1.2
"""/v1/capacity-plans: what to do with every location, from when and why; immutable once made."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from models.errors import NotFound
from models.planning.portfolio.capacity_plan import PlanStatus
from models.planning.portfolio.uses import UseState
from models.planning.register.criteria import CriteriaWeights
from service.api.advice_shapes import (
    AdviceOut,
    CostsIn,
    IdempotencyKey,
    TaskOut,
    accept,
    advice_foundation,
    taken_together,
)
from service.api.paging import link
from service.api.route import ALSO_CSV, CSV, JSON, Route, preferred
from service.api.schemas import Body, Identifier, PageQuery, Query, Shape
from service.api.shapes import (
    AlternativesOut,
    BranchCourseOut,
    EvaluationOut,
    HalfYearOut,
    PlanLineOut,
    PlanSettingsOut,
    ScenarioErrorOut,
    StabilityOut,
)
from service.api.text_csv import csv_response, quality_headers
from service.deps import DeskDep, SettingsDep, WorkerDep
from service.plan_words import explained
from service.storage.advices import AdviceKind
from service.storage.desk import Desk
from service.usecases.advices import (
    Given,
    PlanDocument,
    latest_capacity_plan,
    list_capacity_plans,
    read_capacity_plan,
)
from service.usecases.overview import plan_request
from service.usecases.work import ask as queue

router = APIRouter(route_class=Route, tags=["capacity plans"])

_COLUMNS = (
    "location_id",
    "municipality",
    "province",
    "kind",
    "action",
    "from_period",
    "decide_by",
    "decide_now",
    "places_before",
    "places_after",
    "places",
    "reason",
    "reason_nl",
    "reason_en",
    "criteria",
    "binding",
    "otherwise_use",
    "otherwise_eur",
)


_WEIGHTS = CriteriaWeights()


def _weight(default: float) -> Any:
    return Field(default=default, ge=0, le=1e5, description="[EUR/(place·year·point)]")


class CriteriaIn(Body):
    """What one point more on a criterion, of 0 to 10, may cost; 0 leaves it out."""

    proportional_spread: float = _weight(_WEIGHTS.proportional_spread)
    chain_interest: float = _weight(_WEIGHTS.chain_interest)
    flexibility: float = _weight(_WEIGHTS.flexibility)
    quality_sustainability: float = _weight(_WEIGHTS.quality_sustainability)
    finance: float = _weight(_WEIGHTS.finance)
    labour_market_potential: float = _weight(_WEIGHTS.labour_market_potential)
    child_interest: float = _weight(_WEIGHTS.child_interest)


class CapacityPlanIn(Body):
    """What to plan; what is left out is chosen by us and said in the answer."""

    forecast_id: Identifier = Field(default_factory=str, description="The latest if left out.")
    seed: int = Field(
        default_factory=int, ge=0, le=2**31 - 1, description="That of the forecast if left out."
    )
    half_years: int = Field(default_factory=int, ge=1, le=10, description="Length.")
    futures: int = Field(
        default=30, ge=1, le=100, description="Futures that stand for the sample paths."
    )
    occupancy_norm: float = Field(
        default_factory=int, ge=0.1, le=1, description="Share of places that may be slept in [-]."
    )
    lending_limit: float = Field(
        default=0.05, gt=0, lt=1, description="Largest chance of a shortage while lent [-]."
    )
    minimum_opening: int = Field(
        default=50, ge=0, le=10_000, description="Fewest places of a new location [places]."
    )
    minimum_places: int = Field(
        default_factory=int, ge=0, le=1_000_000, description="Demand: places in every half-year."
    )
    maximum_openings: int = Field(
        default_factory=int, ge=0, le=10_000, description="Demand: openings per half-year."
    )
    maximum_moved_children: int = Field(
        default_factory=int, ge=0, le=1_000_000, description="Demand: children who must move."
    )
    maximum_spread_deviation: float = Field(
        default_factory=int, ge=0, le=1, description="Demand: share in another province [-]."
    )
    maximum_half_year_eur: float = Field(
        default_factory=int, ge=0, le=1e12, description="Demand: cost per half-year [EUR]."
    )
    maximum_cost_eur: float = Field(
        default_factory=int, ge=0, le=1e12, description="Demand: expected cost [EUR]."
    )
    follow_ladder: bool = Field(
        default=False, description="Demand: temporary and emergency places last."
    )
    branches: int = Field(default=3, ge=1, le=5, description="Branches told apart later.")
    criteria: CriteriaIn = Field(
        default_factory=CriteriaIn, description="What a point on each criterion may cost."
    )
    alternative_slack: float = Field(
        default=0.01, gt=0, le=0.2, description="Extra cost that alternatives may have [-]."
    )
    alternative_difference: float = Field(
        default=0.02, ge=0, le=1, description="Other use that makes alternatives differ [-]."
    )
    with_choices: bool = Field(
        default=True, description="Whether alternatives and prices of decisions are wanted."
    )
    costs: CostsIn = Field(default_factory=CostsIn, description="Published ones if left out.")


class CapacityPlanSummaryOut(AdviceOut):
    """A capacity plan without its lines."""

    periods: Annotated[tuple[str, ...], Field(description="First month of every half-year.")]
    cost_eur: Annotated[float, Field(description="Expected cost over the whole plan [EUR].")]
    gap: Annotated[float, Field(description="Proven distance from the best plan at most [-].")]
    status: PlanStatus
    totals: tuple[HalfYearOut, ...]


class CapacityPlanOut(CapacityPlanSummaryOut):
    """What to do with every line of the register, and what comes of it."""

    settings: PlanSettingsOut
    plan_seed: Annotated[int, Field(description="Seed of the solver.")]
    objective_eur: Annotated[float, Field(description="Expected cost on the kept futures [EUR].")]
    scenario_error: ScenarioErrorOut
    unmet: Annotated[
        tuple[str, ...],
        Field(description="Demands that it misses: no plan that meets them was found in time."),
    ]
    demand_prices: Annotated[
        dict[str, float],
        Field(description="What a unit less of each demand that binds would save [EUR]."),
    ]
    evaluation: Annotated[
        EvaluationOut | None, Field(description="What it is worth on fresh futures.")
    ] = None
    alternatives: Annotated[
        str | None, Field(description="Where the other plans of nearly the same cost are.")
    ] = None
    lines: tuple[PlanLineOut, ...]
    states: Annotated[
        Mapping[str, tuple[UseState, ...]],
        Field(description="Use of every location in every half-year, in the middle branch."),
    ]
    known_from: Annotated[
        str, Field(description="First month at whose start the branch of the future is known.")
    ]
    branches: Annotated[
        tuple[BranchCourseOut, ...],
        Field(description="What is done in each branch, the lowest need first."),
    ]
    stability: Annotated[
        StabilityOut, Field(description="How often it opens, closes and takes back.")
    ]


class PlanAlternativesOut(AdviceOut):
    """Plans that the board may choose from."""

    periods: Annotated[tuple[str, ...], Field(description="First month of every half-year.")]
    alternatives: AlternativesOut


class CapacityPlanListOut(Shape):
    """A page of capacity plans, the latest first."""

    total: int
    items: tuple[CapacityPlanSummaryOut, ...]


@router.post("/capacity-plans", operation_id="askCapacityPlan", status_code=202)
def ask_capacity_plan(
    *,
    response: Response,
    _: Annotated[Query, QueryParameters()],
    body: CapacityPlanIn,
    desk: DeskDep,
    settings: SettingsDep,
    worker: WorkerDep,
    key: IdempotencyKey = None,
) -> TaskOut:
    """Ask for a capacity plan; the task leads to it."""
    usual = plan_request(desk, settings, forecast_id=body.forecast_id or None)
    apart = {"forecast_id", "seed", "costs", "criteria", "with_choices"}
    chosen = body.model_dump(exclude_unset=True, exclude=apart)
    with taken_together():
        request = replace(
            usual,
            seed=body.seed if "seed" in body.model_fields_set else usual.seed,
            with_choices=body.with_choices,
            settings=replace(
                usual.settings,
                **chosen,
                costs=body.costs.parameters(),
                criteria=CriteriaWeights(**body.criteria.model_dump()),
            ),
        )
    task = queue(desk, request, asked=body.words(), key=key, queue_limit=settings.queue_limit)
    worker.notify()
    return accept(task, response)


@router.get("/capacity-plans", operation_id="listCapacityPlans")
def list_plans(
    request: Request,
    response: Response,
    ask: Annotated[PageQuery, QueryParameters()],
    desk: DeskDep,
) -> CapacityPlanListOut:
    """Every capacity plan that was made, the latest first; read one for its lines."""
    total = desk.advices.count(AdviceKind.PLAN)
    link(request, response, ask, total=total)
    given = list_capacity_plans(desk, offset=ask.offset, limit=ask.page_size)
    items = tuple(CapacityPlanSummaryOut(**_summary(plan)) for plan in given)
    return CapacityPlanListOut(total=total, items=items)


@router.get(
    "/capacity-plans/latest",
    operation_id="readLatestCapacityPlan",
    response_model=CapacityPlanOut,
    responses=ALSO_CSV,
)
def read_latest(
    request: Request, response: Response, _: Annotated[Query, QueryParameters()], desk: DeskDep
) -> Any:
    """The capacity plan that was made last."""
    given = latest_capacity_plan(desk)
    if given is None:
        raise NotFound("capacity plan", "latest")
    return _answer(desk, given, request=request, response=response)


@router.get(
    "/capacity-plans/{planId}",
    operation_id="readCapacityPlan",
    response_model=CapacityPlanOut,
    responses=ALSO_CSV,
)
def read_plan(
    request: Request,
    response: Response,
    plan_id: Annotated[Identifier, Path(alias="planId")],
    _: Annotated[Query, QueryParameters()],
    desk: DeskDep,
) -> Any:
    """A capacity plan as it was made."""
    given = read_capacity_plan(desk, plan_id)
    return _answer(desk, given, request=request, response=response)


@router.get(
    "/capacity-plans/{planId}/alternatives",
    operation_id="readPlanAlternatives",
)
def read_alternatives(
    plan_id: Annotated[Identifier, Path(alias="planId")],
    _: Annotated[Query, QueryParameters()],
    desk: DeskDep,
) -> PlanAlternativesOut:
    """Other plans of nearly the same cost, beside the cheapest: what each does and costs."""
    given = read_capacity_plan(desk, plan_id)
    if given.document.alternatives is None:
        raise NotFound("alternatives of capacity plan", plan_id)
    return PlanAlternativesOut(
        **advice_foundation(given),
        periods=given.document.plan.periods,
        alternatives=given.document.alternatives,
    )


def _answer(desk: Desk, given: Given[PlanDocument], *, request: Request, response: Response) -> Any:
    if preferred(request, (JSON, CSV)) == CSV:
        return _lines(desk, given)
    response.headers["Vary"] = "Accept"
    plan = given.document.plan
    return CapacityPlanOut(
        **_summary(given),
        settings=plan.settings,
        plan_seed=plan.seed,
        objective_eur=plan.objective_eur,
        scenario_error=plan.scenario_error,
        unmet=plan.unmet,
        demand_prices=given.document.demand_prices,
        evaluation=given.document.evaluation,
        alternatives=None
        if given.document.alternatives is None
        else f"/v1/capacity-plans/{given.advice_id}/alternatives",
        lines=tuple(explained(line) for line in plan.lines),
        states=plan.states,
        known_from=plan.known_from,
        branches=plan.branches,
        stability=plan.stability,
    )


def _summary(given: Given[PlanDocument]) -> dict[str, Any]:
    plan = given.document.plan
    return {
        **advice_foundation(given),
        "periods": plan.periods,
        "cost_eur": plan.cost_eur,
        "gap": plan.gap,
        "status": plan.status,
        "totals": plan.totals,
    }


def _lines(desk: Desk, given: Given[PlanDocument]) -> Response:
    """The lines of a plan with the names that people know the locations by."""
    register = desk.registers.get(given.document.request.register_id)
    by_id = {location.location_id: location for location in register.locations}
    rows = (
        (
            line.location_id,
            by_id[line.location_id].municipality,
            by_id[line.location_id].province,
            by_id[line.location_id].kind.value,
            line.action.value,
            line.from_period,
            line.decide_by,
            str(line.decide_now).lower(),
            line.places_before,
            line.places_after,
            line.places,
            line.reason.value,
            line.message.nl,
            line.message.en,
            ";".join(criterion.value for criterion in line.criteria),
            line.binding.value,
            "" if line.otherwise_use is None else line.otherwise_use.value,
            "" if line.otherwise_eur is None else round(line.otherwise_eur),
        )
        for line in map(explained, given.document.plan.lines)
    )
    foundation = given.document.foundation
    return csv_response(
        _COLUMNS,
        rows,
        name=f"capacity-plan-{given.advice_id}.csv",
        headers=quality_headers(foundation.quality, foundation.data_until),
    )
