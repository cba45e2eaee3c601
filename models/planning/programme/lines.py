# SPDX-License-Identifier: EUPL-1.2
"""The choices for one line of the register: when it is there, in which use and at which size."""

from dataclasses import dataclass, field, replace

from models.planning.portfolio.terms import (
    LENT_NOTICE_MONTHS,
    MONTHS_PER_HALF_YEAR,
    Terms,
    half_years_for,
)
from models.planning.portfolio.uses import UseState
from models.planning.programme.tree import Branched, Parts, Tree
from models.planning.register.locations import Location, LocationStatus
from models.planning.register.place_costs import PlaceCosts
from models.types import Floats

__all__ = ["LineChoices", "add_line"]

_YEARS = MONTHS_PER_HALF_YEAR / 12

Course = tuple[Branched, ...]
"""A quantity in every half-year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChoices:
    """Choices for one line, by half-year; a use or size that it may not have is None.

    Attributes:
        terms: Its terms.
        before: Places open when the plan begins [places].
        allowed: Whether it may be there at all: a candidate may be too small.
        present: Whether it is there.
        reserve: Whether it is held in reserve.
        lent: Whether it is lent.
        fewer: Whether it has shrunk.
        more: Whether it has expanded.
        opened: Whether a candidate opens just then; None where it stays once it is opened, so
            that it opens when it is there and was not.
    """

    terms: Terms
    before: int
    allowed: bool
    present: Course
    reserve: Course | None = None
    lent: Course | None = None
    fewer: Course | None = None
    more: Course | None = None
    opened: Course | None = None

    def open(self, half_year: int, factor: float = 1.0) -> Parts:
        """Parts of 'there, and neither in reserve nor lent'; nothing before the plan."""
        if half_year < 0:
            return []
        used = [course[half_year] for course in (self.reserve, self.lent) if course is not None]
        return [(self.present[half_year], factor), *((column, -factor) for column in used)]

    def places(self, half_year: int) -> Parts:
        """Parts of its open places, at whatever size."""
        parts = self.open(half_year, float(self.terms.places))
        if self.fewer is not None:
            parts.append((self.fewer[half_year], -float(self.terms.fewer)))
        if self.more is not None:
            parts.append((self.more[half_year], float(self.terms.more)))
        return parts

    def ready(self, half_year: int) -> Parts:
        """Parts of its places that are open or in reserve."""
        held = [] if self.reserve is None else [(self.reserve[half_year], float(self.terms.places))]
        return [*self.places(half_year), *held]

    def opens(self, half_year: int, factor: float = 1.0) -> Parts:
        """Parts of 'a candidate opens just now'."""
        if self.opened is not None:
            return [(self.opened[half_year], factor)]
        before = [(self.present[half_year - 1], -factor)] if half_year else []
        return [(self.present[half_year], factor), *before]

    def awaited(self, half_year: int, delay: int) -> Parts:
        """Parts of 'opened, by the plan, less than `delay` half-years ago': not there yet."""
        first = max(half_year - delay + 1, 0)
        if delay > self.terms.extension:
            # It never comes: whatever is there by plan is not there.
            return [(self.present[half_year], 1.0)]
        if self.opened is not None:
            return [(self.opened[at], 1.0) for at in range(first, half_year + 1)]
        before = [(self.present[first - 1], -1.0)] if first else []
        return [(self.present[half_year], 1.0), *before]

    @property
    def uses(self) -> tuple[UseState, ...]:
        """The uses that it may have."""
        return tuple(use for use in UseState if use not in self._optional or self._optional[use])

    def using(self, half_year: int, use: UseState) -> tuple[Parts, float]:
        """Parts of 'in this use, and no other', and the constant to add to them."""
        if use is UseState.ABSENT:
            return [(self.present[half_year], -1.0)], 1.0
        course = self._optional.get(use)
        if course is not None:
            return [(course[half_year], 1.0)], 0.0
        sizes = [one[half_year] for one in (self.fewer, self.more) if one is not None]
        return [*self.open(half_year), *((one, -1.0) for one in sizes)], 0.0

    @property
    def _optional(self) -> dict[UseState, Course | None]:
        return {
            UseState.RESERVE: self.reserve,
            UseState.LENT: self.lent,
            UseState.SHRUNK: self.fewer,
            UseState.EXPANDED: self.more,
        }

    def state(self, half_year: int, branch: int, values: Floats) -> UseState:
        """Its use in a solution."""

        def holds(course: Course | None) -> bool:
            return course is not None and bool(values[course[half_year][branch]])

        if not holds(self.present):
            return UseState.ABSENT
        chosen = (use for use, course in self._optional.items() if holds(course))
        return next(chosen, UseState.OPEN)


def add_line(
    tree: Tree, location: Location, *, terms: Terms, costs: PlaceCosts, minimum_opening: int
) -> LineChoices:
    """Add the choices for a line to the programme, with the rows and costs that bind them.

    Args:
        tree: The programme.
        location: The line.
        terms: Its terms in this plan.
        costs: What its places cost, in the programme's unit.
        minimum_opening: Fewest places that a new location is opened with [places].

    Source:
        docs/methods.md, Location plan, equations 7 and 13.
    """
    build = _Builder(tree, location, terms, costs)
    if terms.candidate:
        return build.candidate(allowed=terms.places >= minimum_opening)
    return build.existing()


@dataclass(slots=True)
class _Builder:
    """Builds one line."""

    tree: Tree
    location: Location
    terms: Terms
    costs: PlaceCosts
    half_years: range = field(init=False)

    def __post_init__(self) -> None:
        self.half_years = range(self.terms.horizon)

    def candidate(self, *, allowed: bool) -> LineChoices:
        """A candidate: absent until it opens, then there for the term of its agreement at least."""
        tree, of = self.tree, self.terms
        refused = "" if allowed else "minimum_opening"
        present = tuple(
            tree.choice(
                at,
                lag=of.lead,
                upper=float(allowed and at >= of.earliest_opening),
                demand="lead_times" if at < of.earliest_opening else refused,
            )
            for at in self.half_years
        )
        opened = None if of.stays else self._rises([[(one, 1.0)] for one in present], before=0.0)
        line = LineChoices(terms=of, before=0, allowed=allowed, present=present, opened=opened)
        for at in self.half_years:
            self._charge(line.opens(at, float(of.places)), self.costs.opening_eur, at)
            self._charge(line.places(at), self.costs.place_eur * _YEARS, at)
            if opened is None and at:
                tree.row(line.opens(at), lower=0.0)
        if opened is not None:
            self._bind(present, opened)
            for at in self.half_years:
                # Nothing opens that was there: a delay could otherwise be had for free.
                before = [(present[at - 1], 1.0)] if at else []
                tree.row([(opened[at], 1.0), *before], upper=1.0)
        return line

    def existing(self) -> LineChoices:
        """A line that is there: its presence, and where it may have them other uses and sizes."""
        of, location = self.terms, self.location
        is_open = location.status is LocationStatus.OPEN
        line = LineChoices(
            terms=of, before=of.places * is_open, allowed=True, present=self._presence()
        )
        if not location.fixed_core:
            line = self._with_sizes(line)
            if not location.kind.is_emergency:
                line = self._with_uses(line)
        self._pay_for_use(line)
        for at in self.half_years:
            running = self.costs.place_eur * _YEARS
            self._charge(line.places(at), running, at)
            ready = self.costs.reserve_eur * _YEARS * of.places
            if line.reserve is not None:
                self._charge([(line.reserve[at], 1.0)], ready, at)
            if line.lent is not None:
                rent = self.costs.lent_eur * _YEARS * of.places
                self._charge([(line.lent[at], 1.0)], ready - rent, at)
        return line

    def _presence(self) -> Course:
        """There until it is left; then gone for good, unless it can be opened again."""
        tree, of = self.tree, self.terms
        lag = max(of.notice, of.lead) if of.reopens else of.notice
        present: list[Branched] = []
        for at in self.half_years:
            extended = at >= of.agreement_end
            if extended and of.extension_start(at) < at and present:
                present.append(present[-1])
                continue
            bound = self.location.fixed_core or at < of.earliest_closing
            demand = "fixed_core" if self.location.fixed_core else "agreements" * bound
            present.append(tree.choice(at, lag=lag, lower=float(bound), start=1.0, demand=demand))
            if at and at < of.earliest_opening:
                tree.row([(present[-2], 1.0), (present[-1], -1.0)], lower=0.0)
        if of.reopens:
            self._bind(tuple(present), self._rises([[(one, 1.0)] for one in present], before=1.0))
        self._pay_for_leaving(present)
        return tuple(present)

    def _pay_for_leaving(self, present: list[Branched]) -> None:
        """What is left before its agreement ends costs something for every place."""
        of = self.terms
        if of.open_ended:
            return
        leaving = self.costs.closing_eur * of.places
        for at in range(of.agreement_end):
            left: Parts = [(present[at], -1.0), *([(present[at - 1], 1.0)] if at else [])]
            constant = 0.0 if at else 1.0
            if of.reopens:
                left, constant = [(self.tree.quantity(left, constant=constant), 1.0)], 0.0
            self.tree.charge(left, leaving, half_year=at, constant=constant)

    def _with_sizes(self, line: LineChoices) -> LineChoices:
        """Let a line shrink to a part of its places, or expand to all that it can have."""
        of, tree = self.terms, self.tree
        fewer = more = None
        if of.fewer:
            fewer = tuple(
                tree.choice(at, lag=of.notice, upper=float(at >= of.earliest_closing))
                for at in self.half_years
            )
        if of.more:
            lag = of.earliest_expansion
            more = tuple(
                tree.choice(at, lag=lag, upper=float(at >= of.earliest_expansion))
                for at in self.half_years
            )
        return replace(line, fewer=fewer, more=more)

    def _with_uses(self, line: LineChoices) -> LineChoices:
        """Let a line be held in reserve or, in a form that can be recalled, lent."""
        of, tree = self.terms, self.tree
        reserve = tuple(tree.choice(at, lag=of.recall) for at in self.half_years)
        lent = None
        if self.location.dual_use.recallable:
            was_lent = float(self.location.status is LocationStatus.LENT)
            notice = half_years_for(LENT_NOTICE_MONTHS)
            # What is lent now cannot be back before its notice has passed.
            lent = tuple(
                tree.choice(at, lag=notice, lower=0.0 if at else was_lent) for at in self.half_years
            )
        return replace(line, reserve=reserve, lent=lent)

    def _pay_for_use(self, line: LineChoices) -> None:
        """Every place that comes into use, or is lent, costs something; so does giving one up."""
        of, status = self.terms, self.location.status
        sizes = [course for course in (line.fewer, line.more) if course is not None]
        if line.reserve is not None or sizes:
            for at in self.half_years:
                taken = [(course[at], -1.0) for course in sizes]
                self.tree.row([*line.open(at), *taken], lower=0.0)
        was_open = float(status is LocationStatus.OPEN)
        if line.reserve is not None or of.reopens:
            opened = [line.open(at) for at in self.half_years]
            self._pay_for_rises(opened, of.places - of.fewer, before=was_open)
            if line.fewer is not None:
                opened = [[*line.open(at), (line.fewer[at], -1.0)] for at in self.half_years]
            self._pay_for_rises(opened, of.fewer, before=was_open)
        if line.more is not None:
            self._pay_for_rises([[(one, 1.0)] for one in line.more], of.more, before=0.0)
        if line.lent is not None:
            was_lent = float(status is LocationStatus.LENT)
            self._pay_for_rises([[(one, 1.0)] for one in line.lent], of.places, before=was_lent)
        if line.fewer is not None and not of.open_ended:
            given_up = self._rises([[(one, 1.0)] for one in line.fewer], before=0.0)
            for at in range(of.agreement_end):
                self._charge([(given_up[at], float(of.fewer))], self.costs.closing_eur, at)

    def _pay_for_rises(self, course: list[Parts], places: int, *, before: float) -> None:
        if places:
            for at, rise in enumerate(self._rises(course, before=before)):
                self._charge([(rise, float(places))], self.costs.opening_eur, at)

    def _rises(self, course: list[Parts], *, before: float) -> Course:
        """By how much a sum rises from one half-year to the next, if it rises."""
        return tuple(
            self.tree.quantity(
                [*course[at], *((one, -factor) for one, factor in (course[at - 1] if at else []))],
                constant=0.0 if at else -before,
            )
            for at in self.half_years
        )

    def _bind(self, present: Course, opened: Course) -> None:
        """What was opened stays for the term of its agreement."""
        for at, now in enumerate(present):
            first = max(at - self.terms.extension + 1, 0)
            recently: Parts = [(one, -1.0) for one in opened[first : at + 1]]
            self.tree.row([(now, 1.0), *recently], lower=0.0)

    def _charge(self, parts: Parts, cost: float, half_year: int) -> None:
        self.tree.charge(parts, cost, half_year=half_year)
