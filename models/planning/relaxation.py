# SPDX-License-Identifier: EUPL-1.2
"""A programme solved without regard to whole numbers, and solved again where something changes."""

from collections.abc import Mapping
from dataclasses import dataclass

import highspy
import numpy as np

from models.types import Floats

__all__ = ["Relaxation", "RelaxedPoint"]

Bounds = Mapping[int, tuple[float, float]]
"""Least and greatest value of columns, or of rows, by index."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelaxedPoint:
    """The best point where nothing needs to be whole.

    Attributes:
        cost: Its cost, without the offset.
        values: Value of every column, shape (columns,).
        prices: What a unit more on the right side of every row would cost, shape (rows,).
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
        self._rows = np.column_stack([lp.row_lower_, lp.row_upper_])
        self.best = self._point()

    def otherwise(self, columns: Bounds, rows: Bounds | None = None) -> RelaxedPoint | None:
        """The best point under other bounds, which hold for this question only.

        Args:
            columns: Other bounds of columns.
            rows: Other bounds of rows.

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
            {one: (self._rows[one, 0], self._rows[one, 1]) for one in rows},
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
            prices=np.array(solution.row_dual),
        )
