# SPDX-License-Identifier: EUPL-1.2
"""Levers: what a policy changes in a chain, from when, how fast, for how long, and who says so."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import Fault, InvalidFile
from models.occupancy.simulation import Interventions
from models.occupancy.specification import ChainSpecification, LeverKind
from models.periods import Months
from models.types import Floats

__all__ = [
    "MOST_LEVERS",
    "Lever",
    "check_levers",
    "holds_control_characters",
    "interventions_of",
    "names_of",
]

MOST_LEVERS = 20
"""A scenario of more levers than this is nobody's plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nature:
    """What a kind of lever does, whatever the chain.

    Attributes:
        least: Smallest size that can be meant.
        most: Largest size that can be meant.
        unit: Of the size, as people write it.
    """

    least: float
    most: float
    unit: str


_PERSONS = 1_000_000.0
"""More persons in a month than any country has received: a slip of the pen."""

_NATURES = {
    LeverKind.DECISION_CAPACITY: _Nature(least=-_PERSONS, most=_PERSONS, unit="persons a month"),
    LeverKind.HOMES_REALISED: _Nature(least=-_PERSONS, most=_PERSONS, unit="persons a month"),
    LeverKind.GRANT_RATE: _Nature(least=-100.0, most=100.0, unit="percentage points"),
    LeverKind.INFLOW_SHOCK: _Nature(least=-_PERSONS, most=_PERSONS, unit="persons a month"),
    LeverKind.FAMILY_REUNIFICATION_QUOTA: _Nature(least=0.0, most=_PERSONS, unit="persons a month"),
    LeverKind.RETURNS: _Nature(least=-100.0, most=1_000.0, unit="percent"),
    LeverKind.TRANSITION_HOMES: _Nature(least=0.0, most=_PERSONS, unit="persons"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One change of policy or circumstance.

    Attributes:
        kind: What changes.
        size: By how much: persons per month served or arriving more (decisions, homes, shock) or
            let in at most (quota), percentage points (grant rate), percent (returns), persons in
            all (transition homes).
        impact_month: The first month that feels it.
        ramp: Months from there until it is whole, growing by equal steps; transition homes are
            spread evenly over it [months].
        duration: Months that it lasts; None for good [months].
        owner: Who answers for it.
        rationale: Why this size and month.
    """

    kind: LeverKind
    size: float
    impact_month: np.datetime64
    ramp: int = 0
    duration: int | None = None
    owner: str
    rationale: str


def names_of(levers: Sequence[Lever]) -> tuple[str, ...]:
    """A name for each lever: its kind, counted where a kind occurs more than once."""
    kinds = [lever.kind for lever in levers]
    return tuple(
        f"{kind}.{kinds[: row + 1].count(kind)}" if kinds.count(kind) > 1 else kind.value
        for row, kind in enumerate(kinds)
    )


def check_levers(
    levers: Sequence[Lever],
    *,
    specification: ChainSpecification,
    first: np.datetime64,
    last: np.datetime64,
) -> None:
    """Refuse levers that cannot be pulled, with everything that is wrong with them.

    Args:
        levers: What is to be changed.
        specification: The chain in which.
        first: First month of the forecast.
        last: Last month of the forecast.

    Raises:
        InvalidFile: with every fault, each with its place as the column.
    """
    faults = [
        Fault(column=f"levers.{row}.{field}", reason=reason)
        for row, lever in enumerate(levers)
        for field, reason in (
            *_faults_in_kind(lever.kind, specification),
            *_faults_in_size(lever),
            *_faults_in_time(lever, first=first, last=last),
            *_faults_in_words(lever),
        )
    ]
    faults += [
        Fault(column=f"levers.{row}", reason="is the same as an earlier lever.")
        for row, lever in enumerate(levers)
        if lever in levers[:row]
    ]
    if len(levers) > MOST_LEVERS:
        faults.append(Fault(column="levers", reason=f"must be {MOST_LEVERS} at most."))
    if faults:
        raise InvalidFile("scenario", faults)


def _faults_in_kind(
    kind: LeverKind, specification: ChainSpecification
) -> Iterator[tuple[str, str]]:
    if not specification.acted_on(kind):
        yield "kind", f"acts on nothing in the chain {specification.chain_id!r}."


def _faults_in_size(lever: Lever) -> Iterator[tuple[str, str]]:
    nature = _NATURES[lever.kind]
    if not np.isfinite(lever.size):
        yield "size", "must be finite."
    elif not nature.least <= lever.size <= nature.most:
        yield "size", f"must lie between {nature.least:,.0f} and {nature.most:,.0f} {nature.unit}."
    elif lever.size == 0 and lever.kind is not LeverKind.FAMILY_REUNIFICATION_QUOTA:
        yield "size", "must not be 0, which changes nothing."


def _faults_in_time(
    lever: Lever, *, first: np.datetime64, last: np.datetime64
) -> Iterator[tuple[str, str]]:
    horizon = int((last - first).astype(int)) + 1
    # A month that is missing (NaT) lies nowhere, so it must fail this comparison.
    if not first <= lever.impact_month <= last:
        yield "impact_month", f"must lie between {first} and {last}."
    if not 0 <= lever.ramp < horizon:
        yield "ramp", f"must lie between 0 and {horizon - 1} months."
    elif lever.ramp and lever.kind is LeverKind.FAMILY_REUNIFICATION_QUOTA:
        yield "ramp", "must be 0: a quota holds at once."
    if lever.duration is None:
        if lever.kind is LeverKind.INFLOW_SHOCK:
            yield "duration", "is missing: a shock passes."
    elif lever.kind is LeverKind.TRANSITION_HOMES:
        yield "duration", "must be left out: transition homes are spread over the ramp."
    elif not 1 <= lever.duration <= horizon:
        yield "duration", f"must lie between 1 and {horizon} months."
    elif 0 < lever.duration <= lever.ramp:
        yield "duration", "must exceed the ramp, or it is over before it is whole."


def _faults_in_words(lever: Lever) -> Iterator[tuple[str, str]]:
    for field, words in (("owner", lever.owner), ("rationale", lever.rationale)):
        if not words.strip():
            yield field, "must not be empty."
        elif holds_control_characters(words):
            yield field, "must not hold control characters."


def holds_control_characters(words: str) -> bool:
    """Whether anything in a line is no letter, mark or space that people can read."""
    return any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in words)


def interventions_of(
    levers: Sequence[Lever],
    *,
    first: np.datetime64,
    months: int,
    specification: ChainSpecification,
) -> Interventions:
    """What levers change, month by month.

    What several levers add to the same bottleneck, share or inflow is added up, percentages of
    the same rate are multiplied, and of several quotas the smallest holds.

    Args:
        levers: As `check_levers` lets through.
        first: First month of the forecast.
        months: How many there are.
        specification: The chain, which says on what each kind acts.

    Source:
        docs/methods.md, Levers and scenarios, equations L1 and L2.
    """
    added: dict[str, Floats] = {}
    factors: dict[str, Floats] = {}
    shifts: dict[str, Floats] = {}
    arrivals: dict[str, Floats] = {}
    quotas: dict[str, Floats] = {}
    ahead = first + np.arange(months)
    acting = [(part, name) for part in levers for name in specification.acted_on(part.kind)]
    for lever, name in acting:
        share = _share(lever, ahead)
        match lever.kind:
            case LeverKind.GRANT_RATE:
                shifts[name] = shifts.get(name, 0.0) + share * lever.size / 100
            case LeverKind.RETURNS:
                factors[name] = factors.get(name, 1.0) * (1 + share * lever.size / 100)
            case LeverKind.INFLOW_SHOCK:
                arrivals[name] = arrivals.get(name, 0.0) + share * lever.size
            case LeverKind.FAMILY_REUNIFICATION_QUOTA:
                quota = np.where(share > 0, lever.size, np.inf)
                quotas[name] = np.minimum(quotas.get(name, np.inf), quota)
            case _:
                added[name] = added.get(name, 0.0) + share * lever.size
    return Interventions(
        added=added, factors=factors, shifts=shifts, arrivals=arrivals, quotas=quotas
    )


def _share(lever: Lever, ahead: Months) -> Floats:
    """How much of its size a lever has in each month [-]."""
    since = (ahead - lever.impact_month).astype(int)
    if lever.kind is LeverKind.TRANSITION_HOMES:
        return np.where((since >= 0) & (since <= lever.ramp), 1 / (lever.ramp + 1), 0.0)
    lasts = since >= 0
    if lever.duration is not None:
        lasts &= since < lever.duration
    return np.where(lasts, np.minimum((since + 1) / (lever.ramp + 1), 1.0), 0.0)
