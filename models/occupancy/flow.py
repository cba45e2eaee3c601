# SPDX-License-Identifier: EUPL-1.2
"""The stock-flow step: who enters, who leaves, who is still there; nobody is lost."""

import numpy as np

from models.types import Floats

__all__ = ["LARGEST_LOG_HAZARD", "SMALLEST_LOG_HAZARD", "hazard_of", "stock_after"]

SMALLEST_LOG_HAZARD = -12.0
"""Below this nobody leaves in a lifetime [log of 1/month]."""

LARGEST_LOG_HAZARD = 3.0
"""Above this nobody stays a day or two [log of 1/month]."""


def hazard_of(log_hazard: Floats) -> Floats:
    """The exit hazard [1/month], kept within what a number can carry."""
    hazard: Floats = np.exp(np.clip(log_hazard, SMALLEST_LOG_HAZARD, LARGEST_LOG_HAZARD))
    return hazard


def stock_after(stock: Floats, *, entrants: Floats, hazard: Floats, months: float) -> Floats:
    """Persons inside after some time of steady entry and a constant exit hazard.

    The exact solution of dS/dt = entrants - hazard * S. It cannot become negative, falls when
    nobody enters, rises with what enters, and what left is what is missing:
    outflow = stock + entrants * months - stock_after.

    Args:
        stock: Persons inside at the start [persons].
        entrants: Persons entering [persons/month].
        hazard: Exit hazard [1/month], positive.
        months: How long [months].

    Returns:
        Persons inside at the end [persons], the shape of the arguments together.

    Source:
        docs/methods.md, Occupancy and need, equation O1.
    """
    left = np.exp(-hazard * months)
    stayed: Floats = stock * left + entrants * -np.expm1(-hazard * months) / hazard
    return stayed
