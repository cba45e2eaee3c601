# SPDX-License-Identifier: EUPL-1.2
"""What it would cost to decide otherwise: a use is ruled out, and the rest is solved again."""

from dataclasses import dataclass

from models.planning.portfolio.uses import UseState
from models.planning.programme.lines import LineChoices
from models.planning.programme.programme import UNIT_EUR, PlanProgramme
from models.planning.programme.tree import Terms
from models.planning.solving.relaxation import RelaxedPoint

__all__ = ["Decision", "Otherwise", "Reconsideration"]

_SLIGHTLY = 1e-6
_NOTHING_EUR = 100.0
"""What a unit of a demand must save for it to count as binding: less is rounding [EUR]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The use that a plan gives a line from some half-year on.

    Attributes:
        line: Its place in the register.
        half_year: First half-year of the use; the same in all branches.
        use: Which use.
    """

    line: int
    half_year: int
    use: UseState


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """The best that can be done without one decision.

    Attributes:
        use: The use that the line would mostly get instead in that half-year.
        extra_eur: Expected cost above that of the plan, everything else decided anew, where lines
            need not be whole [EUR].
    """

    use: UseState
    extra_eur: float


class Reconsideration:
    """Asks of one decision after the other what the plan would cost without it."""

    def __init__(self, programme: PlanProgramme, *, seed: int) -> None:
        """Solve the programme once without regard to whole lines, to start every answer from.

        Args:
            programme: A programme that has a plan.
            seed: Seed of the solver.

        Raises:
            ValueError: the programme has no plan.
        """
        relaxation = programme.tree.lp.relaxed(seed=seed)
        if relaxation is None:
            raise ValueError("a programme without a plan has nothing to reconsider")
        self._programme = programme
        self._relaxation = relaxation

    def binding_demands(self) -> dict[str, float]:
        """Demands that make the plan dearer, with what a unit less of them would save [EUR].

        The unit is that of the demand's rows: places, openings, persons, or EUR.
        """
        missed, prices = self._programme.tree.lp.missed, self._relaxation.best.prices
        saved = {name: -float(prices[column]) * UNIT_EUR for name, column in missed.items()}
        return {name: eur for name, eur in saved.items() if eur > _NOTHING_EUR}

    def without(self, decision: Decision) -> Otherwise | None:
        """The best plan that does not take a decision; None where nothing else is possible.

        Source:
            docs/methods.md, Reasons, equation 2.
        """
        line = self._programme.lines[decision.line]
        terms, constant = self._in_use(line, decision.half_year, decision.use)
        watched = self._relaxation.watch(terms)
        kept, ruled_out = 1.0 - constant, -constant
        point = self._relaxation.otherwise({}, {watched: (ruled_out, ruled_out)})
        if point is None:
            return None
        base = self._relaxation.best
        if _level(terms, base) < kept - _SLIGHTLY:
            base = self._relaxation.otherwise({}, {watched: (kept, kept)}) or base
        return Otherwise(
            use=self._main_use(line, decision, point),
            extra_eur=(point.cost - base.cost) * UNIT_EUR,
        )

    def _main_use(self, line: LineChoices, decision: Decision, point: RelaxedPoint) -> UseState:
        """The other use that the line has most of."""

        def share(use: UseState) -> float:
            terms, constant = self._in_use(line, decision.half_year, use)
            return _level(terms, point) + constant

        return max((use for use in line.uses if use is not decision.use), key=share)

    def _in_use(self, line: LineChoices, half_year: int, use: UseState) -> tuple[Terms, float]:
        """Columns of 'in this use' before branches can be told apart, and a constant."""
        parts, constant = line.using(half_year, use)
        return self._programme.tree.terms(parts, 0), constant


def _level(terms: Terms, point: RelaxedPoint) -> float:
    return float(sum(factor * point.values[column] for column, factor in terms))
