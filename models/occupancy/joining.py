# SPDX-License-Identifier: EUPL-1.2
"""Joining what is known of the inflow to what may come, so that one stream feeds the chain."""

from collections.abc import Sequence

import numpy as np

from models.errors import InvalidInput
from models.occupancy.model import FittedChain
from models.occupancy.simulation import ChainPaths
from models.occupancy.specification import ChainSpecification
from models.periods import Frequency, Months, month_range
from models.types import Floats, Panel, SamplePaths

__all__ = ["arrivals_after", "by_month", "flow_paths", "known_and_expected", "need_paths"]


_LONGEST_BRIDGE = 6
"""Gaps in the inflow up to this length are bridged [months]."""


def by_month(panel: Panel) -> Panel:
    """The same counts by month: a quarter is spread evenly over its months.

    The stock hardly feels how arrivals lie within a quarter, so nothing finer is assumed here.

    Raises:
        InvalidInput: the periods are no whole months.
    """
    length = panel.frequency.months
    months = len(panel.periods) * length
    return Panel(
        series_ids=panel.series_ids,
        frequency=Frequency.MONTH,
        periods=month_range(panel.periods[0], months) if months else panel.periods,
        persons=np.repeat(panel.persons / length, length, axis=1),
    )


def _future_by_month(sampled: SamplePaths, inflow_id: str) -> tuple[Months, Floats]:
    """Months and paths of one sampled series, shapes (months,) and (paths, months)."""
    length = sampled.frequency.months
    paths = np.repeat(sampled.of(inflow_id) / length, length, axis=1)
    first = sampled.periods_of(inflow_id)[0]
    return month_range(first, paths.shape[1]), paths


def _without_short_gaps(persons: Floats) -> Floats:
    """Monthly counts with gaps of a few months bridged by a straight line; longer ones stay.

    The stock hardly feels the difference, and no figure is stored or shown for such a month.
    """
    known = np.flatnonzero(np.isfinite(persons))
    if not len(known):
        return persons
    months = np.arange(len(persons))
    before = np.searchsorted(known, months, side="right") - 1
    after = np.searchsorted(known, months)
    inside = (before >= 0) & (after < len(known))
    width = np.full(len(persons), np.inf)
    width[inside] = known[after[inside]] - known[before[inside]] - 1
    line: Floats = np.interp(months, known, persons[known])
    return np.where(width <= _LONGEST_BRIDGE, line, np.nan)


def known_and_expected(
    known: Panel, sampled: SamplePaths, *, inflows: Sequence[str], until: np.datetime64
) -> Panel:
    """The known months of the inflows, then the medians of their sampled futures as far as needed.

    Occupancy is often known a little later than inflow; the months between are fitted with what
    was most likely then.

    Args:
        known: Inflow by month or quarter [persons].
        sampled: Its futures, beginning right after the last known period.
        inflows: Which series, in the order of the chain's entries.
        until: The month that must be reached; the known months are taken whole in any case.

    Raises:
        InvalidInput: the known figures do not reach to the month before the sampled ones, or
            the sampled ones not to the month that must be reached.
    """
    past = by_month(known.select(list(inflows)))
    futures = [_future_by_month(sampled, inflow_id) for inflow_id in inflows]
    first = min(months[0] for months, _ in futures)
    end = max(until, first - 1)
    count = int((end - past.periods[0]).astype(int)) + 1
    persons = np.full((len(inflows), count), np.nan)
    for row, (months, paths) in enumerate(futures):
        before = int((months[0] - past.periods[0]).astype(int))
        expected = min(count - before, paths.shape[1])
        if not 0 < before <= len(past.periods) or before + expected < count:
            raise InvalidInput(f"The inflow of {inflows[row]!r} is not known up to {end}.")
        medians = np.median(paths[:, :expected], axis=0)
        joined = np.concatenate([past.persons[row, :before], medians])
        persons[row] = _without_short_gaps(joined)[:count]
    return Panel(
        series_ids=tuple(inflows),
        frequency=Frequency.MONTH,
        periods=month_range(past.periods[0], count),
        persons=persons,
    )


def arrivals_after(
    until: np.datetime64, sampled: SamplePaths, *, inflows: Sequence[str]
) -> tuple[Months, Floats]:
    """The sampled inflow from the month after `until` on.

    Returns:
        The months, and the counts [persons/month], shape (inflows, paths, months).

    Raises:
        InvalidInput: nothing is sampled after that month, or not from there on.
    """
    futures = [_future_by_month(sampled, inflow_id) for inflow_id in inflows]
    last = min(months[-1] for months, _ in futures)
    count = int((last - until).astype(int))
    if count < 1:
        raise InvalidInput(f"The state of the chain, {until}, lies beyond the sampled inflow.")
    if any(months[0] > until + 1 for months, _ in futures):
        raise InvalidInput(f"The inflow is not known from {until + 1} on.")
    begins = [int((until + 1 - months[0]).astype(int)) for months, _ in futures]
    arrivals = np.stack(
        [paths[:, begin : begin + count] for begin, (_, paths) in zip(begins, futures, strict=True)]
    )
    return month_range(until + 1, count), arrivals


def need_paths(
    specification: ChainSpecification,
    course: ChainPaths,
    *,
    fitted: FittedChain,
    need_id: str,
    total: Floats | None = None,
) -> SamplePaths:
    """The need as sampled series: everybody, and everybody by stage and by group.

    Args:
        specification: Of the chain.
        course: What came of it.
        fitted: Where it began.
        need_id: Name of the whole; `.total` at its end, if there, makes way for the parts.
        total: Another forecast of the whole, path by path; the parts are scaled to it.

    Returns:
        Persons on the last day of each month [persons]: the whole, then
        `….stage.<stage>` and `….group.<group>`, each set adding up to the whole in every path.
    """
    stem = need_id.removesuffix(".total")
    persons = course.persons
    if total is not None:
        persons = persons * (total / np.maximum(course.total, 1e-9))
    series = {need_id: persons.sum(axis=0)}
    if len(specification.compartments) > 1:
        for kind, names in (("stage", specification.stages), ("group", specification.groups)):
            for name in names:
                rows = [
                    row
                    for row, part in enumerate(specification.compartments)
                    if getattr(part, kind) == name
                ]
                series[f"{stem}.{kind}.{name}"] = persons[rows].sum(axis=0)
    return SamplePaths(
        series_ids=tuple(series),
        frequency=Frequency.MONTH,
        origins=np.full(len(series), fitted.until, dtype="datetime64[M]"),
        persons=np.stack(list(series.values()), axis=1),
    )


def flow_paths(fitted: FittedChain, course: ChainPaths) -> SamplePaths | None:
    """What goes through each bottleneck, as sampled series; None where there is no bottleneck.

    Returns:
        `<chain>.served.<bottleneck>` [persons/month] and `<chain>.waited.<bottleneck>`, how long
        those served had waited on average [months], zero where nobody was served.
    """
    stem = fitted.specification.chain_id
    series = {}
    for part in fitted.specification.bottlenecks:
        series[f"{stem}.served.{part.name}"] = course.served[part.name]
        series[f"{stem}.waited.{part.name}"] = np.nan_to_num(course.waited[part.name])
    if not series:
        return None
    return SamplePaths(
        series_ids=tuple(series),
        frequency=Frequency.MONTH,
        origins=np.full(len(series), fitted.until, dtype="datetime64[M]"),
        persons=np.stack(list(series.values()), axis=1),
    )
