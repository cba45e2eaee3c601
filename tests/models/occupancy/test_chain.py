# SPDX-License-Identifier: EUPL-1.2
"""The monthly step of any chain: laws on random chains, a slow plain twin, and worked examples.

Every law is also held against cohorts that are wrong on purpose, and must notice.
"""

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from models.occupancy.chain import Chain
from models.occupancy.cohorts import Cohorts, Taken
from models.occupancy.specification import (
    Bottleneck,
    ChainSpecification,
    Compartment,
    Entry,
    Into,
    Parameter,
    Route,
    Unit,
)
from tests.models.occupancy.random_chains import PATHS, chains, months, named, title
from tests.models.occupancy.slow_chain import SlowMonth

EXAMPLES = settings(max_examples=40)

NEAR = {"rel": 1e-9, "abs": 1e-7}


def notices(law, cohorts_type, cases):
    """Whether a law is broken somewhere by cohorts that are wrong."""
    find(
        cases,
        lambda case: not law(case, cohorts_type),
        settings=settings(max_examples=300, phases=[Phase.generate], database=None),
    )
    return True


class Leaking(Cohorts):
    """One in a thousand gets lost on the way."""

    def enter(self, row, persons):
        super().enter(row, persons * 0.999)


class Multiplying(Cohorts):
    """One in ten comes twice."""

    def enter(self, row, persons):
        super().enter(row, persons * 1.1)


class Owing(Cohorts):
    """A person more leaves than there are."""

    def leave(self, row, hazards):
        left = super().leave(row, hazards)
        self.now[row, 0] -= 1
        return left + 1


class Boasting(Cohorts):
    """A queue is said to be longer than it is."""

    def waiting(self, rows, *, after):
        return super().waiting(rows, after=after) * 1.5 + 1


class Preferring(Cohorts):
    """Those are served first who came last."""

    def serve(self, rows, persons, *, after):
        now, left = self.now, persons.copy()
        taken = Taken(persons=[np.zeros(PATHS) for _ in rows], waited=np.zeros(PATHS))
        for spent in range(now.shape[1]):
            for place, row in enumerate(rows):
                gone = np.minimum(now[row, spent], left) if spent >= after[place] else 0.0
                now[row, spent] -= gone
                left -= gone
                taken.persons[place][:] += gone
                taken.waited[:] += gone * (spent + 0.5)
        return taken


def conserves(case, cohorts_type=Cohorts):
    """Nobody appears or vanishes: everybody who comes to or leaves a compartment is counted."""
    for month in case.walk(cohorts_type):
        moved = month.flows.moved
        out = sum((persons for way, persons in moved.items() if way[2] is None), np.zeros(PATHS))
        expected = month.before.sum(axis=(0, 1)) + month.flows.entered - out
        if month.after.sum(axis=(0, 1)) != pytest.approx(expected, **NEAR):
            return False
        if month.persons != pytest.approx(month.after.sum(axis=1), **NEAR):
            return False
    return True


def never_owes(case, cohorts_type=Cohorts):
    """No cohort and no flow is ever negative."""
    return all(
        month.after.min() >= 0
        and month.persons.min() >= 0
        and min(persons.min() for persons in month.flows.moved.values()) >= 0
        for month in case.walk(cohorts_type)
    )


def only_falls(case, cohorts_type=Cohorts):
    """With no inflow, there are never more than the month before."""
    return all(
        np.all(month.after.sum(axis=(0, 1)) <= month.before.sum(axis=(0, 1)) * (1 + 1e-9))
        for month in case.walk(cohorts_type)
    )


def keeps_to_capacity(case, cohorts_type=Cohorts):
    """No more are served than capacity and queue allow, and exactly those move on."""
    specification = case.chain.specification
    for month, values, added in zip(case.walk(cohorts_type), case.values, case.added, strict=True):
        for bottleneck in specification.bottlenecks:
            through = month.flows.served[bottleneck.name]
            response = values.get(bottleneck.response, bottleneck.response)
            queue = through.persons + through.waiting
            capacity = values[bottleneck.capacity] * (queue / bottleneck.reference) ** response
            most = np.maximum(capacity + added.get(bottleneck.name, 0.0), 0.0)
            parts = [
                part for part in specification.compartments if part.bottleneck == bottleneck.name
            ]
            rows = [case.chain.place[part.key] for part in parts]
            # Who is still there after the month, and may be served, is who is left waiting; those
            # who came by a way back after the queue had its turn are not.
            still = sum(
                month.after[row, part.after :].sum(axis=0)
                for row, part in zip(rows, parts, strict=True)
            )
            if np.any(through.persons > most * (1 + 1e-9) + 1e-6):
                return False
            if np.any(through.waiting < -1e-9) or np.any(through.waiting > still + 1e-6):
                return False
    return True


def is_like_the_slow_one(case, cohorts_type=Cohorts):
    """Every path does what a plain loop over cohorts does with it alone."""
    specification = case.chain.specification
    for path in range(PATHS):
        slow = {key: case.start[row, :, path].tolist() for key, row in case.chain.place.items()}
        for number, month in enumerate(case.walk(cohorts_type)):
            values = {name: float(value[path]) for name, value in case.values[number].items()}
            plain = SlowMonth(specification, slow, values=values)
            plain.walk(arrivals=case.arrivals[number][:, path], added=case.added[number])
            for key, row in case.chain.place.items():
                if month.after[row, :, path] != pytest.approx(slow[key], **NEAR):
                    return False
            for way, persons in plain.moved.items():
                if month.flows.moved[way][path] != pytest.approx(persons, **NEAR):
                    return False
            for name, expected in plain.served.items():
                through = month.flows.served[name]
                found = (through.persons[path], through.waiting[path], through.waited[path])
                if found != pytest.approx(expected, **NEAR):
                    return False
    return True


@st.composite
def queues(draw):
    """Two groups in one queue, who leave only when they are served."""
    groups = ["a", "b"]
    tracked = draw(st.integers(2, 8))
    return Chain(
        ChainSpecification(
            chain_id="queue",
            title=title("queue"),
            months_tracked=tracked,
            groups=named(groups),
            stages=named(["waiting"]),
            parameters=(
                Parameter(name="desks", unit=Unit.PERSONS_PER_MONTH, median=60.0, spread=0.5),
            ),
            compartments=tuple(
                Compartment(
                    group=group,
                    stage="waiting",
                    bottleneck="desk",
                    after=draw(st.integers(0, min(tracked - 1, 3))),
                    served=(Route(to=None),),
                )
                for group in groups
            ),
            bottlenecks=(
                Bottleneck(
                    name="desk",
                    title=title("desk"),
                    capacity="desks",
                    response=0.2,
                    reference=100.0,
                    partner="somebody",
                ),
            ),
            entries=(
                Entry(
                    inflow="inflow",
                    ratio=1.0,
                    into=(
                        Into(group="a", stage="waiting", share=0.75),
                        Into(group="b", stage="waiting"),
                    ),
                ),
            ),
        )
    )


def serves_in_order(case, cohorts_type=Cohorts):
    """While someone who may be served is left, nobody is served who came in a later month."""
    parts = case.chain.specification.compartments
    shares = np.array([[0.75], [0.25]])
    for month, arrivals in zip(case.walk(cohorts_type), case.arrivals, strict=True):
        came = np.roll(month.before, 1, axis=1)
        came[:, -1] += month.before[:, -1]
        came[:, 0] = shares * arrivals
        served = came - month.after > 1e-6
        left = month.after > 1e-6
        for part, row in zip(parts, served, strict=True):
            for other, beside in zip(parts, left, strict=True):
                for spent in range(part.after, row.shape[0]):
                    if np.any(row[spent] & beside[max(spent + 1, other.after) :].any(axis=0)):
                        return False
    return True


class TestLaws:
    @given(months(chains()))
    @EXAMPLES
    def test_loses_and_finds_nobody(self, case):
        assert conserves(case)

    @given(months(chains()))
    @EXAMPLES
    def test_never_counts_less_than_nobody(self, case):
        assert never_owes(case)

    @given(months(chains(closed=True), closed=True))
    @EXAMPLES
    def test_only_falls_while_nobody_comes(self, case):
        assert only_falls(case)

    @given(months(chains()))
    @EXAMPLES
    def test_serves_no_more_than_capacity_and_queue_allow(self, case):
        assert keeps_to_capacity(case)

    @given(months(queues()))
    @EXAMPLES
    def test_serves_those_first_who_came_first(self, case):
        assert serves_in_order(case)

    @given(months(chains()))
    @EXAMPLES
    def test_does_with_every_path_what_a_plain_loop_does(self, case):
        assert is_like_the_slow_one(case)


class TestTheLawsNotice:
    def test_when_somebody_gets_lost_on_the_way(self):
        assert notices(conserves, Leaking, months(chains()))

    def test_when_more_leave_than_there_are(self):
        assert notices(never_owes, Owing, months(chains()))

    def test_when_people_multiply_on_the_way(self):
        assert notices(only_falls, Multiplying, months(chains(closed=True), closed=True))

    def test_when_a_queue_is_said_to_be_longer_than_it_is(self):
        assert notices(keeps_to_capacity, Boasting, months(chains()))

    def test_when_those_are_served_first_who_came_last(self):
        assert notices(serves_in_order, Preferring, months(queues()))
        assert notices(is_like_the_slow_one, Preferring, months(chains()))


def one_queue(persons, *, desks, tracked, arrivals=0.0, after=0):
    """A month of a queue of one group, of which every number is given."""
    specification = ChainSpecification(
        chain_id="one",
        title=title("one"),
        months_tracked=tracked,
        groups=named(["all"]),
        stages=named(["waiting"]),
        parameters=(Parameter(name="desks", unit=Unit.PERSONS_PER_MONTH, median=1.0, spread=0.0),),
        compartments=(
            Compartment(
                group="all",
                stage="waiting",
                bottleneck="desk",
                after=after,
                served=(Route(to=None),),
            ),
        ),
        bottlenecks=(
            Bottleneck(
                name="desk",
                title=title("desk"),
                capacity="desks",
                response=0.0,
                reference=100.0,
                partner="somebody",
            ),
        ),
        entries=(Entry(inflow="inflow", ratio=1.0, into=(Into(group="all", stage="waiting"),)),),
    )
    cohorts = Cohorts(np.array(persons, dtype=float).reshape(1, tracked, 1), months=1)
    flows = Chain(specification).step(
        cohorts, values={"desks": np.array([desks])}, arrivals=np.array([[arrivals]])
    )
    return cohorts.now[0, :, 0].tolist(), flows.served["desk"]


class TestAMonthWorkedByHand:
    def test_serves_the_oldest_first_and_part_of_a_cohort(self):
        # A month older, 5 new: [5, 10, 20, 30 + 40]. Of 80 served, 70 waited 3.5 months and 10
        # of the next cohort 2.5.
        after, through = one_queue([10, 20, 30, 40], desks=80.0, tracked=4, arrivals=5.0)

        assert after == pytest.approx([5, 10, 10, 0])
        assert through.persons.item() == pytest.approx(80)
        assert through.waiting.item() == pytest.approx(25)
        assert through.waited.item() == pytest.approx(70 * 3.5 + 10 * 2.5)

    def test_leaves_those_alone_who_have_not_been_there_long_enough(self):
        after, through = one_queue([10, 20, 0], desks=80.0, tracked=3, arrivals=5.0, after=2)

        assert after == pytest.approx([5, 10, 0])
        assert through.persons.item() == pytest.approx(20)
        assert through.waiting.item() == pytest.approx(0)

    def test_serves_everybody_where_there_is_room_for_more(self):
        after, through = one_queue([10, 20, 30], desks=1_000.0, tracked=3, arrivals=5.0)

        assert after == pytest.approx([0, 0, 0])
        assert through.waited.item() == pytest.approx(5 * 0.5 + 10 * 1.5 + 50 * 2.5)


class TestCohorts:
    def test_keeps_what_was_written_between_two_months(self):
        start = np.ones((1, 3, 1))
        cohorts = Cohorts(start, months=2)
        cohorts.grow_older()
        cohorts.leave(0, [(0, 0.5)])
        cohorts.now[...] *= 2
        written = cohorts.now.copy()
        cohorts.grow_older()

        assert cohorts.now[0, :, 0] == pytest.approx([0, written[0, 0, 0], written[0, 1:, 0].sum()])
        assert cohorts.persons == pytest.approx(written.sum(axis=1))

    def test_leaves_the_persons_that_it_was_given_as_they_were(self):
        start = np.ones((1, 3, 1))
        cohorts = Cohorts(start, months=1)
        cohorts.grow_older()
        cohorts.leave(0, [(0, 1.0)])

        assert cohorts.now.sum() < 3
        assert np.all(start == 1)
