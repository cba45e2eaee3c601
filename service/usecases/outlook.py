# SPDX-License-Identifier: EUPL-1.2
"""The outlook of an issued forecast: its peak, its room, its queues, and who is inside and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.catalogue import Status
from models.errors import NotFound
from models.occupancy import FittedChain
from models.occupancy.outlook import exceedance, half_year_sums, peak, waiting_times
from models.occupancy.specification import Bottleneck, ChainSpecification
from models.periods import Months, month_of
from models.types import Floats, SamplePaths
from service.storage.desk import Desk
from service.usecases.forecasts import Division
from service.usecases.outlook_content import (
    BottleneckOutlook,
    ChanceInMonth,
    ExceedanceInMonth,
    FlowInHalfYear,
    NeedPart,
    Outlook,
    PartBasis,
    PeakOutlook,
    Room,
    RoomOutlook,
    ShareInMonth,
    WaitInMonth,
)
from service.usecases.overview import register_totals
from training.store.forecasts import ForecastEntry

__all__ = ["make_outlook", "room_now"]

TARGETS = {"nl.served.homes": "nl.housing.target"}
"""The series that says how many should be served in a half-year, by the flow that it is about."""

SERVED, WAITED = "served", "waited"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Foundation:
    """The part of an issued forecast that an outlook is made from, small enough to remember."""

    need_id: str
    need: Floats
    periods: Months
    shares: Mapping[str, Floats]
    flows: SamplePaths | None
    chain: FittedChain | None


@lru_cache(maxsize=4)
def _foundation(desk: Desk, forecast_id: str) -> _Foundation:
    """What was issued never changes, and reading every path takes a second."""
    issued = desk.store.forecasts.get(forecast_id)
    whole, *parts = issued.need.series_ids
    need = issued.need.of(whole)
    return _Foundation(
        need_id=whole,
        need=need.copy(),  # not the parts beside it
        periods=issued.need.periods_of(whole),
        shares={
            part: (issued.need.of(part) / np.maximum(need, 1e-9)).mean(axis=0) for part in parts
        },
        flows=issued.flows,
        chain=issued.chain,
    )


def room_now(desk: Desk, *, occupancy_norm: float) -> Room | None:
    """The room that the places open now give; None where there is no register."""
    try:
        places = register_totals(desk.registers.latest().locations).open
    except NotFound:
        return None
    return Room.of(places, occupancy_norm=occupancy_norm)


def make_outlook(
    desk: Desk,
    entry: ForecastEntry,
    *,
    room: Room | None,
    levels: Sequence[float],
    first: str | None = None,
    last: str | None = None,
) -> Outlook:
    """The outlook of an issued forecast.

    Args:
        desk: Where it lies.
        entry: Which forecast.
        room: What the need is held against.
        levels: Published levels [-], in any order.
        first: First month to look at, YYYY-MM; that of the forecast's figures if not given, for
            what has passed is no outlook.
        last: Last month to look at, YYYY-MM; the last one of the forecast if not given.

    Raises:
        NotFound: the forecast has no month in that stretch.
    """
    issued = _foundation(desk, entry.forecast_id)
    today = min(max(month_of(entry.as_of.date()), issued.periods[0]), issued.periods[-1])
    begin = today if first is None else np.datetime64(first, "M")
    end = issued.periods[-1] if last is None else np.datetime64(last, "M")
    wanted = (issued.periods >= begin) & (issued.periods <= end)
    if not wanted.any():
        raise NotFound("month of this forecast in", f"{begin} to {end}")
    need, periods = issued.need[:, wanted], issued.periods[wanted]
    ordered = sorted(set(levels))
    return Outlook(
        first=str(periods[0]),
        last=str(periods[-1]),
        peak=_peak(need, periods, ordered),
        exceedance=None if room is None else _exceedance(need, periods, room, ordered),
        bottlenecks=_bottlenecks(desk, entry, issued, periods, ordered),
        stages=_parts(issued, Division.STAGE, wanted),
        groups=_parts(issued, Division.GROUP, wanted),
    )


def _by_level(levels: Sequence[float], values: Floats) -> dict[str, float]:
    """Rounded once, here, to a tenth of a person or month."""
    return {
        f"{level:g}": round(float(value), 1) for level, value in zip(levels, values, strict=True)
    }


def _chances(values: Floats) -> list[float]:
    rounded: list[float] = np.round(values, 4).tolist()
    return rounded


def _peak(need: Floats, periods: Months, levels: Sequence[float]) -> PeakOutlook:
    found = peak(need, periods, levels=levels)
    return PeakOutlook(
        period=str(found.month),
        persons=_by_level(levels, found.persons),
        periods=tuple(
            ChanceInMonth(period=str(month), chance=chance)
            for month, chance in zip(periods, _chances(found.chances), strict=True)
        ),
    )


def _exceedance(need: Floats, periods: Months, room: Room, levels: Sequence[float]) -> RoomOutlook:
    found = exceedance(need, periods, capacity=room.persons, levels=levels)
    firsts = None
    if found.first is not None:
        named = zip(levels, found.first, strict=True)
        firsts = {f"{level:g}": str(month) for level, month in named}
    rows = zip(periods, _chances(found.in_month), _chances(found.by_month), strict=True)
    return RoomOutlook(
        room=room,
        chance=round(found.chance, 4),
        first_periods=firsts,
        periods=tuple(
            ExceedanceInMonth(period=str(month), chance=chance, chance_by_then=by_then)
            for month, chance, by_then in rows
        ),
    )


def _bottlenecks(
    desk: Desk, entry: ForecastEntry, issued: _Foundation, periods: Months, levels: Sequence[float]
) -> tuple[BottleneckOutlook, ...]:
    if issued.flows is None or issued.chain is None:
        return ()
    specification = issued.chain.specification
    return tuple(
        _bottleneck(
            part,
            issued.flows,
            specification=specification,
            periods=periods,
            levels=levels,
            targets=_targets(desk, entry, f"{specification.chain_id}.{SERVED}.{part.name}"),
        )
        for part in specification.bottlenecks
    )


def _bottleneck(
    part: Bottleneck,
    flows: SamplePaths,
    *,
    specification: ChainSpecification,
    periods: Months,
    levels: Sequence[float],
    targets: Mapping[str, tuple[float, Status]],
) -> BottleneckOutlook:
    stem = specification.chain_id
    served_id = f"{stem}.{SERVED}.{part.name}"
    served, waited = flows.of(served_id), flows.of(f"{stem}.{WAITED}.{part.name}")
    months = flows.periods_of(served_id)
    wanted = np.isin(months, periods)
    waits = waiting_times(waited[:, wanted], served[:, wanted], levels=levels)
    # A half-year that has begun is whole: what went through before today was forecast too.
    halves, sums = half_year_sums(served, months)
    amounts = np.quantile(sums, levels, axis=0).T
    return BottleneckOutlook(
        name=part.name,
        title=part.title,
        partner=part.partner,
        # Whoever is in a stage for longer counts as half-way through the last month told apart.
        longest_wait=specification.months_tracked - 0.5,
        waiting=tuple(
            WaitInMonth(
                period=str(month),
                quantiles=_by_level(levels, row) if np.isfinite(row).all() else None,
            )
            for month, row in zip(months[wanted], waits, strict=True)
        ),
        half_years=tuple(
            FlowInHalfYear(
                period=str(half),
                quantiles=_by_level(levels, row),
                target=targets.get(str(half), (None, None))[0],
                target_status=targets.get(str(half), (None, None))[1],
            )
            for half, row in zip(halves, amounts, strict=True)
            if half + 5 >= periods[0] and half + 5 <= periods[-1]
        ),
    )


def _targets(desk: Desk, entry: ForecastEntry, flow_id: str) -> dict[str, tuple[float, Status]]:
    """What was asked of a flow, as known when the forecast was made, by half-year."""
    target_id = TARGETS.get(flow_id)
    if target_id is None or target_id not in {row.series_id for row in desk.store.series.all()}:
        return {}
    known = desk.store.observations.as_known_at(entry.as_of, series_ids=[target_id])
    return {str(month_of(row.period)): (row.value, row.status) for row in known.of(target_id)}


def _parts(
    issued: _Foundation, division: Division, wanted: NDArray[np.bool_]
) -> tuple[NeedPart, ...]:
    """The stages or the groups of the need, in the order of the chain."""
    if issued.chain is None:
        return ()
    specification = issued.chain.specification
    titles = specification.stages if division is Division.STAGE else specification.groups
    stem = f"{issued.need_id.removesuffix('.total')}.{division}."
    return tuple(
        NeedPart(
            series_id=series_id,
            title=title,
            basis=_basis(issued.chain, name, division),
            periods=tuple(
                ShareInMonth(period=str(month), share=share)
                for month, share in zip(
                    issued.periods[wanted], _chances(issued.shares[series_id][wanted]), strict=True
                )
            ),
        )
        for name, title in titles.items()
        if (series_id := f"{stem}{name}") in issued.shares
    )


def _basis(chain: FittedChain, name: str, division: Division) -> PartBasis:
    """Whether figures that were used tell of a stage or a group, and of that one alone."""
    used = [part for part in chain.specification.measurements if chain.counted.get(part.series_id)]
    if division is Division.GROUP:
        told = [set(part.groups) for part in used]
        is_told = any(name in some for some in told)
    else:
        told = [
            {*part.stages, *(start for start, _ in part.routes)} for part in used if not part.groups
        ]
        is_told = name not in chain.inferred
    if {name} in told:
        return PartBasis.COUNTED
    return PartBasis.COUNTED_TOGETHER if is_told else PartBasis.INFERRED
