# SPDX-License-Identifier: EUPL-1.2
"""Loading the reference figures: facts, estimates as they could have been made, and the nowcast."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from models.catalogue import SeriesDefinition, Status
from models.periods import last_day
from training.sources.reference.estimates import (
    FAMILY,
    FIRST,
    INPUTS,
    KINDS,
    REPEAT,
    TOTAL,
    estimate,
)
from training.sources.reference.known import known_at, month_number, month_start
from training.sources.reference.nowcast import WEEKLY, months_from_weeks
from training.sources.reference.tables import content_hash, definitions, facts, moment
from training.store.records import KnownBasis, Observation

__all__ = ["Reference", "estimates_by_vintage", "load_reference"]

SOURCES = {
    FIRST: "Getij estimate: quarters of Eurostat FRST along ASY_APP or CBS 83102NED",
    FAMILY: "Getij estimate: CBS quarters and published years along CBS 83102NED",
    REPEAT: "Getij estimate: Eurostat ASY_APP less FRST by quarter, published years after",
    TOTAL: "Getij estimate: sum of the kinds of inflow, bent to published years",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The reference figures.

    Attributes:
        definitions: The catalogue, by series.
        observations: Facts and estimates, by series, period and moment known.
        sha256: Hash of the files they come from.
    """

    definitions: tuple[SeriesDefinition, ...]
    observations: tuple[Observation, ...]
    sha256: str


def _vintages(inputs: Sequence[Observation]) -> Iterator[datetime]:
    """Last day of every quarter, from the first input to the last."""
    first, last = min(row.known_at for row in inputs), max(row.known_at for row in inputs)
    quarter = np.datetime64(f"{first.year}-{first.month - (first.month - 1) % 3:02d}", "M") + 2
    while True:
        yield (end := moment(last_day(quarter)))
        if end >= last:
            return
        quarter += 3


def estimates_by_vintage(printed: Iterable[Observation]) -> list[Observation]:
    """The months that were not printed, as they could be estimated at the end of each quarter.

    Each estimate uses only what was known on that day. A row is added only where the whole
    number of persons changed, so an estimate stands until a better one could be made, or
    until the month is printed.

    Args:
        printed: The facts.

    Returns:
        Estimates [persons], in the order in which they could be made.
    """
    inputs = [row for row in printed if row.series_id in INPUTS]
    standing: dict[tuple[str, int], int] = {}
    rows: list[Observation] = []
    for vintage in _vintages(inputs):
        known = known_at(vintage, inputs)
        for kind, months in estimate(known).items():
            for month, persons in months.items():
                if month in known.of(kind) or standing.get((kind, month)) == persons:
                    continue
                standing[kind, month] = persons
                rows.append(
                    Observation(
                        series_id=kind,
                        period=month_start(month),
                        value=float(persons),
                        known_at=vintage,
                        known_basis=KnownBasis.ASSUMED,
                        status=Status.ESTIMATED,
                        source=f"{SOURCES[kind]} (docs/methods.md)",
                    )
                )
    return rows


def load_reference() -> Reference:
    """Read the facts and make the estimates; the same files give the same figures."""
    catalogue = definitions()
    printed = facts(catalogue)
    estimated = estimates_by_vintage(printed)
    last = max(month_number(row.period) for row in estimated if row.series_id in KINDS)
    weeks = [row for row in printed if row.series_id == WEEKLY]
    nowcast = months_from_weeks(weeks, range(last + 1, last + 25))
    observations = sorted(
        [*printed, *estimated, *nowcast],
        key=lambda row: (row.series_id, row.period, row.known_at),
    )
    return Reference(definitions=catalogue, observations=tuple(observations), sha256=content_hash())
