# SPDX-License-Identifier: EUPL-1.2
"""The words of the register of locations: provinces, kinds, groups, statuses, contract forms."""

import re
from enum import StrEnum

import numpy as np

from models.errors import InvalidInput

__all__ = [
    "PROVINCES",
    "ContractForm",
    "DualUseGroup",
    "LocationKind",
    "LocationStatus",
    "ReceptionGroup",
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
    POA = "poa"
    YOUTH = "youth"
    SATELLITE = "satellite"
    REGIONAL = "regional"
    TEMPORARY = "temporary"

    @property
    def is_emergency(self) -> bool:
        """Whether its places are priced, and left again, as emergency reception."""
        return self in {LocationKind.EMERGENCY, LocationKind.CRISIS}

    @property
    def is_for_minors(self) -> bool:
        """Whether only unaccompanied minors live there."""
        return self in {LocationKind.KWV, LocationKind.POA, LocationKind.YOUTH}


class ReceptionGroup(StrEnum):
    """Who may live in the places of a line."""

    EVERYONE = "everyone"
    UNACCOMPANIED_MINORS = "unaccompanied_minor"
    ADULTS_AND_FAMILIES = "adults_and_families"
    """Anybody but unaccompanied minors."""


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


class DualUseGroup(StrEnum):
    """To whom a place may be lent while asylum reception does not need it."""

    STUDENTS = "student"
    URGENT_SEEKERS = "urgent_seeker"
    PERMIT_HOLDERS = "permit_holder"
    """On their way to a home of their own."""
    YOUNG_PEOPLE = "young_person"


def parse_month(text: str) -> np.datetime64:
    """The month written as YYYY-MM.

    Raises:
        InvalidInput: it is not a month.
    """
    if not re.fullmatch(r"(19|20|21)\d\d-(0[1-9]|1[0-2])", text, flags=re.ASCII):
        raise InvalidInput(f"{text!r} is not a month written as YYYY-MM.")
    return np.datetime64(text, "M")
