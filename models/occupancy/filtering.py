# SPDX-License-Identifier: EUPL-1.2
"""A bank of Kalman filters: what each choice of parameters makes of the dated points.

Every row is one choice of parameters with its own extended Kalman filter over the logarithm of
the stock and of the exit hazard, so one pass over the months judges thousands of choices.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.occupancy.flow import hazard_of, stock_after
from models.occupancy.points import DatedPoint
from models.types import Floats

__all__ = ["Drift", "Parameters", "State", "drift_over", "filter_points", "steps_between"]


_FEWEST = 1e-6
"""A stock is never taken for emptier than this, so that its logarithm exists [persons]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Choices:
    """Fields of one value per choice."""

    def take(self, rows: NDArray[np.intp]) -> Self:
        """The choices at these rows, in that order."""
        return type(self)(**{part.name: getattr(self, part.name)[rows] for part in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parameters(_Choices):
    """What governs the stock; one value per choice, each of shape (choices,).

    Attributes:
        mean_log_hazard: Level to which the log hazard returns [log of 1/month].
        half_life: Time in which half of a deviation from it is undone [months].
        drift_sd: Standard deviation of the log hazard's drift [1/sqrt(month)].
        monthly_sd: Standard deviation of its passing month-to-month noise [-].
        entry: Persons entering reception per counted arrival [-].
    """

    mean_log_hazard: Floats
    half_life: Floats
    drift_sd: Floats
    monthly_sd: Floats
    entry: Floats

    @classmethod
    def of_vector(cls, vector: Floats) -> Self:
        """From unbounded numbers, shape (choices, 5): the hazard's level, then logarithms."""
        positive = np.exp(vector[:, 1:])
        return cls(
            mean_log_hazard=vector[:, 0],
            half_life=positive[:, 0],
            drift_sd=positive[:, 1],
            monthly_sd=positive[:, 2],
            entry=positive[:, 3],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State(_Choices):
    """What is known of stock and hazard at the last point; each of shape (choices,).

    Attributes:
        log_stock: Mean of the log stock [log of persons].
        log_hazard: Mean of the log hazard [log of 1/month].
        stock_variance: Variance of the log stock.
        hazard_variance: Variance of the log hazard.
        covariance: Between the two.
    """

    log_stock: Floats
    log_hazard: Floats
    stock_variance: Floats
    hazard_variance: Floats
    covariance: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drift:
    """How the log hazard moves over one step: keeps a share of its deviation, and drifts.

    Attributes:
        kept: Share of the deviation that is left [-].
        variance: Variance of what is added.
        noise_variance: Variance of the passing noise, averaged over the step.
    """

    kept: Floats
    variance: Floats
    noise_variance: Floats


def drift_over(parameters: Parameters, months: float) -> Drift:
    """The mean-reverting drift of the log hazard over a step of some months.

    Source:
        Uhlenbeck and Ornstein (1930); docs/methods.md, equation O2.
    """
    rate = np.log(2) / parameters.half_life
    kept = np.exp(-rate * months)
    return Drift(
        kept=kept,
        variance=parameters.drift_sd**2 * -np.expm1(-2 * rate * months) / (2 * rate),
        noise_variance=parameters.monthly_sd**2 / months,
    )


def steps_between(start: float, end: float) -> list[tuple[int, float]]:
    """The months, and how much of each, between two moments [months since 1970]."""
    steps = []
    month = int(np.floor(start + 1e-9))
    while month < end - 1e-9:
        steps.append((month, min(month + 1.0, end) - max(float(month), start)))
        month += 1
    return steps


def _predict(state: State, parameters: Parameters, *, arrivals: float, months: float) -> State:
    """Carry mean and covariance over one step, linearised at the mean."""
    drift = drift_over(parameters, months)
    mean = parameters.mean_log_hazard
    hazard_after = mean + drift.kept * (state.log_hazard - mean)
    hazard = hazard_of((state.log_hazard + hazard_after) / 2)
    stock, entrants = np.exp(state.log_stock), parameters.entry * arrivals
    after = np.maximum(stock_after(stock, entrants=entrants, hazard=hazard, months=months), _FEWEST)

    left = np.exp(-hazard * months)
    by_stock = stock * left / after
    # d(log stock after) / d(log hazard), from the closed form of stock_after
    by_hazard = (
        -hazard * months * stock * left
        + entrants * (months * left + np.expm1(-hazard * months) / hazard)
    ) / after
    by_start = by_hazard * (1 + drift.kept) / 2
    return State(
        log_stock=np.log(after),
        log_hazard=hazard_after,
        stock_variance=by_stock**2 * state.stock_variance
        + 2 * by_stock * by_start * state.covariance
        + by_start**2 * state.hazard_variance
        + by_hazard**2 * (drift.variance / 4 + drift.noise_variance),
        hazard_variance=drift.kept**2 * state.hazard_variance + drift.variance,
        covariance=drift.kept * (by_stock * state.covariance + by_start * state.hazard_variance)
        + by_hazard * drift.variance / 2,
    )


def _update(state: State, point: DatedPoint) -> tuple[State, Floats]:
    """Take in one point; returns the state after it and the log likelihood of the point."""
    variance = state.stock_variance + point.log_sd**2
    surprise = np.log(point.persons) - state.log_stock
    stock_gain = state.stock_variance / variance
    hazard_gain = state.covariance / variance
    likelihood: Floats = -0.5 * (np.log(2 * np.pi * variance) + surprise**2 / variance)
    return (
        State(
            log_stock=state.log_stock + stock_gain * surprise,
            log_hazard=state.log_hazard + hazard_gain * surprise,
            stock_variance=stock_gain * point.log_sd**2,
            hazard_variance=state.hazard_variance - hazard_gain * state.covariance,
            covariance=hazard_gain * point.log_sd**2,
        ),
        likelihood,
    )


def filter_points(
    parameters: Parameters,
    *,
    points: Sequence[DatedPoint],
    arrivals: Floats,
    first_month: int,
) -> tuple[State, Floats]:
    """Run every choice of parameters over the points.

    Args:
        parameters: The choices.
        points: By day, at least one.
        arrivals: Counted arrivals by month [persons/month], without gaps, shape (months,).
        first_month: Month of arrivals[0] [months since 1970].

    Returns:
        The state at the last point, and the log likelihood of all points but the first,
        shape (choices,).
    """
    size = len(parameters.entry)
    start = points[0]
    stationary = parameters.drift_sd**2 * parameters.half_life / (2 * np.log(2))
    state = State(
        log_stock=np.full(size, np.log(start.persons)),
        log_hazard=parameters.mean_log_hazard,
        stock_variance=np.full(size, start.log_sd**2),
        hazard_variance=stationary,
        covariance=np.zeros(size),
    )
    likelihood = np.zeros(size)
    for earlier, later in pairwise(points):
        for month, length in steps_between(earlier.moment, later.moment):
            state = _predict(
                state, parameters, arrivals=float(arrivals[month - first_month]), months=length
            )
        state, gained = _update(state, later)
        likelihood = likelihood + gained
    return state, likelihood
