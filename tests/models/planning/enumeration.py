# SPDX-License-Identifier: EUPL-1.2
"""The location plan the slow and obvious way: try every use, house every future by itself."""

from itertools import product

import numpy as np
from scipy.optimize import linprog

from models.planning.register.locations import LocationStatus

BEFORE = {"open": "open", "reserve": "reserve", "lent": "lent", "candidate": "absent"}
KNOWN_AFTER = 2
NEVER = 127


def half_years(months):
    return -(-months // 6)


def courses(line, horizon):
    """Every course of uses that the terms of one line allow (terms in whole half-years)."""
    candidate = line.status is LocationStatus.CANDIDATE
    idle = not line.kind.is_emergency and not candidate
    uses = ["open", "absent", *(["reserve"] if idle else [])]
    uses += ["lent"] if idle and line.dual_use.recallable else []
    uses += ["expanded", "shrunk"] if sizes(line) else []
    if line.fixed_core:
        uses = ["open"]
    end = horizon
    if line.agreement_end is not None:
        end = round((int(line.agreement_end[:4]) - 2026) * 2 + int(line.agreement_end[5:]) / 6)
    for course in product(uses, repeat=horizon):
        there = [use != "absent" for use in course]
        stays = "expanded" not in course[: half_years(line.expansion_months)]
        if candidate:
            fits = not any(there[: half_years(line.lead_time_months)])
        else:
            notice = min(half_years(line.notice_months), end)
            fits = all(there[:notice]) and "shrunk" not in course[:notice]
            again = notice + half_years(line.lead_time_months) if line.lead_time_months else horizon
            fits = fits and not any(
                there[at] and not there[at - 1] for at in range(1, horizon) if at < again
            )
            for start in range(end, horizon, term(line)):
                fits = fits and len(set(there[start : start + term(line)])) == 1
        if fits and stays and all_run_their_term(there, line, candidate):
            yield course, end


def sizes(line):
    return line.contractual_places > line.places > 0 and not line.fixed_core


def term(line):
    return max(half_years(max(line.extension_months, line.minimum_term_months)), 1)


def all_run_their_term(there, line, candidate):
    """Whether everything that was opened in the plan stays for its term, or to the end."""
    for at, now in enumerate(there):
        before = there[at - 1] if at else not candidate
        if now and not before and not all(there[at : at + term(line)]):
            return False
    return True


def places_in(line, use):
    """Places of one line under a use, whether open or not."""
    if use == "absent":
        return 0
    if use == "expanded" or line.status is LocationStatus.CANDIDATE:
        return line.places_possible
    return line.places - line.places // 2 * (use == "shrunk")


def cost_of_course(line, course, end, costs):
    """What the places cost, with every change [EUR]."""
    regular = costs.emergency_housing if line.kind.is_emergency else costs.regular_open
    an_open_place = regular if line.place_eur is None else line.place_eur
    per_year = {
        "reserve": costs.empty_place,
        "lent": costs.empty_place - costs.lending_income,
        "absent": 0.0,
    }
    before, total = BEFORE[line.status], 0.0
    inside = line.places if before == "open" else 0
    for half_year, use in enumerate(course):
        total += per_year.get(use, an_open_place) / 2 * places_in(line, use)
        now = places_in(line, use) if use in {"open", "expanded", "shrunk"} else 0
        total += costs.open_place * max(now - inside, 0)
        early = half_year < end and line.agreement_end is not None
        if use != before and use == "lent":
            total += costs.open_place * line.places
        if use != before and early:
            leaving = {"absent": line.places, "shrunk": line.places // 2}
            total += costs.close_place * leaving.get(use, 0)
        before, inside = use, now
    return total


def not_there_yet(course, delay):
    """Half-years in which a candidate is open by plan, but in this future not there yet."""
    since, late = 0, []
    for use in course:
        since = since + 1 if use == "open" else 0
        late.append(0 < since <= delay)
    return np.array(late)


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


def branch_of(steps, settings):
    """Which futures can be told apart after a year; as many branches as there are levels."""
    if settings.branches == 1 or settings.half_years <= KNOWN_AFTER:
        return np.zeros(len(steps), dtype=int)
    levels = steps[:, KNOWN_AFTER * 6 // settings.step_months - 1].tolist()
    return np.array([sorted(set(levels)).index(level) for level in levels])


def lag(line):
    """Half-years between deciding on a line and its effect."""
    candidate = line.status is LocationStatus.CANDIDATE
    return half_years(line.lead_time_months if candidate else line.notice_months)


def least_cost(register, need, settings, delays=None):
    """The least expected cost of any plan, on paths that all count alike [EUR].

    Every joint course is tried in every branch; the courses of two branches go together when
    they are the same as long as the branches could not be told apart by who decided.
    """
    horizon, norm = settings.half_years, settings.occupancy_norm
    steps = need.reshape(len(need), -1, settings.step_months).mean(axis=2)
    peaks = np.stack([need[:, 6 * h : 6 * h + 9].max(axis=1) for h in range(horizon)])
    floor = np.quantile(peaks, 1 - settings.lending_limit, axis=1, method="inverted_cdf")
    recall = max(line.recall_months for line in register)
    member = branch_of(steps, settings)
    delays = np.zeros((len(need), len(register))) if delays is None else delays
    shared = [horizon if member.max() == 0 else KNOWN_AFTER + lag(line) for line in register]
    best = {}
    for choice in product(*(list(courses(line, horizon)) for line in register)):
        held = {kind: np.zeros(horizon) for kind in ("regular", "reserve", "lent", "emergency")}
        fixed = sum(
            cost_of_course(line, course, end, settings.costs)
            for line, (course, end) in zip(register, choice, strict=True)
        )
        for line, (course, _) in zip(register, choice, strict=True):
            for half_year, use in enumerate(course):
                kind = "emergency" if line.kind.is_emergency else "regular"
                kind = use if use in {"reserve", "lent"} else kind
                held[kind][half_year] += places_in(line, use)
        kept = norm * (held["regular"] + held["reserve"] + held["emergency"])
        if np.any((held["lent"] > 0) & (kept < floor)):
            continue
        key = tuple(course[:known] for known, (course, _) in zip(shared, choice, strict=True))
        costs = [0.0] * (member.max() + 1)
        for future, path in enumerate(steps):
            there, spared = dict(held), 0.0
            for line, (course, _), late in zip(register, choice, delays[future], strict=True):
                awaited = not_there_yet(course, late) * places_in(line, "open")
                kind = "emergency" if line.kind.is_emergency else "regular"
                there[kind] = there[kind] - awaited
                yearly = settings.costs.emergency_housing
                yearly = yearly if kind == "emergency" else settings.costs.regular_open
                spared += awaited.sum() * yearly / 2
            housed = cost_of_housing(path, there, settings, recall)
            costs[member[future]] += (fixed + housed - spared) / len(steps)
        so_far = best.get(key, costs)
        best[key] = [min(pair) for pair in zip(so_far, costs, strict=True)]
    return min(sum(costs) for costs in best.values())
