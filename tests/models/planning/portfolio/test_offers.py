# SPDX-License-Identifier: EUPL-1.2
"""Offers of dual use: hand-worked, against a walk place by place, and the laws they keep."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from models.planning.costs import CostParameters
from models.planning.dual_use.lending import offers
from models.planning.dual_use.odds import SparePlaces
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.uses import UseState
from models.planning.register.locations import ContractForm, DualUseGroup
from tests.models.planning.builders import PERIODS, regular

OPEN, RESERVE = UseState.OPEN, UseState.RESERVE

FORMS = (ContractForm.VACANCY_ACT, ContractForm.TEMPORARY_RENT, ContractForm.CAMPUS_CONTRACT)


def settings(**changed):
    return PlanSettings(**({"lending_limit": 0.25, "occupancy_norm": 1.0} | changed))


def asked(lines, need, *, emergency=0, apart=None, asking=None):
    """Offers for lines that stay in one use throughout, each given as (location, use)."""
    asking = asking or settings()
    half_years = need.shape[1] // 6
    register = [line for line, _ in lines]
    housing = np.full(half_years, float(sum(line.places for line in register)))
    branches = 1 if apart is None else apart.max() + 1
    return offers(
        register,
        courses=[[[use] * half_years for _, use in lines]] * branches,
        places=np.tile([[line.places] for line in register], (branches, 1, half_years)),
        member=np.zeros(len(need), dtype=int) if apart is None else apart,
        known_from=1,
        spare=SparePlaces.of(
            need,
            housing=housing,
            emergency=np.full(half_years, float(emergency)),
            occupancy_norm=asking.occupancy_norm,
        ),
        periods=PERIODS,
        settings=asking,
    )


def by_quarter(*levels):
    return np.repeat(np.array(levels, dtype=float), 3, axis=1)


def walk_place_by_place(lines, need, *, limit, occupancy_norm):
    """Lend unit after unit, as long as few enough paths run short before it could be back.

    The slow twin for the first half-year: places of every location that gets any.
    """
    there = sum(line.places for line, _ in lines)
    until_back = {
        ContractForm.VACANCY_ACT: 9,
        ContractForm.TEMPORARY_RENT: 24,
        ContractForm.CAMPUS_CONTRACT: 10_000,
    }
    away, given_to = [], {}
    for line, _ in sorted(lines, key=lambda one: (until_back[one[0].dual_use], one[1] is OPEN)):
        months = until_back[line.dual_use]
        for _unit in range(line.places // line.residents_per_unit):
            tried = [*away, *[months] * line.residents_per_unit]
            judged = range(min(months, need.shape[1]))
            left = [there - sum(until > month for until in tried) for month in judged]
            short = sum(
                any(path[month] > occupancy_norm * left[month] + 1e-9 for month in judged)
                for path in need
            )
            if short > limit * len(need):
                return given_to
            away = tried
            given_to[line.location_id] = given_to.get(line.location_id, 0) + line.residents_per_unit
    return given_to


def cost_of_housing(need, places, *, emergency, asking, here):
    """What people cost on top of the places, path by path and month by month [EUR]."""
    costs, total = asking.costs, 0.0
    for persons in need.ravel():
        inside = min(persons, asking.occupancy_norm * places)
        hall = min(persons - inside, asking.occupancy_norm * emergency)
        total += inside * here + hall * costs.emergency_housed
        total += (persons - inside - hall) * costs.last_resort_person
    return total / 12 / len(need)


class TestWorkedByHand:
    """200 places; four futures, of which one needs 150 persons from the third quarter on."""

    lines = ((regular("a", 100), RESERVE), (regular("b", 100), OPEN))
    need = by_quarter(*[[60] * 6] * 3, [60, 60, 150, 150, 150, 150])

    def test_lends_what_all_but_a_quarter_of_the_futures_can_miss(self):
        a, b = asked(self.lines, self.need)[:2]

        assert [(one.location_id, one.places) for one in (a, b)] == [("a", 100), ("b", 40)]
        assert [one.period for one in (a, b)] == ["2026-01", "2026-01"]
        # one future in four has only 50 places to spare in months 7 to 9
        assert (a.chance_needed_early, b.chance_needed_early) == (0.25, 0.25)

    def test_lends_only_what_nobody_needs_where_the_limit_is_smaller(self):
        (a, *_) = asked(self.lines, self.need, asking=settings(lending_limit=0.2))

        assert (a.location_id, a.places) == ("a", 50)
        assert (a.chance_needed_early, a.chance_needed_in_term) == (0.0, 0.0)

    def test_counts_rent_staff_switching_and_those_who_are_displaced(self):
        costs = CostParameters()
        a, b = asked(self.lines, self.need)[:2]
        years_short = 3 / 4 / 12  # three months, in one future of four

        assert (a.judged_months, a.income_eur) == (9, 360_000.0)
        # without `a`, 50 of the 150 persons have no place
        assert a.displaced_eur == pytest.approx(
            years_short * 50 * (costs.last_resort_person - costs.called_up)
        )
        assert (a.saved_eur, a.switching_eur) == (0.0, 250_000.0)
        assert a.value_eur == pytest.approx(270_000 - 250_000 - a.displaced_eur)
        # without 40 places of `b`, another 40
        assert b.displaced_eur == pytest.approx(
            years_short * 40 * (costs.last_resort_person - costs.regular_housed)
        )
        assert b.saved_eur == pytest.approx(40 * costs.regular_standby * 9 / 12)

    def test_charges_the_emergency_for_those_whom_it_can_hold(self):
        costs = CostParameters()
        (a, *_) = asked(self.lines[:1], self.need, emergency=60)

        # the 60 persons of most months move to the hall; in months 7 to 9 of one future the hall
        # is full: 100 more than now are not inside, and 90 of the 150 have no place
        moved, missing = (3 * 60 * 9 + 60 * 6 + 100 * 3) / 4, 90 * 3 / 4
        assert a.places == 100
        assert a.displaced_eur == pytest.approx(
            moved / 12 * (costs.emergency_housed - costs.called_up)
            + missing / 12 * (costs.last_resort_person - costs.emergency_housed)
        )

    def test_says_to_whom_for_how_long_and_when_back(self):
        (a, *_) = asked(self.lines, self.need)

        assert a.form is ContractForm.VACANCY_ACT
        assert a.counts_as_reserve
        assert a.groups == tuple(DualUseGroup)
        assert (a.months_until_back, a.notice_months, a.term_months) == (9, 3, 120)


class TestUnits:
    def test_give_up_four_places_for_each_student_where_four_share_a_unit(self):
        block = regular("block", 100, residents_per_unit=4)
        (offer, *_) = asked([(block, RESERVE)], by_quarter([57, 57]))

        # 43 places can be missed: ten units, and one rent for each
        assert (offer.places, offer.tenants) == (40, 10)
        assert offer.income_eur == pytest.approx(10 * 3_600)

    def test_leave_less_than_one_unit_unused(self):
        block = regular("block", 100, residents_per_unit=4)

        assert asked([(block, RESERVE)], by_quarter([97, 97])) == ()


class TestFormsThatCannotBeRecalled:
    need = by_quarter([60] * 12, [60] * 12, [60] * 11 + [150])

    def test_are_judged_to_the_end_of_the_plan(self):
        """The shortage of the last quarter is beyond nine months, but not beyond a campus."""
        asking = settings(lending_limit=0.1)
        campus = regular("campus", 200, dual_use=ContractForm.CAMPUS_CONTRACT)
        (given_away, *_) = asked([(campus, OPEN)], self.need, asking=asking)
        (recallable, *_) = asked([(regular("site", 200), OPEN)], self.need, asking=asking)

        assert (given_away.places, recallable.places) == (50, 140)
        assert (given_away.judged_months, recallable.judged_months) == (36, 9)

    def test_say_that_the_places_do_not_come_back(self):
        campus = regular("campus", 200, dual_use=ContractForm.CAMPUS_CONTRACT)
        (offer, *_) = asked([(campus, OPEN)], self.need)

        assert (offer.months_until_back, offer.notice_months, offer.term_months) == (None,) * 3
        assert not offer.counts_as_reserve
        assert offer.chance_needed_early == offer.chance_needed_in_term

    def test_count_on_others_only_once_those_are_back(self):
        """A temporary rent ends after two years; a campus may rely on it from then on."""
        temporary = regular("temporary", 100, dual_use=ContractForm.TEMPORARY_RENT)
        campus = regular("campus", 100, dual_use=ContractForm.CAMPUS_CONTRACT)
        lines = [(campus, OPEN), (temporary, OPEN)]
        within = asked(lines, by_quarter([90] * 7 + [110] + [90] * 4))
        after = asked(lines, by_quarter([90] * 11 + [110]))

        assert {one.location_id: one.places for one in within if one.period == "2026-01"} == {
            "temporary": 90
        }
        assert {one.location_id: one.places for one in after if one.period == "2026-01"} == {
            "temporary": 100,
            "campus": 10,
        }


class TestBranches:
    def test_have_offers_of_their_own_once_they_can_be_told_apart(self):
        need = by_quarter([60, 60, 60, 60], [60, 60, 90, 90])
        found = asked([(regular("a", 100), OPEN)], need, apart=np.array([0, 1]))

        assert [(one.period, one.branch, one.places) for one in found] == [
            ("2026-01", None, 10),
            ("2026-07", 0, 40),
            ("2026-07", 1, 10),
        ]


class TestAgainstTheClosedForm:
    def test_chance_is_that_of_a_normal_need(self):
        paths = 4_000
        level = (np.arange(paths) + 0.5) / paths
        need = np.repeat((800 + 100 * norm.ppf(level))[:, np.newaxis], 12, axis=1)
        asking = settings(lending_limit=0.05, occupancy_norm=0.9)
        lines = [(regular("a", 50), RESERVE), (regular("b", 1_200), OPEN)]
        a, b = asked(lines, need, asking=asking)[:2]

        assert a.places + b.places == int(1_250 - (800 + 100 * norm.ppf(0.95)) / 0.9)
        assert a.chance_needed_early == pytest.approx(
            norm.sf((0.9 * 1_200 - 800) / 100), abs=1 / paths
        )
        assert b.chance_needed_early == pytest.approx(0.05, abs=0.001)


needs = st.integers(0, 10_000).map(
    lambda seed: np.random.default_rng(seed).integers(0, 60, (12, 30)).astype(float)
)
lines_of_a_plan = st.lists(
    st.tuples(
        st.integers(4, 40),
        st.sampled_from(FORMS),
        st.sampled_from([OPEN, RESERVE]),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=4,
).map(
    lambda drawn: [
        (regular(f"line-{at}", places, dual_use=form, residents_per_unit=unit), use)
        for at, (places, form, use, unit) in enumerate(drawn)
    ]
)
limits = st.sampled_from([0.05, 0.1, 0.25, 0.5, 0.9])


def by_place(found):
    return {(one.period, one.location_id): one.places for one in found}


def offers_no_less(more, fewer):
    more = by_place(more)
    return all(more.get(key, 0) >= places for key, places in by_place(fewer).items())


class TestLaws:
    @given(lines_of_a_plan, needs, limits, st.sampled_from([1.0, 0.91]))
    def test_equal_the_walk_place_by_place(self, lines, need, limit, occupancy_norm):
        lines = [(replace(line, lent_eur=3_600.0), use) for line, use in lines]
        asking = settings(lending_limit=limit, occupancy_norm=occupancy_norm)
        found = [one for one in asked(lines, need, asking=asking) if one.period == "2026-01"]

        assert {one.location_id: one.places for one in found} == walk_place_by_place(
            lines, need, limit=limit, occupancy_norm=occupancy_norm
        )

    @given(lines_of_a_plan, needs, limits, limits)
    def test_a_higher_limit_never_offers_fewer_places(self, lines, need, one, other):
        strict, loose = sorted([one, other])

        assert offers_no_less(
            asked(lines, need, asking=settings(lending_limit=loose)),
            asked(lines, need, asking=settings(lending_limit=strict)),
        )

    @given(lines_of_a_plan, needs, st.integers(0, 1_000))
    def test_a_higher_need_never_offers_more(self, lines, need, seed):
        more = need + np.random.default_rng(seed).integers(0, 5, need.shape)

        assert offers_no_less(asked(lines, need), asked(lines, more))

    @given(lines_of_a_plan, needs, limits)
    def test_keep_every_chance_below_the_limit_and_rising_with_the_places(self, lines, need, limit):
        found = asked(lines, need, asking=settings(lending_limit=limit))

        assert all(one.chance_needed_early <= limit for one in found)
        assert all(one.chance_needed_early <= one.chance_needed_in_term for one in found)
        for before, after in pairwise(found):
            if (before.period, before.form) == (after.period, after.form):
                assert before.chance_needed_early <= after.chance_needed_early

    @given(needs, st.integers(0, 40), st.sampled_from([OPEN, RESERVE]))
    def test_price_the_displaced_as_housing_everybody_with_and_without_does(
        self, need, emergency, use
    ):
        asking = settings(lending_limit=0.9, occupancy_norm=0.9)
        here = asking.costs.regular_housed if use is OPEN else asking.costs.called_up
        found = asked([(regular("a", 50), use)], need, emergency=emergency, asking=asking)
        for offer in found:
            start = list(PERIODS.astype(str)).index(offer.period)
            months = need[:, start : start + offer.judged_months]
            with_them, without = (
                cost_of_housing(months, places, emergency=emergency, asking=asking, here=here)
                for places in (50, 50 - offer.places)
            )

            assert offer.displaced_eur == pytest.approx(without - with_them, abs=1e-3)

    @given(lines_of_a_plan, needs)
    def test_are_worth_rent_and_savings_less_both_costs(self, lines, need):
        for one in asked(lines, need):
            gains = one.income_eur * one.judged_months / 12 + one.saved_eur

            assert one.value_eur == pytest.approx(gains - one.switching_eur - one.displaced_eur)
