# SPDX-License-Identifier: EUPL-1.2
"""Fitting the occupancy model: parameters by adaptive importance sampling from a stated prior."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.errors import InvalidInput
from models.occupancy.filtering import Parameters, filter_points
from models.occupancy.model import OccupancyModel
from models.occupancy.points import DatedPoint, check_points
from models.periods import Frequency
from models.types import Floats, Panel

__all__ = ["PRIOR", "Prior", "fit_occupancy"]

_CHOICES = 2000
"""Choices of parameters per round of importance sampling."""

_ROUNDS = 6
"""The first round draws from the prior, each later one around the best of the one before."""

_EFFECTIVE = 60.0
"""Weights are flattened until at least this many choices count: a sharp likelihood is
approached over the rounds instead of resting on one lucky draw."""

_MEMBERS = 500
"""Equally likely choices that the fitted model keeps."""

_TAIL = 5.0
"""Degrees of freedom of the later rounds: heavy tails keep every weight bounded."""

_SLOWEST = 0.005
"""Hazard assumed at least, where the points alone imply none [1/month]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is believed before any point is seen: medians, and spreads of the logarithm.

    The hazard's level is centred on outflow over stock of the data at hand, so the prior knows
    no unit and no country. The other values were set on other systems than they are tested on;
    docs/methods.md says how.

    Attributes:
        level_sd: Spread of the hazard's level around outflow over stock [log].
        half_life: Of a deviation from it [months], with its spread [log].
        drift_sd: Drift of the log hazard [1/sqrt(month)], with its spread [log].
        monthly_sd: Passing noise of the log hazard [-], with its spread [log].
        entry: Persons entering per counted arrival [-], with its spread [log].
    """

    level_sd: float = 0.7
    half_life: tuple[float, float] = (120.0, 0.8)
    drift_sd: tuple[float, float] = (0.1, 0.6)
    monthly_sd: tuple[float, float] = (0.1, 0.7)
    entry: tuple[float, float] = (1.0, 0.3)

    def vectors(self, level: float) -> tuple[Floats, Floats]:
        """Mean and spread on the scale of Parameters.of_vector, each of shape (5,)."""
        logs = [self.half_life, self.drift_sd, self.monthly_sd, self.entry]
        mean = np.array([np.log(level), *(np.log(median) for median, _ in logs)])
        return mean, np.array([self.level_sd, *(spread for _, spread in logs)])


PRIOR = Prior()


def fit_occupancy(
    points: Sequence[DatedPoint],
    inflow: Panel,
    *,
    rng: np.random.Generator,
    prior: Prior = PRIOR,
) -> OccupancyModel:
    """Learn exit hazard, its drift and the entry ratio from dated points and the inflow of then.

    Points before the last gap in the inflow up to the last point are left out: across a gap they
    say nothing about exits.

    Args:
        points: In any order, any dates.
        inflow: One monthly series [persons], reaching at least the month of the last point.
        rng: Source of chance.
        prior: What is believed before the points are seen.

    Raises:
        InvalidInput: fewer than two usable points, inflow that ends too early or is not one
            monthly series, or points that contradict each other or the inflow.

    Source:
        docs/methods.md, Occupancy and need, equations O1 to O5.
    """
    usable, run = _usable(points, inflow)
    check_points(usable, run)
    arrivals, first_month = run.persons[0], int(run.periods[0].astype(int))
    mean, spread = prior.vectors(_exits_per_stock(usable, arrivals, first_month))

    centre: Floats = mean
    root: Floats = np.diag(spread)
    vector = mean + spread * rng.standard_normal((_CHOICES, len(mean)))
    drawn = _log_normal(vector, mean, spread)
    for later_round in range(_ROUNDS):
        if later_round:
            vector, drawn = _draw_around(centre, root, rng=rng)
        state, likelihood = filter_points(
            Parameters.of_vector(vector), points=usable, arrivals=arrivals, first_month=first_month
        )
        log_weight = likelihood + _log_normal(vector, mean, spread) - drawn
        weight = _weights(log_weight)
        centre = weight @ vector
        covariance = 1.5 * np.cov(vector.T, aweights=weight, ddof=0) + np.diag((0.01 * spread) ** 2)
        root = np.asarray(np.linalg.cholesky(covariance), dtype=float)

    ladder = (np.arange(_MEMBERS) + rng.random()) / _MEMBERS
    rows = np.minimum(np.searchsorted(np.cumsum(weight), ladder), _CHOICES - 1)
    return OccupancyModel(
        origin=usable[-1].day,
        fitted_from=usable[0].day,
        points=len(usable),
        parameters=Parameters.of_vector(vector[rows]),
        state=state.take(rows),
    )


def _usable(points: Sequence[DatedPoint], inflow: Panel) -> tuple[list[DatedPoint], Panel]:
    """The points, by day, that lie in one unbroken run of inflow with the last of them.

    Returns:
        The points, and the inflow of that run up to the month of the last point.

    Raises:
        InvalidInput: not one monthly series, a last point later than the inflow, or points on
            fewer than two days.
    """
    if inflow.frequency is not Frequency.MONTH or len(inflow.series_ids) != 1:
        raise InvalidInput("Occupancy is fitted to one monthly inflow series.")
    ordered = sorted(points, key=lambda point: (point.day, point.persons, point.log_sd))
    start = int(inflow.periods[0].astype(int)) if len(inflow.periods) else 0
    end = int(np.ceil(ordered[-1].moment - 1e-9)) - start if ordered else 0
    if end > len(inflow.periods):
        raise InvalidInput(f"The inflow ends before the last point, {ordered[-1].day}.")
    gaps = np.flatnonzero(~np.isfinite(inflow.persons[0, : max(end, 0)]))
    begin = int(gaps[-1]) + 1 if len(gaps) else 0
    usable = [point for point in ordered if start + begin <= point.moment]
    if not usable or usable[0].day == usable[-1].day:
        raise InvalidInput(
            "Occupancy needs points on two days at least within the months whose inflow is known."
        )
    run = replace(inflow, periods=inflow.periods[begin:end], persons=inflow.persons[:, begin:end])
    return usable, run


def _exits_per_stock(points: Sequence[DatedPoint], arrivals: Floats, first_month: int) -> float:
    """Outflow over stock, over all points together, as if every arrival entered [1/month]."""
    moments = np.array([point.moment for point in points])
    persons = np.array([point.persons for point in points])
    arrived = np.concatenate([[0.0], np.cumsum(arrivals)])
    begin, end = np.interp(moments[[0, -1]] - first_month, np.arange(len(arrived)), arrived)
    stayed = float(np.trapezoid(persons, moments))
    return max(float(end - begin + persons[0] - persons[-1]) / stayed, _SLOWEST)


def _log_normal(vector: Floats, mean: Floats, spread: Floats) -> Floats:
    """Log density of independent normals, up to a constant, shape (choices,)."""
    density: Floats = -0.5 * (((vector - mean) / spread) ** 2).sum(axis=1)
    return density


def _weights(log_weight: Floats) -> Floats:
    """Normalised weights, flattened as far as needed that enough choices count."""
    # A choice so wild that its likelihood is no number counts for nothing.
    log_weight = np.nan_to_num(log_weight, nan=-1e300, neginf=-1e300)
    power = 1.0
    while True:
        weight: Floats = np.exp(power * (log_weight - log_weight.max()))
        weight /= weight.sum()
        if 1 / (weight**2).sum() >= _EFFECTIVE:
            return weight
        power *= 0.7


def _draw_around(
    centre: Floats, root: Floats, *, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw from a multivariate t; returns the draws and their log density up to a constant.

    Source:
        Cappé, Guillin, Marin and Robert (2004), Population Monte Carlo.
    """
    size = len(centre)
    normal = rng.standard_normal((_CHOICES, size))
    stretch = np.sqrt(_TAIL / rng.chisquare(_TAIL, _CHOICES))[:, None]
    distance = ((normal * stretch) ** 2).sum(axis=1)
    density: Floats = -0.5 * (_TAIL + size) * np.log1p(distance / _TAIL)
    return centre + (normal * stretch) @ root.T, density
