# SPDX-License-Identifier: EUPL-1.2
"""The decision replay: past half-years, each decided with only what was known then."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from models.errors import InvalidInput
from models.occupancy import DatedPoint
from models.periods import Months, last_day, month_range
from models.planning.costs import CostParameters
from models.planning.replay import (
    Course,
    Policy,
    Rules,
    Step,
    advised_places,
    foresight,
    house_rule_places,
    play,
    score,
)
from models.types import Floats, SamplePaths
from training.dataset import inflow_panel
from training.fit import fit_inflow, load_inflow
from training.occupancy import NEED_ID, fit_need, need_points
from training.sources.reference import CapacityNeedDecision, capacity_need_decisions
from training.store import Store
from training.store.records import Snapshot
from training.structure import with_parts

__all__ = ["CASES", "replay"]

PATHS = 1_000
AHEAD = 24
"""Months that a past decision looks ahead."""

WINDOW = 12
"""Months over which the advice weighs empty against missing places, as the buffer advice does."""

LOCATION_PLACES = 384
"""Mean size of a regular location: 31,087 persons in 81 (COA, 25 September 2023) [places]."""

NORM = 0.91
"""Occupancy norm of COA's decision of autumn 2023 [-]; held for all years, see docs/replay.md."""

CASES = {
    "2018-03": (date(2018, 3, 31), "2018-12"),
    "2022-05": (date(2022, 5, 31), "2022-12"),
    "2023-04": (date(2023, 4, 30), "2023-12"),
}
"""Named decisions: the day, and the month whose end it was about."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What one past day is replayed with."""

    day: date
    snapshot: Snapshot
    seed: int


def replay(
    store: Store,
    *,
    first: str = "2015-12",
    cases: Mapping[str, tuple[date, str]] = CASES,
    seed: int,
    code_version: str,
    workers: int = 2,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Replay every capacity decision from a half-year's end on to the last with an outcome.

    Args:
        store: Holds the figures with the moment each became known.
        first: Month at whose end the first decision is taken, June or December.
        cases: Named decisions: the day, and the month whose end it was about.
        seed: Seed of the paths.
        code_version: Version of Getij.
        workers: Processes; the result does not depend on their number.
        progress: Told after each decision.

    Returns:
        The content of a replay file: policies, cases, decisions and assumptions.

    Raises:
        InvalidInput: the first month ends no half-year, or no outcome is known after it.
    """
    points = need_points(store.observations.as_known_at(store.clock()))
    ends = _decision_months(first, points[-1].day)
    days = [last_day(end) for end in ends] + [day for day, _ in cases.values()]
    known = [
        _Known(
            day=day,
            snapshot=store.observations.as_known_at(
                datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC)
            ),
            seed=seed,
        )
        for day in days
    ]
    needs = []
    jobs = (delayed(_need_then)(part, code_version=code_version) for part in known)
    for done, need in enumerate(
        Parallel(n_jobs=workers, return_as="generator", batch_size=1)(jobs), start=1
    ):
        needs.append(need)
        if progress is not None:
            progress(done, len(known))
    rules = Rules(costs=CostParameters(), norm=NORM, location_places=LOCATION_PLACES)
    plans = capacity_need_decisions()
    steps = [
        _step(end, need, plans=plans, points=points) for end, need in zip(ends, needs, strict=False)
    ]
    start = float(need_at_month_ends(points, np.array(ends[:1]))[0] / NORM)
    courses = _courses(steps, start=start, rules=rules)
    named = {
        name: _case(day, target, need, plans=plans, points=points, rules=rules)
        for (name, (day, target)), need in zip(cases.items(), needs[len(ends) :], strict=True)
    }
    return _as_file(courses, steps, named, rules=rules, start=start, seed=seed)


def need_at_month_ends(points: Sequence[DatedPoint], months: Months) -> Floats:
    """The need at the end of past months: log-linear between the dated points [persons]."""
    days = np.array([point.day.toordinal() for point in points])
    logs = np.log([point.persons for point in points])
    wanted = [last_day(month).toordinal() for month in months]
    if min(wanted) < days[0] or max(wanted) > days[-1]:
        raise InvalidInput("The need is not known for all months of the replay.")
    persons: Floats = np.exp(np.interp(wanted, days, logs))
    return persons


def _decision_months(first: str, known_until: date) -> list[np.datetime64]:
    """Ends of half-years whose decision has an outcome: a half-year later, for six months."""
    begin = np.datetime64(first, "M")
    if int(begin.astype(int)) % 6 != 5:
        raise InvalidInput(f"{first} ends no half-year; a replay begins in a June or December.")
    months: list[np.datetime64] = []
    while last_day(begin + 12) <= known_until:
        months.append(begin)
        begin = begin + 6
    if not months:
        raise InvalidInput(f"No outcome is known of a decision at the end of {first}.")
    return months


def _need_then(known: _Known, *, code_version: str) -> SamplePaths:
    """The forecast of the need that could have been made on a day."""
    # Sums taken by several threads differ in the last digit; one thread per process does not.
    with threadpool_limits(limits=1):
        for_inflow, for_fit, for_need, for_parts = (
            np.random.default_rng(part) for part in np.random.SeedSequence(known.seed).spawn(4)
        )
        panel = inflow_panel(known.snapshot)
        manifest, files = fit_inflow(
            panel,
            snapshot_sha256=known.snapshot.sha256,
            code_version=code_version,
            seed=known.seed,
        )
        total = load_inflow(manifest, files).sample(AHEAD, paths=PATHS, rng=for_inflow)
        inflow, _ = with_parts(total, panel=panel, snapshot=known.snapshot, rng=for_parts)
        model = fit_need(known.snapshot, sampled=inflow, rng=for_fit)
        return model.sample(inflow, rng=for_need)


def _step(
    decided: np.datetime64,
    need: SamplePaths,
    *,
    plans: Sequence[CapacityNeedDecision],
    points: Sequence[DatedPoint],
) -> Step:
    begin = decided + 7
    months = month_range(begin, 6)
    official = official_places(plans, decided_at=last_day(decided), target=last_day(months[-1]))
    return Step(
        decided_at=last_day(decided).isoformat(),
        period=str(begin),
        expected=_ahead(need, begin, WINDOW),
        official=official,
        realised=need_at_month_ends(points, months),
    )


def _ahead(need: SamplePaths, first: np.datetime64, months: int) -> Floats:
    """Paths of the need from a month on [persons], shape (paths, months)."""
    begin = int((first - need.periods_of(NEED_ID)[0]).astype(int))
    paths = need.of(NEED_ID)
    if begin < 0 or begin + months > paths.shape[1]:
        raise InvalidInput(f"The forecast does not cover {months} months from {first}.")
    return paths[:, begin : begin + months]


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


def _courses(steps: Sequence[Step], *, start: float, rules: Rules) -> list[Course]:
    house_rule = partial(house_rule_places, rules=rules)

    def official_plan(step: Step, held: float) -> float:
        return house_rule(step, held) if step.official is None else float(step.official)

    def keep_open(step: Step, held: float) -> float:
        return max(held, house_rule(step, held))

    policies: dict[str, Policy] = {
        "advice": partial(advised_places, rules=rules),
        "house_rule": house_rule,
        "official_plan": official_plan,
        "keep_open": keep_open,
    }
    courses = [
        play(name, policy, steps, start=start, rules=rules) for name, policy in policies.items()
    ]
    best = foresight(steps, start=start, rules=rules)
    return [*courses, score("perfect_foresight", best, steps, start=start, rules=rules)]


def _case(
    day: date,
    target: str,
    need: SamplePaths,
    *,
    plans: Sequence[CapacityNeedDecision],
    points: Sequence[DatedPoint],
    rules: Rules,
) -> dict[str, Any]:
    month = np.datetime64(target, "M")
    sample = _ahead(need, month, 1)[:, 0]
    low, median, high = np.quantile(sample, [0.1, 0.5, 0.9])
    official = official_places(plans, decided_at=day, target=last_day(month))
    weight = rules.norm * (rules.costs.missing_premium + rules.costs.empty_place)
    advised = float(np.quantile(sample, 1 - rules.costs.empty_place / weight) / rules.norm)
    outcome = float(need_at_month_ends(points, np.array([month]))[0])
    return {
        "decided_at": day.isoformat(),
        "target": last_day(month).isoformat(),
        "forecast_persons": {"median": round(median), "low_80": round(low), "high_80": round(high)},
        "outcome_persons": round(outcome),
        "advised_places": round(advised),
        "house_rule_places": round(median / rules.norm),
        "official_places": official,
        "chance_advised_suffices": _chance(sample, advised, rules),
        "chance_house_rule_suffices": _chance(sample, median / rules.norm, rules),
        "chance_official_suffices": None if official is None else _chance(sample, official, rules),
    }


def _chance(sample: Floats, places: float, rules: Rules) -> float:
    return round(float(np.mean(sample <= rules.norm * places + 1e-6)), 3)


def _as_file(
    courses: Sequence[Course],
    steps: Sequence[Step],
    cases: Mapping[str, Any],
    *,
    rules: Rules,
    start: float,
    seed: int,
) -> dict[str, Any]:
    best = courses[-1].cost_eur
    return {
        "first_period": steps[0].period,
        "last_period": steps[-1].period,
        "seed": seed,
        "assumptions": {
            "lead_time_months": 6,
            "occupancy_norm": rules.norm,
            "location_places": rules.location_places,
            "start_places": round(start),
            "official_plan_before_first_edition": "house_rule",
        },
        "policies": [
            {
                "name": course.policy,
                "cost_eur": round(course.cost_eur),
                "cost_above_foresight_eur": round(course.cost_eur - best),
                "empty_place_months": round(course.empty_place_months),
                "missing_place_months": round(course.missing_place_months),
                "openings": course.openings,
                "closures": course.closures,
                "reopenings_within_12_months": course.reopenings_within_12_months,
            }
            for course in courses
        ],
        "decisions": [
            {
                "decided_at": step.decided_at,
                "period": step.period,
                "forecast_median_persons": round(float(np.median(step.expected[:, 5]))),
                "realised_persons": round(float(step.realised[-1])),
                "places": {course.policy: round(course.places[index]) for course in courses},
            }
            for index, step in enumerate(steps)
        ],
        "cases": cases,
    }
