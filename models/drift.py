# SPDX-License-Identifier: EUPL-1.2
"""Drift: whether forecasts still do in service what they were said to do.

Live outcomes are few and overlap: a forecast of each month ahead looks at the same months as the
one before it. So they are counted for what they are worth, and below a least number nothing is
concluded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from scipy.stats import binom

from models.catalogue import Status

__all__ = [
    "NOMINALS",
    "LiveCoverage",
    "LiveQuality",
    "ScoredOutcome",
    "Verdict",
    "has_drifted",
    "live_quality",
]

NOMINALS = (0.5, 0.8, 0.9)
"""Intervals that are watched [-]."""

PARTS = ((1, 3), (4, 6), (7, 12), (13, 24), (25, 120))
"""First and last period of each part of the horizon [periods]."""

WINDOW = 60
"""Only the newest periods of a series count, since drift is about the present [periods]."""

FEWEST = 5
"""Below this many independent outcomes nothing is concluded [outcomes]."""

CHANCE = 0.05
"""How often chance alone breaks one of the bands of a series, at one look [-]."""


class Verdict(StrEnum):
    """What the outcomes say about the intervals."""

    TOO_FEW = "too_few"
    AS_STATED = "as_stated"
    TOO_NARROW = "too_narrow"
    TOO_WIDE = "too_wide"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredOutcome:
    """A forecast of one period beside what happened.

    Attributes:
        series_id: The series that was forecast.
        period: First day of the period.
        horizon: How many periods after the last one known to the forecast.
        actual: What happened [persons].
        status: How firm that figure is.
        median: Median forecast [persons].
        crps: Mean over the levels of twice the pinball loss [persons].
        upper_crps: The same over the levels from 0.9 up [persons].
        baseline_crps: CRPS of the log random walk from what the forecast knew; None where too
            little was known for one [persons].
        baseline_upper_crps: The same over the levels from 0.9 up [persons].
        held_50: Whether the 50 % interval held what happened.
        held_80: Whether the 80 % interval held it.
        held_90: Whether the 90 % interval held it.
    """

    series_id: str
    period: date
    horizon: int
    actual: float
    status: Status
    median: float
    crps: float
    upper_crps: float
    baseline_crps: float | None
    baseline_upper_crps: float | None
    held_50: bool
    held_80: bool
    held_90: bool

    @property
    def error(self) -> float:
        """Median forecast minus actual [persons]."""
        return self.median - self.actual

    @property
    def held(self) -> tuple[bool, ...]:
        """Whether each interval of NOMINALS held what happened."""
        return self.held_50, self.held_80, self.held_90


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCoverage:
    """How often an interval held in service, and what chance allows.

    Attributes:
        nominal: What the interval promises [-].
        measured: What it held, every period counting once [-].
        low: Below this chance alone is no explanation [-].
        high: Above this chance alone is no explanation [-].
    """

    nominal: float
    measured: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveQuality:
    """How the forecasts of one series did in service, for one part of the horizon.

    Attributes:
        series_id: The series that was forecast.
        first_horizon: First period ahead of this part.
        last_horizon: Last period ahead of this part.
        outcomes: Forecasts that were scored.
        periods: Different periods among them.
        independent: How many of those are worth counting, forecasts that overlap counting once.
        bias: Mean of median forecast minus actual [persons].
        relative_crps: CRPS relative to the log random walk's; None where there is none [-].
        relative_upper_crps: The same over the levels from 0.9 up [-].
        coverage: What the intervals held, narrowest first.
        verdict: too_few, as_stated, too_narrow or too_wide.
    """

    series_id: str
    first_horizon: int
    last_horizon: int
    outcomes: int
    periods: int
    independent: float
    bias: float
    relative_crps: float | None
    relative_upper_crps: float | None
    coverage: tuple[LiveCoverage, ...]
    verdict: Verdict


def has_drifted(quality: Iterable[LiveQuality]) -> bool:
    """Whether the intervals of any part hold more or less than chance allows."""
    return any(part.verdict in {Verdict.TOO_NARROW, Verdict.TOO_WIDE} for part in quality)


def live_quality(scored: Iterable[ScoredOutcome]) -> tuple[LiveQuality, ...]:
    """How forecasts did in service, by series and part of the horizon.

    Estimated figures do not count: an estimate is no outcome.

    Source:
        docs/methods.md, Live scores and the official forecast, equations 1 to 3.
    """
    by_series: dict[str, list[ScoredOutcome]] = {}
    for outcome in scored:
        if outcome.status is not Status.ESTIMATED:
            by_series.setdefault(outcome.series_id, []).append(outcome)
    return tuple(part for name in sorted(by_series) for part in _of_series(name, by_series[name]))


def _of_series(series_id: str, scored: Sequence[ScoredOutcome]) -> list[LiveQuality]:
    newest = sorted({outcome.period for outcome in scored})[-WINDOW:]
    recent = [outcome for outcome in scored if outcome.period >= newest[0]]
    parts = {
        (first, last): found
        for first, last in PARTS
        if (found := [outcome for outcome in recent if first <= outcome.horizon <= last])
    }
    judged = sum(_independent(found, last) >= FEWEST for (_, last), found in parts.items())
    # All bands of a series together may be broken by chance this often, so each one less.
    chance = CHANCE / (len(NOMINALS) * max(judged, 1))
    return [
        _of_part(series_id, first, last, found, chance=chance)
        for (first, last), found in parts.items()
    ]


def _of_part(
    series_id: str, first: int, last: int, scored: Sequence[ScoredOutcome], *, chance: float
) -> LiveQuality:
    independent = _independent(scored, last)
    measured = [
        _by_period(scored, [float(outcome.held[index]) for outcome in scored])
        for index in range(len(NOMINALS))
    ]
    coverage = tuple(
        _coverage(nominal, share, independent=independent, chance=chance)
        for nominal, share in zip(NOMINALS, measured, strict=True)
    )
    relative = [outcome for outcome in scored if outcome.baseline_crps is not None]
    return LiveQuality(
        series_id=series_id,
        first_horizon=first,
        last_horizon=last,
        outcomes=len(scored),
        periods=len({outcome.period for outcome in scored}),
        independent=independent,
        bias=_by_period(scored, [outcome.error for outcome in scored]),
        relative_crps=_ratio(
            relative,
            [outcome.crps for outcome in relative],
            [outcome.baseline_crps or 0.0 for outcome in relative],
        ),
        relative_upper_crps=_ratio(
            relative,
            [outcome.upper_crps for outcome in relative],
            [outcome.baseline_upper_crps or 0.0 for outcome in relative],
        ),
        coverage=coverage,
        verdict=_verdict(coverage, independent),
    )


def _independent(scored: Sequence[ScoredOutcome], last: int) -> float:
    """Windows of `last` periods that overlap count once."""
    return len({outcome.period for outcome in scored}) / last


def _by_period(scored: Sequence[ScoredOutcome], values: Sequence[float]) -> float:
    """Mean in which every period counts once, however often it was forecast."""
    found: dict[date, list[float]] = {}
    for outcome, value in zip(scored, values, strict=True):
        found.setdefault(outcome.period, []).append(value)
    return float(np.mean([np.mean(found[period]) for period in sorted(found)]))


def _ratio(
    scored: Sequence[ScoredOutcome], above: Sequence[float], below: Sequence[float]
) -> float | None:
    if not scored or (divisor := _by_period(scored, below)) <= 0:
        return None
    return _by_period(scored, above) / divisor


def _coverage(nominal: float, share: float, *, independent: float, chance: float) -> LiveCoverage:
    """What chance allows when so many independent outcomes are each held with that chance."""
    count = max(int(independent), 1)
    return LiveCoverage(
        nominal=nominal,
        measured=share,
        low=float(binom.ppf(chance / 2, count, nominal)) / count,
        high=float(binom.ppf(1 - chance / 2, count, nominal)) / count,
    )


def _verdict(coverage: Sequence[LiveCoverage], independent: float) -> Verdict:
    if independent < FEWEST:
        return Verdict.TOO_FEW
    if any(part.measured < part.low for part in coverage):
        return Verdict.TOO_NARROW
    if any(part.measured > part.high for part in coverage):
        return Verdict.TOO_WIDE
    return Verdict.AS_STATED
