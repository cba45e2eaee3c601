# SPDX-License-Identifier: EUPL-1.2
"""Training: fit inflow and occupancy to what is known now, and bring the model to the gate."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np

from models.errors import InvalidInput
from models.occupancy import ChainSpecification
from models.types import Panel
from training.admission import bring_to_the_gate
from training.chains import dutch_chain
from training.dataset import TARGETS, has_other_countries, inflow_panel
from training.fit import fit_inflow, load_inflow
from training.occupancy import Method, NeedRecipe, champion_of, fit_need
from training.pool import Pool, shipped_pool
from training.recipe import recipe_of
from training.store import Store
from training.store.gate_records import GateRecord
from training.store.records import Snapshot
from training.structure import learn_structure, with_parts

__all__ = ["CHAMPION", "Trained", "train"]

CHAMPION = "forecast"
"""Kind under which the model that forecasts are issued from is published."""

_STAND_IN_PATHS = 500
_STAND_IN_MONTHS = 24

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model that was trained.

    Attributes:
        artefact_id: Its id.
        record: What came of it at the gate; None if it is, byte for byte, the champion itself.
    """

    artefact_id: str
    record: GateRecord | None


def train(
    store: Store,
    *,
    seed: int,
    code_version: str,
    pool: Pool | None = None,
    need_method: Method | None = None,
    chain: ChainSpecification | None = None,
    accept_because: str | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Learn from everything that is known now, and publish the result if the gate lets it in.

    Args:
        store: Where the figures are, and where the artefact goes.
        seed: Seed of everything drawn.
        code_version: Version of Getij, recorded in the manifest.
        pool: Learned on other countries; if None, other countries in the store teach the members,
            and where there are too few of them, the pool that Getij comes with.
        need_method: How the need is forecast; if None, as the rule of `champion_of` says.
        chain: The chain to fit; if None, the Dutch one, or a single stage where the kinds of
            inflow that feed it are not known.
        accept_because: Publish it for this reason even if it is not found better.
        progress: Called with (done, total) while the past is forecast anew, and again while
            champion and challenger are compared.

    Raises:
        NotFound: a series that is forecast is not in the store.
        InvalidInput: a series is too short to learn from, the reason to accept is empty, or the
            inflow that feeds the chain is not known.
    """
    if accept_because is not None and not accept_because.strip():
        raise InvalidInput("A model is accepted for a reason; the one that was given is empty.")
    snapshot = store.observations.as_known_at(store.clock())
    panel = inflow_panel(snapshot)
    if chain is not None:
        _require_inflow(chain, panel)
    pool = pool if pool is not None or has_other_countries(snapshot) else shipped_pool()
    artefact_id = _learn(
        store,
        snapshot,
        panel,
        seed=seed,
        code_version=code_version,
        pool=pool,
        need_method=need_method,
        chain=chain,
        progress=progress,
    )
    record = bring_to_the_gate(
        store,
        artefact_id,
        kind=CHAMPION,
        today=snapshot,
        accept_because=accept_because,
        progress=progress,
    )
    return Trained(artefact_id=artefact_id, record=record)


def _learn(
    store: Store,
    snapshot: Snapshot,
    panel: Panel,
    *,
    seed: int,
    code_version: str,
    pool: Pool | None,
    need_method: Method | None,
    chain: ChainSpecification | None,
    progress: Progress | None,
) -> str:
    """Fit inflow and occupancy, and file them as one artefact with its recipe; its id."""
    manifest, files = fit_inflow(
        panel,
        snapshot_sha256=snapshot.sha256,
        code_version=code_version,
        seed=seed,
        pool=pool,
        progress=progress,
    )
    for_inflow, for_fit, for_parts = (
        np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(3)
    )
    total = load_inflow(manifest, files).sample(
        _STAND_IN_MONTHS, paths=_STAND_IN_PATHS, rng=for_inflow
    )
    sampled, _ = with_parts(total, panel=panel, snapshot=snapshot, rng=for_parts)
    asked = NeedRecipe(chain=dutch_chain() if chain is None else chain, method=need_method)
    need = fit_need(snapshot, sampled=sampled, rng=for_fit, specification=asked.chain)
    parameters = {
        **manifest.parameters,
        "recipe": asdict(recipe_of(manifest, need=asked)),
        "need": {
            "chain": need.chain.specification.chain_id,
            "method": champion_of(need.chain) if need_method is None else need_method,
        },
    }
    return store.artefacts.write(
        replace(manifest, kind=CHAMPION, parameters=parameters),
        files={**files, **need.to_files(), **asked.to_files()},
    )


def _require_inflow(chain: ChainSpecification, panel: Panel) -> None:
    """Refuse a chain of one's own that nothing would feed, rather than fit another one."""
    parts = learn_structure(panel).parts
    forecast = {*TARGETS, *(name for names in parts.values() for name in names)}
    unknown = sorted(set(chain.inflows) - (forecast & set(panel.series_ids)))
    if unknown or not chain.inflows:
        raise InvalidInput(
            f"The chain {chain.chain_id!r} is fed by {', '.join(unknown) or 'no series'}, of which "
            "no monthly figures are forecast."
        )
