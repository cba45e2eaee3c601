# SPDX-License-Identifier: EUPL-1.2
"""The catalogue: what each series counts, in which unit, how often, of whom and where."""

from dataclasses import dataclass
from enum import StrEnum

from models.errors import InvalidInput
from models.periods import Frequency

__all__ = ["Measure", "Place", "PlaceKind", "SeriesDefinition", "Status"]


class Status(StrEnum):
    """How firm a figure is."""

    OBSERVED = "observed"
    PROVISIONAL = "provisional"
    ESTIMATED = "estimated"
    ROUNDED = "rounded"


class Measure(StrEnum):
    """What a series counts; the English names of docs/glossary.md."""

    INFLOW = "inflow"
    OUTFLOW = "outflow"
    OCCUPANCY = "occupancy"
    CAPACITY = "capacity"
    CAPACITY_NEED = "capacity_need"
    BACKLOG = "backlog"
    DECISIONS = "decisions"
    HOUSING_TARGET = "housing_target"
    HOUSING_REALISED = "realised"
    RATE = "rate"
    DURATION = "duration"
    STOCK = "stock"
    """Persons counted on a day who do not stay in reception, such as those registered."""


class PlaceKind(StrEnum):
    """How wide a series looks."""

    NATION = "nation"
    PROVINCE = "province"
    MUNICIPALITY = "municipality"
    LOCATION = "location"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a series counts.

    Attributes:
        kind: Nation, province, municipality or location.
        code: Its code, for instance NL or GM0518.
    """

    kind: PlaceKind = PlaceKind.NATION
    code: str = "NL"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDefinition:
    """One entry of the catalogue. Two series with different definitions are never joined silently.

    Attributes:
        series_id: Dotted name, for instance nl.inflow.total.
        measure: What is counted.
        unit: persons, places, applications, percent, ...
        frequency: Month, quarter, or dated points.
        definition: The publisher's definition, in one sentence.
        group: Who is counted, after the glossary: total, first_application, ...
        place: Where.
        publisher: Who publishes the figures.
        jump_factor: A figure this many times its neighbour needs confirmation [-].
    """

    series_id: str
    measure: Measure
    unit: str
    frequency: Frequency
    definition: str
    group: str = "total"
    place: Place = Place()
    publisher: str = ""
    jump_factor: float = 20.0

    def __post_init__(self) -> None:
        if not self.series_id or not self.unit or not self.definition:
            raise InvalidInput("A series needs a name, a unit and a definition.")
        if self.jump_factor <= 1:
            raise InvalidInput(f"{self.series_id}: the jump factor must exceed 1.")
