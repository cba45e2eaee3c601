# SPDX-License-Identifier: EUPL-1.2
"""How the parameters of a chain move from month to month, all of them at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from models.occupancy.specification import Parameter, Unit
from models.types import Floats

__all__ = ["Movement", "standard_normals"]


def _normal_values() -> Floats:
    """Middles of equally likely parts of the standard normal, scaled to a variance of one."""
    count = 1 << 16
    values: Floats = ndtri((np.arange(count) + 0.5) / count)
    values /= values.std()
    return values


_NORMAL_VALUES = _normal_values()


def standard_normals(rng: np.random.Generator, *, rows: int, paths: int) -> Iterator[Floats]:
    """Normal shocks for many paths, several times as fast as NumPy draws them.

    Each is one of 65,536 equally likely values, up to 4.3 standard deviations from zero: finer
    than any belief about a parameter, and cheap to look up by 16 random bits.

    Args:
        rng: Source of chance.
        rows: How many shocks each path meets.
        paths: How many paths.

    Yields:
        A shock for every path, each of shape (paths,).
    """
    most = np.iinfo(np.uint64).max
    bits = rng.integers(most, size=-(-rows * paths // 4), dtype=np.uint64, endpoint=True)
    for which in bits.view(np.uint16)[: rows * paths].reshape(rows, paths):
        yield _NORMAL_VALUES.take(which, out=np.empty(paths), mode="clip")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Motion:
    """What one parameter does in a month: share of a deviation kept, spread of drift and noise."""

    kept: float
    drift: float
    noise: float


class Movement:
    """What moves each parameter.

    Args:
        parameters: Of the chain, in its order.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        rates = [np.log(2) / part.half_life for part in parameters]
        self._motions = [
            _Motion(
                kept=float(np.exp(-rate)),
                drift=part.drift * float(np.sqrt(-np.expm1(-2 * rate) / (2 * rate))),
                noise=part.noise,
            )
            for part, rate in zip(parameters, rates, strict=True)
        ]
        self._shocks = sum((part.drift > 0) + (part.noise > 0) for part in parameters)
        self._shares = np.flatnonzero([part.unit is Unit.SHARE for part in parameters])

    def month(
        self, inward: Floats, *, levels: Floats, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """After a month, and during it; see `models.occupancy.simulation.drift`."""
        after, during = inward.copy(), inward.copy()
        shocks = standard_normals(rng, rows=self._shocks, paths=inward.shape[1])
        # One parameter at a time stays in the processor's cache.
        for row, motion in enumerate(self._motions):
            end, held = after[row], during[row]
            if motion.drift:
                shock = next(shocks)
                shock *= motion.drift
                end -= levels[row]
                end *= motion.kept
                end += levels[row]
                end += shock
                held += end
                held /= 2
            if motion.noise:
                shock = next(shocks)
                shock *= motion.noise
                held += shock
        return after, during

    def outward(self, inward: Floats) -> Floats:
        """All parameters in their units."""
        values = np.clip(inward, -30, 30)
        np.exp(values, out=values)
        shares = values[self._shares]
        values[self._shares] = shares / (1 + shares)
        return values
