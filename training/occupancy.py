# SPDX-License-Identifier: EUPL-1.2
"""The need for places in the Netherlands: the occupancy model on what a snapshot knows."""

import json
from collections.abc import Sequence

import numpy as np

from models.catalogue import Status
from models.occupancy import (
    EXACT_LOG_SD,
    DatedPoint,
    OccupancyModel,
    fit_occupancy,
    known_and_expected,
    need_paths,
    rounding_log_sd,
)
from models.types import SamplePaths
from training.sources.reference import OccupancyBridge, occupancy_bridge
from training.store.records import Snapshot

__all__ = [
    "INFLOW_ID",
    "NEED_ID",
    "fit_need",
    "model_from_bytes",
    "model_to_bytes",
    "need_points",
    "sample_need",
]

INFLOW_ID = "nl.inflow.total"
"""The inflow that feeds the stock. Where it begins, the fit begins: what was counted before in
another definition is not joined to it."""

NEED_ID = "nl.need.total"
"""Persons entitled to reception on the last day of the month, wherever they stay."""


def need_points(
    snapshot: Snapshot, *, bridges: Sequence[OccupancyBridge] | None = None
) -> tuple[DatedPoint, ...]:
    """The dated points of the need, each converted by its own stated bridge.

    Args:
        snapshot: What is known.
        bridges: Definitions that may stand in, best first; those of the reference by default.

    Returns:
        One point per day, of the best definition there is on that day, by day.
    """
    points: dict[str, DatedPoint] = {}
    for bridge in occupancy_bridge() if bridges is None else bridges:
        for row in snapshot.of(bridge.series_id):
            exactness = rounding_log_sd(row.value) if row.status is Status.ROUNDED else EXACT_LOG_SD
            point = DatedPoint(
                day=row.period,
                persons=row.value * bridge.factor,
                log_sd=float(np.hypot(bridge.log_sd, exactness)),
            )
            points.setdefault(row.period.isoformat(), point)
    return tuple(points[day] for day in sorted(points))


def fit_need(
    snapshot: Snapshot,
    *,
    sampled: SamplePaths,
    rng: np.random.Generator,
    inflow_id: str = INFLOW_ID,
    bridges: Sequence[OccupancyBridge] | None = None,
) -> OccupancyModel:
    """Fit the occupancy model to everything that a snapshot knows.

    Args:
        snapshot: What is known.
        sampled: Futures of the inflow from the same snapshot; their median stands in for
            months that ended before the last point and are not known yet.
        rng: Source of chance.
        inflow_id: The inflow that feeds the stock.
        bridges: Definitions that may stand in, best first; those of the reference by default.

    Raises:
        NotFound: the snapshot holds no such inflow.
        InvalidInput: too few points, or points that contradict each other.
    """
    known = snapshot.panel([inflow_id])
    return fit_occupancy(
        need_points(snapshot, bridges=bridges),
        known_and_expected(known, sampled, inflow_id=inflow_id),
        rng=rng,
    )


def sample_need(
    model: OccupancyModel,
    snapshot: Snapshot,
    *,
    sampled: SamplePaths,
    rng: np.random.Generator,
    inflow_id: str = INFLOW_ID,
) -> SamplePaths:
    """Need paths that follow the inflow paths, one for one, under the name NEED_ID.

    Raises:
        InvalidInput: the inflow is not known from the last point to the first path.
    """
    return need_paths(
        model,
        known=snapshot.panel([inflow_id]),
        sampled=sampled,
        inflow_id=inflow_id,
        need_id=NEED_ID,
        rng=rng,
    )


def model_to_bytes(model: OccupancyModel) -> bytes:
    """The model as a JSON file of an artefact; equal models give equal bytes."""
    return json.dumps(model.as_json(), sort_keys=True, separators=(",", ":")).encode()


def model_from_bytes(content: bytes) -> OccupancyModel:
    """The model that `model_to_bytes` wrote."""
    return OccupancyModel.from_json(json.loads(content))
