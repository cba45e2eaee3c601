# SPDX-License-Identifier: EUPL-1.2
"""Boosted trees as plain numbers: grown by scikit-learn, published without pickle."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor

from models.types import Floats

__all__ = ["Forest", "grow"]

LEAF = -1

ROUNDS, RATE, DEPTH = 20, 0.1, 3
"""Trees one after the other, the share of each that counts, and the questions each may ask."""

SMALLEST_LEAF = 1 / 60
"""No leaf rests on a smaller share of the targets [-]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """Trees whose answers add up.

    Attributes:
        start: What the sum begins with.
        feature: Column that a node asks about, LEAF where it answers, shape (trees, nodes).
        threshold: Up to this value a row goes left, shape (trees, nodes).
        left: Next node, shape (trees, nodes).
        right: Next node, shape (trees, nodes).
        value: Answer of a leaf, shape (trees, nodes).
    """

    start: float
    feature: np.ndarray[tuple[int, int], np.dtype[np.intp]]
    threshold: Floats
    left: np.ndarray[tuple[int, int], np.dtype[np.intp]]
    right: np.ndarray[tuple[int, int], np.dtype[np.intp]]
    value: Floats

    def predict(self, features: Floats) -> Floats:
        """The sum of all trees for each row of features, shape (rows,)."""
        # scikit-learn grew the trees on single precision, and asks in it.
        known = features.astype(np.float32)
        answer = np.full(len(known), self.start)
        rows = np.arange(len(known))
        for feature, threshold, left, right, value in zip(
            self.feature, self.threshold, self.left, self.right, self.value, strict=True
        ):
            node = np.zeros(len(known), dtype=np.intp)
            for _ in range(DEPTH):
                asked = feature[node]
                goes_left = known[rows, np.maximum(asked, 0)] <= threshold[node]
                node = np.where(asked == LEAF, node, np.where(goes_left, left[node], right[node]))
            answer += value[node]
        return answer

    def to_json(self) -> dict[str, Any]:
        """As plain lists; numbers survive the round trip exactly."""
        return {
            "start": self.start,
            **{
                name: getattr(self, name).tolist()
                for name in ("feature", "threshold", "left", "right", "value")
            },
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Back from plain lists."""
        return cls(
            start=float(value["start"]),
            feature=np.array(value["feature"], dtype=np.intp),
            threshold=np.array(value["threshold"], dtype=float),
            left=np.array(value["left"], dtype=np.intp),
            right=np.array(value["right"], dtype=np.intp),
            value=np.array(value["value"], dtype=float),
        )


def grow(features: Floats, targets: Floats, *, level: float) -> Forest:
    """Learn one quantile of the targets by gradient boosting.

    No share of the rows is drawn for each tree, as is often done: one figure more would draw all of
    them anew, and move the forecasts of other countries.

    Args:
        features: Shape (rows, features).
        targets: Shape (rows,).
        level: Which quantile [-], in (0, 1).

    Source:
        Friedman (2001), Greedy function approximation, Annals of Statistics 29, 1189-1232.
    """
    grown = GradientBoostingRegressor(
        loss="quantile",
        alpha=level,
        n_estimators=ROUNDS,
        learning_rate=RATE,
        max_depth=DEPTH,
        min_samples_leaf=max(1, int(len(targets) * SMALLEST_LEAF)),
        random_state=0,
    ).fit(features, targets)
    trees = [tree.tree_ for tree in grown.estimators_[:, 0]]
    nodes = max(tree.node_count for tree in trees)
    table = {
        name: np.zeros((len(trees), nodes), dtype=kind)
        for name, kind in (
            ("feature", np.intp),
            ("threshold", float),
            ("left", np.intp),
            ("right", np.intp),
            ("value", float),
        )
    }
    for place, tree in enumerate(trees):
        count = tree.node_count
        answers = tree.children_left == LEAF
        table["feature"][place, :count] = np.where(answers, LEAF, tree.feature)
        table["threshold"][place, :count] = tree.threshold
        table["left"][place, :count] = np.maximum(tree.children_left, 0)
        table["right"][place, :count] = np.maximum(tree.children_right, 0)
        table["value"][place, :count] = RATE * tree.value[:, 0, 0]
    start = float(grown.init_.predict(features[:1])[0])
    return Forest(start=start, **table)
