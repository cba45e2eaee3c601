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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """The best point found.

    Attributes:
        objective: Its cost, offset included.
        gap: Proven distance from the best point at most, relative to the cost without the
            offset [-].
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
    ) -> int:
        """Add a quantity to choose; returns its index."""
        self._cost.append(cost)
        self._column_bounds.append((lower, upper))
        self._whole.append(whole)
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
            The solution; None if no point satisfies every row.

        Raises:
            TimeoutError: a limit was reached before any point was found.
        """
        model = _silent(seed)
        model.setOptionValue("mip_rel_gap", relative_gap)
        model.setOptionValue("mip_max_nodes", maximum_nodes)
        model.setOptionValue("time_limit", time_limit_seconds)
        model.passModel(self._lp())
        model.run()
        if model.getModelStatus() in {
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        }:
            return None
        info = model.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            raise TimeoutError(model.modelStatusToString(model.getModelStatus()))
        whole = np.array(self._whole)
        values = np.array(model.getSolution().col_value)
        values[whole] = np.round(values[whole])
        cost, bound = info.objective_function_value, info.mip_dual_bound
        return Solution(
            objective=float(cost) + self.offset,
            gap=max(float((cost - bound) / max(abs(cost), _NOTHING)), 0.0),
            proven=model.getModelStatus() == highspy.HighsModelStatus.kOptimal,
            values=values,
        )

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
