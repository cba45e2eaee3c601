# SPDX-License-Identifier: EUPL-1.2
"""The champion gate: whether a challenger's forecasts were better than the champion's.

A pure function of two sets of forecasts of the same months, made before either could know them.
Better means better in all of it: the whole distribution, its upper tail, and how well intervals
keep their promise. What chance explains is not better, and a tie keeps the champion.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np
from scipy.stats import t

from models.drift import NOMINALS
from models.errors import InvalidInput
from models.periods import Months
from models.scores import crps, relative_score, within
from models.types import Floats

__all__ = [
    "FEWEST",
    "CoverageCheck",
    "GateSheet",
    "GateVerdict",
    "Ruling",
    "ScoreCheck",
    "rule",
    "ruling_of",
]

FEWEST = 3
"""With fewer independent outcomes nothing is replaced [outcomes]."""

CHANCE = 0.05
"""How often a challenger that is no better may pass one of the two scores [-]."""

SMALLEST = 1e-9
"""A mean score below this counts as this, so that a forecast without error has a logarithm
[persons]."""


class Ruling(StrEnum):
    """What the forecasts say about the challenger."""

    BETTER = "better"
    NOT_BETTER = "not_better"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GateSheet:
    """What both said beforehand, and what happened.

    Attributes:
        periods: Which month each outcome is of, shape (cutoffs, series, horizon).
        actual: What happened [persons], NaN where unknown or not to be judged, same shape.
        champion: Its forecasts at LEVELS [persons], one axis more, the levels last.
        challenger: Likewise.
        baseline: Those of the log random walk.
    """

    periods: Months
    actual: Floats
    champion: Floats
    challenger: Floats
    baseline: Floats

    def __post_init__(self) -> None:
        judged = np.isfinite(self.actual)
        for name in ("champion", "challenger", "baseline"):
            if not np.isfinite(getattr(self, name)[judged]).all():
                raise InvalidInput(f"The {name} is silent on a month that it is judged on.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCheck:
    """One score of both, and how sure the difference is.

    Attributes:
        champion: Relative to the log random walk; None where that has no error [-].
        challenger: The same [-].
        ratio: Challenger's over champion's, geometric mean over stretches of time [-].
        low: Lower end of the 90 % interval of the ratio; None with fewer than two stretches [-].
        high: Upper end [-].
        better: Whether the challenger's is lower, and by more than chance explains.
    """

    champion: float | None
    challenger: float | None
    ratio: float
    low: float | None
    high: float | None
    better: bool

    @property
    def no_worse(self) -> bool:
        """Whether the challenger's is no higher, chance or not."""
        return self.ratio <= 1 and (self.challenger or 0.0) <= (self.champion or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageCheck:
    """How well the intervals of both kept their promise.

    Attributes:
        nominal: What the intervals promise [-].
        champion: What the champion's held [-].
        challenger: What the challenger's held [-].
        champion_miss: Mean distance between promised and held [-].
        challenger_miss: The same of the challenger [-].
        better: Whether the challenger's is no larger.
    """

    nominal: tuple[float, ...]
    champion: tuple[float, ...]
    challenger: tuple[float, ...]
    champion_miss: float
    challenger_miss: float
    better: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """What a comparison found.

    Attributes:
        ruling: better, not_better or too_few.
        outcomes: Forecasts that were held against a figure.
        periods: Different months among them.
        independent: How many of those are worth counting, forecasts that overlap counting once.
        crps: The whole distribution; None without any outcome.
        upper_tail: The levels from 0.9 up.
        coverage: The 50, 80 and 90 % intervals.
    """

    ruling: Ruling
    outcomes: int
    periods: int
    independent: float
    crps: ScoreCheck | None = None
    upper_tail: ScoreCheck | None = None
    coverage: CoverageCheck | None = None

    @property
    def no_worse(self) -> bool:
        """Whether nothing that is known speaks against the challenger; true if nothing is known."""
        checks = (self.crps, self.upper_tail)
        held = self.coverage is None or self.coverage.better
        return held and all(check is None or check.no_worse for check in checks)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Back from what `dataclasses.asdict` made of it."""
        whole, upper, held = (value[name] for name in ("crps", "upper_tail", "coverage"))
        if held is not None:
            lists = {name: tuple(held[name]) for name in ("nominal", "champion", "challenger")}
            held = CoverageCheck(**{**held, **lists})
        return cls(
            ruling=Ruling(value["ruling"]),
            outcomes=value["outcomes"],
            periods=value["periods"],
            independent=value["independent"],
            crps=None if whole is None else ScoreCheck(**whole),
            upper_tail=None if upper is None else ScoreCheck(**upper),
            coverage=held,
        )


def rule(sheet: GateSheet) -> GateVerdict:
    """Judge a challenger.

    Raises:
        InvalidInput: one of the two is silent on a month that it is judged on.

    Source:
        docs/methods.md, Champion gate, equations 1 to 3.
    """
    judged = np.isfinite(sheet.actual)
    months = np.unique(sheet.periods[judged])
    if not len(months):
        return GateVerdict(ruling=Ruling.TOO_FEW, outcomes=0, periods=0, independent=0.0)
    horizon = sheet.actual.shape[2]
    # Where in time each month lies: beyond the horizon forecasts of two months share nothing, so
    # a longer gap counts no more than that.
    steps = np.minimum(np.diff(months).astype(int), horizon)
    places = np.concatenate([[0], np.cumsum(steps)])
    independent = (int(places[-1]) + 1) / horizon
    stretches = _stretches(places, max(int(independent), 1))
    whole = _score_check(sheet, months, stretches, upper_tail=False)
    upper = _score_check(sheet, months, stretches, upper_tail=True)
    coverage = _coverage_check(sheet, months)
    passed = whole.better and upper.better and coverage.better
    ruling = Ruling.BETTER if passed else Ruling.NOT_BETTER
    return GateVerdict(
        ruling=ruling if independent >= FEWEST else Ruling.TOO_FEW,
        outcomes=int(judged.sum()),
        periods=len(months),
        independent=round(independent, 4),
        crps=whole,
        upper_tail=upper,
        coverage=coverage,
    )


def ruling_of(changed: Iterable[GateVerdict], *, others: Iterable[GateVerdict] = ()) -> Ruling:
    """One ruling on a challenger that was judged on several things.

    Args:
        changed: Of all that it does otherwise than the champion; it must be better in each.
        others: Of what only follows from that; it may not be worse there.

    Source:
        docs/methods.md, Champion gate, "Inflow and need".
    """
    rulings = {verdict.ruling for verdict in changed}
    if rulings == {Ruling.BETTER}:
        spared = all(verdict.no_worse for verdict in others)
        return Ruling.BETTER if spared else Ruling.NOT_BETTER
    return Ruling.NOT_BETTER if Ruling.NOT_BETTER in rulings else Ruling.TOO_FEW


def _stretches(places: np.ndarray[Any, Any], count: int) -> list[np.ndarray[Any, Any]]:
    """Which months lie in each of some stretches of equal length, by their places in time."""
    begins = [part[0] for part in np.array_split(np.arange(places[-1] + 1), count)]
    owner = np.searchsorted(begins, places, side="right") - 1
    return [np.flatnonzero(owner == stretch) for stretch in range(count)]


def _by_month(values: Floats, sheet: GateSheet, months: Months) -> Floats:
    """Mean over the forecasts of each month, so that every month counts once, (series, months)."""
    judged = np.isfinite(sheet.actual)
    table = np.full((values.shape[1], len(months)), np.nan)
    for series in range(values.shape[1]):
        known = judged[:, series]
        place = np.searchsorted(months, sheet.periods[:, series][known])
        count = np.bincount(place, minlength=len(months))
        total = np.bincount(place, values[:, series][known], minlength=len(months))
        np.divide(total, count, out=table[series], where=count > 0)
    return table


def _score_check(
    sheet: GateSheet, months: Months, stretches: list[np.ndarray[Any, Any]], *, upper_tail: bool
) -> ScoreCheck:
    champion, challenger, baseline = (
        _by_month(crps(sheet.actual, said, upper_tail=upper_tail), sheet, months)
        for said in (sheet.champion, sheet.challenger, sheet.baseline)
    )
    logs = np.array([_log_ratio(challenger[:, part], champion[:, part]) for part in stretches])
    middle = float(logs.mean())
    low = high = None
    if len(logs) > 1:
        error = float(logs.std(ddof=1)) / len(logs) ** 0.5
        reach = float(t.ppf(1 - CHANCE, len(logs) - 1)) * error
        low, high = float(np.exp(middle - reach)), float(np.exp(middle + reach))
    theirs, mine = relative_score(champion, baseline), relative_score(challenger, baseline)
    return ScoreCheck(
        champion=_rounded(theirs),
        challenger=_rounded(mine),
        ratio=round(float(np.exp(middle)), 6),
        low=_rounded(low),
        high=_rounded(high),
        # Lower as a whole too: a surge that it missed may not be outvoted by calm years.
        better=high is not None and high < 1 and mine < theirs,
    )


def _log_ratio(above: Floats, below: Floats) -> float:
    """Mean over series of the logarithm of one mean score over another [-]."""
    seen = np.isfinite(above).any(axis=1)
    means = [np.maximum(np.nanmean(part[seen], axis=1), SMALLEST) for part in (above, below)]
    return float(np.mean(np.log(means[0] / means[1])))


def _coverage_check(sheet: GateSheet, months: Months) -> CoverageCheck:
    held = {
        name: tuple(
            float(np.nanmean(_by_month(within(sheet.actual, said, nominal), sheet, months)))
            for nominal in NOMINALS
        )
        for name, said in (("champion", sheet.champion), ("challenger", sheet.challenger))
    }
    miss = {
        name: float(np.mean(np.abs(np.array(shares) - NOMINALS))) for name, shares in held.items()
    }
    return CoverageCheck(
        nominal=NOMINALS,
        champion=tuple(round(share, 4) for share in held["champion"]),
        challenger=tuple(round(share, 4) for share in held["challenger"]),
        champion_miss=round(miss["champion"], 6),
        challenger_miss=round(miss["challenger"], 6),
        better=miss["challenger"] <= miss["champion"],
    )


def _rounded(value: float | None) -> float | None:
    return round(value, 6) if value is not None and np.isfinite(value) else None
