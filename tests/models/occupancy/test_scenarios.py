# SPDX-License-Identifier: EUPL-1.2
"""Scenarios: the baseline stays as it is, the parts make up the whole, and what can be proved."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidFile
from models.occupancy.chain import Chain
from models.occupancy.levers import Lever
from models.occupancy.scenarios import compare
from models.occupancy.simulation import simulate
from models.occupancy.specification import LeverKind, Route
from tests.models.occupancy.builders import small_arrivals, small_chain, small_state

START = np.datetime64("2027-01", "M")
MONTHS, PATHS = 16, 6

WAYS = {"decisions": LeverKind.DECISION_CAPACITY, "homes": LeverKind.HOMES_REALISED}


def lever(kind, size, *, month=0, **others):
    return Lever(
        kind=kind,
        size=size,
        impact_month=START + month,
        owner="the tests",
        rationale="to see what it does",
        **others,
    )


class World:
    """A chain, the people in it and those to come; every walk through it meets the same chance."""

    def __init__(self, *, seed=1, first=1_100.0, inside=12_000.0, **chain):
        rng = np.random.default_rng(seed)
        self.chain = small_chain(tracked=12, **chain)
        self.state = small_state(self.chain, paths=PATHS, rng=rng, inside=inside)
        self.arrivals = small_arrivals(paths=PATHS, months=MONTHS, rng=rng, first=first)
        self.walks = 0

    def walk(self, interventions=None):
        self.walks += 1
        return simulate(
            self.chain,
            self.state,
            arrivals=self.arrivals,
            rng=np.random.default_rng(2),
            interventions=interventions,
        )

    def compare(self, *levers, need=None):
        return compare(
            self.walk,
            levers,
            specification=self.chain.specification,
            first=START,
            months=MONTHS,
            need=need,
        )


WORLDS = st.builds(
    World,
    seed=st.integers(0, 10_000),
    first=st.sampled_from([200.0, 900.0, 1_800.0]),
    inside=st.sampled_from([500.0, 12_000.0]),
    drift=st.sampled_from([0.0, 0.2]),
    noise=st.sampled_from([0.0, 0.3]),
    response=st.sampled_from([0.0, 0.4, 1.0]),
)
SIZES = st.integers(1, 3_000)
WHEN = {"month": st.integers(0, MONTHS - 1), "ramp": st.integers(0, 6)}
LEVERS = st.one_of(
    st.builds(lever, st.sampled_from(list(WAYS.values())), st.integers(-500, -1), **WHEN),
    st.builds(lever, st.sampled_from(list(WAYS.values())), SIZES, **WHEN),
    st.builds(lever, st.just(LeverKind.GRANT_RATE), st.integers(1, 90), **WHEN),
    st.builds(lever, st.just(LeverKind.RETURNS), st.integers(-90, -1), **WHEN),
    st.builds(lever, st.just(LeverKind.TRANSITION_HOMES), SIZES, **WHEN),
    st.builds(
        lever,
        st.just(LeverKind.FAMILY_REUNIFICATION_QUOTA),
        st.integers(0, 200),
        month=WHEN["month"],
    ),
    st.builds(
        lever,
        st.just(LeverKind.INFLOW_SHOCK),
        st.integers(-2_000, -1),
        month=WHEN["month"],
        duration=st.integers(1, 6),
    ),
)


class TestBaseline:
    def test_is_bit_for_bit_what_the_chain_gives_without_a_policy(self):
        world = World(drift=0.1, noise=0.1)
        effect = world.compare(lever(LeverKind.RETURNS, 50))
        plain = world.walk()
        assert np.array_equal(effect.baseline.persons, plain.persons)
        assert not np.array_equal(effect.scenario.persons, plain.persons)

    def test_is_what_a_scenario_without_levers_gives(self):
        effect = World(drift=0.1, noise=0.1).compare()
        assert np.array_equal(effect.scenario.persons, effect.baseline.persons)
        assert effect.parts.shape == (0, PATHS, MONTHS)
        assert not effect.difference.any()
        assert not effect.interaction.any()

    @settings(max_examples=20)
    @given(world=WORLDS, levers=st.lists(LEVERS, min_size=1, max_size=3, unique=True))
    def test_is_met_exactly_in_every_month_before_the_first_impact(self, world, levers):
        effect = world.compare(*levers)
        impact = min(int((part.impact_month - START).astype(int)) for part in levers)
        before = (slice(None), slice(None), slice(impact))
        assert np.array_equal(effect.scenario.persons[before], effect.baseline.persons[before])
        for part, own in zip(levers, effect.parts, strict=True):
            assert not own[:, : int((part.impact_month - START).astype(int))].any()


class TestParts:
    @settings(max_examples=20)
    @given(world=WORLDS, levers=st.lists(LEVERS, max_size=3, unique=True))
    def test_and_interaction_make_up_the_whole_to_the_last_digit(self, world, levers):
        effect = world.compare(*levers)
        together = effect.parts.sum(axis=0) + effect.interaction
        assert np.array_equal(together, effect.difference)
        whole = effect.scenario.total - effect.baseline.total
        assert np.allclose(effect.difference, whole, rtol=0, atol=0.001)

    def test_of_a_single_lever_are_the_whole(self):
        effect = World(drift=0.1).compare(lever(LeverKind.GRANT_RATE, -20))
        assert np.array_equal(effect.parts[0], effect.difference)
        assert effect.difference.any()

    def test_leave_the_interaction_of_two_levers_that_do_the_same_work(self):
        # All who wait for a home get one from either lever; the other adds nothing.
        world = World(response=0.0)
        much, more = (lever(LeverKind.HOMES_REALISED, size) for size in (50_000, 60_000))
        effect = world.compare(much, more)
        waiting = effect.baseline.waiting["homes"]
        assert effect.names == ("homes_realised.1", "homes_realised.2")
        assert np.allclose(effect.parts, -waiting, atol=0.001)
        assert np.allclose(effect.difference, -waiting, atol=0.001)
        assert np.allclose(effect.interaction, waiting, atol=0.001)

    def test_cost_one_walk_each_beside_the_baseline_and_the_whole(self):
        world = World()
        world.compare(*(lever(LeverKind.RETURNS, size) for size in (10, 20, 30)))
        assert world.walks == 5

    def test_are_not_walked_for_a_scenario_that_is_refused(self):
        world = World()
        with pytest.raises(InvalidFile):
            world.compare(lever(LeverKind.RETURNS, 0))
        assert world.walks == 0


class TestEffect:
    def test_of_homes_is_one_person_less_for_each_while_people_wait(self):
        # Worked by hand: fixed capacities and a long queue, so 100 homes a month from April
        # leave 100, 200, 300 … fewer persons inside.
        effect = World(response=0.0, inside=20_000.0).compare(
            lever(LeverKind.HOMES_REALISED, 100, month=3)
        )
        expected = [0, 0, 0, *(-100 * month for month in range(1, MONTHS - 2))]
        assert np.allclose(effect.difference, expected, atol=0.001)
        assert np.allclose(effect.difference_at("permit_holder"), expected, atol=0.001)

    def test_of_more_decisions_is_a_longer_wait_for_homes(self):
        effect = World(response=0.0).compare(lever(LeverKind.DECISION_CAPACITY, 200))
        assert (effect.difference_at("procedure") < 0).all()
        assert (effect.difference_at("permit_holder") > 0).all()
        waited = (effect.baseline.waited["homes"], effect.scenario.waited["homes"])
        assert waited[1][:, -1].mean() > waited[0][:, -1].mean()
        assert (effect.scenario.waited["decisions"] < effect.baseline.waited["decisions"]).any()

    def test_by_stage_adds_up_to_that_on_the_need(self):
        effect = World(drift=0.1, noise=0.1).compare(
            lever(LeverKind.DECISION_CAPACITY, 300), lever(LeverKind.GRANT_RATE, -10, month=4)
        )
        stages = sum(map(effect.difference_at, effect.specification.stages))
        assert np.allclose(stages, effect.difference, atol=0.005)

    def test_is_added_to_a_better_forecast_of_the_need_path_by_path(self):
        world = World(drift=0.1, noise=0.1)
        shock = lever(LeverKind.INFLOW_SHOCK, 4_000, month=2, duration=2)
        better = 0.9 * world.walk().total
        effect = world.compare(shock, need=better)
        assert np.array_equal(effect.difference, world.compare(shock).difference)
        assert np.array_equal(effect.need_before, better)
        assert np.array_equal(effect.need_after, better + effect.difference)
        assert (effect.difference[:, 2:] > 0).all()

    def test_leaves_nobody_less_than_nobody(self):
        world = World(response=0.0)
        homes = lever(LeverKind.HOMES_REALISED, 50_000)
        effect = world.compare(homes, need=np.ones((PATHS, MONTHS)))
        assert not effect.need_after.any()


class TestLaws:
    """docs/methods.md, Levers and scenarios, proves each for a chain such as this one."""

    @settings(max_examples=20)
    @given(
        world=WORLDS,
        kind=st.sampled_from([LeverKind.HOMES_REALISED, LeverKind.TRANSITION_HOMES]),
        size=SIZES,
        when=st.fixed_dictionaries(WHEN),
    )
    def test_more_homes_never_raise_the_need(self, world, kind, size, when):
        assert (world.compare(lever(kind, size, **when)).difference <= 0).all()

    @settings(max_examples=20)
    @given(world=WORLDS, size=SIZES, when=st.fixed_dictionaries(WHEN))
    def test_fewer_homes_never_lower_the_need(self, world, size, when):
        effect = world.compare(lever(LeverKind.HOMES_REALISED, -size, **when))
        assert (effect.difference >= 0).all()

    @settings(max_examples=20)
    @given(world=WORLDS, size=SIZES, month=WHEN["month"], duration=st.integers(1, MONTHS))
    def test_more_inflow_never_lowers_the_need(self, world, size, month, duration):
        shock = lever(LeverKind.INFLOW_SHOCK, size, month=month, duration=duration)
        assert (world.compare(shock).difference >= 0).all()

    def test_more_inflow_lowers_the_need_where_groups_in_one_queue_go_different_ways(self):
        # The control: minors stay unless they are decided on while there are homes, adults leave
        # soon; the shock speeds up decisions, on minors in time and later on adults.
        world = World(response=1.0, first=0.0)
        ways = {"minor": (Route(to="permit_holder"),), "adult": (Route(to="rejected"),)}
        specification = world.chain.specification
        world.chain = Chain(
            replace(
                specification,
                compartments=tuple(
                    replace(part, served=ways[part.group]) if part.stage == "procedure" else part
                    for part in specification.compartments
                ),
            )
        )
        cohorts = np.zeros_like(world.state.cohorts)
        cohorts[world.chain.place["minor", "procedure"], -1] = 2_000
        cohorts[world.chain.place["adult", "procedure"], 2] = 3_000
        world.state = replace(world.state, cohorts=cohorts)
        given = (
            lever(LeverKind.HOMES_REALISED, 100_000, duration=3),
            lever(LeverKind.HOMES_REALISED, -100_000, month=3),
            lever(LeverKind.RETURNS, 900),
        )
        shock = lever(LeverKind.INFLOW_SHOCK, 1_000, duration=1)
        with_it, without = world.compare(*given, shock), world.compare(*given)
        assert (with_it.difference[:, -1] < without.difference[:, -1]).all()

    @settings(max_examples=20)
    @given(world=WORLDS, size=st.integers(1, 1_000), when=st.fixed_dictionaries(WHEN))
    def test_more_returns_never_raise_the_need(self, world, size, when):
        assert (world.compare(lever(LeverKind.RETURNS, size, **when)).difference <= 0).all()

    @settings(max_examples=20)
    @given(world=WORLDS, size=st.integers(0, 200), month=WHEN["month"])
    def test_a_quota_never_raises_the_need_until_those_kept_out_come_in(self, world, size, month):
        quota = lever(LeverKind.FAMILY_REUNIFICATION_QUOTA, size, month=month)
        effect = world.compare(quota)
        more = effect.scenario.entered > effect.baseline.entered + 1e-6
        until = ~np.logical_or.accumulate(more, axis=1)
        assert (effect.difference[until] <= 0).all()

    def test_a_quota_raises_the_need_when_it_ends(self):
        # The control: without its condition the law above is false.
        world = World(response=0.0, inside=500.0, first=200.0)
        quota = lever(LeverKind.FAMILY_REUNIFICATION_QUOTA, 0, duration=12)
        assert (world.compare(quota).difference[:, 12] > 0).all()

    def test_more_decisions_raise_the_need_where_fewer_will_be_granted_later(self):
        # Why no law is claimed of decisions: those decided on sooner stay, and wait for homes.
        given = (
            lever(LeverKind.GRANT_RATE, -60, month=4),
            lever(LeverKind.HOMES_REALISED, -1_000),
        )
        sooner = lever(LeverKind.DECISION_CAPACITY, 500, duration=3)
        world = World(response=0.0, first=200.0)
        with_it, without = world.compare(*given, sooner), world.compare(*given)
        assert (with_it.difference[:, -1] > without.difference[:, -1]).all()
