# SPDX-License-Identifier: EUPL-1.2
"""Honest spread: intervals are widened, or with enough proof narrowed, by their past errors."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from models.types import LEVELS, Floats

__all__ = ["FEWEST_ERRORS", "SpreadCorrection", "normal_scores", "rescale", "weighted_quantile"]

SCORES: Floats = norm.ppf(LEVELS)
INNER, OUTER = float(norm.ppf(0.75)), float(norm.ppf(0.95))

FEWEST_ERRORS = 40.0
"""Below this many independent past errors an interval is never narrowed [errors]."""

PRIOR_ERRORS = 60.0
"""That the spread is right as it is counts for this many independent errors [errors]."""

LIMITS = 0.6, 2.5
"""No correction goes beyond these factors [-]."""


def normal_scores(actual: Floats, quantiles: Floats) -> Floats:
    """How many usual spreads the outcome lay from the median: the normal score of its place.

    Args:
        actual: What happened, on the scale of the quantiles, shape (targets,).
        quantiles: Forecast at LEVELS, strictly the same scale, shape (targets, levels).

    Returns:
        Normal scores [-], shape (targets,); below -6 and above 6 are cut off.
    """
    below = (actual[:, None] > quantiles).sum(axis=1)
    low = np.clip(below - 1, 0, len(LEVELS) - 2)
    rows = np.arange(len(actual))
    floor, ceiling = quantiles[rows, low], quantiles[rows, low + 1]
    share = (actual - floor) / np.maximum(ceiling - floor, 1e-9)
    scores = SCORES[low] + share * (SCORES[low + 1] - SCORES[low])
    middle = quantiles[:, len(LEVELS) // 2]
    for outer, outside in ((0, below == 0), (-1, below == len(LEVELS))):
        slope = np.maximum((quantiles[:, outer] - middle) / SCORES[outer], 1e-9)
        beyond = SCORES[outer] + (actual - quantiles[:, outer]) / slope
        scores = np.where(outside, beyond, scores)
    clipped: Floats = np.clip(scores, -6.0, 6.0)
    return clipped


def weighted_quantile(values: Floats, weights: Floats, levels: ArrayLike) -> Floats:
    """Quantiles of values that count for more or less.

    Args:
        values: Shape (values,), at least one.
        weights: Never negative, shape (values,).
        levels: In (0, 1) [-], any shape.
    """
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    places = (total - weights[order] / 2) / total[-1]
    quantiles: Floats = np.interp(np.asarray(levels, dtype=float), places, values[order])
    return quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadCorrection:
    """Factors on the spread of a forecast, for its middle half and for its 90 % interval.

    Attributes:
        inner: Factor up to the quartiles [-].
        outer: Factor at the 5 % and 95 % levels and beyond [-].
        errors: Independent past errors it rests on [errors].
    """

    inner: float = 1.0
    outer: float = 1.0
    errors: float = 0.0

    @classmethod
    def learn(cls, scores: Floats, *, weights: Floats, errors: float) -> Self:
        """From the normal scores of past outcomes.

        Args:
            scores: Normal scores [-], shape (targets,).
            weights: Weight of each, for instance by age [-], shape (targets,).
            errors: How many of them are independent [errors].

        Source:
            docs/methods.md, Inflow, equation 9.
        """
        if len(scores) == 0 or errors <= 0:
            return cls()
        share = errors / (errors + PRIOR_ERRORS)
        factors = []
        for level, usual in ((0.5, INNER), (0.9, OUTER)):
            seen = float(weighted_quantile(np.abs(scores), weights, level)) / usual
            factor = float(np.clip(seen, *LIMITS) ** share)
            factors.append(factor if errors >= FEWEST_ERRORS else max(factor, 1.0))
        # The outer quantile may not fall inside the inner one.
        inner, outer = factors[0], max(factors[1], factors[0] * INNER / OUTER * 1.05)
        return cls(inner=inner, outer=outer, errors=errors)

    def stretched(self, scores: Floats) -> Floats:
        """The normal score to read where `scores` was asked for; increasing, zero at zero."""
        size = np.abs(scores)
        inside = size * self.inner
        at_inner, at_outer = INNER * self.inner, OUTER * self.outer
        between = at_inner + (size - INNER) * (at_outer - at_inner) / (OUTER - INNER)
        beyond = size * self.outer
        stretched = np.where(size <= INNER, inside, np.where(size <= OUTER, between, beyond))
        answer: Floats = np.sign(scores) * stretched
        return answer

    def to_json(self) -> dict[str, Any]:
        """As plain numbers."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Back from plain numbers."""
        return cls(**value)


def rescale(quantiles: Floats, corrections: Sequence[SpreadCorrection]) -> Floats:
    """Quantiles with the spread corrected, one correction per period ahead.

    Args:
        quantiles: At LEVELS on the log scale, shape (series, horizon, levels).
        corrections: One per period ahead, shape (horizon,).
    """
    corrected = np.empty_like(quantiles)
    middle = len(LEVELS) // 2
    for step, correction in enumerate(corrections):
        wanted = correction.stretched(SCORES)
        for series, row in enumerate(quantiles[:, step]):
            values = np.interp(wanted, SCORES, row)
            for outer, beyond in ((0, wanted < SCORES[0]), (-1, wanted > SCORES[-1])):
                slope = (row[outer] - row[middle]) / SCORES[outer]
                values = np.where(beyond, row[outer] + slope * (wanted - SCORES[outer]), values)
            corrected[series, step] = values
    return corrected
