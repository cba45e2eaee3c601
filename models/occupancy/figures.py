# SPDX-License-Identifier: EUPL-1.2
"""Figures that tell of a chain: what was measured, when, how exactly, and what cannot be right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import InvalidInput
from models.occupancy.points import DatedPoint
from models.occupancy.specification import Measured, Measurement, Parameter, Unit

__all__ = ["TOTAL", "Figure", "check_figures", "figures_of_points"]

TOTAL = Measurement(series_id="total", measured=Measured.STOCK)
"""Everybody in reception."""

_SAME_DAY = 0.1
"""Figures within this many months of each other are of one moment [months]."""

_MOST_SURPLUS = 4.0
"""A part that exceeds its whole by more than this many standard errors contradicts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One published figure, in the definition of the chain.

    Attributes:
        measurement: What it tells of.
        moment: The end of the day, or of the period, that it tells of [months since 1970].
        value: Persons, or the value of a parameter in its unit.
        error: Its standard error [log, or logit for a share].
        source: Its series and period, for messages.
    """

    measurement: Measurement
    moment: float
    value: float
    error: float
    source: str = ""

    def __post_init__(self) -> None:
        if not np.isfinite(self.value) or self.value <= 0:
            raise InvalidInput(f"{self.source}: {self.value} tells nothing of a chain.")
        if not np.isfinite(self.error) or self.error <= 0:
            raise InvalidInput(f"{self.source}: the error of a figure must be positive.")

    def inward(self, parameter: Parameter | None = None) -> float:
        """The value on the scale on which it is compared: logit for a share, else log."""
        if parameter is None or parameter.unit is not Unit.SHARE:
            return float(np.log(self.value))
        if self.value >= 1:
            raise InvalidInput(f"{self.source}: {self.value} is no share.")
        return parameter.inward(self.value)


def figures_of_points(points: Iterable[DatedPoint]) -> list[Figure]:
    """Counts of everybody in reception as figures."""
    return [
        Figure(
            measurement=TOTAL,
            moment=point.moment,
            value=point.persons,
            error=point.log_sd,
            source=f"the count of {point.day}",
        )
        for point in points
    ]


def check_figures(figures: Sequence[Figure]) -> None:
    """Refuse a part that is larger than the whole of the same day.

    Raises:
        InvalidInput: names the two figures that cannot both be right.
    """
    stocks = [part for part in figures if part.measurement.measured is Measured.STOCK]
    wholes = [part for part in stocks if part.measurement is TOTAL]
    for part in stocks:
        for whole in wholes:
            error = float(np.hypot(part.error, whole.error))
            surplus = np.log(part.value / whole.value)
            near = abs(part.moment - whole.moment) <= _SAME_DAY
            if part is not whole and near and surplus > _MOST_SURPLUS * error:
                raise InvalidInput(
                    f"{part.source} is {part.value:.0f} persons, more than the "
                    f"{whole.value:.0f} of {whole.source}, of whom they are a part."
                )
