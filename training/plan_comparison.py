# SPDX-License-Identifier: EUPL-1.2
"""The need as forecast on the day of each official plan, beside the plan and what happened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from models.errors import InvalidInput
from models.occupancy import DatedPoint
from models.occupancy.baselines import random_walk
from models.periods import first_day, month_of
from models.scores import within
from models.types import LEVELS, Floats, SamplePaths
from training.backtest import Progress
from training.dataset import inflow_panel
from training.futures import inflow_futures
from training.occupancy import EXACT, NEED_ID, Method, champion_of, fit_need, need_points
from training.sources.reference import capacity_need_decisions
from training.store.records import Snapshot
from training.structure import with_parts

__all__ = [
    "EARLIER_PLANS",
    "OfficialPlan",
    "PlanCheck",
    "PlanComparison",
    "check_plan",
    "compare_plans",
    "official_plans",
]

PATHS = 2001

NEAR = timedelta(days=7)
"""A point at most this far from the target day is its outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialPlan:
    """The occupancy that an official plan counted on.

    Attributes:
        known_until: The last day of which anything could be known when it was made.
        target: The day it was made for.
        persons: Expected occupancy; places needed times the occupancy norm [persons].
        source: Where it was published.
    """

    known_until: date
    target: date
    persons: float
    source: str


EARLIER_PLANS = (
    OfficialPlan(
        known_until=date(2016, 12, 31),
        target=date(2017, 12, 31),
        persons=17_000,
        source="COA, annual report 2017",
    ),
    OfficialPlan(
        known_until=date(2017, 12, 31),
        target=date(2018, 12, 31),
        persons=15_200,
        source="COA, annual report 2018",
    ),
    OfficialPlan(
        known_until=date(2018, 12, 31),
        target=date(2019, 12, 31),
        persons=25_000,
        source="NOS 2307446",
    ),
)
"""Year-end occupancy expected at the start of the year, before needs were published in places."""

NORMS = ((date(2023, 10, 1), 0.91), (date(2021, 12, 1), 0.96), (date(2000, 1, 1), 0.95))
"""Occupancy norm of decisions from a day on [-]. Published for December 2022 and November 2023;
from when to when each held is an assumption."""


def official_plans() -> tuple[OfficialPlan, ...]:
    """Every published plan that names its day, oldest first.

    A decision known by its month alone is taken to have rested on what was known at the end of
    the month before.
    """
    decisions = [
        OfficialPlan(
            known_until=first_day(month_of(row.known_at.date())) - timedelta(days=1),
            target=row.target,
            persons=row.places * next(norm for day, norm in NORMS if row.known_at.date() >= day),
            source=row.source,
        )
        for row in capacity_need_decisions()
        if row.target is not None
    ]
    return tuple(
        sorted((*EARLIER_PLANS, *decisions), key=lambda plan: (plan.known_until, plan.target))
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanCheck:
    """One plan beside our forecast of that day, both made from what was known then.

    Attributes:
        plan: The plan.
        champion: The method that our forecast was made by.
        by_method: What each method said at LEVELS [persons], shape (levels,).
        random_walk: Median of the log random walk of occupancy [persons].
        actual: What the occupancy became [persons].
    """

    plan: OfficialPlan
    champion: Method
    by_method: Mapping[Method, Floats]
    random_walk: float
    actual: float

    @property
    def quantiles(self) -> Floats:
        """Our forecast at LEVELS [persons], shape (levels,)."""
        return self.by_method[self.champion]

    @property
    def median(self) -> float:
        """Our median forecast [persons]."""
        return _median(self.quantiles)

    def error_of(self, persons: float) -> float:
        """Forecast minus actual, as a share of the actual [-]."""
        return persons / self.actual - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanComparison:
    """All plans with a known outcome, in order.

    Attributes:
        checks: One per plan.
    """

    checks: tuple[PlanCheck, ...]

    def errors(self) -> dict[str, float]:
        """Mean absolute percentage error of forecast, plan, random walk, and their pairing [-].

        `forecast_and_plan` is the geometric mean of forecast and plan, weights not tuned.
        """
        made = {
            "forecast": [check.median for check in self.checks],
            "plan": [check.plan.persons for check in self.checks],
            "random_walk": [check.random_walk for check in self.checks],
            "forecast_and_plan": [
                float(np.sqrt(check.median * check.plan.persons)) for check in self.checks
            ],
        }
        return {name: self._error(each) for name, each in made.items()}

    def covered_80(self, method: Method | None = None) -> float:
        """Share of outcomes in the 80 % interval of a method, or else in ours [-]."""
        held = [
            within(np.array(check.actual), check.by_method[method or check.champion], 0.8).item()
            for check in self.checks
        ]
        return float(np.mean(held))

    def _error(self, persons: Sequence[float]) -> float:
        """Mean absolute error of one forecast per check, as a share of the outcome [-]."""
        each = zip(self.checks, persons, strict=True)
        return float(np.mean([abs(check.error_of(said)) for check, said in each]))

    def method_table(self) -> list[list[str]]:
        """Our forecast and what each method would have said, beside plan and random walk."""
        errors = self.errors()
        said = {
            method: [_median(check.by_method[method]) for check in self.checks] for method in Method
        }
        rows = [("forecast", errors["forecast"], f"{self.covered_80():.0%}")]
        rows += [
            (method.value, self._error(medians), f"{self.covered_80(method):.0%}")
            for method, medians in said.items()
        ]
        rows += [(name, errors[name], "") for name in ("plan", "random_walk", "forecast_and_plan")]
        header = [f"{len(self.checks)} plans", "mean error", "to plan", "to random walk", "in 80 %"]
        return [
            header,
            *(
                [
                    name,
                    f"{error:.1%}",
                    f"{error / errors['plan']:.2f}",
                    f"{error / errors['random_walk']:.2f}",
                    held,
                ]
                for name, error, held in rows
            ),
        ]

    def table(self) -> list[list[str]]:
        """One row per plan as text, the header first, and the mean absolute errors last."""
        rows = [["known until", "for", "actual", "plan", "forecast", "80 %", "random walk"]]
        for check in self.checks:
            low, high = (check.quantiles[place] for place in (3, -4))
            rows.append(
                [
                    check.plan.known_until.isoformat(),
                    check.plan.target.isoformat(),
                    f"{check.actual:,.0f}",
                    f"{check.plan.persons:,.0f} ({check.error_of(check.plan.persons):+.0%})",
                    f"{check.median:,.0f} ({check.error_of(check.median):+.0%})",
                    f"{low:,.0f}-{high:,.0f}",
                    f"{check.random_walk:,.0f} ({check.error_of(check.random_walk):+.0%})",
                ]
            )
        errors = self.errors()
        rows.append(
            [
                "mean error",
                "",
                "",
                f"{errors['plan']:.1%}",
                f"{errors['forecast']:.1%}",
                f"{self.covered_80():.0%} held",
                f"{errors['random_walk']:.1%}",
            ]
        )
        return rows


def compare_plans(
    as_known_at: Callable[[datetime], Snapshot],
    *,
    plans: Sequence[OfficialPlan],
    actual: Snapshot,
    seed: int,
    progress: Progress | None = None,
) -> PlanComparison:
    """Forecast the need on the day of each plan, from what was known then.

    Args:
        as_known_at: Gives the snapshot of a moment; a store's observations do.
        plans: Official plans; those without an outcome are left out.
        actual: What is known now, for the outcomes.
        seed: Seed of all chance.
        progress: Told after each plan.

    Raises:
        InvalidInput: no plan has an outcome.
    """
    outcomes = {plan: outcome_of(plan, need_points(actual)) for plan in plans}
    scored = {plan: persons for plan, persons in outcomes.items() if persons is not None}
    if not scored:
        raise InvalidInput("None of the plans has an outcome yet.")
    snapshots: dict[date, tuple[Snapshot, SamplePaths]] = {}
    checks = []
    for done, (plan, persons) in enumerate(scored.items(), start=1):
        if plan.known_until not in snapshots:
            day = plan.known_until
            snapshot = as_known_at(datetime(day.year, day.month, day.day, tzinfo=UTC))
            panel = inflow_panel(snapshot)
            total = inflow_futures(panel, months=60, paths=PATHS, seed=seed)
            parts, _ = with_parts(
                total, panel=panel, snapshot=snapshot, rng=np.random.default_rng(seed)
            )
            snapshots[day] = (snapshot, parts)
        known, sampled = snapshots[plan.known_until]
        checks.append(check_plan(plan, known, sampled=sampled, actual=persons, seed=seed))
        if progress is not None:
            progress(done, len(scored))
    return PlanComparison(checks=tuple(checks))


def check_plan(
    plan: OfficialPlan, known: Snapshot, *, sampled: SamplePaths, actual: float, seed: int
) -> PlanCheck:
    """Our forecast for the day of one plan.

    Args:
        plan: The plan.
        known: What was known when it was made.
        sampled: Futures of the inflow from then, reaching the target.
        actual: What the occupancy became [persons].
        seed: Seed of all chance.
    """
    for_fit, _ = np.random.SeedSequence(seed).spawn(2)
    model = fit_need(known, sampled=sampled, rng=np.random.default_rng(for_fit))
    # The first of January is the end of December.
    month = month_of(plan.target - timedelta(days=1))
    by_method = {}
    for method in Method:
        # The same chance for every method, so that only the methods differ.
        _, for_need = np.random.SeedSequence(seed).spawn(2)
        need = model.sample(sampled, rng=np.random.default_rng(for_need), method=method)
        ahead = int((month - need.periods_of(NEED_ID)[0]).astype(int))
        by_method[method] = np.quantile(need.of(NEED_ID)[:, ahead], LEVELS)
    walk = random_walk(need_points(known), np.array([month]))
    return PlanCheck(
        plan=plan,
        champion=champion_of(model.chain),
        by_method=by_method,
        random_walk=_median(walk[0]),
        actual=actual,
    )


def _median(quantiles: Floats) -> float:
    """The middle of what was said at LEVELS [persons]."""
    return float(quantiles[len(LEVELS) // 2])


def outcome_of(plan: OfficialPlan, points: Sequence[DatedPoint]) -> float | None:
    """The exactly counted point nearest to the target day; None if there is none near."""
    near = [
        (abs(point.day - plan.target), point.day, point.persons)
        for point in points
        if point.log_sd <= EXACT and abs(point.day - plan.target) <= NEAR
    ]
    return min(near)[-1] if near else None
