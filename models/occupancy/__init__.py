# SPDX-License-Identifier: EUPL-1.2
"""Occupancy: from inflow to the persons who need a place, stage by stage."""

from models.occupancy.chain import Chain, Cohorts, Flows
from models.occupancy.combining import paired_average
from models.occupancy.direct import DampedTrend
from models.occupancy.figures import Figure
from models.occupancy.fitting import fit_chain
from models.occupancy.joining import (
    arrivals_after,
    by_month,
    flow_paths,
    known_and_expected,
    need_paths,
)
from models.occupancy.model import FittedChain
from models.occupancy.points import (
    EXACT_LOG_SD,
    DatedPoint,
    exits_per_stock,
    moment_of,
    rounding_log_sd,
)
from models.occupancy.simulation import ChainPaths, ChainState, Interventions, simulate
from models.occupancy.specification import ChainSpecification

__all__ = [
    "EXACT_LOG_SD",
    "Chain",
    "ChainPaths",
    "ChainSpecification",
    "ChainState",
    "Cohorts",
    "DampedTrend",
    "DatedPoint",
    "Figure",
    "FittedChain",
    "Flows",
    "Interventions",
    "arrivals_after",
    "by_month",
    "exits_per_stock",
    "fit_chain",
    "flow_paths",
    "known_and_expected",
    "moment_of",
    "need_paths",
    "paired_average",
    "rounding_log_sd",
    "simulate",
]
