# SPDX-License-Identifier: EUPL-1.2
"""Where things stand: the latest of everything, and one plain sentence about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from models.drift import LiveQuality
from models.errors import NotFound
from models.planning.buffer.tiers import usual_tiers
from models.planning.costs import CostParameters
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.register.locations import Location, LocationStatus
from service.settings import Settings
from service.storage.desk import Desk
from service.storage.registers import Register
from service.storage.tasks import TaskState
from service.usecases.advices import (
    BufferDocument,
    BufferRequest,
    Given,
    PlanDocument,
    PlanRequest,
    default_window,
    first_half_year,
    latest_buffer_advice,
    latest_capacity_plan,
    make_buffer_advice,
    make_capacity_plan,
)
from service.usecases.forecasts import latest_entry
from service.usecases.live import quality_in_service
from training.store.forecasts import ForecastEntry, ForecastQuantiles
from training.store.records import Observation, Quality, QualityState

__all__ = [
    "Overview",
    "RegisterTotals",
    "buffer_request",
    "give_first_advice",
    "observations",
    "overview",
    "places_to_lend",
    "plan_request",
    "quality_now",
    "register_totals",
]

FRESH = timedelta(days=35)
"""A forecast that was issued longer ago than this is no longer called fresh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTotals:
    """What the register comes to.

    Attributes:
        regular: Regular places open now [places].
        emergency: Emergency places open now [places].
        reserve: Places held empty, to be called up [places].
        lent: Places used by another group [places].
        possible: Places that could be added at candidates and open locations [places].
        locations: Number of lines.
    """

    regular: int
    emergency: int
    reserve: int
    lent: int
    possible: int
    locations: int

    @property
    def open(self) -> int:
        """All places open now [places]."""
        return self.regular + self.emergency


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overview:
    """The latest of everything; None where there is nothing yet.

    Attributes:
        now: The moment it was looked at, aware UTC.
        forecast: Quantiles of the latest forecast.
        quality: How far it may be relied on today.
        in_service: How this forecast and earlier ones did since they were issued.
        buffer: Latest buffer advice.
        plan: Latest capacity plan.
        register: The location register that holds.
        totals: What that register comes to.
        tasks: Number of tasks by state.
    """

    now: datetime
    forecast: ForecastQuantiles | None
    quality: Quality
    in_service: tuple[LiveQuality, ...]
    buffer: Given[BufferDocument] | None
    plan: Given[PlanDocument] | None
    register: Register | None
    totals: RegisterTotals | None
    tasks: Mapping[TaskState, int]

    @property
    def data_until(self) -> dict[str, date]:
        """Last figure of every series the forecast learned from."""
        if self.forecast is None:
            return {}
        until = self.forecast.entry.data_until
        return {series: date.fromisoformat(day) for series, day in sorted(until.items())}


def overview(desk: Desk) -> Overview:
    """Look at the latest of everything."""
    now = desk.now()
    entry = desk.store.forecasts.latest()
    register = _register(desk)
    nothing = Quality(state=QualityState.FALLBACK, reasons=("no_forecast",))
    forecast = None if entry is None else desk.quantiles(entry.forecast_id)
    return Overview(
        now=now,
        forecast=forecast,
        quality=nothing if entry is None else quality_now(entry.quality, entry.issued_at, now=now),
        in_service=() if forecast is None else quality_in_service(desk, forecast),
        buffer=latest_buffer_advice(desk),
        plan=latest_capacity_plan(desk),
        register=register,
        totals=None if register is None else register_totals(register.locations),
        tasks=desk.tasks.count(),
    )


def quality_now(quality: Quality, issued_at: datetime, *, now: datetime) -> Quality:
    """The quality of a forecast today: one that grew old is degraded, whatever it was."""
    if now - issued_at <= FRESH or "forecast_old" in quality.reasons:
        return quality
    state = QualityState.DEGRADED if quality.state is QualityState.OK else quality.state
    return replace(quality, state=state, reasons=(*quality.reasons, "forecast_old"))


def register_totals(locations: Sequence[Location]) -> RegisterTotals:
    """What a register comes to, by what its lines are used for now."""

    def places(status: LocationStatus, *, emergency: bool | None = None) -> int:
        return sum(
            location.places
            for location in locations
            if location.status is status
            and (emergency is None or location.kind.is_emergency is emergency)
        )

    return RegisterTotals(
        regular=places(LocationStatus.OPEN, emergency=False),
        emergency=places(LocationStatus.OPEN, emergency=True),
        reserve=places(LocationStatus.RESERVE),
        lent=places(LocationStatus.LENT),
        possible=sum(location.places_possible - location.places for location in locations),
        locations=len(locations),
    )


def observations(
    desk: Desk, series_ids: Sequence[str], *, known_at: datetime | None = None
) -> tuple[Observation, ...]:
    """What was known of some series at a moment; now, unless said otherwise.

    Raises:
        NotFound: a series is not in the catalogue.
    """
    moment = desk.now() if known_at is None else known_at
    return desk.store.observations.as_known_at(moment, series_ids=series_ids).observations


def buffer_request(
    desk: Desk, settings: Settings, *, forecast_id: str | None = None
) -> BufferRequest:
    """A buffer advice as it is asked for when nobody chooses otherwise.

    Args:
        desk: Where forecast and register are.
        settings: The occupancy norm.
        forecast_id: Forecast to rest on; the latest if not given.

    Raises:
        NotFound: there is no forecast or no register yet.
    """
    entry = _entry(desk, forecast_id)
    need = desk.quantiles(entry.forecast_id).need
    register = desk.registers.latest()
    return BufferRequest(
        forecast_id=entry.forecast_id,
        register_id=register.register_id,
        window=default_window(entry.as_of, need.periods_of(need.series_ids[0])),
        occupancy_norm=settings.occupancy_norm,
        tiers=usual_tiers(CostParameters(), most_lent=places_to_lend(register.locations)),
    )


def places_to_lend(locations: Sequence[Location]) -> int:
    """Places that may be lent to others in a form in which they can be called back."""
    return sum(
        location.places
        for location in locations
        if location.dual_use.recallable and not location.fixed_core
    )


def plan_request(desk: Desk, settings: Settings, *, forecast_id: str | None = None) -> PlanRequest:
    """A capacity plan as it is asked for when nobody chooses otherwise.

    Args:
        desk: Where forecast and register are.
        settings: The occupancy norm.
        forecast_id: Forecast to rest on; the latest if not given.

    Raises:
        NotFound: there is no forecast or no register yet.
    """
    entry = _entry(desk, forecast_id)
    need = desk.quantiles(entry.forecast_id).need
    periods = need.periods_of(need.series_ids[0])
    first = min(max(first_half_year(entry.as_of), periods[0]), periods[-1])
    months = int((periods[-1] - first).astype(int)) + 1
    return PlanRequest(
        forecast_id=entry.forecast_id,
        register_id=desk.registers.latest().register_id,
        first=str(first),
        seed=entry.seed,
        settings=PlanSettings(
            occupancy_norm=settings.occupancy_norm,
            half_years=max(1, min(PlanSettings().half_years, months // 6)),
        ),
    )


def give_first_advice(
    desk: Desk, settings: Settings, *, with_choices: bool = True
) -> tuple[str, str]:
    """Make the advice and the plan that belong to the latest forecast and register.

    Args:
        desk: Where forecast and register are.
        settings: The occupancy norm.
        with_choices: Whether the plan comes with alternatives and prices of deciding otherwise.

    Returns:
        Ids of the buffer advice and of the capacity plan.

    Raises:
        NotFound: there is no forecast or no register yet.
    """
    return (
        make_buffer_advice(desk, buffer_request(desk, settings)),
        make_capacity_plan(desk, replace(plan_request(desk, settings), with_choices=with_choices)),
    )


def _entry(desk: Desk, forecast_id: str | None) -> ForecastEntry:
    if forecast_id is None:
        return latest_entry(desk)
    return desk.store.forecasts.entry(forecast_id)


def _register(desk: Desk) -> Register | None:
    try:
        return desk.registers.latest()
    except NotFound:
        return None
