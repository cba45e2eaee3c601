# SPDX-License-Identifier: EUPL-1.2
"""Shapes of scenarios: levers as they are asked for, and their effects as they are shown."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

from models.errors import Fault
from models.occupancy.levers import (
    MOST_LEVERS,
    holds_control_characters,
    names_of,
)
from models.occupancy.scenario_summary import Effect, ScenarioSummary
from models.occupancy.specification import LeverKind
from models.types import LEVELS
from service.api.schemas import Body, Identifier, Month, Shape
from service.api.text_csv import Cell
from service.usecases.scenarios import ScenarioRequest, WrittenLever

__all__ = [
    "COLUMNS",
    "EffectOut",
    "LeverOut",
    "PeakOut",
    "ScenarioIn",
    "ScenarioPeriodOut",
    "Selection",
    "WaitingOut",
    "levers_out",
    "place_of",
]

COLUMNS = ("scenario_id", "period", "quantity", "name", "level", "value")

Keyed = dict[str, float]

# Said in the document; enforced with everything else that is wrong with a lever, all at once.
_LINE: JsonDict = {"minLength": 1, "pattern": r"^ *[^\x00-\x20\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"}


def _one_line(words: str) -> str:
    if holds_control_characters(words) or not words.strip():
        raise ValueError("must be one line that people can read")
    return words


def _at_least_one(levers: tuple["LeverIn", ...]) -> tuple["LeverIn", ...]:
    if not levers:
        raise ValueError("must be one at least")
    return levers


class LeverIn(Body):
    """One change; whether it can be pulled depends on the forecast, and is checked against it."""

    kind: LeverKind
    size: float = Field(
        description="Persons a month (decisions, homes, shock, quota), percentage points (grant "
        "rate), percent (returns) or persons in all (transition homes)."
    )
    impact_month: Annotated[Month, Field(description="The first month that feels it.")]
    ramp: int = Field(default=0, description="Months from there until it is whole.")
    duration: int = Field(
        default_factory=int, description="Months that it lasts; for good if left out."
    )
    owner: str = Field(max_length=200, json_schema_extra=_LINE, description="Who answers for it.")
    rationale: str = Field(
        max_length=2_000, json_schema_extra=_LINE, description="Why this size and month."
    )

    def written(self) -> WrittenLever:
        """The lever as it is kept."""
        fields = self.model_dump()
        return WrittenLever(
            **fields | {"duration": self.duration if "duration" in self.model_fields_set else None}
        )


class ScenarioIn(Body):
    """A named set of levers, to be held against a forecast."""

    name: Annotated[str, AfterValidator(_one_line)] = Field(max_length=100, json_schema_extra=_LINE)
    forecast_id: Identifier = Field(default_factory=str, description="The latest if left out.")
    # Not by `min_length`: that would also complain of levers that are there but wrong.
    levers: Annotated[tuple[LeverIn, ...], AfterValidator(_at_least_one)] = Field(
        json_schema_extra={"minItems": 1, "maxItems": MOST_LEVERS}, description="All different."
    )

    def request(self, *, latest: str) -> ScenarioRequest:
        """What is asked for, with every choice made."""
        return ScenarioRequest(
            forecast_id=self.forecast_id or latest,
            name=self.name,
            levers=tuple(lever.written() for lever in self.levers),
        )


def place_of(fault: Fault) -> tuple[str, ...]:
    """Where a fault of a scenario stands, in the names of `ScenarioIn`."""
    return tuple(to_camel(part) for part in (fault.column or "").split("."))


class LeverOut(Shape):
    """A lever as it was asked for, with the name of its effect."""

    name: Annotated[str, Field(description="Its kind, counted where a kind occurs twice.")]
    kind: LeverKind
    size: float
    impact_month: Month
    ramp: int
    duration: int | None = None
    owner: str
    rationale: str


def levers_out(levers: tuple[WrittenLever, ...]) -> tuple[LeverOut, ...]:
    """Levers with the names of their effects."""
    names = names_of([lever.lever() for lever in levers])
    return tuple(
        LeverOut(name=name, **asdict(lever)) for name, lever in zip(names, levers, strict=True)
    )


class EffectOut(Shape):
    """What a lever alone, or all levers together, do to a number of persons in a month."""

    name: Annotated[str, Field(description="Of the lever or stage.")]
    mean: Annotated[
        float, Field(description="Average over all futures; means of parts add up [persons].")
    ]
    quantiles: Annotated[
        Keyed, Field(description="Of the difference, future by future [persons], by level.")
    ]


class WaitingOut(Shape):
    """How long those had waited who were served; left out where nobody was."""

    bottleneck: str
    baseline: Annotated[float | None, Field(description="Median over all futures [months].")] = None
    scenario: Annotated[float | None, Field(description="With all levers [months].")] = None


class ScenarioPeriodOut(Shape):
    """A month without levers, with all of them, and what each of them does."""

    period: Month
    baseline: Annotated[Keyed, Field(description="Need as forecast [persons], by level.")]
    scenario: Annotated[Keyed, Field(description="Need with all levers [persons], by level.")]
    difference: EffectOut
    levers: Annotated[tuple[EffectOut, ...], Field(description="Each lever alone.")]
    interaction: Annotated[
        EffectOut, Field(description="What they do together beyond what each does alone.")
    ]
    stages: Annotated[tuple[EffectOut, ...], Field(description="All levers, by stage.")]
    waiting: tuple[WaitingOut, ...]


class PeakOut(Shape):
    """The highest need of all months of the forecast."""

    baseline: Annotated[Keyed, Field(description="Without levers [persons], by level.")]
    scenario: Annotated[Keyed, Field(description="With all levers [persons], by level.")]
    difference: Annotated[Keyed, Field(description="Future by future [persons], by level.")]
    month_baseline: Annotated[Month, Field(description="When: the median of all futures.")]
    month_scenario: Month


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The levels and months of a scenario that are asked for.

    Attributes:
        summary: The whole.
        levels: Which quantiles [-].
        first: First month, YYYY-MM; from the beginning if None.
        last: Last month, YYYY-MM; to the end if None.
    """

    summary: ScenarioSummary
    levels: tuple[float, ...]
    first: str | None = None
    last: str | None = None

    def periods(self) -> Iterator[ScenarioPeriodOut]:
        """Month by month."""
        summary = self.summary
        for month, period in enumerate(summary.periods):
            if not (self.first or period) <= period <= (self.last or period):
                continue
            yield ScenarioPeriodOut(
                period=period,
                baseline=self._keyed(summary.baseline[month]),
                scenario=self._keyed(summary.scenario[month]),
                difference=self._effect(summary.difference, month),
                levers=tuple(self._effect(lever, month) for lever in summary.levers),
                interaction=self._effect(summary.interaction, month),
                stages=tuple(self._effect(stage, month) for stage in summary.stages),
                waiting=tuple(
                    WaitingOut(
                        bottleneck=part.bottleneck,
                        baseline=part.baseline[month],
                        scenario=part.scenario[month],
                    )
                    for part in summary.waiting
                ),
            )

    def peak(self) -> PeakOut:
        """The highest need."""
        peak = self.summary.peak
        return PeakOut(
            baseline=self._keyed(peak.baseline),
            scenario=self._keyed(peak.scenario),
            difference=self._keyed(peak.difference),
            month_baseline=peak.month_baseline,
            month_scenario=peak.month_scenario,
        )

    def rows(self, scenario_id: str) -> Iterator[tuple[Cell, ...]]:
        """The same months as lines of a table, under `COLUMNS`."""
        for month in self.periods():
            for quantity, name, level, value in _lines(month):
                yield scenario_id, month.period, quantity, name, level, value

    def _effect(self, effect: Effect, month: int) -> EffectOut:
        return EffectOut(
            name=effect.name,
            mean=effect.mean[month],
            quantiles=self._keyed(effect.quantiles[month]),
        )

    def _keyed(self, values: tuple[float, ...]) -> Keyed:
        return {
            f"{level:g}": values[int(np.argmin(np.abs(LEVELS - level)))]
            for level in sorted(set(self.levels))
        }


def _lines(month: ScenarioPeriodOut) -> Iterator[tuple[str, str, str, float | None]]:
    """Quantity, name, level and value of everything in a month."""
    for quantity, keyed in (("need_baseline", month.baseline), ("need_scenario", month.scenario)):
        for level, value in keyed.items():
            yield quantity, "", level, value
    effects: list[tuple[str, str, EffectOut]] = [("difference", "", month.difference)]
    effects += [("lever", lever.name, lever) for lever in month.levers]
    effects += [("interaction", "", month.interaction)]
    effects += [("stage", stage.name, stage) for stage in month.stages]
    for quantity, name, effect in effects:
        yield quantity, name, "mean", effect.mean
        for level, value in effect.quantiles.items():
            yield quantity, name, level, value
    for part in month.waiting:
        yield "waiting_baseline", part.bottleneck, "0.5", part.baseline
        yield "waiting_scenario", part.bottleneck, "0.5", part.scenario
