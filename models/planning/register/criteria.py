# SPDX-License-Identifier: EUPL-1.2
"""The criteria for locations: what each line scores, what a point is worth, what carries a choice.

A criterion that nobody scored and that no data here can tell is not known, and counts for nothing.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from models.errors import InvalidInput
from models.planning.costs import Basis, CostParameters, Origin
from models.planning.register.locations import Location, LocationStatus, parse_month
from models.planning.register.place_costs import place_costs
from models.planning.register.spread import province_spread

__all__ = [
    "WEIGHT_ORIGINS",
    "CriteriaWeights",
    "Criterion",
    "CriterionScore",
    "ScoreBasis",
    "carried_by",
    "preference_eur",
    "score_register",
]

NEUTRAL_SCORE = 5.0
"""Score that speaks neither for nor against a line [-], of 0 to 10."""


class Criterion(StrEnum):
    """What a location is judged by: the six criteria of the national table, and the child."""

    PROPORTIONAL_SPREAD = "proportional_spread"
    CHAIN_INTEREST = "chain_interest"
    FLEXIBILITY = "flexibility"
    QUALITY_SUSTAINABILITY = "quality_sustainability"
    FINANCE = "finance"
    LABOUR_MARKET = "labour_market_potential"
    CHILD_INTEREST = "child_interest"


class ScoreBasis(StrEnum):
    """Where a score comes from."""

    REGISTER = "register"
    COMPUTED = "computed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionScore:
    """How well a line does on one criterion.

    Attributes:
        criterion: Which one.
        score: From 0, poor, to 10, excellent; None where it is not known [-].
        basis: Whether the register states it, or it was computed, or neither.
    """

    criterion: Criterion
    score: float | None
    basis: ScoreBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaWeights:
    """What one point more on a criterion may cost [EUR/(place·year)]; 0 leaves it out.

    Finance weighs nothing by itself: the plan counts its euros already.
    """

    proportional_spread: float = 50.0
    chain_interest: float = 50.0
    flexibility: float = 50.0
    quality_sustainability: float = 50.0
    finance: float = 0.0
    labour_market_potential: float = 50.0
    child_interest: float = 50.0

    def __post_init__(self) -> None:
        wrong = [
            entry.name
            for entry in fields(self)
            if not math.isfinite(getattr(self, entry.name)) or getattr(self, entry.name) < 0
        ]
        if wrong:
            raise InvalidInput(
                f"The weight of {', '.join(wrong)} is negative or no number: a criterion on which "
                "a better score counts against a location."
            )

    def of(self, criterion: Criterion) -> float:
        """Weight of one criterion [EUR/(place·year·point)]."""
        weight: float = getattr(self, criterion.value)
        return weight


WEIGHT_ORIGINS: Mapping[str, Origin] = MappingProxyType(
    {
        criterion.value: Origin(
            basis=Basis.ASSUMPTION,
            source="Already counted in euros"
            if criterion is Criterion.FINANCE
            else "Equal weights, so small that they decide between nearly equal costs only",
            owner="Getij, until the board states its own weights",
        )
        for criterion in Criterion
    }
)
"""Origin of every field of `CriteriaWeights` at its default value."""

_STATED: Mapping[Criterion, str] = MappingProxyType(
    {
        Criterion.PROPORTIONAL_SPREAD: "spread_score",
        Criterion.CHAIN_INTEREST: "chain_score",
        Criterion.FLEXIBILITY: "flexibility_score",
        Criterion.QUALITY_SUSTAINABILITY: "quality_score",
        Criterion.FINANCE: "finance_score",
        Criterion.LABOUR_MARKET: "labour_score",
    }
)
"""Field of the register that states the score of a criterion."""

_LASTING_MONTHS = 60
"""Term from which a place is lasting under the Dispersal Act [months]."""

_SLOW_RECALL_MONTHS = 12
"""Recall time from which a reserve is no help within the year [months]."""


def score_register(
    register: Sequence[Location], *, start: np.datetime64, costs: CostParameters
) -> tuple[tuple[CriterionScore, ...], ...]:
    """What every line scores on every criterion, in the order of `Criterion`.

    Args:
        register: Lines of the register.
        start: First month of the plan.
        costs: National averages of what places cost.

    Source:
        docs/methods.md, Criteria, equations 1 to 4.
    """
    spread = _spread_scores(register)
    return tuple(
        _scores(
            location,
            {
                Criterion.PROPORTIONAL_SPREAD: lambda one: spread.get(one.province),
                Criterion.FLEXIBILITY: lambda one: _flexibility(one, start=start),
                Criterion.QUALITY_SUSTAINABILITY: lambda one: _quality(one, start=start),
                Criterion.FINANCE: lambda one: _finance(one, costs=costs),
                Criterion.CHILD_INTEREST: _child_interest,
            },
        )
        for location in register
    )


def preference_eur(scores: Sequence[CriterionScore], weights: CriteriaWeights) -> float:
    """What the criteria make a line worth beside its cost [EUR/(place·year)].

    Known scores above 5 count for it, those below against it.
    """
    return sum(_worth(one, weights) for one in scores)


def carried_by(
    scores: Sequence[CriterionScore], weights: CriteriaWeights, *, gain_eur: float, there: bool
) -> tuple[Criterion, ...]:
    """The criteria that speak most for having a line, or for doing without it.

    Args:
        scores: What the line scores.
        weights: What a point is worth.
        gain_eur: What having it saves, its own cost deducted: what finance says
            [EUR/(place·year)].
        there: Whether the action keeps or brings the line into use.

    Returns:
        At most two, the strongest first; none where no known criterion speaks for the action.
    """
    worth = {one.criterion: _worth(one, weights) for one in scores}
    worth[Criterion.FINANCE] = worth.get(Criterion.FINANCE, 0.0) + gain_eur
    sign = 1 if there else -1
    ordered = sorted(Criterion, key=lambda one: -sign * worth.get(one, 0.0))
    return tuple(one for one in ordered if sign * worth.get(one, 0.0) > 0)[:2]


def _worth(score: CriterionScore, weights: CriteriaWeights) -> float:
    if score.score is None:
        return 0.0
    return weights.of(score.criterion) * (score.score - NEUTRAL_SCORE)


def _scores(
    location: Location, computed: Mapping[Criterion, Callable[[Location], float | None]]
) -> tuple[CriterionScore, ...]:
    scores = []
    for criterion in Criterion:
        stated = getattr(location, _STATED[criterion]) if criterion in _STATED else None
        score, basis = stated, ScoreBasis.REGISTER
        if score is None and criterion in computed:
            score, basis = computed[criterion](location), ScoreBasis.COMPUTED
        if score is None:
            basis = ScoreBasis.UNKNOWN
        scores.append(CriterionScore(criterion=criterion, score=score, basis=basis))
    return tuple(scores)


def _spread_scores(register: Sequence[Location]) -> dict[str, float]:
    """Score of a place more in each province: 5 where it holds just its share of today's places."""
    open_now = [one.places if one.status is LocationStatus.OPEN else 0 for one in register]
    provinces = province_spread(register, open_now)
    return {
        one.province: 10 * one.indicative_share / (one.indicative_share + one.share)
        for one in provinces
        if one.indicative_share + one.share > 0
        and any(other.indicative_share for other in provinces)
    }


def _flexibility(location: Location, *, start: np.datetime64) -> float:
    """Mean of how soon it can be given up, how much it can grow, how soon it can be called up."""
    bound = location.extension_months
    if location.status is not LocationStatus.CANDIDATE:
        left = _months_left(location, start)
        bound = location.notice_months if left is None else left
    parts = [1 - min(bound, _LASTING_MONTHS) / _LASTING_MONTHS]
    if location.status is not LocationStatus.CANDIDATE:
        parts.append(1 - location.places / location.places_possible)
    if not location.kind.is_emergency:
        parts.append(1 - min(location.recall_months, _SLOW_RECALL_MONTHS) / _SLOW_RECALL_MONTHS)
    return 10 * sum(parts) / len(parts)


def _quality(location: Location, *, start: np.datetime64) -> float:
    """Mean of regular standard, yes or no, and the term of its agreement against five years."""
    parts = [0.0 if location.kind.is_emergency else 1.0]
    term: int | None = location.extension_months
    if location.status is not LocationStatus.CANDIDATE:
        begun = location.agreement_start
        term = _months_left(location, start if begun is None else parse_month(begun))
    if term is not None:
        parts.append(min(term, _LASTING_MONTHS) / _LASTING_MONTHS)
    return 10 * sum(parts) / len(parts)


def _finance(location: Location, *, costs: CostParameters) -> float:
    """How far a place-year, slept in, stays below the price of the last resort."""
    housed = costs.emergency_housed if location.kind.is_emergency else costs.regular_housed
    own = place_costs(location, costs=costs)
    yearly = own.place_eur + housed
    if location.status is LocationStatus.CANDIDATE and location.extension_months:
        yearly += own.opening_eur * 12 / location.extension_months
    return 10 * min(max(1 - yearly / costs.last_resort_person, 0.0), 1.0)


def _child_interest(location: Location) -> float | None:
    """Share of the children of school age who live there for whom there is a school place."""
    if location.school_children is None or location.school_places is None:
        return None
    if not location.school_children:
        return None
    return 10 * min(location.school_places / location.school_children, 1.0)


def _months_left(location: Location, since: np.datetime64) -> int | None:
    """Months from `since` to the end of the agreement; None where it has no end [months]."""
    if location.agreement_end is None:
        return None
    return max(int((parse_month(location.agreement_end) - since).astype(int)) + 1, 0)
