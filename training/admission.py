# SPDX-License-Identifier: EUPL-1.2
"""What comes of a model at the champion gate: the first, a refresh, or a duel with the champion."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from models.errors import Conflict, InvalidInput
from models.gate import Ruling
from models.inflow.boosted import BoostedParameters
from training.backtest import Progress
from training.dataset import inflow_panel
from training.gate import Contender, GateForecasts, duel, forecast_by, gate_folds
from training.occupancy import NeedRecipe, need_points
from training.pool import Pool, PoolManifest
from training.recipe import Recipe
from training.store import Store
from training.store.artefacts import Artefact
from training.store.gate_records import Duel, GateOutcome, GateRecord, ScoresFrom
from training.store.records import ArtefactManifest, Snapshot, canonical_json

__all__ = ["bring_to_the_gate", "contender_of", "stored_forecasts"]

KIND, FILE = "gate-forecasts", "forecasts.json"


def bring_to_the_gate(
    store: Store,
    challenger_id: str,
    *,
    kind: str,
    today: Snapshot,
    accept_because: str | None = None,
    progress: Progress | None = None,
) -> GateRecord | None:
    """Hold a model against the champion, record what came of it, and publish it if it may be.

    Nothing is changed before all is known, so an interruption leaves champion and records alone.
    A model that comes back to the same champion is not compared again.

    Args:
        store: Where both models are, and what was known when.
        challenger_id: Artefact of the model.
        kind: What it would be the champion of.
        today: What is known now, for the outcomes.
        accept_because: Publish it for this reason even if it is not found better.
        progress: Told after each forecast of a duel.

    Returns:
        The record, of this time or an earlier one; None if the model is, byte for byte, the
        champion itself.
    """
    while True:
        champion_id = store.models.champion(kind)
        if champion_id == challenger_id:
            return None
        earlier = _earlier(store, challenger_id, champion_id=champion_id, kind=kind)
        if earlier is not None and accept_because is None:
            return earlier
        if earlier is not None:
            outcome, held = earlier.outcome, earlier.duel
        else:
            outcome, held = _outcome(
                store,
                challenger_id,
                champion_id=champion_id,
                kind=kind,
                today=today,
                progress=progress,
            )
        accepted = outcome is GateOutcome.KEPT and accept_because is not None
        try:
            return store.models.admit(
                challenger_id,
                kind=kind,
                champion_id=champion_id,
                outcome=GateOutcome.ACCEPTED if accepted else outcome,
                reason=str(accept_because) if accepted else "",
                duel=held,
            )
        except Conflict:
            continue  # another run published meanwhile: hold it against that one


def _earlier(
    store: Store, challenger_id: str, *, champion_id: str | None, kind: str
) -> GateRecord | None:
    """The last time this very champion kept this very model out; it rests on the same figures."""
    kept = [
        record
        for record in store.models.gate_records(kind)
        if (record.challenger_id, record.champion_id) == (challenger_id, champion_id)
        and record.outcome is GateOutcome.KEPT
    ]
    return kept[-1] if kept else None


def _outcome(
    store: Store,
    challenger_id: str,
    *,
    champion_id: str | None,
    kind: str,
    today: Snapshot,
    progress: Progress | None,
) -> tuple[GateOutcome, Duel | None]:
    artefact = store.artefacts.read(challenger_id)
    challenger = contender_of(artefact)
    champion = None if champion_id is None else _usable(store.artefacts.read(champion_id))
    if champion is None:
        return GateOutcome.FIRST, None
    if champion.recipe.recipe_id == challenger.recipe.recipe_id:
        return GateOutcome.REFRESH, None
    seen_until = max(champion.recipe.seen_until, challenger.recipe.seen_until)
    inflow = inflow_panel(today)
    folds = gate_folds(
        store.observations.as_known_at,
        today=inflow,
        targets=challenger.recipe.targets,
        seen_until=seen_until,
    )
    found = duel(
        folds,
        today=inflow,
        champion=champion,
        challenger=challenger,
        seen_until=seen_until,
        need_today=need_points(today),
        stored=stored_forecasts(store, champion.recipe, kind=kind),
        progress=progress,
    )
    scores_from = ScoresFrom.STORED if found.champion_stored else ScoresFrom.RERUN
    held = Duel(
        differences=challenger.recipe.differences(champion.recipe),
        seen_until=str(seen_until),
        cutoffs=tuple(str(fold.cutoff) for fold in folds),
        champion_scores=scores_from if folds else None,
        champion_forecasts=_file(store, found.champion, made_with=artefact.manifest),
        challenger_forecasts=_file(store, found.challenger, made_with=artefact.manifest),
        verdict=found.verdict,
        need=found.need,
        judged=found.judged,
    )
    better = found.ruling is Ruling.BETTER
    return (GateOutcome.REPLACED if better else GateOutcome.KEPT), held


def _usable(artefact: Artefact) -> Contender | None:
    """A champion as a contender; None if it is older than recipes, or than the form of its files.

    Whole it is: its bytes were verified. But this version can neither run it nor issue from it.
    """
    try:
        return contender_of(artefact)
    except (KeyError, TypeError, ValueError, InvalidInput):
        return None


def contender_of(artefact: Artefact) -> Contender:
    """A model as a contender: its recipe, pool and chain, run by the code of today.

    Raises:
        InvalidInput: it has no chain that this version can run.
    """
    parameters = artefact.manifest.parameters
    pool = None
    if parameters["pool"] is not None:
        facts: Mapping[str, Any] = parameters["pool"]
        pool = Pool(
            manifest=PoolManifest(**{**facts, "series_ids": tuple(facts["series_ids"])}),
            parameters=BoostedParameters.from_json(json.loads(artefact.files["pool.json"])),
        )
    need = NeedRecipe.of(artefact.files)
    if need is None:
        raise InvalidInput("The model is from before the need had a recipe.")
    return Contender(
        recipe=Recipe.from_json(parameters["recipe"]),
        forecast=partial(forecast_by, pool=pool, need=need),
    )


def stored_forecasts(store: Store, recipe: Recipe, *, kind: str) -> tuple[GateForecasts, ...]:
    """What a recipe said in earlier duels, in their order."""
    duels = [record.duel for record in store.models.gate_records(kind) if record.duel is not None]
    ids = [name for held in duels for name in (held.champion_forecasts, held.challenger_forecasts)]
    return tuple(
        GateForecasts.from_json(json.loads(store.artefacts.file(name, FILE)))
        for name in dict.fromkeys(ids)
        if name is not None
        and store.artefacts.manifest(name).parameters["recipe_id"] == recipe.recipe_id
    )


def _file(
    store: Store, forecasts: GateForecasts | None, *, made_with: ArtefactManifest
) -> str | None:
    if forecasts is None:
        return None
    manifest = replace(
        made_with,
        kind=KIND,
        parameters={"recipe_id": forecasts.recipe_id, "snapshots": dict(forecasts.snapshots)},
        scores={},
    )
    content = canonical_json(forecasts.to_json()).encode()
    return store.artefacts.write(manifest, files={FILE: content})
