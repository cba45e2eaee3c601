# SPDX-License-Identifier: EUPL-1.2
"""What lies on the shelf: observations, snapshots, artefacts and issued forecasts."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import numpy as np

from models.catalogue import SeriesDefinition, Status
from models.errors import InvalidInput, NotFound
from models.inflow.regime import RegimeVerdict
from models.occupancy import FittedChain
from models.periods import Frequency, month_of, month_range
from models.types import Panel, SamplePaths

__all__ = [
    "ArtefactManifest",
    "Composition",
    "Coverage",
    "IssuedForecast",
    "KnownBasis",
    "Observation",
    "Quality",
    "QualityState",
    "Snapshot",
    "canonical_json",
    "sha256_of",
]


def canonical_json(value: Any) -> str:
    """One spelling per value, so that equal contents have equal hashes."""
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        default=str,
        allow_nan=False,
    )


def sha256_of(content: bytes | str) -> str:
    """The address of some content, 64 hexadecimal digits."""
    data = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()


class KnownBasis(StrEnum):
    """Why we say that a figure was known from `known_at` on."""

    STATED = "stated"
    """The publisher's own date of publication."""
    ASSUMED = "assumed"
    """No date was published; taken as known once the period had ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One figure, with when it became known. A correction is a new observation.

    Attributes:
        series_id: Entry of the catalogue.
        period: First day of the month or quarter, or the day itself for a dated point.
        value: In the unit of the series.
        known_at: From when on it was known, aware UTC.
        known_basis: Whether that moment was published or assumed.
        status: Observed, provisional, estimated or rounded.
        source: Publisher and table or address.
    """

    series_id: str
    period: date
    value: float
    known_at: datetime
    known_basis: KnownBasis
    status: Status
    source: str

    def __post_init__(self) -> None:
        if self.known_at.utcoffset() is None:
            raise InvalidInput(f"{self.series_id} {self.period}: known_at needs a time zone.")
        if not np.isfinite(self.value) or self.value < 0:
            raise InvalidInput(f"{self.series_id} {self.period}: {self.value} is not a count.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was known at one moment: one value per series and period, frozen and hashed.

    Attributes:
        known_at: The moment, aware UTC.
        definitions: Catalogue entries of the series in it.
        observations: The last value known then, ordered by series and period.
    """

    known_at: datetime
    definitions: tuple[SeriesDefinition, ...]
    observations: tuple[Observation, ...]

    @property
    def sha256(self) -> str:
        """Hash of the figures; two snapshots with the same figures have the same hash."""
        return sha256_of(
            canonical_json(
                [
                    (
                        row.series_id,
                        row.period.isoformat(),
                        row.value,
                        row.known_at.isoformat(),
                        row.known_basis,
                        row.status,
                        row.source,
                    )
                    for row in self.observations
                ]
            )
        )

    def of(self, series_id: str) -> tuple[Observation, ...]:
        """The observations of one series, by period; empty if nothing is known."""
        return tuple(row for row in self.observations if row.series_id == series_id)

    def panel(self, series_ids: Sequence[str]) -> Panel:
        """The named monthly or quarterly series as one panel.

        Raises:
            NotFound: a series is not in the snapshot.
            InvalidInput: the series differ in frequency, or are dated.
        """
        by_id = {entry.series_id: entry for entry in self.definitions}
        for series_id in series_ids:
            if series_id not in by_id or not self.of(series_id):
                raise NotFound("series", series_id)
        frequencies = {by_id[series_id].frequency for series_id in series_ids}
        if len(frequencies) != 1 or Frequency.DATED in frequencies:
            raise InvalidInput("A panel needs series of one frequency, month or quarter.")
        (frequency,) = frequencies
        rows = {series_id: self.of(series_id) for series_id in series_ids}
        months = [month_of(row.period) for part in rows.values() for row in part]
        span = int((max(months) - min(months)).astype(int)) // frequency.months + 1
        periods = month_range(min(months), span, frequency)
        persons = np.full((len(series_ids), span), np.nan)
        for index, series_id in enumerate(series_ids):
            for row in rows[series_id]:
                offset = int((month_of(row.period) - periods[0]).astype(int)) // frequency.months
                persons[index, offset] = row.value
        return Panel(
            series_ids=tuple(series_ids), frequency=frequency, periods=periods, persons=persons
        )


class QualityState(StrEnum):
    """How far a forecast may be relied on."""

    OK = "ok"
    DEGRADED = "degraded"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How far a forecast may be relied on, and why.

    Attributes:
        state: ok, degraded or fallback.
        reasons: Codes such as `data_old`, translated where people read them.
    """

    state: QualityState
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How often an interval held in the backtest.

    Attributes:
        series_id: Which series.
        horizon: Up to how many months ahead.
        nominal: What the interval promises [-].
        measured: What it held [-].
        count: On how many outcomes.
    """

    series_id: str
    horizon: int
    nominal: float
    measured: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtefactManifest:
    """What a training run leaves behind, beside its files.

    Attributes:
        kind: What the artefact is, for instance `inflow-ensemble`.
        snapshot_sha256: Hash of the data it learned from.
        code_version: Version of Getij.
        seed: Seed of the run.
        data_until: Last period per series, ISO dates.
        parameters: Everything that was set or learned and is not a file.
        scores: Backtest scores, by member and measure.
        files: File name to SHA-256 of its bytes.
    """

    kind: str
    snapshot_sha256: str
    code_version: str
    seed: int
    data_until: Mapping[str, str]
    parameters: Mapping[str, Any]
    scores: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def artefact_id(self) -> str:
        """Its address: the hash of everything above."""
        return sha256_of(canonical_json(asdict(self)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """Which series of a forecast are parts of which, and add up to it in every path.

    Attributes:
        parts: The parts of each whole, by name.
        until: Last month in which a part was known, YYYY-MM, by name; the months up to where
            its whole begins were walked through.
        left_out: Series of which too little is known to forecast them.
    """

    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    until: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def origin_of(self, series_id: str, whole: np.datetime64) -> np.datetime64:
        """The last month in which a series was known, when its whole was known until `whole`."""
        until = self.until.get(series_id)
        return whole if until is None else np.datetime64(until, "M")

    def whole_of(self, series_id: str) -> str | None:
        """The whole that a series is a part of; None if it is none."""
        wholes = (whole for whole, parts in self.parts.items() if series_id in parts)
        return next(wholes, None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IssuedForecast:
    """One run that was issued: inflow and need as sampled futures, and where they came from.

    Attributes:
        issued_at: When, aware UTC; not part of the identity.
        as_of: The data known at this moment were used, aware UTC; not part of the identity.
        snapshot_sha256: Hash of those data.
        artefact_id: Model artefact that made it.
        code_version: Version of Getij.
        seed: Seed of the paths.
        data_until: Last figure per input series, ISO dates.
        quality: ok, degraded or fallback, with reasons.
        coverage: As measured in backtests, never as promised.
        inflow: Paths of the inflow series, by month.
        need: Paths of the need for places (persons entitled to reception), by month.
        composition: Which series of the inflow are parts of which.
        regime: What the regime alarm says of the total inflow; None if it was not asked.
        flows: Paths of what goes through each bottleneck: persons served [persons/month] and
            how long they waited [months]; None where the chain has no bottleneck.
        chain: The fitted chain that the need was drawn from; None for a forecast from before
            there was one.
    """

    issued_at: datetime
    as_of: datetime
    snapshot_sha256: str
    artefact_id: str
    code_version: str
    seed: int
    data_until: Mapping[str, str]
    quality: Quality
    coverage: tuple[Coverage, ...]
    inflow: SamplePaths
    need: SamplePaths
    composition: Composition = Composition()
    regime: RegimeVerdict | None = None
    flows: SamplePaths | None = None
    chain: FittedChain | None = None

    @property
    def forecast_id(self) -> str:
        """Its address: the same seed, data and model give the same id in every process."""
        facts = {
            "snapshot": self.snapshot_sha256,
            "artefact": self.artefact_id,
            "code": self.code_version,
            "seed": self.seed,
            "inflow": sha256_of(np.ascontiguousarray(self.inflow.persons).tobytes()),
            "need": sha256_of(np.ascontiguousarray(self.need.persons).tobytes()),
        }
        return sha256_of(canonical_json(facts))[:24]
