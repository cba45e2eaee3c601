# SPDX-License-Identifier: EUPL-1.2
"""The step of a chain, one path and one cohort after the other: slow and plain."""

import math


class SlowMonth:
    """One month of one path.

    Args:
        specification: The chain.
        cohorts: By (group, stage): persons by months spent; changed in place.
        values: Of every parameter.
    """

    def __init__(self, specification, cohorts, *, values):
        self.specification, self.cohorts, self.values = specification, cohorts, values
        self.moved = {}
        self.served = {}

    def walk(self, *, arrivals, added):
        """Arrivals by inflow; what is added by bottleneck."""
        counted = dict(zip(self.specification.inflows, arrivals, strict=True))
        for spent in self.cohorts.values():
            spent[-1] += spent[-2]
            spent[1:-1] = spent[:-2]
            spent[0] = 0.0
        for entry in self.specification.entries:
            persons = counted.get(entry.inflow, 1.0) * self.number(entry.ratio)
            for into, share in zip(entry.into, self.shares(entry.into), strict=True):
                self.cohorts[into.group, into.stage][0] += persons * share
        for stage in self.specification.stages:
            parts = [part for part in self.specification.compartments if part.stage == stage]
            for part in parts:
                if part.hazard is not None:
                    self.leave(part)
            for bottleneck in self.specification.bottlenecks:
                waiting = [part for part in parts if part.bottleneck == bottleneck.name]
                if waiting:
                    self.serve(bottleneck, waiting, added.get(bottleneck.name, 0.0))

    def number(self, value):
        return self.values[value] if isinstance(value, str) else value

    def shares(self, routes):
        named = [self.number(route.share) for route in routes if route.share is not None]
        over = max(sum(named), 1.0) if len(named) < len(routes) else 1.0
        rest = max(1 - sum(named), 0.0)
        return [
            rest if route.share is None else self.number(route.share) / over for route in routes
        ]

    def send(self, part, persons, routes):
        for route, share in zip(routes, self.shares(routes), strict=True):
            way = (part.group, part.stage, route.to)
            self.moved[way] = self.moved.get(way, 0.0) + persons * share
            if route.to is not None:
                self.cohorts[part.group, route.to][0] += persons * share

    def leave(self, part):
        spent, left = self.cohorts[part.key], 0.0
        for months, persons in enumerate(spent):
            factor = [factor for start, factor in part.profile if start <= months][-1]
            hazard = max(self.number(part.hazard) * factor, 1e-9)
            stays = math.exp(-hazard) if months else -math.expm1(-hazard) / hazard
            spent[months] = persons * stays
            left += persons * (1 - stays)
        self.send(part, left, part.leave)

    def serve(self, bottleneck, parts, added):
        waiting = sum(sum(self.cohorts[part.key][part.after :]) for part in parts)
        queue = max(waiting, 1e-9) / bottleneck.reference
        capacity = self.number(bottleneck.capacity) * queue ** self.number(bottleneck.response)
        total = left = min(max(capacity + added, 0.0), waiting)
        gone, waited = {part.key: 0.0 for part in parts}, 0.0
        for months in reversed(range(self.specification.months_tracked)):
            ready = [part.key for part in parts if part.after <= months]
            cohort = sum(self.cohorts[key][months] for key in ready)
            taken = min(cohort, left)
            left -= taken
            waited += taken * (months + 0.5)
            for key in ready:
                share = taken / cohort if cohort > 0 else 0.0
                gone[key] += self.cohorts[key][months] * share
                self.cohorts[key][months] *= 1 - share
        self.served[bottleneck.name] = (total, waiting - total, waited)
        for part in parts:
            self.send(part, gone[part.key], part.served)
