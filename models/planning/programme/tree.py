# SPDX-License-Identifier: EUPL-1.2
"""A linear programme whose later columns may differ between branches of the future."""

from collections.abc import Sequence
from copy import copy
from typing import Self

from models.planning.portfolio.branches import Branches
from models.planning.solving.solver import LinearProgramme

__all__ = ["Branched", "Parts", "Terms", "Tree"]

Branched = tuple[int, ...]
"""One quantity: its column in every branch; the same column where branches share it."""

Parts = list[tuple[Branched, float]]
"""A sum of quantities, each with its factor."""

Terms = tuple[tuple[int, float], ...]
"""A sum of columns, each with its factor: parts as they are in one branch."""

_INFINITY = float("inf")


class Tree:
    """Adds quantities and rows for all branches at once; what branches share is added once.

    Attributes:
        lp: The programme.
        half_years: Length of the plan.
        branches: Branches of the future.
        spent: Expected cost in each half-year, as factors by column.
        fixed: Expected cost in each half-year that no choice changes.
    """

    def __init__(self, branches: Branches, *, half_years: int) -> None:
        self.lp = LinearProgramme()
        self.half_years = half_years
        self.branches = branches
        self.spent: list[dict[int, float]] = [{} for _ in range(half_years)]
        self.fixed = [0.0] * half_years

    def over(self, lp: LinearProgramme) -> Self:
        """The same branches over another programme, which begins as this one."""
        other = copy(self)
        other.lp = lp
        other.spent = [dict(spent) for spent in self.spent]
        other.fixed = list(self.fixed)
        return other

    def choice(
        self,
        half_year: int,
        *,
        lag: int,
        lower: float = 0.0,
        upper: float = 1.0,
        start: float = 0.0,
        gate: bool = False,
        demand: str = "",
    ) -> Branched:
        """A yes or no, decided `lag` half-years ahead: by branch if that can be known by then.

        Args:
            half_year: When it holds.
            lag: How long before that it is decided [half-years].
            lower: Least value.
            upper: Greatest value.
            start: Value in the plan to fall back on.
            gate: Whether much hangs on it, so that it is settled before the rest.
            demand: Name of what its bounds come from, where they may be put in question.
        """
        count = self.branches.count
        apart = self.branches.apart(half_year, lag=lag)
        columns = [
            self.lp.column(
                lower=lower, upper=upper, whole=True, start=start, gate=gate, demand=demand
            )
            for _ in range(count if apart else 1)
        ]
        return tuple(columns if apart else columns * count)

    def quantity(self, parts: Parts, *, constant: float = 0.0, equal: bool = False) -> Branched:
        """A quantity that is at least, or exactly, a sum plus a constant, and never negative."""
        made: dict[Terms, int] = {}
        for branch in range(self.branches.count):
            terms = self.terms(parts, branch)
            if terms not in made:
                made[terms] = self.lp.column()
                self.lp.row(
                    [(made[terms], 1.0), *((column, -factor) for column, factor in terms)],
                    lower=constant,
                    upper=constant if equal else _INFINITY,
                )
        return tuple(made[self.terms(parts, branch)] for branch in range(self.branches.count))

    def row(
        self,
        parts: Parts,
        *,
        lower: float = -_INFINITY,
        upper: float = _INFINITY,
        demand: str = "",
    ) -> None:
        """Bound a sum in every branch, by demand of what is named."""
        branches = range(self.branches.count)
        for terms in dict.fromkeys(self.terms(parts, branch) for branch in branches):
            self.lp.row(terms, lower=lower, upper=upper, demand=demand)

    def charge(self, parts: Parts, cost: float, *, half_year: int, constant: float = 0.0) -> None:
        """Let a sum plus a constant cost so much per unit in a half-year, expected."""
        for branch, chance in enumerate(self.branches.chances.tolist()):
            for column, factor in self.terms(parts, branch):
                self.charge_column(column, cost * chance * factor, half_year=half_year)
        self.spend(cost * constant, half_year=half_year)

    def spend(self, cost: float, *, half_year: int) -> None:
        """Count a cost in a half-year that no choice changes."""
        self.fixed[half_year] += cost
        self.lp.offset += cost

    def charge_column(self, column: int, cost: float, *, half_year: int) -> None:
        """Raise the expected cost of one column in a half-year."""
        self.lp.charge(column, cost)
        spent = self.spent[half_year]
        spent[column] = spent.get(column, 0.0) + cost

    def terms(self, parts: Sequence[tuple[Branched, float]], branch: int) -> Terms:
        """A sum as columns and factors in one branch."""
        return tuple((columns[branch], factor) for columns, factor in parts)
