# SPDX-License-Identifier: EUPL-1.2
"""Spread over the provinces: shares of the places against the statutory indicative distribution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.errors import InvalidInput
from models.planning.register.locations import Location

__all__ = [
    "ProvinceSpread",
    "indicative_shares",
    "indicative_tasks",
    "province_spread",
    "spread_deviation",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceSpread:
    """What one province holds, against what it would hold by the indicative distribution.

    Attributes:
        province: One of `PROVINCES`.
        places: Places held there [places].
        indicative_places: Its task: the sum over its municipalities [places].
        share: Its share of all places held; 0 where none are held [-].
        indicative_share: Its share of the whole task [-].
    """

    province: str
    places: int
    indicative_places: int
    share: float
    indicative_share: float


def indicative_tasks(register: Sequence[Location]) -> dict[str, int]:
    """The indicative task by province, in alphabetical order [places].

    Every line of a municipality carries the task of the whole municipality, which counts once.
    """
    by_municipality = {
        one.municipality_code: (one.province, one.indicative_places) for one in register
    }
    tasks = dict.fromkeys(sorted({one.province for one in register}), 0)
    for province, places in by_municipality.values():
        tasks[province] += places
    return tasks


def indicative_shares(register: Sequence[Location]) -> dict[str, float]:
    """Each province's share of the indicative distribution [-], which add up to one.

    Raises:
        InvalidInput: the register states no indicative places, so no share is known.
    """
    tasks = indicative_tasks(register)
    total = sum(tasks.values())
    if not total:
        raise InvalidInput("The register states no indicative places: no province has a share.")
    return {province: places / total for province, places in tasks.items()}


def spread_deviation(places: Mapping[str, float], shares: Mapping[str, float]) -> float:
    """How far places lie from the indicative distribution: half the distance of the shares.

    It is the share of the places that would have to lie in another province. As rows of a
    programme, with P the places of all provinces and d their distances, a largest deviation D is
    d_p >= +-(places_p - share_p P) for every province, and sum of d_p <= 2 D P.

    Args:
        places: Places held, by province; a province left out holds none [places].
        shares: Share of the indicative distribution, by province [-].

    Returns:
        Deviation in [0, 1]; 0 where no places are held at all.

    Source:
        docs/methods.md, Alternatives, equation 1.
    """
    held = sum(places.values())
    if not held:
        return 0.0
    provinces = sorted(set(places) | set(shares))
    distances = (abs(places.get(one, 0.0) / held - shares.get(one, 0.0)) for one in provinces)
    return sum(distances) / 2


def province_spread(
    register: Sequence[Location], places: Sequence[float]
) -> tuple[ProvinceSpread, ...]:
    """What every province of a register holds, against its task.

    Args:
        register: Lines of the register.
        places: Places held by each line, in the same order [places].

    Returns:
        One entry per province of the register, in alphabetical order; shares of the task are 0
        where the register states no task at all.
    """
    tasks = indicative_tasks(register)
    held = dict.fromkeys(tasks, 0.0)
    for location, count in zip(register, places, strict=True):
        held[location.province] += count
    total, task = sum(held.values()), sum(tasks.values())
    return tuple(
        ProvinceSpread(
            province=province,
            places=round(held[province]),
            indicative_places=tasks[province],
            share=held[province] / total if total else 0.0,
            indicative_share=tasks[province] / task if task else 0.0,
        )
        for province in tasks
    )
