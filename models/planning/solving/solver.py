# SPDX-License-Identifier: EUPL-1.2
"""A mixed-integer linear programme, put together row by row and solved with HiGHS."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Self

import highspy
import numpy as np
from numpy.typing import NDArray

from models.planning.solving.relaxation import Relaxation
from models.types import Floats

__all__ = ["LinearProgramme", "Solution"]

_INFINITY = highspy.kHighsInf
_NOTHING = 1e-9
_NEARLY_WHOLE = 1e-6
_DEVEX = 1
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
        from_inside: Whether to solve it from the inside of what is possible where whole numbers
            do not count, rather than along the edge: quicker where many columns of a large
            programme are of little account each and none is like another.
    """

    def __init__(self) -> None:
        self.offset = 0.0
        self.from_inside = False
        self._cost: list[float] = []
        self._column_bounds: list[tuple[float, float]] = []
        self._whole: list[bool] = []
        self._start: list[float] = []
        self._gate: list[bool] = []
        self._row_bounds: list[tuple[float, float]] = []
        self._starts: list[int] = [0]
        self._indices: list[int] = []
        self._values: list[float] = []
        self._bounds_by: dict[int, str] = {}
        self._missed_by: dict[str, int] = {}

    @property
    def demands(self) -> tuple[str, ...]:
        """Names of what rows and bounds come from, in order of their first appearance."""
        return tuple(dict.fromkeys([*self._missed_by, *self._bounds_by.values()]))

    @property
    def missed(self) -> Mapping[str, int]:
        """Column, by demand with rows, that holds by how much they are missed: 0 if it is met."""
        return dict(self._missed_by)

    def column(
        self,
        *,
        cost: float = 0.0,
        lower: float = 0.0,
        upper: float = _INFINITY,
        whole: bool = False,
        start: float = 0.0,
        gate: bool = False,
        demand: str = "",
    ) -> int:
        """Add a quantity to choose; returns its index.

        Args:
            cost: Cost per unit.
            lower: Least value.
            upper: Greatest value.
            whole: Whether it must be a whole number.
            start: Value in the point to fall back on, for a whole quantity.
            gate: Whether much hangs on it, so that it is settled before the rest.
            demand: Name of what its bounds come from, where they may be put in question.
        """
        if demand:
            self._bounds_by[len(self._cost)] = demand
        self._cost.append(cost)
        self._column_bounds.append((lower, upper))
        self._whole.append(whole)
        self._start.append(min(max(start, lower), upper))
        self._gate.append(gate)
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
        demand: str = "",
    ) -> int:
        """Bound a sum of columns; a column may appear more than once. Returns the row's index.

        Args:
            terms: Columns with their factors.
            lower: Least sum.
            upper: Greatest sum.
            demand: Name of what the row comes from, where it may be put in question.
        """
        merged: dict[int, float] = {}
        if demand:
            merged[self._missed(demand)] = 1.0 if lower > -_INFINITY else -1.0
        for column, factor in terms:
            merged[column] = merged.get(column, 0.0) + factor
        self._indices.extend(merged.keys())
        self._values.extend(merged.values())
        self._starts.append(len(self._indices))
        self._row_bounds.append((lower, upper))
        return len(self._row_bounds) - 1

    def cost_row(self, *, upper: float, demand: str = "") -> int:
        """Bound the cost itself, as it stands now."""
        return self.row(self.priced, upper=upper - self.offset, demand=demand)

    def copy(self) -> Self:
        """A programme of its own that begins as this one."""
        return deepcopy(self)

    def minimise(self, cost: Mapping[int, float], *, keep: float = 0.0) -> None:
        """Look for something else than the least cost.

        Args:
            cost: What columns cost from now on; the others nothing.
            keep: Share of the former costs that is added, to decide between equals [-].
        """
        self.offset *= keep
        self._cost = [keep * was + cost.get(at, 0.0) for at, was in enumerate(self._cost)]

    @property
    def priced(self) -> list[tuple[int, float]]:
        """Columns that cost something, with their cost."""
        return [(column, cost) for column, cost in enumerate(self._cost) if cost]

    def relax(self, demand: str) -> int:
        """Let the rows of one demand be missed; free the bounds that come from it.

        Returns:
            Column that holds by how much its rows are missed, at most; it costs nothing yet.
        """
        for column, name in self._bounds_by.items():
            if name == demand:
                self._column_bounds[column] = (0.0, 1.0 if self._whole[column] else _INFINITY)
        missed = self._missed(demand)
        self._column_bounds[missed] = (0.0, _INFINITY)
        return missed

    def _missed(self, demand: str) -> int:
        if demand not in self._missed_by:
            self._missed_by[demand] = self.column(upper=0.0)
        return self._missed_by[demand]

    def solve(
        self,
        *,
        relative_gap: float,
        maximum_nodes: int,
        time_limit_seconds: float,
        seed: int,
        prove: bool = True,
    ) -> Solution | None:
        """The best point, on one thread so that equal programmes give equal points.

        First the programme is solved without regard to whole numbers. What comes out whole is
        kept, the rest is searched; only if that is not near enough to the first answer, which no
        point can beat, everything is searched.

        Args:
            relative_gap: Distance from the best point at which the search may stop [-].
            maximum_nodes: Branches after which it stops.
            time_limit_seconds: Time after which each of its parts stops.
            seed: Seed of the solver.
            prove: Whether the gap must be reached; otherwise the first part is enough.

        Returns:
            The solution; None if no point satisfies every row. Where a limit is reached before
            any point is found, the starting values with the rest chosen well around them.

        Raises:
            TimeoutError: not even the starting values satisfy every row, or the first part
                found nothing and is all that was asked.
        """
        whole = np.array(self._whole)
        limits = {
            "mip_rel_gap": relative_gap,
            "mip_max_nodes": maximum_nodes,
            "time_limit": time_limit_seconds,
            "random_seed": seed % 2**31,
        }
        relaxed = self._relax(limits)
        if relaxed.getModelStatus() in _INFEASIBLE:
            return None
        if not _has_point(relaxed):
            return self._from_start(limits)
        bound = _cost(relaxed)
        values = self._with_gates_settled(relaxed)
        kept = whole & _nearly_whole(values)
        dived = self._run(np.where(kept, np.round(values), np.nan), limits)
        found = _has_point(dived)
        near = found and _gap(_cost(dived), bound) <= relative_gap
        if near or (found and not prove):
            return self._solution(dived, bound=bound, proven=near)
        if not prove:
            raise TimeoutError("no point was found within the limits")
        start = _values(dived) if found else None
        searched = self._run(np.full(len(whole), np.nan), limits, start=start)
        if searched.getModelStatus() in _INFEASIBLE:
            return None
        if not _has_point(searched):
            return self._from_start(limits)
        proven = searched.getModelStatus() == highspy.HighsModelStatus.kOptimal
        bound = max(bound, float(searched.getInfo().mip_dual_bound))
        return self._solution(searched, bound=bound, proven=proven)

    def relaxed(self, *, seed: int) -> Relaxation | None:
        """The best point without regard to whole numbers, to be questioned further.

        Returns:
            None if no point satisfies every row.
        """
        model = self._relax({"random_seed": seed})
        return Relaxation(model) if _has_point(model) else None

    def _relax(self, limits: Mapping[str, float]) -> highspy.Highs:
        """The solver at the best point without regard to whole numbers."""
        method = {"solver": "ipm"} if self.from_inside else {}
        return self._run(np.full(len(self._whole), np.nan), {**limits, **method}, searched=False)

    def _with_gates_settled(self, relaxed: highspy.Highs) -> Floats:
        """The best point once every gate that is half open is shut, solved on from where it was."""
        values = _values(relaxed)
        gates = np.flatnonzero(self._gate)
        if _nearly_whole(values[gates]).all():
            return values
        relaxed.setOptionValue("solver", "simplex")
        # Exact edge weights for a basis that is there already take longer than they save.
        relaxed.setOptionValue("simplex_dual_edge_weight_strategy", _DEVEX)
        for gate in gates.tolist():
            open_or_shut = float(np.floor(values[gate] + _NEARLY_WHOLE))
            relaxed.changeColBounds(gate, open_or_shut, open_or_shut)
        relaxed.run()
        return _values(relaxed) if _has_point(relaxed) else values

    def _from_start(self, limits: Mapping[str, float]) -> Solution:
        """The starting values, with the rest chosen well around them; nothing is proven."""
        fixed = np.where(self._whole, self._start, np.nan)
        model = self._run(fixed, {**limits, "time_limit": _INFINITY}, searched=False)
        if not _has_point(model):
            raise TimeoutError("no point was found within the limits")
        return self._solution(model, bound=-_INFINITY, proven=False)

    def _run(
        self,
        fixed: Floats,
        limits: Mapping[str, float | str],
        *,
        searched: bool = True,
        start: Floats | None = None,
    ) -> highspy.Highs:
        """Run the solver with some columns fixed (NaN where not); search whole numbers or not."""
        lp = self._lp()
        free = np.isnan(fixed)
        lp.col_lower_ = np.where(free, np.array(lp.col_lower_), fixed)
        lp.col_upper_ = np.where(free, np.array(lp.col_upper_), fixed)
        if not searched:
            lp.integrality_ = []
        model = highspy.Highs()  # type: ignore[no-untyped-call] # highspy leaves its class untyped
        model.setOptionValue("output_flag", False)
        model.setOptionValue("threads", 1)
        model.setOptionValue("parallel", "off")
        for name, value in limits.items():
            model.setOptionValue(name, value)
        model.passModel(lp)
        if start is not None:
            given = highspy.HighsSolution()
            given.col_value = start
            model.setSolution(given)
        model.run()
        return model

    def _solution(self, model: highspy.Highs, *, bound: float, proven: bool) -> Solution:
        values = np.where(self._whole, np.round(_values(model)), _values(model))
        gap = _gap(_cost(model), bound)
        return Solution(objective=_cost(model) + self.offset, gap=gap, proven=proven, values=values)

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


def _nearly_whole(values: Floats) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = np.abs(values - np.round(values)) < _NEARLY_WHOLE
    return near


def _has_point(model: highspy.Highs) -> bool:
    feasible = highspy.SolutionStatus.kSolutionStatusFeasible
    return bool(model.getInfo().primal_solution_status == feasible)


def _cost(model: highspy.Highs) -> float:
    return float(model.getInfo().objective_function_value)


def _values(model: highspy.Highs) -> Floats:
    return np.array(model.getSolution().col_value)


def _gap(cost: float, bound: float) -> float:
    gap = max((cost - bound) / max(abs(cost), _NOTHING), 0.0)
    return float(gap) if np.isfinite(gap) else 1.0
