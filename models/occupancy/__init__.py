# SPDX-License-Identifier: EUPL-1.2
"""Occupancy: from inflow to the persons who need a place, as stock and flow."""

from models.occupancy.fitting import PRIOR, Prior, fit_occupancy
from models.occupancy.joining import by_month, known_and_expected, need_paths
from models.occupancy.model import OccupancyModel
from models.occupancy.points import EXACT_LOG_SD, DatedPoint, rounding_log_sd

__all__ = [
    "EXACT_LOG_SD",
    "PRIOR",
    "DatedPoint",
    "OccupancyModel",
    "Prior",
    "by_month",
    "fit_occupancy",
    "known_and_expected",
    "need_paths",
    "rounding_log_sd",
]
