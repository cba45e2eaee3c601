# SPDX-License-Identifier: EUPL-1.2
"""A pool in a file: the parameters, and a manifest that says what they were learned from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any, Self

import numpy as np

from models.errors import DamagedArtefact, InvalidInput
from models.inflow.boosted import BoostedParameters, learn_boosted
from models.periods import Frequency
from models.types import Panel
from training.store.records import canonical_json, sha256_of

__all__ = [
    "Pool",
    "PoolManifest",
    "learn_from",
    "pool_known_by",
    "pools_of_the_past",
    "shipped_pool",
]

SHIPPED = "shipped.json"

PAST = "past"
"""Folder with what the pool would have been, a year apart, for doing past decisions again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolManifest:
    """Where the parameters of a pool come from.

    Attributes:
        source: Publisher and table, or the name of the file.
        command: What made it.
        code_version: Version of Getij that learned.
        frequency: Of the series learned from.
        series_ids: Which series.
        first: First period, YYYY-MM.
        until: Last month that any figure tells of, YYYY-MM; no forecast made from what was
            known earlier may use the pool.
        figures: How many figures.
        figures_sha256: Hash of those figures.
        parameters_sha256: Hash of what was learned.
    """

    source: str
    command: str
    code_version: str
    frequency: str
    series_ids: tuple[str, ...]
    first: str
    until: str
    figures: int
    figures_sha256: str
    parameters_sha256: str

    @property
    def last_month(self) -> np.datetime64:
        """The last month that any figure tells of."""
        return np.datetime64(self.until, "M")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """What was learned, and from what."""

    manifest: PoolManifest
    parameters: BoostedParameters

    def to_bytes(self) -> bytes:
        """As one JSON document; numbers survive the round trip exactly."""
        manifest = {**asdict(self.manifest), "series_ids": list(self.manifest.series_ids)}
        document = {"manifest": manifest, "parameters": self.parameters.to_json()}
        return canonical_json(document).encode() + b"\n"

    @classmethod
    def from_bytes(cls, content: bytes, *, name: str) -> Self:
        """Back from a document.

        Raises:
            DamagedArtefact: the parameters are not those that the manifest was written for.
        """
        try:
            document: Mapping[str, Any] = json.loads(content)
            manifest = PoolManifest(
                **{
                    **document["manifest"],
                    "series_ids": tuple(document["manifest"]["series_ids"]),
                }
            )
            parameters = document["parameters"]
        except (ValueError, TypeError, KeyError):
            raise DamagedArtefact(name) from None
        if sha256_of(canonical_json(parameters)) != manifest.parameters_sha256:
            raise DamagedArtefact(name)
        return cls(manifest=manifest, parameters=BoostedParameters.from_json(parameters))


def pool_known_by(month: np.datetime64, pools: Sequence[Pool]) -> Pool | None:
    """The last of some pools that has seen nothing after a month; None if each has.

    Args:
        month: The month whose end is the moment.
        pools: Oldest first.
    """
    known = [pool for pool in pools if pool.manifest.last_month <= month]
    return known[-1] if known else None


def learn_from(panel: Panel, *, source: str, command: str, code_version: str) -> Pool:
    """Learn a pool from monthly inflow series, of other countries for instance.

    Raises:
        InvalidInput: the panel is not monthly, or teaches nothing.
    """
    if panel.frequency is not Frequency.MONTH:
        raise InvalidInput(f"{source}: a pool is learned from monthly series.")
    parameters = learn_boosted(panel)
    if not parameters.forests:
        raise InvalidInput(f"{source}: too few figures to learn a pool from.")
    known = np.isfinite(panel.persons)
    return Pool(
        manifest=PoolManifest(
            source=source,
            command=command,
            code_version=code_version,
            frequency=panel.frequency.value,
            series_ids=panel.series_ids,
            first=str(panel.periods[0]),
            until=str(panel.periods[-1]),
            figures=int(known.sum()),
            figures_sha256=sha256_of(
                canonical_json(
                    [
                        [name, str(panel.periods[0]), np.where(seen, row, -1).tolist()]
                        for name, row, seen in zip(
                            panel.series_ids, panel.persons, known, strict=True
                        )
                    ]
                )
            ),
            parameters_sha256=sha256_of(canonical_json(parameters.to_json())),
        ),
        parameters=parameters,
    )


def shipped_pool() -> Pool:
    """The pool that Getij comes with; its manifest names the command that made it.

    Raises:
        DamagedArtefact: the file was changed by hand.
    """
    content = resources.files("training.pool").joinpath(SHIPPED).read_bytes()
    return Pool.from_bytes(content, name=SHIPPED)


def pools_of_the_past() -> tuple[Pool, ...]:
    """What the pool would have been in earlier years, oldest first, and as it is last.

    Each was learned from the same figures up to its own last month. Past forecasts may use what
    had been learned by then, and nothing else.

    Raises:
        DamagedArtefact: a file was changed by hand.
    """
    folder = resources.files("training.pool").joinpath(PAST)
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".json")),
        key=lambda file: file.name,
    )
    earlier = (Pool.from_bytes(file.read_bytes(), name=file.name) for file in files)
    return (*earlier, shipped_pool())
