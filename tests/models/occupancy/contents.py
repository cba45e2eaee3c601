# SPDX-License-Identifier: EUPL-1.2
"""A chain as plain content, sound until a test spoils it; every number is made for the tests."""

from models.errors import InvalidFile
from models.occupancy.reading import read_chain

ARRIVALS = "harbour.arrivals"


def harbour():
    """Intake, a wait for rooms, and refusal, from which some come back to intake."""
    grounds = {"basis": "assumption", "owner": "the harbour", "reason": "made for the tests"}
    return {
        "chain_id": "harbour",
        "title": {"nl": "Haven", "en": "Harbour"},
        "months_tracked": 12,
        "groups": [{"name": "guest", "title": {"nl": "gast", "en": "guest"}}],
        "stages": [
            {"name": "intake", "title": {"nl": "intake", "en": "intake"}},
            {"name": "waiting", "title": {"nl": "wachtend", "en": "waiting"}},
            {"name": "refused", "title": {"nl": "geweigerd", "en": "refused"}},
        ],
        "parameters": [
            {"name": "entry", "unit": "ratio", "median": 1.1, "spread": 0.1, **grounds},
            {"name": "go", "unit": "1/month", "median": 0.8, "spread": 0.2, **grounds},
            {"name": "granted", "unit": "share", "median": 0.6, "spread": 0.2, **grounds},
            {"name": "capacity", "unit": "persons/month", "median": 90, "spread": 0.1, **grounds},
        ],
        "bottlenecks": [
            {
                "name": "rooms",
                "title": {"nl": "kamers", "en": "rooms"},
                "capacity": "capacity",
                "response": 0.5,
                "reference": 500,
                "partner": "the town",
            }
        ],
        "compartments": [
            {
                "group": "guest",
                "stage": "intake",
                "hazard": "go",
                "leave": [["waiting", "granted"], ["refused", "rest"]],
            },
            {
                "group": "guest",
                "stage": "waiting",
                "bottleneck": "rooms",
                "after": 1,
                "served": [["out", "rest"]],
            },
            {
                "group": "guest",
                "stage": "refused",
                "hazard": 0.2,
                "profile": [[0, 0.5], [3, 1.0]],
                "leave": [["intake", 0.25], ["out", 0.75]],
            },
        ],
        "entries": [{"inflow": ARRIVALS, "ratio": "entry", "into": [["guest/intake", "rest"]]}],
        "measurements": [
            {
                "series_id": "harbour.waiting",
                "measured": "stock",
                "stages": ["waiting"],
                "error": 0.05,
                **grounds,
            },
            {
                "series_id": "harbour.housed",
                "measured": "flow",
                "routes": [["waiting", "out"]],
                "months": 12,
                "error": 0.1,
                **grounds,
            },
            {
                "series_id": "harbour.granted",
                "measured": "value",
                "parameter": "granted",
                "months": 3,
                "factor": 0.01,
                "error": 0.3,
                **grounds,
            },
        ],
    }


def part(content, kind, name):
    """One table of a list, by the name that it has."""
    keys = {"compartments": "stage", "entries": "inflow", "measurements": "series_id"}
    return next(table for table in content[kind] if table[keys.get(kind, "name")] == name)


def faults_of(content):
    """Place and reason of everything that is refused."""
    try:
        read_chain(content, name="harbour.toml")
    except InvalidFile as error:
        return [(fault.column, fault.reason) for fault in error.faults]
    return []
