# SPDX-License-Identifier: EUPL-1.2
"""Artefacts: files filed under the SHA-256 of their bytes, listed in a manifest.

    artefacts/blobs/ab/ab12…          the bytes of one file
    artefacts/manifests/cd34….json    canonical JSON; its own SHA-256 is the artefact's id

Blobs are on disk before the manifest that names them, so a manifest that exists is complete.
Everything is verified on reading. Names inside an artefact never become paths.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path

from models.errors import DamagedArtefact, InvalidInput, NotFound
from training.store.files import TEMPORARY, write_durably
from training.store.records import ArtefactManifest, canonical_json, sha256_of

__all__ = ["Artefact", "Artefacts"]

_ID = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """A manifest with the verified bytes of its files."""

    manifest: ArtefactManifest
    files: Mapping[str, bytes]


class Artefacts:
    """Files artefacts, and gives them back verified."""

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs"
        self._manifests = folder / "manifests"

    def write(self, manifest: ArtefactManifest, *, files: Mapping[str, bytes]) -> str:
        """File an artefact; writing the same again changes nothing.

        Args:
            manifest: Everything but the list of files, which is made here.
            files: Name to content.

        Returns:
            The artefact's id.

        Raises:
            InvalidInput: a file name is no plain name, or the manifest does not survive JSON.
        """
        for name in files:
            if not _NAME.fullmatch(name):
                raise InvalidInput(f"{name!r} cannot be the name of a file in an artefact.")
        manifest = replace(
            manifest, files={name: sha256_of(content) for name, content in files.items()}
        )
        _refuse_what_json_loses(manifest)
        for content in files.values():
            self._put(self._blob(sha256_of(content)), content)
        text = canonical_json(asdict(manifest))
        self._put(self._manifest(manifest.artefact_id), text.encode())
        return manifest.artefact_id

    def manifest(self, artefact_id: str) -> ArtefactManifest:
        """The verified manifest alone.

        Raises:
            NotFound: there is no such artefact.
            DamagedArtefact: its bytes no longer match its id.
        """
        path = self._manifest(artefact_id)
        if not path.is_file():
            raise NotFound("artefact", artefact_id)
        content = path.read_bytes()
        if sha256_of(content) != artefact_id:
            raise DamagedArtefact(artefact_id)
        facts = json.loads(content)
        return ArtefactManifest(
            **{part.name: facts[part.name] for part in fields(ArtefactManifest)}
        )

    def file(self, artefact_id: str, name: str) -> bytes:
        """One verified file of an artefact, without reading the others.

        Raises:
            NotFound: there is no such artefact, or no such file in it.
            DamagedArtefact: its bytes are gone or no longer match.
        """
        manifest = self.manifest(artefact_id)
        if name not in manifest.files:
            raise NotFound("file in the artefact", name)
        return self._content(artefact_id, manifest.files[name])

    def read(self, artefact_id: str) -> Artefact:
        """An artefact with all its files, every one verified.

        Raises:
            NotFound: there is no such artefact.
            DamagedArtefact: a file is gone or no longer matches.
        """
        manifest = self.manifest(artefact_id)
        content = {name: self._content(artefact_id, sha) for name, sha in manifest.files.items()}
        return Artefact(manifest=manifest, files=content)

    def sweep(self, *, before: datetime) -> int:
        """Remove unfinished files that a crash left behind.

        Args:
            before: Only what was last touched before this moment; another process may be writing.

        Returns:
            How many were removed.
        """
        removed = 0
        for folder in (self._blobs, self._manifests):
            for path in folder.glob(f"**/{TEMPORARY}*"):
                # Another process may finish or sweep it first, or the folder may be read-only.
                with suppress(OSError):
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()
                        removed += 1
        return removed

    def _put(self, path: Path, content: bytes) -> None:
        # Rewriting what is damaged heals it: the content is known to be right.
        if not path.is_file() or path.read_bytes() != content:
            write_durably(path, content)

    def _content(self, artefact_id: str, sha: str) -> bytes:
        path = self._blob(sha)
        if not path.is_file():
            raise DamagedArtefact(artefact_id)
        content = path.read_bytes()
        if sha256_of(content) != sha:
            raise DamagedArtefact(artefact_id)
        return content

    def _blob(self, sha: str) -> Path:
        return self._blobs / sha[:2] / sha

    def _manifest(self, artefact_id: str) -> Path:
        # An id may come from a client; only hexadecimal digits ever reach the file system.
        if not _ID.fullmatch(artefact_id):
            raise NotFound("artefact", artefact_id)
        return self._manifests / f"{artefact_id}.json"


def _refuse_what_json_loses(manifest: ArtefactManifest) -> None:
    # canonical_json writes what it does not know as text, an array with its middle left out.
    try:
        text = json.dumps(asdict(manifest), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"The manifest of {manifest.kind} is not plain JSON: {error}."
        ) from error
    if canonical_json(json.loads(text)) != canonical_json(asdict(manifest)):
        raise InvalidInput(f"The manifest of {manifest.kind} has keys that are not words.")
