# SPDX-License-Identifier: EUPL-1.2
"""A forecast that was issued with the Dutch chain in it; the people are made for the tests."""

from dataclasses import replace
from datetime import date

import numpy as np

from models.occupancy import ChainState, FittedChain, arrivals_after, flow_paths, need_paths
from models.periods import Frequency
from models.types import SamplePaths
from tests.builders import forecast
from training.chains import dutch_chain
from training.store.chain_files import need_chance
from training.store.records import IssuedForecast

PATHS, MONTHS, MEMBERS = 40, 36, 25
UNTIL = np.datetime64("2025-12", "M")
SEED = 7

_INSIDE = {
    "registration": 800.0,
    "procedure": 30_000.0,
    "permit_holder": 18_000.0,
    "rejected": 5_000.0,
}
_GROUPS = {"applicant": 0.9, "unaccompanied_minor": 0.1}
_ARRIVING = {
    "nl.inflow.first_application": 2_500.0,
    "nl.inflow.repeat_application": 150.0,
    "nl.inflow.family_reunification": 900.0,
}


def fitted_chain() -> FittedChain:
    """The Dutch chain with every member drawn from what is believed before any figure."""
    rng = np.random.default_rng(SEED)
    specification = dutch_chain()
    inside = [
        _INSIDE.get(part.stage, 0.0) * _GROUPS.get(part.group, 0.0)
        for part in specification.compartments
    ]
    ages = 0.9 ** np.arange(specification.months_tracked)
    cohorts = np.outer(inside, ages / ages.sum())[:, :, None] * np.ones(MEMBERS)
    parameters = specification.parameters
    middles = np.array([[part.inward(part.median)] for part in parameters])
    spreads = np.array([[part.spread] for part in parameters])
    inward = middles + 0.5 * spreads * rng.standard_normal((len(parameters), MEMBERS))
    return FittedChain(
        specification=specification,
        until=UNTIL,
        origin=date(2025, 12, 31),
        fitted_from=date(2020, 12, 31),
        counted={"nl.occupancy.total": 5},
        state=ChainState(cohorts=cohorts, inward=inward, levels=inward.copy()),
        log_likelihood=0.0,
    )


def chained_forecast(artefact_id: str, *, seed: int = SEED) -> IssuedForecast:
    """A forecast whose need is a tenth above that of the chain it was drawn from."""
    chain = fitted_chain()
    rng = np.random.default_rng(seed)
    steps = rng.normal(0.0, 0.05, size=(PATHS, len(_ARRIVING), MONTHS))
    inflow = SamplePaths(
        series_ids=tuple(_ARRIVING),
        frequency=Frequency.MONTH,
        origins=np.full(len(_ARRIVING), UNTIL),
        persons=np.array([*_ARRIVING.values()])[:, None] * np.exp(np.cumsum(steps, axis=2)),
    )
    _, arrivals = arrivals_after(UNTIL, inflow, inflows=chain.specification.inflows)
    course = chain.sample(arrivals, rng=need_chance(seed)[0])
    need = need_paths(
        chain.specification,
        course,
        fitted=chain,
        need_id="nl.need.total",
        total=1.1 * course.total,
    )
    return replace(
        forecast(artefact_id, seed=seed),
        inflow=inflow,
        need=need,
        flows=flow_paths(chain, course),
        chain=chain,
    )
