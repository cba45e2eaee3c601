# SPDX-License-Identifier: EUPL-1.2
"""A fitted chain: the people inside today, and what is believed of the parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import numpy as np

from models.occupancy.chain import Chain
from models.occupancy.reading import read_chain
from models.occupancy.simulation import ChainPaths, ChainState, Interventions, simulate
from models.occupancy.specification import ChainSpecification
from models.occupancy.writing import to_mapping
from models.types import Floats

__all__ = ["FittedChain"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedChain:
    """Many equally likely states of a chain at the end of one month.

    Attributes:
        specification: Of the chain.
        until: The month at whose end the state stands; paths begin with the month after.
        origin: Day of the last count of everybody in reception.
        fitted_from: Day of the first that was used.
        counted: How many figures of each series were used, by series.
        state: Of every member.
        log_likelihood: Of the figures, each given those before it.
    """

    specification: ChainSpecification
    until: np.datetime64
    origin: date
    fitted_from: date
    counted: Mapping[str, int]
    state: ChainState
    log_likelihood: float

    @property
    def points(self) -> int:
        """How many figures were used."""
        return sum(self.counted.values())

    @property
    def inferred(self) -> tuple[str, ...]:
        """Stages whose share of the total no stock or flow tells of: inferred from the total.

        A figure of some groups alone tells nothing of a whole stage.
        """
        told = {
            stage
            for part in self.specification.measurements
            if self.counted.get(part.series_id) and not part.groups
            for stage in (*part.stages, *(start for start, _ in part.routes))
        }
        stages = tuple(self.specification.stages)
        return tuple(stage for stage in stages if stage not in told) if len(stages) > 1 else ()

    def sample(
        self,
        arrivals: Floats,
        *,
        rng: np.random.Generator,
        interventions: Interventions | None = None,
    ) -> ChainPaths:
        """Courses of the chain that follow paths of its inflow, one for one.

        Args:
            arrivals: Counted per month from the month after `until` on, by inflow
                [persons/month], shape (inflows, paths, months).
            rng: Source of chance; the same state of it gives the same members and parameters,
                so that two inflows or policies can be compared path by path.
            interventions: What a policy changes; None for the policy-neutral baseline.

        Raises:
            InvalidInput: an inflow is negative or not finite.
        """
        rows = rng.integers(self.state.paths, size=(arrivals.shape[1],))
        return simulate(
            Chain(self.specification),
            self.state.take(rows),
            arrivals=arrivals,
            rng=rng,
            interventions=interventions,
        )

    def as_json(self) -> dict[str, Any]:
        """All but the arrays, as plain numbers and ISO dates."""
        return {
            "specification": to_mapping(self.specification),
            "until": str(self.until),
            "origin": self.origin.isoformat(),
            "fitted_from": self.fitted_from.isoformat(),
            "counted": dict(sorted(self.counted.items())),
            "log_likelihood": self.log_likelihood,
        }

    def arrays(self) -> dict[str, Floats]:
        """The state of every member, by name."""
        return {
            "cohorts": self.state.cohorts,
            "inward": self.state.inward,
            "levels": self.state.levels,
        }

    @classmethod
    def of(cls, facts: Mapping[str, Any], arrays: Mapping[str, Floats]) -> Self:
        """The chain that `as_json` and `arrays` were taken from.

        Raises:
            InvalidFile: the specification is not one of a chain.
        """
        return cls(
            specification=read_chain(facts["specification"], name="the fitted chain"),
            until=np.datetime64(facts["until"], "M"),
            origin=date.fromisoformat(facts["origin"]),
            fitted_from=date.fromisoformat(facts["fitted_from"]),
            counted=dict(facts["counted"]),
            state=ChainState(**{name: arrays[name] for name in ("cohorts", "inward", "levels")}),
            log_likelihood=float(facts["log_likelihood"]),
        )
