# SPDX-License-Identifier: EUPL-1.2
"""Small registers and settings that the planning tests share."""

import hashlib
import json
from dataclasses import asdict

import numpy as np

from models.planning.capacity_plan import PlanSettings
from models.planning.locations import ContractForm, Location, LocationKind, LocationStatus
from models.planning.plan import plan_capacity
from models.planning.supply import SupplyRisk
from service.storage.register import default_register

CERTAIN = SupplyRisk(late_chance=0.0, failure_chance=0.0)
"""Every opening comes in time."""

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
