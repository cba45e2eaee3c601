# SPDX-License-Identifier: EUPL-1.2
"""The contents of an advice: what was asked, what it rests on, and what was answered."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import TypeAdapter

from models.planning.buffer.advice import BufferAdvice, DecisionWindow, Promises
from models.planning.buffer.tiers import BufferTier
from models.planning.costs import CostParameters
from models.planning.location_plan.alternatives import Alternatives
from models.planning.location_plan.evaluation import Evaluation
from models.planning.portfolio.capacity_plan import CapacityPlan, PlanSettings
from service.storage.advices import AdviceKind
from training.store.records import Coverage, Quality

__all__ = [
    "BUFFERS",
    "PLANS",
    "BufferDocument",
    "BufferRequest",
    "Foundation",
    "Given",
    "PlanDocument",
    "PlanRequest",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferRequest:
    """What a buffer advice is asked for; every choice is written out.

    Attributes:
        forecast_id: Forecast to rest on.
        register_id: Version of the location register to compare with.
        window: Months to decide for.
        occupancy_norm: Share of open places that may be occupied [-].
        tiers: Tiers that may be called up, in that order.
        costs: What places cost.
        promises: What the board may want to hold to.
    """

    forecast_id: str
    register_id: str
    window: DecisionWindow
    occupancy_norm: float
    tiers: tuple[BufferTier, ...]
    costs: CostParameters = field(default_factory=CostParameters)
    promises: Promises = field(default_factory=Promises)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a capacity plan is asked for; every choice is written out.

    Attributes:
        forecast_id: Forecast to rest on.
        register_id: Version of the location register to plan on.
        first: First month of the first half-year, YYYY-MM.
        seed: Seed of the solver and of the reduction of the futures.
        settings: Length, norm, costs and demands.
        with_choices: Whether alternatives, the price of deciding otherwise and the worth on
            fresh futures are wanted too; they take most of the time.
    """

    forecast_id: str
    register_id: str
    first: str
    seed: int
    settings: PlanSettings = field(default_factory=PlanSettings)
    with_choices: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """What an advice rests on, so that it can be explained years later.

    Attributes:
        software: Version of Getij that made the advice; the rest is that of the forecast.
    """

    software: str
    snapshot_sha256: str
    artefact_id: str
    code_version: str
    seed: int
    data_until: dict[str, str]
    quality: Quality
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferDocument:
    """A buffer advice with everything it rests on."""

    request: BufferRequest
    foundation: Foundation
    advice: BufferAdvice
    kind: AdviceKind = AdviceKind.BUFFER
    format: Literal[2] = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDocument:
    """A capacity plan with everything it rests on, and what else may be chosen if that was asked.

    Attributes:
        request: What was asked.
        foundation: What it rests on.
        plan: The plan of the least cost.
        demand_prices: What a unit less of each demand that makes the plan dearer would save [EUR].
        alternatives: Other plans of nearly the same cost; None if not asked.
        evaluation: What the plan is worth on fresh futures; None if not asked, or not known.
    """

    request: PlanRequest
    foundation: Foundation
    plan: CapacityPlan
    demand_prices: dict[str, float] = field(default_factory=dict)
    alternatives: Alternatives | None = None
    evaluation: Evaluation | None = None
    kind: AdviceKind = AdviceKind.PLAN
    format: Literal[2] = 2


Document = TypeVar("Document", BufferDocument, PlanDocument)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given(Generic[Document]):
    """An advice as it was given.

    Attributes:
        advice_id: Its address.
        made_at: When it was made first, aware UTC.
        document: Its content.
    """

    advice_id: str
    made_at: datetime
    document: Document


BUFFERS = TypeAdapter(BufferDocument)
PLANS = TypeAdapter(PlanDocument)
"""How the documents are written as JSON, and read back."""
