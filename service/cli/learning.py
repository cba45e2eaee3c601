# SPDX-License-Identifier: EUPL-1.2
"""`getij train` and `getij issue`: publish a model, and a forecast from it."""

from service.cli.console import print_table, problems_as_exit_code_2
from service.cli.house import (
    SEED,
    code_version,
    ready_figures,
    ready_model,
    ready_store,
    train_with_progress,
)
from service.cli.options import Seed

__all__ = ["issue", "train"]


def train(seed: Seed = SEED) -> None:
    """Fit, backtest and publish a model on everything that is known now."""
    with problems_as_exit_code_2(), ready_store() as store:
        ready_figures(store)
        artefact_id = train_with_progress(store, seed=seed)
        manifest = store.artefacts.manifest(artefact_id)
        print(f"model {artefact_id}")
        print_table(
            [["series", "method", "CRPS to random walk"]]
            + [
                [series_id, method, f"{value:.3f}"]
                for series_id, methods in manifest.scores["relative_crps"].items()
                for method, value in methods.items()
            ]
        )
        print_table(
            [["series", "months ahead", "interval", "held", "outcomes"]]
            + [
                [
                    row["series_id"],
                    str(row["horizon"]),
                    f"{row['nominal']:.0%}",
                    f"{row['measured']:.1%}",
                    str(row["count"]),
                ]
                for row in manifest.scores["coverage"]
            ]
        )


def issue(seed: Seed = SEED) -> None:
    """Issue a forecast from the champion on everything that is known now."""
    from training.issue import issue_forecast

    with problems_as_exit_code_2(), ready_store() as store:
        ready_model(store)
        forecast = issue_forecast(store, seed=seed, code_version=code_version())
        print(f"forecast {forecast.forecast_id}")
        print(f"quality {forecast.quality.state} {' '.join(forecast.quality.reasons)}".rstrip())
