# SPDX-License-Identifier: EUPL-1.2
"""The image, without a Docker engine: its steps run, its program serves, its health is checked.

A Dockerfile of two stages is read and its steps are run as they stand, except that the folders of
the image lie under a temporary directory. What an engine alone can show (the base image itself,
its isolation) stays unproven here.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OWN_FOLDERS = re.compile(r"(?<![\w.])/(?=(?:src|opt|data)\b)")
NOBODY = 10001


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One instruction.

    Attributes:
        name: RUN, COPY, ...
        flags: What stands before the arguments, as in --from=build.
        text: The arguments, continuation lines joined.
    """

    name: str
    flags: dict[str, str]
    text: str

    @property
    def words(self) -> list[str]:
        return json.loads(self.text) if self.text.startswith("[") else self.text.split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What stands between one FROM and the next."""

    base: str
    steps: list[Step] = field(default_factory=list)

    def all(self, name: str) -> list[Step]:
        return [step for step in self.steps if step.name == name]

    def last(self, name: str) -> Step:
        return self.all(name)[-1]


def read_stages() -> list[Stage]:
    """The stages of the Dockerfile, in order."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    stages: list[Stage] = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, _, rest = line.partition(" ")
        if name == "FROM":
            stages.append(Stage(base=rest))
            continue
        flags = {}
        while match := re.match(r"\s*--([\w-]+)=(\S+)\s+", rest):
            flags[match[1]] = match[2]
            rest = rest[match.end() :]
        stages[-1].steps.append(Step(name=name, flags=flags, text=" ".join(rest.split())))
    return stages


BUILD, FINAL = read_stages()
COPIED = [path for step in BUILD.all("COPY") for path in step.words[:-1]]


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """The folders of the image, made by the steps of the build stage in a clean environment."""
    # Not pytest's own temporary directory: nobody but its owner may look into that.
    root = Path(tempfile.mkdtemp(prefix="getij-image-"))
    root.chmod(0o755)
    try:
        build(root)
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def inside(root: Path, text: str) -> str:
    """The same text, with the image's own folders under `root`."""
    return OWN_FOLDERS.sub(f"{root.as_posix().rstrip('/')}/", text)


def system_python() -> Path:
    """A Python as an image has it: outside any environment, open to every user if there is one."""
    candidates = [Path("/usr/local/bin/python3"), Path("/usr/bin/python3")]
    check = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    for python in candidates:
        if python.exists() and subprocess.run([python, "-c", check], check=False).returncode == 0:
            return python
    return Path(sys.base_prefix) / "bin" / "python3"


def clean_environment() -> dict[str, str]:
    """Nothing of ours; only how this machine reaches its package index."""
    reach = ("PIP_", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
    kept = {key: value for key, value in os.environ.items() if key.upper().startswith(reach)}
    return kept | {"PATH": f"{system_python().parent}:/usr/bin:/bin", "HOME": str(Path.home())}


def build(root: Path) -> None:
    """Run the build stage; RUN and COPY mean here what they mean to Docker."""
    folder = root
    for step in BUILD.steps:
        if step.name == "WORKDIR":
            folder = Path(inside(root, step.text))
            folder.mkdir(parents=True)
        elif step.name == "COPY":
            copy(step.words, folder)
        else:
            assert step.name == "RUN", f"this test does not know {step.name}"
            done = subprocess.run(
                ["/bin/sh", "-c", inside(root, step.text)],
                cwd=folder,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"RUN {step.text}\n{done.stdout}{done.stderr}"


def copy(words: list[str], folder: Path) -> None:
    *sources, target = words
    for source in sources:
        path = ROOT / source
        if path.is_dir():
            shutil.copytree(path, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (folder / target).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / target)


class TestDockerfile:
    def test_has_a_stage_to_build_and_a_stage_to_run_on_the_same_fixed_base(self):
        base, _, name = BUILD.base.partition(" AS ")

        assert name == "build"
        assert base == FINAL.base
        assert re.fullmatch(r"python:3\.\d+-slim-\w+", base)

    @pytest.mark.parametrize("source", COPIED)
    def test_copies_only_what_is_in_the_project(self, source: str):
        assert (ROOT / source).exists()

    @pytest.mark.parametrize("source", COPIED)
    def test_copies_only_what_dockerignore_lets_through(self, source: str):
        lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        allowed = {line.removeprefix("!") for line in lines if line.startswith("!")}

        assert "*" in lines
        assert source in allowed

    def test_lets_nothing_through_that_is_not_copied(self):
        lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

        assert {line.removeprefix("!") for line in lines if line.startswith("!")} == set(COPIED)

    def test_runs_as_a_numbered_user_that_is_not_root(self):
        assert FINAL.last("USER").text == f"{NOBODY}:{NOBODY}"
        assert not FINAL.all("RUN")

    def test_starts_one_program_without_a_shell(self):
        assert FINAL.last("CMD").words == ["getij", "run"]
        assert not FINAL.all("ENTRYPOINT")

    def test_writes_to_its_volume_and_passing_files_alone(self):
        settings = environment(Path("/"))

        assert settings["GETIJ_DATA_DIR"] == FINAL.last("VOLUME").text
        assert settings["TMPDIR"] == settings["HOME"] == "/tmp"  # noqa: S108  the image's own
        assert settings["GETIJ_PORT"] == FINAL.last("EXPOSE").text


def environment(root: Path) -> dict[str, str]:
    """The variables that the image sets, on top of nothing."""
    pairs = [word.partition("=") for step in FINAL.all("ENV") for word in step.words]
    values = {name: inside(root, value) for name, _, value in pairs}
    return values | {"PATH": values["PATH"].replace("$PATH", "/usr/bin:/bin")}


def open_to_all(path: Path) -> bool:
    """Whether every user may reach a file."""
    return all(part.stat().st_mode & 0o001 for part in path.resolve().parents)


def health_command() -> list[str]:
    text = FINAL.last("HEALTHCHECK").text
    return json.loads(text[text.index("[") :])


def patience() -> float:
    """How long Docker waits for the first start, training included [seconds]."""
    return 60 * float(FINAL.last("HEALTHCHECK").flags["start-period"].removesuffix("m"))


class TestImage:
    def test_holds_the_program_and_none_of_the_tools_that_built_it(self, image: Path):
        programs = {path.name for path in (image / "opt/getij/bin").iterdir()}

        assert "getij" in programs
        assert not programs & {"pip", "pip3", "hatchling"}

    def test_holds_what_the_last_stage_copies(self, image: Path):
        for step in FINAL.all("COPY"):
            assert step.flags["from"] == "build"
            assert Path(inside(image, step.words[0])).is_dir()

    def test_serves_as_nobody_and_its_health_check_agrees(self, image: Path):
        shutil.rmtree(image / "src", ignore_errors=True)  # the last stage does not have it
        passing = image / "tmp"
        passing.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        settings = environment(image) | {
            "GETIJ_PORT": port,
            "HOME": str(passing),
            "TMPDIR": str(passing),
            "MPLCONFIGDIR": str(passing / "matplotlib"),
        }
        nobody = {}
        if os.geteuid() == 0 and open_to_all(system_python()):
            nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            for folder in (image / "data", passing):
                os.chown(folder, NOBODY, NOBODY)
        words = FINAL.last("CMD").words
        program = image / "opt/getij/bin" / words[0]
        with (
            (image / "log").open("w") as log,
            subprocess.Popen(
                [program, *words[1:]],
                cwd=image / "data",
                env=settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **nobody,
            ) as server,
        ):
            try:
                healthy = await_health(server, settings)
            finally:
                server.terminate()
        said = (image / "log").read_text(encoding="utf-8")

        assert healthy, said
        assert server.returncode in (0, -15), said
        assert list((image / "data").iterdir())


def await_health(server: subprocess.Popen[bytes], settings: dict[str, str]) -> bool:
    """Ask as Docker would until the answer is yes, the server ends, or patience does."""
    command = health_command()
    assert command[0] == "python"
    python = settings["PATH"].partition(":")[0] + "/python"
    deadline = time.monotonic() + patience()
    while server.poll() is None and time.monotonic() < deadline:
        asked = subprocess.run(
            [python, *command[1:]], env=settings, capture_output=True, check=False
        )
        if asked.returncode == 0:
            return True
        time.sleep(1)
    return False
