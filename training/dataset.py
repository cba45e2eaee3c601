# SPDX-License-Identifier: EUPL-1.2
"""Which series are forecast, which only help to learn, and with which members."""

from collections import Counter
from functools import partial

import numpy as np

from models.catalogue import Measure
from models.errors import NotFound
from models.inflow.base import minimum_figures
from models.inflow.baselines import LogRandomWalk, SeasonalNaive
from models.inflow.boosted import Boosted, BoostedParameters
from models.inflow.past import MakeMember
from models.inflow.pooled import Pooled
from models.inflow.prophet import ProphetMember
from models.inflow.smoothing import DampedSmoothing, Theta
from models.periods import Frequency
from models.types import Panel
from training.store.records import Snapshot

__all__ = [
    "TARGETS",
    "champion_members",
    "has_other_countries",
    "inflow_panel",
    "inflow_targets",
    "training_panel",
]

TARGETS = ("nl.inflow.total",)
"""What the advice rests on; every other inflow series only feeds the pool."""


TARGET_COUNTRY = "NL"

FEWEST_COUNTRIES = 8
"""With fewer other countries in the store, the members use a pool learned beforehand."""


def champion_members(
    *, pool: BoostedParameters | None = None, prophet: MakeMember = ProphetMember
) -> tuple[MakeMember, ...]:
    """The members of the champion method.

    Args:
        pool: Learned before and elsewhere; learned from each panel itself if None.
        prophet: How Prophet is made; it is the slow one, and may look at fewer series.
    """
    return (
        LogRandomWalk,
        SeasonalNaive,
        DampedSmoothing,
        Theta,
        partial(Pooled, None if pool is None else pool.pool),
        partial(Boosted, pool),
        prophet,
    )


def inflow_panel(snapshot: Snapshot) -> Panel:
    """Every monthly inflow series that a snapshot has figures of, the targets among them.

    Raises:
        NotFound: nothing is known of any inflow.
    """
    known = {row.series_id for row in snapshot.observations}
    names = sorted(
        entry.series_id
        for entry in snapshot.definitions
        if entry.measure is Measure.INFLOW
        and entry.frequency is Frequency.MONTH
        and entry.series_id in known
    )
    if not names:
        raise NotFound("series", TARGETS[0])
    return snapshot.panel(names)


def has_other_countries(snapshot: Snapshot) -> bool:
    """Whether a snapshot holds enough of other countries for a pool to be learned from it."""
    home = {TARGET_COUNTRY}
    figures = Counter(row.series_id for row in snapshot.observations)
    abroad = {
        entry.place.code
        for entry in snapshot.definitions
        if entry.measure is Measure.INFLOW
        and entry.frequency is Frequency.MONTH
        and figures[entry.series_id] >= 2 * minimum_figures(entry.frequency)
    }
    return len(abroad - home) >= FEWEST_COUNTRIES


def inflow_targets(panel: Panel) -> tuple[str, ...]:
    """The series of a panel to forecast.

    Raises:
        NotFound: the panel holds none of the targets.
    """
    found = tuple(name for name in TARGETS if name in panel.series_ids)
    if not found:
        raise NotFound("series", TARGETS[0])
    return found


def training_panel(panel: Panel) -> Panel:
    """The targets, and of the other series those that are long enough to learn from."""
    targets = inflow_targets(panel)
    figures = np.isfinite(panel.persons).sum(axis=1)
    needed = 2 * minimum_figures(panel.frequency)
    others = [
        name
        for name, count in zip(panel.series_ids, figures, strict=True)
        if name not in targets and count >= needed
    ]
    return panel.select([*targets, *others])
