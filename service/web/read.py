# SPDX-License-Identifier: EUPL-1.2
"""Fetching what the page shows; a page is made once for each state of things."""

from dataclasses import dataclass
from functools import lru_cache

from models.drift import LiveQuality
from service.storage.desk import Desk
from service.usecases.advices import read_buffer_advice, read_capacity_plan
from service.usecases.live import quality_in_service
from service.usecases.outlook import make_outlook
from service.usecases.outlook_content import Room
from service.usecases.overview import overview, register_totals
from service.web.present import present
from service.web.view import Page
from training.store.official_forecasts import OfficialForecast
from training.store.records import Quality

__all__ = ["read_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What a page is made from; everything it names is immutable."""

    forecast_id: str
    register_id: str
    buffer_id: str | None
    plan_id: str | None
    quality: Quality
    in_service: tuple[LiveQuality, ...]
    official: tuple[OfficialForecast, ...]
    norm: float


def read_page(desk: Desk, *, norm: float, as_issued: bool = False) -> Page | None:
    """What the page shows now; None while there is no forecast or no register.

    Args:
        desk: Where everything lies.
        norm: Share of the places that may be occupied, where no advice says so [-].
        as_issued: Whether to show the quality the forecast was issued with, rather than that of
            today: a file is read years later.
    """
    seen = overview(desk)
    if seen.forecast is None or seen.register is None:
        return None
    entry = seen.forecast.entry
    state = _State(
        forecast_id=entry.forecast_id,
        register_id=seen.register.register_id,
        buffer_id=seen.buffer.advice_id if seen.buffer else None,
        plan_id=seen.plan.advice_id if seen.plan else None,
        quality=entry.quality if as_issued else seen.quality,
        in_service=(
            quality_in_service(desk, seen.forecast, known_by=entry.as_of)
            if as_issued
            else seen.in_service
        ),
        official=desk.store.official_forecasts.as_known_at(entry.as_of),
        norm=norm,
    )
    return _page(desk, state)


@lru_cache(maxsize=4)
def _page(desk: Desk, state: _State) -> Page:
    """Reading and sorting every path takes a second; a reader should not wait for that."""
    forecast = desk.store.forecasts.get(state.forecast_id)
    buffer = read_buffer_advice(desk, state.buffer_id).document if state.buffer_id else None
    plan = read_capacity_plan(desk, state.plan_id).document if state.plan_id else None
    planned_on = plan.request.register_id if plan else state.register_id
    register = desk.registers.get(state.register_id).locations
    norm = buffer.advice.occupancy_norm if buffer else state.norm
    return present(
        forecast,
        quality=state.quality,
        in_service=state.in_service,
        snapshot=desk.store.observations.as_known_at(forecast.as_of),
        official=state.official,
        register=register,
        planned=desk.registers.get(planned_on).locations,
        buffer=buffer if buffer and buffer.request.forecast_id == state.forecast_id else None,
        plan=plan if plan and plan.request.forecast_id == state.forecast_id else None,
        norm=state.norm,
        outlook=make_outlook(
            desk,
            desk.store.forecasts.entry(state.forecast_id),
            room=Room.of(register_totals(register).open, occupancy_norm=norm),
            levels=(0.1, 0.5, 0.9),
        ),
    )
