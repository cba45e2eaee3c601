# SPDX-License-Identifier: EUPL-1.2
"""What was expected or decided about the future, and how occupancy definitions relate."""

from dataclasses import dataclass
from datetime import date, datetime

from models.errors import InvalidInput
from training.sources.reference.tables import moment, read_table
from training.store.official_forecasts import OfficialForecast

__all__ = [
    "CapacityNeedDecision",
    "OccupancyBridge",
    "OfficialForecast",
    "PortfolioPoint",
    "capacity_need_decisions",
    "occupancy_bridge",
    "official_forecasts",
    "portfolio_decay",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityNeedDecision:
    """Places that COA stated it needs, a forecast divided by the occupancy norm of the time.

    Attributes:
        known_at: Day of the decision, or the last day of its month.
        target: Day for which the places are needed; None where none was named.
        places: Need [places].
        note: Edition, reserve and norm as printed.
        source: Publisher and address.
    """

    known_at: datetime
    target: date | None
    places: int
    note: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioPoint:
    """Places that remain on a day when agreements that end are not renewed, beside the need.

    Attributes:
        known_at: When it was published.
        day: The day looked ahead to.
        portfolio_places: Places that remain [places].
        extra_places: Places still to be found [places].
        needed_places: Need [places].
        source: Publisher.
    """

    known_at: datetime
    day: date
    portfolio_places: int
    extra_places: int
    needed_places: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OccupancyBridge:
    """How one occupancy definition may stand in for persons entitled to reception.

    Attributes:
        series_id: The definition that stands in.
        factor: Persons entitled per person counted [-].
        log_sd: Extra uncertainty of the stand-in, standard deviation of the log [-].
        basis: `measured` where two definitions overlap, `assumption` otherwise.
        owner: Who answers for the factor.
        reason: Why, with the points it rests on.
    """

    series_id: str
    factor: float
    log_sd: float
    basis: str
    owner: str
    reason: str

    def __post_init__(self) -> None:
        if self.factor <= 0 or self.log_sd < 0:
            raise InvalidInput(f"{self.series_id}: a bridge needs a factor above 0 and log_sd ≥ 0.")


def official_forecasts() -> tuple[OfficialForecast, ...]:
    """Official inflow forecasts, by edition and target year."""
    return tuple(
        OfficialForecast(
            edition=row["edition"],
            known_at=moment(date.fromisoformat(row["known_at"])),
            target_year=int(row["target_year"]),
            scenario=row["scenario"],
            persons=int(row["persons"]),
            counts=row["counts"],
            not_comparable=row["not_comparable"],
            note=row["note"],
            source=row["source"],
        )
        for row in read_table("official_forecasts")
    )


def capacity_need_decisions() -> tuple[CapacityNeedDecision, ...]:
    """Capacity decisions and statutory estimates, oldest first."""
    return tuple(
        CapacityNeedDecision(
            known_at=moment(date.fromisoformat(row["known_at"])),
            target=date.fromisoformat(row["target"]) if row["target"] else None,
            places=int(row["places"]),
            note=row["note"],
            source=row["source"],
        )
        for row in read_table("capacity_need_decisions")
    )


def portfolio_decay() -> tuple[PortfolioPoint, ...]:
    """The one published portfolio decay, of June 2022, by day."""
    return tuple(
        PortfolioPoint(
            known_at=moment(date.fromisoformat(row["known_at"])),
            day=date.fromisoformat(row["day"]),
            portfolio_places=int(row["portfolio_places"]),
            extra_places=int(row["extra_places"]),
            needed_places=int(row["needed_places"]),
            source=row["source"],
        )
        for row in read_table("portfolio_decay")
    )


def occupancy_bridge() -> tuple[OccupancyBridge, ...]:
    """Occupancy definitions that may stand in for persons entitled to reception, best first.

    A definition that is not listed (a kind of location, or one group) may not stand in.
    """
    return tuple(
        OccupancyBridge(
            series_id=row["series_id"],
            factor=float(row["factor"]),
            log_sd=float(row["log_sd"]),
            basis=row["basis"],
            owner=row["owner"],
            reason=row["reason"],
        )
        for row in read_table("occupancy_bridge")
    )
