# SPDX-License-Identifier: EUPL-1.2
"""A small chain like the Dutch one, and people in it; every number is made for the tests.

Adults and minors differ until they wait for a decision and are alike from there on. All queue
for the same decisions and homes, and family members come straight to the wait for a home.
"""

import numpy as np

from models.occupancy.chain import Chain
from models.occupancy.simulation import ChainState
from models.occupancy.specification import (
    Bottleneck,
    ChainSpecification,
    Compartment,
    Entry,
    Into,
    LeverKind,
    Parameter,
    Route,
    Title,
    Unit,
)

FIRST = "small.inflow.first"
FAMILY = "small.inflow.family_reunification"

LEVERS = (
    (LeverKind.DECISION_CAPACITY, "decisions"),
    (LeverKind.HOMES_REALISED, "homes"),
    (LeverKind.GRANT_RATE, "grant"),
    (LeverKind.INFLOW_SHOCK, FIRST),
    (LeverKind.FAMILY_REUNIFICATION_QUOTA, FAMILY),
    (LeverKind.RETURNS, "depart"),
    (LeverKind.TRANSITION_HOMES, "homes"),
)

GROUPS = ("adult", "minor")
STAGES = ("registration", "procedure", "permit_holder", "rejected")


def title(name):
    return Title(nl=name, en=name)


def parameter(name, unit, median, *, spread=0.0, drift=0.0, noise=0.0):
    return Parameter(
        name=name, unit=unit, median=median, spread=spread, drift=drift, half_life=60.0, noise=noise
    )


def small_chain(*, drift=0.0, noise=0.0, response=0.3, tracked=24):
    """Two groups, four stages, two bottlenecks; parameters stand still unless they drift."""
    moves = {"spread": drift, "drift": drift, "noise": noise}
    return Chain(
        ChainSpecification(
            chain_id="small",
            title=title("small"),
            months_tracked=tracked,
            groups={name: title(name) for name in GROUPS},
            stages={name: title(name) for name in STAGES},
            parameters=(
                parameter("decisions", Unit.PERSONS_PER_MONTH, 700.0, **moves),
                parameter("homes", Unit.PERSONS_PER_MONTH, 450.0, **moves),
                parameter("grant", Unit.SHARE, 0.6, **moves),
                parameter("depart", Unit.PER_MONTH, 0.15, **moves),
                parameter("enter", Unit.RATIO, 0.9, **moves),
            ),
            compartments=tuple(part for group in GROUPS for part in _compartments(group)),
            bottlenecks=(
                Bottleneck(
                    name="decisions",
                    title=title("decisions"),
                    capacity="decisions",
                    response=response,
                    reference=5_000.0,
                    partner="IND",
                ),
                Bottleneck(
                    name="homes",
                    title=title("homes"),
                    capacity="homes",
                    response=response,
                    reference=3_000.0,
                    partner="municipalities",
                ),
            ),
            levers=LEVERS,
            entries=(
                Entry(
                    inflow=FIRST,
                    ratio="enter",
                    into=(
                        Into(group="adult", stage="registration"),
                        Into(group="minor", stage="registration", share=0.1),
                    ),
                ),
                Entry(inflow=FAMILY, ratio=0.8, into=(Into(group="adult", stage="permit_holder"),)),
            ),
        )
    )


def _compartments(group):
    return (
        Compartment(
            group=group,
            stage="registration",
            hazard=2.0 if group == "adult" else 1.0,
            leave=(Route(to=None, share=0.05), Route(to="procedure")),
        ),
        Compartment(
            group=group,
            stage="procedure",
            bottleneck="decisions",
            after=1,
            served=(Route(to="permit_holder", share="grant"), Route(to="rejected")),
        ),
        Compartment(
            group=group, stage="permit_holder", bottleneck="homes", served=(Route(to=None),)
        ),
        Compartment(
            group=group,
            stage="rejected",
            hazard="depart",
            profile=((0, 1.0), (6, 0.4)),
            leave=(Route(to=None),),
        ),
    )


def small_state(chain, *, paths, rng, inside=12_000.0):
    """People in every compartment, more of them recent, and parameters drawn from belief."""
    compartments, tracked = chain.shape
    recent = 0.9 ** np.arange(tracked)
    share = np.array([0.9 if part.group == "adult" else 0.1 for part in _parts(chain)])
    stages = {"registration": 0.05, "procedure": 0.45, "permit_holder": 0.35, "rejected": 0.15}
    share *= [stages[part.stage] for part in _parts(chain)]
    cohorts = inside * np.outer(share, recent / recent.sum())[:, :, None]
    parameters = chain.specification.parameters
    levels = np.array([[part.inward(part.median)] for part in parameters])
    spread = np.array([[part.spread] for part in parameters])
    inward = levels + spread * rng.standard_normal((len(parameters), paths))
    return ChainState(
        cohorts=np.broadcast_to(cohorts, (compartments, tracked, paths)).copy(),
        inward=inward,
        levels=inward.copy(),
    )


def small_arrivals(*, paths, months, rng, first=1_100.0, family=150.0):
    """Arrivals of both series that move about [persons/month], shape (2, paths, months)."""
    walk = np.exp(0.08 * np.cumsum(rng.standard_normal((2, paths, months)), axis=2))
    return np.array([first, family])[:, None, None] * walk


def _parts(chain):
    return chain.specification.compartments
