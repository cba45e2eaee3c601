# SPDX-License-Identifier: EUPL-1.2
"""The shapes that are mirrors of our dataclasses; a type checker sees the dataclass itself."""

from typing import TYPE_CHECKING

from models.drift import LiveQuality
from models.inflow.regime import RegimeVerdict
from models.planning.buffer.advice import BufferOption, DecisionWindow, Promises, SufficiencyPoint
from models.planning.buffer.tiers import BufferTier
from models.planning.costs import CostParameters
from models.planning.location_plan.alternatives import Alternatives
from models.planning.location_plan.evaluation import Evaluation
from models.planning.portfolio.capacity_plan import (
    BranchCourse,
    HalfYearTotals,
    PlanSettings,
    ScenarioError,
)
from models.planning.portfolio.offers import LendingRoom
from models.planning.portfolio.stability import Stability
from models.planning.register.contract_forms import ContractTerms
from models.planning.register.locations import Location
from service.api.mirror import mirror
from service.plan_words import ExplainedLine
from service.usecases.dual_use import LocatedOffer
from service.usecases.outlook_content import (
    BottleneckOutlook,
    NeedPart,
    PeakOutlook,
    RoomOutlook,
)
from service.usecases.overview import RegisterTotals
from service.usecases.registers import RegisterChange
from training.store.gate_records import GateRecord
from training.store.records import Coverage, Quality

__all__ = [
    "AlternativesOut",
    "BottleneckOutlookOut",
    "BranchCourseOut",
    "BufferOptionOut",
    "BufferTierOut",
    "ContractTermsOut",
    "CostsOut",
    "CoverageOut",
    "EvaluationOut",
    "GateRecordOut",
    "HalfYearOut",
    "LendingRoomOut",
    "LiveQualityOut",
    "LocatedOfferOut",
    "LocationOut",
    "NeedPartOut",
    "PeakOutlookOut",
    "PlanLineOut",
    "PlanSettingsOut",
    "PromisesOut",
    "QualityOut",
    "RegimeVerdictOut",
    "RegisterChangeOut",
    "RegisterTotalsOut",
    "RoomOutlookOut",
    "ScenarioErrorOut",
    "StabilityOut",
    "SufficiencyOut",
    "WindowOut",
]

if TYPE_CHECKING:
    AlternativesOut = Alternatives
    BottleneckOutlookOut = BottleneckOutlook
    BranchCourseOut = BranchCourse
    BufferOptionOut = BufferOption
    BufferTierOut = BufferTier
    ContractTermsOut = ContractTerms
    CostsOut = CostParameters
    CoverageOut = Coverage
    EvaluationOut = Evaluation
    GateRecordOut = GateRecord
    HalfYearOut = HalfYearTotals
    LendingRoomOut = LendingRoom
    LiveQualityOut = LiveQuality
    LocatedOfferOut = LocatedOffer
    LocationOut = Location
    NeedPartOut = NeedPart
    PeakOutlookOut = PeakOutlook
    PlanLineOut = ExplainedLine
    PlanSettingsOut = PlanSettings
    PromisesOut = Promises
    QualityOut = Quality
    RegimeVerdictOut = RegimeVerdict
    RegisterChangeOut = RegisterChange
    RegisterTotalsOut = RegisterTotals
    RoomOutlookOut = RoomOutlook
    ScenarioErrorOut = ScenarioError
    StabilityOut = Stability
    SufficiencyOut = SufficiencyPoint
    WindowOut = DecisionWindow
else:
    AlternativesOut = mirror(Alternatives)
    BottleneckOutlookOut = mirror(BottleneckOutlook)
    BranchCourseOut = mirror(BranchCourse)
    BufferOptionOut = mirror(BufferOption)
    BufferTierOut = mirror(BufferTier)
    ContractTermsOut = mirror(ContractTerms)
    CostsOut = mirror(CostParameters)
    CoverageOut = mirror(Coverage)
    EvaluationOut = mirror(Evaluation)
    GateRecordOut = mirror(GateRecord)
    HalfYearOut = mirror(HalfYearTotals)
    LendingRoomOut = mirror(LendingRoom)
    LiveQualityOut = mirror(LiveQuality)
    LocatedOfferOut = mirror(LocatedOffer)
    LocationOut = mirror(Location)
    NeedPartOut = mirror(NeedPart)
    PeakOutlookOut = mirror(PeakOutlook)
    PlanLineOut = mirror(ExplainedLine)
    PlanSettingsOut = mirror(PlanSettings)
    PromisesOut = mirror(Promises)
    QualityOut = mirror(Quality)
    RegimeVerdictOut = mirror(RegimeVerdict)
    RegisterChangeOut = mirror(RegisterChange)
    RegisterTotalsOut = mirror(RegisterTotals)
    RoomOutlookOut = mirror(RoomOutlook)
    ScenarioErrorOut = mirror(ScenarioError)
    StabilityOut = mirror(Stability)
    SufficiencyOut = mirror(SufficiencyPoint)
    WindowOut = mirror(DecisionWindow)
