# SPDX-License-Identifier: EUPL-1.2
"""The contents of an outlook: what it says of the peak, the room, the queues and the stages."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.catalogue import Status
from models.occupancy.specification import Title

__all__ = [
    "BottleneckOutlook",
    "ChanceInMonth",
    "ExceedanceInMonth",
    "FlowInHalfYear",
    "NeedPart",
    "Outlook",
    "PartBasis",
    "PeakOutlook",
    "Room",
    "RoomOutlook",
    "ShareInMonth",
    "WaitInMonth",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """For how many persons there is room.

    Attributes:
        persons: Persons for whom there is room [persons].
        places: Places they would live in [places]; absent where persons were given.
        occupancy_norm: Share of those places that may be occupied [-]; absent likewise.
    """

    persons: float
    places: int | None = None
    occupancy_norm: float | None = None

    @classmethod
    def of(cls, places: int, *, occupancy_norm: float) -> "Room":
        """The room that some places give."""
        persons = round(places * occupancy_norm, 1)
        return cls(persons=persons, places=places, occupancy_norm=occupancy_norm)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceInMonth:
    """The chance of something in a month.

    Attributes:
        period: The month.
        chance: Its chance [-].
    """

    period: str
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakOutlook:
    """When the need is highest, and how high.

    Attributes:
        period: The chance that the peak lies in this month or before it is a half.
        persons: Height of the peak by level [persons].
        periods: The chance of the peak in each month; together one.
    """

    period: str
    persons: Mapping[str, float]
    periods: tuple[ChanceInMonth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceedanceInMonth:
    """How likely it is that there is no room for everybody.

    Attributes:
        period: The month.
        chance: That the need exceeds the room at the end of this month [-].
        chance_by_then: That it has done so in this month or an earlier one [-].
    """

    period: str
    chance: float
    chance_by_then: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOutlook:
    """Whether the need outgrows the room.

    Attributes:
        room: What the need is held against.
        chance: That the need exceeds it in some month [-].
        first_periods: The month in which it first does, by level, among the futures in which it
            does; absent where it never does.
        periods: The chance in each month.
    """

    room: Room
    chance: float
    first_periods: Mapping[str, str] | None
    periods: tuple[ExceedanceInMonth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitInMonth:
    """How long those served in a month had waited on average.

    Attributes:
        period: The month.
        quantiles: The wait by level [months]; absent where no future serves anybody.
    """

    period: str
    quantiles: Mapping[str, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowInHalfYear:
    """How many get through in a half-year.

    Attributes:
        period: Its first month.
        quantiles: How many, by level [persons].
        target: How many the government asks for [persons]; absent where that is not known.
        target_status: How firm that figure is.
    """

    period: str
    quantiles: Mapping[str, float]
    target: float | None
    target_status: Status | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BottleneckOutlook:
    """A queue of the chain: how long it takes, and how many get through.

    Attributes:
        name: Of the bottleneck.
        title: What people read.
        partner: Who provides its capacity.
        longest_wait: Longer waits are not told apart: a wait of this length may be longer [months].
        waiting: How long those served had waited, by month.
        half_years: How many are served, by half-year.
    """

    name: str
    title: Title
    partner: str
    longest_wait: float
    waiting: tuple[WaitInMonth, ...]
    half_years: tuple[FlowInHalfYear, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareInMonth:
    """The share of a stage or a group in the need.

    Attributes:
        period: The month.
        share: Mean over the futures, at its end [-]; all stages add up to one, and all groups.
    """

    period: str
    share: float


class PartBasis(StrEnum):
    """What is known of the share of a stage or a group."""

    COUNTED = "counted"
    """Some figure tells of it alone."""
    COUNTED_TOGETHER = "counted_together"
    """Figures tell of it together with others; the split between them is inferred."""
    INFERRED = "inferred"
    """No figure tells of it: its share is inferred from totals alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedPart:
    """A stage of the chain, or a group of people in it.

    Attributes:
        series_id: Its series in the forecast.
        title: What people read.
        basis: What is known of its share.
        periods: Its share in each month.
    """

    series_id: str
    title: Title
    basis: PartBasis
    periods: tuple[ShareInMonth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a forecast says beyond its quantiles.

    Attributes:
        first: First month that was looked at.
        last: Last month that was looked at.
        peak: When the need is highest.
        exceedance: Whether it outgrows the room; None where no room is known.
        bottlenecks: The queues of the chain; none for a forecast without them.
        stages: Why people are inside; none for a forecast without stages.
        groups: Who they are; none likewise.
    """

    first: str
    last: str
    peak: PeakOutlook
    exceedance: RoomOutlook | None
    bottlenecks: tuple[BottleneckOutlook, ...]
    stages: tuple[NeedPart, ...]
    groups: tuple[NeedPart, ...]
