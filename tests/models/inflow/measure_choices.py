# SPDX-License-Identifier: EUPL-1.2
"""What two choices of the inflow method are worth, on a series file and cutoffs of one's own.

    python -m tests.models.inflow.measure_choices SERIES.csv CUTOFF,CUTOFF,… [HORIZON]

The common movement of the panel, in the pooled learner alone; and the size of the unseen shock, in
the ensemble without Prophet, which is slow and has a fortieth of the weight.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from models.inflow import ensemble, pooled
from models.inflow.baselines import LogRandomWalk, SeasonalNaive
from models.inflow.boosted import Boosted
from models.inflow.features import FEATURES, describe_origins
from models.inflow.pooled import Pooled
from models.inflow.smoothing import DampedSmoothing, Theta
from service.cli.options import months_of
from training.backtest import backtest_inflow
from training.series_file import read_series

MEMBERS = (LogRandomWalk, SeasonalNaive, DampedSmoothing, Theta, Pooled, Boosted)
SHOCKS = (0.28, ensemble.SHOCK)


def without_common_movement(panel, **options):
    """The origins of a panel, as if every series moved alone."""
    origins = describe_origins(panel, **options)
    features = origins.features.copy()
    features[:, FEATURES.index("common_movement")] = 0.0
    return replace(origins, features=features)


@contextmanager
def changed(module, name, value) -> Iterator[None]:
    """Another value for a name, with nothing learned under the old one left over."""
    before = getattr(module, name)
    setattr(module, name, value)
    pooled.learn_pool.cache_clear()
    try:
        yield
    finally:
        setattr(module, name, before)
        pooled.learn_pool.cache_clear()


def main(file: str, cutoffs: str, horizon: str = "24") -> None:
    """Print one line per choice."""
    panel = read_series(Path(file))

    def scores(members):
        # One process, since a change of a module does not reach another.
        made = backtest_inflow(
            panel, months_of(cutoffs), horizon=int(horizon), workers=1, make_members=members
        )
        return {score.method: score for score in made.scores}

    alone = (LogRandomWalk, Pooled)
    print(f"pooled, common movement: {scores(alone)['pooled'].relative:.3f}")
    with changed(pooled, "describe_origins", without_common_movement):
        print(f"pooled, none: {scores(alone)['pooled'].relative:.3f}")
    for shock in SHOCKS:
        with changed(ensemble, "SHOCK", shock):
            found = scores(MEMBERS)["ensemble"]
        print(
            f"shock {shock}: {found.relative:.3f}, upper tail {found.upper_tail:.3f}, "
            f"90 % held {found.covered_90:.1%}"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
