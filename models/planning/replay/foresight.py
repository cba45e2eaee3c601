# SPDX-License-Identifier: EUPL-1.2
"""Perfect foresight: the cheapest course there could have been, known only afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from models.errors import InvalidInput
from models.planning.buffer.tiers import BufferTier, TierName
from models.planning.replay.course import Course, course_of, place_months
from models.planning.replay.half_year import Step
from models.planning.solving.solver import LinearProgramme
from models.types import Floats

__all__ = ["foresight"]


def foresight(steps: Sequence[Step], *, start: float) -> Course:
    """The cheapest places, open and in reserve, for the need as it turned out, solved exactly.

    Args:
        steps: Decisions that follow each other.
        start: Places held, and open, before the first [places].

    Source:
        docs/methods.md, Replay, equation 3.
    """
    programme = _Programme(start=start)
    for step in steps:
        programme.add(step)
    relaxation = programme.lp.relaxed(seed=0)
    if relaxation is None:
        raise InvalidInput("No course of places houses the need of these half-years.")
    values = np.maximum(relaxation.best.values, 0.0)
    rows = [part.row(values, step) for part, step in zip(programme.parts, steps, strict=True)]
    places = [float(values[part.held]) for part in programme.parts]
    return course_of("perfect_foresight", places, rows, steps=steps, start=start)


@dataclass(slots=True, kw_only=True)
class _HalfYear:
    """Columns of one half-year.

    Attributes:
        held: Places under agreement.
        stood: Those of them that stand ready, by month.
        on_call: Places of the indirect reserve that stand ready, by month.
        housed: Persons in either, by month.
        eur: What every column of the half-year costs.
    """

    held: int
    stood: list[int] = field(default_factory=list)
    on_call: list[int] = field(default_factory=list)
    housed: list[tuple[int, int]] = field(default_factory=list)
    eur: dict[int, float] = field(default_factory=dict)

    def row(self, values: Floats, step: Step) -> tuple[float, ...]:
        """Cost [EUR] and place·months, those who would be missing without any place included."""
        missing = step.terms.costs.missing_premium / 12 * float(step.outcome.sum())
        cost = missing + sum(eur * values[column] for column, eur in self.eur.items())
        housed = values[self.housed].sum(axis=1)
        held, stood, on_call = (values[at] for at in (self.held, self.stood, self.on_call))
        return float(cost), *place_months(step, float(held), stood, on_call, housed)


@dataclass(slots=True, kw_only=True)
class _Programme:
    """The programme, half-year by half-year.

    Attributes:
        start: Places held, and open, before the first [places].
        lp: Its columns and rows.
        parts: Columns of each half-year.
    """

    start: float
    lp: LinearProgramme = field(default_factory=LinearProgramme)
    parts: list[_HalfYear] = field(default_factory=list)

    def add(self, step: Step) -> None:
        """Add a half-year after those that are there."""
        costs, norm = step.terms.costs, step.terms.norm
        indirect = step.terms.tier(TierName.INDIRECT_RESERVE)
        last = self.parts[-1] if self.parts else None
        part = _HalfYear(held=self.lp.column(cost=costs.empty_place / 2))
        part.eur[part.held] = costs.empty_place / 2
        up = self._column(part, costs.open_place)
        down = self._column(part, costs.close_place)
        before = [(last.held, -1.0)] if last else []
        had = 0.0 if last else self.start
        self.lp.row([(part.held, 1.0), (up, -1.0), (down, 1.0), *before], lower=had, upper=had)
        size = self._column(part, indirect.holding_eur / 2, upper=float(indirect.most_places or 0))
        for persons in step.outcome.tolist():
            stood = self._column(part, (costs.regular_open - costs.empty_place) / 12)
            other = self._column(part, (costs.regular_open - indirect.holding_eur) / 12)
            # Whoever sleeps in a place that stands ready is not missing one.
            spared = costs.missing_premium + costs.regular_open
            dearer = indirect.person_eur - costs.regular_person
            housed = self._column(part, -spared / 12), self._column(part, (dearer - spared) / 12)
            self.lp.row([(stood, 1.0), (part.held, -1.0)], upper=0.0)
            self.lp.row([(other, 1.0), (size, -1.0)], upper=0.0)
            self.lp.row([(housed[0], 1.0), (stood, -norm)], upper=0.0)
            self.lp.row([(housed[1], 1.0), (other, -norm)], upper=0.0)
            self.lp.row([(housed[0], 1.0), (housed[1], 1.0)], upper=persons)
            part.stood.append(stood)
            part.on_call.append(other)
            part.housed.append(housed)
        direct = step.terms.tier(TierName.DIRECT_RESERVE)
        # What is opened is in use at once, and so is all that there was before the first decision.
        self._call_up(part, part.stood, [up, *(last.stood[-1:] if last else [])], direct, had=had)
        self._call_up(part, part.on_call, last.on_call[-1:] if last else [], indirect)
        self.parts.append(part)

    def _call_up(
        self,
        part: _HalfYear,
        months: Sequence[int],
        before: Sequence[int],
        tier: BufferTier,
        *,
        had: float = 0.0,
    ) -> None:
        """Pay for every place that stands ready and did not the month before."""
        for month in months:
            called = self._column(part, tier.activation_eur)
            earlier = [(column, 1.0) for column in before]
            self.lp.row([(called, 1.0), (month, -1.0), *earlier], lower=-had)
            before, had = [month], 0.0

    def _column(self, part: _HalfYear, eur: float, *, upper: float = float("inf")) -> int:
        column = self.lp.column(cost=eur, upper=upper)
        part.eur[column] = eur
        return column
