# SPDX-License-Identifier: EUPL-1.2
"""The places that a plan comes to, by use and half-year, and those that are late on each path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.planning.costs import CostParameters
from models.planning.portfolio.terms import MONTHS_PER_HALF_YEAR, Terms
from models.planning.portfolio.uses import UseState
from models.planning.register.locations import Location, LocationStatus, ReceptionGroup
from models.planning.register.place_costs import PlaceCosts, place_costs
from models.types import Floats

__all__ = ["USE_BEFORE", "Awaited", "Portfolio", "open_places", "places_by_use"]

_OPEN = [use for use in UseState if use.is_open]

USE_BEFORE = {
    LocationStatus.OPEN: UseState.OPEN,
    LocationStatus.RESERVE: UseState.RESERVE,
    LocationStatus.LENT: UseState.LENT,
    LocationStatus.CANDIDATE: UseState.ABSENT,
}
"""Use of a line when the plan begins."""


def open_places(location: Location, use: UseState) -> int:
    """Places of a location that asylum seekers can live in under a use of it [places]."""
    if not use.is_open:
        return 0
    if use is UseState.EXPANDED or location.status is LocationStatus.CANDIDATE:
        return location.places_possible
    return location.places - location.places // 2 * (use is UseState.SHRUNK)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Portfolio:
    """Places per use and half-year by plan; each array has shape (half-years,).

    Attributes:
        regular: Regular places open [places].
        reserve: Places in reserve [places].
        lent: Places lent [places].
        emergency: Emergency places open [places].
        lent_before: Places that were lent when the plan began [places].
        running_eur: Cost of all of them, without that of the persons [EUR].
        changes_eur: Cost of opening, switching and leaving early [EUR].
        recall_months: From calling up the reserve to its first night, the slowest line [months].
        apart: Of these, the places that are for one group only, by group.
    """

    regular: Floats
    reserve: Floats
    lent: Floats
    emergency: Floats
    lent_before: int
    running_eur: Floats
    changes_eur: Floats
    recall_months: int
    apart: Mapping[ReceptionGroup, Self] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        register: Sequence[Location],
        *,
        terms: Sequence[Terms],
        states: Sequence[Sequence[UseState]],
        costs: CostParameters,
    ) -> Self:
        """The places that a use of every line in every half-year comes to."""
        uses = np.array(states, dtype=object)
        places = places_by_use(terms, states)
        emergency = np.array([one.kind.is_emergency for one in register])[:, np.newaxis]
        opened = np.isin(uses, _OPEN)
        reserve, lent = uses == UseState.RESERVE, uses == UseState.LENT
        each = [place_costs(one, costs=costs) for one in register]
        open_eur = np.array([one.place_eur for one in each])
        ready_eur = np.array([one.reserve_eur for one in each])
        lent_eur = ready_eur - np.array([one.lent_eur for one in each])
        yearly = (
            open_eur @ (places * opened)
            + ready_eur @ (places * reserve)
            + lent_eur @ (places * lent)
        )
        lent_before = (one.places for one in register if one.status is LocationStatus.LENT)
        apart = {
            group: cls.of(
                [register[at] for at in rows],
                terms=[terms[at] for at in rows],
                states=[states[at] for at in rows],
                costs=costs,
            )
            for group, rows in _apart(register).items()
        }
        return cls(
            regular=(places * (opened & ~emergency)).sum(axis=0),
            reserve=(places * reserve).sum(axis=0),
            lent=(places * lent).sum(axis=0),
            emergency=(places * (opened & emergency)).sum(axis=0),
            lent_before=sum(lent_before),
            running_eur=yearly * MONTHS_PER_HALF_YEAR / 12,
            changes_eur=_changes(register, terms=terms, uses=uses, places=places, costs=each),
            recall_months=max(one.recall_months for one in register),
            apart=apart,
        )

    def with_more(self, tier: str, places: int, half_years: slice) -> Self:
        """The same portfolio with so many more, or fewer, places in one tier."""
        changed = getattr(self, tier).copy()
        changed[half_years] += places
        return replace(self, **{tier: changed})


def places_by_use(terms: Sequence[Terms], states: Sequence[Sequence[UseState]]) -> Floats:
    """Places of every line in the size that its use gives it [places], shape (lines, half-years).

    A line that is absent has none.
    """
    uses = np.array(states, dtype=object)
    base = np.array([of.places for of in terms], dtype=float)[:, np.newaxis]
    more = np.array([of.more for of in terms], dtype=float)[:, np.newaxis]
    fewer = np.array([of.fewer for of in terms], dtype=float)[:, np.newaxis]
    places: Floats = (
        base * (uses != UseState.ABSENT)
        + more * (uses == UseState.EXPANDED)
        - fewer * (uses == UseState.SHRUNK)
    )
    return places


def _changes(
    register: Sequence[Location],
    *,
    terms: Sequence[Terms],
    uses: NDArray[np.object_],
    places: Floats,
    costs: Sequence[PlaceCosts],
) -> Floats:
    """Cost of opening, switching and leaving early [EUR], shape (half-years,)."""
    base = np.array([of.places for of in terms], dtype=float)
    fewer = np.array([of.fewer for of in terms], dtype=float)
    ends = np.array([0 if of.open_ended else of.agreement_end for of in terms])
    start = np.array([USE_BEFORE[one.status] for one in register], dtype=object)
    before = np.column_stack([start, uses[:, :-1]])
    changed = before != uses
    in_use = places * np.isin(uses, _OPEN)
    at_start = base * (start == UseState.OPEN)
    risen = np.maximum(np.diff(in_use, axis=1, prepend=at_start[:, np.newaxis]), 0.0)
    early = np.arange(uses.shape[1]) < ends[:, np.newaxis]
    opening = np.array([one.opening_eur for one in costs])
    closing = np.array([one.closing_eur for one in costs])
    cost: Floats = (
        opening @ risen
        + (opening * base) @ (changed & (uses == UseState.LENT))
        + (closing * base) @ (changed & (uses == UseState.ABSENT) & early)
        + (closing * fewer) @ (changed & (uses == UseState.SHRUNK) & early)
    )
    return cost


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Awaited:
    """Places that by plan are there but are not yet; each array has shape (paths, half-years).

    Attributes:
        regular: Regular places [places].
        emergency: Emergency places [places].
        spared_eur: What they do not cost as long as they are not there [EUR].
        apart: Of these, the places that are for one group only, by group.
    """

    regular: Floats
    emergency: Floats
    spared_eur: Floats
    apart: Mapping[ReceptionGroup, Self] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        register: Sequence[Location],
        *,
        terms: Sequence[Terms],
        states: Sequence[Sequence[UseState]],
        delays: NDArray[np.int8],
        costs: CostParameters,
    ) -> Self:
        """The places that each path still waits for.

        Args:
            register: Lines of the register.
            terms: Their terms.
            states: Use of every line in every half-year.
            delays: Delay of every opening on every path [half-years], shape (paths, lines).
            costs: National averages, for what is not known of a location.
        """
        half_years = len(states[0])
        regular, emergency, spared = np.zeros((3, len(delays), half_years))
        for location, of, course, late in zip(register, terms, states, delays.T, strict=True):
            if not late.any():
                continue
            eur = place_costs(location, costs=costs).place_eur * MONTHS_PER_HALF_YEAR / 12
            missing = emergency if location.kind.is_emergency else regular
            since = 0
            for half_year, use in enumerate(course):
                since = since + 1 if use.is_open else 0
                waiting = of.places * ((late >= since) & (since > 0))
                missing[:, half_year] += waiting
                spared[:, half_year] += waiting * eur
        apart = {
            group: cls.of(
                [register[at] for at in rows],
                terms=[terms[at] for at in rows],
                states=[states[at] for at in rows],
                delays=delays[:, rows],
                costs=costs,
            )
            for group, rows in _apart(register).items()
        }
        return cls(regular=regular, emergency=emergency, spared_eur=spared, apart=apart)


def _apart(register: Sequence[Location]) -> dict[ReceptionGroup, list[int]]:
    """Rows of the lines for one group only, by group; none where all of them are for the same."""
    rows: dict[ReceptionGroup, list[int]] = {}
    for at, one in enumerate(register):
        rows.setdefault(one.group, []).append(at)
    if len(rows) == 1:
        return {}
    return {group: of for group, of in rows.items() if group is not ReceptionGroup.EVERYONE}
