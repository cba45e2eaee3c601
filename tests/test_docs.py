# SPDX-License-Identifier: EUPL-1.2
"""The documentation says what is so: commands, tasks, settings, words and links."""

import ast
import csv
import importlib
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from models.errors import InvalidFile
from service.cli.program import app
from service.settings import PREFIX, Settings
from service.storage.register import default_register, format_register, parse_register
from service.storage.register.csv_file import COLUMNS

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DOCUMENT_NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]
COMMANDS = (
    *("run", "ingest", "train", "issue", "forecast", "backtest", "replay", "plan", "dossier"),
    *("pool", "scenario", "serve"),
)
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
WORDS_OF = {
    "models.catalogue": ("Status", "Measure", "PlaceKind"),
    "models.drift": ("Verdict",),
    "models.gate": ("Ruling",),
    "models.occupancy.levers": ("LeverKind",),
    "models.periods": ("Frequency",),
    "models.planning.buffer.option": ("OptionBasis",),
    "models.planning.buffer.warnings": ("WarningCode",),
    "models.planning.portfolio.capacity_plan": ("Action", "UseState", "PlanStatus"),
    "models.planning.costs": ("Basis",),
    "models.planning.register.kinds": (
        *("LocationKind", "LocationStatus", "ReceptionGroup"),
        *("ContractForm", "DualUseGroup"),
    ),
    "models.planning.buffer.tiers": ("TierName",),
    "training.store.gate_records": ("GateOutcome", "ScoresFrom"),
    "training.store.records": ("KnownBasis", "QualityState"),
    "service.storage.tasks": ("TaskState",),
}
"""The enumerations whose words other systems read."""


def getij(*words: str) -> Result:
    """What the program answers."""
    return CliRunner().invoke(app, list(words), prog_name="getij")


def identifiers() -> set[str]:
    """Every word between backticks in the glossary."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return set(re.findall(r"`([a-z_]+)`", text))


def documented_settings() -> dict[str, str]:
    """Name and default of each setting, from the table in docs/settings.md."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(GETIJ_\w+)` \| `?([^|`]*)`? \|", text, flags=re.MULTILINE)
    return {name: default.strip() for name, default in rows}


def shown_code(text: str) -> str:
    """All that a document shows as code: its blocks, and what stands between backticks."""
    return "\n".join([block for _, block in FENCE.findall(text)] + re.findall("`[^`]+`", text))


def anchors(text: str) -> set[str]:
    """Addresses of the headings of a document, as a reader of Markdown makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), flags=re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


class TestCommands:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_are_there_and_explain_themselves(self, command: str):
        explained = getij(command, "--help")

        assert explained.exit_code == 0, explained.output
        assert f"getij {command}" in explained.stdout

    def test_are_listed_by_the_program_as_it_is_installed(self):
        program = Path(sys.executable).with_name("getij")
        listed = subprocess.run(
            [program, "--help"], capture_output=True, text=True, check=True
        ).stdout

        assert [command for command in COMMANDS if not re.search(rf"\b{command}\b", listed)] == []

    @pytest.mark.parametrize("what", ["inflow", "occupancy"])
    def test_backtest_knows_both_models(self, what: str):
        assert getij("backtest", what, "--help").exit_code == 0

    @pytest.mark.parametrize("document", DOCUMENTS, ids=DOCUMENT_NAMES)
    def test_that_a_document_names_are_there(self, document: Path):
        shown = shown_code(document.read_text(encoding="utf-8"))
        named = set(re.findall(r"\bgetij ([a-z]+)\b", shown))

        assert named <= set(COMMANDS)


class TestTasks:
    @pytest.mark.parametrize("document", DOCUMENTS, ids=DOCUMENT_NAMES)
    def test_that_a_document_names_are_in_the_makefile(self, document: Path):
        shown = shown_code(document.read_text(encoding="utf-8"))
        rules = (ROOT / "Makefile").read_text(encoding="utf-8")
        tasks = set(re.findall(r"^([a-z]+):", rules, flags=re.MULTILINE))

        assert set(re.findall(r"(?:^|`)make ([a-z]+)", shown, flags=re.MULTILINE)) <= tasks

    def test_that_begin_are_on_the_first_screen_of_the_readme(self):
        first_screen = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:40])

        assert "make run" in first_screen
        assert "make test" in first_screen


class TestSettings:
    """docs/settings.md against service/settings.py, both ways."""

    def test_are_all_documented_with_their_defaults(self):
        defaults = {
            PREFIX + name.upper(): field.default for name, field in Settings.model_fields.items()
        }
        written = {
            name: ",".join(value) if isinstance(value, tuple) else str(value)
            for name, value in defaults.items()
        }

        assert documented_settings() == written

    @pytest.mark.parametrize("document", DOCUMENTS, ids=DOCUMENT_NAMES)
    def test_that_a_document_names_exist(self, document: Path):
        named = set(re.findall(r"\bGETIJ_[A-Z_]*[A-Z]\b", document.read_text(encoding="utf-8")))

        assert named <= set(documented_settings())


class TestLocationRegister:
    def rows(self) -> list[list[str]]:
        text = (ROOT / "docs" / "location-register.md").read_text(encoding="utf-8")
        rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| `")]
        return [[cell.strip() for cell in row] for row in rows]

    def test_has_every_column_in_the_order_of_the_file(self):
        assert [row[0].strip("`") for row in self.rows()] == list(COLUMNS)

    @pytest.mark.parametrize("column", COLUMNS)
    def test_says_what_an_empty_cell_means(self, column: str):
        said = {row[0].strip("`"): row[3] for row in self.rows()}[column]
        all_facts = replace(default_register()[0], source="a test", assumed=(), owner="")
        header, line = csv.reader(format_register([all_facts]).splitlines())
        line[header.index(column)] = ""
        content = f"{','.join(header)}\n{','.join(line)}".encode()

        if said == "refused":
            with pytest.raises(InvalidFile):
                parse_register(content, file="register.csv")
        else:
            assert len(parse_register(content, file="register.csv")) == 1


class TestGlossary:
    @pytest.mark.parametrize("module", WORDS_OF)
    def test_holds_every_word_that_a_field_can_take(self, module: str):
        kinds = [getattr(importlib.import_module(module), name) for name in WORDS_OF[module]]

        assert {str(word) for kind in kinds for word in kind} - identifiers() == set()

    def test_has_each_identifier_once(self):
        text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
        rows = [line for line in text.splitlines() if line.startswith("| ") and "`" in line]
        field = [word for row in rows for word in re.findall(r"`(\w+)`", row.split("|")[3])]
        ours = [word for row in rows for word in re.findall(r"`(\w+)`", row.split("|")[1])]

        assert len(field) == len(set(field))
        assert len(ours) == len(set(ours))


class TestDocuments:
    @pytest.mark.parametrize("document", DOCUMENTS, ids=DOCUMENT_NAMES)
    def test_link_to_what_is_there(self, document: Path):
        text = document.read_text(encoding="utf-8")
        broken = []
        for target in LINK.findall(FENCE.sub("", text)):
            if "://" in target or target.startswith("mailto:"):
                continue
            name, _, anchor = target.partition("#")
            path = (document.parent / name).resolve() if name else document
            if not path.exists() or (
                anchor and anchor not in anchors(path.read_text(encoding="utf-8"))
            ):
                broken.append(target)

        assert broken == []

    def test_of_decisions_have_four_parts_and_are_listed(self):
        index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
        pages = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
        parts = ["Context", "Decision", "Consequences", "Alternatives"]

        assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
        for page in pages:
            text = page.read_text(encoding="utf-8")
            assert f"({page.name})" in index
            assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == parts
            assert len(text.split()) < 500, f"{page.name} is longer than a page"

    def test_of_changes_begin_with_what_is_not_released(self):
        changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
            "version"
        ]
        headings = re.findall(r"^## (.+)$", changes, flags=re.MULTILINE)

        assert headings[0] == "Unreleased" or headings[0].startswith(version)


def exported_names(tree: ast.Module) -> set[str]:
    """What a module names in `__all__`."""
    lists = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(name, ast.Name) and name.id == "__all__" for name in node.targets)
    )
    return {name for value in lists for name in ast.literal_eval(value)}


def without_docstring(path: Path) -> list[str]:
    """The module itself, and each class and function it exports, that says nothing about itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    exported = exported_names(tree)
    definitions = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name in exported
    ]
    silent = [node.name for node in definitions if not ast.get_docstring(node)]
    return silent if ast.get_docstring(tree) else ["the module", *silent]


class TestDocstrings:
    def test_stand_on_every_module_and_every_public_name(self):
        silent = {
            path.relative_to(ROOT).as_posix(): names
            for package in ("models", "training", "service")
            for path in sorted((ROOT / package).rglob("*.py"))
            if (names := without_docstring(path))
        }

        assert silent == {}
