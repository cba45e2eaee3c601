# SPDX-License-Identifier: EUPL-1.2
"""The decision replay: past half-years, each decided with only what was known then."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from models.errors import InvalidInput, NotFound
from models.inflow.base import minimum_figures
from models.occupancy import DampedTrend, DatedPoint
from models.periods import Frequency, Months, last_day, month_range
from models.planning.buffer.tiers import TierName
from models.planning.replay.course import MEASURES, Course, intervals
from models.planning.replay.foresight import foresight
from models.planning.replay.half_year import LEAD, Step, Terms
from models.planning.replay.policies import (
    ADVICE,
    ADVICE_ALL_OPEN,
    ADVICE_DIRECT_ONLY,
    HOUSE_RULE,
    HOUSE_RULE_WITH_RESERVES,
    KEEP_OPEN,
    OFFICIAL_PLAN,
    play,
)
from models.planning.replay.waiting import MONTHS_AHEAD
from models.types import Floats
from training.dataset import has_other_countries, inflow_panel
from training.fit import fit_inflow, load_inflow
from training.occupancy import INFLOW_ID, NEED_ID, fit_need, need_points
from training.pool import Pool, pools_of_the_past
from training.prices import PRICES, prices_of
from training.replay_cases import CASES, Case, case_content
from training.sources.reference import CapacityNeedDecision, capacity_need_decisions
from training.store import Store
from training.store.records import Snapshot
from training.structure import with_parts

__all__ = ["FIRST", "replay"]

FIRST = "2009-12"
"""Month at whose end the first decision is taken: the one about the second half of 2010."""

PATHS = 1_000

UNPUBLISHED = 3
"""After so many months the figures that a pool is learned from are published [months]."""

LOCATION_PLACES = 384
"""Mean size of a regular location: 31,087 persons in 81 (COA, 25 September 2023) [places]."""

NORM = 0.91
"""Occupancy norm of COA's decision of autumn 2023 [-]; held for all years, see docs/replay.md."""

_RESERVES = (TierName.DIRECT_RESERVE, TierName.INDIRECT_RESERVE)
"""Tiers of the buffer that the advice is replayed with."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What one past day is replayed with."""

    day: date
    snapshot: Snapshot
    pools: tuple[Pool, ...]
    seed: int

    @property
    def month(self) -> np.datetime64:
        """The month at whose end, or in whose course, the day is."""
        return np.datetime64(self.day.isoformat()[:7], "M")


def replay(
    store: Store,
    *,
    first: str = FIRST,
    cases: Mapping[str, Case] = CASES,
    seed: int,
    code_version: str,
    workers: int = 2,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Replay every capacity decision from a half-year's end on to the last with an outcome.

    Args:
        store: Holds the figures with the moment each became known.
        first: Month at whose end the first decision is taken, June or December.
        cases: Named decisions.
        seed: Seed of the paths.
        code_version: Version of Getij.
        workers: Processes; the result does not depend on their number.
        progress: Told after each decision.

    Returns:
        The content of a replay file: policies, intervals, cases, decisions and assumptions.

    Raises:
        InvalidInput: the first month ends no half-year, or no outcome is known after it.
    """
    points = need_points(store.observations.as_known_at(store.clock()))
    ends = _decision_months(first, points)
    pools = pools_of_the_past()
    known = [
        _known(store, day, pools=pools, seed=seed)
        for day in [*map(last_day, ends), *(case.day for case in cases.values())]
    ]
    needs = []
    jobs = (delayed(_need_then)(part, code_version=code_version) for part in known)
    for done, need in enumerate(
        Parallel(n_jobs=workers, return_as="generator", batch_size=1)(jobs), start=1
    ):
        needs.append(need)
        if progress is not None:
            progress(done, len(known))
    plans = capacity_need_decisions()
    steps = [
        _step(end, need, plans=plans, points=points) for end, need in zip(ends, needs, strict=False)
    ]
    start = float(need_at_month_ends(points, np.array(ends[:1]))[0] / NORM)
    named = {
        name: case_content(
            case,
            need,
            official=official_places(
                plans,
                decided_at=case.day,
                target=last_day(np.datetime64(case.target, "M")),
            ),
            outcome=float(need_at_month_ends(points, np.array([case.target], dtype="M8[M]"))[0]),
            terms=_terms(case.day.year),
        )
        for (name, case), need in zip(cases.items(), needs[len(ends) :], strict=True)
    }
    return _as_file(_courses(steps, start=start), steps, named, start=start, seed=seed)


def need_at_month_ends(points: Sequence[DatedPoint], months: Months) -> Floats:
    """The need at the end of past months: log-linear between the dated points [persons]."""
    days = np.array([point.day.toordinal() for point in points])
    logs = np.log([point.persons for point in points])
    wanted = [last_day(month).toordinal() for month in months]
    if min(wanted) < days[0] or max(wanted) > days[-1]:
        raise InvalidInput("The need is not known for all months of the replay.")
    persons: Floats = np.exp(np.interp(wanted, days, logs))
    return persons


def _decision_months(first: str, points: Sequence[DatedPoint]) -> list[np.datetime64]:
    """Ends of half-years whose decision has an outcome: a half-year later, for six months."""
    begin = np.datetime64(first, "M")
    if int(begin.astype(int)) % 6 != 5:
        raise InvalidInput(f"{first} ends no half-year; a replay begins in a June or December.")
    months: list[np.datetime64] = []
    while last_day(begin + 12) <= points[-1].day:
        months.append(begin)
        begin = begin + 6
    if not months or last_day(months[0]) < points[0].day:
        raise InvalidInput(f"No outcome is known of a decision at the end of {first}.")
    return months


def _known(store: Store, day: date, *, pools: Sequence[Pool], seed: int) -> _Known:
    """What a day is replayed with: figures recorded by then, pools learned from such figures."""
    moment = datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC)
    snapshot = store.observations.as_known_at(moment)
    published = np.datetime64(day.isoformat()[:7], "M") - UNPUBLISHED
    by_then = tuple(pool for pool in pools if pool.manifest.last_month <= published)
    other_countries = has_other_countries(snapshot)
    return _Known(day=day, snapshot=snapshot, pools=() if other_countries else by_then, seed=seed)


def _need_then(known: _Known, *, code_version: str) -> Floats:
    """The forecast of the need that could have been made on a day.

    Until a year of the whole inflow is known, the dated points of the need speak for themselves.

    Returns:
        Need at the end of the coming months [persons], shape (paths, MONTHS_AHEAD).
    """
    # Sums taken by several threads differ in the last digit; one thread per process does not.
    with threadpool_limits(limits=1):
        for_inflow, for_fit, for_need, for_parts = (
            np.random.default_rng(part) for part in np.random.SeedSequence(known.seed).spawn(4)
        )
        if _months_of_inflow(known.snapshot) < minimum_figures(Frequency.MONTH):
            ahead = month_range(known.month + 1, MONTHS_AHEAD)
            direct = DampedTrend.fit(need_points(known.snapshot))
            return direct.sample(ahead, paths=PATHS, rng=for_need)
        panel = inflow_panel(known.snapshot)
        manifest, files = fit_inflow(
            panel,
            snapshot_sha256=known.snapshot.sha256,
            code_version=code_version,
            seed=known.seed,
            pool=known.pools[-1] if known.pools else None,
            earlier_pools=known.pools[:-1],
        )
        total = load_inflow(manifest, files).sample(MONTHS_AHEAD + 6, paths=PATHS, rng=for_inflow)
        inflow, _ = with_parts(total, panel=panel, snapshot=known.snapshot, rng=for_parts)
        model = fit_need(known.snapshot, sampled=inflow, rng=for_fit)
        need = model.sample(inflow, rng=for_need)
        begin = int((known.month + 1 - need.periods_of(NEED_ID)[0]).astype(int))
        return need.of(NEED_ID)[:, begin : begin + MONTHS_AHEAD]


def _months_of_inflow(snapshot: Snapshot) -> int:
    """Months of which the whole inflow is known."""
    try:
        panel = inflow_panel(snapshot)
        return int(np.isfinite(panel.select([INFLOW_ID]).persons).sum())
    except NotFound:
        return 0


def _terms(year: int) -> Terms:
    return Terms(costs=prices_of(year), norm=NORM, lot=LOCATION_PLACES)


def _step(
    decided: np.datetime64,
    need: Floats,
    *,
    plans: Sequence[CapacityNeedDecision],
    points: Sequence[DatedPoint],
) -> Step:
    begin = decided + 1 + LEAD
    months = month_range(decided + 1, LEAD + 6)
    official = official_places(plans, decided_at=last_day(decided), target=last_day(months[-1]))
    return Step(
        decided_at=last_day(decided).isoformat(),
        period=str(begin),
        need=need,
        official=official,
        realised=need_at_month_ends(points, months),
        terms=_terms(last_day(decided).year),
    )


def official_places(
    plans: Sequence[CapacityNeedDecision], *, decided_at: date, target: date
) -> int | None:
    """Places of the official plan in force: the last edition known, for the nearest target."""
    known = [
        plan for plan in plans if plan.target is not None and plan.known_at.date() <= decided_at
    ]
    if not known:
        return None
    edition = max(plan.known_at for plan in known)
    return min(
        (plan for plan in known if plan.known_at == edition),
        key=lambda plan: abs(((plan.target or target) - target).days),
    ).places


def _courses(steps: Sequence[Step], *, start: float) -> list[Course]:
    policies = (
        *(ADVICE, ADVICE_DIRECT_ONLY, ADVICE_ALL_OPEN),
        *(HOUSE_RULE, HOUSE_RULE_WITH_RESERVES, OFFICIAL_PLAN, KEEP_OPEN),
    )
    played = [play(policy, steps, start=start) for policy in policies]
    return [*played, foresight(steps, start=start)]


def _without_standby(steps: Sequence[Step]) -> list[Step]:
    """The same decisions, were an open place that is empty to need no staff."""
    return [
        replace(
            step, terms=replace(step.terms, costs=replace(step.terms.costs, regular_standby=0.0))
        )
        for step in steps
    ]


def _relative(courses: Sequence[Course]) -> dict[str, float]:
    """Cost above foresight of every policy, to that of the house rule [-]."""
    by_name = {course.policy: course.cost_eur for course in courses}
    best = by_name["perfect_foresight"]
    regret = by_name[HOUSE_RULE.name] - best
    return {name: round((cost - best) / regret, 3) for name, cost in by_name.items() if regret > 0}


def _as_file(
    courses: Sequence[Course],
    steps: Sequence[Step],
    cases: Mapping[str, Any],
    *,
    start: float,
    seed: int,
) -> dict[str, Any]:
    by_name = {course.policy: course for course in courses}
    best, rival = by_name["perfect_foresight"], by_name[HOUSE_RULE.name]
    spread = intervals(courses, best=best, rival=rival, rng=np.random.default_rng(seed))
    return {
        "first_period": steps[0].period,
        "last_period": steps[-1].period,
        "seed": seed,
        "assumptions": {
            "lead_time_months": LEAD,
            "occupancy_norm": NORM,
            "location_places": LOCATION_PLACES,
            "start_places": round(start),
            "reserves": [
                {
                    "tier": tier.name,
                    "ready_after_months": tier.activation_months,
                    "most_places": tier.most_places,
                }
                for tier in map(_terms(2010).tier, _RESERVES)
            ],
            "official_plan_before_first_edition": "house_rule",
            "prices": [
                {
                    "year": one.year,
                    "regular_person_eur": one.regular_person,
                    "emergency_person_eur": one.emergency_person,
                    "source": one.source,
                }
                for one in PRICES
            ],
        },
        "policies": [
            {
                "name": course.policy,
                "cost_eur": round(course.cost_eur),
                "cost_above_foresight_eur": round(course.cost_eur - best.cost_eur),
                **{
                    name: round(float(course.of(name).sum()))
                    for name in MEASURES
                    if name != "cost_eur"
                },
            }
            for course in courses
        ],
        "relative_to_house_rule": _relative(courses),
        "relative_without_standby": _relative(_courses(_without_standby(steps), start=start)),
        "intervals_80": {
            policy: {name: [round(low, 3), round(high, 3)] for name, (low, high) in row.items()}
            for policy, row in spread.items()
        },
        "decisions": [
            {
                "decided_at": step.decided_at,
                "period": step.period,
                "forecast_persons": {
                    name: round(float(np.quantile(step.need[:, LEAD + 5], level)))
                    for name, level in (("median", 0.5), ("low_80", 0.1), ("high_80", 0.9))
                },
                "realised_persons": round(float(step.outcome[-1])),
                "places": {course.policy: round(course.places[index]) for course in courses},
                "cost_above_foresight_eur": {
                    course.policy: round(
                        float(course.of("cost_eur")[index] - best.of("cost_eur")[index])
                    )
                    for course in courses
                },
            }
            for index, step in enumerate(steps)
        ],
        "cases": cases,
    }
