# SPDX-License-Identifier: EUPL-1.2
"""The guard between members and combination: what cannot be used is left out, and said so.

A member that raises is left out of every series; one whose quantiles are not finite, cross, or
lie where nothing honest lies, of that series. Its weight goes to the others. Where nobody has a
usable answer the log random walk stands in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np

from models.inflow.base import SHIFT, Member, log_persons, season_of
from models.inflow.baselines import LogRandomWalk
from models.types import LEVELS, Floats, Panel

__all__ = ["Answers", "Flag", "Guarded", "Limits", "Reason", "ask"]

MIDDLE = len(LEVELS) // 2

MULTIPLE = 20.0
"""No median lies further than this factor beyond the highest or lowest figure ever seen [-]."""

REACH = 16.0
"""No quantile lies further from the median than this many usual movements [-]."""

LEAST_MOVEMENT = 0.02
"""No series moves less than this in one period, in the eyes of the guard [log persons]."""

LOG_MOST = float(np.log(1e9))
"""A thousand million persons or more is no forecast [log persons]."""

ROUNDING = 1e-9
"""Quantiles that cross by no more than this do so in rounding alone [log persons]."""


class Reason(StrEnum):
    """Why a member was left out."""

    RAISED = "raised"
    """It raised an exception, in learning or in forecasting."""
    SHAPE = "wrong_shape"
    """Its answer is no table of series, steps and levels."""
    NOT_FINITE = "not_finite"
    """Some quantiles are no numbers, or endless."""
    CROSSED = "crossed"
    """A higher level has a lower value."""
    SILENT = "silent"
    """It had nothing to say on any series."""
    ABSURD = "absurd"
    """A quantile lies where nothing honest lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A member that was left out of a series.

    Attributes:
        member: Name of the member.
        series_id: Which series.
        reason: Why.
        detail: The kind of exception, where it raised one.
    """

    member: str
    series_id: str
    reason: Reason
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain text."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What the members said, without what cannot be used.

    Attributes:
        log_quantiles: By member, at LEVELS, NaN where it had nothing usable to say,
            shape (series, horizon, levels).
        flags: Which member was left out of which series, and why.
        stood_in: Series on which no member had a usable answer; each member's table holds the
            log random walk there.
    """

    log_quantiles: Mapping[str, Floats]
    flags: tuple[Flag, ...]
    stood_in: tuple[str, ...]


class Guarded:
    """A member whose exceptions end with itself.

    Args:
        member: Who is guarded.
    """

    def __init__(self, member: Member) -> None:
        self.member = member
        self.name = member.name
        self.error = ""

    def fit(self, panel: Panel) -> Self:
        """Let the member learn; an exception is kept as its reason to be left out."""
        try:
            self.member.fit(panel)
        except Exception as error:  # noqa: BLE001 - whatever a member does, the others go on
            self.error = type(error).__name__
        return self

    def log_quantiles(self, horizon: int) -> Floats | None:
        """What the member says, unchecked; None if it raised."""
        if self.error:
            return None
        try:
            return np.asarray(self.member.log_quantiles(horizon), dtype=float)
        except Exception as error:  # noqa: BLE001 - as above
            self.error = type(error).__name__
            return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limits:
    """Where honest quantiles lie, from what is known of each series.

    Attributes:
        low: Lowest median [log persons], shape (series,).
        high: Highest median [log persons], shape (series,).
        reach: Furthest from the median by step [log persons], shape (series, horizon).
    """

    low: Floats
    high: Floats
    reach: Floats

    @classmethod
    def of(cls, panel: Panel, horizon: int) -> Self:
        """Limits up to two years ahead, after which a forecast's spread stands still.

        Source:
            docs/methods.md, Inflow, equations 16 and 17.
        """
        season = season_of(panel.frequency)
        values = log_persons(panel)
        step = np.array([_step(row) for row in values])
        year = _root_mean_square(values[:, season:] - values[:, :-season])
        ahead = np.sqrt(np.minimum(np.arange(1, horizon + 1), 2 * season))
        step = np.maximum(np.maximum(step, _counting(panel.persons)), LEAST_MOVEMENT)
        movement = np.maximum(step[:, None] * ahead, year[:, None])
        return cls(
            low=np.nanmin(values, axis=1) - np.log(MULTIPLE),
            high=np.nanmax(values, axis=1) + np.log(MULTIPLE),
            reach=REACH * movement,
        )

    def reason(self, series: int, quantiles: Floats) -> Reason | None:
        """What is wrong with the quantiles of one series, shape (horizon, levels); None if sound.

        Nothing at all, a table of NaN, is sound: the member has nothing to say.
        """
        if np.isnan(quantiles).all():
            return None
        if not np.isfinite(quantiles).all():
            return Reason.NOT_FINITE
        if np.diff(quantiles, axis=1).min() < -ROUNDING:
            return Reason.CROSSED
        middle = quantiles[:, MIDDLE]
        steps = min(len(quantiles), self.reach.shape[1])
        distance = np.abs(quantiles - middle[:, None])[:steps].max(axis=1)
        within = (
            self.low[series] <= middle.min()
            and middle.max() <= self.high[series]
            and quantiles[:steps].max() < LOG_MOST
            and bool(np.all(distance <= self.reach[series, :steps]))
        )
        return None if within else Reason.ABSURD


def _step(row: Floats) -> float:
    """Usual change from one figure to the next [log persons]."""
    changes = np.diff(row[np.isfinite(row)])
    return float(np.sqrt(np.mean(changes**2))) if len(changes) else 0.0


def _counting(persons: Floats) -> Floats:
    """The change that counting alone gives at the mean level [log persons], shape (series,)."""
    level = np.maximum(np.nanmean(persons, axis=1), 1.0)
    change: Floats = np.sqrt(level) / (level + SHIFT)
    return change


def _root_mean_square(rows: Floats) -> Floats:
    """Over what is known of each row; zero where nothing is, shape (rows,)."""
    known = np.isfinite(rows)
    total = np.where(known, rows, 0.0)
    mean: Floats = (total**2).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.sqrt(mean)


def ask(members: Sequence[Guarded], panel: Panel, horizon: int) -> Answers:
    """Ask every member for its quantiles, and leave out what cannot be used.

    Args:
        members: Fitted on the panel, each with its own name.
        panel: What is known; every series has a figure.
        horizon: How far ahead [periods].

    Source:
        docs/methods.md, Inflow, "Guards".
    """
    names = panel.series_ids
    shape = (len(names), horizon, len(LEVELS))
    # Beyond two years the spread is not taken from the members, so it is not checked.
    limits = Limits.of(panel, min(horizon, 2 * season_of(panel.frequency)))
    usable: dict[str, Floats] = {}
    flags: list[Flag] = []
    for member in members:
        said = member.log_quantiles(horizon)
        usable[member.name], reasons = _usable(said, limits, shape)
        flags += [
            Flag(member=member.name, series_id=name, reason=reason, detail=member.error)
            for name, reason in zip(names, reasons, strict=True)
            if reason is not None
        ]
    silent = ~np.any([np.isfinite(table[:, 0, 0]) for table in usable.values()], axis=0)
    if silent.any():
        spoken = _stand_in(panel, limits, horizon)
        for table in usable.values():
            table[silent] = spoken[silent]
    return Answers(
        log_quantiles=usable,
        flags=tuple(flags),
        stood_in=tuple(name for name, alone in zip(names, silent, strict=True) if alone),
    )


def _usable(
    said: Floats | None, limits: Limits, shape: tuple[int, int, int]
) -> tuple[Floats, Sequence[Reason | None]]:
    """What can be used of one member's answer, NaN elsewhere, and what is wrong by series."""
    nothing = np.full(shape, np.nan)
    if said is None:
        return nothing, [Reason.RAISED] * shape[0]
    if said.shape != shape:
        return nothing, [Reason.SHAPE] * shape[0]
    if np.isnan(said).all():
        return nothing, [Reason.SILENT] * shape[0]
    reasons = [limits.reason(row, quantiles) for row, quantiles in enumerate(said)]
    sound = np.array([reason is None for reason in reasons])
    return np.where(sound[:, None, None], said, np.nan), reasons


def _stand_in(panel: Panel, limits: Limits, horizon: int) -> Floats:
    """The log random walk, held within the same limits, shape (series, horizon, levels)."""
    quantiles = LogRandomWalk().fit(panel).log_quantiles(horizon)
    last = limits.reach.shape[1] - 1
    reach = limits.reach[:, np.minimum(np.arange(horizon), last), None]
    middle = quantiles[:, :, MIDDLE, None]
    held: Floats = np.clip(quantiles, middle - reach, np.minimum(middle + reach, LOG_MOST))
    return held
