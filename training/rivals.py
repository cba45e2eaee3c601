# SPDX-License-Identifier: EUPL-1.2
"""The official forecast of the yearly inflow beside ours, both from what was known that day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from models.catalogue import Status
from models.errors import InvalidInput
from models.periods import last_day, month_of, month_range
from models.scores import crps, within
from models.types import LEVELS, Floats, Panel
from models.years import year_total
from training.backtest import Progress
from training.dataset import inflow_panel
from training.futures import inflow_futures
from training.occupancy import INFLOW_ID
from training.store.official_forecasts import OfficialEdition
from training.store.records import Observation, Snapshot

__all__ = ["ANNUAL_ID", "Comparison", "RivalCheck", "RivalScore", "compare_official"]

ANNUAL_ID = f"{INFLOW_ID}.annual"
"""First, repeat and family in a year; resettled persons are not counted."""

PATHS = 2001

COLUMNS = (
    *("known", "year", "months", "actual", "ministry", "range"),
    *("getij", "80 %", "CRPS", "naive", "ministry counts"),
)

LOW, HIGH = 3, len(LEVELS) - 4
"""Places of the 10 % and 90 % levels."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RivalCheck:
    """One edition about one year, beside our forecast of that day and what happened.

    Attributes:
        edition: What the ministry published.
        known_until: The last day of which our forecast knew anything.
        known_months: Months of the year that were known to it [months].
        bridged_months: Months of the year without a figure between months with one [months].
        quantiles: Our forecast of the year at LEVELS [persons], shape (levels,).
        naive: Known months, and for the others the mean of the last twelve known [persons].
        outcome: What happened, as published for the year.
    """

    edition: OfficialEdition
    known_until: date
    known_months: int
    bridged_months: int
    quantiles: Floats
    naive: float
    outcome: Observation

    @property
    def actual(self) -> float:
        """What happened [persons]."""
        return self.outcome.value

    @property
    def median(self) -> float:
        """Our median forecast [persons]."""
        return float(self.quantiles[len(LEVELS) // 2])

    @property
    def crps(self) -> float:
        """Our score, to be held against an absolute error [persons]."""
        return float(crps(np.array(self.actual), self.quantiles))

    def error_of(self, persons: float) -> float:
        """Forecast minus actual [persons]."""
        return persons - self.actual

    def held(self, nominal: float) -> bool:
        """Whether our central interval held what happened."""
        return bool(within(np.array(self.actual), self.quantiles, nominal))

    def to_json(self) -> dict[str, Any]:
        """As plain values; what was not published is left out."""
        edition = {
            name: value for name, value in asdict(self.edition).items() if value not in {None, ""}
        }
        return {
            **edition,
            "known_at": self.edition.known_at.date().isoformat(),
            "known_until": self.known_until.isoformat(),
            "known_months": self.known_months,
            "bridged_months": self.bridged_months,
            "actual": self.actual,
            "actual_status": self.outcome.status.value,
            "range_held": self.edition.holds(self.actual),
            "ours": dict(zip((f"{level:g}" for level in LEVELS), self.quantiles, strict=True)),
            "crps": self.crps,
            "held_80": self.held(0.8),
            "held_90": self.held(0.9),
            "naive": self.naive,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalScore:
    """How one of the three did over all editions that can be compared.

    Attributes:
        forecast: ministry, getij or naive.
        count: Editions and years compared.
        mean_error: Mean absolute error of the middle [persons].
        relative_error: Mean absolute error as a share of what happened [-].
        bias: Mean error, forecast minus actual [persons].
        crps: Mean CRPS; of a single number it is the absolute error [persons].
    """

    forecast: str
    count: int
    mean_error: float
    relative_error: float
    bias: float
    crps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Every edition about a year that is over, oldest first.

    Attributes:
        checks: One per edition and year.
    """

    checks: tuple[RivalCheck, ...]

    @property
    def with_middle(self) -> tuple[RivalCheck, ...]:
        """Those with a medium or point forecast, or two ends to take the middle of."""
        return tuple(check for check in self.checks if check.edition.middle is not None)

    def scores(self) -> tuple[RivalScore, ...]:
        """Ministry, ours and naive over the editions with a middle; none if there is no such."""
        compared = self.with_middle
        if not compared:
            return ()
        said = {
            "ministry": [check.edition.middle or 0.0 for check in compared],
            "getij": [check.median for check in compared],
            "naive": [check.naive for check in compared],
        }
        actual = np.array([check.actual for check in compared])
        ours = float(np.mean([check.crps for check in compared]))
        return tuple(
            RivalScore(
                forecast=name,
                count=len(compared),
                mean_error=float(np.mean(np.abs(values - actual))),
                relative_error=float(np.mean(np.abs(values / actual - 1))),
                bias=float(np.mean(values - actual)),
                crps=ours if name == "getij" else float(np.mean(np.abs(values - actual))),
            )
            for name, values in said.items()
        )

    def held(self) -> dict[str, tuple[int, int]]:
        """How many ranges held what happened, and of how many."""
        ranges = [held for c in self.checks if (held := c.edition.holds(c.actual)) is not None]
        count = len(self.checks)
        return {
            "ministry, minimum to maximum": (sum(ranges), len(ranges)),
            "getij, 80 % interval": (sum(c.held(0.8) for c in self.checks), count),
            "getij, 90 % interval": (sum(c.held(0.9) for c in self.checks), count),
        }

    def table(self) -> list[list[str]]:
        """One row per edition and year as text, the header first.

        `months` of the year were known; * is not yet final; ~ lies halfway between both ends.
        """
        rows = [list(COLUMNS)]
        for check in self.checks:
            edition = check.edition
            firm = "" if check.outcome.status is Status.OBSERVED else "*"
            rows.append(
                [
                    edition.known_at.date().isoformat(),
                    str(edition.target_year),
                    str(check.known_months + check.bridged_months),
                    f"{check.actual:,.0f}{firm}",
                    ("~" if edition.basis == "halfway" else "")
                    + _with_error(check, edition.middle),
                    f"{_end(edition.low)}-{_end(edition.high)} {_answer(check)}".strip(),
                    _with_error(check, check.median),
                    _interval(check),
                    f"{check.crps:,.0f}",
                    f"{check.naive / check.actual - 1:+.0%}",
                    edition.counts,
                ]
            )
        return rows

    def summary(self) -> list[list[str]]:
        """Errors over all editions as text, the header first."""
        return [
            ["forecast", "editions", "mean error", "of actual", "bias", "CRPS"],
            *(
                [
                    score.forecast,
                    str(score.count),
                    f"{score.mean_error:,.0f}",
                    f"{score.relative_error:.1%}",
                    f"{score.bias:+,.0f}",
                    f"{score.crps:,.0f}",
                ]
                for score in self.scores()
            ),
        ]

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "checks": [check.to_json() for check in self.checks],
            "scores": [asdict(score) for score in self.scores()],
            "held": {
                name: {"held": held, "of": count} for name, (held, count) in self.held().items()
            },
        }


def _with_error(check: RivalCheck, persons: float | None) -> str:
    if persons is None:
        return ""
    return f"{persons:,.0f} ({check.error_of(persons) / check.actual:+.0%})"


def _interval(check: RivalCheck) -> str:
    low, high = check.quantiles[[LOW, HIGH]]
    return f"{low:,.0f}-{high:,.0f} {'held' if check.held(0.8) else 'missed'}"


def _end(persons: int | None) -> str:
    return "?" if persons is None else f"{persons:,}"


def _answer(check: RivalCheck) -> str:
    held = check.edition.holds(check.actual)
    return "" if held is None else "held" if held else "missed"


def compare_official(
    as_known_at: Callable[[datetime], Snapshot],
    *,
    editions: Sequence[OfficialEdition],
    actual: Snapshot,
    seed: int,
    lag: int = 0,
    pool: Panel | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Forecast each year on the day of each edition, from what was known then alone.

    Args:
        as_known_at: Gives the snapshot of a moment; a store's observations do.
        editions: Official forecasts; those of a year without an outcome are left out.
        actual: What is known now, for the outcomes.
        seed: Seed of all chance.
        lag: Know this many months less than on the day of the edition [months].
        pool: Further monthly series that join the panel, as far as they had ended by then.
        progress: Told after each day.

    Raises:
        InvalidInput: no edition is about a year with an outcome.
    """
    outcomes = {row.period.year: row for row in actual.of(ANNUAL_ID)}
    scored = [edition for edition in editions if edition.target_year in outcomes]
    if not scored:
        raise InvalidInput("None of the official forecasts has an outcome yet.")
    days = sorted({edition.known_at.date() for edition in scored})
    checks = []
    for done, day in enumerate(days, start=1):
        of_day = [edition for edition in scored if edition.known_at.date() == day]
        until = _less(day, months=lag)
        snapshot = as_known_at(datetime(until.year, until.month, until.day, tzinfo=UTC))
        checks += _checks(of_day, snapshot, until=until, outcomes=outcomes, pool=pool, seed=seed)
        if progress is not None:
            progress(done, len(days))
    return Comparison(checks=tuple(checks))


def _less(day: date, *, months: int) -> date:
    """The day, or the end of the month that lies so many months before it."""
    return day if months == 0 else last_day(month_of(day) - months)


def _checks(
    editions: Sequence[OfficialEdition],
    snapshot: Snapshot,
    *,
    until: date,
    outcomes: Mapping[int, Observation],
    pool: Panel | None,
    seed: int,
) -> list[RivalCheck]:
    """All editions of one day."""
    own = snapshot.panel([INFLOW_ID])
    (origin,) = own.origins
    last_year = max(edition.target_year for edition in editions)
    months = int((np.datetime64(f"{last_year}-12", "M") - origin).astype(int))
    panel = inflow_panel(snapshot)
    if pool is not None:
        ended = month_of(until) - (until != last_day(month_of(until)))
        panel = _joined(panel, pool.until(ended))
    sampled = inflow_futures(panel, months=months, paths=PATHS, seed=seed)
    usual = float(own.persons[0, np.isfinite(own.persons[0])][-12:].mean())
    checks = []
    for edition in editions:
        total = year_total(own, sampled, series_id=INFLOW_ID, year=edition.target_year)
        checks.append(
            RivalCheck(
                edition=edition,
                known_until=until,
                known_months=total.known,
                bridged_months=total.bridged,
                quantiles=np.quantile(total.persons, LEVELS),
                naive=total.so_far + total.ahead * usual,
                outcome=outcomes[edition.target_year],
            )
        )
    return checks


def _joined(panel: Panel, other: Panel) -> Panel:
    """Two monthly panels as one, over all their months.

    Raises:
        InvalidInput: they differ in frequency, or name the same series.
    """
    if panel.frequency is not other.frequency:
        raise InvalidInput("Series that join the panel must be monthly.")
    first = min(panel.periods[0], other.periods[0])
    last = max(panel.periods[-1], other.periods[-1])
    periods = month_range(first, int((last - first).astype(int)) + 1)
    parts = []
    for part in (panel, other):
        persons = np.full((len(part.series_ids), len(periods)), np.nan)
        start = int((part.periods[0] - first).astype(int))
        persons[:, start : start + len(part.periods)] = part.persons
        parts.append(persons)
    return Panel(
        series_ids=(*panel.series_ids, *other.series_ids),
        frequency=panel.frequency,
        periods=periods,
        persons=np.concatenate(parts),
    )
