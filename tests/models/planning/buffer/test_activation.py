# SPDX-License-Identifier: EUPL-1.2
"""Tiers are called up with what is known, help once they are ready, and leave nobody uncounted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.planning.buffer.activation import (
    Growth,
    call_up_level,
    expected_growth,
    ready_up_to,
    stay,
)
from models.planning.buffer.tiers import TierName
from models.planning.costs import CostParameters
from tests.models.planning.buffer.ladders import AT_ONCE, tier

MONTHS = 6
RESERVE = TierName.DIRECT_RESERVE
EMERGENCY = TierName.EMERGENCY

needs = st.lists(
    st.lists(st.integers(0, 12), min_size=MONTHS + 2, max_size=MONTHS + 2), min_size=1, max_size=4
).map(lambda rows: np.array(rows, dtype=float))
delays = st.integers(0, 3)
terms = st.integers(0, 3)
factors = st.lists(st.sampled_from([1.0, 2.0]), min_size=MONTHS, max_size=MONTHS).map(np.array)
"""Whole factors keep whole persons whole."""


def ready_with(need, one, *, before, growth=None):
    growth = np.ones(need.shape[1] - before) if growth is None else growth
    return ready_up_to(need, tier=one, before=before, growth=whatever_the_need(growth))


def whatever_the_need(factors):
    """Growth that is the same in all futures."""
    return Growth(limits=np.zeros((len(factors), 0)), factors=np.array(factors)[:, np.newaxis])


def place_by_place(path, one, *, before, growth, places):
    """In which months each place of a tier is ready: slow and obvious.

    Returns:
        Truth by number of the place and month.
    """
    ready = []
    for number in places:
        months, in_use = [], False
        for month in range(len(path) - before):
            decided = before + month - one.activation_months
            may = month >= one.first_ready and decided >= 0
            called = may and growth[month] * path[decided] > number
            months.append(called or in_use)
            in_use = months[-1] and path[before + month] > number
        ready.append(months)
    return ready


class TestReadyUpTo:
    def test_brings_no_help_in_month_two_from_a_tier_that_takes_six(self):
        need = np.array([[10.0, *[20.0] * 9]])

        ready = ready_with(need, tier(RESERVE, activation_months=6), before=1)

        # The window begins with the second month; the first call is of the day it begins.
        assert ready.tolist() == [[0] * 5 + [10] + [20] * 3]

    def test_helps_at_once_where_no_time_is_needed(self):
        need = np.array([[3.0, 7.0, 5.0]])

        # In the last month two places stand empty that were used the month before.
        assert ready_with(need, AT_ONCE, before=0).tolist() == [[3, 7, 7]]

    def test_waits_for_the_end_of_a_term(self):
        lent = tier(TierName.RECALLABLE_DUAL_USE, activation_months=3, earliest_months=6)

        ready = ready_with(np.full((1, 13), 9.0), lent, before=1)

        assert ready.tolist() == [[0] * 8 + [9] * 4]

    def test_keeps_a_place_while_somebody_sleeps_in_it(self):
        need = np.array([[8.0, 3.0, 8.0, 8.0, 2.0, 2.0]])

        ready = ready_with(need, tier(RESERVE, activation_months=2), before=0)

        # Month 2: called for 8. Month 3: called for 3, but 8 stay. Month 5: 8 called, 2 in use.
        assert ready.tolist() == [[0, 0, 8, 8, 8, 8]]

    def test_gives_back_what_nobody_used_and_nobody_is_expected_in(self):
        need = np.array([[8.0, 3.0, 3.0, 3.0]])

        ready = ready_with(need, tier(RESERVE, activation_months=1), before=0)

        assert ready.tolist() == [[0, 8, 3, 3]]

    @given(needs, delays, terms, factors)
    def test_is_what_a_count_place_by_place_finds(self, need, delay, term, growth):
        one = tier(RESERVE, activation_months=delay, earliest_months=term)
        ready = ready_with(need, one, before=2, growth=growth)
        every = range(26)

        for path, up_to in zip(need, ready, strict=True):
            counted = place_by_place(path, one, before=2, growth=growth, places=every)
            assert [[number < level for level in up_to] for number in every] == counted


class TestWhatIsKnown:
    """Nothing that happens after a month changes what was called up in it."""

    @given(needs, needs, st.integers(0, MONTHS - 1), st.integers(1, 3), factors)
    def test_is_the_past_alone(self, need, future, month, delay, growth):
        rows = min(len(need), len(future))
        need, other = need[:rows], need[:rows].copy()
        other[:, 2 + month + 1 :] = future[:rows, 2 + month + 1 :]
        one = tier(RESERVE, activation_months=delay)

        def walk(paths):
            return ready_with(paths, one, before=2, growth=growth)

        assert np.array_equal(walk(need)[:, : month + 2], walk(other)[:, : month + 2])

    def test_is_checked_by_a_walk_that_peeks(self):
        """The known-bad control: places called up for the need that is to come."""
        need = np.array([[5.0, 5.0, 5.0, 5.0, 5.0]])
        other = np.array([[5.0, 5.0, 5.0, 9.0, 9.0]])
        one = tier(RESERVE, activation_months=1)

        def peeks(paths):
            return ready_with(np.roll(paths, -1, axis=1), one, before=0)

        def honest(paths):
            return ready_with(paths, one, before=0)

        assert np.array_equal(honest(need)[:, :4], honest(other)[:, :4])
        assert not np.array_equal(peeks(need)[:, :4], peeks(other)[:, :4])


class TestExpectedGrowth:
    def test_is_what_the_paths_together_show(self):
        need = np.array([[10.0, 10.0], [10.0, 12.0], [10.0, 14.0], [10.0, 16.0], [10.0, 18.0]])

        growth = expected_growth(need, tier=tier(RESERVE), before=1, level=0.5)

        assert growth.factors.tolist() == [[1.4]]

    def test_is_that_of_the_futures_which_are_like_the_day(self):
        """What has risen falls back, what has fallen rises: all of it seen in the need by then."""
        low, high = np.linspace(10, 11, 50), np.linspace(20, 21, 50)
        need = np.column_stack([[*low, *high], [*(2 * low), *(0.5 * high)]])

        growth = expected_growth(need, tier=tier(RESERVE), before=1, level=0.8)

        np.testing.assert_allclose(growth.need_in(0, now=np.array([10.5, 20.5])), [21, 10.25])

    def test_tells_no_path_what_is_to_become_of_it(self):
        """The more futures, the more parts; too few to hide among are one part."""
        rng = np.random.default_rng(1)

        def parts(paths):
            need = rng.uniform(1, 2, (paths, 2))
            growth = expected_growth(need, tier=tier(RESERVE), before=1, level=0.8)
            return growth.factors.shape[1]

        assert [parts(paths) for paths in (3, 99, 100, 260, 500, 2_000)] == [1, 1, 2, 5, 10, 10]

    def test_of_a_day_that_is_the_same_on_all_paths_is_that_of_all(self):
        need = np.column_stack([np.full(200, 10.0), np.linspace(10, 20, 200)])

        growth = expected_growth(need, tier=tier(RESERVE), before=1, level=0.5)

        np.testing.assert_allclose(growth.need_in(0, now=np.array([1.0, 10.0, 99.0]))[1], 15)

    def test_is_one_where_nothing_was_known_so_early(self):
        need = np.array([[10.0, 20.0, 40.0]])

        two = tier(RESERVE, activation_months=2)
        growth = expected_growth(need, tier=two, before=0, level=0.8)

        assert growth.factors.tolist() == [[1], [1], [4]]

    def test_takes_a_need_of_nobody_as_no_growth(self):
        need = np.array([[0.0, 20.0]])

        assert expected_growth(need, tier=tier(RESERVE), before=1, level=0.8).factors == [[1]]


class TestCallUpLevel:
    COSTS = CostParameters()

    def level(self, *, missing_eur=39_000.0, **prices):
        one = tier(RESERVE, **prices)
        return call_up_level(one, costs=self.COSTS, missing_eur=missing_eur, norm=1.0)

    def test_weighs_a_place_called_up_for_nothing_against_a_missing_one(self):
        # 8,065 euros of staff a year, against 39,000 for who has no place.
        assert self.level() == pytest.approx(39_000 / (39_000 + 8_065))

    def test_is_lower_where_calling_up_costs_more_and_higher_where_a_missing_place_does(self):
        dear_to_call, usual, dear_to_miss = (
            self.level(activation_eur=2_500.0),
            self.level(),
            self.level(missing_eur=60_000.0),
        )

        assert dear_to_call < usual < dear_to_miss

    def test_calls_nothing_up_that_is_no_better_than_the_emergency(self):
        assert self.level(person_eur=self.COSTS.emergency_person) == 0

    def test_does_not_hang_on_a_price_where_emergency_reception_is_found(self):
        found = {
            call_up_level(tier(EMERGENCY), costs=self.COSTS, missing_eur=missing, norm=0.9)
            for missing in (1.0, 39_000.0)
        }

        assert found == {0.8}


class TestStay:
    @given(needs, delays, delays, st.lists(st.integers(0, 5), min_size=3, max_size=3))
    def test_is_what_a_count_person_by_person_finds(self, need, slow, quick, places):
        ladder = (
            tier(RESERVE, activation_months=slow),
            tier(TierName.TEMPORARY, activation_months=quick),
            tier(EMERGENCY, activation_months=1),
        )
        growth = np.ones(MONTHS)
        ready = [ready_with(need, one, before=2) for one in ladder]
        housed = stay(need[:, 2:], tiers=ladder, ready=ready, places=places, norm=1.0)
        edges = np.cumsum([0, *places])

        for at, path in enumerate(need):
            slept = np.zeros((5, MONTHS))
            found = place_by_place(path, ladder[2], before=2, growth=growth, places=range(12))
            for person in range(12):
                own = int(np.searchsorted(edges[1:], person, side="right"))
                at_home = [True] * MONTHS
                if own:
                    at_home = [False] * MONTHS
                if own in {1, 2}:
                    (at_home,) = place_by_place(
                        path, ladder[own - 1], before=2, growth=growth, places=[person]
                    )
                for month in range(MONTHS):
                    if path[2 + month] > person:
                        where = own if at_home[month] else 3 if found[person][month] else 4
                        slept[where, month] += 1

            assert housed.used[:, at].tolist() == slept[:3].tolist()
            assert housed.emergency[at].tolist() == slept[3].tolist()
            assert housed.waiting[at].tolist() == slept[4].tolist()

    def test_lets_people_sleep_in_no_more_than_the_norm(self):
        housed = stay(np.array([[95.0]]), tiers=(), ready=(), places=(100,), norm=0.9)

        assert housed.used.item() == 90
        assert housed.missing.item() == 5

    def test_puts_who_waits_for_a_reserve_in_emergency_reception_once_that_is_ready(self):
        need = np.array([[10.0, *[15.0] * 4]])
        ladder = (tier(RESERVE, activation_months=3), tier(EMERGENCY, activation_months=1))
        ready = [ready_with(need, one, before=1) for one in ladder]

        housed = stay(need[:, 1:], tiers=ladder, ready=ready, places=(10, 5), norm=1.0)

        assert housed.waiting.tolist() == [[5, 0, 0, 0]]
        assert housed.emergency.tolist() == [[0, 5, 5, 0]]
        assert housed.used[1].tolist() == [[0, 0, 0, 5]]
        assert housed.missing.tolist() == [[5, 5, 5, 0]]


@pytest.mark.parametrize("delay", [1, 3])
def test_a_quicker_tier_is_never_ready_for_fewer(delay: int):
    need = np.random.default_rng(3).integers(0, 50, (20, 12)).astype(float)
    growing = np.maximum.accumulate(need, axis=1)

    slow = ready_with(growing, tier(RESERVE, activation_months=delay), before=2)
    quick = ready_with(growing, tier(RESERVE, activation_months=delay - 1), before=2)

    assert (quick >= slow).all()
