# SPDX-License-Identifier: EUPL-1.2
"""Who may import whom, read from the source; each rule is shown to catch a planted breach."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("models", "training", "service")

OUTSIDE_WORLD = {
    *("http", "os", "pathlib", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "time"),
    *("urllib", "alembic", "fastapi", "httpx", "pydantic", "requests", "sqlalchemy", "uvicorn"),
}
CLOCK = {"now", "today", "utcnow"}


class Import(NamedTuple):
    """One import: which module asks for which, and on what line."""

    source: str
    target: str
    line: int
    relative: bool

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


def trees(root: Path) -> dict[str, ast.Module]:
    """Every module of the three packages, by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return found


def imports(modules: dict[str, ast.Module]) -> Iterator[Import]:
    """Every import, wherever it stands; `from a import b` means a.b where that is a module."""
    for source, tree in modules.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(source, alias.name, node.lineno, relative=False)
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                for alias in node.names:
                    full = f"{base}.{alias.name}"
                    target = full if full in modules else base
                    yield Import(source, target, node.lineno, relative=node.level > 0)


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def breaks_a_rule(found: Import) -> bool:
    source, target = found.source, found.target
    top = target.partition(".")[0]
    if found.relative:
        return True
    if within(source, "models") and (top in OUTSIDE_WORLD or within(target, "training", "service")):
        return True
    if within(source, "training") and within(target, "service"):
        return True
    if within(source, "training.store") and within(target, "training"):
        return not within(target, "training.store")
    if within(source, "service") and not within(source, "service.cli"):
        foreign = within(target, "training") and not within(target, "training.store")
        if foreign and target != "training":
            return True
    return top == "prophet" and source != "models.inflow.prophet"


def circles(modules: dict[str, ast.Module]) -> list[str]:
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for found in imports(modules):
        if found.target in modules and found.target != found.source:
            graph[found.source].add(found.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" → ".join(reversed(error.args[1]))]
    return []


def clock_readings(modules: dict[str, ast.Module]) -> list[str]:
    return [
        f"{name}:{node.lineno} reads the clock"
        for name, tree in modules.items()
        if within(name, "models")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCK
    ]


def breaches(modules: dict[str, ast.Module]) -> list[str]:
    """All that the house does not allow, one line each; empty is good."""
    forbidden = [str(found) for found in imports(modules) if breaks_a_rule(found)]
    return forbidden + circles(modules) + clock_readings(modules)


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contracts of pyproject.toml on a tree."""
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def modules() -> dict[str, ast.Module]:
    return trees(ROOT)


@pytest.fixture(scope="module")
def before(modules: dict[str, ast.Module]) -> list[str]:
    return breaches(modules)


@pytest.fixture
def copied_house(tmp_path: Path) -> Path:
    """A copy of the three packages, in which a breach may be planted."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(house: Path, module: str, line: str) -> None:
    path = house / Path(*module.split(".")).with_suffix(".py")
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{text}\n{line}\n", encoding="utf-8")


class TestTheHouse:
    def test_has_its_three_packages(self, modules: dict[str, ast.Module]):
        assert {name.partition(".")[0] for name in modules} == set(PACKAGES)

    def test_marks_every_folder_with_code_as_a_package(self):
        """Without `__init__.py` a folder would be out of sight of the import contracts."""
        folders = {path.parent for name in PACKAGES for path in (ROOT / name).rglob("*.py")}
        by_path = ROOT / "training" / "store" / "migrations"  # alembic loads these as files

        assert [
            path.relative_to(ROOT).as_posix()
            for path in sorted(folders)
            if not (path / "__init__.py").exists() and not path.is_relative_to(by_path)
        ] == []

    def test_keeps_the_direction(self, before: list[str]):
        assert before == []

    def test_keeps_the_import_contracts(self):
        checked = lint_imports(ROOT)

        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert "0 broken" in checked.stdout

    def test_imports_training_in_a_command_only_when_that_command_runs(
        self, modules: dict[str, ast.Module]
    ):
        """`getij serve` starts fast: the command line loads training inside its functions."""
        eager = [
            f"{name}:{node.lineno}"
            for name, tree in modules.items()
            if within(name, "service.cli")
            for node in tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for target in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
            )
            if within(target, "training") and not within(target, "training.store")
        ]

        assert eager == []


class TestAPlantedBreach:
    @pytest.mark.parametrize(
        ("module", "line", "sentence"),
        [
            ("models.planted", "import service", "imports service"),
            ("models.planning.planted", "from training.store import records", "training.store"),
            ("models.planted", "def late():\n    from service import settings", "service"),
            ("models.planted", "import sqlalchemy.orm", "imports sqlalchemy.orm"),
            ("models.planted", "from pathlib import Path", "imports pathlib"),
            ("models.planted", "NOW = datetime.now()", "reads the clock"),
            ("training.planted", "import service.settings", "imports service.settings"),
            ("service.planted", "from training import planted_too", "imports training"),
            ("service.api.planted", "import training.planted", "imports training.planted"),
            ("training.store.planted", "import training.planted", "imports training.planted"),
            ("training.planted", "from prophet import Prophet", "imports prophet"),
            ("models.planted", "from . import types", "models.planted:1 imports"),
        ],
    )
    def test_is_caught(
        self,
        modules: dict[str, ast.Module],
        before: list[str],
        module: str,
        line: str,
        sentence: str,
    ):
        planted = {"training.planted_too": ast.parse(""), module: ast.parse(line)}

        (found,) = set(breaches(modules | planted)) - set(before)

        assert sentence in found

    def test_is_caught_when_it_closes_a_circle(self):
        modules = {
            "models.first": ast.parse("from models import second"),
            "models.second": ast.parse("def later():\n    import models.first"),
        }

        (found,) = breaches(modules)

        assert found.count("models.first") + found.count("models.second") == 3

    def test_is_caught_in_a_copy_of_the_house_and_by_the_import_contracts(self, copied_house: Path):
        plant(copied_house, "training.planted", "")
        plant(copied_house, "models.types", "import service")
        plant(copied_house, "models.errors", "import sqlalchemy")
        plant(copied_house, "service.settings", "import training.planted")

        found = "\n".join(breaches(trees(copied_house)))
        checked = lint_imports(copied_house)
        verdicts = " ".join(checked.stdout.split())

        assert re.search(r"^models\.types:\d+ imports service$", found, flags=re.MULTILINE)
        assert checked.returncode == 1, checked.stdout + checked.stderr
        assert "nothing points back BROKEN" in verdicts
        assert "models.types -> service" in verdicts
        assert "models knows no network, database or HTTP BROKEN" in verdicts
        assert "models.errors -> sqlalchemy" in verdicts
        assert "only the command line sees the rest BROKEN" in verdicts
        assert "service.settings -> training.planted" in verdicts
