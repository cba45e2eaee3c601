# SPDX-License-Identifier: EUPL-1.2
"""Small registers and settings that the planning tests share."""

import hashlib
import json
from dataclasses import asdict

import numpy as np

from models.planning.costs import CostParameters
from models.planning.location_plan.plan import plan_capacity
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.supply import SupplyRisk
from models.planning.register.criteria import CriteriaWeights
from models.planning.register.locations import (
    PROVINCES,
    ContractForm,
    Location,
    LocationKind,
    LocationStatus,
)
from service.storage.register import default_register

CERTAIN = SupplyRisk(late_chance=0.0, failure_chance=0.0)
"""Every opening comes in time."""

INDIFFERENT = CriteriaWeights(
    proportional_spread=0.0,
    chain_interest=0.0,
    flexibility=0.0,
    quality_sustainability=0.0,
    labour_market_potential=0.0,
    child_interest=0.0,
)
"""Nothing but the cost counts."""

PERIODS = np.arange("2026-01", "2031-01", dtype="datetime64[M]")


def regular(name, places, **changed):
    """An open regular line that may be held in reserve or lent."""
    values = {
        "location_id": name,
        "name": name,
        "municipality": name,
        "municipality_code": "GM0106",
        "province": "Drenthe",
        "kind": LocationKind.REGULAR,
        "status": LocationStatus.OPEN,
        "places": places,
        "technical_places": places,
        "contractual_places": places,
        "recall_months": 3,
        "dual_use": ContractForm.VACANCY_ACT,
        "source": "a test",
    }
    return Location(**(values | changed))


def emergency(name, places, **changed):
    """An open emergency line."""
    terms = {"kind": LocationKind.EMERGENCY, "dual_use": ContractForm.NONE, "recall_months": 0}
    return regular(name, places, **(terms | changed))


def candidate(name, places, **changed):
    """A regular line that may be opened."""
    terms = {
        "status": LocationStatus.CANDIDATE,
        "technical_places": places,
        "contractual_places": places,
        "dual_use": ContractForm.NONE,
    }
    return regular(name, 0, **(terms | changed))


def wandering(*, paths):
    """Futures of the size of the Netherlands that drift apart."""
    rng = np.random.default_rng(7)
    return 74_000 * np.exp(np.cumsum(rng.normal(0, 0.02, (paths, 60)), axis=1))


def digest():
    """Hash of one plan, for comparison between processes."""
    made = plan_capacity(
        default_register()[:40],
        wandering(paths=100) / 12,
        periods=PERIODS,
        settings=PlanSettings(futures=5, relative_gap=0.03),
        seed=3,
    )
    return hashlib.sha256(json.dumps(asdict(made)).encode()).hexdigest()


def random_register(count, *, seed):
    """Lines of every kind and term, none like another, for 75,000 places together."""
    rng = np.random.default_rng(seed)
    return tuple(_random_line(at, rng, mean=2 * 75_000 // count) for at in range(count))


def _random_line(at, rng, *, mean):
    places = int(rng.integers(mean // 4, 2 * mean - mean // 4))
    costs = CostParameters()
    changed = {
        "province": str(rng.choice(PROVINCES)),
        "municipality_code": f"GM{at:04d}",
        "indicative_places": int(rng.integers(50, 500)),
        "opening_eur": costs.open_place * rng.uniform(0.5, 2),
        "closing_eur": costs.close_place * rng.uniform(0.5, 2),
        "notice_months": int(rng.choice([3, 6, 12])),
        "extension_months": int(rng.choice([6, 12, 24, 60])),
        "minimum_term_months": int(rng.choice([0, 6, 12])),
        "recall_months": int(rng.choice([0, 1, 3, 4])),
    }
    if rng.random() < 0.5:
        changed["place_eur"] = costs.regular_open * rng.uniform(0.8, 1.2)
        changed |= {"agreement_end": None, "late_chance": rng.uniform(0.2, 0.5)}
        return candidate(
            f"new-{at}",
            places,
            lead_time_months=int(rng.choice([4, 9, 15, 24])),
            kind=LocationKind(rng.choice(["regular", "azc", "temporary"])),
            **changed,
        )
    end = str(PERIODS[0] + int(rng.integers(0, 90)))
    if rng.random() < 0.3:
        changed["place_eur"] = costs.emergency_housing * rng.uniform(0.8, 1.2)
        return emergency(f"hall-{at}", places, **(changed | {"agreement_end": end}))
    changed["place_eur"] = costs.regular_open * rng.uniform(0.8, 1.2)
    sized = rng.random() < 0.3
    return regular(
        f"open-{at}",
        places,
        agreement_end=end if rng.random() < 0.8 else None,
        technical_places=places + mean * sized,
        contractual_places=places + mean * sized,
        lead_time_months=4 * int(rng.random() < 0.3),
        expansion_months=1,
        dual_use=ContractForm(rng.choice(["vacancy_act", "none"])),
        **changed,
    )
