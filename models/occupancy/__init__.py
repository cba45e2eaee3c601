# SPDX-License-Identifier: EUPL-1.2
"""Occupancy: from inflow to the persons who need a place, as stock and flow."""

from models.occupancy.fitting import PRIOR, Prior, fit_occupancy
from models.occupancy.model import OccupancyModel
from models.occupancy.points import EXACT_LOG_SD, DatedPoint

__all__ = ["EXACT_LOG_SD", "PRIOR", "DatedPoint", "OccupancyModel", "Prior", "fit_occupancy"]
