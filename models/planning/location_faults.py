# SPDX-License-Identifier: EUPL-1.2
"""What a line of the register cannot be: every rule once, checked all together."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.errors import InvalidInput
from models.planning.costs import CostParameters
from models.planning.location_kinds import (
    PROVINCES,
    ContractForm,
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

_TEXTS = ("location_id", "name", "municipality", "source", "owner")
_COUNTS = (
    "places",
    "technical_places",
    "contractual_places",
    "extension_months",
    "notice_months",
    "lead_time_months",
    "expansion_months",
    "recall_months",
    "minimum_term_months",
    "residents_per_unit",
    "tenants_per_unit",
    "school_children",
    "school_places",
    "population",
    "indicative_places",
)
_ACTIONS = ("notice_months", "lead_time_months", "expansion_months", "recall_months")
_COSTS = ("opening_eur", "place_eur", "reserve_eur", "lent_eur", "closing_eur")
_CHANCES = ("late_chance", "failure_chance")
_SCORES = (
    "spread_score",
    "chain_score",
    "flexibility_score",
    "quality_score",
    "finance_score",
    "labour_score",
)
_OF_MUNICIPALITY = ("municipality", "province", "population", "indicative_places")
_FORMULA_STARTS = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class _Rule:
    """When one column is wrong.

    Attributes:
        column: Column that the fault is reported under.
        reads: Fields that decide on it.
        broken: Takes the values of those fields; whether the rule is broken.
        reason: What is wrong then, as the end of a sentence.
    """

    column: str
    reads: tuple[str, ...]
    broken: Callable[..., bool]
    reason: str


def location_faults(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the fields of a location, all together.

    Args:
        values: Fields of `Location` by name, each of its own type. A rule about a field that is
            not there is passed over, so that a row with an unreadable cell is checked as well.

    Yields:
        Name of a field, and what is wrong with it as the end of a sentence; each field once.
    """
    wrong: set[str] = set()
    for rule in _RULES:
        if rule.column in wrong or not all(name in values for name in rule.reads):
            continue
        if rule.broken(*(values[name] for name in rule.reads)):
            wrong.add(rule.column)
            yield rule.column, rule.reason


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


def _each(columns: Sequence[str], broken: Callable[[Any], bool], reason: str) -> tuple[_Rule, ...]:
    """The same rule for several columns, where they have a value at all."""

    def wrong(value: Any) -> bool:
        return value is not None and broken(value)

    return tuple(_Rule(name, (name,), wrong, reason) for name in columns)


def _is_no_month(text: str) -> bool:
    try:
        parse_month(text)
    except InvalidInput:
        return True
    return False


def _is_before(end: str | None, start: str | None) -> bool:
    return end is not None and start is not None and end < start


def _is_dearer_in_reserve(reserve: float | None, place: float | None, kind: LocationKind) -> bool:
    national = CostParameters()
    average = national.emergency_housing if kind.is_emergency else national.regular_open
    return reserve is not None and reserve > (average if place is None else place)


def _is_candidate_with_places(places: int, status: LocationStatus) -> bool:
    return status is LocationStatus.CANDIDATE and places != 0


def _is_there_without_places(places: int, status: LocationStatus) -> bool:
    return status is not LocationStatus.CANDIDATE and places <= 0


def _is_idle_emergency(status: LocationStatus, kind: LocationKind) -> bool:
    return kind.is_emergency and status in {LocationStatus.RESERVE, LocationStatus.LENT}


def _is_lent_for_good(form: ContractForm, status: LocationStatus) -> bool:
    return status is LocationStatus.LENT and not form.recallable


def _names_no_field(assumed: Sequence[str]) -> bool:
    return not _ASSUMABLE.issuperset(assumed)


_RULES = (
    *_each(_TEXTS[:-1], lambda text: not text.strip(), "is empty"),
    *_each(
        _TEXTS,
        lambda text: text.lstrip().startswith(_FORMULA_STARTS),
        "begins like a formula of a spreadsheet",
    ),
    *_each(_TEXTS, lambda text: text != text.strip(), "begins or ends with a space"),
    *_each(_TEXTS, lambda text: not text.isprintable(), "holds a character that is not printable"),
    *_each(_TEXTS, lambda text: len(text) > 500, "is longer than 500 characters"),
    *_each(
        ("location_id",),
        lambda text: not re.fullmatch(r"[\w.-]{1,100}", text),
        "may hold letters, digits, dots, hyphens and underscores only, at most 100",
    ),
    *_each(
        ("municipality_code",),
        lambda text: not re.fullmatch(r"GM\d{4}", text, flags=re.ASCII),
        "is not GM and four digits",
    ),
    *_each(("province",), lambda text: text not in PROVINCES, "is not one of the twelve provinces"),
    *_each(_COUNTS, lambda count: count < 0, "is negative"),
    *_each(_COUNTS, lambda count: count > _MOST, "is too large to be true"),
    *_each(
        _ACTIONS,
        lambda months: months > LONGEST_TERM_MONTHS,
        f"is longer than the {LONGEST_TERM_MONTHS} months that a plan looks ahead",
    ),
    *_each(_COSTS, lambda cost: not math.isfinite(cost), "is not finite"),
    *_each(_COSTS, lambda cost: cost < 0, "is negative"),
    *_each(_COSTS, lambda cost: cost > _MOST, "is too large to be true"),
    *_each(_CHANCES, lambda chance: not 0 <= chance <= 1, "is not between 0 and 1"),
    *_each(_SCORES, lambda score: not 0 <= score <= 10, "is not between 0 and 10"),
    *_each(
        ("residents_per_unit", "tenants_per_unit"),
        lambda persons: persons < 1,
        "is less than 1",
    ),
    *_each(("agreement_start", "agreement_end"), _is_no_month, "is not a month written as YYYY-MM"),
    *_each(("lent_to",), lambda groups: len(set(groups)) < len(groups), "names a group twice"),
    *_each(("assumed",), lambda names: len(set(names)) < len(names), "names a field twice"),
    *_each(("assumed",), _names_no_field, "names what is no field of a location, or its source"),
    _Rule(
        "group",
        ("group", "kind"),
        lambda group, kind: kind.is_for_minors and group is not ReceptionGroup.UNACCOMPANIED_MINORS,
        "must be unaccompanied_minor for this kind",
    ),
    _Rule("places", ("places", "status"), _is_candidate_with_places, "must be 0 for a candidate"),
    _Rule(
        "places",
        ("places", "status"),
        _is_there_without_places,
        "must exceed 0 for a line that is not a candidate",
    ),
    *(
        _Rule(
            column,
            (column, "status"),
            lambda most, status: status is LocationStatus.CANDIDATE and most == 0,
            "must exceed 0 for a candidate",
        )
        for column in ("technical_places", "contractual_places")
    ),
    *(
        _Rule(
            column,
            (column, "places", "status"),
            lambda most, places, status: (
                status is not LocationStatus.CANDIDATE and 0 <= most < places
            ),
            "is less than the places there now",
        )
        for column in ("technical_places", "contractual_places")
    ),
    _Rule(
        "status",
        ("status", "kind"),
        _is_idle_emergency,
        "must be open or candidate for emergency places",
    ),
    _Rule(
        "status",
        ("status", "fixed_core"),
        lambda status, core: core and status is not LocationStatus.OPEN,
        "must be open in the fixed core",
    ),
    _Rule("agreement_end", ("agreement_end", "agreement_start"), _is_before, "is before its start"),
    _Rule(
        "dual_use",
        ("dual_use", "status"),
        _is_lent_for_good,
        "cannot be recalled: places lent in this form are no capacity",
    ),
    _Rule(
        "lent_to",
        ("lent_to", "dual_use"),
        lambda groups, form: bool(groups) and form is ContractForm.NONE,
        "names groups, but dual_use names no contract form",
    ),
    _Rule(
        "reserve_eur",
        ("reserve_eur", "place_eur", "kind"),
        _is_dearer_in_reserve,
        "makes a place in reserve dearer than an open one",
    ),
    _Rule(
        "failure_chance",
        ("failure_chance", "late_chance"),
        lambda failure, late: None not in (failure, late) and failure + late > 1 + 1e-9,
        "and late_chance add up to more than 1",
    ),
    _Rule(
        "owner",
        ("owner", "assumed"),
        lambda owner, assumed: bool(assumed) and not owner.strip(),
        "is empty, but an assumption needs an owner",
    ),
)

_ASSUMABLE = frozenset(name for rule in _RULES for name in rule.reads).difference(
    ("source", "assumed", "owner")
)
"""Every field that may be an assumption: there is a rule about each of them."""
