# SPDX-License-Identifier: EUPL-1.2
"""What the Dutch inflow is made of: kinds, and nationalities where they are printed by month."""

import numpy as np

from models.inflow.structure import Hierarchy, Structure, rest_of
from models.types import Panel, SamplePaths
from training.sources.reference.estimates import FAMILY, FIRST, NATIONALITIES, REPEAT, TOTAL
from training.store.records import Composition, Snapshot

__all__ = ["BESIDE", "HIERARCHY", "learn_structure", "with_parts"]

HIERARCHY: Hierarchy = {
    TOTAL: (FIRST, REPEAT, FAMILY),
    FIRST: (*(f"{FIRST}.{code}" for code in NATIONALITIES), rest_of(FIRST)),
    FAMILY: (*(f"{FAMILY}.{code}" for code in NATIONALITIES), rest_of(FAMILY)),
}
"""The kinds add up to the total by its definition; seven nationalities are printed by month."""

BESIDE = ("nl.inflow.resettled", "nl.inflow.resettled.turkiye")
"""Resettled persons, by the definition of the total no part of it. One year is printed."""


def learn_structure(panel: Panel) -> Structure:
    """Learn how the total divides, from the months that a panel knows.

    Args:
        panel: Monthly inflow series.
    """
    return Structure.learn(panel, HIERARCHY)


def with_parts(
    total: SamplePaths, *, panel: Panel, snapshot: Snapshot, rng: np.random.Generator
) -> tuple[SamplePaths, Composition]:
    """Futures of the total with those of its parts, which add up to it in every path.

    Learned anew from what is known: quick, and the same for the same figures and generator.

    Args:
        total: Futures of the total; they stay as they are.
        panel: Monthly inflow series of the snapshot.
        snapshot: What is known.
        rng: Source of chance.

    Returns:
        The total followed by its parts, and what is part of what.
    """
    structure = learn_structure(panel)
    beside = [series_id for series_id in BESIDE if snapshot.of(series_id)]
    return structure.sample(total, rng=rng), Composition(
        parts=structure.parts,
        until={part: str(month) for part, month in sorted(structure.until.items())},
        left_out=tuple(sorted([*structure.left_out, *beside])),
    )
