# SPDX-License-Identifier: EUPL-1.2
"""Training: fit inflow and occupancy to what is known now, and publish them as one artefact."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from training.dataset import has_other_countries, inflow_panel
from training.fit import fit_inflow, load_inflow
from training.occupancy import fit_need, model_to_bytes
from training.pool import Pool, shipped_pool
from training.store import Store

__all__ = ["CHAMPION", "OCCUPANCY_FILE", "train"]

CHAMPION = "forecast"
"""Kind under which the model that forecasts are issued from is published."""

OCCUPANCY_FILE = "occupancy.json"

_STAND_IN_PATHS = 500
_STAND_IN_MONTHS = 24


def train(
    store: Store,
    *,
    seed: int,
    code_version: str,
    pool: Pool | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> str:
    """Learn from everything that is known now, and publish the result as the champion.

    Args:
        store: Where the figures are, and where the artefact goes.
        seed: Seed of everything drawn.
        code_version: Version of Getij, recorded in the manifest.
        pool: Learned on other countries; if None, other countries in the store teach the members,
            and where there are too few of them, the pool that Getij comes with.
        progress: Called with (done, total) while the past is forecast anew.

    Returns:
        Id of the artefact.

    Raises:
        NotFound: a series that is forecast is not in the store.
        InvalidInput: a series is too short to learn from.
    """
    snapshot = store.observations.as_known_at(store.clock())
    panel = inflow_panel(snapshot)
    manifest, files = fit_inflow(
        panel,
        snapshot_sha256=snapshot.sha256,
        code_version=code_version,
        seed=seed,
        pool=pool if pool is not None or has_other_countries(snapshot) else shipped_pool(),
        progress=progress,
    )
    for_inflow, for_fit = (
        np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(2)
    )
    sampled = load_inflow(manifest, files).sample(
        _STAND_IN_MONTHS, paths=_STAND_IN_PATHS, rng=for_inflow
    )
    occupancy = fit_need(snapshot, sampled=sampled, rng=for_fit)
    artefact_id = store.artefacts.write(
        replace(manifest, kind=CHAMPION),
        files={**files, OCCUPANCY_FILE: model_to_bytes(occupancy)},
    )
    store.models.publish(artefact_id, kind=CHAMPION)
    return artefact_id
