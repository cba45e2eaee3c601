# SPDX-License-Identifier: EUPL-1.2
"""Total and components: futures of the parts that add up to the whole in every path."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.random import Generator

from models.errors import InvalidInput
from models.inflow.shares import Shares, add_up, fewest_periods
from models.periods import month_range
from models.types import Floats, Panel, SamplePaths

__all__ = ["Hierarchy", "Split", "Structure", "rest_of", "with_rest"]

Hierarchy = Mapping[str, Sequence[str]]
"""The parts of each whole; a part may be a whole itself."""


def rest_of(whole: str) -> str:
    """Name of what the known parts leave of their whole."""
    return f"{whole}.other"


def with_rest(panel: Panel, whole: str, known: Sequence[str]) -> Panel:
    """The panel with what the known parts leave of a whole, never negative, as one more series.

    A series of that name is replaced.
    """
    (total,) = panel.select([whole]).persons
    left = np.maximum(total - panel.select(known).persons.sum(axis=0), 0.0)
    others = panel.select([name for name in panel.series_ids if name != rest_of(whole)])
    return replace(
        others,
        series_ids=(*others.series_ids, rest_of(whole)),
        persons=np.vstack([others.persons, left]),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """One whole, and how it divides.

    Attributes:
        whole: Name of the whole.
        parts: Names of the parts.
        until: The last period in which every part is known.
        shares: What the past taught, its parts in order of name.
    """

    whole: str
    parts: tuple[str, ...]
    until: np.datetime64
    shares: Shares

    def divide(self, whole: Floats, *, rng: Generator) -> dict[str, Floats]:
        """Draw the parts of given futures of the whole.

        Args:
            whole: Counts [persons] from the period after `until`, NaN where nothing is known,
                shape (paths, periods).
            rng: Source of chance.

        Returns:
            Counts of each part [persons], shape (paths, periods), by name.
        """
        counts = add_up(whole, self.shares.draw(whole, rng=rng))
        return dict(zip(sorted(self.parts), np.moveaxis(counts, 1, 0), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Structure:
    """A hierarchy with all its splits learned.

    Attributes:
        panel: What they were learned from.
        splits: One per whole that could be divided, wholes before their parts.
        left_out: Series that are too short to be told apart; their whole keeps them in the
            rest, or is not divided.
    """

    panel: Panel
    splits: tuple[Split, ...]
    left_out: tuple[str, ...]

    @classmethod
    def learn(cls, panel: Panel, hierarchy: Hierarchy, *, follow_whole: bool = True) -> Self:
        """Learn every split that the panel knows enough of.

        Parts with too few figures are taken together with all that the known parts leave of
        the whole, under the name `rest_of(whole)`; naming that among the parts says that they
        are not all.

        Args:
            panel: Monthly or quarterly counts, the wholes among them.
            hierarchy: The parts of each whole.
            follow_whole: Whether shares move with surprises in their whole.

        Raises:
            InvalidInput: a series is part of two wholes, or of itself.
        """
        splits: list[Split] = []
        left_out: list[str] = []
        reached: set[str] = set()
        for whole, top in _downwards(hierarchy):
            known, short = _by_length(panel, whole, hierarchy[whole])
            split = None
            if whole == top or whole in reached:
                split = _learn_split(
                    _until_last_of(panel, top),
                    whole,
                    known,
                    rest=len(known) < len(hierarchy[whole]),
                    follow_whole=follow_whole,
                )
            if split is not None:
                splits.append(split)
                reached.update(split.parts)
            left_out += short if split is not None else [*known, *short]
        return cls(panel=panel, splits=tuple(splits), left_out=tuple(sorted(left_out)))

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """The parts of each whole that is divided."""
        return {split.whole: split.parts for split in self.splits}

    @property
    def until(self) -> dict[str, np.datetime64]:
        """The last period known of each part."""
        return {part: split.until for split in self.splits for part in split.parts}

    def sample(self, wholes: SamplePaths, *, rng: Generator) -> SamplePaths:
        """Draw the parts along futures of the wholes at the top; those stay as they are.

        The parts begin where their whole begins: months of which only the whole is known are
        walked through, and not shown.

        Args:
            wholes: Futures of the series at the top of the hierarchy.
            rng: Source of chance.

        Returns:
            The wholes, each followed by its parts, downwards.
        """
        chance = dict(zip(sorted(self.parts), rng.spawn(len(self.splits)), strict=True))
        order: list[str] = []
        origins: list[np.datetime64] = []
        drawn: list[Floats] = []
        for name, origin in zip(wholes.series_ids, wholes.origins, strict=True):
            found = {name: wholes.of(name), **self._divide(name, origin, wholes, chance=chance)}
            order += found
            origins += [origin] * len(found)
            drawn += found.values()
        return SamplePaths(
            series_ids=tuple(order),
            frequency=wholes.frequency,
            origins=np.array(origins, dtype="datetime64[M]"),
            persons=np.stack(drawn, axis=1),
        )

    def _divide(
        self,
        top: str,
        origin: np.datetime64,
        wholes: SamplePaths,
        *,
        chance: Mapping[str, Generator],
    ) -> dict[str, Floats]:
        """All parts under one whole, downwards [persons], shape (paths, horizon), by name."""
        splits = [split for split in self.splits if split.whole in self._under(top)]
        if not splits:
            return {}
        begin = min(split.until for split in splits)
        along = {top: self._since(begin, top, origin, wholes.of(top))}
        for split in splits:
            skipped = _periods_between(self.panel, begin, split.until)
            found = split.divide(along[split.whole][:, skipped:], rng=chance[split.whole])
            for part in split.parts:
                unknown = np.full((len(found[part]), skipped), np.nan)
                along[part] = np.hstack([unknown, found[part]])
        del along[top]
        return {part: persons[:, -wholes.horizon :] for part, persons in along.items()}

    def _under(self, whole: str) -> set[str]:
        """A whole, and all that it divides into."""
        parts = self.parts.get(whole, ())
        return {whole}.union(*(self._under(part) for part in parts))

    def _since(
        self, begin: np.datetime64, name: str, origin: np.datetime64, drawn: Floats
    ) -> Floats:
        """Futures of a whole, after its figures since `begin`, shape (paths, periods)."""
        count = _periods_between(self.panel, begin, origin)
        if count < 0:
            raise InvalidInput(f"Paths of {name!r} begin before the last period of its parts.")
        months = month_range(begin, count + 1, self.panel.frequency)[1:]
        (row,) = self.panel.select([name]).persons
        known = row[np.searchsorted(self.panel.periods, months)]
        return np.hstack([np.tile(known, (len(drawn), 1)), drawn])


def _downwards(hierarchy: Hierarchy) -> Iterator[tuple[str, str]]:
    """Every whole with the one at the top above it, wholes before their parts."""
    parts = [part for each in hierarchy.values() for part in each]
    twice = sorted({part for part in parts if parts.count(part) > 1})
    if twice:
        raise InvalidInput(f"Series {twice[0]!r} is part of more than one whole.")
    waiting = [(whole, whole) for whole in hierarchy if whole not in parts]
    reached = 0
    while waiting:
        whole, top = waiting.pop(0)
        if whole in hierarchy:
            reached += 1
            waiting += [(part, top) for part in hierarchy[whole]]
            yield whole, top
    if reached < len(hierarchy):
        raise InvalidInput("A series is, by way of others, a part of itself.")


def _by_length(panel: Panel, whole: str, parts: Sequence[str]) -> tuple[list[str], list[str]]:
    """The parts with enough figures to be told apart, and those with too few."""
    counts = dict(zip(panel.series_ids, np.isfinite(panel.persons).sum(axis=1), strict=True))
    needed = fewest_periods(panel.frequency)
    known = [part for part in parts if counts.get(part, 0) >= needed]
    short = [part for part in parts if part not in {*known, rest_of(whole)}]
    return known, short


def _until_last_of(panel: Panel, top: str) -> Panel:
    """The panel up to the last figure of the whole at the top; empty if there is none."""
    if top not in panel.series_ids:
        return panel.select([])
    last = int(np.flatnonzero(np.isfinite(panel.select([top]).persons[0])).max(initial=-1))
    return replace(panel, periods=panel.periods[: last + 1], persons=panel.persons[:, : last + 1])


def _learn_split(
    panel: Panel, whole: str, known: Sequence[str], *, rest: bool, follow_whole: bool
) -> Split | None:
    """What the past teaches about one whole; None if that is too little."""
    needed = {*known, whole} if rest else set(known)
    if not known or not needed <= set(panel.series_ids):
        return None
    parts = (*known, rest_of(whole)) if rest else tuple(known)
    figures = with_rest(panel, whole, known) if rest else panel
    persons = figures.select(sorted(parts)).persons
    complete = np.flatnonzero(np.isfinite(persons).all(axis=0))
    if not len(complete):
        return None
    first, last = complete[0], complete[-1]
    try:
        shares = Shares.learn(
            persons[:, first : last + 1], frequency=panel.frequency, follow_whole=follow_whole
        )
    except InvalidInput:
        return None
    return Split(whole=whole, parts=parts, until=panel.periods[last], shares=shares)


def _periods_between(panel: Panel, first: np.datetime64, last: np.datetime64) -> int:
    """Periods from one to another [periods]."""
    return int((last - first).astype(int)) // panel.frequency.months
