# SPDX-License-Identifier: EUPL-1.2
"""Figures as a publisher's table states them, and taking in what of them is news.

A table states its whole past again at every edition. Only what differs from what stands, in value
or in status, becomes a new observation, known from the moment that the table names for itself.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from models.catalogue import SeriesDefinition, Status
from models.errors import Fault, InvalidFile, InvalidInput
from training.intake.neighbours import Confirmation, Figure, doubtful
from training.sources.reference.tables import period_end
from training.store import Store
from training.store.records import KnownBasis, Observation, canonical_json, sha256_of

__all__ = [
    "Published",
    "PublishedReport",
    "moment_stated",
    "observed",
    "persons_in",
    "take_published",
]

CLOCKS_DIFFER = timedelta(days=1)
"""A moment this far ahead is a difference between clocks or time zones; further is a mistake."""

TOO_MANY = 1e9
"""No table of ours counts as many [persons]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The figures of one edition of a table.

    Attributes:
        source: Publisher and table.
        known_at: When the edition was published, aware UTC.
        definitions: Catalogue entries of its series.
        observations: Its figures, one per series and period, each of a period that had ended.

    Raises:
        InvalidInput: the table states a figure twice, too early, or none at all.
    """

    source: str
    known_at: datetime
    definitions: tuple[SeriesDefinition, ...]
    observations: tuple[Observation, ...]

    def __post_init__(self) -> None:
        frequency = {entry.series_id: entry.frequency for entry in self.definitions}
        seen: set[tuple[str, date]] = set()
        for row in self.observations:
            if (row.series_id, row.period) in seen:
                raise InvalidInput(f"{self.source} states {row.series_id} {row.period} twice.")
            if period_end(row.period, frequency[row.series_id]) >= self.known_at.date():
                raise InvalidInput(
                    f"{self.source} of {self.known_at:%Y-%m-%d} states {row.series_id} "
                    f"{row.period}, which had not ended."
                )
            seen.add((row.series_id, row.period))
        if not seen:
            raise InvalidInput(f"{self.source} states no figure that is asked for.")

    @property
    def sha256(self) -> str:
        """Hash of the figures."""
        return sha256_of(canonical_json([asdict(row) for row in self.observations]))


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedReport:
    """What became of an edition.

    Attributes:
        source: Publisher and table.
        known_at: When the edition was published.
        accepted: First figures for their series and period.
        revised: Figures that differ from what stood.
        unchanged: Figures that stood already.
        until: Last period of it.
    """

    source: str
    known_at: datetime
    accepted: int
    revised: int
    unchanged: int
    until: date

    def __str__(self) -> str:
        return (
            f"{self.source} of {self.known_at:%Y-%m-%d}: {self.accepted} accepted, "
            f"{self.revised} revised, {self.unchanged} unchanged, 0 refused; "
            f"until {self.until}."
        )


def take_published(
    store: Store,
    source: str,
    read: Callable[[datetime], Published],
    *,
    confirmed: frozenset[Confirmation] = frozenset(),
) -> PublishedReport:
    """Read an edition and take in what of it is news; all of it, or nothing.

    Args:
        store: Where it goes; its clock says what time it is.
        source: Publisher and table.
        read: Reads the table, given what time it is.
        confirmed: Doubtful figures that a person has confirmed.

    Raises:
        SourceUnavailable: the publisher cannot be reached.
        InvalidInput: its answer cannot be trusted; nothing was taken, and the refusal was logged.
        Conflict: a series already means something else; nothing was taken.
    """
    try:
        published = read(store.clock())
        standing = _standing(store, published.definitions)
        _refuse_doubtful(published, standing=standing, confirmed=confirmed)
    except InvalidInput as refusal:
        faults = len(refusal.faults) if isinstance(refusal, InvalidFile) else 1
        store.intakes.log_refusal(source, faults=faults)
        raise
    news = [
        row
        for row in published.observations
        if standing[row.series_id].get(row.period) != (row.value, row.status)
    ]
    receipt = store.take_in(
        source, sha256=published.sha256, definitions=published.definitions, observations=news
    )
    return PublishedReport(
        source=source,
        known_at=published.known_at,
        accepted=receipt.accepted,
        revised=receipt.revised,
        unchanged=receipt.unchanged + len(published.observations) - len(news),
        until=max(row.period for row in published.observations),
    )


_Standing = Mapping[str, Mapping[date, tuple[float, Status]]]


def _standing(store: Store, definitions: Sequence[SeriesDefinition]) -> _Standing:
    """What stands now of these series: value and status by period."""
    known = {entry.series_id for entry in store.series.all()}
    names = [entry.series_id for entry in definitions if entry.series_id in known]
    found: dict[str, dict[date, tuple[float, Status]]] = defaultdict(dict)
    for row in store.observations.as_known_at(store.clock(), series_ids=names).observations:
        found[row.series_id][row.period] = (row.value, row.status)
    return found


def _refuse_doubtful(
    published: Published, *, standing: _Standing, confirmed: frozenset[Confirmation]
) -> None:
    figures: dict[str, list[Figure]] = defaultdict(list)
    for line, row in enumerate(published.observations, 1):
        figures[row.series_id].append(
            Figure(line=line, period=row.period, known_at=row.known_at, value=row.value)
        )
    faults = [
        Fault(reason=f"{entry.series_id} {figure.period} {reason}")
        for entry in published.definitions
        for figure, reason in doubtful(
            figures[entry.series_id],
            definition=entry,
            standing={period: value for period, (value, _) in standing[entry.series_id].items()},
            confirmed=confirmed,
        )
    ]
    if faults:
        raise InvalidFile(published.source, faults)


def moment_stated(text: object, *, source: str, now: datetime) -> datetime:
    """The moment that a table names for its edition, aware UTC and never in the future.

    A moment without a time zone is read as UTC. Dutch time is an hour or two earlier, so a figure
    never counts as known before it was.

    Raises:
        InvalidInput: it is no moment, or lies in the future.
    """
    try:
        moment = datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError as error:
        raise InvalidInput(f"{source} does not say when it was published.") from error
    moment = moment.replace(tzinfo=UTC) if moment.utcoffset() is None else moment.astimezone(UTC)
    if moment > now + CLOCKS_DIFFER:
        raise InvalidInput(
            f"{source} says that it was published in the future, on {moment:%Y-%m-%d}."
        )
    return min(moment, now)


def persons_in(cell: object, *, source: str, where: str) -> float | None:
    """A cell as a whole number of persons; None where it is empty.

    Raises:
        InvalidInput: it holds anything else.
    """
    if cell is None:
        return None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise InvalidInput(f"{source}, {where}: not a number.")
    if not 0 <= cell < TOO_MANY or cell != int(cell):
        raise InvalidInput(f"{source}, {where}: {cell!s:.20} is not a number of persons.")
    return float(cell)


def observed(
    series_id: str, period: date, value: float, *, known_at: datetime, status: Status, source: str
) -> Observation:
    """A figure of an edition; the publisher itself states when it became known."""
    return Observation(
        series_id=series_id,
        period=period,
        value=value,
        known_at=known_at,
        known_basis=KnownBasis.STATED,
        status=status,
        source=source,
    )
