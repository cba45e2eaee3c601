# SPDX-License-Identifier: EUPL-1.2
"""Spare places of a plan, and the odds and the price of lending the n-th of them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.planning.dual_use.lendable import Lendable
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.offers import DualUseOffer
from models.planning.portfolio.terms import MONTHS_PER_HALF_YEAR
from models.planning.register.contract_forms import CONTRACT_FORMS
from models.types import Floats

__all__ = ["LendingOdds", "SparePlaces", "chance_needed", "most_spare"]

# Without it, rounding noise in a division by the norm would cost a whole place.
_NOBODY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SparePlaces:
    """Places that nobody needs, by path and month; negative where they are short.

    Attributes:
        housing: Open, reserve and lent places, less those that the need takes [places], shape
            (paths, months).
        every: The same with emergency places as well.
    """

    housing: Floats
    every: Floats

    @classmethod
    def of(cls, need: Floats, *, housing: Floats, emergency: Floats, occupancy_norm: float) -> Self:
        """What the places of a plan leave over.

        Args:
            need: Need by month [persons], shape (paths, months).
            housing: Open, reserve and lent places [places], shape (half-years,) or (paths,
                half-years).
            emergency: Emergency places [places], of the same shape.
            occupancy_norm: Share of places that can be slept in at the same time [-].
        """
        spare = _by_month(housing) - need / occupancy_norm
        return cls(housing=spare, every=spare + _by_month(emergency))

    def since(self, half_year: int, *, paths: NDArray[np.bool_]) -> "SparePlaces":
        """From the start of a half-year on, on some of the paths."""
        start = half_year * MONTHS_PER_HALF_YEAR
        return SparePlaces(housing=self.housing[paths, start:], every=self.every[paths, start:])


def _by_month(places: Floats) -> Floats:
    return np.repeat(places, MONTHS_PER_HALF_YEAR, axis=-1)


class LendingOdds:
    """Odds and costs of lending the n-th place of those that are away equally long."""

    def __init__(
        self,
        spare: SparePlaces,
        *,
        away: Floats,
        judged: int,
        before: int,
        settings: PlanSettings,
    ) -> None:
        """Take what is spare while earlier offers are away.

        Args:
            spare: Places that nobody needs when nothing is lent.
            away: Places of earlier offers that cannot be back, by month [places].
            judged: Months until these places can be back.
            before: Places of all earlier offers [places].
            settings: Board's limit, occupancy norm and costs.
        """
        every = spare.every[:, :judged] - away[:judged]
        self._spare = spare.every
        self._rooms: Floats = every.min(axis=1)
        self._displaced = _Excess(spare.housing[:, :judged] - away[:judged])
        self._missing = _Excess(every)
        self._judged = judged
        self._before = before
        self._settings = settings
        self._in_term: dict[int, Floats] = {}
        self.most = most_spare(self._rooms, limit=settings.lending_limit)

    def offer(
        self, one: Lendable, *, first: int, units: int, period: str, branch: int | None
    ) -> DualUseOffer:
        """Lend so many units of a location, after `first` places that are away as long."""
        places = units * one.location.residents_per_unit
        last = first + places
        years = self._judged / 12
        displaced = self._displaced_eur(one, first=first, last=last)
        saved = places * one.saved_eur * years
        switching = 0.0 if one.lent_already else places * one.costs.opening_eur
        income = places * one.costs.lent_eur
        notice = CONTRACT_FORMS[one.location.dual_use].notice_months
        return DualUseOffer(
            location_id=one.location.location_id,
            period=period,
            branch=branch,
            use=one.use,
            form=one.location.dual_use,
            groups=one.groups,
            places=places,
            tenants=units * one.location.tenants_per_unit,
            term_months=one.term_months,
            months_until_back=one.months_until_back,
            notice_months=notice,
            counts_as_reserve=one.location.dual_use.recallable,
            judged_months=self._judged,
            chance_needed_early=chance_needed(self._rooms, last),
            chance_needed_in_term=chance_needed(self._over(one.term_months), self._before + last),
            income_eur=income,
            saved_eur=saved,
            switching_eur=switching,
            displaced_eur=displaced,
            value_eur=income * years + saved - switching - displaced,
        )

    def _over(self, months: int | None) -> Floats:
        """Fewest spare places over a term on each path; what is needed last is called last."""
        judged = min(months or self._spare.shape[1], self._spare.shape[1])
        if judged not in self._in_term:
            self._in_term[judged] = self._spare[:, :judged].min(axis=1)
        return self._in_term[judged]

    def _displaced_eur(self, one: Lendable, *, first: int, last: int) -> float:
        """Expected extra cost of people who would have slept in these places [EUR]."""
        costs, norm = self._settings.costs, self._settings.occupancy_norm
        here = costs.called_up if one.is_idle else costs.regular_housed
        displaced = self._displaced.between(first, last) * (costs.emergency_housed - here)
        missing = self._missing.between(first, last) * (
            costs.last_resort_person - costs.emergency_housed
        )
        return norm * (displaced + missing) / 12


class _Excess:
    """Expected places lent beyond those that are spare, summed over the months."""

    def __init__(self, spare: Floats) -> None:
        self._paths = len(spare)
        self._rising: Floats = np.sort(spare, axis=None)
        self._sums: Floats = np.concatenate([[0.0], np.cumsum(self._rising)])

    def between(self, first: int, last: int) -> float:
        """What lending places `first` + 1 to `last` adds [place·months]."""
        return self._excess(last) - self._excess(first)

    def _excess(self, lent: int) -> float:
        short = int(np.searchsorted(self._rising, lent))
        return float(lent * short - self._sums[short]) / self._paths


def most_spare(rooms: Floats, *, limit: float) -> int:
    """The most places that are needed too early with at most this chance [places].

    Args:
        rooms: Places that each path can miss [places], shape (paths,).
        limit: The chance [-], above 0 and below 1.

    Source:
        docs/methods.md, Dual use, equation 3.
    """
    rank = int(np.floor(limit * len(rooms) + 1e-9))
    return max(int(np.floor(np.partition(rooms, rank)[rank] + _NOBODY)), 0)


def chance_needed(rooms: Floats, places: int) -> float:
    """Share of paths that can miss fewer than so many places [-]."""
    return float(np.mean(rooms < places - _NOBODY))
