# SPDX-License-Identifier: EUPL-1.2
"""Many paths through any chain: laws on random chains, the closed form, and what policies do.

Every law is also held against a chain whose step is wrong on purpose, and must notice.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.occupancy.chain import Chain
from models.occupancy.simulation import ChainState, Interventions, simulate, values_of
from models.occupancy.specification import (
    ChainSpecification,
    Compartment,
    Entry,
    Into,
    Parameter,
    Route,
    Unit,
)
from tests.models.occupancy.builders import FIRST, small_arrivals, small_chain, small_state
from tests.models.occupancy.random_chains import chains, named, state_of, title

EXAMPLES = settings(max_examples=40)
PATHS, MONTHS = 4, 8

seeds = st.integers(0, 2**32)


def notices(law, wrong, chain):
    """Whether a law is broken somewhere by a chain whose step is wrong."""
    find(
        st.tuples(chain, seeds),
        lambda drawn: not law(wrong(drawn[0].specification), drawn[1]),
        settings=settings(max_examples=300, phases=[Phase.generate], database=None),
    )
    return True


class Leaking(Chain):
    """Once a month, one in a thousand disappears."""

    def step(self, cohorts, **month):
        flows = super().step(cohorts, **month)
        cohorts.now[...] *= 0.999
        return flows


class Contrary(Chain):
    """What is added to a capacity is taken away from it."""

    def step(self, cohorts, *, values, arrivals, added):
        added = {name: -more for name, more in added.items()}
        return super().step(cohorts, values=values, arrivals=arrivals, added=added)


def walked(chain, seed, *, interventions=None, paths=PATHS, months=MONTHS):
    rng = np.random.default_rng(seed)
    start = state_of(chain, rng=rng, paths=paths)
    arrivals = rng.exponential(80, (len(chain.specification.inflows), paths, months))
    return start, simulate(chain, start, arrivals=arrivals, rng=rng, interventions=interventions)


def conserves(chain, seed):
    """Who was there and who came, less who left, are there at every month's end."""
    start, paths = walked(chain, seed)
    inside = start.cohorts.sum(axis=(0, 1))[:, None]
    left = sum(paths.left.values()).cumsum(axis=1)
    expected = inside + paths.entered.cumsum(axis=1) - left
    return paths.persons.min() >= 0 and paths.total == pytest.approx(expected, rel=1e-9, abs=1e-6)


def needs_no_more_with_more_homes(chain, seed):
    """More homes, as an addition or as a larger capacity, never raise the need."""
    rng = np.random.default_rng(seed + 1)
    queue = f"queue_{list(chain.specification.stages)[-1]}"
    more = rng.exponential(30, MONTHS) * (rng.random(MONTHS) < 0.6)
    _, baseline = walked(chain, seed)
    _, added = walked(chain, seed, interventions=Interventions(added={queue: more}))
    return bool(np.all(added.total <= baseline.total * (1 + 1e-9) + 1e-6))


class TestLaws:
    @given(chains(), seeds)
    @EXAMPLES
    def test_loses_and_finds_nobody_in_any_path_and_month(self, chain, seed):
        assert conserves(chain, seed)

    @given(chains(homes=True), seeds)
    @EXAMPLES
    def test_needs_no_more_places_with_more_homes(self, chain, seed):
        assert needs_no_more_with_more_homes(chain, seed)

    @given(chains(), seeds)
    @EXAMPLES
    def test_is_the_same_without_interventions_and_with_none_in_them(self, chain, seed):
        _, without = walked(chain, seed)
        _, empty = walked(chain, seed, interventions=Interventions())

        assert np.array_equal(without.persons, empty.persons)
        for name, served in without.served.items():
            assert np.array_equal(served, empty.served[name])
            assert np.array_equal(without.waited[name], empty.waited[name], equal_nan=True)


class TestTheLawsNotice:
    def test_when_somebody_disappears(self):
        assert notices(conserves, Leaking, chains())

    def test_when_homes_that_are_added_are_taken_away(self):
        assert notices(needs_no_more_with_more_homes, Contrary, chains(homes=True))


def one_stage(hazard):
    """Everybody in one place, left at one rate."""
    return Chain(
        ChainSpecification(
            chain_id="one",
            title=title("one"),
            months_tracked=5,
            groups=named(["all"]),
            stages=named(["reception"]),
            parameters=(
                Parameter(name="leave", unit=Unit.PER_MONTH, median=hazard, spread=0.0),
                Parameter(name="enter", unit=Unit.RATIO, median=0.8, spread=0.0),
            ),
            compartments=(
                Compartment(
                    group="all", stage="reception", hazard="leave", leave=(Route(to=None),)
                ),
            ),
            entries=(
                Entry(inflow="all", ratio="enter", into=(Into(group="all", stage="reception"),)),
            ),
        )
    )


def one_stage_walked(hazard, *, stock, arrivals):
    chain = one_stage(hazard)
    inward = np.array([[part.inward(part.median)] for part in chain.specification.parameters])
    start = ChainState(cohorts=np.full((1, 5, 1), stock / 5), inward=inward, levels=inward)
    return simulate(
        chain,
        start,
        arrivals=np.array(arrivals, dtype=float).reshape(1, 1, -1),
        rng=np.random.default_rng(1),
    ).total[0]


def closed_form(hazard, *, stock, arrivals):
    """Steady entry and a steady hazard through each month: the differential equation, solved."""
    stocks = []
    for counted in arrivals:
        stock = stock * np.exp(-hazard) + 0.8 * counted * (1 - np.exp(-hazard)) / hazard
        stocks.append(stock)
    return stocks


class TestOneStage:
    @given(
        st.floats(1e-4, 20),
        st.floats(0, 100_000),
        st.lists(st.floats(0, 20_000), min_size=1, max_size=12),
    )
    def test_is_the_closed_form(self, hazard, stock, arrivals):
        found = one_stage_walked(hazard, stock=stock, arrivals=arrivals)

        assert found == pytest.approx(
            closed_form(hazard, stock=stock, arrivals=arrivals), rel=1e-9, abs=1e-6
        )

    def test_is_not_the_closed_form_of_another_hazard(self):
        found = one_stage_walked(0.1, stock=1_000, arrivals=[50] * 6)

        assert found != pytest.approx(closed_form(0.101, stock=1_000, arrivals=[50] * 6), rel=1e-4)


@pytest.fixture(scope="module")
def small():
    """A chain, a start and arrivals for 200 paths of 24 months."""
    chain, rng = small_chain(drift=0.05, noise=0.05), np.random.default_rng(5)
    start = small_state(chain, paths=200, rng=rng)
    return chain, start, small_arrivals(paths=200, months=24, rng=rng)


def run(small, *, seed=1, interventions=None, paths=slice(None)):
    chain, start, arrivals = small
    return simulate(
        chain,
        start.take(paths),
        arrivals=arrivals[:, paths],
        rng=np.random.default_rng(seed),
        interventions=interventions,
    )


class TestSimulate:
    def test_gives_the_same_paths_for_the_same_seed_and_others_for_another(self, small):
        first, again, other = run(small), run(small), run(small, seed=2)

        assert np.array_equal(first.persons, again.persons)
        assert not np.array_equal(first.persons, other.persons)

    def test_leaves_the_start_as_it_was(self, small):
        before = small[1].cohorts.copy()
        run(small)

        assert np.array_equal(small[1].cohorts, before)

    def test_walks_the_first_paths_the_same_however_many_follow(self):
        chain = small_chain(drift=0.05)
        start = small_state(chain, paths=10_002, rng=np.random.default_rng(1))
        arrivals = np.full((2, 10_002, 2), 500.0)
        many, fewer = (
            simulate(
                chain,
                start.take(slice(paths)),
                arrivals=arrivals[:, :paths],
                rng=np.random.default_rng(1),
            )
            for paths in (10_002, 10_000)
        )

        assert np.array_equal(many.persons[:, :10_000], fewer.persons)
        assert not np.array_equal(many.persons[:, 10_000:], fewer.persons[:, :2])

    def test_refuses_arrivals_that_cannot_be(self, small):
        chain, start, arrivals = small
        for wrong in (-1.0, np.nan, np.inf):
            spoilt = arrivals.copy()
            spoilt[1, 3, 2] = wrong
            with pytest.raises(InvalidInput, match="finite and never negative"):
                simulate(chain, start, arrivals=spoilt, rng=np.random.default_rng(1))
        with pytest.raises(InvalidInput, match="200 paths"):
            simulate(chain, start, arrivals=arrivals[:, :7], rng=np.random.default_rng(1))

    def test_says_nothing_of_a_wait_where_nobody_was_served(self, small):
        none = np.zeros(24)
        paths = run(small, interventions=Interventions(factors={"homes": none}))

        assert np.isnan(paths.waited["homes"]).all()
        assert np.all(paths.served["homes"] == 0)
        assert np.isfinite(paths.waited["decisions"]).all()


class TestInterventions:
    def test_change_nothing_where_they_change_by_nothing(self, small):
        nothing = Interventions(
            added={"homes": np.zeros(24)},
            factors={"decisions": np.ones(24)},
            shifts={"grant": np.zeros(24)},
            arrivals={FIRST: np.zeros(24)},
            quotas={FIRST: np.full(24, np.inf)},
        )

        assert np.array_equal(run(small, interventions=nothing).persons, run(small).persons)

    def test_leave_the_months_before_them_alone(self, small):
        later = np.where(np.arange(24) < 10, 1.0, 2.0)
        changed = run(small, interventions=Interventions(factors={"decisions": later}))
        baseline = run(small)

        assert np.array_equal(changed.persons[:, :, :10], baseline.persons[:, :, :10])
        assert not np.array_equal(changed.persons[:, :, 10], baseline.persons[:, :, 10])

    def test_keep_a_share_a_share(self, small):
        much = run(small, interventions=Interventions(shifts={"grant": np.full(24, 7.0)}))
        none = run(small, interventions=Interventions(shifts={"grant": np.full(24, -7.0)}))

        rejected = small[0].rows(stages=("rejected",))

        # Where all are granted nobody comes, where none are more come than ever.
        assert np.all(np.diff(much.persons[rejected].sum(axis=0), axis=1) <= 0)
        assert np.all(none.persons[rejected] >= run(small).persons[rejected] - 1e-6)
        assert much.persons.min() >= 0
        assert none.persons.min() >= 0

    def test_add_arrivals_that_enter_as_all_others_do(self, small):
        more = np.zeros(24)
        more[3] = 100.0
        changed = run(small, interventions=Interventions(arrivals={FIRST: more}))
        further = changed.entered - run(small).entered

        assert np.all(further[:, np.arange(24) != 3] == 0)
        assert further[:, 3] == pytest.approx(90, rel=0.5)

    def test_take_no_more_arrivals_away_than_there_are(self, small):
        changed = run(small, interventions=Interventions(arrivals={FIRST: np.full(24, -1e9)}))

        assert changed.entered == pytest.approx(0.8 * small[2][1])


def all_come_in_the_end(chain, small, interventions):
    """Whether as many have entered as without a policy, and never more at any time."""
    _, start, arrivals = small
    still = replace(start, inward=start.levels)
    changed, baseline = (
        simulate(
            chain, still, arrivals=arrivals, rng=np.random.default_rng(1), interventions=policy
        ).entered.cumsum(axis=1)
        for policy in (interventions, None)
    )
    early = np.all(changed <= baseline + 1e-6)
    return bool(early and changed[:, -1] == pytest.approx(baseline[:, -1]))


class TestQuotas:
    @given(st.lists(st.floats(0, 3_000), min_size=23, max_size=23))
    @EXAMPLES
    def test_delay_and_never_lose_anybody(self, small, quota):
        quotas = {FIRST: np.array([*quota, np.inf])}

        assert all_come_in_the_end(small_chain(), small, Interventions(quotas=quotas))

    def test_let_in_no_more_than_they_say(self, small):
        chain, start, arrivals = small
        quotas = {FIRST: np.full(24, 100.0)}
        paths = simulate(
            small_chain(),
            replace(start, inward=start.levels),
            arrivals=arrivals,
            rng=np.random.default_rng(1),
            interventions=Interventions(quotas=quotas),
        )
        ratio = values_of(chain, start.levels)["enter"]

        assert np.all(paths.entered - 0.8 * arrivals[1] <= 100.0 * ratio[:, None] + 1e-6)

    def test_are_told_from_fewer_arrivals(self, small):
        fewer = Interventions(arrivals={FIRST: np.full(24, -10.0)})

        assert not all_come_in_the_end(small_chain(), small, fewer)

    def test_wait_as_worked_by_hand(self):
        chain = small_chain()
        start = small_state(chain, paths=1, rng=np.random.default_rng(1))
        arrivals = np.zeros((2, 1, 5))
        arrivals[0] = [100, 300, 50, 0, 0]
        quota = np.array([80.0, 80.0, 200.0, np.inf, np.inf])
        paths = simulate(
            chain,
            start,
            arrivals=arrivals,
            rng=np.random.default_rng(1),
            interventions=Interventions(quotas={FIRST: quota}),
        )

        # 20 wait after the first month, 240 after the second, 90 after the third.
        assert paths.entered[0] == pytest.approx(0.9 * np.array([80, 80, 200, 90, 0]))
