# SPDX-License-Identifier: EUPL-1.2
"""Making scenarios: levers pulled in the chain of an issued forecast, beside that forecast.

The content of a scenario holds everything that it rests on and no moment of making: the same
forecast and levers give the same bytes, and so the same id, in every process.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from pydantic import TypeAdapter, ValidationError

from models.errors import Conflict
from models.occupancy.levers import Lever
from models.occupancy.scenario_summary import ScenarioSummary, summarise
from models.occupancy.specification import LeverKind
from service.storage.desk import Desk
from service.storage.scenarios import KeptScenario
from service.usecases.advices import foundation_of_entry
from service.usecases.chain_forecasts import chain_forecast, check_forecast_levers
from service.usecases.documents import Foundation
from training.store.records import canonical_json

__all__ = [
    "REQUESTS",
    "MadeScenario",
    "ScenarioDocument",
    "ScenarioRequest",
    "WrittenLever",
    "check_scenario",
    "list_scenarios",
    "make_scenario",
    "read_figures",
    "read_scenario",
]

Advance = Callable[[float], None]
"""Told which share of the work is done [-]."""

_READ, _COMPUTED = 0.1, 0.9

_OUTDATED = "This scenario was filed by another version of Getij, in a form that is not read here."


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLever:
    """A lever as it is written down.

    Attributes:
        kind: What changes.
        size: By how much: persons a month (decisions, homes, shock, quota), percentage points
            (grant rate), percent (returns) or persons in all (transition homes).
        impact_month: The first month that feels it, YYYY-MM.
        ramp: Months from there until it is whole; 0 for at once [months].
        duration: Months that it lasts; left out for good [months].
        owner: Who answers for it.
        rationale: Why this size and month.
    """

    kind: LeverKind
    size: float
    impact_month: str
    ramp: int = 0
    duration: int | None = None
    owner: str
    rationale: str

    def lever(self) -> Lever:
        """The same as the models take it."""
        return Lever(
            kind=self.kind,
            size=self.size,
            impact_month=np.datetime64(self.impact_month, "M"),
            ramp=self.ramp,
            duration=self.duration,
            owner=self.owner,
            rationale=self.rationale,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRequest:
    """What a scenario is asked for.

    Attributes:
        forecast_id: Forecast that is its baseline.
        name: What people call it.
        levers: What changes.
    """

    forecast_id: str
    name: str
    levers: tuple[WrittenLever, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioDocument:
    """What was asked, and everything that the answer rests on."""

    request: ScenarioRequest
    foundation: Foundation
    format: Literal[1] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeScenario:
    """A scenario as it was made, without its figures.

    Attributes:
        scenario_id: Its address.
        made_at: When it was made first, aware UTC.
        document: Its content.
    """

    scenario_id: str
    made_at: datetime
    document: ScenarioDocument


REQUESTS = TypeAdapter(ScenarioRequest)
_DOCUMENTS = TypeAdapter(ScenarioDocument)
_FIGURES = TypeAdapter(ScenarioSummary)


def check_scenario(desk: Desk, request: ScenarioRequest) -> None:
    """Refuse what cannot be computed, before anybody waits for it.

    Raises:
        NotFound: the forecast was never issued.
        Conflict: it was issued without a chain.
        InvalidFile: levers that cannot be pulled, with every fault.
    """
    levers = tuple(lever.lever() for lever in request.levers)
    check_forecast_levers(desk, request.forecast_id, levers)


def make_scenario(
    desk: Desk, request: ScenarioRequest, *, advance: Advance = lambda _: None
) -> str:
    """Compute a scenario and file it.

    Args:
        desk: Where the forecast is, and where the scenario goes.
        request: What is asked.
        advance: Told how far it is.

    Returns:
        Its id.

    Raises:
        NotFound: the forecast was never issued.
        Conflict: it was issued without a chain.
        InvalidFile: levers that cannot be pulled, with every fault.
    """
    forecast = chain_forecast(desk, request.forecast_id)
    advance(_READ)
    effect = forecast.compare(tuple(lever.lever() for lever in request.levers))
    document = ScenarioDocument(
        request=request,
        foundation=foundation_of_entry(desk.store.forecasts.entry(request.forecast_id)),
    )
    advance(_COMPUTED)
    return desk.scenarios.keep(
        canonical_json(_DOCUMENTS.dump_python(document, mode="json")),
        figures=canonical_json(_FIGURES.dump_python(summarise(effect), mode="json")),
        forecast_id=request.forecast_id,
        made_at=desk.now(),
    )


def read_scenario(desk: Desk, scenario_id: str) -> MadeScenario:
    """What was asked in a scenario, and what it rests on.

    Raises:
        NotFound: there is none under this id.
        Conflict: it was filed in a form that this version does not read.
    """
    made = _made(desk.scenarios.get(scenario_id))
    if made is None:
        raise Conflict(_OUTDATED)
    return made


def read_figures(desk: Desk, scenario_id: str) -> ScenarioSummary:
    """What a scenario does.

    Raises:
        NotFound: there is none under this id.
        Conflict: it was filed in a form that this version does not read.
    """
    try:
        return _FIGURES.validate_json(desk.scenarios.figures(scenario_id))
    except ValidationError:
        raise Conflict(_OUTDATED) from None


def list_scenarios(desk: Desk, *, offset: int, limit: int) -> tuple[MadeScenario, ...]:
    """Scenarios, the latest first; those that this version does not read are left out."""
    found = desk.scenarios.page(offset=offset, limit=limit)
    return tuple(made for made in map(_made, found) if made is not None)


def _made(kept: KeptScenario) -> MadeScenario | None:
    """A scenario from the archive; None where it has another form than ours."""
    try:
        document = _DOCUMENTS.validate_json(kept.content)
    except ValidationError:
        return None
    return MadeScenario(scenario_id=kept.scenario_id, made_at=kept.made_at, document=document)
