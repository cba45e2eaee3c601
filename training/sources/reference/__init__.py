# SPDX-License-Identifier: EUPL-1.2
"""The reference figures: published Dutch figures, each with its source, and what follows from them.

Facts lie in `data/*.csv`, one row per printed value. Months that were not printed are estimated
when the figures are loaded, as they could have been estimated at each quarter's end.
"""

from training.sources.reference.loading import Reference, load_reference
from training.sources.reference.plans import (
    CapacityNeedDecision,
    OccupancyBridge,
    OfficialForecast,
    PortfolioPoint,
    capacity_need_decisions,
    occupancy_bridge,
    official_forecasts,
    portfolio_decay,
)

__all__ = [
    "CapacityNeedDecision",
    "OccupancyBridge",
    "OfficialForecast",
    "PortfolioPoint",
    "Reference",
    "capacity_need_decisions",
    "load_reference",
    "occupancy_bridge",
    "official_forecasts",
    "portfolio_decay",
]
