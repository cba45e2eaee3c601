# SPDX-License-Identifier: EUPL-1.2
"""What people see of a scenario: means that add up, and quantiles that need not."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.occupancy.scenarios import ScenarioEffect
from models.types import LEVELS, Floats

__all__ = ["Effect", "Peak", "Quantiles", "ScenarioSummary", "WaitingTime", "summarise"]

Quantiles = tuple[tuple[float, ...], ...]
"""By month, at the 23 published levels."""

_DIGITS = 1
"""Persons and months are told to a tenth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What something does to a number of persons, by month.

    Attributes:
        name: Of the lever or stage.
        mean: Average over the paths [persons], by month; means of parts add up to the mean of
            the whole, to the last digit shown.
        quantiles: Of the difference, path by path [persons]; those of parts do not add up.
    """

    name: str
    mean: tuple[float, ...]
    quantiles: Quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingTime:
    """How long those had waited who were served, by month.

    Attributes:
        bottleneck: Which queue.
        baseline: Median over the paths without levers [months]; None where nobody was served.
        scenario: With all levers [months].
    """

    bottleneck: str
    baseline: tuple[float | None, ...]
    scenario: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The highest need of all months.

    Attributes:
        baseline: Quantiles of the highest need without levers [persons], at the 23 levels.
        scenario: With all levers [persons].
        difference: Of the difference, path by path [persons].
        month_baseline: In which it comes without levers: the median over the paths, YYYY-MM.
        month_scenario: In which it comes with all levers.
    """

    baseline: tuple[float, ...]
    scenario: tuple[float, ...]
    difference: tuple[float, ...]
    month_baseline: str
    month_scenario: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSummary:
    """What a scenario does, as people see it.

    Attributes:
        periods: Months, YYYY-MM.
        baseline: Need without levers, as forecast [persons].
        scenario: Need with all levers [persons].
        difference: What all levers together do to the need.
        levers: What each lever does alone.
        interaction: What they do together beyond that.
        stages: What all levers together do in each stage.
        waiting: Waiting times at each bottleneck.
        peak: The highest need.
    """

    periods: tuple[str, ...]
    baseline: Quantiles
    scenario: Quantiles
    difference: Effect
    levers: tuple[Effect, ...]
    interaction: Effect
    stages: tuple[Effect, ...]
    waiting: tuple[WaitingTime, ...]
    peak: Peak


def summarise(effect: ScenarioEffect) -> ScenarioSummary:
    """Quantiles at the 23 levels, and means that add up as shown."""
    difference = _effect("difference", effect.difference)
    levers = tuple(_effect(*part) for part in zip(effect.names, effect.parts, strict=True))
    # From the figures shown and not from the paths, or rounding would leave a tenth over.
    beyond = np.array(difference.mean) - np.array([part.mean for part in levers]).sum(axis=0)
    return ScenarioSummary(
        periods=tuple(str(period) for period in effect.periods),
        baseline=_quantiles(effect.need_before),
        scenario=_quantiles(effect.need_after),
        difference=difference,
        levers=levers,
        interaction=Effect(
            name="interaction",
            mean=_rounded(beyond),
            quantiles=_quantiles(effect.interaction),
        ),
        stages=tuple(
            _effect(stage, effect.difference_at(stage)) for stage in effect.specification.stages
        ),
        waiting=tuple(
            WaitingTime(
                bottleneck=part.name,
                baseline=_waited(effect.baseline.waited, part.name),
                scenario=_waited(effect.scenario.waited, part.name),
            )
            for part in effect.specification.bottlenecks
        ),
        peak=_peak(effect),
    )


def _effect(name: str, persons: Floats) -> Effect:
    return Effect(name=name, mean=_rounded(persons.mean(axis=0)), quantiles=_quantiles(persons))


def _quantiles(persons: Floats) -> Quantiles:
    return tuple(_rounded(month) for month in np.quantile(persons, LEVELS, axis=0).T)


def _waited(waited: Mapping[str, Floats], name: str) -> tuple[float | None, ...]:
    served = [month[np.isfinite(month)] for month in waited[name].T]
    return tuple(
        round(float(np.median(month)), _DIGITS) if len(month) else None for month in served
    )


def _peak(effect: ScenarioEffect) -> Peak:
    before, after = effect.need_before, effect.need_after

    def month(need: Floats) -> str:
        return str(effect.periods[int(np.median(np.argmax(need, axis=1)))])

    highest = before.max(axis=1), after.max(axis=1)
    return Peak(
        baseline=_rounded(np.quantile(highest[0], LEVELS)),
        scenario=_rounded(np.quantile(highest[1], LEVELS)),
        difference=_rounded(np.quantile(highest[1] - highest[0], LEVELS)),
        month_baseline=month(before),
        month_scenario=month(after),
    )


def _rounded(values: Floats) -> tuple[float, ...]:
    # Adding zero turns -0.0 into 0.0.
    return tuple((np.round(values, _DIGITS) + 0.0).tolist())
