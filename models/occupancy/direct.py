# SPDX-License-Identifier: EUPL-1.2
"""Occupancy forecast directly from its own dated points: a level, and a trend that dies away.

The challenger of the chain. It knows nothing of inflow, stages or homes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Self

import numpy as np

from models.errors import InvalidInput
from models.occupancy.points import DatedPoint
from models.periods import Months
from models.types import Floats

__all__ = ["DampedTrend"]

_HALF_LIVES = (1.5, 3.0, 6.0, 12.0, 24.0)
"""Of the trend [months]."""

_LEVEL_SDS = (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08)
"""Shocks of the level that last [log per square root of a month]."""

_TREND_SDS = (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08)
"""Usual size of the trend [log per month]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DampedTrend:
    """Level and trend at the last point, for every choice of the three constants.

    Attributes:
        moment: Of the last point [months since 1970].
        choices: Half-life of the trend [months], sd of level shocks, usual trend [log], shape
            (choices, 3).
        weights: How likely each choice is after the points [-], shape (choices,).
        means: Level [log of persons] and trend [log per month], shape (choices, 2).
        covariances: Of the two, shape (choices, 2, 2).
    """

    moment: float
    choices: Floats
    weights: Floats
    means: Floats
    covariances: Floats

    @classmethod
    def fit(cls, points: Sequence[DatedPoint]) -> Self:
        """Weigh every choice by how well it foretold each point from those before it.

        Args:
            points: By day, on two days at least.

        Raises:
            InvalidInput: too few points.

        Source:
            Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter,
            chapter 9 (irregular spacing); docs/methods.md, equation O7.
        """
        if len({point.day for point in points}) < 2:
            raise InvalidInput("Occupancy is forecast from points on two days at least.")
        choices = np.array(list(product(_HALF_LIVES, _LEVEL_SDS, _TREND_SDS)))
        means = np.zeros((len(choices), 2))
        means[:, 0] = np.log(points[0].persons)
        covariances = np.zeros((len(choices), 2, 2))
        covariances[:, 0, 0] = points[0].log_sd ** 2
        covariances[:, 1, 1] = choices[:, 2] ** 2
        likelihood = np.zeros(len(choices))
        for earlier, later in pairwise(points):
            forward, added = _transition(choices, later.moment - earlier.moment)
            means = (forward @ means[..., None])[..., 0]
            covariances = forward @ covariances @ np.swapaxes(forward, 1, 2) + added
            variance = covariances[:, 0, 0] + later.log_sd**2
            surprise = np.log(later.persons) - means[:, 0]
            likelihood -= 0.5 * (np.log(2 * np.pi * variance) + surprise**2 / variance)
            gain = covariances[:, :, 0] / variance[:, None]
            means = means + gain * surprise[:, None]
            covariances = covariances - gain[:, :, None] * covariances[:, None, 0, :]
        weights = np.exp(likelihood - likelihood.max())
        return cls(
            moment=points[-1].moment,
            choices=choices,
            weights=weights / weights.sum(),
            means=means,
            covariances=covariances,
        )

    def sample(self, months: Months, *, paths: int, rng: np.random.Generator) -> Floats:
        """Connected futures of the stock on the last day of each month.

        Args:
            months: Following each other, the first no earlier than that of the last point.
            paths: How many.
            rng: Source of chance.

        Returns:
            Persons [persons], shape (paths, months).
        """
        rows = rng.choice(len(self.weights), size=paths, p=self.weights)
        choices, means = self.choices[rows], self.means[rows]
        state = means + _spread(self.covariances[rows], rng)
        persons = np.empty((paths, len(months)))
        moment = self.moment
        for place, month in enumerate(months):
            end = float(month.astype(int)) + 1
            if end > moment:
                forward, added = _transition(choices, end - moment)
                state = (forward @ state[..., None])[..., 0] + _spread(added, rng)
                moment = end
            persons[:, place] = state[:, 0]
        # A trend drawn from the tail must not overflow; nobody counts beyond a thousand million.
        futures: Floats = np.exp(np.clip(persons, -20.0, np.log(1e9)))
        return futures

    def arrays(self) -> dict[str, Floats]:
        """Everything that was learned, by name."""
        names = ("choices", "weights", "means", "covariances")
        return {"moment": np.array(self.moment), **{name: getattr(self, name) for name in names}}

    @classmethod
    def of(cls, arrays: Mapping[str, Floats]) -> Self:
        """The forecast that `arrays` was taken from."""
        return cls(
            moment=float(arrays["moment"]),
            choices=arrays["choices"],
            weights=arrays["weights"],
            means=arrays["means"],
            covariances=arrays["covariances"],
        )


def _transition(choices: Floats, months: float) -> tuple[Floats, Floats]:
    """How level and trend move over some months, and the variance that is added."""
    rate = np.log(2) / choices[:, 0]
    level, slope = choices[:, 1] ** 2, 2 * rate * choices[:, 2] ** 2
    kept = np.exp(-rate * months)
    reach = -np.expm1(-rate * months) / rate
    forward = np.zeros((len(choices), 2, 2))
    forward[:, 0, 0] = 1.0
    forward[:, 0, 1] = reach
    forward[:, 1, 1] = kept
    added = np.empty((len(choices), 2, 2))
    added[:, 1, 1] = slope * (1 - kept**2) / (2 * rate)
    added[:, 0, 1] = added[:, 1, 0] = slope * reach**2 / 2
    added[:, 0, 0] = level * months + slope / rate**2 * (
        months - 2 * reach + (1 - kept**2) / (2 * rate)
    )
    return forward, added


def _spread(covariances: Floats, rng: np.random.Generator) -> Floats:
    """Draws with these covariances, shape (paths, 2)."""
    first, second = rng.standard_normal((2, len(covariances)))
    level = np.sqrt(np.maximum(covariances[:, 0, 0], 0.0))
    shared = np.divide(covariances[:, 0, 1], level, out=np.zeros_like(level), where=level > 0)
    own = np.sqrt(np.maximum(covariances[:, 1, 1] - shared**2, 0.0))
    return np.stack([level * first, shared * first + own * second], axis=1)
