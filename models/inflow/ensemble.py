# SPDX-License-Identifier: EUPL-1.2
"""The champion method: members weighed by their past scores, with the spread corrected."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

import numpy as np
from numpy.random import Generator

from models.calibration import SpreadCorrection, normal_scores, rescale
from models.errors import NotFitted
from models.inflow.base import Member, require_history, season_of
from models.inflow.guard import Answers, Guarded, ask
from models.inflow.isolated import without_isolated
from models.inflow.past import MakeMember, PastForecast, forecast_members, past_cutoffs
from models.inflow.paths import SCORES, Dependence, draw_paths
from models.inflow.weights import Record, beforehand, record_of, stacked
from models.types import LEVELS, Floats, Panel, SamplePaths

__all__ = ["Combination", "Ensemble", "horizon_edges", "learn_combination"]

Kind = TypeVar("Kind", bound=Member)

SHOCK = 0.39
"""Spread that a shock which a few years did not show adds in a year [log persons]: how far the
yearly applications of European countries moved before any figure here."""

SHOCK_WHOLE, SHOCK_GONE = 8.0, 12.0
"""Until a panel is so long the whole shock is added, and once it is so long none, since by then
the errors it taught hold shocks of their own [years]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """What the past taught about the members together.

    Attributes:
        members: Names, in the order of the weights.
        edges: Last step of each part of the horizon [periods].
        weights: Shape (parts, members), each row adds up to 1.
        corrections: Of the spread, one per part.
        dependence: How errors go together over time and series.
        shock: Spread that a common shock adds in one period [log persons].
    """

    members: tuple[str, ...]
    edges: tuple[int, ...]
    weights: Floats
    corrections: tuple[SpreadCorrection, ...]
    dependence: Dependence
    shock: float

    def part_of(self, step: int) -> int:
        """Which part of the horizon a step ahead (1, 2, ...) belongs to; the last goes on."""
        return min(int(np.searchsorted(self.edges, step)), len(self.edges) - 1)

    def average(self, log_quantiles: Mapping[str, Floats]) -> Floats:
        """Weighted average of the members' quantiles on the log scale.

        A member without an answer for a series gives its weight to the others; members without
        weight count, equally, where no other has an answer.
        """
        stacked = np.stack([log_quantiles[name] for name in self.members])
        answered = np.asarray(np.isfinite(stacked).all(axis=(2, 3)))[:, :, None]
        horizon = stacked.shape[2]
        parts = [self.part_of(step) for step in range(1, horizon + 1)]
        weight = self.weights[parts].T[:, None, :] * answered
        weight = np.where(weight.sum(axis=0) > 0, weight, answered)
        total = weight.sum(axis=0)
        weight = np.divide(weight, total, out=np.full_like(weight, np.nan), where=total > 0)
        average: Floats = np.asarray(np.einsum("msh,mshl->shl", weight, np.nan_to_num(stacked)))
        return average

    def share_of(self, members: Collection[str]) -> float:
        """The largest weight that some members have together in any part of the horizon [-]."""
        theirs = [place for place, name in enumerate(self.members) if name in members]
        return float(self.weights[:, theirs].sum(axis=1).max())

    def combine(self, log_quantiles: Mapping[str, Floats]) -> Floats:
        """Average of the members, shock added and spread corrected, (series, horizon, levels)."""
        shocked = self.shocked(log_quantiles)
        steps = range(1, shocked.shape[1] + 1)
        corrected = rescale(shocked, [self.corrections[self.part_of(step)] for step in steps])
        still = stand_still(corrected, after=self.edges[-1])
        # Reading between levels may round two equal neighbours past each other.
        whole: Floats = np.maximum.accumulate(still, axis=-1)
        return whole

    def shocked(self, log_quantiles: Mapping[str, Floats]) -> Floats:
        """Average of the members with the common shock, before any correction."""
        average = self.average(log_quantiles)
        steps = np.arange(1, average.shape[1] + 1)
        return add_shock(average, self.shock * np.sqrt(steps))

    def to_json(self) -> dict[str, Any]:
        """As plain lists and numbers."""
        return {
            "members": list(self.members),
            "edges": list(self.edges),
            "weights": self.weights.tolist(),
            "corrections": [correction.to_json() for correction in self.corrections],
            "dependence": self.dependence.to_json(),
            "shock": self.shock,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Back from plain lists and numbers."""
        return cls(
            members=tuple(value["members"]),
            edges=tuple(value["edges"]),
            weights=np.array(value["weights"]),
            corrections=tuple(SpreadCorrection.from_json(part) for part in value["corrections"]),
            dependence=Dependence.from_json(value["dependence"]),
            shock=float(value["shock"]),
        )


def shock_for(years: float) -> float:
    """Spread that an unseen shock adds in a year, given how many years were seen [log persons].

    Source:
        docs/methods.md, Inflow, equation 10.
    """
    unseen = (SHOCK_GONE - years) / (SHOCK_GONE - SHOCK_WHOLE)
    return SHOCK * min(max(unseen, 0.0), 1.0)


def add_shock(log_quantiles: Floats, spread: Floats) -> Floats:
    """Widen for a shock that touches all series alike and that few years have shown.

    Variances add, so that a calm series is widened much and a volatile one hardly; level by level,
    so that one far quantile of a calm series is not carried off with the near ones.

    Args:
        log_quantiles: At LEVELS, shape (series, horizon, levels).
        spread: Of the shock [log persons], shape (horizon,).

    Source:
        docs/methods.md, Inflow, equation 10.
    """
    middle = log_quantiles[..., len(LEVELS) // 2, None]
    distance = np.hypot(log_quantiles - middle, spread[:, None] * SCORES)
    widened: Floats = middle + np.sign(SCORES) * distance
    return widened


def stand_still(log_quantiles: Floats, *, after: int) -> Floats:
    """Keep the spread of one step for all later ones; the middle goes on.

    Args:
        log_quantiles: At LEVELS, shape (series, horizon, levels).
        after: The last step whose spread past forecasts have taught [periods].

    Source:
        docs/methods.md, Inflow, "Beyond two years".
    """
    if log_quantiles.shape[1] <= after:
        return log_quantiles
    middle = log_quantiles[:, :, len(LEVELS) // 2, None]
    distance = log_quantiles - middle
    distance[:, after:] = distance[:, after - 1, None]
    kept: Floats = middle + distance
    return kept


def horizon_edges(horizon: int, season: int) -> tuple[int, ...]:
    """A quarter, half a year, a year, and the rest: where parts of the horizon end [periods]."""
    edges = sorted({max(season // 4, 1), max(season // 2, 1), season, horizon})
    return tuple(edge for edge in edges if edge <= horizon)


def learn_combination(
    panel: Panel, past: Sequence[PastForecast], *, members: Sequence[str]
) -> Combination:
    """Learn weights, spread and dependence from past forecasts and what followed them.

    Args:
        panel: What is known now; nothing later is looked at.
        past: Forecasts at cutoffs before the end of the panel, oldest first.
        members: Names of the members.

    Source:
        docs/methods.md, Inflow, equations 8 to 11.
    """
    season = season_of(panel.frequency)
    edges = horizon_edges(2 * season, season)
    held = np.array([beforehand(members, nearest=part == 0) for part in range(len(edges))])
    untaught = Combination(
        members=tuple(members),
        edges=edges,
        weights=held,
        corrections=(SpreadCorrection(),) * len(edges),
        dependence=Dependence(),
        shock=shock_for(len(panel.periods) / season) / season**0.5,
    )
    if not past:
        return untaught
    record = record_of(panel, past, members)
    parts = [slice(start, end) for start, end in zip((0, *edges[:-1]), edges, strict=True)]
    weighed = replace(
        untaught,
        weights=np.array(
            [stacked(record, part, prior=own) for part, own in zip(parts, held, strict=True)]
        ),
    )
    shocked = np.array(
        [
            weighed.shocked(dict(zip(members, fold, strict=True)))
            for fold in np.moveaxis(record.forecasts, 1, 0)
        ]
    )
    scores = np.full(record.actual.shape, np.nan)
    known = np.isfinite(record.actual)
    scores[known] = normal_scores(record.actual[known], shocked[known])
    return replace(
        weighed,
        corrections=tuple(_correction(record, scores, part) for part in parts),
        dependence=Dependence.learn(scores, errors=record.independent(slice(0, 2 * season))),
    )


def _correction(record: Record, scores: Floats, part: slice) -> SpreadCorrection:
    fold, series, step = np.nonzero(np.isfinite(scores[:, :, part]))
    return SpreadCorrection.learn(
        scores[:, :, part][fold, series, step],
        weights=record.recency[fold],
        errors=record.independent(part),
    )


class Ensemble:
    """Several members as one forecaster.

    Args:
        members: One function per member that makes it anew.
        every: Months between past cutoffs.
        years: How far back past cutoffs go; None for as far as they can.
        targets: Series to forecast; the others only help to learn. All if None.
        combination: Learned before; learned from the panel's own past if None.
    """

    name = "ensemble"

    def __init__(
        self,
        members: Sequence[MakeMember],
        *,
        every: int = 3,
        years: int | None = None,
        targets: Sequence[str] | None = None,
        combination: Combination | None = None,
    ) -> None:
        self._make = tuple(members)
        self._targets = targets
        self._every = every
        self._years = years
        self._given = combination
        self._panel: Panel | None = None

    def fit(self, panel: Panel) -> Self:
        """Learn from past cutoffs, then let every member learn from everything."""
        require_history(panel)
        horizon = 2 * season_of(panel.frequency)
        past = [
            forecast_members(panel, cutoff, members=self._make, horizon=horizon)
            for cutoff in (
                past_cutoffs(panel, every=self._every, years=self._years)
                if self._given is None
                else []
            )
        ]
        return self.fit_on(panel, past)

    def fit_on(self, panel: Panel, past: Sequence[PastForecast]) -> Self:
        """The same, with past forecasts that were made before.

        Isolated figures are taken as unknown; raises InvalidInput if a series is too short.
        """
        known = without_isolated(panel)
        require_history(known)
        self._members = [Guarded(make()).fit(known) for make in self._make]
        names = [member.name for member in self._members]
        self.combination = self._given or learn_combination(known, past, members=names)
        self._rows = [known.series_ids.index(name) for name in self._targets or known.series_ids]
        self._panel = known
        return self

    def member(self, kind: type[Kind]) -> Kind:
        """The fitted member of a kind; raises NotFitted if there is none, or it could not learn."""
        for guarded in getattr(self, "_members", ()):
            if isinstance(guarded.member, kind) and not guarded.error:
                return guarded.member
        raise NotFitted(kind.__name__)

    def answers(self, horizon: int) -> Answers:
        """What the members say on every series, without what cannot be used, and why not."""
        if self._panel is None:
            raise NotFitted(self.name)
        return ask(self._members, self._panel, horizon)

    def log_quantiles(self, horizon: int) -> Floats:
        """Quantiles of log(persons + 5) at LEVELS, shape (series, horizon, levels)."""
        said = self.answers(horizon).log_quantiles
        return self.combination.combine({name: table[self._rows] for name, table in said.items()})

    def sample(self, horizon: int, *, paths: int, rng: Generator) -> SamplePaths:
        """Draw connected futures [persons], shape (paths, series, horizon)."""
        if self._panel is None:
            raise NotFitted(self.name)
        return draw_paths(
            self.log_quantiles(horizon),
            panel=self._panel.select([self._panel.series_ids[row] for row in self._rows]),
            correlation=self.combination.dependence.correlation(horizon),
            common=self.combination.dependence.common,
            paths=paths,
            rng=rng,
        )
