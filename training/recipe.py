# SPDX-License-Identifier: EUPL-1.2
"""Recipes: what a model is made by, apart from the figures it learns from."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from types import ModuleType
from typing import Any, Self

import numpy as np

import models.inflow
from models import calibration
from training.store.records import ArtefactManifest, canonical_json, sha256_of

__all__ = ["METHOD", "TUNED_UNTIL", "Recipe", "recipe_of"]

METHOD = 1
"""Raised whenever the inflow method computes something else, other than by its constants."""

TUNED_UNTIL = "2025-12"
"""Last month of the figures that constants were chosen on, of any series: Dutch nationalities and
European quarters (docs/methods.md, Inflow, "How constants were chosen")."""

ASIDE = frozenset({"regime", "shares", "structure", "surprise"})
"""Neighbours of the method that the forecast of the total does not pass through."""


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
        tuned_until: Last month that anything was tuned on, YYYY-MM.
    """

    method: int
    targets: tuple[str, ...]
    members: tuple[str, ...]
    constants: Mapping[str, Any]
    pool_sha256: str | None
    pool_until: str | None
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

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Back from what `dataclasses.asdict` made of it."""
        lists = {name: tuple(value[name]) for name in ("targets", "members")}
        return cls(**{**value, **lists})


def recipe_of(manifest: ArtefactManifest) -> Recipe:
    """The recipe of a model that the code of today has just made."""
    pool = manifest.parameters["pool"]
    return Recipe(
        method=METHOD,
        targets=tuple(manifest.parameters["targets"]),
        members=tuple(manifest.parameters["members"]),
        constants=constants_of_the_method(),
        pool_sha256=None if pool is None else pool["parameters_sha256"],
        pool_until=None if pool is None else pool["until"],
        tuned_until=TUNED_UNTIL,
    )


@cache
def constants_of_the_method() -> Mapping[str, Any]:
    """Every constant of the modules that the inflow forecast passes through, as plain JSON.

    They are read from the code, so that none can be changed without making another recipe.
    """
    names = sorted(
        part.name for part in pkgutil.iter_modules(models.inflow.__path__) if part.name not in ASIDE
    )
    modules = [importlib.import_module(f"models.inflow.{name}") for name in names]
    return {
        f"{module.__name__}.{name}": value
        for module in (*modules, calibration, importlib.import_module("training.fit"))
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
    """Numbers, words and lists of them; None for what has no value outside its process."""
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
