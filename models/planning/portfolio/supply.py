# SPDX-License-Identifier: EUPL-1.2
"""Supply risk: new locations open late or not at all, in each future by its own odds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInput
from models.planning.costs import Basis, Origin
from models.planning.portfolio.patterns import DelayPatterns
from models.planning.portfolio.terms import Terms
from models.planning.register.locations import Location
from models.types import Floats

__all__ = [
    "NEVER",
    "SUPPLY_ORIGINS",
    "SupplyRisk",
    "draw_delays",
    "draw_delays_in_patterns",
]

NEVER = 127
"""Delay of an opening that fails [half-years]: beyond every plan."""

_LEAST = 1e-6

_OWNER = "Getij, until COA states its own figure"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyRisk:
    """National odds that an opening comes late or fails; a location may have its own.

    Attributes:
        late_chance: Chance that a location opens late [-].
        later_chance: Chance that one that is late by some half-years is late by one more [-].
        failure_chance: Chance that it never opens [-].
    """

    late_chance: float = 7 / 12
    later_chance: float = 0.5
    failure_chance: float = 0.05

    def __post_init__(self) -> None:
        late, never = self.late_chance, self.failure_chance
        if min(late, never) < 0 or late + never > 1:
            raise InvalidInput("An opening is late or fails with chances from 0, together up to 1.")
        if not 0 <= self.later_chance < 1:
            raise InvalidInput("The chance of yet another half-year's delay is in [0, 1).")


SUPPLY_ORIGINS = MappingProxyType(
    {
        "late_chance": Origin(
            basis=Basis.FACT,
            source="7 of 12 new centres came months to years late (NRC 29-12-2019)",
            year=2019,
        ),
        "later_chance": Origin(
            basis=Basis.ASSUMPTION,
            source="By how much is not published: half a year, and as often again half a year more",
            owner=_OWNER,
        ),
        "failure_chance": Origin(
            basis=Basis.ASSUMPTION,
            source="How many openings fail is not published; taken at one in twenty",
            owner=_OWNER,
        ),
    }
)
"""Origin of every field of `SupplyRisk` at its default value."""


def draw_delays(
    register: Sequence[Location],
    *,
    terms: Sequence[Terms],
    risk: SupplyRisk,
    count: int,
    seed: int,
) -> NDArray[np.int8]:
    """How late each opening is on each path.

    Every line has its own stream of numbers, so that its delays hang on its code, the seed and
    the path alone: plans that open other lines meet the same delays. Within a line the numbers
    are spread evenly over the paths, so that its odds are met as nearly as their number allows.

    Args:
        register: Lines of the register.
        terms: Their terms in this plan.
        risk: National odds, for what a location does not state.
        count: Number of paths.
        seed: Seed of all of it.

    Returns:
        Delay [half-years], `NEVER` for an opening that fails, shape (paths, lines); 0 for what
        is no candidate. A location is at most as late as the term of its agreement.

    Source:
        docs/methods.md, Location plan, equation 12.
    """

    def levels(rng: np.random.Generator) -> Floats:
        evenly: Floats = (rng.permutation(count) + rng.random(count)) / count
        return evenly

    return _drawn(register, terms=terms, risk=risk, count=count, seed=seed, levels=levels)


def draw_delays_in_patterns(
    register: Sequence[Location],
    *,
    terms: Sequence[Terms],
    risk: SupplyRisk,
    patterns: DelayPatterns,
    seed: int,
) -> NDArray[np.int8]:
    """How late each opening is in each kept future: the same in all futures of one pattern.

    Args:
        register: Lines of the register.
        terms: Their terms in this plan.
        risk: National odds, for what a location does not state; they are met as nearly as the
            chances of the patterns allow.
        patterns: Which futures share their delays.
        seed: Seed of all of it.

    Returns:
        Delay [half-years] as of `draw_delays`, shape (futures, lines).

    Source:
        docs/methods.md, Location plan, equations 12 and 20.
    """
    count, levels = len(patterns.chances), patterns.levels
    drawn = _drawn(register, terms=terms, risk=risk, count=count, seed=seed, levels=levels)
    return drawn[patterns.member]


def _drawn(
    register: Sequence[Location],
    *,
    terms: Sequence[Terms],
    risk: SupplyRisk,
    count: int,
    seed: int,
    levels: Callable[[np.random.Generator], Floats],
) -> NDArray[np.int8]:
    """The delays at levels that are drawn for each line from a stream of its own."""
    delays = np.zeros((count, len(register)), dtype=np.int8)
    for at, (location, of) in enumerate(zip(register, terms, strict=True)):
        late = risk.late_chance if location.late_chance is None else location.late_chance
        failure = (
            risk.failure_chance if location.failure_chance is None else location.failure_chance
        )
        if not of.candidate or (late == 0 and failure == 0):
            continue
        rng = np.random.default_rng([seed, crc32(location.location_id.encode())])
        drawn = _delay(levels(rng), late=late, failure=failure, later=risk.later_chance)
        delays[:, at] = np.where(drawn == NEVER, NEVER, np.minimum(drawn, of.extension))
    return delays


def _delay(level: Floats, *, late: float, failure: float, later: float) -> NDArray[np.int8]:
    """The delay at a level of its distribution: in time, late by 1, 2 ... half-years, never."""
    in_time = max(1 - late - failure, 0.0)
    delay = np.where(level < in_time, 0, 1)
    if late and later:
        # Chance, once late, of a delay that is longer still than the one at this level.
        longer = np.clip((1 - failure - level) / late, _LEAST, 1.0)
        delay = np.where(delay, 1 + np.floor(np.log(longer) / np.log(later)), 0)
    return np.where(level >= 1 - failure, NEVER, delay).astype(np.int8)
