# SPDX-License-Identifier: EUPL-1.2
"""The fitted occupancy model: from paths of inflow to paths of the persons inside."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

import numpy as np

from models.errors import InvalidInput
from models.occupancy.filtering import Parameters, State, drift_over
from models.occupancy.flow import hazard_of, stock_after
from models.occupancy.points import moment_of
from models.types import Floats

__all__ = ["OccupancyModel"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OccupancyModel:
    """Many equally likely choices of parameters, each with its state at the last dated point.

    Attributes:
        origin: Day of the last point; what comes after is forecast.
        fitted_from: Day of the first point that was used.
        points: How many points were used.
        parameters: One choice per member.
        state: Stock and hazard at the end of `origin`, per member.
    """

    origin: date
    fitted_from: date
    points: int
    parameters: Parameters
    state: State

    @property
    def first_month(self) -> np.datetime64:
        """The first month with a day after the last point; inflow is needed from here on."""
        return np.datetime64(int(np.floor(moment_of(self.origin) + 1e-9)), "M")

    def sample(self, inflow: Floats, *, rng: np.random.Generator) -> Floats:
        """Need paths that follow inflow paths: each inflow path gives one need path.

        Args:
            inflow: Counted arrivals per month from `first_month` on [persons/month],
                shape (paths, months).
            rng: Source of chance; the same generator state gives the same hazards, so two
                inflows can be compared path by path.

        Returns:
            Persons inside on the last day of each month [persons], shape (paths, months).

        Raises:
            InvalidInput: an inflow is negative or not finite.

        Source:
            docs/methods.md, equations O1 to O3.
        """
        if not np.isfinite(inflow).all() or np.any(inflow < 0):
            raise InvalidInput("Inflow is finite and never negative.")
        paths, months = inflow.shape
        rows = rng.integers(len(self.parameters.entry), size=(paths,))
        parameters, state = self.parameters.take(rows), self.state.take(rows)
        log_hazard, stock = _draw_start(state, rng=rng)
        begin = moment_of(self.origin) - float(self.first_month.astype(int))
        need = np.empty((paths, months))
        for month in range(months):
            length = 1.0 - begin if month == 0 else 1.0
            drift = drift_over(parameters, length)
            shock, noise = rng.standard_normal((2, paths))
            mean = parameters.mean_log_hazard
            after = mean + drift.kept * (log_hazard - mean) + np.sqrt(drift.variance) * shock
            during = (log_hazard + after) / 2 + np.sqrt(drift.noise_variance) * noise
            stock = stock_after(
                stock,
                entrants=parameters.entry * inflow[:, month],
                hazard=hazard_of(during),
                months=length,
            )
            need[:, month] = stock
            log_hazard = after
        return need

    def as_json(self) -> dict[str, Any]:
        """Everything that was learned, as plain numbers and ISO dates."""
        return {
            "origin": self.origin.isoformat(),
            "fitted_from": self.fitted_from.isoformat(),
            "points": self.points,
            "parameters": {name: part.tolist() for name, part in asdict(self.parameters).items()},
            "state": {name: part.tolist() for name, part in asdict(self.state).items()},
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """The model that `as_json` wrote, number for number."""
        return cls(
            origin=date.fromisoformat(content["origin"]),
            fitted_from=date.fromisoformat(content["fitted_from"]),
            points=int(content["points"]),
            parameters=Parameters(
                **{name: np.array(part) for name, part in content["parameters"].items()}
            ),
            state=State(**{name: np.array(part) for name, part in content["state"].items()}),
        )


def _draw_start(state: State, *, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw log hazard and stock at the origin from what each member knows of them."""
    first, second = rng.standard_normal((2, len(state.log_stock)))
    spread = np.sqrt(state.stock_variance)
    shared = state.covariance / spread
    own = np.sqrt(np.maximum(state.hazard_variance - shared**2, 0))
    log_hazard = state.log_hazard + shared * first + own * second
    stock = np.exp(state.log_stock + spread * first)
    return log_hazard, stock
