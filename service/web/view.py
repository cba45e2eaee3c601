# SPDX-License-Identifier: EUPL-1.2
"""What the page shows: plain values, free of store, language and markup."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from models.drift import LiveQuality
from models.inflow.regime import RegimeVerdict
from models.planning.buffer.advice import BufferAdvice
from models.planning.buffer.option import BufferOption, TierShare
from models.planning.buffer.tiers import BufferTier
from models.planning.costs import COST_ORIGINS, CostParameters
from service.usecases.outlook_content import Outlook
from service.web.components import Components
from service.web.dual_use_view import DualUse
from service.web.inside import Inside
from service.web.official import OfficialYear
from service.web.plan_view import Plan
from training.store.records import Coverage, Quality

__all__ = [
    "Band",
    "Buffer",
    "Capacity",
    "Curve",
    "Fan",
    "Figure",
    "HalfYear",
    "Measured",
    "Page",
    "Source",
]


AS_GOOD_AS_SURE = 0.98
"""A chance from which on more places make no difference that can be seen [-]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One observed number.

    Attributes:
        day: Day of a dated point, last day of a month.
        persons: How many [persons].
        status: As in the catalogue: observed, provisional, estimated or rounded.
        definition: What exactly was counted, in the publisher's words.
        series_id: The series it stands in.
        shape: Mark it is drawn with, a number per series.
    """

    day: date
    persons: float
    status: str
    definition: str = ""
    series_id: str = ""
    shape: int = 0

    @property
    def mark(self) -> str:
        """How it is drawn: `firm` as it was counted, `soft` where it was estimated or rounded."""
        return "firm" if self.status == "observed" else "soft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Between which values the future lies in a given share of the sampled paths.

    Attributes:
        share: That share [-].
        low: Lower edge per day [persons].
        high: Upper edge per day [persons].
    """

    share: float
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """A forecast as people see it.

    Attributes:
        days: Last day of each month.
        median: Half of the paths lie below it [persons].
        bands: The widest first.
    """

    days: tuple[date, ...]
    median: tuple[float, ...]
    bands: tuple[Band, ...]

    def band(self, share: float) -> Band:
        """The band of a given share."""
        return next(band for band in self.bands if band.share == share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The chance that a number of places suffices.

    Attributes:
        places: Rising numbers of places.
        chances: The chance of each [-].
    """

    places: tuple[float, ...]
    chances: tuple[float, ...]

    def at(self, places: float) -> float:
        """The chance for any number of places, on a straight line between its neighbours."""
        return float(np.interp(places, self.places, self.chances))


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfYear:
    """Need at the end of a half-year, against the places there are now.

    Attributes:
        day: 30 June or 31 December.
        low: Lower edge of the 80 % range [persons].
        median: Middle forecast [persons].
        high: Upper edge of the 80 % range [persons].
        places_needed: Median divided by the occupancy norm [places].
        chance_now: Chance that the places of now suffice in that month [-].
    """

    day: date
    low: float
    median: float
    high: float
    places_needed: float
    chance_now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The places there are now.

    Attributes:
        regular: In regular reception [places].
        emergency: In emergency reception [places].
        day: Last day of the month it was published for.
    """

    regular: int
    emergency: int
    day: date

    @property
    def total(self) -> int:
        """All places, regular and emergency."""
        return self.regular + self.emergency


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffer:
    """The buffer advice, beside what the places of now would do.

    Attributes:
        first: First day of the window.
        last: Last day of the window.
        advice: As it was made.
        now: What the places of now would do in the window, all of them open.
    """

    first: date
    last: date
    advice: BufferAdvice
    now: BufferOption

    @property
    def options(self) -> tuple[tuple[str, BufferOption], ...]:
        """What the board may compare, each under its name."""
        return (
            ("now", self.now),
            ("house_rule", self.advice.house_rule),
            ("cost_optimal", self.advice.recommended),
        )

    @property
    def promises(self) -> tuple[BufferOption, ...]:
        """What keeping a promise would take, beyond what is cheapest anyway."""
        kept = (*self.advice.service_levels, *self.advice.promised)
        cheapest = self.advice.recommended.outcome
        return tuple(option for option in kept if option.outcome != cheapest)

    @property
    def ladder(self) -> tuple[tuple[TierShare, BufferTier | None], ...]:
        """What each tier contributes to the advice, with its terms; open places have none."""
        terms = {tier.name: tier for tier in self.advice.tiers}
        return tuple((share, terms.get(share.tier)) for share in self.advice.recommended.tiers)

    @property
    def price_sources(self) -> tuple[tuple[float, str], ...]:
        """What empty and missing places cost, and who says so, where we know [EUR/year]."""
        costs, published = self.advice.costs, CostParameters()
        return tuple(
            (getattr(costs, name), COST_ORIGINS[name].source)
            for name in ("empty_place", "regular_standby", "missing_premium")
            if getattr(costs, name) == getattr(published, name)
        )

    @property
    def all_ready(self) -> float:
        """Chance that the advised places would be enough if all of them stood open [-]."""
        points = self.advice.curve
        return Curve(
            places=tuple(float(point.places) for point in points),
            chances=tuple(point.chance_every_month for point in points),
        ).at(self.advice.recommended.outcome.places)

    @property
    def curve(self) -> Curve:
        """The chance that so many places suffice in every month, until that is as good as sure."""
        points = self.advice.curve
        unsure = sum(point.chance_every_month < AS_GOOD_AS_SURE for point in points)
        shown = points[: unsure + 1]
        return Curve(
            places=tuple(float(point.places) for point in shown),
            chances=tuple(point.chance_every_month for point in shown),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How often ranges held in the past.

    Attributes:
        is_need: Whether it is about the need for places; else about the inflow.
        horizon: Up to how many months ahead.
        held: Share of the outcomes within the range, by the share it promised [-].
        count: On how many outcomes at least.
    """

    is_need: bool
    horizon: int
    held: Mapping[float, float]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where figures came from.

    Attributes:
        name: Name of the series.
        definition: What it counts.
        publisher: Who published it.
        until: Last day it speaks of.
    """

    name: str
    definition: str
    publisher: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Page:
    """Everything the page shows; the same page is only equal to itself, so it can be remembered.

    Attributes:
        issued_at: When the forecast was issued.
        forecast_id: Its address in the API.
        inflow_until: Last day the inflow figures speak of.
        need_until: Day of the last occupancy figure.
        quality: How far it may be relied on, and why.
        coverage: How often ranges held in the past.
        in_service: How this forecast and earlier ones did since they were issued.
        regime: Whether the inflow still looks as the model learned; None if nobody asked.
        need_series: Names of the need among the measured series, the whole first.
        need: Persons who need a place.
        futures: How many futures were sampled.
        observed_need: Dated occupancy figures, of every definition, by day.
        half_years: The next ends of half-years.
        outlook: The peak of the need, and whether it outgrows the places of now; None if not made.
        inside: Why people are inside, None where the need is not divided into stages.
        inflow: Applications per month.
        observed_inflow: Monthly figures of the past.
        components: What the inflow is made of, None where that was not forecast.
        official: What the ministry expected of this year and the next, beside the forecast.
        capacity: Places now.
        norm: Share of the places that may be occupied [-].
        buffer: The buffer advice, None while it has not been made.
        plan: The location plan, None while it has not been made.
        dual_use: What that plan could lend to others.
        sources: Where the figures came from.
    """

    issued_at: datetime
    forecast_id: str
    inflow_until: date
    need_until: date
    quality: Quality
    coverage: tuple[Coverage, ...]
    in_service: tuple[LiveQuality, ...]
    regime: RegimeVerdict | None
    need_series: tuple[str, ...]
    need: Fan
    futures: int
    observed_need: tuple[Figure, ...]
    half_years: tuple[HalfYear, ...]
    outlook: Outlook | None
    inside: Inside | None
    inflow: Fan
    observed_inflow: tuple[Figure, ...]
    components: Components | None
    official: tuple[OfficialYear, ...]
    capacity: Capacity
    norm: float
    buffer: Buffer | None
    plan: Plan | None
    dual_use: DualUse | None
    sources: tuple[Source, ...]

    @property
    def measured(self) -> tuple[Measured, ...]:
        """How often ranges held, one row per part and horizon."""
        rows: dict[tuple[bool, int], dict[float, Coverage]] = {}
        for entry in self.coverage:
            key = entry.series_id in self.need_series, entry.horizon
            rows.setdefault(key, {})[entry.nominal] = entry
        return tuple(
            Measured(
                is_need=is_need,
                horizon=horizon,
                held={nominal: entry.measured for nominal, entry in sorted(by_nominal.items())},
                count=min(entry.count for entry in by_nominal.values()),
            )
            for (is_need, horizon), by_nominal in sorted(rows.items())
        )

    @property
    def shortage(self) -> float:
        """People too many for the places of now at the first half-year end; negative for room."""
        return self.half_years[0].median - self.usable

    @property
    def planned_at_window_end(self) -> int | None:
        """Places that the plan has open at the end of the window of the advice."""
        if self.plan is None or self.buffer is None:
            return None
        window_end = self.buffer.last
        reached = [places for day, places in self.plan.open_places if day <= window_end]
        return reached[-1] if reached else None

    @property
    def usable(self) -> float:
        """How many people the places of now can house under the norm [persons]."""
        return self.norm * self.capacity.total

    @property
    def months_blind(self) -> int:
        """Whole months between the last occupancy figure and the forecast."""
        issued = self.issued_at.date()
        since = 12 * (issued.year - self.need_until.year) + issued.month - self.need_until.month
        return since - (issued.day < self.need_until.day)
