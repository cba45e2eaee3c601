# SPDX-License-Identifier: EUPL-1.2
"""Deciding now what can be mended later: laws, a hand-worked case, and trying everything."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.planning.costs import CostParameters
from models.planning.replay import waiting
from models.planning.replay.half_year import Reserves, Terms, half_year_cost, stand_ready
from models.planning.replay.waiting import MONTHS_AHEAD, best_places

TERMS = Terms(costs=CostParameters(), norm=1.0, lot=100)


def flat(*persons, months=MONTHS_AHEAD):
    """One path per number, the same in all months."""
    return np.repeat(np.array(persons, dtype=float)[:, np.newaxis], months, axis=1)


def by_half_year(*paths):
    """Paths of which the lead, and then every half-year, has its own need."""
    return np.repeat(np.array(paths, dtype=float), 6, axis=1)


def stage_cost(need, places, decision, *, terms, reserves):
    """Cost by path of the half-year that a decision is for."""
    begin, end = 6 * decision + 6, 6 * decision + 12
    ready = stand_ready(need, expected=need, terms=terms, reserves=reserves)
    there = None if ready is None else ready.between(begin - 1, end)
    return half_year_cost(need[:, begin:end], places, terms=terms, ready=there)


def brute_force(need, *, held, terms, choices, reserves):
    """The first choice of the cheapest tree of decisions, every tree tried.

    Two decisions: one now, and half a year on one for each need that can be known by then.
    """
    costs = terms.costs

    def moved(before, after):
        return costs.open_place * max(after - before, 0) + costs.close_place * max(
            before - after, 0
        )

    known = sorted(set(need[:, 5]))
    first, second = (
        {one: stage_cost(need, one, decision, terms=terms, reserves=reserves) for one in choices}
        for decision in (0, 1)
    )
    best = (np.inf, 0.0)
    for now in choices:
        for later in product(choices, repeat=len(known)):
            total = moved(held, now)
            for path, seen in enumerate(need[:, 5]):
                then = later[known.index(seen)]
                total += (first[now][path] + moved(now, then) + second[then][path]) / len(need)
            best = min(best, (total, now))
    return best[1]


class TestCost:
    def test_charges_a_hand_worked_half_year(self):
        # 500 held, 400 needed for half a year: 100 empty; 300 held: 100 missing.
        cost = half_year_cost(flat(400, months=6), np.array([500.0]), terms=TERMS)

        assert cost == pytest.approx([600 / 12 * 15_000])
        assert half_year_cost(flat(400, months=6), 300, terms=TERMS) == pytest.approx(
            [600 / 12 * 39_000]
        )


class TestBestPlaces:
    def test_holds_what_is_needed_when_the_need_is_certain(self):
        assert best_places(flat(800), held=800, terms=TERMS, reserves=Reserves.NONE) == 800
        assert best_places(flat(800), held=300, terms=TERMS, reserves=Reserves.NONE) == 800

    def test_divides_by_the_norm(self):
        norm = Terms(costs=CostParameters(), norm=0.8, lot=100)

        assert best_places(flat(800), held=800, terms=norm, reserves=Reserves.NONE) == 1_000

    def test_closes_nothing_that_must_be_opened_again_at_a_greater_cost(self):
        # In reserve for half a year (3,468 euros) and called up again (2,500) is less than to close
        # (3,667) and to open (2,500); open and empty all the while (7,500) is more.
        dip = by_half_year([800, 500, 800, 800, 800])

        assert best_places(dip, held=800, terms=TERMS, reserves=Reserves.DIRECT) == 800
        assert best_places(dip, held=800, terms=TERMS, reserves=Reserves.NONE) == 500

    def test_closes_what_stays_empty(self):
        gone = by_half_year([800, 500, 500, 500, 500])

        assert best_places(gone, held=800, terms=TERMS, reserves=Reserves.NONE) == 500

    def test_waits_with_what_may_still_prove_unneeded(self):
        """A rise that is as likely as not a year on can wait: by then it is known."""
        paths = [[500, 500, 500, 500, 500]] * 10 + [[501, 500, 900, 900, 900]] * 10
        tree = by_half_year(*paths)

        assert best_places(tree, held=500, terms=TERMS, reserves=Reserves.NONE) == 500

    def test_does_not_wait_when_it_will_not_know_in_time(self):
        """The control: the same rise half a year earlier, before one can decide again."""
        paths = [[500, 500, 500, 500, 500]] * 10 + [[501, 900, 900, 900, 900]] * 10
        tree = by_half_year(*paths)

        assert best_places(tree, held=500, terms=TERMS, reserves=Reserves.NONE) == 900

    def test_tells_nothing_apart_that_is_alike_on_the_day(self):
        """Nor does it wait for what it will not know: the rise shows only when it is there."""
        paths = [[500, 500, 500, 500, 500]] * 10 + [[500, 500, 900, 900, 900]] * 10
        seen = [[500, 500, 500, 500, 500]] * 10 + [[501, 500, 900, 900, 900]] * 10
        later = [
            best_places(by_half_year(*tree), held=500, terms=TERMS, reserves=Reserves.NONE)
            for tree in (paths, seen)
        ]

        assert waiting._groups(by_half_year(*paths)[:, 5]).max() == 0
        assert waiting._groups(by_half_year(*seen)[:, 5]).max() == 1
        assert later == [500, 500]

    @settings(max_examples=15, deadline=None)
    @given(
        levels=st.lists(
            st.tuples(*[st.sampled_from([0, 100, 200, 300])] * 3), min_size=1, max_size=3
        ),
        held=st.sampled_from([0, 100, 200, 300]),
        reserves=st.sampled_from(Reserves),
    )
    def test_finds_what_trying_every_tree_finds(self, levels, held, reserves):
        # After two half-years nothing is left to house, and closing costs nothing.
        terms = Terms(costs=CostParameters(close_place=0.0), norm=1.0, lot=100)
        need = by_half_year(*[(*level, 0, 0) for level in levels])
        # Futures that are alike today are told apart by nothing: make their groups the levels.
        need[:, 5] = [level[0] for level in levels]
        choices = [0, 100, 200, 300, 400]
        tried = brute_force(need, held=held, terms=terms, choices=choices, reserves=reserves)
        found = best_places(need, held=held, terms=terms, reserves=reserves)

        costs = [_tree_cost(need, one, held, terms, reserves) for one in (found, tried)]
        assert found == pytest.approx(tried) or costs[0] == pytest.approx(costs[1])

    @given(
        level=st.integers(1, 20),
        held=st.integers(0, 20),
        noise=st.integers(0, 49),
        reserves=st.sampled_from(Reserves),
    )
    def test_a_small_change_of_the_forecast_changes_nothing(self, level, held, noise, reserves):
        steady = flat(*(level * 100 - np.arange(10)))
        places = best_places(steady, held=held * 100, terms=TERMS, reserves=reserves)

        again = best_places(steady - noise / 10, held=places, terms=TERMS, reserves=reserves)

        assert again == places

    @pytest.mark.parametrize("reserves", Reserves)
    def test_more_need_never_asks_for_fewer_places(self, reserves):
        rng = np.random.default_rng(3)
        need = 500 * np.exp(np.cumsum(rng.normal(0, 0.05, (200, MONTHS_AHEAD)), axis=1))
        places = [
            best_places(need * more, held=500, terms=TERMS, reserves=reserves)
            for more in (0.8, 1, 1.3, 2)
        ]

        assert places == sorted(places)

    def test_holds_more_where_what_is_not_needed_yet_can_be_kept_in_reserve(self):
        rng = np.random.default_rng(3)
        need = 5_000 * np.exp(np.cumsum(rng.normal(0, 0.05, (200, MONTHS_AHEAD)), axis=1))
        all_open, some_in_reserve = (
            best_places(need, held=5_000, terms=TERMS, reserves=reserves)
            for reserves in (Reserves.NONE, Reserves.DIRECT)
        )

        assert some_in_reserve > all_open

    def test_comes_and_goes_in_whole_locations(self):
        places = best_places(flat(777), held=250, terms=TERMS, reserves=Reserves.NONE)

        assert (places - 250) % 100 == 0

    @pytest.mark.parametrize(
        "need", [flat(1, months=MONTHS_AHEAD - 1), flat(np.nan), flat(-1), np.zeros((0, 40))]
    )
    def test_refuses_what_is_no_need(self, need):
        with pytest.raises(InvalidInput):
            best_places(need, held=1, terms=TERMS, reserves=Reserves.NONE)

    @pytest.mark.parametrize(("norm", "lot"), [(0, 100), (1.1, 100), (0.9, 0)])
    def test_refuses_terms_that_make_no_sense(self, norm, lot):
        with pytest.raises(InvalidInput):
            Terms(costs=CostParameters(), norm=norm, lot=lot)


def _tree_cost(need, now, held, terms, reserves):
    """Cost of the cheapest tree of decisions that begins with one."""
    total = terms.costs.open_place * max(now - held, 0)
    known = waiting._groups(need[:, 5])
    later = {
        places: stage_cost(need, places, 1, terms=terms, reserves=reserves)
        for places in range(0, 500, 100)
    }
    for group in np.unique(known):
        inside = known == group
        then = min(
            terms.costs.open_place * max(places - now, 0) + float(cost[inside].mean())
            for places, cost in later.items()
        )
        total += then * inside.mean()
    return total + float(stage_cost(need, now, 0, terms=terms, reserves=reserves).mean())
