# SPDX-License-Identifier: EUPL-1.2
"""From a forecast, an advice, a plan and a register to what the page shows."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from models.catalogue import Measure, PlaceKind, SeriesDefinition
from models.drift import LiveQuality
from models.errors import NotFound
from models.periods import Frequency, Months, first_day, last_day, month_of
from models.planning.buffer.advice import BufferAdvice
from models.planning.buffer.option import OptionBasis, buffer_option
from models.planning.buffer.sizing import Sizing
from models.planning.register.locations import Location, parse_month
from models.types import Floats, SamplePaths
from service.usecases.advices import BufferDocument, PlanDocument
from service.usecases.outlook_content import Outlook
from service.usecases.overview import register_totals
from service.web.components import present_components
from service.web.dual_use_view import join_dual_use
from service.web.inside import present_inside
from service.web.official import present_official
from service.web.plan_view import join_plan
from service.web.view import (
    Band,
    Buffer,
    Capacity,
    Fan,
    Figure,
    HalfYear,
    Page,
    Source,
)
from training.store.official_forecasts import OfficialForecast
from training.store.records import IssuedForecast, Observation, Quality, Snapshot

__all__ = ["present"]

BANDS = ((0.95, 0.025, 0.975), (0.80, 0.10, 0.90), (0.50, 0.25, 0.75))
"""Share, lower and upper level of each band, the widest first."""

HALF_YEARS_SHOWN = 4


def present(
    forecast: IssuedForecast,
    *,
    quality: Quality,
    in_service: tuple[LiveQuality, ...],
    snapshot: Snapshot,
    official: Sequence[OfficialForecast],
    register: Sequence[Location],
    planned: Sequence[Location],
    buffer: BufferDocument | None,
    plan: PlanDocument | None,
    norm: float,
    outlook: Outlook | None = None,
) -> Page:
    """What the page shows of a forecast, and of the advice that was made from it.

    Args:
        forecast: The forecast with its paths.
        quality: How far it may be relied on today.
        in_service: How this forecast and earlier ones did since they were issued.
        snapshot: The figures it was made from, shown as the past.
        official: What the ministry had published when it was made.
        register: Locations as they are now.
        planned: Locations as they were when the plan was made.
        buffer: Buffer advice on this forecast, if it has been made.
        plan: Location plan on this forecast, if it has been made.
        norm: Share of the places that may be occupied, where no advice says so [-].
        outlook: Made of this forecast; None leaves out why people are inside.

    Raises:
        NotFound: a figure of the past is missing.
    """
    norm = buffer.advice.occupancy_norm if buffer else norm
    inflow_series = forecast.inflow.series_ids[0]
    whole = forecast.need.series_ids[0]  # its parts stand after it
    need = forecast.need.of(whole)
    days = _days(forecast.need, whole)
    totals = register_totals(register)
    observed_need = _dated_points(snapshot)
    observed_inflow = _monthly_points(snapshot, inflow_series)
    return Page(
        issued_at=forecast.issued_at,
        forecast_id=forecast.forecast_id,
        inflow_until=observed_inflow[-1].day,
        need_until=observed_need[-1].day,
        quality=quality,
        coverage=forecast.coverage,
        in_service=in_service,
        regime=forecast.regime,
        need_series=forecast.need.series_ids,
        need=_fan(need, days),
        futures=len(need),
        observed_need=observed_need,
        half_years=_half_years(
            need, days=days, after=forecast.issued_at.date(), places=totals.open, norm=norm
        ),
        outlook=outlook,
        inside=present_inside(forecast, snapshot=snapshot, outlook=outlook) if outlook else None,
        inflow=_fan(forecast.inflow.of(inflow_series), _days(forecast.inflow, inflow_series)),
        observed_inflow=observed_inflow,
        components=present_components(forecast, snapshot=snapshot, total=inflow_series),
        official=present_official(forecast, snapshot=snapshot, official=official),
        capacity=Capacity(
            regular=totals.regular,
            emergency=totals.emergency,
            day=_capacity_day(snapshot),
        ),
        norm=norm,
        buffer=_buffer(
            buffer.advice,
            need,
            periods=forecast.need.periods_of(whole),
            places=totals.open,
        )
        if buffer
        else None,
        plan=join_plan(plan, planned) if plan else None,
        dual_use=join_dual_use(plan.plan, planned) if plan else None,
        sources=_sources(snapshot, forecast.data_until),
    )


def _days(paths: SamplePaths, series_id: str) -> tuple[date, ...]:
    return tuple(last_day(month) for month in paths.periods_of(series_id))


def _fan(paths: Floats, days: tuple[date, ...]) -> Fan:
    def at(level: float) -> tuple[float, ...]:
        # To a tenth, as the API publishes them: who compares the two finds the same figure.
        return tuple(np.round(np.quantile(paths, level, axis=0), 1).tolist())

    bands = tuple(Band(share=share, low=at(low), high=at(high)) for share, low, high in BANDS)
    return Fan(days=days, median=at(0.5), bands=bands)


def _half_years(
    need: Floats, *, days: Sequence[date], after: date, places: int, norm: float
) -> tuple[HalfYear, ...]:
    ends = [index for index, day in enumerate(days) if day.month in (6, 12)]
    # A forecast that has run out is still shown, with its own last half-years.
    coming = [index for index in ends if days[index] > after] or ends[-HALF_YEARS_SHOWN:]
    rows = []
    for index in coming[:HALF_YEARS_SHOWN]:
        low, median, high = np.quantile(need[:, index], [0.1, 0.5, 0.9]).tolist()
        rows.append(
            HalfYear(
                day=days[index],
                low=low,
                median=median,
                high=high,
                places_needed=median / norm,
                chance_now=float(np.mean(need[:, index] <= norm * places)),
            )
        )
    return tuple(rows)


def _buffer(advice: BufferAdvice, need: Floats, *, periods: Months, places: int) -> Buffer:
    within = advice.window.within(periods)
    sizing = Sizing(
        need[:, : within.stop],
        tiers=advice.tiers,
        costs=advice.costs,
        norm=advice.occupancy_norm,
        before=within.start,
    )
    return Buffer(
        first=first_day(parse_month(advice.window.first)),
        last=last_day(parse_month(advice.window.last)),
        advice=advice,
        now=buffer_option(
            sizing,
            sizing.regular(places),
            basis=OptionBasis.CONSIDERED,
            worst=advice.promises.worst_share,
        ),
    )


def _dated_points(snapshot: Snapshot) -> tuple[Figure, ...]:
    """National occupancy on loose days, as every definition has it: none is joined to another."""
    counted = [
        definition
        for definition in snapshot.definitions
        if _is_national_stock(definition) and snapshot.of(definition.series_id)
    ]
    if not counted:
        raise NotFound("figure of occupancy", "any")
    counted.sort(key=lambda definition: snapshot.of(definition.series_id)[-1].period, reverse=True)
    figures = [
        Figure(
            day=row.period,
            persons=row.value,
            status=row.status.value,
            definition=definition.definition,
            series_id=definition.series_id,
            shape=shape,
        )
        for shape, definition in enumerate(counted)
        for row in snapshot.of(definition.series_id)
    ]
    return tuple(sorted(figures, key=lambda figure: (figure.day, figure.shape)))


def _is_national_stock(definition: SeriesDefinition) -> bool:
    return (
        definition.measure is Measure.OCCUPANCY
        and definition.group == "total"
        and definition.place.kind is PlaceKind.NATION
    )


def _capacity_day(snapshot: Snapshot) -> date:
    """The last day that the national figures of capacity speak of."""
    days = [
        row.period
        for definition in snapshot.definitions
        if _is_own_capacity(definition)
        for row in snapshot.of(definition.series_id)
    ]
    if not days:
        raise NotFound("figure of", "capacity")
    return max(days)


def _is_own_capacity(definition: SeriesDefinition) -> bool:
    return (
        definition.measure is Measure.CAPACITY
        and definition.unit == "places"
        and definition.group in {"regular", "emergency"}
        and definition.place.kind is PlaceKind.NATION
    )


def _monthly_points(snapshot: Snapshot, series_id: str) -> tuple[Figure, ...]:
    return tuple(_month_figure(row) for row in snapshot.of(series_id))


def _month_figure(row: Observation) -> Figure:
    day = last_day(month_of(row.period))
    return Figure(day=day, persons=row.value, status=row.status.value)


def _sources(snapshot: Snapshot, data_until: Mapping[str, str]) -> tuple[Source, ...]:
    """The series that the forecast rests on, and those that the places of now come from."""
    used = {series_id: date.fromisoformat(day) for series_id, day in data_until.items()}
    for definition in snapshot.definitions:
        rows = snapshot.of(definition.series_id) if _is_own_capacity(definition) else ()
        used.update((row.series_id, row.period) for row in rows[-1:])
    by_id = {definition.series_id: definition for definition in snapshot.definitions}
    return tuple(
        Source(
            name=series_id,
            definition=by_id[series_id].definition,
            publisher=by_id[series_id].publisher,
            until=_end(day, by_id[series_id].frequency),
        )
        for series_id, day in sorted(used.items())
        if series_id in by_id
    )


def _end(period: date, frequency: Frequency) -> date:
    """Last day of a period that is named by its first."""
    if frequency in {Frequency.WEEK, Frequency.DATED}:
        return period
    return last_day(month_of(period) + np.timedelta64(frequency.months - 1, "M"))
