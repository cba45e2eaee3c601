# SPDX-License-Identifier: EUPL-1.2
"""Places per tier in the programme: their totals by half-year, and what is not there yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.planning.programme.lines import LineChoices
from models.planning.programme.tree import Branched, Parts, Tree
from models.planning.register.locations import Location, ReceptionGroup
from models.types import Floats

__all__ = ["TIERS", "Cell", "Holdings"]

TIERS = ("regular", "reserve", "lent", "emergency")
"""The tiers in which people find a place, in the order in which they fill up."""

Cell = tuple[str, ReceptionGroup]
"""A tier, and for whom its places are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Opening:
    """A candidate whose places may come late.

    Attributes:
        line: Its choices.
        cell: Where its places count.
        delays: How late it is in each future [half-years], shape (futures,).
    """

    line: LineChoices
    cell: Cell
    delays: NDArray[np.int8]

    def awaited(self, half_year: int, delay: int) -> Parts:
        """Parts of its places that by plan are there, but at this delay are not."""
        if not delay or half_year < self.line.terms.earliest_opening:
            return []
        places = float(self.line.terms.places)
        return [(of, factor * places) for of, factor in self.line.awaited(half_year, delay)]


class Holdings:
    """Totals of places by tier and group, as columns of the programme."""

    def __init__(
        self,
        tree: Tree,
        register: Sequence[Location],
        lines: Sequence[LineChoices],
        *,
        delays: NDArray[np.int8],
        grouped: bool,
    ) -> None:
        """Add the totals.

        Args:
            tree: The programme.
            register: Lines of the register.
            lines: Their choices.
            delays: Delay of every opening in every future [half-years], shape (futures, lines).
            grouped: Whether places for one group only are counted apart.
        """
        self._tree = tree
        self._delays = delays
        self._openings: list[_Opening] = []
        self._late: dict[tuple[int, int, bytes], dict[Cell, int]] = {}
        members: dict[Cell, list[tuple[Location, LineChoices]]] = {
            (tier, ReceptionGroup.EVERYONE): [] for tier in TIERS
        }
        for at, (location, line) in enumerate(zip(register, lines, strict=True)):
            group = location.group if grouped else ReceptionGroup.EVERYONE
            for tier in TIERS:
                if _in_tier(tier, location, line, 0):
                    members.setdefault((tier, group), []).append((location, line))
            if delays[:, at].any():
                cell = ("emergency" if location.kind.is_emergency else "regular", group)
                self._openings.append(_Opening(line=line, cell=cell, delays=delays[:, at]))
        self._totals: dict[Cell, tuple[Branched, ...]] = {
            (tier, group): tuple(
                tree.quantity(
                    [part for one in inside for part in _in_tier(tier, *one, half_year)],
                    equal=True,
                )
                for half_year in range(tree.half_years)
            )
            for (tier, group), inside in members.items()
        }

    def planned(self, tier: str, half_year: int) -> Parts:
        """Parts of the places that one tier holds by plan, for whomever."""
        return [(of[half_year], 1.0) for (name, _), of in self._totals.items() if name == tier]

    def planned_in(self, tier: str, half_year: int, *, branch: int) -> dict[Cell, int]:
        """The columns of the places that one tier holds by plan in a branch."""
        return {cell: of[half_year][branch] for cell, of in self._totals.items() if cell[0] == tier}

    def awaited_in(self, half_year: int, future: int, *, branch: int) -> dict[Cell, int]:
        """Columns of the places that by plan are there, but in this future are not yet.

        Futures of a branch in which the same comes late have the same columns.
        """
        key = half_year, branch, self._delays[future].tobytes()
        if key not in self._late:
            self._late[key] = self._awaited_columns(half_year, future, branch=branch)
        return self._late[key]

    def _awaited_columns(self, half_year: int, future: int, *, branch: int) -> dict[Cell, int]:
        lp = self._tree.lp
        missing: dict[Cell, list[tuple[int, float]]] = {}
        for opening in self._openings:
            parts = opening.awaited(half_year, int(opening.delays[future]))
            if parts:
                terms = self._tree.terms(parts, branch)
                missing.setdefault(opening.cell, []).extend(terms)
        columns = {}
        for cell, late in missing.items():
            columns[cell] = lp.column()
            lp.row([(columns[cell], -1.0), *late], upper=0.0)
        return columns

    def awaited(self, half_year: int, weights: Floats) -> Parts:
        """Parts of the places that by plan are there, but are not yet: expected over futures."""
        return [
            (of, factor * share)
            for opening in self._openings
            for delay, share in _shares(opening.delays, weights)
            for of, factor in opening.awaited(half_year, delay)
        ]


def refunds(
    tree: Tree,
    line: LineChoices,
    *,
    delays: NDArray[np.int8],
    weights: Floats,
    place_eur: float,
) -> None:
    """Take back the running cost of places that by plan are there, but are not yet.

    Args:
        tree: The programme.
        line: Choices for a candidate.
        delays: How late it is in each future [half-years], shape (futures,).
        weights: Chance of each future [-], shape (futures,).
        place_eur: What one open place costs in a half-year, in the programme's unit.
    """
    opening = _Opening(line=line, cell=("regular", ReceptionGroup.EVERYONE), delays=delays)
    for branch in range(tree.branches.count):
        inside = np.where(tree.branches.member == branch, weights, 0.0)
        for delay, share in _shares(delays, inside):
            for half_year in range(tree.half_years):
                for column, factor in tree.terms(opening.awaited(half_year, delay), branch):
                    cost = -place_eur * share * factor
                    tree.charge_column(column, cost, half_year=half_year)


def _shares(delays: NDArray[np.int8], weights: Floats) -> Iterator[tuple[int, float]]:
    """Every delay that occurs, with its chance."""
    for delay in np.unique(delays[delays > 0]).tolist():
        yield delay, float(weights[delays == delay].sum())


def _in_tier(tier: str, location: Location, line: LineChoices, half_year: int) -> Parts:
    """What one line adds to one tier."""
    if tier in {"regular", "emergency"}:
        emergency = tier == "emergency"
        return line.places(half_year) if location.kind.is_emergency is emergency else []
    course = line.reserve if tier == "reserve" else line.lent
    return [] if course is None else [(course[half_year], float(line.terms.places))]
