# SPDX-License-Identifier: EUPL-1.2
"""A capacity plan: what to do with each location, from when, why, and what comes of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from models.errors import InvalidInput
from models.planning.costs import CostParameters
from models.planning.portfolio.bindings import Binding
from models.planning.portfolio.offers import DualUseOffer, LendingRoom
from models.planning.portfolio.stability import Stability
from models.planning.portfolio.supply import SupplyRisk
from models.planning.portfolio.uses import UseState
from models.planning.register.criteria import CriteriaWeights, Criterion

__all__ = [
    "Action",
    "BranchCourse",
    "CapacityPlan",
    "HalfYearTotals",
    "PlanLine",
    "PlanSettings",
    "PlanStatus",
    "ReasonCode",
    "ScenarioError",
    "UseState",
]


class Action(StrEnum):
    """What is done with a line of the register, from some half-year on."""

    KEEP = "keep"
    """Goes on as it is, within its present agreement."""
    EXTEND = "extend"
    """Gets a new agreement where the present one ends."""
    OPEN = "open"
    """A candidate is opened."""
    EXPAND = "expand"
    """Gets more places: all that it can have, or back those that it gave up."""
    REOPEN = "reopen"
    """Comes back into use from the reserve, or after it was closed."""
    RECALL = "recall"
    """Comes back into use from another group, after notice."""
    SHRINK = "shrink"
    """Gives up a part of its places: half of them, or those by which it had expanded."""
    RESERVE = "reserve"
    """Held empty, to be called up within its recall time."""
    LEND = "lend"
    """Lent to another group, to be recalled after its term and notice."""
    CLOSE = "close"
    """Given up: at the end of its agreement, or before it after notice."""
    LEAVE = "leave"
    """A candidate that is not opened."""

    @property
    def is_decision(self) -> bool:
        """Whether somebody must decide it; the others come about by doing nothing."""
        return self not in {Action.KEEP, Action.LEAVE}


class ReasonCode(StrEnum):
    """Why a line is given its action; the facts that come with each are named beside it.

    Every reason has the facts `chance_needed`, `value_eur` and `cost_eur`: the share of futures
    in which its places, counted as the last of their kind, are slept in during the first year of
    the action, or would have been [-];
    what housing everybody would cost more without these places, all else being equal [EUR]; and
    what the places themselves cost [EUR]. Both run until the next action on the line; for what is
    closed or not opened, over the time that it might have served. More facts are named per
    member.
    """

    FIXED_CORE = "fixed_core"
    """Belongs to the fixed core; no plan closes or lends it."""
    WORTH_ITS_COST = "worth_its_cost"
    """Open, extended or opened because the places are worth more than they cost."""
    AGREEMENT_BINDS = "agreement_binds"
    """Open though worth less than it costs: leaving the agreement early would cost more.
    `agreement_end`: last month that the agreement, or the notice of one without an end, binds;
    `leaving_eur`: what leaving would cost [EUR]."""
    NEARLY_EVEN = "nearly_even"
    """Kept or given up although value and cost say a little otherwise: a location is decided on
    as a whole, and the plan costs nearly the same either way, within its gap."""
    HELD_FOR_PEAKS = "held_for_peaks"
    """In reserve: needed too seldom to stay open, too often to be given up."""
    RENT_OVER_READINESS = "rent_over_readiness"
    """Lent: the rent outweighs what having the places ready would be worth.
    `income_eur`: rent while it is lent [EUR]."""
    NOT_WORTH_ITS_COST = "not_worth_its_cost"
    """Closed, or not opened, because the places cost more than they are worth.
    `leaving_eur`: what leaving before the agreement ends costs, where it does [EUR]."""
    TOO_SMALL = "too_small"
    """Not opened: fewer places than a new location needs. `minimum_places` [places]."""
    BEYOND_HORIZON = "beyond_horizon"
    """Not opened: it could not open before the plan ends. `lead_time_months` [months]."""
    DEMANDED = "demanded"
    """Open or closed at a loss because a demand on the plan asks for it.
    `demand`: name of the field of `PlanSettings`."""


class PlanStatus(StrEnum):
    """How the search for a plan ended."""

    WITHIN_GAP = "within_gap"
    """The plan is proven to be within the asked gap of the best one."""
    LIMIT_REACHED = "limit_reached"
    """Out of nodes or time: the best plan found, with the gap that was reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings:
    """What a plan is asked to do.

    Attributes:
        half_years: Length of the plan [half-years].
        futures: Number of futures that the sample paths are reduced to.
        step_months: Length of the steps in which need is housed, a divisor of 6 [months].
        occupancy_norm: Share of places that can be slept in at the same time [-].
        costs: What places cost.
        branches: Groups of futures that later decisions may tell apart; 1 decides all at once.
        supply: Odds that a new location opens late or never.
        criteria: What a point on each criterion may cost.
        lending_limit: Largest chance of a shortage, while lent places cannot yet be recalled, at
            which places may be lent [-].
        minimum_opening: Fewest places that a new location is opened with [places].
        minimum_places: Demand: places open or in reserve in every half-year; None for no demand.
        maximum_openings: Demand: candidates opened per half-year; None for no demand.
        maximum_moved_children: Demand: school-age children who must move over the whole plan,
            as far as the register states how many live where [persons]; None for no demand.
        maximum_spread_deviation: Demand: share of the places that lie in another province than
            the indicative distribution says, in the last half-year [-]; None for no demand.
        maximum_half_year_eur: Demand: expected cost in every half-year [EUR]; None for no demand.
        maximum_cost_eur: Demand: expected cost of the whole plan [EUR]; None for no demand.
        follow_ladder: Demand: new temporary or emergency places open only while every earlier
            step of the ladder of up-scaling that could be there by then is used up.
        alternative_slack: Cost that an alternative may have above the plan, as a share of it [-].
        alternative_difference: Share of the place-months that must have another use for two
            alternatives to count as different [-].
        relative_gap: Distance from the best plan at which the search may stop [-].
        maximum_nodes: Branches after which the search stops; keeps equal runs equal.
        time_limit_seconds: Safety net on a slow machine; a run that hits it may not repeat.
    """

    half_years: int = 10
    futures: int = 30
    step_months: int = 3
    occupancy_norm: float = 0.91
    costs: CostParameters = field(default_factory=CostParameters)
    branches: int = 3
    supply: SupplyRisk = field(default_factory=SupplyRisk)
    criteria: CriteriaWeights = field(default_factory=CriteriaWeights)
    lending_limit: float = 0.05
    minimum_opening: int = 50
    minimum_places: int | None = None
    maximum_openings: int | None = None
    maximum_moved_children: int | None = None
    maximum_spread_deviation: float | None = None
    maximum_half_year_eur: float | None = None
    maximum_cost_eur: float | None = None
    follow_ladder: bool = False
    alternative_slack: float = 0.01
    alternative_difference: float = 0.02
    relative_gap: float = 0.005
    maximum_nodes: int = 2_000
    time_limit_seconds: float = 120.0

    def __post_init__(self) -> None:
        faults = " ".join(self._faults())
        if faults:
            raise InvalidInput(faults)

    def _faults(self) -> Iterator[str]:
        """Everything that is wrong, each as a sentence with its consequence."""
        if not 0 < self.occupancy_norm <= 1:
            yield f"An occupancy norm of {self.occupancy_norm} is not above 0 and at most 1."
        if not 0 < self.lending_limit < 1:
            yield (
                f"A lending limit of {self.lending_limit} is not above 0 and below 1: at 0 no "
                "sample of futures could justify lending, at 1 nothing would forbid it."
            )
        if min(self.half_years, self.futures, self.branches, self.maximum_nodes) < 1:
            yield "A plan needs at least one half-year, one future, one branch and one node."
        if self.step_months not in {1, 2, 3, 6}:
            yield f"Steps of {self.step_months} months do not fill a half-year."
        if self.relative_gap < 0 or self.time_limit_seconds <= 0:
            yield "The gap cannot be negative and the time limit must exceed 0."
        if self.alternative_slack <= 0 or self.alternative_difference < 0:
            yield "Alternatives need a slack above 0, and cannot differ by less than nothing."
        demands = (
            self.minimum_places,
            self.maximum_openings,
            self.maximum_moved_children,
            self.maximum_spread_deviation,
            self.maximum_half_year_eur,
            self.maximum_cost_eur,
        )
        if min(self.minimum_opening, *(value or 0 for value in demands)) < 0:
            yield "A demand on the plan cannot be negative."


Fact = float | int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One action on one line of the register.

    Attributes:
        location_id: Code in the register.
        action: What is done.
        from_period: First month of the first half-year in which it holds, YYYY-MM.
        decide_by: Last month in which it can still be decided, YYYY-MM.
        decide_now: Whether it must be decided before the next capacity decision, half a year on;
            what can wait is only indicative, and what needs no decision is never pressing.
        new_agreement: Whether a new agreement, or an extension, is needed for it.
        places_before: Places open just before [places].
        places_after: Places open from then on [places].
        places: Places that the action is about [places].
        chance: Chance of the branches in which it is done [-]; 1 for what must be decided now.
        ladder_step: Step of the ladder of up-scaling for new or returning places: 1 expand,
            reopen or open, 2 spare capacity, 3 temporary, 4 emergency; None for other actions.
        reason: Why.
        facts: The figures that go with the reason; see `ReasonCode`.
        criteria: The criteria that speak most for it, the strongest first.
        binding: The constraint that keeps the line from what would be better.
        otherwise_use: What the line would mostly be used for if it were decided otherwise; None
            where nothing needs to be decided now, or nothing else is possible.
        otherwise_eur: What the plan would cost more then, everything else decided anew [EUR].
    """

    location_id: str
    action: Action
    from_period: str
    decide_by: str
    decide_now: bool
    new_agreement: bool
    places_before: int
    places_after: int
    places: int
    chance: float
    ladder_step: int | None
    reason: ReasonCode
    facts: Mapping[str, Fact]
    criteria: tuple[Criterion, ...] = ()
    binding: Binding = Binding.NONE
    otherwise_use: UseState | None = None
    otherwise_eur: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfYearTotals:
    """What the plan comes to in one half-year; expectations run over every sample path.

    Places are those of the plan; from where branches differ on, expected over them.

    Attributes:
        period: First month, YYYY-MM.
        places_regular: Regular places open [places].
        places_emergency: Emergency places open [places].
        places_reserve: Places held in reserve [places].
        places_lent: Places lent to another group [places].
        places_late: Expected places that by plan are open, but are not there yet [places].
        need_persons: Expected need, averaged over the months [persons].
        chance_sufficient: Share of futures without a missing place in any month [-].
        called_up_place_months: Expected use of called-up and recalled places [place·months].
        empty_place_months: Expected places, open or reserved, that stay empty [place·months].
        missing_place_months: Expected persons without a place [place·months].
        cost_eur: Expected cost of all of it, opening and closing included [EUR].
    """

    period: str
    places_regular: int
    places_emergency: int
    places_reserve: int
    places_lent: int
    places_late: int
    need_persons: float
    chance_sufficient: float
    called_up_place_months: float
    empty_place_months: float
    missing_place_months: float
    cost_eur: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioError:
    """What is lost by planning on a few futures instead of on every sample path.

    Attributes:
        futures: Number of futures kept.
        paths: Number of sample paths they stand for.
        distance_persons: Mean distance, per month, of a path to the future that stands for it
            [persons].
        cost_error: Cost of the plan on the futures against that on every path, less 1 [-].
    """

    futures: int
    paths: int
    distance_persons: float
    cost_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchCourse:
    """What the plan does in one branch of the future.

    Attributes:
        chance: Share of the sample paths that lie in it [-].
        need_persons: Their mean need when it can first be told apart [persons].
        states: Use of each location in each half-year, in the order of the register.
        totals: One entry per half-year, expected over the paths of the branch.
    """

    chance: float
    need_persons: float
    states: Mapping[str, tuple[UseState, ...]]
    totals: tuple[HalfYearTotals, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityPlan:
    """What to do with every line of the register, and what comes of it.

    Attributes:
        periods: First month of each half-year, YYYY-MM.
        lines: Actions, by location in the order of the register and by half-year. A line of
            the register has one for the first half-year, unless it is a candidate that opens
            later, and one for each change or extension after it; each with the chance of the
            branches in which it is done.
        branches: Courses of the plan, the lowest need first. Until their decisions can wait to
            be told apart, they are the same.
        known_from: First month at whose start it is known in which branch one is, YYYY-MM.
        totals: One entry per half-year.
        lending: Room for dual use, one entry per half-year.
        offers: What may be lent at each location from the start of each half-year, in the order
            in which to lend it.
        stability: How often it opens, closes, and takes back what it had given up.
        cost_eur: Expected cost over the whole plan, over every sample path [EUR].
        objective_eur: Expected cost on the kept futures, as the programme saw it [EUR].
        gap: Proven distance from the best plan at most [-].
        unmet: Demands that it misses, because no plan that meets them was found in time.
        status: How the search ended.
        scenario_error: What planning on a few futures did.
        settings: What was asked.
        seed: Seed of the solver.
    """

    periods: tuple[str, ...]
    lines: tuple[PlanLine, ...]
    branches: tuple[BranchCourse, ...]
    known_from: str
    totals: tuple[HalfYearTotals, ...]
    lending: tuple[LendingRoom, ...]
    offers: tuple[DualUseOffer, ...]
    stability: Stability
    cost_eur: float
    objective_eur: float
    gap: float
    unmet: tuple[str, ...]
    status: PlanStatus
    scenario_error: ScenarioError
    settings: PlanSettings
    seed: int

    @property
    def states(self) -> Mapping[str, tuple[UseState, ...]]:
        """Use of each location in each half-year, in the middle branch."""
        return self.branches[len(self.branches) // 2].states
