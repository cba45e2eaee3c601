# SPDX-License-Identifier: EUPL-1.2
"""Weights of the members, by part of the horizon, from how their average would have scored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.inflow.base import from_log
from models.inflow.past import PastForecast, outcomes
from models.types import LEVELS, Floats, Panel

__all__ = ["Record", "beforehand", "record_of", "stacked"]

PRIOR_FORECASTS = 60.0
"""What is held beforehand counts for this many independent past forecasts [forecasts]."""

HALF_LIFE = 36
"""After this many months a past error counts half [months]."""

SHARED = 0.2
"""Correlation between the errors of two series in the same month, for counting them [-]."""

LEARNERS, LEARNERS_SHARE = ("pooled", "boosted"), 0.9
"""Beforehand those that see all series share this weight; the others share the rest."""

NEAREST_SHARE, NEAREST = 0.8, "theta"
"""In the first quarter of a year less, and all but a hundredth of the rest goes to the best method
that looks at one series alone."""

BASELINE = "random_walk"
"""What every member is measured against has no weight of its own beside others."""

STEPS = 30
COARSE = (2, 6, 11, 16, 20)
"""Levels that weights are learned on: 0.05, 0.25, 0.5, 0.75, 0.95."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """Past forecasts beside what followed, in one table.

    Attributes:
        forecasts: On the log scale, shape (members, folds, series, horizon, levels).
        actual: On the log scale, NaN where unknown, shape (folds, series, horizon).
        recency: Weight of each fold by its age [-], shape (folds,).
        spacing: Distance between folds [periods].
    """

    forecasts: Floats
    actual: Floats
    recency: Floats
    spacing: float

    def independent(self, part: slice) -> float:
        """How many independent outcomes a part of the horizon has seen [outcomes].

        Forecasts made within one horizon of each other look at the same months, and series move
        together, so that fifteen of them tell about as much as four.
        """
        seen = np.isfinite(self.actual[:, :, part]).any(axis=2).sum(axis=1)
        alone = seen / (1 + SHARED * np.maximum(seen - 1, 0))
        share = min(1.0, self.spacing / part.stop)
        return float((alone * self.recency).sum() * share)


def record_of(panel: Panel, past: Sequence[PastForecast], members: Sequence[str]) -> Record:
    """Lay past forecasts beside what the panel says followed them.

    Args:
        panel: What is known now.
        past: At least one past forecast, oldest first.
        members: Whose forecasts, in this order.
    """
    horizon = past[0].log_quantiles[members[0]].shape[1]
    shape = (len(past), len(panel.series_ids), horizon)
    forecasts = np.full((len(members), *shape, len(LEVELS)), np.nan)
    actual = np.full(shape, np.nan)
    for place, fold in enumerate(past):
        rows = [panel.series_ids.index(name) for name in fold.series_ids]
        actual[place, rows] = outcomes(panel, fold, horizon)
        for index, name in enumerate(members):
            forecasts[index, place, rows] = fold.log_quantiles[name]
    cutoffs = np.array([fold.cutoff for fold in past]).astype(int)
    months = panel.frequency.months
    age = int(panel.periods[-1].astype(int)) + months - 1 - cutoffs
    gap = float(np.median(np.diff(cutoffs))) if len(past) > 1 else 12.0
    return Record(
        forecasts=forecasts,
        actual=actual,
        recency=np.power(0.5, age / HALF_LIFE),
        spacing=gap / months,
    )


def beforehand(members: Sequence[str], *, nearest: bool = False) -> Floats:
    """Weights held before any score is known, shape (members,).

    Args:
        members: Names.
        nearest: For the first quarter of a year ahead.

    Source:
        docs/methods.md, Inflow, equation 8.
    """
    learners = [name for name in members if name in LEARNERS]
    others = [name for name in members if name not in (*LEARNERS, BASELINE)]
    if not learners or not others:
        return np.full(len(members), 1 / len(members))
    together = NEAREST_SHARE if nearest else LEARNERS_SHARE
    share = {
        **dict.fromkeys(learners, together / len(learners)),
        **dict.fromkeys(others, (1 - together) / len(others)),
    }
    if nearest and NEAREST in others:
        share |= dict.fromkeys(others, 0.01 / len(others))
        share[NEAREST] += 1 - together - 0.01
    return np.array([share.get(name, 0.0) for name in members])


def stacked(record: Record, part: slice, *, prior: Floats) -> Floats:
    """Weights for one part of the horizon, between the best in hindsight and those held before.

    The best in hindsight minimise the mean log score of the series, so that a small series
    counts as much as a large one; found by multiplicative gradient steps, which keep weights
    positive and adding up to 1.

    Args:
        record: Past forecasts and outcomes.
        part: Steps ahead.
        prior: Weights held before, shape (members,).

    Returns:
        Weights [-], shape (members,).

    Source:
        docs/methods.md, Inflow, equation 8; Kivinen and Warmuth (1997), Exponentiated gradient
        versus gradient descent, Information and Computation 132, 1-63.
    """
    actual = record.actual[:, :, part]
    forecasts = record.forecasts[:, :, :, part][..., COARSE]
    known = np.isfinite(actual) & np.isfinite(forecasts).all(axis=(0, 4))
    if not known.any():
        return prior
    fold, series, step = np.nonzero(known)
    said = forecasts[:, fold, series, step]
    persons = from_log(actual[fold, series, step])[:, None]
    age = record.recency[fold][:, None]
    weights = prior
    for turn in range(STEPS):
        # A series forecast without any error has a slope without bounds.
        pull = np.clip(_gradient(weights, said, persons, age, series), -5.0, 5.0)
        weights = weights * np.exp(-pull / (1 + turn / 20))
        weights = weights / weights.sum()
    errors = record.independent(part)
    share = errors / (errors + PRIOR_FORECASTS)
    mixed: Floats = share * weights + (1 - share) * prior
    return mixed


def _gradient(
    weights: Floats,
    said: Floats,
    persons: Floats,
    age: Floats,
    series: np.ndarray[tuple[int], np.dtype[np.intp]],
) -> Floats:
    """Slope of the mean log score along each weight, less its mean, shape (members,)."""
    levels = LEVELS[list(COARSE)]
    forecast = from_log(np.tensordot(weights, said, 1))
    short = persons - forecast
    loss = (np.maximum(levels * short, (levels - 1) * short) * age).sum(axis=1)
    total = np.bincount(series, loss)
    slope = np.where(short > 0, -levels, 1 - levels) * (forecast + 1) * age
    slope = slope / np.maximum(total[series], 1e-9)[:, None] / np.count_nonzero(total)
    pull = np.einsum("tl,mtl->m", slope, said)
    centred: Floats = pull - weights @ pull
    return centred
