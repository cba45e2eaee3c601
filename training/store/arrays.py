# SPDX-License-Identifier: EUPL-1.2
"""Arrays as bytes and back, without pickle; equal arrays give equal bytes."""

import io

import numpy as np

from models.types import Floats

__all__ = ["dump", "load"]


def dump(**arrays: Floats) -> bytes:
    """Named arrays as one NumPy archive."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def load(content: bytes) -> dict[str, Floats]:
    """The arrays that `dump` wrote, by name."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
