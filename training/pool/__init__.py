# SPDX-License-Identifier: EUPL-1.2
"""Pools learned beforehand: what many countries taught, without their figures."""

from training.pool.records import Pool, PoolManifest, learn_from, shipped_pool

__all__ = ["Pool", "PoolManifest", "learn_from", "shipped_pool"]
