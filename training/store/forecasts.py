# SPDX-License-Identifier: EUPL-1.2
"""Issued forecasts: a row that says what was issued when, and its paths as an artefact.

Every issue is a row of its own, so that going back to an earlier champion is an issue too. The
quantiles at the 23 levels lie beside the paths in a file of their own: reading them is cheap.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Engine, Row, func, insert, select

from models.errors import DamagedArtefact, NotFound
from models.inflow.regime import AlarmState, Direction, RegimeVerdict
from models.occupancy import FittedChain
from models.periods import Frequency, Months, month_range
from models.types import LEVELS, Floats, SamplePaths
from training.store.arrays import dump, load
from training.store.artefacts import Artefacts
from training.store.chain_files import CHAIN_FILES, chain_from_files, chain_to_files
from training.store.engine import reading, writing
from training.store.records import (
    ArtefactManifest,
    Composition,
    Coverage,
    IssuedForecast,
    Quality,
    QualityState,
    canonical_json,
)
from training.store.tables import forecasts

__all__ = ["ForecastEntry", "ForecastQuantiles", "Forecasts", "QuantileTable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastEntry:
    """What is said about an issued forecast, without its figures; fields as in IssuedForecast.

    `origins` holds the last known period of every series that is forecast.
    """

    forecast_id: str
    issued_at: datetime
    as_of: datetime
    snapshot_sha256: str
    artefact_id: str
    code_version: str
    seed: int
    data_until: Mapping[str, str]
    quality: Quality
    coverage: tuple[Coverage, ...]
    composition: Composition
    regime: RegimeVerdict | None
    origins: Mapping[str, np.datetime64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuantileTable:
    """Quantiles of several series.

    Attributes:
        series_ids: Name of each series.
        frequency: Month or quarter.
        origins: Last known period of each series, shape (series,).
        levels: Which quantiles [-], shape (levels,).
        persons: Their values [persons], shape (series, horizon, levels).
    """

    series_ids: tuple[str, ...]
    frequency: Frequency
    origins: Months
    levels: Floats
    persons: Floats

    def of(self, series_id: str) -> Floats:
        """The quantiles of one series [persons], shape (horizon, levels).

        Raises:
            NotFound: the series is not in the table.
        """
        values: Floats = self.persons[self._index(series_id)]
        return values

    def periods_of(self, series_id: str) -> Months:
        """The periods that the quantiles of one series run over, shape (horizon,)."""
        step = np.timedelta64(self.frequency.months, "M")
        first = self.origins[self._index(series_id)] + step
        return month_range(first, self.persons.shape[1], self.frequency)

    def _index(self, series_id: str) -> int:
        if series_id not in self.series_ids:
            raise NotFound("series", series_id)
        return self.series_ids.index(series_id)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForecastQuantiles:
    """The published quantiles of one forecast, at the 23 levels."""

    entry: ForecastEntry
    inflow: QuantileTable
    need: QuantileTable
    flows: QuantileTable | None = None


class Forecasts:
    """Issues forecasts, and gives them back."""

    def __init__(self, engine: Engine, *, artefacts: Artefacts) -> None:
        self._engine = engine
        self._artefacts = artefacts

    def issue(self, forecast: IssuedForecast) -> str:
        """Issue a forecast; issuing the latest one again changes nothing.

        Returns:
            The forecast's id.
        """
        facts = _facts_of(forecast)
        paths_id = self._artefacts.write(_manifest_of(forecast, facts), files=_files_of(forecast))
        row = {
            "forecast_id": forecast.forecast_id,
            "issued_at": forecast.issued_at,
            "as_of": forecast.as_of,
            "paths_id": paths_id,
            "manifest": canonical_json(facts),
        }
        last = select(forecasts.c.forecast_id).order_by(forecasts.c.seq.desc()).limit(1)
        with writing(self._engine) as connection:
            if connection.scalar(last) != forecast.forecast_id:
                connection.execute(insert(forecasts), row)
        return forecast.forecast_id

    def latest(self, *, issued_before: datetime | None = None) -> ForecastEntry | None:
        """The forecast issued last, or last before a moment; None if there is none."""
        query = select(forecasts).order_by(forecasts.c.seq.desc()).limit(1)
        if issued_before is not None:
            query = query.where(forecasts.c.issued_at < issued_before)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _entry_of(row)

    def list_page(self, *, page: int = 1, page_size: int = 20) -> tuple[ForecastEntry, ...]:
        """One page of all issues, the last issued first."""
        query = (
            select(forecasts)
            .order_by(forecasts.c.seq.desc())
            .limit(page_size)
            .offset((page - 1) * page_size)
        )
        with reading(self._engine) as connection:
            return tuple(_entry_of(row) for row in connection.execute(query))

    def ever(self) -> tuple[ForecastEntry, ...]:
        """Every forecast as it was first issued, the oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(forecasts).order_by(forecasts.c.seq)).all()
        found: dict[str, ForecastEntry] = {}
        for row in rows:
            if row.forecast_id not in found:
                found[row.forecast_id] = _entry_of(row)
        return tuple(found.values())

    def count(self) -> int:
        """How often a forecast was issued."""
        with reading(self._engine) as connection:
            return int(connection.scalar(select(func.count()).select_from(forecasts)) or 0)

    def entry(self, forecast_id: str) -> ForecastEntry:
        """What was said about a forecast when it was first issued.

        Raises:
            NotFound: it was never issued.
        """
        return _entry_of(self._row(forecast_id))

    def quantiles(self, forecast_id: str) -> ForecastQuantiles:
        """The published quantiles, without loading the paths.

        Raises:
            NotFound: it was never issued.
            DamagedArtefact: the stored figures no longer match their hash.
        """
        row = self._row(forecast_id)
        facts = json.loads(row.manifest)
        arrays = load(self._artefacts.file(row.paths_id, "quantiles.npz"))
        tables = {
            part: QuantileTable(**_axes(facts[part]), levels=arrays["levels"], persons=arrays[part])
            for part in ("inflow", "need", "flows")
            if facts.get(part) is not None
        }
        return ForecastQuantiles(entry=_entry_of(row), **tables)

    def get(self, forecast_id: str) -> IssuedForecast:
        """The whole forecast with its paths, as first issued.

        Raises:
            NotFound: it was never issued.
            DamagedArtefact: the stored paths no longer match their hash.
        """
        row = self._row(forecast_id)
        facts = json.loads(row.manifest)
        arrays = load(self._artefacts.file(row.paths_id, "paths.npz"))
        entry = _entry_of(row)
        forecast = IssuedForecast(
            issued_at=entry.issued_at,
            as_of=entry.as_of,
            snapshot_sha256=entry.snapshot_sha256,
            artefact_id=entry.artefact_id,
            code_version=entry.code_version,
            seed=entry.seed,
            data_until=entry.data_until,
            quality=entry.quality,
            coverage=entry.coverage,
            inflow=SamplePaths(**_axes(facts["inflow"]), persons=arrays["inflow"]),
            need=SamplePaths(**_axes(facts["need"]), persons=arrays["need"]),
            composition=entry.composition,
            regime=entry.regime,
            flows=_flows_of(facts, arrays),
            chain=self._chain(row.paths_id),
        )
        if forecast.forecast_id != forecast_id:
            raise DamagedArtefact(forecast_id)
        return forecast

    def chain(self, forecast_id: str) -> FittedChain | None:
        """The chain that the need was drawn from, without loading the paths.

        Returns:
            The chain; None for a forecast from before there was one.

        Raises:
            NotFound: it was never issued.
            DamagedArtefact: the stored chain no longer matches its hash.
        """
        return self._chain(self._row(forecast_id).paths_id)

    def _chain(self, paths_id: str) -> FittedChain | None:
        if not self._artefacts.manifest(paths_id).files.keys() >= CHAIN_FILES:
            return None
        return chain_from_files(
            {name: self._artefacts.file(paths_id, name) for name in CHAIN_FILES}
        )

    def _row(self, forecast_id: str) -> Row[*tuple[Any, ...]]:
        query = (
            select(forecasts)
            .where(forecasts.c.forecast_id == forecast_id)
            .order_by(forecasts.c.seq)
            .limit(1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("forecast", forecast_id)
        return row


def _facts_of(forecast: IssuedForecast) -> dict[str, Any]:
    return {
        "snapshot_sha256": forecast.snapshot_sha256,
        "artefact_id": forecast.artefact_id,
        "code_version": forecast.code_version,
        "seed": forecast.seed,
        "data_until": dict(forecast.data_until),
        "quality": asdict(forecast.quality),
        "coverage": [asdict(row) for row in forecast.coverage],
        "inflow": _axes_of(forecast.inflow),
        "need": _axes_of(forecast.need),
        "composition": asdict(forecast.composition),
        "regime": None if forecast.regime is None else asdict(forecast.regime),
        "flows": None if forecast.flows is None else _axes_of(forecast.flows),
    }


def _axes_of(paths: SamplePaths) -> dict[str, Any]:
    return {
        "series_ids": list(paths.series_ids),
        "frequency": paths.frequency.value,
        "origins": [str(month) for month in paths.origins],
    }


def _axes(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "series_ids": tuple(facts["series_ids"]),
        "frequency": Frequency(facts["frequency"]),
        "origins": np.array(facts["origins"], dtype="datetime64[M]"),
    }


def _manifest_of(forecast: IssuedForecast, facts: Mapping[str, Any]) -> ArtefactManifest:
    return ArtefactManifest(
        kind="issued-forecast",
        snapshot_sha256=forecast.snapshot_sha256,
        code_version=forecast.code_version,
        seed=forecast.seed,
        data_until=dict(forecast.data_until),
        parameters={"forecast_id": forecast.forecast_id, **facts},
        scores={},
    )


def _files_of(forecast: IssuedForecast) -> dict[str, bytes]:
    parts = {"inflow": forecast.inflow, "need": forecast.need}
    if forecast.flows is not None:
        parts["flows"] = forecast.flows
    paths = {name: part.persons for name, part in parts.items()}
    quantiles = {name: part.quantiles() for name, part in parts.items()}
    return {
        "paths.npz": dump(**paths),
        "quantiles.npz": dump(levels=LEVELS, **quantiles),
        **({} if forecast.chain is None else chain_to_files(forecast.chain)),
    }


def _flows_of(facts: Mapping[str, Any], arrays: Mapping[str, Floats]) -> SamplePaths | None:
    axes = facts.get("flows")
    return None if axes is None else SamplePaths(**_axes(axes), persons=arrays["flows"])


def _entry_of(row: Row[*tuple[Any, ...]]) -> ForecastEntry:
    facts = json.loads(row.manifest)
    quality = facts["quality"]
    return ForecastEntry(
        forecast_id=row.forecast_id,
        issued_at=row.issued_at,
        as_of=row.as_of,
        snapshot_sha256=facts["snapshot_sha256"],
        artefact_id=facts["artefact_id"],
        code_version=facts["code_version"],
        seed=facts["seed"],
        data_until=facts["data_until"],
        quality=Quality(state=QualityState(quality["state"]), reasons=tuple(quality["reasons"])),
        coverage=tuple(Coverage(**part) for part in facts["coverage"]),
        composition=_composition_of(facts.get("composition", {})),
        regime=_regime_of(facts.get("regime")),
        origins={
            series_id: np.datetime64(origin, "M")
            for part in ("inflow", "need")
            for series_id, origin in zip(
                facts[part]["series_ids"], facts[part]["origins"], strict=True
            )
        },
    )


def _regime_of(facts: Mapping[str, Any] | None) -> RegimeVerdict | None:
    if facts is None:  # nobody asked the alarm, or it did not exist yet
        return None
    direction = facts["direction"]
    return RegimeVerdict(
        state=AlarmState(facts["state"]),
        direction=None if direction is None else Direction(direction),
        since=facts["since"],
        rang=facts["rang"],
        once_in_years=facts["once_in_years"],
    )


def _composition_of(facts: Mapping[str, Any]) -> Composition:
    """From the facts of a forecast; one issued before components were forecast has none."""
    return Composition(
        parts={whole: tuple(parts) for whole, parts in facts.get("parts", {}).items()},
        until=facts.get("until", {}),
        left_out=tuple(facts.get("left_out", ())),
    )
