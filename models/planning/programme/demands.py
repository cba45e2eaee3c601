# SPDX-License-Identifier: EUPL-1.2
"""Demands that a board may make of a plan, as rows of the programme that carry their names."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.terms import LENT_NOTICE_MONTHS, half_years_for
from models.planning.programme.holdings import Holdings
from models.planning.programme.lines import LineChoices
from models.planning.programme.tree import Branched, Parts, Tree
from models.planning.register.locations import Location, LocationKind
from models.planning.register.spread import indicative_shares

__all__ = ["DEMANDS", "Demands", "ladder_step"]

DEMANDS = (
    "minimum_places",
    "maximum_openings",
    "maximum_moved_children",
    "maximum_spread_deviation",
    "maximum_half_year_eur",
    "maximum_cost_eur",
)
"""Fields of `PlanSettings` that a plan may be unable to meet; None asks nothing."""


def ladder_step(location: Location) -> int:
    """The step of the agreed ladder on which new places of a location stand.

    Returns:
        1 for expanding, reopening or opening a centre, 3 for temporary places, 4 for the
        emergency. Step 2, spare capacity, is what is held in reserve or lent: it is not new.

    Source:
        COA and VNG, Handelingsperspectief op- en afschalen (2018); docs/methods.md, Location plan.
    """
    if location.kind.is_emergency:
        return 4
    return 3 if location.kind is LocationKind.TEMPORARY else 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Demands:
    """Adds the rows of every demand that the settings make.

    Attributes:
        tree: The programme.
        register: Lines of the register.
        lines: Their choices.
        holdings: Places of the plan.
        settings: What is asked.
        unit: What the programme counts in [EUR].
    """

    tree: Tree
    register: Sequence[Location]
    lines: Sequence[LineChoices]
    holdings: Holdings
    settings: PlanSettings
    unit: float

    def add(self) -> None:
        """Add them all."""
        asked = self.settings
        if asked.minimum_places is not None:
            self._hold_at_least(asked.minimum_places)
        if asked.maximum_openings is not None:
            self._open_at_most(asked.maximum_openings)
        if asked.maximum_moved_children is not None:
            self._move_at_most(asked.maximum_moved_children)
        if asked.maximum_spread_deviation is not None:
            self._spread_within(asked.maximum_spread_deviation)
        if asked.maximum_half_year_eur is not None:
            self._spend_at_most(asked.maximum_half_year_eur)
        if asked.maximum_cost_eur is not None:
            self.tree.lp.cost_row(
                upper=asked.maximum_cost_eur / self.unit, demand="maximum_cost_eur"
            )
        if asked.follow_ladder:
            for step in (3, 4):
                self._climb(step)

    def _hold_at_least(self, places: int) -> None:
        for half_year in range(self.tree.half_years):
            held = [
                part
                for tier in ("regular", "reserve", "emergency")
                for part in self.holdings.planned(tier, half_year)
            ]
            self.tree.row(held, lower=float(places), demand="minimum_places")

    def _open_at_most(self, openings: int) -> None:
        for half_year in range(self.tree.half_years):
            opened = [
                part
                for line in self.lines
                if line.terms.candidate
                for part in line.opens(half_year)
            ]
            self.tree.row(opened, upper=float(openings), demand="maximum_openings")

    def _move_at_most(self, children: int) -> None:
        """Who lives in places that stop being open must move; unknown numbers count as none."""
        moved: Parts = []
        for location, line in zip(self.register, self.lines, strict=True):
            if location.school_children:
                share = location.school_children / line.terms.places
                moved += [(one, share) for one in self._given_up(line)]
        self.tree.row(moved, upper=float(children), demand="maximum_moved_children")

    def _given_up(self, line: LineChoices) -> list[Branched]:
        """By how many places a line falls in each half-year, if it falls."""
        fallen = []
        for half_year in range(self.tree.half_years):
            before = line.places(half_year - 1) if half_year else []
            now = [(column, -factor) for column, factor in line.places(half_year)]
            was = 0.0 if half_year else float(line.before)
            fallen.append(self.tree.quantity([*now, *before], constant=was))
        return fallen

    def _spread_within(self, deviation: float) -> None:
        """Half the distance between shares of places and of the task, when the plan ends."""
        last = self.tree.half_years - 1
        shares = indicative_shares(self.register)
        held: dict[str, Parts] = {province: [] for province in shares}
        for location, line in zip(self.register, self.lines, strict=True):
            held[location.province] += line.ready(last)
        everywhere = [part for parts in held.values() for part in parts]
        total = self.tree.quantity(everywhere, equal=True)
        distances: Parts = []
        for province, parts in held.items():
            there = self.tree.quantity(parts, equal=True)
            over: Parts = [(there, 1.0), (total, -shares[province])]
            distance = self.tree.quantity(over)
            self.tree.row([(distance, 1.0), *over], lower=0.0)
            distances.append((distance, 1.0))
        self.tree.row(
            [*distances, (total, -2 * deviation)], upper=0.0, demand="maximum_spread_deviation"
        )

    def _spend_at_most(self, eur: float) -> None:
        for spent, fixed in zip(self.tree.spent, self.tree.fixed, strict=True):
            self.tree.lp.row(
                list(spent.items()), upper=eur / self.unit - fixed, demand="maximum_half_year_eur"
            )

    def _climb(self, step: int) -> None:
        """Open a place of one step of the ladder only when the steps before it are used up.

        One gate per half-year: while it is shut nothing of this step opens; while it is open,
        every candidate of an earlier step that could be there by then is there, every expansion
        that could be there as well, and nothing is in reserve or lent that could be back.
        """
        new = [
            line
            for location, line in zip(self.register, self.lines, strict=True)
            if line.terms.candidate and ladder_step(location) == step
        ]
        for half_year in range(self.tree.half_years):
            opening = [line for line in new if line.terms.earliest_opening <= half_year]
            if not opening:
                continue
            lag = min(line.terms.lead for line in opening)
            gate = self.tree.choice(half_year, lag=lag)
            for line in opening:
                shut = [(column, -factor) for column, factor in line.opens(half_year)]
                self.tree.row([(gate, 1.0), *shut], lower=0.0, demand="follow_ladder")
            for location, line in zip(self.register, self.lines, strict=True):
                if ladder_step(location) < step:
                    self._use_up(line, half_year, gate)

    def _use_up(self, line: LineChoices, half_year: int, gate: Branched) -> None:
        shut = (gate, -1.0)
        could_open = line.allowed and line.terms.earliest_opening <= half_year
        if line.terms.candidate and could_open:
            there: Parts = [(line.present[half_year], 1.0), shut]
            self.tree.row(there, lower=0.0, demand="follow_ladder")
        if line.more is not None and line.terms.earliest_expansion <= half_year:
            expanded: Parts = [(line.more[half_year], 1.0), shut]
            # Only what is open can be larger.
            absent = [(column, -factor) for column, factor in line.open(half_year)]
            self.tree.row([*expanded, *absent], lower=-1.0, demand="follow_ladder")
        spare = ((line.reserve, line.terms.recall), (line.lent, half_years_for(LENT_NOTICE_MONTHS)))
        for course, back in spare:
            if course is not None and half_year >= back:
                idle: Parts = [(course[half_year], 1.0), (gate, 1.0)]
                self.tree.row(idle, upper=1.0, demand="follow_ladder")
