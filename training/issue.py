# SPDX-License-Identifier: EUPL-1.2
"""Issuing a forecast: the champion's paths of inflow and need, and how far to rely on them."""

from datetime import date, datetime, timedelta

import numpy as np

from models.catalogue import Status
from models.drift import has_drifted, live_quality
from models.errors import NotFound
from models.inflow.ensemble import Ensemble
from models.inflow.isolated import isolated_figures, without_isolated
from models.inflow.regime import AlarmState, RegimeVerdict
from models.occupancy import FittedChain, flow_paths
from models.periods import last_day, month_of
from models.types import Panel
from training.chains import dutch_chain
from training.dataset import inflow_panel, training_panel
from training.fit import load_inflow
from training.occupancy import INFLOW_ID, NEED_ID, NeedModel, NeedRecipe, fit_need
from training.regime import verdict_of
from training.sources.reference import occupancy_bridge
from training.store import Store
from training.store.chain_files import need_chance
from training.store.records import Coverage, IssuedForecast, Quality, QualityState, Snapshot
from training.structure import with_parts
from training.train import CHAMPION

__all__ = ["PATHS", "issue_forecast"]

YEARS = 5
"""A forecast runs to the end of the half-year that lies this far ahead [years]."""

PATHS = 2_000
"""Sampled futures per forecast."""

FRESH_INFLOW = timedelta(days=92)
"""Inflow that ended longer ago than this makes a forecast degraded."""

MAJORITY = 0.5
"""Members with more weight than this left out, and the rest is a simpler model [-]."""

FRESH_OCCUPANCY = timedelta(days=183)
"""Occupancy that was counted longer ago than this makes a forecast degraded."""


def issue_forecast(
    store: Store, *, seed: int, code_version: str, as_of: datetime | None = None
) -> IssuedForecast:
    """Draw the champion's futures from what is known, and file them as issued.

    The champion keeps what it learned from the past (weights, spread, dependence); its members
    are fitted anew when figures have come in since.

    Args:
        store: Where figures and the champion are, and where the forecast goes.
        seed: Seed of the paths; the same figures, champion and seed give the same paths.
        code_version: Version of Getij.
        as_of: Use what was known at this moment, aware UTC; now if not given.

    Raises:
        NotFound: nothing has been published yet, or the snapshot lacks a series.
    """
    store.score_arrived()
    now = store.clock()
    as_of = now if as_of is None else as_of
    artefact_id = store.models.champion(CHAMPION)
    if artefact_id is None:
        raise NotFound("published model", CHAMPION)
    artefact = store.artefacts.read(artefact_id)
    snapshot = store.observations.as_known_at(as_of)
    figures = inflow_panel(snapshot)
    panel = without_isolated(figures)
    for_inflow, for_fit, for_parts = (
        np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(3)
    )
    for_chain, for_direct = need_chance(seed)
    unchanged = snapshot.sha256 == artefact.manifest.snapshot_sha256
    forecaster = load_inflow(artefact.manifest, artefact.files)
    if not unchanged:
        forecaster = forecaster.fit(training_panel(panel))
    months = _months_ahead(panel, as_of)
    total = forecaster.sample(months, paths=PATHS, rng=for_inflow)
    inflow, composition = with_parts(total, panel=panel, snapshot=snapshot, rng=for_parts)
    # A model of an older version has no recipe of the need: it is forecast by that of today.
    asked = NeedRecipe.of(artefact.files)
    if unchanged and asked is not None:
        need = NeedModel.from_files(artefact.files)
    else:
        asked = asked or NeedRecipe(chain=dutch_chain())
        need = fit_need(snapshot, sampled=inflow, rng=for_fit, specification=asked.chain)
    course = need.course(inflow, rng=for_chain)
    regime = verdict_of(panel, INFLOW_ID)
    forecast = IssuedForecast(
        issued_at=now,
        as_of=as_of,
        snapshot_sha256=snapshot.sha256,
        artefact_id=artefact_id,
        code_version=code_version,
        seed=seed,
        data_until=_data_until(snapshot, panel, need.chain),
        quality=_quality(
            snapshot,
            panel,
            need.chain,
            as_of=as_of.date(),
            drifted=_drifted(store, as_of),
            regime=regime,
            set_aside=any(figure.series_id == INFLOW_ID for figure in isolated_figures(figures)),
            lost=_lost(forecaster, months),
        ),
        coverage=tuple(Coverage(**row) for row in artefact.manifest.scores["coverage"]),
        inflow=inflow,
        need=need.need(course, rng=for_direct, method=asked.method),
        composition=composition,
        regime=regime,
        flows=flow_paths(need.chain, course),
        chain=need.chain,
    )
    store.forecasts.issue(forecast)
    return forecast


def _months_ahead(panel: Panel, as_of: datetime) -> int:
    """Months from the last figure to the end of the half-year that lies YEARS ahead."""
    target = month_of(as_of.date()) + 12 * YEARS
    end = target + (5 - int(target.astype(int)) % 6)
    return int((end - panel.select([INFLOW_ID]).origins[0]).astype(int))


def _data_until(snapshot: Snapshot, panel: Panel, occupancy: FittedChain) -> dict[str, str]:
    """The last day to which what the forecast rests on is known: inflow, and the last count."""
    (origin,) = panel.select([INFLOW_ID]).origins
    (counted, *_) = (
        bridge.series_id
        for bridge in occupancy_bridge()
        if any(row.period == occupancy.origin for row in snapshot.of(bridge.series_id))
    )
    return {INFLOW_ID: last_day(origin).isoformat(), counted: occupancy.origin.isoformat()}


def _drifted(store: Store, as_of: datetime) -> bool:
    """Whether what earlier forecasts said of total inflow or need proved wrong in service."""
    scored = store.live_scores.newest(known_by=as_of)
    return has_drifted(live_quality(row for row in scored if row.series_id in {INFLOW_ID, NEED_ID}))


def _lost(forecaster: Ensemble, months: int) -> float:
    """Weight of the members that had no usable answer on total inflow [-]."""
    flags = forecaster.answers(months).flags
    return forecaster.combination.share_of(
        {flag.member for flag in flags if flag.series_id == INFLOW_ID}
    )


def _quality(
    snapshot: Snapshot,
    panel: Panel,
    occupancy: FittedChain,
    *,
    as_of: date,
    drifted: bool,
    regime: RegimeVerdict,
    set_aside: bool,
    lost: float,
) -> Quality:
    """What makes these odds worse than the measured ones.

    Args:
        snapshot: What was known.
        panel: Inflow by month, without isolated figures.
        occupancy: The model of need.
        as_of: The day of the snapshot.
        drifted: Whether earlier forecasts proved wrong.
        regime: What the alarm says.
        set_aside: Whether a figure of total inflow was taken as unknown.
        lost: Weight of the members that were left out [-].
    """
    reasons = []
    if as_of - last_day(panel.select([INFLOW_ID]).origins[0]) > FRESH_INFLOW:
        reasons.append("inflow_old")
    if as_of - occupancy.origin > FRESH_OCCUPANCY:
        reasons.append("occupancy_old")
    if snapshot.of(INFLOW_ID)[-1].status is Status.ESTIMATED:
        reasons.append("inflow_estimated")
    if drifted:
        reasons.append("drift")
    if regime.state is AlarmState.RINGING:
        reasons.append("regime")
    if set_aside:
        reasons.append("figure_set_aside")
    if lost > MAJORITY:
        return Quality(state=QualityState.FALLBACK, reasons=(*reasons, "simpler_model"))
    if lost > 0:
        reasons.append("member_left_out")
    state = QualityState.DEGRADED if reasons else QualityState.OK
    return Quality(state=state, reasons=tuple(reasons))
