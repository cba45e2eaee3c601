# SPDX-License-Identifier: EUPL-1.2
"""The location plan the slow and obvious way: try every use, house every future by itself."""

from itertools import product

import numpy as np
from scipy.optimize import linprog

from models.planning.locations import LocationStatus

BEFORE = {"open": "open", "reserve": "reserve", "lent": "lent", "candidate": "absent"}


def courses(line, horizon):
    """Every course of uses that the terms of one line allow (terms in whole half-years)."""
    idle = not line.kind.is_emergency and line.status is not LocationStatus.CANDIDATE
    uses = ["open", "absent", *(["reserve", "lent"] if idle else [])]
    if line.fixed_core:
        uses = ["open"]
    end = horizon
    if line.agreement_end is not None:
        end = round((int(line.agreement_end[:4]) - 2026) * 2 + int(line.agreement_end[5:]) / 6)
    for course in product(uses, repeat=horizon):
        there = [use != "absent" for use in course]
        if line.status is LocationStatus.CANDIDATE:
            fits = there == sorted(there)
            fits = fits and not any(there[: -(-line.lead_time_months // 6)])
        else:
            fits = there == sorted(there, reverse=True)
            fits = fits and all(there[: min(-(-line.notice_months // 6), end)])
            extension = max(line.extension_months // 6, 1)
            for start in range(end, horizon, extension):
                fits = fits and len(set(there[start : start + extension])) == 1
        if fits:
            yield course, end


def cost_of_course(line, course, end, costs):
    """What the places cost, with every change [EUR]."""
    emergency = line.kind.is_emergency
    per_year = {
        "open": costs.emergency_housing if emergency else costs.regular_open,
        "reserve": costs.empty_place,
        "lent": costs.empty_place - costs.lending_income,
        "absent": 0.0,
    }
    before, total = BEFORE[line.status], 0.0
    for half_year, use in enumerate(course):
        total += per_year[use] / 2
        if use != before and use in {"open", "lent"}:
            total += costs.open_place
        early = half_year < end and line.agreement_end is not None
        if use != before and use == "absent" and early:
            total += costs.close_place
        before = use
    return total * line.places_possible


def cost_of_housing(need, held, settings, recall_months):
    """Least cost of housing one future in given places, by a linear programme [EUR].

    The five kinds of place, then what is newly called up and newly recalled, for every step.
    """
    costs, norm = settings.costs, settings.occupancy_norm
    steps, years = len(need), settings.step_months / 12
    kinds = ["regular", "reserve", "lent", "emergency", "missing", "called", "recalled"]
    at = {kind: np.arange(steps) + steps * index for index, kind in enumerate(kinds)}
    per_person = [
        costs.regular_person - costs.regular_open,
        costs.regular_person - costs.empty_place,
        costs.regular_person - costs.empty_place + costs.lending_income,
        costs.emergency_person - costs.emergency_housing,
        costs.last_resort_person,
    ]
    fee = [
        costs.open_place + delay / 12 * (costs.last_resort_person - per_person[kind])
        for kind, delay in ((1, recall_months), (2, 3))
    ]
    objective = np.repeat([*(one * years for one in per_person), *fee], steps)
    equal, over = np.zeros((steps, 7 * steps)), []
    upper = np.full(7 * steps, np.inf)
    for step in range(steps):
        month = step * settings.step_months
        half_year, lent_since = month // 6, (month - 9) // 6
        for kind in kinds[:5]:
            equal[step, at[kind][step]] = 1
        for kind in ("regular", "reserve", "emergency"):
            upper[at[kind][step]] = norm * held[kind][half_year]
        # nothing was lent before the plan began
        long_lent = held["lent"][lent_since] if lent_since >= 0 else 0
        upper[at["lent"][step]] = norm * min(held["lent"][half_year], long_lent)
        for kind, newly in (("reserve", "called"), ("lent", "recalled")):
            row = np.zeros(7 * steps)
            row[at[kind][step]], row[at[newly][step]] = 1, -1
            if step:
                row[at[kind][step - 1]] = -1
            over.append(row)
    result = linprog(
        objective,
        A_eq=equal,
        b_eq=need,
        A_ub=np.array(over),
        b_ub=np.zeros(len(over)),
        bounds=list(zip(np.zeros(7 * steps), upper, strict=True)),
    )
    return result.fun


def least_cost(register, need, settings):
    """The least expected cost of any plan, on paths that all count alike [EUR]."""
    horizon, norm = settings.half_years, settings.occupancy_norm
    steps = need.reshape(len(need), -1, settings.step_months).mean(axis=2)
    peaks = np.stack([need[:, 6 * h : 6 * h + 9].max(axis=1) for h in range(horizon)])
    floor = np.quantile(peaks, 1 - settings.lending_limit, axis=1, method="inverted_cdf")
    recall = max(line.recall_months for line in register)
    best = np.inf
    for choice in product(*(list(courses(line, horizon)) for line in register)):
        held = {kind: np.zeros(horizon) for kind in ("regular", "reserve", "lent", "emergency")}
        total = 0.0
        for line, (course, end) in zip(register, choice, strict=True):
            total += cost_of_course(line, course, end, settings.costs)
            for half_year, use in enumerate(course):
                kind = "emergency" if line.kind.is_emergency else "regular"
                kind = {"open": kind, "absent": None}.get(use, use)
                if kind:
                    held[kind][half_year] += line.places_possible
        kept = norm * (held["regular"] + held["reserve"] + held["emergency"])
        if total >= best or np.any((held["lent"] > 0) & (kept < floor)):
            continue
        total += np.mean([cost_of_housing(path, held, settings, recall) for path in steps])
        best = min(best, total)
    return best
