# SPDX-License-Identifier: EUPL-1.2
"""Pools learned beforehand: what many countries taught, without their figures."""

from training.pool.records import (
    Pool,
    PoolManifest,
    learn_from,
    pool_known_by,
    pools_of_the_past,
    shipped_pool,
)

__all__ = [
    "Pool",
    "PoolManifest",
    "learn_from",
    "pool_known_by",
    "pools_of_the_past",
    "shipped_pool",
]
