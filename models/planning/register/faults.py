# SPDX-License-Identifier: EUPL-1.2
"""What a line of the register cannot be: every rule once, checked all together."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from models.errors import InvalidInput
from models.planning.costs import CostParameters
from models.planning.register.contract_forms import CONTRACT_FORMS
from models.planning.register.kinds import (
    PROVINCES,
    ContractForm,
    DualUseGroup,
    LocationKind,
    LocationStatus,
    ReceptionGroup,
    parse_month,
)

__all__ = ["LONGEST_TERM_MONTHS", "disagreements", "location_faults"]

LONGEST_TERM_MONTHS = 60
"""A plan looks so far ahead; what takes longer would never come into it [months]."""

_MOST = 100_000_000
"""No count in a register of the Netherlands is larger; arithmetic stays exact below it."""

_OF_MUNICIPALITY = ("municipality", "province", "population", "indicative_places")
_FORMULA_STARTS = ("=", "+", "-", "@")
_NATIONAL = CostParameters()

Check = Callable[..., str | None]
"""Takes the values of some fields; says what is wrong as the end of a sentence, or None."""


def location_faults(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the fields of a location, all together.

    Args:
        values: Fields of `Location` by name, each of its own type. A rule about a field that is
            not there, or wrong by itself, is passed over: so the rest of a row with an unreadable
            cell is checked as well, and one wrong cell is one fault.

    Yields:
        Name of a field, and what is wrong with it as the end of a sentence; each field once.
    """
    wrong: set[str] = set()
    for column, reads, check in _RULES:
        if wrong and not wrong.isdisjoint(reads):
            continue
        try:
            read = [values[name] for name in reads]
        except KeyError:
            continue
        reason = check(*read)
        if reason is not None:
            wrong.add(column)
            yield column, reason


def disagreements(values: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where a line says something else about its municipality than an earlier line did.

    Args:
        values: Fields that could be read of the later line.
        known: The same of an earlier line with the same municipality code.

    Yields:
        Name of a field, and what is wrong with it as the end of a sentence.
    """
    for name in _OF_MUNICIPALITY:
        if name in values and name in known and values[name] != known[name]:
            yield name, "is not what an earlier line says of the same municipality"


def _text(text: str) -> str | None:
    if text.lstrip().startswith(_FORMULA_STARTS):
        return "begins like a formula of a spreadsheet"
    if text != text.strip():
        return "begins or ends with a space"
    if not text.isprintable():
        return "holds a character that cannot be printed"
    return "is longer than 500 characters" if len(text) > 500 else None


def _needed_text(text: str) -> str | None:
    return _text(text) if text.strip() else "is empty"


def _location_id(text: str) -> str | None:
    fault = _needed_text(text)
    if fault is None and not re.fullmatch(r"[\w.-]{1,100}", text):
        return "may hold letters, digits, dots, hyphens and underscores only, at most 100"
    return fault


def _municipality_code(text: str) -> str | None:
    plain = re.fullmatch(r"GM\d{4}", text, flags=re.ASCII)
    return None if plain else "is not GM and four digits"


def _province(text: str) -> str | None:
    return None if text in PROVINCES else "is not one of the twelve provinces"


def _count(number: float | None) -> str | None:
    if number is None or 0 <= number <= _MOST:
        return None
    if not math.isfinite(number):
        return "is not finite"
    return "is negative" if number < 0 else "is too large to be true"


def _term_of_action(months: int) -> str | None:
    if months > LONGEST_TERM_MONTHS:
        return f"is longer than the {LONGEST_TERM_MONTHS} months that a plan looks ahead"
    return _count(months)


def _persons_per_unit(persons: int) -> str | None:
    return "is less than 1" if persons < 1 else _count(persons)


def _chance(chance: float | None) -> str | None:
    return None if chance is None or 0 <= chance <= 1 else "is not between 0 and 1"


def _score(score: float | None) -> str | None:
    return None if score is None or 0 <= score <= 10 else "is not between 0 and 10"


def _month(text: str | None) -> str | None:
    try:
        if text is not None:
            parse_month(text)
    except InvalidInput:
        return "is not a month written as YYYY-MM"
    return None


def _group(group: ReceptionGroup, kind: LocationKind) -> str | None:
    if kind.is_for_minors and group is not ReceptionGroup.UNACCOMPANIED_MINORS:
        return "must be unaccompanied_minor for this kind"
    return None


def _places(places: int, status: LocationStatus) -> str | None:
    if status is LocationStatus.CANDIDATE and places > 0:
        return "must be 0 for a candidate"
    if status is not LocationStatus.CANDIDATE and places == 0:
        return "must exceed 0 for a line that is not a candidate"
    return None


def _most_places(most: int, places: int, status: LocationStatus) -> str | None:
    if status is LocationStatus.CANDIDATE:
        return None if most else "must exceed 0 for a candidate"
    return "is less than the places there now" if most < places else None


def _status(
    status: LocationStatus,
    kind: LocationKind,
    fixed_core: bool,  # noqa: FBT001 - only ever called by the table of rules
) -> str | None:
    if fixed_core and status is not LocationStatus.OPEN:
        return "must be open in the fixed core"
    if kind.is_emergency and status in {LocationStatus.RESERVE, LocationStatus.LENT}:
        return "must be open or candidate for emergency places"
    return None


def _agreement(end: str | None, start: str | None) -> str | None:
    if end is not None and start is not None and end < start:
        return "is before the agreement starts"
    return None


def _contract_form(form: ContractForm, status: LocationStatus) -> str | None:
    if status is LocationStatus.LENT and not form.recallable:
        return "cannot be recalled: places lent in this form are no capacity"
    return None


def _lent_to(groups: Sequence[DualUseGroup], form: ContractForm) -> str | None:
    if groups and form is ContractForm.NONE:
        return "names groups, but dual_use names no contract form"
    if groups and not set(groups).issubset(CONTRACT_FORMS[form].groups):
        return "names a group that the contract form of dual_use is not for"
    return "names a group twice" if len(set(groups)) < len(groups) else None


def _reserve(reserve: float | None, place: float | None, kind: LocationKind) -> str | None:
    average = _NATIONAL.emergency_housing if kind.is_emergency else _NATIONAL.regular_open
    if reserve is not None and reserve > (average if place is None else place):
        return "makes a place in reserve dearer than an open one"
    return None


def _failure(failure: float | None, late: float | None) -> str | None:
    # Decimal fractions do not add up exactly.
    if failure is not None and late is not None and failure + late > 1 + 1e-9:
        return "and late_chance add up to more than 1"
    return None


def _assumed(names: Sequence[str]) -> str | None:
    if not _ASSUMABLE.issuperset(names):
        return "names what is no field of a location, or its source"
    return "names a field twice" if len(set(names)) < len(names) else None


def _owner(owner: str, assumed: Sequence[str]) -> str | None:
    return "is empty, but an assumption needs an owner" if assumed and not owner.strip() else None


_ONE_BY_ONE: Mapping[Check, tuple[str, ...]] = {
    _location_id: ("location_id",),
    _needed_text: ("name", "municipality", "source"),
    _text: ("owner",),
    _municipality_code: ("municipality_code",),
    _province: ("province",),
    _count: (
        *("places", "technical_places", "contractual_places"),
        *("extension_months", "minimum_term_months"),
        *("opening_eur", "place_eur", "reserve_eur", "lent_eur", "closing_eur"),
        *("school_children", "school_places", "population", "indicative_places"),
    ),
    _term_of_action: ("notice_months", "lead_time_months", "expansion_months", "recall_months"),
    _persons_per_unit: ("residents_per_unit", "tenants_per_unit"),
    _chance: ("late_chance", "failure_chance"),
    _score: (
        *("spread_score", "chain_score", "flexibility_score"),
        *("quality_score", "finance_score", "labour_score"),
    ),
    _month: ("agreement_start", "agreement_end"),
    _assumed: ("assumed",),
}
_TOGETHER: Sequence[tuple[Check, tuple[str, ...]]] = (
    (_group, ("group", "kind")),
    (_places, ("places", "status")),
    (_most_places, ("technical_places", "places", "status")),
    (_most_places, ("contractual_places", "places", "status")),
    (_status, ("status", "kind", "fixed_core")),
    (_agreement, ("agreement_end", "agreement_start")),
    (_contract_form, ("dual_use", "status")),
    (_lent_to, ("lent_to", "dual_use")),
    (_reserve, ("reserve_eur", "place_eur", "kind")),
    (_failure, ("failure_chance", "late_chance")),
    (_owner, ("owner", "assumed")),
)
"""A fault of several fields together is reported under the first of them."""

_RULES = tuple(
    (reads[0], reads, check)
    for check, reads in (
        *((check, (name,)) for check, names in _ONE_BY_ONE.items() for name in names),
        *_TOGETHER,
    )
)
_ASSUMABLE = frozenset(name for _, reads, _ in _RULES for name in reads).difference(
    ("source", "assumed", "owner")
)
"""Every field that may be an assumption: there is a rule about each of them."""
