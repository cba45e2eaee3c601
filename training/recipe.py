# SPDX-License-Identifier: EUPL-1.2
"""Recipes: what a model is made by, apart from the figures it learns from."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from types import ModuleType
from typing import Any, Self

import numpy as np

import models.inflow
import models.occupancy
from models import calibration
from models.occupancy.writing import to_mapping
from training.chains import single_stage_chain
from training.occupancy import NeedRecipe
from training.store.records import ArtefactManifest, canonical_json, sha256_of

__all__ = ["METHOD", "TUNED_UNTIL", "Recipe", "recipe_of"]

METHOD = 1
"""Raised whenever the inflow method computes something else, other than by its constants."""

TUNED_UNTIL = "2025-12"
"""Last month of the figures that constants were chosen on, of any series: Dutch nationalities and
European quarters (docs/methods.md, Inflow, "How constants were chosen")."""

ASIDE = frozenset({"regime", "shares", "structure", "surprise"})
"""Neighbours of the method that the forecast of the total does not pass through."""

KINDS = ("models.inflow.shares", "models.inflow.structure", "training.structure")
"""Of those, what divides the total over the kinds of inflow that feed the chain."""

BESIDE_THE_CHAIN = frozenset(
    {"baselines", "checking", "content", "levers", "measuring", "outlook", "reading"}
    | {"scenario_summary", "scenarios", "ways", "writing"}
)
"""Neighbours of the chain that the forecast of the need does not pass through."""

LONGEST = 1_000
"""A list of more numbers than this was computed: nobody chose it."""

NEED, INFLOW = "need", "inflow"
OF_THE_NEED = frozenset({"need_method", "need_constants", "chain"})
"""What can differ between recipes and changes the forecast of the need alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a model is made by; the same recipe on newer figures is the same method.

    Attributes:
        method: Version of the inflow method.
        targets: Series that are forecast.
        members: Of the ensemble.
        constants: Every constant of the method, by module and name.
        pool_sha256: Hash of the pool learned beforehand; None if the figures teach it.
        pool_until: Last month that this pool saw, YYYY-MM.
        need_method: How the need is forecast; None for the rule of `champion_of`.
        need_constants: Every constant that the forecast of the need passes through.
        chain_sha256: Hash of the specification of the chain, and of the single stage that stands
            in where its inflows are not known.
        tuned_until: Last month that anything was tuned on, YYYY-MM.
    """

    method: int
    targets: tuple[str, ...]
    members: tuple[str, ...]
    constants: Mapping[str, Any]
    pool_sha256: str | None
    pool_until: str | None
    need_method: str | None
    need_constants: Mapping[str, Any]
    chain_sha256: str
    tuned_until: str

    @property
    def recipe_id(self) -> str:
        """Hash of all but the two months, which say nothing about what it does."""
        facts = {name: value for name, value in asdict(self).items() if not name.endswith("_until")}
        return sha256_of(canonical_json(facts))

    @property
    def seen_until(self) -> np.datetime64:
        """The last month that it was tuned on or that its pool saw."""
        return np.datetime64(max(self.tuned_until, self.pool_until or self.tuned_until), "M")

    def differences(self, other: "Recipe") -> tuple[str, ...]:
        """In what it differs from another, by name."""
        names = (part.name for part in fields(self) if not part.name.endswith("_until"))
        return tuple(
            name.removesuffix("_sha256")
            for name in names
            if canonical_json(getattr(self, name)) != canonical_json(getattr(other, name))
        )

    def judged_against(self, other: "Recipe") -> tuple[str, ...]:
        """Of what it makes another forecast by itself: inflow, need, or both."""
        found = set(self.differences(other))
        parts = {INFLOW: found - OF_THE_NEED, NEED: found & OF_THE_NEED}
        return tuple(name for name, differing in parts.items() if differing)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Back from what `dataclasses.asdict` made of it."""
        lists = {name: tuple(value[name]) for name in ("targets", "members")}
        return cls(**{**value, **lists})


def recipe_of(manifest: ArtefactManifest, *, need: NeedRecipe) -> Recipe:
    """The recipe of a model that the code of today has just made.

    Args:
        manifest: Of its inflow.
        need: How it was asked to forecast the need.
    """
    pool = manifest.parameters["pool"]
    chains = [to_mapping(part) for part in (need.chain, single_stage_chain())]
    return Recipe(
        method=METHOD,
        targets=tuple(manifest.parameters["targets"]),
        members=tuple(manifest.parameters["members"]),
        constants=constants_of_the_method(),
        pool_sha256=None if pool is None else pool["parameters_sha256"],
        pool_until=None if pool is None else pool["until"],
        need_method=None if need.method is None else need.method.value,
        need_constants=constants_of_the_need(),
        chain_sha256=sha256_of(canonical_json(chains)),
        tuned_until=TUNED_UNTIL,
    )


@cache
def constants_of_the_method() -> Mapping[str, Any]:
    """Every constant of the modules that the inflow forecast passes through, as plain JSON.

    They are read from the code, so that none can be changed without making another recipe.
    """
    names = _neighbours(models.inflow, aside=ASIDE)
    return _constants_of([*names, calibration.__name__, "training.fit"])


@cache
def constants_of_the_need() -> Mapping[str, Any]:
    """The same of the modules that the need passes through on its way from the inflow."""
    names = _neighbours(models.occupancy, aside=BESIDE_THE_CHAIN)
    return _constants_of([*names, *KINDS, "training.occupancy"])


def _neighbours(package: ModuleType, *, aside: Collection[str]) -> list[str]:
    """The modules of a package by name, but for those that are set aside."""
    return [
        f"{package.__name__}.{part.name}"
        for part in sorted(pkgutil.iter_modules(package.__path__), key=lambda part: part.name)
        if part.name not in aside
    ]


def _constants_of(modules: Sequence[str]) -> Mapping[str, Any]:
    return {
        f"{module.__name__}.{name}": value
        for module in map(importlib.import_module, modules)
        for name in _defined_in(module)
        if (value := _plain(getattr(module, name))) is not None
    }


def _defined_in(module: ModuleType) -> list[str]:
    """Names in capitals that a module itself gives a value, in their order."""
    found = []
    for statement in ast.parse(inspect.getsource(module)).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        found += [
            name.id
            for target in targets
            for name in ast.walk(target)
            if isinstance(name, ast.Name) and name.id.isupper()
        ]
    return found


def _plain(value: object) -> Any:
    """Numbers, words and lists of them; None for tables, and what has no value elsewhere."""
    if isinstance(value, np.ndarray) and value.size > LONGEST:
        return None
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, float):
        return float(f"{value:.9g}")  # another library's logarithm may differ in the last digit
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, tuple | list):
        parts = [_plain(part) for part in value]
        return None if any(part is None for part in parts) else parts
    return None
