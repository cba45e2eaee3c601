# SPDX-License-Identifier: EUPL-1.2
"""A mixed-integer linear programme, put together row by row and solved with HiGHS."""

from collections.abc import Iterable
from dataclasses import dataclass

import highspy
import numpy as np

from models.types import Floats

__all__ = ["LinearProgramme", "Solution"]

_INFINITY = highspy.kHighsInf
_NOTHING = 1e-9
_INFEASIBLE = frozenset(
    {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """The best point found.

    Attributes:
        objective: Its cost, offset included.
        gap: Proven distance from the best point at most, relative to the cost without the
            offset; 1 where nothing was proven [-].
        proven: Whether the search ended by itself rather than at a limit.
        values: Value of every column, whole where it had to be, shape (columns,).
    """

    objective: float
    gap: float
    proven: bool
    values: Floats


class LinearProgramme:
    """Columns with a cost, rows with bounds, to be minimised.

    Attributes:
        offset: Cost that no choice changes; it takes no part in the gap.
    """

    def __init__(self) -> None:
        self.offset = 0.0
        self._cost: list[float] = []
        self._column_bounds: list[tuple[float, float]] = []
        self._whole: list[bool] = []
        self._start: list[float] = []
        self._row_bounds: list[tuple[float, float]] = []
        self._starts: list[int] = [0]
        self._indices: list[int] = []
        self._values: list[float] = []

    def column(
        self,
        *,
        cost: float = 0.0,
        lower: float = 0.0,
        upper: float = _INFINITY,
        whole: bool = False,
        start: float = 0.0,
    ) -> int:
        """Add a quantity to choose; returns its index.

        Args:
            cost: Cost per unit.
            lower: Least value.
            upper: Greatest value.
            whole: Whether it must be a whole number.
            start: Value in the point to fall back on, for a whole quantity.
        """
        self._cost.append(cost)
        self._column_bounds.append((lower, upper))
        self._whole.append(whole)
        self._start.append(min(max(start, lower), upper))
        return len(self._cost) - 1

    def charge(self, column: int, cost: float) -> None:
        """Raise the cost of a column."""
        self._cost[column] += cost

    def row(
        self,
        terms: Iterable[tuple[int, float]],
        *,
        lower: float = -_INFINITY,
        upper: float = _INFINITY,
    ) -> int:
        """Bound a sum of columns; a column may appear more than once. Returns the row's index."""
        merged: dict[int, float] = {}
        for column, factor in terms:
            merged[column] = merged.get(column, 0.0) + factor
        self._indices.extend(merged.keys())
        self._values.extend(merged.values())
        self._starts.append(len(self._indices))
        self._row_bounds.append((lower, upper))
        return len(self._row_bounds) - 1

    def cost_row(self, *, upper: float) -> int:
        """Bound the cost itself, as it stands now."""
        terms = [(column, cost) for column, cost in enumerate(self._cost) if cost]
        return self.row(terms, upper=upper - self.offset)

    def solve(
        self, *, relative_gap: float, maximum_nodes: int, time_limit_seconds: float, seed: int
    ) -> Solution | None:
        """The best point, on one thread so that equal programmes give equal points.

        Returns:
            The solution; None if no point satisfies every row. Where a limit is reached before
            any point is found, the starting values with the rest chosen well around them.

        Raises:
            TimeoutError: not even the starting values satisfy every row.
        """
        model = _silent(seed)
        model.setOptionValue("mip_rel_gap", relative_gap)
        model.setOptionValue("mip_max_nodes", maximum_nodes)
        model.setOptionValue("time_limit", time_limit_seconds)
        model.passModel(self._lp())
        model.run()
        if model.getModelStatus() in _INFEASIBLE:
            return None
        proven = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        bound = model.getInfo().mip_dual_bound
        if not _has_point(model):
            model = self._from_start(seed)
            if not _has_point(model):
                raise TimeoutError("no point was found within the limits")
        cost = float(model.getInfo().objective_function_value)
        whole = np.array(self._whole)
        values = np.array(model.getSolution().col_value)
        values[whole] = np.round(values[whole])
        gap = max((cost - bound) / max(abs(cost), _NOTHING), 0.0)
        return Solution(
            objective=cost + self.offset,
            gap=float(gap) if np.isfinite(gap) else 1.0,
            proven=proven,
            values=values,
        )

    def _from_start(self, seed: int) -> highspy.Highs:
        lp = self._lp()
        whole, start = np.array(self._whole), np.array(self._start)
        lp.col_lower_ = np.where(whole, start, np.array(lp.col_lower_))
        lp.col_upper_ = np.where(whole, start, np.array(lp.col_upper_))
        lp.integrality_ = []
        model = _silent(seed)
        model.passModel(lp)
        model.run()
        return model

    def _lp(self) -> highspy.HighsLp:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self._cost), len(self._row_bounds)
        lp.col_cost_ = np.array(self._cost)
        lp.col_lower_, lp.col_upper_ = np.array(self._column_bounds).T.copy()
        lp.row_lower_, lp.row_upper_ = np.array(self._row_bounds).reshape(-1, 2).T.copy()
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(self._starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(self._indices, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(self._values)
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[whole] for whole in self._whole]
        return lp


def _silent(seed: int) -> highspy.Highs:
    model = highspy.Highs()  # type: ignore[no-untyped-call] # highspy leaves its class untyped
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("parallel", "off")
    model.setOptionValue("random_seed", seed % 2**31)
    return model


def _has_point(model: highspy.Highs) -> bool:
    feasible = highspy.SolutionStatus.kSolutionStatusFeasible
    return bool(model.getInfo().primal_solution_status == feasible)
