# SPDX-License-Identifier: EUPL-1.2
"""How the parameters of a chain move from month to month, all of them at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
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


def standard_normals(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Normal shocks for many paths, six times as fast as NumPy draws them.

    Each is one of 65,536 equally likely values, up to 4.3 standard deviations from zero: finer
    than any belief about a parameter, and cheap to look up by 16 random bits.

    Args:
        rng: Source of chance.
        shape: How many.
    """
    count = int(np.prod(shape))
    most = np.iinfo(np.uint64).max
    bits = rng.integers(most, size=-(-count // 4), dtype=np.uint64, endpoint=True)
    which = bits.view(np.uint16)[:count].reshape(shape)
    return _NORMAL_VALUES.take(which, out=np.empty(shape), mode="clip")


class Movement:
    """What moves each parameter, as columns that fit an array of all of them.

    Args:
        parameters: Of the chain, in its order.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        rates = np.array([np.log(2) / part.half_life for part in parameters])
        drifts = np.array([part.drift for part in parameters])
        noises = np.array([part.noise for part in parameters])
        lasting = drifts * np.sqrt(-np.expm1(-2 * rates) / (2 * rates))
        self._noisy = _rows(noises > 0)
        self._kept = np.where(drifts > 0, np.exp(-rates), 1.0)[:, None]
        self._lasting = lasting[:, None]
        self._passing = noises[self._noisy, None]
        self._shares = _rows(np.array([part.unit is Unit.SHARE for part in parameters]))

    def month(
        self, inward: Floats, *, levels: Floats, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """After a month, and during it; see `models.occupancy.simulation.drift`."""
        shocks = standard_normals(rng, (len(inward) + len(self._passing), inward.shape[1]))
        lasting, passing = shocks[: len(inward)], shocks[len(inward) :]
        lasting *= self._lasting
        passing *= self._passing
        after = inward - levels
        after *= self._kept
        after += levels
        after += lasting
        during = inward + after
        during /= 2
        during[self._noisy] += passing
        return after, during

    def outward(self, inward: Floats) -> Floats:
        """All parameters in their units."""
        values = np.clip(inward, -30, 30)
        np.exp(values, out=values)
        shares = values[self._shares]
        values[self._shares] = shares / (1 + shares)
        return values


def _rows(wanted: NDArray[np.bool_]) -> NDArray[np.intp] | slice:
    """The rows wanted; all of them as a slice, which spares a copy."""
    return slice(None) if wanted.all() else np.flatnonzero(wanted)
