# SPDX-License-Identifier: EUPL-1.2
"""The chain agrees with an independent simulation, person by person, in every stage and month.

The chain moves expected persons, the other whole ones, so that only their means can agree. Where a
queue is about as long as its capacity, not even those do: a month in which chance leaves homes
empty is not made good by one in which it does not. The regimes therefore cross from one side to the
other within a month or two.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy import stats

from models.occupancy.chain import Chain
from models.occupancy.simulation import ChainState, simulate
from models.occupancy.specification import Route
from tests.models.occupancy.builders import small_chain
from tests.models.occupancy.discrete_events import first_come, last_come, replicate

MONTHS = 18
RUNS = 24

FALSE_ALARM = 0.01
"""Chance that any of the figures of one regime, all that are compared, is off by bad luck."""


@dataclass(frozen=True, kw_only=True)
class Regime:
    """How much the bottlenecks can do against how many come."""

    decisions: float
    homes: float
    first: tuple[int, ...]
    family: tuple[int, ...]
    inside: dict[tuple[str, str], int]


INSIDE = {
    ("adult", "registration"): 4,
    ("adult", "procedure"): 10,
    ("minor", "procedure"): 2,
    ("adult", "permit_holder"): 8,
    ("minor", "permit_holder"): 1,
    ("adult", "rejected"): 6,
    ("minor", "rejected"): 1,
}
"""Persons for each of the first ten months spent."""

REGIMES = {
    "slack": Regime(
        decisions=2_000.0, homes=2_000.0, first=(45,) * MONTHS, family=(10,) * MONTHS, inside=INSIDE
    ),
    "saturated": Regime(
        decisions=90.0, homes=50.0, first=(45,) * MONTHS, family=(10,) * MONTHS, inside=INSIDE
    ),
    "crossing": Regime(
        decisions=260.0,
        homes=200.0,
        first=(20,) * 6 + (130,) * 6 + (5,) * 6,
        family=(4,) * 6 + (40,) * 6 + (0,) * 6,
        inside={key: persons // 4 for key, persons in INSIDE.items()},
    ),
}


def chain_of(regime):
    """The small chain at the capacities of a regime; some give up while they wait to be heard."""
    specification = small_chain(tracked=48).specification
    for name in ("decisions", "homes"):
        stated = replace(specification.parameter(name), median=getattr(regime, name))
        specification = specification.with_parameter(stated)
    parts = tuple(
        replace(part, hazard=0.02, leave=(Route(to=None),)) if part.stage == "procedure" else part
        for part in specification.compartments
    )
    return Chain(replace(specification, compartments=parts))


def walked(chain, regime):
    """The chain's own answer: one path, parameters at their medians."""
    cohorts = np.zeros((*chain.shape, 1))
    for key, persons in regime.inside.items():
        cohorts[chain.place[key], :10] = persons
    inward = np.array([[part.inward(part.median)] for part in chain.specification.parameters])
    return simulate(
        chain,
        ChainState(cohorts=cohorts, inward=inward, levels=inward),
        arrivals=np.array([regime.first, regime.family], dtype=float)[:, None, :],
        rng=np.random.default_rng(1),
    )


def replications(chain, regime, *, order=first_come, runs=RUNS):
    inside = {key: [persons] * 10 for key, persons in regime.inside.items()}
    return [
        replicate(
            chain.specification,
            inside,
            arrivals=[regime.first, regime.family],
            seed=seed,
            order=order,
        )
        for seed in range(runs)
    ]


def compared(chain, paths, runs):
    """Every figure of the chain beside those of the runs: (name, month) to number, and numbers."""
    figures = {}
    for month in range(MONTHS):
        for key, row in chain.place.items():
            figures["persons", *key, month] = (
                paths.persons[row, 0, month],
                [run.persons[month][key] for run in runs],
            )
        for stage in chain.specification.stages:
            figures["left", stage, month] = (
                paths.left[stage][0, month],
                [run.left[stage, month] for run in runs],
            )
        for name in paths.served:
            served = paths.served[name][0, month]
            figures["served", name, month] = (served, [run.served[name, month] for run in runs])
            figures["waited", name, month] = (
                np.nan_to_num(paths.waited[name][0, month]) * served,
                [run.waited[name, month] for run in runs],
            )
    return figures


def disagreements(figures):
    """Figures that lie further apart than chance allows, all taken together (Bonferroni)."""
    limit = stats.t.ppf(1 - FALSE_ALARM / len(figures) / 2, RUNS - 1)
    off = {}
    for name, (expected, found) in figures.items():
        spread = np.std(found, ddof=1)
        if expected < 1:
            # Of what seldom happens, a few runs do not show how much they differ: a Poisson count.
            spread = max(spread, np.sqrt(expected))
        if abs(np.mean(found) - expected) > limit * spread / np.sqrt(len(found)) + 1e-6:
            off[name] = (expected, np.mean(found))
    return off


@pytest.fixture(scope="module")
def saturated_runs():
    regime = REGIMES["saturated"]
    return replications(chain_of(regime), regime)


def test_agrees_in_every_month_where_nobody_has_to_wait():
    chain, regime = chain_of(REGIMES["slack"]), REGIMES["slack"]
    paths = walked(chain, regime)

    assert max(waiting.max() for waiting in waiting_of(paths)) < 1e-6
    assert disagreements(compared(chain, paths, replications(chain, regime))) == {}


def test_agrees_in_every_month_where_capacity_always_falls_short(saturated_runs):
    chain, regime = chain_of(REGIMES["saturated"]), REGIMES["saturated"]
    paths = walked(chain, regime)

    assert min(waiting.min() for waiting in waiting_of(paths)) > 5
    assert disagreements(compared(chain, paths, saturated_runs)) == {}


def test_agrees_in_every_month_where_a_queue_builds_up_and_goes_away():
    chain, regime = chain_of(REGIMES["crossing"]), REGIMES["crossing"]
    paths = walked(chain, regime)
    lengths = waiting_of(paths)

    assert all(waiting.max() > 50 and (waiting < 1e-6).any() for waiting in lengths)
    assert disagreements(compared(chain, paths, replications(chain, regime))) == {}


def waiting_of(paths):
    return [waiting[0] for waiting in paths.waiting.values()]


def test_agrees_in_how_long_those_served_had_waited(saturated_runs):
    paths = walked(chain_of(REGIMES["saturated"]), REGIMES["saturated"])
    for name, served in paths.served.items():
        expected = np.sum(paths.waited[name] * served) / served.sum()
        found = mean_wait(saturated_runs, name)

        assert np.mean(found) == pytest.approx(expected, abs=4 * np.std(found) / np.sqrt(RUNS))
        assert np.std(found) < 0.1 * expected


def mean_wait(runs, name):
    months = range(MONTHS)
    return [
        sum(run.waited[name, month] for month in months)
        / sum(run.served[name, month] for month in months)
        for run in runs
    ]


class TestTheComparisonCanFail:
    def test_when_the_chain_has_five_percent_more_homes(self, saturated_runs):
        regime = replace(REGIMES["saturated"], homes=REGIMES["saturated"].homes * 1.05)
        chain = chain_of(regime)
        off = disagreements(compared(chain, walked(chain, regime), saturated_runs))

        assert ("persons", "adult", "permit_holder", MONTHS - 1) in off
        assert ("served", "homes", MONTHS - 1) in off

    def test_when_those_who_came_last_are_served_first(self):
        chain, regime = chain_of(REGIMES["saturated"]), REGIMES["saturated"]
        runs = replications(chain, regime, order=last_come, runs=5)
        expected = walked(chain, regime)
        for name, served in expected.served.items():
            first_come_wait = np.sum(expected.waited[name] * served) / served.sum()

            assert max(mean_wait(runs, name)) < 0.8 * first_come_wait
