# SPDX-License-Identifier: EUPL-1.2
"""The chain once more, person by person: an oracle that shares nothing but the specification.

Everybody is a process of simpy. A month has as many ticks as are needed to let arrivals in, to go
through the stages in order (first who leave of themselves, then who are served), and to count. In
the month in which someone comes to a compartment, the moment is drawn, and the hazard works on
from there.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import simpy

from models.occupancy.specification import ChainSpecification

__all__ = ["Replication", "first_come", "last_come", "replicate"]


def first_come(month):
    """Order of service: who came in the earliest month; within a month by lot."""
    return month


def last_come(month):
    """Order of service: who came in the latest month; for a test that must fail."""
    return -month


@dataclass(kw_only=True)
class Replication:
    """What happened in one run, by month.

    Attributes:
        persons: On the last day of each month, by (group, stage).
        entered: Who entered.
        served: Who were served, by bottleneck.
        waited: Months from coming to being served, all together, by bottleneck.
        left: Who left reception, by the stage left.
    """

    persons: list[Counter] = field(default_factory=list)
    entered: Counter = field(default_factory=Counter)
    served: Counter = field(default_factory=Counter)
    waited: Counter = field(default_factory=Counter)
    left: Counter = field(default_factory=Counter)


def replicate(specification: ChainSpecification, inside, *, arrivals, seed, order=first_come):
    """Run the chain once with whole persons; parameters stand still at their medians.

    Args:
        specification: The chain.
        inside: Whole persons at the start, by (group, stage) and months spent.
        arrivals: Whole arrivals, by entry and month.
        seed: Of this run.
        order: Of service, from the month in which someone came.
    """
    return _Reception(specification, np.random.default_rng(seed), order).run(inside, arrivals)


@dataclass(kw_only=True, eq=False)
class _Waiting:
    """Someone in a queue."""

    key: tuple
    month: int
    moment: float
    lot: float
    served: simpy.Event


class _Reception:
    def __init__(self, specification, chance, order):
        self.specification, self.chance, self.order = specification, chance, order
        self.env = simpy.Environment()
        self.parts = {part.key: part for part in specification.compartments}
        self.turn = {stage: 2 * row + 1 for row, stage in enumerate(specification.stages)}
        self.ticks = 2 * len(specification.stages) + 2
        self.inside = Counter()
        self.queues = {part.name: {} for part in specification.bottlenecks}
        self.found = Replication()

    def run(self, inside, arrivals):
        self.months = len(arrivals[0])
        for key, cohorts in inside.items():
            for spent, persons in enumerate(cohorts):
                for _ in range(persons):
                    self.env.process(self.person(*key, month=-1 - spent))
        self.env.process(self.arrive(arrivals))
        for bottleneck in self.specification.bottlenecks:
            self.env.process(self.serve(bottleneck))
        self.env.process(self.count())
        self.env.run(until=self.months * self.ticks)
        return self.found

    @property
    def month(self):
        return self.env.now // self.ticks

    def value(self, value):
        return self.specification.parameter(value).median if isinstance(value, str) else value

    def whole(self, number):
        """A whole number that is right on average."""
        below = int(number)
        return below + (self.chance.random() < number - below)

    def one_of(self, places, shares):
        """A place, by the shares of all; None takes what the others leave."""
        drawn = self.chance.random()
        for place, share in zip(places, shares, strict=True):
            if share is not None:
                drawn -= self.value(share)
                if drawn < 0:
                    return place
        rest = [place for place, share in zip(places, shares, strict=True) if share is None]
        return rest[0] if rest else places[-1]

    def arrive(self, arrivals):
        for month in range(self.months):
            for entry, counted in zip(self.specification.entries, arrivals, strict=True):
                persons = self.whole(counted[month] * self.value(entry.ratio))
                self.found.entered[month] += persons
                for _ in range(persons):
                    into = self.one_of(entry.into, [part.share for part in entry.into])
                    self.env.process(self.person(into.group, into.stage, month=month))
            yield self.env.timeout(self.ticks)

    def person(self, group, stage, *, month):
        """Someone who came in a month, before the first one if it is negative."""
        while stage is not None:
            part = self.parts[group, stage]
            self.inside[part.key] += 1
            moment = month + self.chance.random()
            ends = []
            if part.hazard is not None:
                ends.append(self.env.timeout(self.ticks_until_leaving(part, month, moment)))
            if part.bottleneck is not None:
                waiting = _Waiting(
                    key=part.key,
                    month=month,
                    moment=moment,
                    lot=self.chance.random(),
                    served=self.env.event(),
                )
                self.queues[part.bottleneck][waiting] = None
                ends.append(waiting.served)
            yield ends[0] if len(ends) == 1 else simpy.AnyOf(self.env, ends)
            was_served = part.bottleneck is not None and waiting.served.triggered
            if part.bottleneck is not None and not was_served:
                del self.queues[part.bottleneck][waiting]
            self.inside[part.key] -= 1
            routes = part.served if was_served else part.leave
            route = self.one_of(routes, [route.share for route in routes])
            if route.to is None:
                self.found.left[stage, self.month] += 1
            stage, month = route.to, self.month

    def ticks_until_leaving(self, part, month, moment):
        """When the hazard has used up the patience of someone: an exponential of mean one."""
        rate = self.value(part.hazard)
        patience = self.chance.exponential()
        turn = self.turn[part.stage]
        now = self.month
        # Whose stage has had its turn in the month in which he comes is left alone until the next.
        begin = now if month == now and self.env.now % self.ticks < turn else now + 1
        if month < 0:
            begin = 0
        for other in range(begin, self.months):
            spent = other - month
            factor = [factor for start, factor in part.profile if start <= spent][-1]
            exposed = 1.0 if spent else month + 1 - moment
            patience -= rate * factor * exposed
            if patience < 0:
                return other * self.ticks + turn - self.env.now
        return self.months * self.ticks

    def serve(self, bottleneck):
        parts = [part for part in self.parts.values() if part.bottleneck == bottleneck.name]
        queue = self.queues[bottleneck.name]
        yield self.env.timeout(self.turn[parts[0].stage] + 1)
        for month in range(self.months):
            ready = [one for one in queue if month - one.month >= self.parts[one.key].after]
            capacity = self.value(bottleneck.capacity) * (
                len(ready) / bottleneck.reference
            ) ** self.value(bottleneck.response)
            ready.sort(key=lambda one: (self.order(one.month), one.lot))
            for one in ready[: self.whole(capacity)]:
                del queue[one]
                self.found.served[bottleneck.name, month] += 1
                self.found.waited[bottleneck.name, month] += month + 1 - one.moment
                one.served.succeed()
            yield self.env.timeout(self.ticks)

    def count(self):
        yield self.env.timeout(self.ticks - 1)
        while True:
            self.found.persons.append(Counter(self.inside))
            yield self.env.timeout(self.ticks)
