# SPDX-License-Identifier: EUPL-1.2
"""How good the monthly estimates are: hide months that were printed, estimate them, compare.

`python -m training.sources.reference.check` prints the tables of docs/methods.md.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from models.disaggregation import chow_lin
from training.sources.reference.estimates import (
    FAMILY,
    FIRST,
    INPUTS,
    KINDS,
    REPEAT,
    SPLICE,
    TOTAL,
    Monthly,
    estimate,
)
from training.sources.reference.known import Known, known_at, month_number, month_start
from training.sources.reference.nowcast import WEEKLY
from training.sources.reference.tables import definitions, facts

__all__ = ["Accuracy", "accuracy", "latest", "report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Errors of estimates against printed months, estimate less printed.

    Attributes:
        what: Series and span.
        method: Denton or Chow-Lin.
        hidden: `one` month at a time (in every kind), or `all` printed months at once.
        months: How many printed months were compared.
        mean_error: Mean absolute error over printed [percent].
        bias: Sum of errors over sum of printed [percent].
        largest: Largest absolute error over printed [percent].
    """

    what: str
    method: str
    hidden: str
    months: int
    mean_error: float
    bias: float
    largest: float

    @classmethod
    def of(
        cls, pairs: Iterable[tuple[float, float]], *, what: str, method: str, hidden: str
    ) -> "Accuracy":
        """Compare pairs of an estimate and what was printed [persons]."""
        estimated, printed = np.array(list(pairs)).T
        share = np.abs(estimated - printed) / printed
        return cls(
            what=what,
            method=method,
            hidden=hidden,
            months=len(printed),
            mean_error=100 * float(share.mean()),
            bias=100 * float(estimated.sum() / printed.sum() - 1),
            largest=100 * float(share.max()),
        )


def latest() -> Known:
    """The last known value of every figure that an estimate looks at, and of the weeks."""
    rows = [row for row in facts(definitions()) if row.series_id in INPUTS | {WEEKLY}]
    return known_at(max(row.known_at for row in rows), rows)


def _hidden_one_by_one(known: Known, months: Iterable[int]) -> dict[str, Monthly]:
    found: dict[str, Monthly] = {kind: {} for kind in KINDS}
    for month in months:
        for kind, estimates in estimate(known.without(KINDS, [month])).items():
            found[kind][month] = estimates[month]
    return found


def accuracy(known: Known) -> list[Accuracy]:
    """Hide printed months one at a time and all at once; Chow-Lin for first applications."""
    printed = sorted({month for kind in KINDS for month in known.of(kind)})
    end_of_joint = max(known.of("nl.inflow.first_and_family"))
    spans = (
        ("first applications to 2019-03", FIRST, lambda month: month < SPLICE),
        ("first applications from 2019-04", FIRST, lambda month: month >= SPLICE),
        ("family reunification from 2016-08", FAMILY, lambda month: month > end_of_joint),
        ("repeat applications to 2019-03", REPEAT, lambda month: month < SPLICE),
        ("repeat applications from 2019-04", REPEAT, lambda month: month >= SPLICE),
        ("total inflow", TOTAL, lambda _: True),
    )
    one_hidden = _hidden_one_by_one(known, printed)
    unprinted = known.without(KINDS, printed)
    runs = [
        ("Denton", "one", one_hidden, spans),
        ("Denton", "all", estimate(unprinted), spans),
        ("Chow-Lin", "all", estimate(unprinted, share_out=chow_lin), spans[:2]),
    ]
    return [
        Accuracy.of(
            [
                (estimates[kind][month], value)
                for month, value in known.of(kind).items()
                if wanted(month)
            ],
            what=what,
            method=method,
            hidden=hidden,
        )
        for method, hidden, estimates, compared in runs
        for what, kind, wanted in compared
    ]


def _hidden_table(known: Known) -> list[str]:
    return [
        "| Months of | Method | Hidden | Months | Mean error | Bias | Largest |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {row.what} | {row.method} | {row.hidden} | {row.months} "
            f"| {row.mean_error:.1f} % | {row.bias:+.1f} % | {row.largest:.0f} % |"
            for row in accuracy(known)
        ),
    ]


def _year_table(known: Known) -> list[str]:
    months = estimate(known)
    rows = [
        "| Year | First | Family | Repeat | Sum | Monthly total | Published | Difference |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for year, published in known.of(f"{TOTAL}.annual").items():
        first, family, repeat, total = (
            sum(months[kind][month] for month in range(year, year + 12)) for kind in KINDS
        )
        rows.append(
            f"| {year // 12} | {first} | {family} | {repeat} | {first + family + repeat} | {total} "
            f"| {published:.0f} | {100 * (total / published - 1):+.1f} % |"
        )
    return rows


def _week_table(known: Known) -> list[str]:
    """Printed weeks beside the monthly totals; a week belongs to the month of its Thursday."""
    months = estimate(known)[TOTAL]
    weeks = [row for row in facts(definitions()) if row.series_id == WEEKLY]
    rows = ["| Week from | Printed | Average week of its month, or of the year |", "|---|---|---|"]
    for week in weeks:
        month = month_number(week.period + timedelta(days=3))
        if month in months:
            days = (month_start(month + 1) - month_start(month)).days
            rows.append(f"| {week.period} | {week.value:.0f} | {7 * months[month] / days:.0f} |")
    last = max(months)
    after = [week.value for week in weeks if month_number(week.period) > last]
    year = sum(months[month] for month in range(last - 11, last + 1))
    days = (month_start(last + 1) - month_start(last - 11)).days
    name = month_start(last).year
    rows.append(
        f"| {len(after)} weeks after {name} | {np.mean(after):.0f} | {7 * year / days:.0f} |"
    )
    return rows


def report() -> str:
    """The three tables, as they stand in docs/methods.md."""
    known = latest()
    parts = [_hidden_table(known), _year_table(known), _week_table(known)]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


if __name__ == "__main__":
    sys.stdout.write(report())
