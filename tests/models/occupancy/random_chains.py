# SPDX-License-Identifier: EUPL-1.2
"""Chains that nobody would think of, and months for them, drawn by hypothesis.

Any number of groups, stages and queues; ways forward, back and to the same stage, but from every
compartment some leave for good; hazards of nearly nothing to all at once.
"""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from models.occupancy.chain import Chain
from models.occupancy.cohorts import Cohorts
from models.occupancy.simulation import ChainState, values_of
from models.occupancy.specification import (
    Bottleneck,
    ChainSpecification,
    Compartment,
    Entry,
    Into,
    Parameter,
    Route,
    Title,
    Unit,
)

PATHS = 3

rates = st.sampled_from([1e-12, 0.01, 0.3, 2.0, 60.0, 1e4, "slow", "fast"])
ratios = st.sampled_from([0.5, 1.0, 1.3, "ratio"])
responses = st.sampled_from([0.0, 0.4, 1.0, "some"])
factors = st.sampled_from([0.0, 0.3, 1.0, 4.0])

PARAMETERS = {
    "slow": (Unit.PER_MONTH, 0.05),
    "fast": (Unit.PER_MONTH, 3.0),
    "ratio": (Unit.RATIO, 0.9),
    "some": (Unit.SHARE, 0.2),
    "half": (Unit.SHARE, 0.5),
    "few": (Unit.PERSONS_PER_MONTH, 10.0),
    "many": (Unit.PERSONS_PER_MONTH, 120.0),
}


def title(name):
    return Title(nl=name, en=name)


def named(names):
    return {name: title(name) for name in names}


@st.composite
def routes(draw, stages, *, may_stay):
    """Ways out of a compartment; out of reception comes last and takes what the others leave."""
    tos = draw(st.lists(st.sampled_from(stages), max_size=2, unique=True)) if may_stay else []
    shares = st.sampled_from([0.1, 0.45, "some", "half"])
    return (*(Route(to=to, share=draw(shares)) for to in tos), Route(to=None))


@st.composite
def profiles(draw, tracked):
    knots = sorted(draw(st.sets(st.integers(1, tracked - 1), max_size=2)))
    return ((0, draw(factors)), *((knot, draw(factors)) for knot in knots))


@st.composite
def compartments(draw, group, stage, stages, *, tracked, homes):
    """One group in one stage; `homes` is a last stage that is left for good."""
    kind = "queue" if homes else draw(st.sampled_from(["hazard", "queue", "both"]))
    ways = routes(stages, may_stay=not homes)
    queueing = kind != "hazard"
    return Compartment(
        group=group,
        stage=stage,
        hazard=draw(rates) if kind != "queue" else None,
        profile=draw(profiles(tracked)) if kind != "queue" else ((0, 1.0),),
        leave=draw(ways) if kind != "queue" else (),
        bottleneck=f"queue_{stage}" if queueing else None,
        after=draw(st.integers(0, min(tracked - 1, 3))) if queueing else 0,
        served=draw(ways) if queueing else (),
    )


@st.composite
def chains(draw, *, homes=False, closed=False):
    """A chain; with `homes`, everybody's last stage is one queue for what leads out.

    Nobody comes to it uncounted where it is `closed`.
    """
    groups = ["a", "b", "c"][: draw(st.integers(1, 3))]
    stages = ["first", "second", "third", "fourth"][: draw(st.integers(1, 4))]
    tracked = draw(st.integers(2, 7))
    parts = tuple(
        draw(
            compartments(group, stage, stages, tracked=tracked, homes=homes and stage == stages[-1])
        )
        for group in groups
        for stage in stages
    )
    queues = sorted({part.bottleneck for part in parts if part.bottleneck})
    places = [(part.group, part.stage) for part in parts]
    return Chain(
        ChainSpecification(
            chain_id="random",
            title=title("random"),
            months_tracked=tracked,
            groups=named(groups),
            stages=named(stages),
            parameters=tuple(
                Parameter(name=name, unit=unit, median=median, spread=0.5, drift=0.2, noise=0.2)
                for name, (unit, median) in PARAMETERS.items()
            ),
            compartments=parts,
            bottlenecks=tuple(
                Bottleneck(
                    name=name,
                    title=title(name),
                    capacity=draw(st.sampled_from(["few", "many"])),
                    response=draw(responses),
                    reference=100.0,
                    partner="somebody",
                )
                for name in queues
            ),
            entries=(
                *(
                    Entry(
                        inflow=f"inflow_{number}",
                        ratio=draw(ratios),
                        into=_into(draw(st.permutations(places))),
                    )
                    for number in range(draw(st.integers(1, 2)))
                ),
                *_steady(draw(st.permutations(places)), draw(st.booleans()) and not closed),
            ),
        )
    )


def _steady(places, wanted):
    """A stream that no series counts."""
    return (Entry(inflow=None, ratio="few", into=_into(places)),) if wanted else ()


def _into(places):
    """The first place takes what the others leave."""
    others = [Into(group=group, stage=stage, share=0.15) for group, stage in places[1:4]]
    return (Into(group=places[0][0], stage=places[0][1]), *others)


@dataclass(frozen=True, kw_only=True)
class Months:
    """A chain, who is inside, and what the months bring."""

    chain: Chain
    start: np.ndarray
    values: list[dict[str, np.ndarray]]
    arrivals: np.ndarray
    added: list[dict[str, float]]

    def walk(self, cohorts_type=Cohorts):
        """Cohorts before and after, and flows, of every month; cohorts may be of a wrong kind."""
        cohorts = cohorts_type(self.start, months=len(self.values))
        before, walked = self.start, []
        for values, arrivals, added in zip(self.values, self.arrivals, self.added, strict=True):
            flows = self.chain.step(cohorts, values=values, arrivals=arrivals, added=added)
            quick = cohorts.persons
            after = cohorts.now.copy()
            walked.append(Month(before=before, after=after, persons=quick, flows=flows))
            before = after
        return walked


@dataclass(frozen=True, kw_only=True)
class Month:
    before: np.ndarray
    after: np.ndarray
    persons: np.ndarray
    flows: object


@st.composite
def months(draw, chain, *, closed=False):
    """Some months of a chain; nobody comes where it is closed."""
    chain = draw(chain)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    length = draw(st.integers(1, 6))
    levels = np.array([[part.inward(part.median)] for part in chain.specification.parameters])
    spread = draw(st.sampled_from([0.0, 0.5, 3.0]))
    drawn = [levels + spread * rng.standard_normal((len(levels), PATHS)) for _ in range(length)]
    inflows = len(chain.specification.inflows)
    names = [part.name for part in chain.specification.bottlenecks]
    return Months(
        chain=chain,
        start=people(chain, rng=rng, sparse=draw(st.sampled_from([0.0, 0.6, 1.0]))),
        values=[values_of(chain, inward) for inward in drawn],
        arrivals=rng.exponential(0.0 if closed else 80.0, (length, inflows, PATHS)),
        added=[
            {name: float(rng.normal(0, 40)) for name in names if rng.random() < 0.5}
            for _ in range(length)
        ],
    )


def people(chain, *, rng, sparse=0.5, paths=PATHS):
    """Persons inside; of the cohorts a share is empty."""
    shape = (*chain.shape, paths)
    return np.where(rng.random(shape) < sparse, 0.0, rng.exponential(30, shape))


def state_of(chain, *, rng, paths=PATHS, spread=0.3):
    """Where random paths begin."""
    parameters = chain.specification.parameters
    levels = np.array([[part.inward(part.median)] for part in parameters])
    levels = levels + spread * rng.standard_normal((len(parameters), paths))
    return ChainState(
        cohorts=people(chain, rng=rng, paths=paths), inward=levels.copy(), levels=levels
    )
