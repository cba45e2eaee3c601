# SPDX-License-Identifier: EUPL-1.2
"""Persons by months spent: growing older, leaving by a hazard, being served in order of arrival.

A month touches few of the cohorts. Growing older moves a window on the buffer; a hazard that is the
same for everyone is kept as one factor that stands for all; service starts where it stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.types import Floats

__all__ = ["Cohorts", "Segment", "Taken"]

Segment = tuple[int, Floats | float]
"""Months spent from which a hazard holds, and that hazard [1/month]."""

_SLOWEST = 1e-9
"""Below this hazard nobody leaves in a lifetime [1/month]."""

_FEWEST_KEPT = 1e-30
"""Share that stays in a month however high the hazard, so that factors can be divided by [-]."""

_FEWEST = 1e-30
"""Fewer than this are nobody [persons]."""

_SMALLEST_FACTOR = 1e-100
"""Below this a factor is applied to the persons and starts again from one [-]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taken:
    """Who were taken from the front of a queue.

    Attributes:
        persons: By compartment of the queue [persons], each of shape (paths,).
        waited: Months that they had spent, all together [persons·months], shape (paths,).
    """

    persons: list[Floats]
    waited: Floats


class Cohorts:
    """How many persons have spent how many months where.

    Args:
        persons: At the start [persons], shape (compartments, months_tracked, paths).
        months: How many months can be walked.
    """

    def __init__(self, persons: Floats, *, months: int) -> None:
        compartments, self._tracked, self._paths = persons.shape
        self._begin = months
        self._buffer = np.zeros((compartments, self._tracked + months, self._paths))
        self._buffer[:, months:] = persons
        # Rows from one month on are still to be multiplied by this.
        self._factor = np.ones((compartments, self._paths))
        # What follows from the buffer is made when the first month begins.
        self._older = np.zeros((compartments, self._paths))
        self._fronts: dict[tuple[int, ...], NDArray[np.intp]] = {}
        self._seen = True

    @property
    def now(self) -> Floats:
        """Persons by compartment and months spent; what is written here this month is kept."""
        self._settle(slice(None))
        self._seen = True
        return self._window

    @property
    def persons(self) -> Floats:
        """Everybody by compartment [persons], shape (compartments, paths)."""
        if self._seen:
            together: Floats = self._window.sum(axis=1)
            return together
        return self._older + self._window[:, 0]

    def grow_older(self) -> None:
        """Make everyone a month older; who has been there longest stays among the longest."""
        if self._seen:
            # Somebody may have written: count again.
            self._older = self._window[:, 1:].sum(axis=1)
            self._fronts.clear()
            self._seen = False
        for row in np.flatnonzero(self._factor.min(axis=1) < _SMALLEST_FACTOR):
            self._settle(int(row))
        newest = self._window[:, 0]
        self._older += newest
        newest /= self._factor
        fallen_off = self._window[:, -1]
        self._begin -= 1
        self._window[:, -1] += fallen_off

    def enter(self, row: int, persons: Floats) -> None:
        """Let persons begin in a compartment."""
        self._window[row, 0] += persons

    def leave(self, row: int, hazards: Sequence[Segment]) -> Floats:
        """Let those go who leave a compartment by its hazard.

        Args:
            row: The compartment.
            hazards: By months spent, in rising order, the first from 0.

        Returns:
            Who left [persons], shape (paths,).
        """
        newest, older = self._window[row, 0], self._older[row]
        rates = [np.maximum(hazard, _SLOWEST) for _, hazard in hazards]
        shares = [-np.expm1(-rate) for rate in rates]
        # Those who came in the course of the month were there for a part of it.
        left: Floats = newest * (1 - shares[0] / rates[0])
        newest -= left
        kept = np.maximum(1 - shares[-1], _FEWEST_KEPT)
        stayed: Floats | float = 0.0
        for (start, _), (end, _), share in zip(hazards, hazards[1:], shares, strict=False):
            early = self._window[row, max(start, 1) : end]
            persons = np.minimum(early.sum(axis=0) * self._factor[row], older)
            early *= (1 - share) / kept
            older -= persons
            left += persons * share
            stayed = stayed + persons * (1 - share)
        left += older
        older *= kept
        left -= older
        older += stayed
        self._factor[row] *= kept
        return left

    def waiting(self, rows: Sequence[int], *, after: Sequence[int]) -> Floats:
        """Persons of some compartments who have spent `after` months there, shape (paths,)."""
        together: Floats = self._older[list(rows)].sum(axis=0)
        for row, months in zip(rows, after, strict=True):
            if months == 0:
                together += self._window[row, 0]
            elif months > 1:
                early = self._window[row, 1:months].sum(axis=0) * self._factor[row]
                together -= np.minimum(early, together)
        return together

    def serve(self, rows: Sequence[int], persons: Floats, *, after: Sequence[int]) -> Taken:
        """Take persons out of some compartments, those first who have been there longest.

        Args:
            rows: The compartments that make up the queue.
            persons: How many are taken, not more than are waiting [persons], shape (paths,).
            after: By compartment, months spent before one may be taken [months].
        """
        left = persons.copy()
        taken = Taken(persons=[np.zeros(self._paths) for _ in rows], waited=np.zeros(self._paths))
        latest = max(*after, 1)
        self._serve_front(rows, left, taken, youngest=latest)
        for months in range(latest - 1, min(after) - 1, -1):
            self._serve_cohort(rows, left, taken, after=after, months=months)
        return taken

    def _serve_front(
        self, rows: Sequence[int], left: Floats, taken: Taken, *, youngest: int
    ) -> None:
        """Serve cohort after cohort, each path from where its queue begins."""
        front = self._front(tuple(rows), youngest=youngest)
        buffers = [self._buffer[row].reshape(-1) for row in rows]
        every = np.arange(self._paths)
        some: NDArray[np.intp] | slice = slice(None)
        while True:
            at, wanted = front[some], left[some]
            cells = at * self._paths + every[some]
            stored = [buffer[cells] for buffer in buffers]
            persons = [
                before * self._factor[row][some] for row, before in zip(rows, stored, strict=True)
            ]
            queue = sum(persons[1:], start=persons[0])
            share = np.minimum(wanted / np.maximum(queue, _FEWEST), 1.0)
            stay = 1 - share
            more = (wanted > queue) & (at > self._begin + youngest)
            taken.waited[some] += (at - (self._begin - 0.5)) * queue * share
            left[some] = np.maximum(wanted - queue, 0.0)
            for place, buffer in enumerate(buffers):
                buffer[cells] = stored[place] * stay
                taken.persons[place][some] += persons[place] * share
            front[some] -= more
            again = np.count_nonzero(more)
            if not again:
                break
            if 2 * again < len(more):
                # Only a few have served all of this cohort: go on with these alone.
                some = every[some][more]
        for row, gone in zip(rows, taken.persons, strict=True):
            self._older[row] = np.maximum(self._older[row] - gone, 0.0)

    def _serve_cohort(
        self, rows: Sequence[int], left: Floats, taken: Taken, *, after: Sequence[int], months: int
    ) -> None:
        """Serve one cohort, of which not every compartment of the queue may be served."""
        places = [place for place, first in enumerate(after) if first <= months]
        factors = {place: self._factor[rows[place]] if months else 1.0 for place in places}
        stored = {place: self._window[rows[place], months] for place in places}
        queue = np.sum([stored[place] * factors[place] for place in places], axis=0)
        share = np.minimum(left / np.maximum(queue, _FEWEST), 1.0)
        for place in places:
            gone = stored[place] * factors[place] * share
            stored[place] *= 1 - share
            taken.persons[place] += gone
            if months > 0:
                self._older[rows[place]] = np.maximum(self._older[rows[place]] - gone, 0.0)
        taken.waited[:] += (months + 0.5) * queue * share
        left[:] = np.maximum(left - queue, 0.0)

    def _front(self, rows: tuple[int, ...], *, youngest: int) -> NDArray[np.intp]:
        """Row of the buffer with those who have waited longest, by path."""
        last = self._begin + self._tracked - 1
        front = self._fronts.get(rows)
        if front is None:
            anybody = self._window[list(rows), ::-1].any(axis=0)
            front = last - np.argmax(anybody, axis=0)
        front = np.clip(front, self._begin + youngest, last)
        self._fronts[rows] = front
        return front

    @property
    def _window(self) -> Floats:
        window: Floats = self._buffer[:, self._begin : self._begin + self._tracked]
        return window

    def _settle(self, rows: int | slice) -> None:
        """Apply the factors to the persons they stand for."""
        self._window[rows, 1:] *= self._factor[rows, None]
        self._factor[rows] = 1.0
