# SPDX-License-Identifier: EUPL-1.2
"""/v1/capacity-plans/{planId}/dual-use-offers: what may be lent, where, and at what odds."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from models.planning.costs import Basis, CostParameters
from models.planning.register.contract_forms import CONTRACT_FORMS, RENT_ORIGINS
from models.planning.register.kinds import ContractForm, DualUseGroup
from service.api.advice_shapes import AdviceOut, advice_foundation
from service.api.paging import cut, link
from service.api.route import ALSO_CSV, CSV, JSON, Route, preferred
from service.api.schemas import Identifier, Month, PageQuery, Shape
from service.api.shapes import ContractTermsOut, LendingRoomOut, LocatedOfferOut
from service.api.text_csv import csv_response, quality_headers
from service.deps import DeskDep
from service.usecases.advices import read_capacity_plan
from service.usecases.dual_use import OFFER_COLUMNS, LocatedOffer, located_offers, offer_rows

router = APIRouter(route_class=Route, tags=["capacity plans"])


class DualUseQuery(PageQuery):
    """Which offers are asked for."""

    period: Annotated[Month | None, Field(description="First month of a half-year.")] = None
    province: Annotated[str | None, Field(max_length=40)] = None
    form: ContractForm | None = None
    group: DualUseGroup | None = None

    def wants(self, offer: LocatedOffer) -> bool:
        """Whether an offer is among those asked for."""
        return all(
            (
                self.period in {None, offer.period},
                self.province in {None, offer.province},
                self.form in {None, offer.form},
                self.group is None or self.group in offer.groups,
            )
        )


class RentOut(Shape):
    """What the rent of a tenant rests on, for one group."""

    group: DualUseGroup
    rent_eur: Annotated[float, Field(description="Net rent [EUR/(person·year)].")]
    basis: Basis
    source: str
    owner: Annotated[str, Field(description="Who answers for it where it is no fact.")]


class DualUseOffersOut(AdviceOut):
    """A page of the offers of a plan, with the room they are made in and the law they rest on."""

    lending_limit: Annotated[
        float, Field(description="Largest chance that lent places are needed too early [-].")
    ]
    rooms: Annotated[tuple[LendingRoomOut, ...], Field(description="One per half-year.")]
    contract_forms: Annotated[
        tuple[ContractTermsOut, ...], Field(description="What the law says of each form.")
    ]
    rents: Annotated[
        tuple[RentOut, ...],
        Field(description="One per group; none where the plan was given a rent of its own."),
    ]
    total: int
    items: tuple[LocatedOfferOut, ...]


@router.get(
    "/capacity-plans/{planId}/dual-use-offers",
    operation_id="listDualUseOffers",
    response_model=DualUseOffersOut,
    responses=ALSO_CSV,
)
def list_dual_use_offers(
    request: Request,
    response: Response,
    plan_id: Annotated[Identifier, Path(alias="planId")],
    ask: Annotated[DualUseQuery, QueryParameters()],
    desk: DeskDep,
) -> Any:
    """What a plan could lend to others, by half-year, in the order in which to lend it."""
    given = read_capacity_plan(desk, plan_id)
    register = desk.registers.get(given.document.request.register_id)
    plan, foundation = given.document.plan, given.document.foundation
    found = [one for one in located_offers(plan, register.locations) if ask.wants(one)]
    if preferred(request, (JSON, CSV)) == CSV:
        return csv_response(
            OFFER_COLUMNS,
            offer_rows(found),
            name=f"dual-use-offers-{given.advice_id}.csv",
            headers=quality_headers(foundation.quality, foundation.data_until),
        )
    link(request, response, ask, total=len(found))
    response.headers["Vary"] = "Accept"
    return DualUseOffersOut(
        **advice_foundation(given),
        lending_limit=plan.settings.lending_limit,
        rooms=plan.lending,
        contract_forms=tuple(CONTRACT_FORMS.values()),
        rents=_rents(plan.settings.costs.lending_income),
        total=len(found),
        items=tuple(cut(found, ask)),
    )


def _rents(rent: float) -> tuple[RentOut, ...]:
    if rent != CostParameters().lending_income:
        return ()
    return tuple(
        RentOut(
            group=group,
            rent_eur=rent,
            basis=origin.basis,
            source=origin.source,
            owner=origin.owner,
        )
        for group, origin in RENT_ORIGINS.items()
    )
