# SPDX-License-Identifier: EUPL-1.2
"""A fitted chain as files of an artefact, and the chance that its baseline was drawn with."""

import json
from collections.abc import Mapping

import numpy as np

from models.occupancy import FittedChain
from training.store.arrays import dump, load

__all__ = ["CHAIN_FILES", "chain_from_files", "chain_to_files", "need_chance"]

_FACTS, _ARRAYS = "chain.json", "chain.npz"

CHAIN_FILES = frozenset({_FACTS, _ARRAYS})
"""Names of the files of a chain."""

_NEED_STREAM = 4
"""Number of the stream of chance that the need of an issued forecast is drawn from."""


def chain_to_files(chain: FittedChain) -> dict[str, bytes]:
    """As one file of facts and one of arrays; equal chains give equal bytes."""
    facts = json.dumps(chain.as_json(), sort_keys=True, separators=(",", ":"))
    return {_FACTS: facts.encode(), _ARRAYS: dump(**chain.arrays())}


def chain_from_files(files: Mapping[str, bytes]) -> FittedChain:
    """The chain that `chain_to_files` wrote."""
    return FittedChain.of(json.loads(files[_FACTS]), load(files[_ARRAYS]))


def need_chance(seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    """The chance of the chain, and of the direct forecast beside it, in an issued forecast.

    A scenario that walks the chain with the same chance differs from the forecast by its levers
    alone.
    """
    first, second = np.random.default_rng([seed, _NEED_STREAM]).spawn(2)
    return first, second
