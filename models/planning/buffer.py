# SPDX-License-Identifier: EUPL-1.2
"""How many places to hold: the cheapest number, the house rule, and what each choice implies."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models.errors import InvalidInput
from models.periods import Months
from models.planning.costs import CostParameters
from models.planning.locations import parse_month
from models.planning.sizing import Sizing, SufficiencyPoint
from models.types import Floats

__all__ = [
    "BOARD_LEVELS",
    "BufferAdvice",
    "BufferOption",
    "DecisionWindow",
    "OptionBasis",
    "SufficiencyPoint",
    "advise_buffer",
]

BOARD_LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Chances of enough places in every month that the board is shown [-]."""


class OptionBasis(StrEnum):
    """Where an offered number of places comes from."""

    COST_OPTIMAL = "cost_optimal"
    """The least expected cost of empty and missing places together."""
    HOUSE_RULE = "house_rule"
    """Median need in the last month of the window, divided by the occupancy norm."""
    SERVICE_LEVEL = "service_level"
    """The fewest places that suffice in every month with a chosen chance."""
    CONSIDERED = "considered"
    """A number that was asked about, for instance the places of today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionWindow:
    """The months that a number of places is chosen for, first and last included.

    Attributes:
        first: First month, YYYY-MM.
        last: Last month, YYYY-MM.
    """

    first: str
    last: str

    def __post_init__(self) -> None:
        if parse_month(self.first) > parse_month(self.last):
            raise InvalidInput(f"The window ends in {self.last}, before it begins in {self.first}.")

    def within(self, periods: Months) -> slice:
        """Where the window lies in successive months.

        Raises:
            InvalidInput: part of it lies outside them.
        """
        start = int((parse_month(self.first) - periods[0].astype("datetime64[M]")).astype(int))
        stop = int((parse_month(self.last) - periods[0].astype("datetime64[M]")).astype(int)) + 1
        if start < 0 or stop > len(periods):
            raise InvalidInput(
                f"The window {self.first} to {self.last} lies outside the forecast, which runs "
                f"from {periods[0]} to {periods[-1]}."
            )
        return slice(start, stop)


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferOption:
    """A number of places that the board may choose.

    Attributes:
        basis: Where the number comes from.
        service_level: The chance asked for; None unless the basis is a service level [-].
        outcome: What the number would do.
        buffer_places: Places above the highest monthly median of need; may be negative [places].
        implied_price_eur: What a missing place must cost per year for the last place held to
            pay for itself; None where no future fills it [EUR/(person·year)].
    """

    basis: OptionBasis
    service_level: float | None
    outcome: SufficiencyPoint
    buffer_places: int
    implied_price_eur: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferAdvice:
    """How many places to hold over a window, and what the alternatives would do.

    Attributes:
        window: The months it is about.
        occupancy_norm: Share of places that can be slept in at the same time [-].
        costs: Costs it rests on.
        futures: Number of sample paths.
        median_need: Highest monthly median of need in the window [persons].
        recommended: The cost-optimal option.
        house_rule: The usual rule, beside it.
        service_levels: One option per level in `BOARD_LEVELS`, rising.
        curve: The S-curve, by rising number of places.
        considered: One option per number that was asked about.
    """

    window: DecisionWindow
    occupancy_norm: float
    costs: CostParameters
    futures: int
    median_need: float
    recommended: BufferOption
    house_rule: BufferOption
    service_levels: tuple[BufferOption, ...]
    curve: tuple[SufficiencyPoint, ...]
    considered: tuple[BufferOption, ...] = ()


def advise_buffer(
    need: Floats,
    *,
    periods: Months,
    window: DecisionWindow,
    costs: CostParameters,
    occupancy_norm: float,
    considered: Sequence[int] = (),
) -> BufferAdvice:
    """The cost-optimal number of places for a window, beside the house rule and service levels.

    Args:
        need: Need for places [persons], shape (paths, months).
        periods: Months of the need, without gaps, shape (months,).
        window: The months to decide for.
        costs: Costs of an empty and of a missing place.
        occupancy_norm: Share of places that can be slept in at the same time [-], in (0, 1].
        considered: Numbers to be told about as well, for instance the places of today [places].

    Returns:
        The advice; it does not depend on the order of the paths.

    Raises:
        InvalidInput: need that is no count, a norm outside (0, 1], a window outside the
            forecast, fewer than no places, or costs at which no place would pay for itself.

    Source:
        docs/methods.md, Buffer, equations 1 to 6.
    """
    sample = _in_window(need, periods=periods, window=window)
    if not 0 < occupancy_norm <= 1:
        raise InvalidInput(f"An occupancy norm of {occupancy_norm} is not above 0 and at most 1.")
    if min(considered, default=0) < 0:
        raise InvalidInput("There cannot be fewer than no places.")
    sizing = Sizing(sample, costs=costs, norm=occupancy_norm)
    medians = np.median(sample, axis=0)
    peaks = np.sort(sample.max(axis=1))

    def option(places: int, basis: OptionBasis, service_level: float | None = None) -> BufferOption:
        return BufferOption(
            basis=basis,
            service_level=service_level,
            outcome=sizing.outcome(places),
            buffer_places=places - int(np.ceil(medians.max())),
            implied_price_eur=sizing.implied_price(places),
        )

    return BufferAdvice(
        window=window,
        occupancy_norm=occupancy_norm,
        costs=costs,
        futures=len(sample),
        median_need=float(medians.max()),
        recommended=option(sizing.cheapest(), OptionBasis.COST_OPTIMAL),
        house_rule=option(sizing.places_for(medians[-1]), OptionBasis.HOUSE_RULE),
        service_levels=tuple(
            option(
                sizing.places_for(peaks[int(np.ceil(level * len(peaks) - 1e-9)) - 1]),
                OptionBasis.SERVICE_LEVEL,
                level,
            )
            for level in BOARD_LEVELS
        ),
        curve=tuple(sizing.outcome(places) for places in sizing.grid()),
        considered=tuple(option(places, OptionBasis.CONSIDERED) for places in considered),
    )


def _in_window(need: Floats, *, periods: Months, window: DecisionWindow) -> Floats:
    if need.ndim != 2 or not need.size or need.shape[1] != len(periods):
        raise InvalidInput(
            f"Need of shape {need.shape} does not fit {len(periods)} months: paths by months."
        )
    if not np.isfinite(need).all() or np.any(need < 0):
        raise InvalidInput("Need for places is finite and never negative.")
    sample: Floats = need[:, window.within(periods)]
    return sample
