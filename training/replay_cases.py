# SPDX-License-Identifier: EUPL-1.2
"""Named past decisions: what would have been said that day, how sure, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from models.periods import last_day
from models.planning.replay.half_year import Reserves, Terms
from models.planning.replay.waiting import best_places
from models.types import Floats
from training.sources.reference import official_forecasts
from training.store.official_forecasts import editions_of

__all__ = ["CASES", "Case", "case_content"]

CURVE_STEP = 1_000
"""Distance between the numbers of places whose chance is told [places]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A decision that people remember.

    Attributes:
        day: When it was taken.
        target: Month whose end it was about, YYYY-MM.
        held_places: Places there were, where that is published [places].
        source: Where that is published.
    """

    day: date
    target: str
    held_places: int | None = None
    source: str = ""


CASES: Mapping[str, Case] = {
    "2018-03": Case(
        day=date(2018, 3, 31),
        target="2018-12",
        held_places=31_000,
        source="RD, Opvangplekken asielzoekers omlaag naar 27.000 (March 2018)",
    ),
    "2022-05": Case(day=date(2022, 5, 31), target="2022-12"),
    "2023-04": Case(day=date(2023, 4, 30), target="2023-12"),
}


def case_content(
    case: Case,
    need: Floats,
    *,
    official: int | None,
    outcome: float,
    terms: Terms,
) -> dict[str, Any]:
    """What would have been said on the day of a case, as it stands in the replay file.

    Args:
        case: The decision.
        need: Need as forecast that day, from the next month on [persons], shape (paths, months).
        official: Places of the official plan of that day [places]; None where there was none.
        outcome: Need at the target as it turned out [persons].
        terms: Prices of the time, occupancy norm and size of a location.
    """
    target = np.datetime64(case.target, "M")
    begin = np.datetime64(case.day.isoformat()[:7], "M")
    course = need[:, : int((target - begin).astype(int))]
    sample = course[:, -1]
    low, median, high = np.quantile(sample, [0.1, 0.5, 0.9])
    # The newsvendor's number for this one day; docs/methods.md, Buffer, equation 3.
    worth = terms.norm * (terms.costs.missing_premium + terms.costs.empty_place)
    enough = np.quantile(sample, 1 - terms.costs.empty_place / worth)
    advised, usual = (int(np.ceil(persons / terms.norm)) for persons in (enough, median))
    content = {
        "decided_at": case.day.isoformat(),
        "target": last_day(target).isoformat(),
        "forecast_persons": {"median": round(median), "low_80": round(low), "high_80": round(high)},
        "outcome_persons": round(outcome),
        "advised_places": advised,
        "house_rule_places": usual,
        "official_places": official,
        "chance_advised_suffices": _chance(sample, advised, terms),
        "chance_house_rule_suffices": _chance(sample, usual, terms),
        "chance_official_suffices": None if official is None else _chance(sample, official, terms),
        "official_inflow": _official_inflow(case),
        "chance_suffices": [
            {"places": places, "chance": _chance(sample, places, terms)}
            for places in _curve(sample, terms)
        ],
        "months": [
            {
                "period": str(begin + 1 + month),
                "median": round(float(np.median(course[:, month]))),
                "low_80": round(float(np.quantile(course[:, month], 0.1))),
                "high_80": round(float(np.quantile(course[:, month], 0.9))),
            }
            for month in range(course.shape[1])
        ],
    }
    if case.held_places is not None:
        content["held_places"] = case.held_places
        content["held_source"] = case.source
        content["advised_from_held_places"] = round(
            best_places(need, held=case.held_places, terms=terms, reserves=Reserves.INDIRECT)
        )
    return content


def _chance(sample: Floats, places: int, terms: Terms) -> float:
    return round(float(np.mean(sample <= terms.norm * places + 1e-6)), 3)


def _curve(sample: Floats, terms: Terms) -> range:
    """Round numbers of places from where they hardly ever suffice to where they nearly do."""
    low, high = np.quantile(sample, [0.01, 0.99]) / terms.norm
    return range(int(low // CURVE_STEP) * CURVE_STEP, int(high) + CURVE_STEP, CURVE_STEP)


def _official_inflow(case: Case) -> dict[str, Any] | None:
    """What the last official forecast known that day said about the inflow of the year."""
    year = int(case.target[:4])
    known = [
        edition
        for edition in editions_of(official_forecasts())
        if edition.known_at.date() <= case.day and edition.target_year == year
    ]
    if not known:
        return None
    last = known[-1]
    return {
        "edition": last.edition,
        "year": year,
        "low": last.low,
        "high": last.high,
        "middle": None if last.middle is None else round(last.middle),
    }
