# SPDX-License-Identifier: EUPL-1.2
"""A programme solved without regard to whole numbers, and solved again where something changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import highspy
import numpy as np

from models.types import Floats

__all__ = ["Relaxation", "RelaxedPoint"]

Bounds = Mapping[int, tuple[float, float]]
"""Least and greatest value of columns, or of watched sums, by index."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelaxedPoint:
    """The best point where nothing needs to be whole.

    Attributes:
        cost: Its cost, without the offset.
        values: Value of every column, shape (columns,).
        prices: What one more of every column would cost, where a bound keeps it from rising or
            falling, shape (columns,).
    """

    cost: float
    values: Floats
    prices: Floats


class Relaxation:
    """Keeps the solver as it stood at the best point, so that each change is solved from there."""

    def __init__(self, model: highspy.Highs) -> None:
        """Take a solver that has found the best point of a programme without whole numbers."""
        self._model = model
        self._basis = model.getBasis()
        lp = model.getLp()
        self._columns = np.column_stack([lp.col_lower_, lp.col_upper_])
        self._rows = len(lp.row_lower_)
        self.best = self._point()

    def watch(self, terms: Iterable[tuple[int, float]]) -> int:
        """Add a sum of columns that nothing bounds yet; returns its index among the rows."""
        columns, factors = zip(*terms, strict=True)
        infinity = highspy.kHighsInf
        self._model.addRow(
            -infinity,
            infinity,
            len(columns),
            np.array(columns, dtype=np.int32),
            np.array(factors),
        )
        self._basis = self._model.getBasis()
        self._rows += 1
        return self._rows - 1

    def otherwise(self, columns: Bounds, rows: Bounds | None = None) -> RelaxedPoint | None:
        """The best point under other bounds, which hold for this question only.

        Args:
            columns: Other bounds of columns.
            rows: Bounds of sums that are watched.

        Returns:
            The point; None if there is none.
        """
        rows = rows or {}
        self._bound(columns, rows)
        self._model.run()
        found = self._model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        point = self._point() if found else None
        self._bound(
            {one: (self._columns[one, 0], self._columns[one, 1]) for one in columns},
            dict.fromkeys(rows, (-highspy.kHighsInf, highspy.kHighsInf)),
        )
        # Every question starts at the same place, so that its answer hangs on no other.
        self._model.setBasis(self._basis)
        return point

    def _bound(self, columns: Bounds, rows: Bounds) -> None:
        for column, (lower, upper) in columns.items():
            self._model.changeColBounds(column, lower, upper)
        for row, (lower, upper) in rows.items():
            self._model.changeRowBounds(row, lower, upper)

    def _point(self) -> RelaxedPoint:
        solution, info = self._model.getSolution(), self._model.getInfo()
        return RelaxedPoint(
            cost=float(info.objective_function_value),
            values=np.array(solution.col_value),
            prices=np.array(solution.col_dual),
        )
