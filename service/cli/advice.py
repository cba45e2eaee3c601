# SPDX-License-Identifier: EUPL-1.2
"""`getij plan`, `getij replay` and `getij dossier`: advice, past decisions, the file on them."""

import json
import os
from typing import Annotated

import typer

from models.errors import InvalidInput
from service.cli.console import print_table, problems_as_exit_code_2, progress
from service.cli.house import (
    SEED,
    code_version,
    ready_advice,
    ready_figures,
    ready_forecast,
    ready_store,
)
from service.cli.options import Out, Seed, Workers, months_of, whole_file
from service.language import Language
from service.reports.dossier import render_dossier
from service.settings import Settings
from service.storage.desk import Desk

__all__ = ["dossier", "plan", "replay"]


def plan() -> None:
    """Plan the locations on the latest forecast."""
    with problems_as_exit_code_2():
        settings = Settings.read(os.environ)
        with ready_store(settings) as store:
            ready_forecast(store)
            ready_advice(Desk.of(store), settings)


def replay(
    out: Out,
    first: Annotated[
        str, typer.Option(help="Month at whose end the first decision is taken.")
    ] = "2009-12",
    seed: Seed = SEED,
    workers: Workers = 2,
) -> None:
    """Replay past capacity decisions: our advice, the house rule, the official plan, foresight."""
    from training.replay import replay as replay_decisions

    with problems_as_exit_code_2(), ready_store() as store:
        ready_figures(store)
        (month,) = months_of(first)
        with progress("replay") as advance:
            content = replay_decisions(
                store,
                first=str(month),
                seed=seed,
                code_version=code_version(),
                workers=workers,
                progress=advance,
            )
        with whole_file(out) as draft:
            draft.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        header = list(content["policies"][0])
        print_table(
            [header] + [[str(value) for value in row.values()] for row in content["policies"]]
        )


def dossier(
    out: Out,
    lang: Annotated[str, typer.Option(help="Language of the dossier: nl or en.")] = Language.NL,
) -> None:
    """Write the board's dossier: forecast, advice and plan in one file, with how to repeat it."""
    with problems_as_exit_code_2():
        if lang not in set(Language):
            raise InvalidInput(f"The dossier is written in nl or en, not in {lang!r}.")
        settings = Settings.read(os.environ)
        with ready_store(settings) as store:
            ready_forecast(store)
            ready_advice(Desk.of(store), settings)
            text = render_dossier(
                Desk.of(store), norm=settings.occupancy_norm, language=Language(lang)
            )
        with whole_file(out) as draft:
            draft.write_text(text, encoding="utf-8")
