# SPDX-License-Identifier: EUPL-1.2
"""Isolated figures: a month that nothing within a year of it supports is taken as unknown."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from models.inflow.base import season_of
from models.types import Floats, Panel

__all__ = ["IsolatedFigure", "isolated_figures", "without_isolated"]

JUMP = 50.0
"""A figure this many times all others within a year of it is isolated [-]."""

COUNTS_AS = 20.0
"""Smaller figures are taken for this many, so that a first arrival is no jump [persons]."""

FEWEST = 3
"""With fewer figures around it nothing is isolated [figures]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolatedFigure:
    """A figure that was taken as unknown.

    Attributes:
        series_id: Which series.
        period: First month of its period.
        persons: The figure [persons].
        highest_around: The highest other figure within a year of it [persons].
    """

    series_id: str
    period: np.datetime64
    persons: float
    highest_around: float

    def __str__(self) -> str:
        return (
            f"{self.persons:,.0f} in {self.period} is taken as unknown: no figure within "
            f"a year of it exceeds {self.highest_around:,.0f}"
        )


def isolated_figures(panel: Panel) -> tuple[IsolatedFigure, ...]:
    """Figures that dwarf all that is known within a year of them, before and after.

    The last figure has only the year before it, so that a true jump is set aside until the next
    figure bears it out; two high figures within a year are no longer isolated.

    Args:
        panel: What is known; nothing later is needed, or looked at.

    Source:
        docs/methods.md, Inflow, equation 15.
    """
    persons = panel.persons.copy()
    found = []
    # One figure may have hidden another that is large beside the rest.
    while len(columns := _isolated(persons, season_of(panel.frequency))):
        for row, column, highest in columns:
            found.append(
                IsolatedFigure(
                    series_id=panel.series_ids[row],
                    period=panel.periods[column],
                    persons=float(persons[row, column]),
                    highest_around=highest,
                )
            )
            persons[row, column] = np.nan
    return tuple(found)


def without_isolated(panel: Panel) -> Panel:
    """The panel with isolated figures unknown; the same panel where there are none."""
    found = isolated_figures(panel)
    if not found:
        return panel
    persons = panel.persons.copy()
    for figure in found:
        column = int(np.searchsorted(panel.periods, figure.period))
        persons[panel.series_ids.index(figure.series_id), column] = np.nan
    return replace(panel, persons=persons)


def _isolated(persons: Floats, season: int) -> list[tuple[int, int, float]]:
    """Row, column and highest figure around of every isolated figure."""
    if not persons.size:
        return []
    padded = np.pad(persons, ((0, 0), (season, season)), constant_values=np.nan)
    around = sliding_window_view(padded, 2 * season + 1, axis=1).copy()
    around[:, :, season] = np.nan
    known = np.isfinite(around)
    highest = np.where(known, around, 0.0).max(axis=2)
    alone = persons >= JUMP * np.maximum(highest, COUNTS_AS)
    rows, columns = np.nonzero(alone & (known.sum(axis=2) >= FEWEST))
    return [
        (int(row), int(column), float(highest[row, column]))
        for row, column in zip(rows, columns, strict=True)
    ]
