# SPDX-License-Identifier: EUPL-1.2
"""How good a forecast was: in backtests and, later, month by month in service.

Error is forecast minus actual, everywhere: a positive bias is a forecast that was too high.
"""

import numpy as np

from models.types import LEVELS, Floats

__all__ = ["UPPER", "bias", "coverage", "crps", "pinball", "relative_score", "within"]

UPPER_FROM = 0.9

UPPER = LEVELS >= UPPER_FROM
"""The levels of the upper tail, where too few places are prepared."""


def pinball(actual: Floats, quantiles: Floats) -> Floats:
    """Twice the pinball loss at every level [persons].

    Args:
        actual: What happened [persons], any shape.
        quantiles: Forecast at LEVELS [persons], one axis more, the levels last.

    Returns:
        Loss, shape of quantiles; NaN where the actual is not known.

    Source:
        docs/methods.md, Inflow, equation 13.
    """
    shortfall = np.asarray(actual, dtype=float)[..., None] - quantiles
    loss: Floats = 2 * np.maximum(LEVELS * shortfall, (LEVELS - 1) * shortfall)
    return loss


def crps(actual: Floats, quantiles: Floats, *, upper_tail: bool = False) -> Floats:
    """Mean over the levels of twice the pinball loss, close to the CRPS [persons].

    Args:
        actual: What happened [persons].
        quantiles: Forecast at LEVELS [persons], the levels last.
        upper_tail: Only the levels from 0.9 up.
    """
    loss = pinball(actual, quantiles)
    mean: Floats = (loss[..., UPPER] if upper_tail else loss).mean(axis=-1)
    return mean


def within(actual: Floats, quantiles: Floats, nominal: float) -> Floats:
    """Whether the central interval held the outcome: 1, 0, or NaN where it is not known.

    Args:
        actual: What happened [persons].
        quantiles: Forecast at LEVELS [persons], the levels last.
        nominal: What the interval promises [-], 0.5, 0.8, 0.9, 0.95 or 0.98.
    """
    low = int(np.argmin(np.abs(LEVELS - (1 - nominal) / 2)))
    held = (actual >= quantiles[..., low]) & (actual <= quantiles[..., -1 - low])
    answer: Floats = np.where(np.isfinite(actual), held, np.nan)
    return answer


def coverage(actual: Floats, quantiles: Floats, nominal: float) -> float:
    """Share of known outcomes that the central interval held [-]; NaN if none is known."""
    held = within(actual, quantiles, nominal)
    known = np.isfinite(held)
    return float(held[known].mean()) if known.any() else float("nan")


def bias(actual: Floats, forecast: Floats) -> float:
    """Mean error, forecast minus actual [persons]: positive when forecasts were too high.

    NaN if no outcome is known.
    """
    error = np.asarray(forecast, dtype=float) - actual
    known = np.isfinite(error)
    return float(error[known].mean()) if known.any() else float("nan")


def relative_score(score: Floats, baseline: Floats) -> float:
    """Geometric mean over series of mean score divided by the baseline's mean score [-].

    Args:
        score: CRPS of the forecast, NaN where unknown, the series on the first axis.
        baseline: CRPS of the baseline on the same targets.

    Returns:
        Below 1 is better than the baseline; NaN if no series can be compared.
    """
    count = len(score)
    both = np.isfinite(score) & np.isfinite(baseline)
    above = np.where(both, score, 0.0).reshape(count, -1).sum(axis=1)
    below = np.where(both, baseline, 0.0).reshape(count, -1).sum(axis=1)
    usable = (above > 0) & (below > 0)
    if not usable.any():
        return float("nan")
    return float(np.exp(np.mean(np.log(above[usable] / below[usable]))))
