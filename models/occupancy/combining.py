# SPDX-License-Identifier: EUPL-1.2
"""Two forecasts of occupancy as one: the average of paths of the same rank."""

from enum import StrEnum

import numpy as np

from models.types import Floats

__all__ = ["CHAIN_WEIGHT", "Method", "paired_average"]

CHAIN_WEIGHT = 0.5
"""Share of the chain in the combination; equal shares are hard to beat [-]."""


class Method(StrEnum):
    """How the need is forecast."""

    CHAIN = "chain"
    DIRECT = "direct"
    COMBINATION = "combination"


def paired_average(chain: Floats, direct: Floats, *, weight: float = CHAIN_WEIGHT) -> Floats:
    """Geometric mean of two sets of paths, the high ones of one with the high ones of the other.

    Both are wrong for the same reasons, so paths of equal rank belong together: an average of
    unrelated ones would promise more than either knows.

    Args:
        chain: Persons [persons], shape (paths, months); the order of the paths stays.
        direct: The same months, as many paths.
        weight: Share of the first [-].

    Returns:
        Persons [persons], shape (paths, months).

    Source:
        Lichtendahl, Grushka-Cockayne and Winkler (2013), Is it better to average probabilities
        or quantiles?; docs/methods.md, equation O8.
    """
    logs = [np.log(np.maximum(paths, 1.0)) for paths in (chain, direct)]
    ranks, others = (np.argsort(paths.mean(axis=1), kind="stable") for paths in logs)
    together = np.empty_like(logs[0])
    together[ranks] = weight * logs[0][ranks] + (1 - weight) * logs[1][others]
    persons: Floats = np.exp(together)
    return persons
