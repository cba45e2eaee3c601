# SPDX-License-Identifier: EUPL-1.2
"""Futures of the total inflow as the champion method would have drawn them, for backtests."""

from functools import partial

import numpy as np

from models.inflow.ensemble import Ensemble
from models.inflow.prophet import ProphetMember
from models.types import Panel, SamplePaths
from training.dataset import champion_members, inflow_targets, training_panel
from training.fit import EVERY, YEARS

__all__ = ["inflow_futures"]


def inflow_futures(panel: Panel, *, months: int, paths: int, seed: int) -> SamplePaths:
    """Fit the champion method as `getij train` does, and draw the total inflow.

    Args:
        panel: Every monthly inflow series, as known at the moment.
        months: How far ahead.
        paths: Number of futures.
        seed: Seed of the draw.

    Raises:
        NotFound: the panel holds no total inflow.
        InvalidInput: it is too short.
    """
    known = training_panel(panel)
    targets = inflow_targets(known)
    ensemble = Ensemble(
        champion_members(prophet=partial(ProphetMember, only=targets)),
        targets=targets,
        every=EVERY,
        years=YEARS,
    )
    return ensemble.fit(known).sample(months, paths=paths, rng=np.random.default_rng(seed))
