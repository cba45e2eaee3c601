# SPDX-License-Identifier: EUPL-1.2
"""The project's own papers: licence, headers, publiccode.yml, and nothing of one machine."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
HEADER = "SPDX-License-Identifier: EUPL-1.2"

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CARD = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))


def tracked(*patterns: str) -> list[str]:
    """Files in the project, as git knows them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(name for name in listed.stdout.split("\0") if name and (ROOT / name).exists())


class TestLicence:
    def test_is_the_whole_eupl(self):
        text = (ROOT / "LICENSE").read_text(encoding="utf-8")
        articles = [int(number) for number in re.findall(r"^(\d+)\. ?[A-Z]", text, re.MULTILINE)]

        assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\n")
        assert articles == list(range(1, 16))
        assert "according to Article 5 EUPL are:\n— GNU General Public License" in text
        assert text.rstrip().endswith("require the production of a new EUPL version.")

    def test_is_named_everywhere_the_same(self):
        assert PROJECT["license"] == CARD["legal"]["license"] == "EUPL-1.2"

    def test_stands_at_the_head_of_every_source_file(self):
        named = tracked("*.py", "scripts/*", "Makefile", "Dockerfile", ".ci/run", "publiccode.yml")
        bare = [
            name
            for name in named
            if HEADER not in "\n".join((ROOT / name).read_text(encoding="utf-8").splitlines()[:3])
        ]

        assert bare == []


class TestPubliccode:
    """Against the keys that version 0.4 of the standard requires."""

    def test_holds_what_the_standard_requires(self):
        required = {"publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus"}
        required |= {"softwareType", "description", "legal", "maintenance", "localisation"}

        assert required <= set(CARD)
        assert CARD["maintenance"]["type"] == "community"
        assert all(contact["name"] for contact in CARD["maintenance"]["contacts"])
        assert isinstance(CARD["localisation"]["localisationReady"], bool)

    @pytest.mark.parametrize("language", ["nl", "en"])
    def test_describes_the_project_within_the_limits_of_the_standard(self, language: str):
        description = CARD["description"][language]

        assert language in CARD["localisation"]["availableLanguages"]
        assert len(description["genericName"]) <= 35
        assert len(description["shortDescription"]) <= 150
        assert 150 <= len(description["longDescription"]) <= 10_000
        assert all(len(feature) <= 100 for feature in description["features"])

    def test_gives_the_version_of_the_package(self):
        assert CARD["softwareVersion"] == PROJECT["version"]


class TestFiles:
    def test_name_no_place_of_one_machine(self):
        # Put together here, so that this file does not name them either.
        places = [
            "/" + "work/",
            "/" + "root/",
            "/home" + "/",
            "pypi" + ".org",
            "pythonhosted" + ".org",
        ]
        allowed = {("Dockerfile", "/" + "root/")}  # the image's own
        found = [
            (name, place)
            for name in tracked("*.py", "*.md", "*.toml", "*.lock", "*.yml", "scripts/*", ".ci/*")
            + tracked("Makefile", "Dockerfile", "*.html", "*.css", "*.js", "*.json", "*.csv")
            for place in places
            if place in (ROOT / name).read_text(encoding="utf-8") and (name, place) not in allowed
        ]

        assert found == []
