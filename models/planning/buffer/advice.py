# SPDX-License-Identifier: EUPL-1.2
"""How many places to hold, open and in reserve: the cheapest mix, the house rule, promises."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import InvalidInput
from models.periods import Months
from models.planning.buffer.option import (
    BufferOption,
    OptionBasis,
    buffer_option,
    mean_of_worst,
)
from models.planning.buffer.sizing import Places, Sizing, SufficiencyPoint
from models.planning.buffer.tiers import BufferTier, usual_tiers
from models.planning.buffer.warnings import BufferWarning, warnings_about
from models.planning.costs import CostParameters
from models.planning.register.locations import parse_month
from models.types import Floats

__all__ = [
    "BOARD_LEVELS",
    "BufferAdvice",
    "BufferOption",
    "DecisionWindow",
    "OptionBasis",
    "Promises",
    "SufficiencyPoint",
    "advise_buffer",
]

BOARD_LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Chances of enough places in every month that the board is shown [-]."""


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
class Promises:
    """What the board may want to hold to, besides the least cost.

    Attributes:
        service_levels: Chances that nobody misses a place in any month, rising [-].
        most_missing: Persons that may be expected to miss a place; None for no such promise
            [person·months].
        most_missing_at_worst: The same, on average in the worst futures; None for no such
            promise [person·months].
        worst_share: Which share of the futures counts as the worst [-].
    """

    service_levels: tuple[float, ...] = BOARD_LEVELS
    most_missing: float | None = None
    most_missing_at_worst: float | None = None
    worst_share: float = 0.05

    def __post_init__(self) -> None:
        for chance in (*self.service_levels, self.worst_share):
            if not 0 < chance <= 1:
                raise InvalidInput(f"A chance of {chance} is not above 0 and at most 1.")
        if list(self.service_levels) != sorted(set(self.service_levels)):
            raise InvalidInput("Service levels rise, and each is asked for once.")
        for bound in (self.most_missing, self.most_missing_at_worst):
            if bound is not None and not 0 <= bound < np.inf:
                raise InvalidInput("A limit on missing places is finite and never below 0.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferAdvice:
    """How many places to hold over a window, and what the alternatives would do.

    Attributes:
        window: The months it is about.
        occupancy_norm: Share of places that can be slept in at the same time [-].
        costs: Costs it rests on.
        tiers: Tiers that may be called up, in that order.
        promises: What the board may want to hold to.
        futures: Number of sample paths.
        median_need: Highest monthly median of need in the window [persons].
        recommended: The cost-optimal option.
        house_rule: The usual rule, beside it.
        service_levels: One option per service level that was asked about, rising.
        promised: Options that keep the limits on missing places that were asked about.
        curve: The S-curve of open places alone, by rising number.
        considered: One option per number that was asked about.
        warnings: Consequences that are easily missed.
    """

    window: DecisionWindow
    occupancy_norm: float
    costs: CostParameters
    tiers: tuple[BufferTier, ...]
    promises: Promises
    futures: int
    median_need: float
    recommended: BufferOption
    house_rule: BufferOption
    service_levels: tuple[BufferOption, ...]
    promised: tuple[BufferOption, ...]
    curve: tuple[SufficiencyPoint, ...]
    considered: tuple[BufferOption, ...] = ()
    warnings: tuple[BufferWarning, ...] = ()


def advise_buffer(
    need: Floats,
    *,
    periods: Months,
    window: DecisionWindow,
    costs: CostParameters,
    occupancy_norm: float,
    tiers: Sequence[BufferTier] | None = None,
    promises: Promises | None = None,
    considered: Sequence[int] = (),
) -> BufferAdvice:
    """The cheapest mix of places for a window, beside the house rule and what promises ask.

    Args:
        need: Need for places [persons], shape (paths, months); months before the window say
            what is known when the first places are called up.
        periods: Months of the need, without gaps, shape (months,).
        window: The months to decide for.
        costs: What places cost.
        occupancy_norm: Share of places that can be slept in at the same time [-], in (0, 1].
        tiers: Tiers that may be called up, in that order; the usual ones if not given.
        promises: What the board may want to hold to; the usual service levels if not given.
        considered: Numbers to be told about as well, for instance the places of today [places].

    Returns:
        The advice; it does not depend on the order of the paths.

    Raises:
        InvalidInput: need that is no count, a norm outside (0, 1], a window outside the
            forecast, fewer than no places, tiers that make no ladder, or costs at which no place
            would pay for itself.

    Source:
        docs/methods.md, Buffer.
    """
    until = _up_to_window_end(need, periods=periods, window=window)
    if min(considered, default=0) < 0:
        raise InvalidInput("There cannot be fewer than no places.")
    if not 0 < occupancy_norm <= 1:
        raise InvalidInput(f"An occupancy norm of {occupancy_norm} is not above 0 and at most 1.")
    promises = promises or Promises()
    ladder = usual_tiers(costs) if tiers is None else tuple(tiers)
    sizing = Sizing(
        until,
        before=window.within(periods).start,
        tiers=ladder,
        costs=costs,
        norm=occupancy_norm,
    )
    medians = np.median(sizing.window, axis=0)

    def option(mix: Places, basis: OptionBasis, service_level: float | None = None) -> BufferOption:
        return buffer_option(
            sizing, mix, basis=basis, service_level=service_level, worst=promises.worst_share
        )

    recommended = option(sizing.cheapest(), OptionBasis.COST_OPTIMAL)
    return BufferAdvice(
        window=window,
        occupancy_norm=occupancy_norm,
        costs=costs,
        tiers=ladder,
        promises=promises,
        futures=len(sizing.window),
        median_need=float(medians.max()),
        recommended=recommended,
        house_rule=option(
            sizing.regular(sizing.places_for(float(medians[-1]))), OptionBasis.HOUSE_RULE
        ),
        service_levels=tuple(
            option(sizing.at_service_level(level), OptionBasis.SERVICE_LEVEL, level)
            for level in promises.service_levels
        ),
        promised=tuple(option(mix, basis) for basis, mix in _kept(promises, sizing=sizing).items()),
        curve=tuple(sizing.outcome(places) for places in sizing.grid()),
        considered=tuple(
            option(sizing.regular(places), OptionBasis.CONSIDERED) for places in considered
        ),
        warnings=warnings_about(ladder, recommended, costs=costs, months=sizing.window.shape[1]),
    )


def _kept(promises: Promises, *, sizing: Sizing) -> dict[OptionBasis, Places]:
    """The cheapest mix for each limit on missing places."""

    def missing(mix: Places) -> Floats:
        persons: Floats = sizing.stay(mix).missing.sum(axis=1)
        return persons

    kept = {}
    if (most := promises.most_missing) is not None:
        kept[OptionBasis.MAXIMUM_MISSING] = sizing.least_that(
            lambda mix: float(missing(mix).mean()) <= most + 1e-9
        )
    if (worst := promises.most_missing_at_worst) is not None:
        kept[OptionBasis.WORST_CASE] = sizing.least_that(
            lambda mix: mean_of_worst(missing(mix), promises.worst_share) <= worst + 1e-9
        )
    return kept


def _up_to_window_end(need: Floats, *, periods: Months, window: DecisionWindow) -> Floats:
    _check(need, months=len(periods))
    until: Floats = need[:, : window.within(periods).stop]
    return until


def _check(need: Floats, *, months: int) -> None:
    if need.ndim != 2 or not need.size or need.shape[1] != months:
        raise InvalidInput(
            f"Need of shape {need.shape} does not fit {months} months: paths by months."
        )
    if not np.isfinite(need).all() or np.any(need < 0):
        raise InvalidInput("Need for places is finite and never negative.")
