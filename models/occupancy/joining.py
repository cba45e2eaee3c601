# SPDX-License-Identifier: EUPL-1.2
"""Joining what is known of the inflow to what may come, so that one stream feeds the stock."""

import numpy as np

from models.errors import InvalidInput
from models.occupancy.model import OccupancyModel
from models.periods import Frequency, Months, month_range
from models.types import Floats, Panel, SamplePaths

__all__ = ["by_month", "known_and_expected", "need_paths"]


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


def known_and_expected(known: Panel, sampled: SamplePaths, *, inflow_id: str) -> Panel:
    """The known months of one series, then the median of its sampled future.

    Occupancy is often known a little later than inflow; the months between are fitted with what
    was most likely then.

    Raises:
        InvalidInput: the known figures do not reach to the month before the sampled ones.
    """
    past = by_month(known.select([inflow_id]))
    months, paths = _future_by_month(sampled, inflow_id)
    before = int((months[0] - past.periods[0]).astype(int))
    if not 0 < before <= len(past.periods):
        raise InvalidInput(f"The inflow of {inflow_id!r} is not known up to {months[0]}.")
    return Panel(
        series_ids=past.series_ids,
        frequency=Frequency.MONTH,
        periods=month_range(past.periods[0], before + len(months)),
        persons=_without_short_gaps(
            np.concatenate([past.persons[0, :before], np.median(paths, axis=0)])
        )[None, :],
    )


def need_paths(
    model: OccupancyModel,
    *,
    known: Panel,
    sampled: SamplePaths,
    inflow_id: str,
    need_id: str,
    rng: np.random.Generator,
) -> SamplePaths:
    """Paths of the need that follow the paths of the inflow, one for one.

    The stock runs from its last dated point through the inflow that is known since, and then
    along each sampled path.

    Args:
        model: Fitted on points up to its origin.
        known: Inflow by month or quarter [persons].
        sampled: Its futures, beginning right after the last known period.
        inflow_id: The inflow series in both.
        need_id: Name of the series that comes out.
        rng: Source of chance.

    Returns:
        Persons inside on the last day of each month [persons], from the first sampled month
        on, or from the month of the model's origin where that is later.

    Raises:
        InvalidInput: the known inflow does not reach from the last point to the first path.
    """
    months, paths = _future_by_month(sampled, inflow_id)
    past = by_month(known.select([inflow_id]))
    span = int((months[0] - model.first_month).astype(int))
    if span > 0:
        begin = int((model.first_month - past.periods[0]).astype(int))
        joined = np.append(past.persons[0, : begin + span], np.median(paths[:, 0]))
        between = _without_short_gaps(joined)[max(begin, 0) : -1]
        if begin < 0 or len(between) < span or not np.isfinite(between).all():
            raise InvalidInput(
                f"The inflow of {inflow_id!r} is not known from {model.first_month} "
                f"to {months[0] - 1}."
            )
        inflow = np.concatenate([np.tile(between, (len(paths), 1)), paths], axis=1)
    else:
        inflow = paths[:, -span:]
    need = model.sample(inflow, rng=rng)[:, max(span, 0) :]
    if not need.shape[1]:
        raise InvalidInput(f"The last point, {model.origin}, lies beyond the sampled inflow.")
    return SamplePaths(
        series_ids=(need_id,),
        frequency=Frequency.MONTH,
        origins=np.array([max(months[0], model.first_month) - 1], dtype="datetime64[M]"),
        persons=need[:, None, :],
    )
