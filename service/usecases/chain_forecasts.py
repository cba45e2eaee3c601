# SPDX-License-Identifier: EUPL-1.2
"""An issued forecast as a chain that can be walked again, with the same people and chance."""

from dataclasses import dataclass

from models.errors import Conflict
from models.occupancy.joining import arrivals_after
from models.occupancy.levers import Lever, check_levers
from models.occupancy.model import FittedChain
from models.occupancy.scenarios import ScenarioEffect, Walk, compare
from models.occupancy.simulation import ChainPaths, Interventions
from models.occupancy.specification import ChainSpecification
from models.periods import Months
from models.types import Floats
from service.storage.desk import Desk
from training.store.chain_files import need_chance

__all__ = ["ChainForecast", "chain_forecast", "check_forecast_levers"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChainForecast:
    """An issued forecast as a chain that can be walked again.

    Attributes:
        specification: Of the chain.
        periods: Months of the forecast, shape (months,).
        need: As issued [persons], shape (paths, months).
        walk: The course of the chain from which that need was made, under any policy.
    """

    specification: ChainSpecification
    periods: Months
    need: Floats
    walk: Walk

    def compare(self, levers: tuple[Lever, ...]) -> ScenarioEffect:
        """Pull levers, and hold what comes of it against the forecast as issued.

        Raises:
            InvalidFile: levers that cannot be pulled, with every fault.
        """
        return compare(
            self.walk,
            levers,
            specification=self.specification,
            first=self.periods[0],
            months=len(self.periods),
            need=self.need,
        )


def check_forecast_levers(desk: Desk, forecast_id: str, levers: tuple[Lever, ...]) -> None:
    """Refuse levers that cannot be pulled in a forecast, without loading its paths.

    Raises:
        NotFound: the forecast was never issued.
        Conflict: it was issued without a chain.
        InvalidFile: levers that cannot be pulled, with every fault.
    """
    chain = _with_chain(desk.store.forecasts.chain(forecast_id))
    need = desk.quantiles(forecast_id).need
    periods = need.periods_of(need.series_ids[0])
    check_levers(levers, specification=chain.specification, first=periods[0], last=periods[-1])


def chain_forecast(desk: Desk, forecast_id: str) -> ChainForecast:
    """The chain of an issued forecast, with the people, inflow and chance it was drawn with.

    Raises:
        NotFound: the forecast was never issued.
        Conflict: it was issued without a chain.
    """
    issued = desk.store.forecasts.get(forecast_id)
    chain = _with_chain(issued.chain)
    periods, arrivals = arrivals_after(
        chain.until, issued.inflow, inflows=chain.specification.inflows
    )

    def walk(interventions: Interventions | None) -> ChainPaths:
        for_chain, _ = need_chance(issued.seed)
        return chain.sample(arrivals, rng=for_chain, interventions=interventions)

    return ChainForecast(
        specification=chain.specification,
        periods=periods,
        need=issued.need.of(issued.need.series_ids[0]),
        walk=walk,
    )


def _with_chain(chain: FittedChain | None) -> FittedChain:
    if chain is None:
        raise Conflict("This forecast was issued without a chain: there are no levers to pull.")
    return chain
