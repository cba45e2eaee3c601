# SPDX-License-Identifier: EUPL-1.2
"""Writing a file so that a crash leaves the old one or the new one, never a torn one."""

import os
import tempfile
from pathlib import Path

__all__ = ["TEMPORARY", "write_durably"]

TEMPORARY = ".writing-"
"""How the name of an unfinished file begins."""


def write_durably(path: Path, content: bytes) -> None:
    """Write beside the place, force to disk, rename into place, and force the rename to disk."""
    _make_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _force(path.parent)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _force(folder.parent)


def _force(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
