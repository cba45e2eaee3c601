# SPDX-License-Identifier: EUPL-1.2
"""Inflow forecasting: members behind one protocol, and the ensemble that weighs them.

Prophet is not imported here: whoever needs it imports `models.inflow.prophet`.
"""

from models.inflow.base import Forecaster, Member
from models.inflow.baselines import LogRandomWalk, SeasonalNaive

__all__ = ["Forecaster", "LogRandomWalk", "Member", "SeasonalNaive"]
