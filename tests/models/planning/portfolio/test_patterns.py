# SPDX-License-Identifier: EUPL-1.2
"""Futures share what comes late, at the odds of every line and whatever the need becomes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.planning.location_plan.question import Question
from models.planning.portfolio.branches import Branches
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.patterns import DelayPatterns
from models.planning.portfolio.scenarios import reduce_paths
from models.planning.portfolio.supply import NEVER, SupplyRisk, draw_delays_in_patterns
from models.planning.portfolio.terms import Terms
from tests.models.planning.builders import PERIODS, candidate, regular, wandering

RISKY = SupplyRisk(late_chance=0.5, later_chance=0.5, failure_chance=0.1)
LINES = [candidate(f"new-{at}", 80, extension_months=60) for at in range(40)]
TERMS = [Terms.of(one, start=PERIODS[0], horizon=10) for one in LINES]


def dealt(*, count, branches=3, seed=0):
    """Futures of unequal weight, their branches and their patterns."""
    changes = np.random.default_rng(seed).normal(0, 0.1, (400, 20))
    need = 1_000 * np.exp(np.cumsum(changes, axis=1))
    futures = reduce_paths(need, count=count, rng=np.random.default_rng(seed))
    cut = Branches.of(futures, count=branches, steps_per_half_year=2)
    return futures, cut, DelayPatterns.of(futures, cut)


def delays_of(patterns, lines=LINES, terms=TERMS):
    return draw_delays_in_patterns(lines, terms=terms, risk=RISKY, patterns=patterns, seed=1)


class TestDelayPatterns:
    @given(st.integers(1, 120), st.integers(1, 3), st.integers(0, 5))
    def test_hold_every_future_once_within_its_branch(self, count, branches, seed):
        futures, cut, patterns = dealt(count=count, branches=branches, seed=seed)

        assert patterns.branch[patterns.member].tolist() == cut.member.tolist()
        assert patterns.chances == pytest.approx(
            np.bincount(patterns.member, weights=futures.weights)
        )
        assert (patterns.chances > 0).all()

    def test_are_a_future_each_where_there_are_few(self):
        _, _, patterns = dealt(count=12, branches=1)

        assert sorted(patterns.member.tolist()) == list(range(12))

    def test_are_thirty_where_there_are_many_about_as_likely_within_a_branch(self):
        futures, cut, patterns = dealt(count=100)
        even = cut.chances[patterns.branch] / 10

        assert len(patterns.chances) == 30
        assert np.abs(patterns.chances - even).max() <= futures.weights.max()

    @pytest.mark.parametrize("seed", range(4))
    def test_hold_low_and_high_need_alike(self, seed):
        futures, cut, patterns = dealt(count=100, seed=seed)
        level = futures.need.mean(axis=1)
        for branch in range(cut.count):
            inside = cut.member == branch
            # the futures from low to high, ten at a time: none of ten shares a pattern
            rising = patterns.member[inside][np.argsort(level[inside], kind="stable")]
            runs = [rising[at : at + 10].tolist() for at in range(0, len(rising), 10)]

            assert all(len(set(run)) == len(run) for run in runs)


class TestDelays:
    def test_are_the_same_in_all_futures_of_a_pattern(self):
        _, _, patterns = dealt(count=100)
        delays = delays_of(patterns)
        different = {row.tobytes() for row in delays}

        assert len(different) == 30
        for pattern in range(30):
            assert len(np.unique(delays[patterns.member == pattern], axis=0)) == 1

    @pytest.mark.parametrize("count", [30, 100])
    @pytest.mark.parametrize("branches", [1, 3])
    def test_meet_the_odds_of_each_line_in_weight(self, count, branches):
        futures, _, patterns = dealt(count=count, branches=branches)
        delays = delays_of(patterns)
        late_by = {0: 0.0, 1: 0.4, 2: 0.65, 3: 0.775, NEVER: 0.9}
        for delay, odds in late_by.items():
            below = futures.weights @ (delays < delay)

            # only one pattern can lie across the edge between two delays
            assert np.abs(below - odds).max() <= patterns.chances.max() + 1e-9
            assert below.mean() == pytest.approx(odds, abs=0.01)

    def test_meet_the_odds_in_every_branch(self):
        futures, cut, patterns = dealt(count=100)
        late = delays_of(patterns) > 0
        for branch in range(cut.count):
            weights = np.where(cut.member == branch, futures.weights, 0.0) / cut.chances[branch]

            # between 5 and 7 of the 10 patterns of a branch, by how likely they are
            assert weights @ late == pytest.approx(0.6, abs=0.16)
            assert (weights @ late).mean() == pytest.approx(0.6, abs=0.02)

    def test_do_not_go_with_the_need(self):
        futures, _, patterns = dealt(count=100)
        late = (delays_of(patterns) > 0).astype(float)
        level = futures.need.mean(axis=1) - futures.weights @ futures.need.mean(axis=1)
        together = futures.weights @ (level[:, np.newaxis] * (late - futures.weights @ late))
        spread = np.sqrt(futures.weights @ level**2) * np.sqrt(0.6 * 0.4)
        # what delays drawn for each future by itself would come to
        by_itself = np.sqrt((futures.weights**2).sum())

        assert np.sqrt(np.mean((together / spread) ** 2)) <= by_itself

    def test_hang_on_the_line_and_the_seed_alone(self):
        _, _, patterns = dealt(count=100)
        fewer = delays_of(patterns, LINES[5:7], TERMS[5:7])

        assert fewer.tolist() == delays_of(patterns)[:, 5:7].tolist()


class TestProgramme:
    def test_counts_what_is_late_once_for_all_futures_of_a_pattern(self):
        register = (regular("core", 50_000, fixed_core=True), *LINES)
        question = Question.of(
            register,
            wandering(paths=300),
            start=PERIODS[0],
            settings=PlanSettings(futures=60),
            seed=1,
        )
        patterns = DelayPatterns.of(question.futures, question.branches)
        holdings = question.programme().holdings
        columns = [
            tuple(holdings.awaited_in(9, future, branch=branch).values())
            for future, branch in enumerate(question.branches.member.tolist())
        ]

        assert len(set(columns)) == len(patterns.chances) < len(columns)
        for first, second in zip(*np.triu_indices(len(columns), 1), strict=True):
            same = patterns.member[first] == patterns.member[second]
            assert (columns[first] == columns[second]) is bool(same)
