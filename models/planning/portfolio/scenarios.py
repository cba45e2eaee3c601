# SPDX-License-Identifier: EUPL-1.2
"""A few futures that stand for many sample paths, with what that loses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from models.types import Floats

__all__ = ["Futures", "reduce_paths"]

_POOL = 2_000
_NOBODY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Futures:
    """Weighted futures.

    Attributes:
        need: Need [persons], shape (futures, steps).
        weights: Probability of each [-], shape (futures,).
        distance: Mean distance, per step, of a path to the one that stands for it [persons].
        minors: Unaccompanied minors in the need [persons], of the same shape; None where groups
            are not kept apart.
    """

    need: Floats
    weights: Floats
    distance: float
    minors: Floats | None = None


def reduce_paths(
    need: Floats, *, count: int, rng: np.random.Generator, minors: Floats | None = None
) -> Futures:
    """Choose the paths that stand for all, then give them the spread of all.

    Paths are chosen one by one, each time the one that lowers the mean distance most (fast
    forward selection). Every path then counts for the nearest chosen one. Few paths lie in the
    tails, so the values of the chosen ones are replaced, step by step and by rank, by the means
    of the equally likely parts of all paths: mean and spread of each step stay those of the
    sample, and each future keeps its own course from step to step.

    Args:
        need: Need [persons], shape (paths, steps).
        count: Number of futures to keep, or all paths if there are fewer.
        rng: Draws the paths that may be chosen where there are very many.
        minors: Unaccompanied minors in the need [persons], shape (paths, steps); each future
            keeps their share in the path that it was.

    Source:
        Heitsch and Römisch (2003), Computational Optimization and Applications 24; Clark et al.
        (2004), Journal of Hydrometeorology 5, for the ranks. docs/methods.md, Location plan,
        equations 1 and 2.
    """
    paths = len(need)
    if paths <= count:
        weights = np.full(paths, 1 / paths)
        return Futures(need=need, weights=weights, distance=0.0, minors=minors)
    pool = np.arange(paths) if paths <= _POOL else np.sort(rng.choice(paths, _POOL, replace=False))
    rows = pool[_forward_selection(need[pool], count)]
    chosen = need[rows]
    distances = np.stack([_distance(need, one) for one in chosen])
    weights = np.bincount(distances.argmin(axis=0), minlength=count) / paths
    stands = weights > 0  # a path that was chosen twice stands for itself once
    spread = _with_spread_of(need, chosen[stands], weights[stands])
    if minors is not None:
        everybody = np.maximum(chosen[stands], _NOBODY)
        minors = spread * np.minimum(minors[rows[stands]] / everybody, 1.0)
    return Futures(
        need=spread,
        weights=weights[stands],
        distance=float(distances.min(axis=0).mean()),
        minors=minors,
    )


def _distance(need: Floats, one: Floats) -> Floats:
    """Mean absolute difference over the steps [persons], shape (paths,)."""
    distance: Floats = np.abs(need - one).mean(axis=1)
    return distance


def _forward_selection(need: Floats, count: int) -> NDArray[np.intp]:
    """The paths that lower the mean distance most, each given those before it.

    What a path would lower it by only falls as others are chosen. So a path is looked at again
    only while what it once would have done is still the most.
    """
    apart = cdist(need, need, "cityblock") / need.shape[1]
    chosen = np.zeros(count, dtype=np.intp)
    chosen[0] = apart.sum(axis=1).argmin()
    nearest = apart[chosen[0]]
    lowered = np.full(len(need), np.inf)
    for place in range(1, count):
        known = np.zeros(len(need), dtype=bool)
        while not known[best := int(lowered.argmax())]:
            lowered[best] = np.maximum(nearest - apart[best], 0.0).sum()
            known[best] = True
        chosen[place] = best
        nearest = np.minimum(nearest, apart[best])
    return np.sort(chosen)


def _with_spread_of(need: Floats, chosen: Floats, weights: Floats) -> Floats:
    """Replace each value by the mean of the part of all paths that its rank and weight span."""
    rising = np.sort(need, axis=0)
    cumulative = np.vstack([np.zeros(need.shape[1]), np.cumsum(rising, axis=0)])
    at = np.linspace(0.0, 1.0, len(need) + 1)
    spread = np.empty_like(chosen)
    for step in range(need.shape[1]):
        order = np.argsort(chosen[:, step], kind="stable")
        edges = np.concatenate([[0.0], np.cumsum(weights[order])])
        totals = np.interp(edges, at, cumulative[:, step] / len(need))
        spread[order, step] = np.diff(totals) / weights[order]
    return spread
