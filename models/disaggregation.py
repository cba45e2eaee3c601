# SPDX-License-Identifier: EUPL-1.2
"""Months out of totals: a monthly indicator is bent until every known total holds exactly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInput
from models.types import Floats

__all__ = ["SpanTotal", "chow_lin", "disaggregate", "set_aside", "to_whole"]

_EXACT = 1e-6
"""Within this many persons a value counts as whole, and a sum as met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanTotal:
    """The sum over successive months: one for a printed month, three for a quarter.

    Attributes:
        first: Index of the first month [-].
        months: Length of the span [months].
        total: Sum over the span [persons].
    """

    first: int
    months: int
    total: float

    def __post_init__(self) -> None:
        if self.first < 0 or self.months < 1:
            raise InvalidInput(f"A span of {self.months} months from {self.first} does not exist.")
        if not np.isfinite(self.total) or self.total < 0:
            raise InvalidInput(f"A total of {self.total} over a span is not a count.")

    @property
    def end(self) -> int:
        """Index after the last month [-]."""
        return self.first + self.months


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Block:
    """Months that share one amount: what is left of a span once shorter spans are paid out."""

    months: NDArray[np.intp]
    amount: float


def _split(totals: Sequence[SpanTotal], count: int) -> tuple[list[_Block], list[SpanTotal]]:
    """Disjoint blocks that express the totals, and the totals that bind nothing."""
    owner: list[_Block | None] = [None] * count
    blocks: list[_Block] = []
    left_over: list[SpanTotal] = []
    for span in sorted(totals, key=lambda span: (span.months, span.first)):
        if span.end > count:
            raise InvalidInput(f"A total ends at month {span.end} of {count}.")
        inside = range(span.first, span.end)
        paid = list(dict.fromkeys(block for month in inside if (block := owner[month])))
        if any(b.months[0] < span.first or b.months[-1] >= span.end for b in paid):
            raise InvalidInput("Totals may lie inside one another but may not cross.")
        free = [month for month in inside if owner[month] is None]
        amount = span.total - sum(block.amount for block in paid)
        if not free or amount < 0:
            left_over.append(span)
            continue
        blocks.append(_Block(months=np.array(free), amount=amount))
        for month in free:
            owner[month] = blocks[-1]
    return blocks, left_over


def set_aside(totals: Sequence[SpanTotal], months: int) -> tuple[SpanTotal, ...]:
    """The totals that bind nothing, because shorter spans already say more.

    The one rule for totals that overlap: the shorter span wins. A total whose months are
    all spoken for, or that is smaller than the shorter totals inside it, is set aside.

    Args:
        totals: Totals, nested or apart.
        months: Length of the series [months].

    Returns:
        Those set aside, shortest first.

    Raises:
        InvalidInput: two spans cross, or one ends after the series.
    """
    return tuple(_split(totals, months)[1])


def _usable(indicator: Floats, blocks: Sequence[_Block]) -> Floats:
    """The indicator at mean one, with a level where a total falls on months without any."""
    if indicator.ndim != 1 or not np.isfinite(indicator).all() or np.any(indicator < 0):
        raise InvalidInput("An indicator is one row of finite counts, never negative.")
    positive = indicator[indicator > 0]
    scaled = indicator / positive.mean() if len(positive) else np.ones_like(indicator)
    for block in blocks:
        if block.amount > 0 and not scaled[block.months].any():
            # Nothing says how the total is spread over these months: as in an average month.
            scaled[block.months] = 1.0
    return scaled


def _smoothest(shape: Floats, blocks: Sequence[_Block], free: NDArray[np.bool_]) -> Floats:
    """Ratio to the indicator with the smallest squared steps, zero where not free."""
    columns = np.flatnonzero(free)
    order = np.flatnonzero(shape > 0)
    steps = np.zeros((len(order) - 1, len(shape)))
    steps[np.arange(len(order) - 1), order[1:]] = 1.0
    steps[np.arange(len(order) - 1), order[:-1]] = -1.0
    steps = steps[:, columns]
    sums = np.zeros((len(blocks), len(shape)))
    for row, block in enumerate(blocks):
        sums[row, block.months] = shape[block.months]
    sums = sums[:, columns]
    size = len(columns)
    system = np.zeros((size + len(blocks), size + len(blocks)))
    system[:size, :size] = steps.T @ steps
    system[:size, size:] = sums.T
    system[size:, :size] = sums
    wanted = np.concatenate([np.zeros(size), [block.amount for block in blocks]])
    ratio = np.zeros(len(shape))
    ratio[columns] = np.linalg.solve(system, wanted)[:size]
    return ratio


def disaggregate(indicator: Floats, totals: Sequence[SpanTotal]) -> Floats:
    """Monthly counts that follow the indicator and meet every binding total.

    The ratio of the result to the indicator is kept as smooth as the totals allow
    (proportional first differences). A month that no total covers carries the ratio on. A
    month whose indicator is zero stays zero, unless a positive total falls on such months
    alone; they are then given the level of an average month. A month that would turn
    negative is held at zero and the others are solved again.

    Args:
        indicator: Monthly indicator, in any unit, never negative, shape (months,).
        totals: Known totals [persons], at least one positive; see `set_aside` for overlaps.

    Returns:
        Counts [persons], shape (months,), never negative.

    Raises:
        InvalidInput: no positive total, crossing spans, or an indicator that is no count.

    Source:
        Denton (1971), in the form of Cholette (1984); Dagum and Cholette (2006), chapter 6;
        docs/methods.md, "Monthly inflow from quarterly totals".
    """
    indicator = np.asarray(indicator, dtype=float)
    blocks, _ = _split(totals, len(indicator))
    shape = _usable(indicator, blocks)
    paid_out = [block for block in blocks if block.amount > 0]
    if not paid_out:
        raise InvalidInput("Without any positive total there is nothing to share out.")
    level = sum(b.amount for b in paid_out) / sum(shape[b.months].sum() for b in paid_out)
    unit = [_Block(months=b.months, amount=b.amount / level) for b in paid_out]
    free = shape > 0
    for block in blocks:
        if block.amount == 0:
            free[block.months] = False
    ratio = _smoothest(shape, unit, free)
    while np.any(ratio < 0):
        free &= ratio > 0
        ratio = _smoothest(shape, unit, free)
    counts: Floats = level * ratio * shape
    return counts


def to_whole(values: Floats, totals: Sequence[SpanTotal]) -> NDArray[np.int64]:
    """Whole persons that keep every binding total, by the largest remainder.

    Args:
        values: Counts that meet the totals [persons], shape (months,).
        totals: The same totals [persons], whole numbers.

    Returns:
        Whole counts [persons], shape (months,); each within one of its value.

    Raises:
        InvalidInput: a total is not whole, or the values do not meet the totals.
    """
    whole = np.rint(values).astype(np.int64)
    blocks, _ = _split(totals, len(values))
    for block in blocks:
        part = values[block.months]
        if block.amount != np.rint(block.amount):
            raise InvalidInput(f"A total of {block.amount} is not a whole number of persons.")
        if abs(part.sum() - block.amount) > _EXACT * max(1.0, block.amount):
            raise InvalidInput("The values do not meet the totals they are rounded to.")
        # A value a hair below a whole number is that number.
        floor = np.floor(part + _EXACT)
        missing = int(block.amount - floor.sum())
        largest = np.argsort(floor - part, kind="stable")[:missing]
        floor[largest] += 1
        whole[block.months] = floor.astype(np.int64)
    return whole


def chow_lin(indicator: Floats, totals: Sequence[SpanTotal]) -> Floats:
    """Monthly counts by regression on the indicator, the rival that `disaggregate` is held to.

    A constant and the indicator explain the totals; monthly errors follow a first-order
    autoregression whose coefficient has the largest likelihood on a grid. The residual of
    each total is spread by that covariance, so totals hold exactly, but a month can turn
    negative.

    Args:
        indicator: Monthly indicator, shape (months,).
        totals: Known totals [persons], at least three that bind.

    Returns:
        Counts [persons], shape (months,).

    Raises:
        InvalidInput: fewer than three binding totals.

    Source:
        Chow and Lin (1971), with the likelihood of Bournay and Laroque (1979).
    """
    months = len(indicator)
    blocks, _ = _split(totals, months)
    if len(blocks) < 3:
        raise InvalidInput("A regression on totals needs at least three of them.")
    sums = np.zeros((len(blocks), months))
    for row, block in enumerate(blocks):
        sums[row, block.months] = 1.0
    amounts = np.array([block.amount for block in blocks])
    regressors = np.column_stack([np.ones(months), indicator])
    lags = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    best, chosen = -np.inf, np.zeros(months)
    for rho in (*np.arange(0.0, 0.96, 0.05), 0.97, 0.99):
        covariance = rho**lags / (1.0 - rho**2)
        weights = np.linalg.inv(sums @ covariance @ sums.T)
        low = sums @ regressors
        slope = np.linalg.solve(low.T @ weights @ low, low.T @ weights @ amounts)
        error = amounts - low @ slope
        _, log_det = np.linalg.slogdet(weights)
        likelihood = float(log_det - len(blocks) * np.log(error @ weights @ error))
        if likelihood > best:
            best = likelihood
            chosen = regressors @ slope + covariance @ sums.T @ weights @ error
    return chosen
