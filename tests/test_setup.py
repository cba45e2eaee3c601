# SPDX-License-Identifier: EUPL-1.2
"""The set-up: tasks, locks, the environment that is made from them, and Debian's packages."""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
BASH = shutil.which("bash") or "/bin/bash"


def locked(kind: str) -> dict[str, str]:
    """Version of each package in a lock file; alternatives for other systems are joined."""
    text = (ROOT / "requirements" / f"{kind}.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([\w.!+]+)", text, flags=re.MULTILINE)
    versions: dict[str, set[str]] = {}
    for name, version in pins:
        versions.setdefault(canonicalize_name(name), set()).add(version)
    return {name: " ".join(sorted(found)) for name, found in versions.items()}


def make(*words: str) -> str:
    done = subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


class TestTasks:
    def test_are_listed_by_make_without_a_name(self):
        assert make() == make("help")

    @pytest.mark.parametrize(
        "task", ["setup", "run", "test", "check", "lint", "types", "imports", "bench", "lock"]
    )
    def test_are_all_listed_with_what_they_do(self, task: str):
        assert re.search(rf"^  make {task} +[A-Z].+\.$", make("help"), flags=re.MULTILINE)

    def test_of_ci_are_those_of_make_check(self):
        ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

        assert os.access(ROOT / ".ci" / "run", os.X_OK)
        assert re.search(r"^CI=true make .*\bcheck\b", ci, flags=re.MULTILINE)

    def test_of_check_are_style_types_imports_and_tests(self):
        planned = make("--dry-run", "check")

        for program in ("ruff format", "ruff check", "mypy", "lint-imports", "pytest"):
            assert program in planned


class TestLocks:
    @pytest.mark.parametrize("kind", ["runtime", "dev"])
    def test_give_a_hash_for_every_package_and_name_no_index(self, kind: str):
        text = (ROOT / "requirements" / f"{kind}.lock").read_text(encoding="utf-8")
        entries = re.split(r"\n(?=\S)", text.strip())

        assert all(" --hash=sha256:" in entry for entry in entries)
        assert "://" not in text
        assert "--" not in text.replace("--hash=sha256:", "")

    def test_agree_with_each_other(self):
        runtime, dev = locked("runtime"), locked("dev")

        assert {name: dev.get(name) for name in runtime} == runtime

    def test_hold_all_that_the_project_asks_for(self):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        asked = {
            "runtime": [
                *project["project"]["dependencies"],
                *project["project"]["optional-dependencies"]["postgres"],
                *project["dependency-groups"]["build"],
                *project["build-system"]["requires"],
            ],
            "dev": project["dependency-groups"]["dev"],
        }

        for kind, lines in asked.items():
            pins = locked(kind)
            for requirement in map(Requirement, lines):
                version = pins[canonicalize_name(requirement.name)].split()[-1]
                assert requirement.specifier.contains(version), f"{requirement}, locked {version}"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout: our script, one package, and a lock with the build tools alone."""
    place = tmp_path / "checkout"
    (place / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "environment", place / "scripts")
    (place / "small").mkdir()
    (place / "small" / "__init__.py").write_text("ANSWER = 42\n", encoding="utf-8")
    (place / "pyproject.toml").write_text(
        "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n"
        "[project]\nname = 'small'\nversion = '1'\n",
        encoding="utf-8",
    )
    text = (ROOT / "requirements" / "runtime.lock").read_text(encoding="utf-8")
    tools = (
        "editables",
        "hatchling",
        "packaging",
        "pathspec",
        "pluggy",
        "tomlkit",
        "trove-classifiers",
    )
    kept = [entry for entry in re.split(r"\n(?=\S)", text) if entry.partition("==")[0] in tools]
    (place / "requirements").mkdir()
    (place / "requirements" / "runtime.lock").write_text("\n".join(kept), encoding="utf-8")
    return place


def environment(
    checkout: Path, *, kind: str = "runtime", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run our script, with no variable but those that pip needs to reach its index."""
    kept = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_"))}
    return subprocess.run(
        [BASH, "scripts/environment", kind],
        cwd=checkout,
        env=kept | {"PATH": os.environ["PATH"], "HOME": str(Path.home())} | settings,
        capture_output=True,
        text=True,
        check=False,
    )


class TestEnvironment:
    def test_is_made_once_and_again_after_a_change_or_a_move(self, checkout: Path):
        first = environment(checkout)
        started = time.monotonic()
        second = environment(checkout)
        seconds = time.monotonic() - started
        with (checkout / "pyproject.toml").open("a", encoding="utf-8") as project:
            project.write("description = 'changed'\n")
        changed = environment(checkout)
        moved = checkout.rename(checkout.with_name("elsewhere"))
        after_move = environment(moved)
        answer = subprocess.run(
            [moved / ".venv/bin/python", "-c", "import small; print(small.__file__)"],
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
        )

        assert first.returncode == 0, first.stderr
        assert "Making a Python environment" in first.stderr
        assert (second.returncode, second.stderr, second.stdout) == (0, "", "")
        assert seconds < 2
        assert "Installing" in changed.stderr
        assert "Making" not in changed.stderr
        assert "Making a Python environment" in after_move.stderr
        assert Path(answer.stdout.strip()).is_relative_to(moved)

    def test_is_not_called_ready_when_a_package_does_not_match_its_hash(self, checkout: Path):
        lock = checkout / "requirements" / "runtime.lock"
        text = lock.read_text(encoding="utf-8")
        lock.write_text(re.sub(r"sha256:\w{4}", "sha256:0000", text), encoding="utf-8")

        first, second = environment(checkout), environment(checkout)

        for refused in (first, second):
            assert refused.returncode == 1
            assert "THESE PACKAGES DO NOT MATCH THE HASHES" in refused.stderr
            assert "The packages could not be installed" in refused.stderr
            assert "ready" not in refused.stderr

    def test_names_what_is_missing_when_no_python_is_new_enough(self, checkout: Path):
        refused = environment(checkout, PYTHON="false")

        assert refused.returncode == 1
        assert refused.stderr.startswith("Getij needs Python 3.11 or newer; none was found as: ")
        assert "sudo apt-get install python3 python3-venv" in refused.stderr

    def test_names_what_is_missing_when_python_has_no_venv(self, checkout: Path):
        bare = checkout / "bare-python"
        bare.write_text(
            f'#!{BASH}\n[[ $* == *ensurepip* ]] && exit 1\nexec "{sys.executable}" "$@"\n',
            encoding="utf-8",
        )
        bare.chmod(0o755)

        refused = environment(checkout, PYTHON=str(bare))

        assert refused.returncode == 1
        assert "can make no environments" in refused.stderr
        assert "sudo apt-get install python3-venv" in refused.stderr

    def test_leaves_a_folder_alone_that_is_something_else(self, checkout: Path):
        (checkout / ".venv").mkdir()
        (checkout / ".venv" / "thesis.txt").write_text("years of work", encoding="utf-8")

        refused = environment(checkout)

        assert refused.returncode == 1
        assert "is not a Python environment" in refused.stderr
        assert (checkout / ".venv" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


class TestDebianPackages:
    @pytest.mark.parametrize(("words", "code"), [((), 0), (("--strict",), 1)])
    def test_missing_and_out_of_reach_are_named_with_what_is_left_out(
        self, tmp_path: Path, words: tuple[str, ...], code: int
    ):
        (tmp_path / "id").symlink_to(shutil.which("id") or "/usr/bin/id")

        done = subprocess.run(
            [BASH, ROOT / "scripts" / "debian-packages", *words],
            env={"PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == code
        assert "To have all tests: sudo apt-get install chromium" in done.stderr
        assert "Left out, for want of chromium: the tests of the pages in a browser." in done.stderr
        assert "Left out, for want of prometheus: the check of the metrics" in done.stderr
