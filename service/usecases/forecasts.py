# SPDX-License-Identifier: EUPL-1.2
"""Reading issued forecasts: which one, which months, which levels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from models.errors import NotFound
from models.periods import Frequency, Months
from models.planning.register.locations import ReceptionGroup
from models.types import Floats
from service.storage.desk import Desk
from training.store.forecasts import ForecastEntry, ForecastQuantiles, QuantileTable
from training.store.records import Composition

__all__ = [
    "DEFAULT_LEVELS",
    "Division",
    "Quantity",
    "SeriesQuantiles",
    "entries",
    "latest_entry",
    "minors_in_need",
    "model_ids",
    "select_quantiles",
    "total_need",
]

DEFAULT_LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Levels that are shown when nobody asks for others: the median and the 50, 80 and 95 % bands."""


class Quantity(StrEnum):
    """What a forecast is about."""

    INFLOW = "inflow"
    NEED = "need"
    SERVED = "served"
    """Persons who get through a bottleneck of the chain, such as decisions or homes."""
    WAITED = "waited"
    """How long those who got through had waited on average."""

    @property
    def unit(self) -> str:
        """What is counted."""
        units = {Quantity.SERVED: "persons/month", Quantity.WAITED: "months"}
        return units.get(self, "persons")


class Division(StrEnum):
    """By what the need is divided; the parts of each division add up to the whole."""

    STAGE = "stage"
    GROUP = "group"


_FLOWS = {"served": Quantity.SERVED, "waited": Quantity.WAITED}
_DIVISIONS = {division.value: division for division in Division}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeriesQuantiles:
    """The quantiles of one series of a forecast.

    Attributes:
        series_id: Name of the series.
        quantity: What it is about.
        frequency: Month or quarter.
        origin: Last known period.
        periods: Periods ahead, shape (periods,).
        horizons: How many periods after the origin each of them is, shape (periods,).
        levels: Which quantiles [-], shape (levels,).
        persons: Their values [unit of the quantity], to a tenth, shape (periods, levels).
        part_of: The series that it adds up to, with its sisters, in every path; None if none.
        divided_by: Which sisters those are, where the whole is divided in several ways.
    """

    series_id: str
    quantity: Quantity
    frequency: Frequency
    origin: np.datetime64
    periods: Months
    horizons: tuple[int, ...]
    levels: tuple[float, ...]
    persons: Floats
    part_of: str | None = None
    divided_by: Division | None = None


def latest_entry(desk: Desk, *, issued_before: datetime | None = None) -> ForecastEntry:
    """The forecast that was issued last, or last before a moment.

    Raises:
        NotFound: there is none.
    """
    entry = desk.store.forecasts.latest(issued_before=issued_before)
    if entry is None:
        raise NotFound("forecast", "latest")
    return entry


def entries(desk: Desk, *, issued_before: datetime | None = None) -> tuple[ForecastEntry, ...]:
    """Everything that was issued, the latest first."""
    everything = desk.store.forecasts.list_page(page_size=max(desk.store.forecasts.count(), 1))
    return tuple(
        entry for entry in everything if issued_before is None or entry.issued_at < issued_before
    )


def model_ids(desk: Desk) -> tuple[str, ...]:
    """Every model that a forecast was issued with, that of the latest first.

    After them those that came before the champion gate and never issued one, the newest first.
    """
    issued = [entry.artefact_id for entry in entries(desk)]
    trained = [record.challenger_id for record in desk.store.models.gate_records()]
    return tuple(dict.fromkeys([*issued, *reversed(trained)]))


def select_quantiles(
    forecast: ForecastQuantiles,
    *,
    series_ids: Sequence[str] | None = None,
    levels: Sequence[float] = DEFAULT_LEVELS,
    first: str | None = None,
    last: str | None = None,
) -> tuple[SeriesQuantiles, ...]:
    """The quantiles of the series, at the levels and in the months asked for.

    Args:
        forecast: An issued forecast.
        series_ids: Only these series; every series if not given.
        levels: Published levels [-], in any order.
        first: First month, YYYY-MM; from the beginning if not given.
        last: Last month, YYYY-MM; to the end if not given.

    Raises:
        NotFound: a series is not in the forecast.
    """
    rows = [
        (table, name, quantity)
        for table, quantity in _tables(forecast)
        for name in table.series_ids
    ]
    forecasted = {name for _, name, _ in rows}
    for name in series_ids or ():
        if name not in forecasted:
            raise NotFound("series in this forecast", name)
    return tuple(
        _of_series(
            table,
            name,
            _FLOWS.get(_kind(name), quantity),
            composition=forecast.entry.composition,
            levels=levels,
            first=first,
            last=last,
        )
        for table, name, quantity in rows
        if series_ids is None or name in series_ids
    )


def _tables(forecast: ForecastQuantiles) -> Iterator[tuple[QuantileTable, Quantity]]:
    yield forecast.inflow, Quantity.INFLOW
    yield forecast.need, Quantity.NEED
    if forecast.flows is not None:
        yield forecast.flows, Quantity.SERVED


def _kind(series_id: str) -> str:
    """The last word but one of a name: `stage` in `nl.need.stage.procedure`."""
    return series_id.split(".")[-2] if "." in series_id else ""


def _of_series(
    table: QuantileTable,
    series_id: str,
    quantity: Quantity,
    *,
    composition: Composition,
    levels: Sequence[float],
    first: str | None,
    last: str | None,
) -> SeriesQuantiles:
    periods = table.periods_of(series_id)
    wanted = np.ones(len(periods), dtype=bool)
    if first is not None:
        wanted &= periods >= np.datetime64(first, "M")
    if last is not None:
        wanted &= periods <= np.datetime64(last, "M")
    ordered = sorted(set(levels))
    columns = [int(np.argmin(np.abs(table.levels - level))) for level in ordered]
    whole_until = table.origins[table.series_ids.index(series_id)]
    # A part begins where its whole does, but may have been known for less long.
    origin = composition.origin_of(series_id, whole_until)
    ahead = (periods - origin).astype(int) // table.frequency.months
    division = _DIVISIONS.get(_kind(series_id)) if quantity is Quantity.NEED else None
    return SeriesQuantiles(
        series_id=series_id,
        quantity=quantity,
        frequency=table.frequency,
        origin=origin,
        periods=periods[wanted],
        horizons=tuple(ahead[wanted].tolist()),
        levels=tuple(float(table.levels[column]) for column in columns),
        # Rounded once, here, so that page, JSON and CSV show the same figure.
        persons=np.round(table.of(series_id)[wanted][:, columns], 1),
        part_of=table.series_ids[0] if division else composition.whole_of(series_id),
        divided_by=division,
    )


def total_need(desk: Desk, forecast_id: str) -> tuple[Floats, Months]:
    """The need for places as sampled paths: the whole, which stands before its parts.

    Returns:
        Need [persons], shape (paths, months), and the months, shape (months,).

    Raises:
        NotFound: the forecast was never issued.
    """
    need = desk.store.forecasts.get(forecast_id).need
    whole = need.series_ids[0]
    return need.of(whole), need.periods_of(whole)


def minors_in_need(desk: Desk, forecast_id: str) -> Floats | None:
    """The unaccompanied minors in the need, on the same paths as the whole.

    Returns:
        Persons, shape (paths, months); None where the forecast does not tell them apart.

    Raises:
        NotFound: the forecast was never issued.
    """
    need = desk.store.forecasts.get(forecast_id).need
    group = f".{Division.GROUP.value}.{ReceptionGroup.UNACCOMPANIED_MINORS.value}"
    apart = next((one for one in need.series_ids if one.endswith(group)), None)
    return None if apart is None else need.of(apart)
