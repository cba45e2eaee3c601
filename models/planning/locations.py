# SPDX-License-Identifier: EUPL-1.2
"""A line of the register: the places of one kind in one municipality, and their terms."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import numpy as np

from models.errors import InvalidInput
from models.planning.costs import Basis, Origin

__all__ = [
    "PROVINCES",
    "ContractForm",
    "Location",
    "LocationKind",
    "LocationStatus",
    "location_faults",
    "parse_month",
]

PROVINCES = (
    "Drenthe",
    "Flevoland",
    "Fryslân",
    "Gelderland",
    "Groningen",
    "Limburg",
    "Noord-Brabant",
    "Noord-Holland",
    "Overijssel",
    "Utrecht",
    "Zeeland",
    "Zuid-Holland",
)
"""The twelve provinces, in the spelling of Statistics Netherlands."""


class LocationKind(StrEnum):
    """What kind of reception a line offers; terms of docs/glossary.md."""

    REGULAR = "regular"
    EMERGENCY = "emergency"
    CRISIS = "crisis"
    TRANSITION_SITE = "transition_site"
    JOINT_LOCATION = "joint_location"
    COL = "col"
    POL = "pol"
    AZC = "azc"
    GLO = "glo"
    VBL = "vbl"
    HTL = "htl"
    KWV = "kwv"

    @property
    def is_emergency(self) -> bool:
        """Whether its places are priced, and left again, as emergency reception."""
        return self in {LocationKind.EMERGENCY, LocationKind.CRISIS}


class LocationStatus(StrEnum):
    """What a line is at the start of the plan."""

    OPEN = "open"
    CANDIDATE = "candidate"
    """Not there yet: may be opened after its lead time."""
    RESERVE = "reserve"
    """Held empty, to be called up."""
    LENT = "lent"
    """Used by another group, to be recalled."""


class ContractForm(StrEnum):
    """In which legal form a place may be lent to another group, or that it may not."""

    NONE = "none"
    """Not suitable for dual use."""
    VACANCY_ACT = "vacancy_act"
    """Leegstandwet: at least six months, then three months' notice; counts as a reserve."""
    TEMPORARY_RENT = "temporary_rent"
    """Comes back on its end date only."""
    CAMPUS_CONTRACT = "campus_contract"
    """Comes back for another student only: capacity given away."""
    YOUTH_CONTRACT = "youth_contract"
    """Comes back for another young person only: capacity given away."""

    @property
    def recallable(self) -> bool:
        """Whether a lent place can be called back before its end date."""
        return self is ContractForm.VACANCY_ACT


def parse_month(text: str) -> np.datetime64:
    """The month written as YYYY-MM.

    Raises:
        InvalidInput: it is not a month.
    """
    if not re.fullmatch(r"(19|20|21)\d\d-(0[1-9]|1[0-2])", text):
        raise InvalidInput(f"{text!r} is not a month written as YYYY-MM.")
    return np.datetime64(text, "M")


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Places of one kind in one municipality; the unit that a plan decides on.

    Every field is a fact from `source`, unless `assumed` names it: then `owner` answers for it.

    Attributes:
        location_id: Code in the register, for instance GM0358-regular.
        name: What people call it.
        municipality: Name of the municipality.
        municipality_code: Its code, GM and four digits.
        province: One of `PROVINCES`.
        kind: Kind of reception.
        status: Open, candidate, in reserve or lent.
        places: Places there now; 0 for a candidate [places].
        places_possible: Places it can have, at least `places` [places].
        fixed_core: Whether it belongs to the fixed core, which no plan closes or lends.
        agreement_end: Last month of the agreement, YYYY-MM; None where it has no end.
        notice_months: Notice for closing before the agreement ends [months].
        lead_time_months: From decision to first night, for a candidate [months].
        extension_months: Term that an extension, or a new agreement, binds for [months].
        recall_months: From calling up a place in reserve to its first night [months].
        dual_use: Contract form in which it may be lent, or none.
        population: Inhabitants of the municipality [persons].
        indicative_places: Indicative task of the municipality, Dispersal Act [places].
        source: Publication that the facts come from.
        assumed: Names of the fields that are assumptions.
        owner: Who answers for the assumptions; empty where there are none.
    """

    location_id: str
    name: str
    municipality: str
    municipality_code: str
    province: str
    kind: LocationKind
    status: LocationStatus
    places: int
    places_possible: int
    fixed_core: bool = False
    agreement_end: str | None = None
    notice_months: int = 0
    lead_time_months: int = 0
    extension_months: int = 0
    recall_months: int = 0
    dual_use: ContractForm = ContractForm.NONE
    population: int = 0
    indicative_places: int = 0
    source: str
    assumed: tuple[str, ...] = ()
    owner: str = ""

    def __post_init__(self) -> None:
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        for field, reason in location_faults(values):
            raise InvalidInput(f"{self.location_id}: {field} {reason}.")

    def origin_of(self, field: str) -> Origin:
        """Whether one field is a fact or an assumption, and whose."""
        if field in self.assumed:
            return Origin(basis=Basis.ASSUMPTION, source=self.source, owner=self.owner)
        return Origin(basis=Basis.FACT, source=self.source)


_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_TEXTS = ("location_id", "name", "municipality", "source")
_COUNTS = (
    "places",
    "places_possible",
    "notice_months",
    "lead_time_months",
    "extension_months",
    "recall_months",
    "population",
    "indicative_places",
)


def location_faults(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the fields of a location, all together.

    Args:
        values: Every field of `Location`, each of its own type.

    Yields:
        Name of a field, and what is wrong with it as the end of a sentence.
    """
    yield from _faults_in_texts(values)
    if not re.fullmatch(r"GM\d{4}", values["municipality_code"]):
        yield "municipality_code", "is not GM and four digits"
    if values["province"] not in PROVINCES:
        yield "province", "is not one of the twelve provinces"
    for name in _COUNTS:
        if values[name] < 0:
            yield name, "is negative"
    yield from _faults_in_places(values)
    yield from _faults_in_status(values)
    if values["agreement_end"] is not None:
        try:
            parse_month(values["agreement_end"])
        except InvalidInput:
            yield "agreement_end", "is not a month written as YYYY-MM"
    yield from _faults_in_origins(values)


def _faults_in_texts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in (*_TEXTS, "owner"):
        if name in _TEXTS and not values[name].strip():
            yield name, "is empty"
        if values[name].startswith(_FORMULA_STARTS):
            yield name, "begins like a formula of a spreadsheet"


def _faults_in_places(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if values["status"] is LocationStatus.CANDIDATE:
        if values["places"] != 0:
            yield "places", "must be 0 for a candidate"
        if values["places_possible"] <= 0:
            yield "places_possible", "must exceed 0 for a candidate"
    elif values["places"] <= 0:
        yield "places", "must exceed 0 for a line that is not a candidate"
    elif values["places_possible"] < values["places"]:
        yield "places_possible", "is less than the places there now"


def _faults_in_status(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    idle = values["status"] in {LocationStatus.RESERVE, LocationStatus.LENT}
    if idle and values["kind"].is_emergency:
        yield "status", "must be open or candidate for emergency places"
    if values["fixed_core"] and values["status"] is not LocationStatus.OPEN:
        yield "status", "must be open in the fixed core"
    if values["status"] is LocationStatus.LENT and not values["dual_use"].recallable:
        yield "dual_use", "cannot be recalled: places lent in this form are no capacity"


def _faults_in_origins(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    unknown = sorted(set(values["assumed"]) - (set(values) - {"source", "assumed", "owner"}))
    if unknown:
        yield "assumed", f"names {unknown[0]!r}, which is no field of a location"
    if values["assumed"] and not values["owner"].strip():
        yield "owner", "is empty, but an assumption needs an owner"
