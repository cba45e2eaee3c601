# SPDX-License-Identifier: EUPL-1.2
"""Bringing a file into the store: all of it, or, with the reasons, nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import InvalidFile
from training.intake.catalogue_file import read_catalogue_csv
from training.intake.neighbours import Confirmation
from training.intake.observations_file import read_observations_csv
from training.intake.table import USUAL_LIMITS, Limits
from training.store import Store
from training.store.records import Snapshot

__all__ = ["IntakeReport", "ingest_csv"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeReport:
    """What became of a file that was taken.

    Attributes:
        file: What it is called.
        sha256: Hash of its bytes.
        defined: Series that are new in the catalogue.
        accepted: First figures for their series and period.
        revised: Corrections of figures that stood.
        unchanged: Figures that stood already.
        ignored_columns: Columns that were not read.
    """

    file: str
    sha256: str
    defined: int
    accepted: int
    revised: int
    unchanged: int
    ignored_columns: tuple[str, ...]

    def __str__(self) -> str:
        sentence = (
            f"{self.file}: {self.accepted} accepted, {self.revised} revised, "
            f"{self.unchanged} unchanged, 0 refused"
        )
        if self.defined:
            sentence += f"; {self.defined} new series"
        if self.ignored_columns:
            sentence += f"; columns not read: {', '.join(self.ignored_columns)}"
        return f"{sentence}."


def ingest_csv(
    store: Store,
    path: Path,
    *,
    catalogue_file: Path | None = None,
    confirmed: frozenset[Confirmation] = frozenset(),
    source: str = "",
    limits: Limits = USUAL_LIMITS,
) -> IntakeReport:
    """Check a file of figures and take it into the store, in one transaction.

    Args:
        store: Where it goes; its clock says what time it is.
        path: The figures.
        catalogue_file: Definitions of series that the catalogue does not have yet.
        confirmed: Doubtful figures that a person has confirmed.
        source: Where figures come from that do not say so themselves; else the file name.
        limits: How much a file may hold.

    Raises:
        InvalidFile: with all faults of the file; nothing was taken, and the refusal was logged.
        Conflict: a series already means something else; nothing was taken.
    """
    definitions = (
        () if catalogue_file is None else read_catalogue_csv(catalogue_file, limits=limits)
    )
    before = {entry.series_id: entry for entry in store.series.all()}
    now = store.clock()

    def standing(series_ids: Sequence[str]) -> Snapshot:
        known = [name for name in series_ids if name in before]
        return store.observations.as_known_at(now, series_ids=known)

    try:
        intake = read_observations_csv(
            path,
            catalogue={**{entry.series_id: entry for entry in definitions}, **before},
            standing=standing,
            now=now,
            confirmed=confirmed,
            source=source,
            limits=limits,
        )
    except InvalidFile as refusal:
        store.intakes.log_refusal(path.name, faults=len(refusal.faults))
        raise
    receipt = store.take_in(
        intake.file,
        sha256=intake.sha256,
        definitions=definitions,
        observations=intake.observations,
    )
    return IntakeReport(
        file=intake.file,
        sha256=intake.sha256,
        defined=sum(entry.series_id not in before for entry in definitions),
        accepted=receipt.accepted,
        revised=receipt.revised,
        unchanged=receipt.unchanged + intake.unchanged,
        ignored_columns=intake.ignored_columns,
    )
