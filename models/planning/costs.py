# SPDX-License-Identifier: EUPL-1.2
"""What a place costs: published figures, and assumptions that are marked as such."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType

from models.errors import InvalidInput

__all__ = ["COST_ORIGINS", "Basis", "CostParameters", "Origin"]


class Basis(StrEnum):
    """What a value rests on."""

    FACT = "fact"
    """Published; the source is named."""
    DERIVED = "derived"
    """Computed by us from published figures; the sum is named."""
    ASSUMPTION = "assumption"
    """Published nowhere that we know; somebody answers for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a value comes from.

    Attributes:
        basis: Fact, derived or assumption.
        source: Publication, or the sum that gives the value.
        owner: Who answers for it where it is not a plain fact; empty for a fact.
        year: Year that the figure is about; None where it has none.
    """

    basis: Basis
    source: str
    owner: str = ""
    year: int | None = None

    def __post_init__(self) -> None:
        if not self.source or (self.basis is Basis.ASSUMPTION and not self.owner):
            raise InvalidInput("A value needs a source, and an assumption an owner as well.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CostParameters:
    """Costs of reception, per year and averaged over the Netherlands.

    A regular place costs `empty_place + regular_standby` while it is open, whether anybody
    sleeps in it or not, and the rest of `regular_person` once somebody does.

    Attributes:
        missing_premium: Emergency above regular reception [EUR/(person·year)].
        empty_place: Keeping one place empty: its housing only [EUR/(place·year)].
        regular_person: Regular reception, everything included [EUR/(person·year)].
        emergency_person: Emergency reception, everything included [EUR/(person·year)].
        last_resort_person: A person for whom no known place is left [EUR/(person·year)].
        regular_standby: Staff that an open place needs even if empty [EUR/(place·year)].
        emergency_housing: Hire of an emergency place, empty or not [EUR/(place·year)].
        lending_income: Net rent of one tenant of another group [EUR/(person·year)].
        open_place: Bringing one place into use, once [EUR/place].
        close_place: Closing one place before its agreement ends, once [EUR/place].
    """

    missing_premium: float = 39_000.0
    empty_place: float = 6_935.0
    regular_person: float = 30_400.0
    emergency_person: float = 69_400.0
    last_resort_person: float = 91_000.0
    regular_standby: float = 8_065.0
    emergency_housing: float = 14_600.0
    lending_income: float = 3_600.0
    open_place: float = 2_500.0
    close_place: float = 3_667.0

    def __post_init__(self) -> None:
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        _refuse(
            f"Cost {name} is {value}; it must be finite, from 0 up."
            for name, value in values.items()
            if not math.isfinite(value) or value < 0
        )
        _refuse(self._contradictions())

    def _contradictions(self) -> Iterator[str]:
        if self.missing_premium <= 0 or self.empty_place <= 0:
            yield "A missing place and an empty place must both cost something."
        if self.regular_housed < 0 or self.emergency_housed < 0:
            yield "An open place cannot cost more empty than with somebody in it."
        ladder = (self.regular_person, self.emergency_person, self.last_resort_person)
        filled = (self.called_up, self.recalled, self.emergency_housed, self.last_resort_person)
        if list(ladder) != sorted(ladder) or list(filled) != sorted(filled):
            yield (
                "A person in a regular, called-up, recalled, emergency or last-resort place must "
                "cost more in that order: the plan would otherwise prefer the emergency."
            )

    @property
    def regular_open(self) -> float:
        """An open regular place, empty or not [EUR/(place·year)]."""
        return self.empty_place + self.regular_standby

    @property
    def regular_housed(self) -> float:
        """What one person adds to an open regular place [EUR/(person·year)]."""
        return self.regular_person - self.regular_open

    @property
    def emergency_housed(self) -> float:
        """What one person adds to an open emergency place [EUR/(person·year)]."""
        return self.emergency_person - self.emergency_housing

    @property
    def called_up(self) -> float:
        """What one person adds to a place called up from the reserve [EUR/(person·year)]."""
        return self.regular_person - self.empty_place

    @property
    def recalled(self) -> float:
        """What one person adds to a lent place that is recalled, its rent lost [EUR/year]."""
        return self.called_up + self.lending_income


def _refuse(faults: Iterable[str]) -> None:
    """All that is wrong, at once."""
    if told := " ".join(faults):
        raise InvalidInput(told)


_NOS_2023 = "NOS 2530030 (2024), on the cost of reception in 2023"
_OWNER = "Getij, until COA states its own figure"

COST_ORIGINS: Mapping[str, Origin] = MappingProxyType(
    {
        "missing_premium": Origin(
            basis=Basis.DERIVED, source=f"69,400 - 30,400; {_NOS_2023}", owner=_OWNER, year=2023
        ),
        "empty_place": Origin(
            basis=Basis.DERIVED,
            source="19 EUR per place per day x 365; INLIA 16-3-2023 on the Court of Audit",
            owner=_OWNER,
            year=2022,
        ),
        "regular_person": Origin(basis=Basis.FACT, source=_NOS_2023, year=2023),
        "emergency_person": Origin(basis=Basis.FACT, source=_NOS_2023, year=2023),
        "last_resort_person": Origin(
            basis=Basis.FACT, source="Hotel places; BNNVARA quoting NOS, June 2024", year=2024
        ),
        "regular_standby": Origin(
            basis=Basis.ASSUMPTION,
            source="Half-fixed staff: an open empty place taken at 15,000 EUR per year in all",
            owner=_OWNER,
        ),
        "emergency_housing": Origin(
            basis=Basis.DERIVED,
            source="Low end of 40-100 EUR per day x 365; INLIA 16-3-2023 on the Court of Audit",
            owner=_OWNER,
            year=2022,
        ),
        "lending_income": Origin(
            basis=Basis.ASSUMPTION,
            source="Cautious low end of 3,600-6,000 EUR; student room median 480 EUR (LMS 2023)",
            owner=_OWNER,
        ),
        "open_place": Origin(
            basis=Basis.ASSUMPTION,
            source="Draft bonus per lasting place, first phase (nieuws.nl 26-5-2023), as a proxy",
            owner=_OWNER,
        ),
        "close_place": Origin(
            basis=Basis.DERIVED,
            source="110 million EUR of shrinking cost in 2017 / 30,000 places; NOS 2210439",
            owner=_OWNER,
            year=2017,
        ),
    }
)
"""Origin of every field of `CostParameters` at its default value."""
