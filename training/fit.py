# SPDX-License-Identifier: EUPL-1.2
"""Fit the inflow ensemble, publish it as plain files, and load it again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from models.errors import DamagedArtefact
from models.inflow.base import from_log, season_of
from models.inflow.baselines import LogRandomWalk
from models.inflow.boosted import Boosted, BoostedParameters
from models.inflow.ensemble import Combination, Ensemble, horizon_edges, learn_combination
from models.inflow.past import MakeMember, PastForecast, forecast_members, outcomes, past_cutoffs
from models.inflow.prophet import ProphetMember
from models.periods import Frequency, first_day, month_range
from models.scores import coverage, crps, relative_score
from models.types import Floats, Panel
from training.backtest import Progress
from training.dataset import champion_members, inflow_targets, training_panel
from training.pool import Pool, pool_known_by
from training.store.records import ArtefactManifest, canonical_json, sha256_of

__all__ = ["KIND", "fit_inflow", "load_inflow"]

KIND = "inflow-ensemble"
EVERY, YEARS = 12, 8
"""Past cutoffs of a training run: how far apart [months], and how far back [years]."""


def fit_inflow(
    panel: Panel,
    *,
    snapshot_sha256: str,
    code_version: str,
    seed: int,
    pool: Pool | None = None,
    earlier_pools: Sequence[Pool] = (),
    progress: Progress | None = None,
) -> tuple[ArtefactManifest, dict[str, bytes]]:
    """Fit the champion method on the inflow series of a snapshot.

    Args:
        panel: Monthly inflow series, the targets among them.
        snapshot_sha256: Hash of the snapshot they come from.
        code_version: Version of Getij.
        seed: Seed that forecasts from this artefact are drawn with unless told otherwise.
        pool: Learned beforehand; learned from the panel, anew at each past cutoff, if None.
        earlier_pools: Pools that had seen less, oldest first, for past cutoffs before the last
            month of `pool`; a cutoff before the first of all is left out.
        progress: Told after each past cutoff.

    Returns:
        The manifest, and the files it names.

    Raises:
        NotFound: the panel holds none of the targets.
        InvalidInput: a target is too short.
    """
    known = training_panel(panel)
    targets = inflow_targets(known)
    pools = [*earlier_pools, *([] if pool is None else [pool])]

    def members_at(month: np.datetime64) -> tuple[MakeMember, ...]:
        # Parameters that have seen the future of a cutoff may not forecast from it.
        seen = pool_known_by(month, pools)
        return champion_members(
            pool=None if seen is None else seen.parameters,
            prophet=partial(ProphetMember, only=targets),
        )

    horizon = 2 * season_of(known.frequency)
    cutoffs = [
        cutoff
        for cutoff in past_cutoffs(known, every=EVERY, years=YEARS)
        if not pools or pool_known_by(cutoff, pools) is not None
    ]
    past = []
    for done, cutoff in enumerate(cutoffs, start=1):
        past.append(forecast_members(known, cutoff, members=members_at(cutoff), horizon=horizon))
        if progress is not None:
            progress(done, len(cutoffs) + 1)
    ensemble = Ensemble(members_at(known.periods[-1]), targets=targets).fit_on(known, past)
    if progress is not None:
        progress(len(cutoffs) + 1, len(cutoffs) + 1)
    contents = {
        "panel.json": _panel_to_json(known),
        "combination.json": ensemble.combination.to_json(),
        "pool.json": ensemble.member(Boosted).parameters.to_json(),
        "prophet.json": ensemble.member(ProphetMember).to_json(),
    }
    files = {name: canonical_json(content).encode() for name, content in contents.items()}
    manifest = ArtefactManifest(
        kind=KIND,
        snapshot_sha256=snapshot_sha256,
        code_version=code_version,
        seed=seed,
        data_until={
            name: first_day(origin).isoformat()
            for name, origin in zip(known.series_ids, known.origins, strict=True)
        },
        parameters={
            "targets": list(targets),
            "members": list(ensemble.combination.members),
            "pool": None if pool is None else asdict(pool.manifest),
            "left_out": [flag.to_json() for flag in ensemble.answers(horizon).flags],
            "past_cutoffs": [str(cutoff) for cutoff in cutoffs],
            "weights": ensemble.combination.to_json()["weights"],
        },
        scores=_scores(known, past, targets, horizon),
        files={name: sha256_of(content) for name, content in files.items()},
    )
    return manifest, files


def load_inflow(manifest: ArtefactManifest, files: Mapping[str, bytes]) -> Ensemble:
    """The fitted forecaster of an artefact, ready to sample.

    Raises:
        DamagedArtefact: a file is missing or does not match its hash.
    """
    for name, digest in manifest.files.items():
        if name not in files or sha256_of(files[name]) != digest:
            raise DamagedArtefact(name)
    names = ("panel.json", "combination.json", "pool.json", "prophet.json")
    content = {name: json.loads(files[name]) for name in names}
    members = champion_members(
        pool=BoostedParameters.from_json(content["pool.json"]),
        prophet=partial(ProphetMember, fitted=content["prophet.json"]),
    )
    ensemble = Ensemble(
        members,
        targets=manifest.parameters["targets"],
        combination=Combination.from_json(content["combination.json"]),
    )
    return ensemble.fit_on(_panel_from_json(content["panel.json"]), [])


def _panel_to_json(panel: Panel) -> dict[str, Any]:
    return {
        "frequency": panel.frequency.value,
        "first": str(panel.periods[0]),
        "series": {
            name: [None if np.isnan(value) else value for value in row.tolist()]
            for name, row in zip(panel.series_ids, panel.persons, strict=True)
        },
        "order": list(panel.series_ids),
    }


def _panel_from_json(value: Mapping[str, Any]) -> Panel:
    persons = np.array([value["series"][name] for name in value["order"]], dtype=float)
    frequency = Frequency(value["frequency"])
    return Panel(
        series_ids=tuple(value["order"]),
        frequency=frequency,
        periods=month_range(np.datetime64(value["first"], "M"), persons.shape[1], frequency),
        persons=persons,
    )


def _scores(
    panel: Panel, past: Sequence[PastForecast], targets: Sequence[str], horizon: int
) -> dict[str, Any]:
    """How the champion and its members did on the targets, from cutoffs that had others before.

    The champion of each cutoff is made from the cutoffs before it alone.
    """
    tables: dict[str, dict[str, list[Floats]]] = {name: {} for name in targets}
    for place, fold in enumerate(past):
        if place < len(past) // 3:
            continue
        combination = learn_combination(
            panel.until(fold.cutoff),
            past[:place],
            members=tuple(fold.log_quantiles),
        )
        said = {Ensemble.name: combination.combine(fold.log_quantiles), **fold.log_quantiles}
        actual = outcomes(panel, fold, horizon)
        for name in (name for name in targets if name in fold.series_ids):
            row = fold.series_ids.index(name)
            tables[name].setdefault("actual", []).append(from_log(actual[row]))
            for method, quantiles in said.items():
                tables[name].setdefault(method, []).append(from_log(quantiles[row]))
    measured = {
        name: {method: np.array(rows) for method, rows in table.items()}
        for name, table in tables.items()
        if table
    }
    edges = horizon_edges(horizon, season_of(panel.frequency))
    return {
        "coverage": [
            row for name, table in measured.items() for row in _coverage(name, table, edges)
        ],
        "relative_crps": {name: _relative_crps(table) for name, table in measured.items()},
    }


def _coverage(name: str, table: Mapping[str, Floats], edges: Sequence[int]) -> list[dict[str, Any]]:
    """How often the champion's intervals held, up to each edge of the horizon."""
    seen, said = table["actual"], table[Ensemble.name]
    return [
        {
            "series_id": name,
            "horizon": edge,
            "nominal": nominal,
            "measured": round(coverage(seen[:, :edge], said[:, :edge], nominal), 4),
            "count": count,
        }
        for edge in edges
        if (count := int(np.isfinite(seen[:, :edge]).sum()))
        for nominal in (0.5, 0.8, 0.9)
    ]


def _relative_crps(table: Mapping[str, Floats]) -> dict[str, float]:
    """CRPS of champion and members relative to the log random walk's [-], where there is one."""
    scored = {
        method: crps(table["actual"], quantiles)[None]
        for method, quantiles in table.items()
        if method != "actual"
    }
    relative = {
        method: relative_score(score, scored[LogRandomWalk.name])
        for method, score in scored.items()
    }
    return {method: round(value, 4) for method, value in relative.items() if np.isfinite(value)}
