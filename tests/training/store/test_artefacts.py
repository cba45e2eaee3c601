# SPDX-License-Identifier: EUPL-1.2
"""Artefacts: filed under their hash, refused when damaged, never half there."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import DamagedArtefact, InvalidInput, NotFound
from tests.figures import manifest
from training.store.artefacts import Artefacts
from training.store.files import TEMPORARY, write_durably

FILES = {"weights.json": b"{}", "paths.npz": bytes(range(256))}


@pytest.fixture
def artefacts(tmp_path):
    return Artefacts(tmp_path)


def blobs(folder):
    return sorted((folder / "blobs").glob("*/*"))


class TestArtefacts:
    def test_come_back_as_they_were_written(self, artefacts):
        artefact_id = artefacts.write(manifest(), files=FILES)
        read = artefacts.read(artefact_id)

        assert dict(read.files) == FILES
        assert read.manifest.artefact_id == artefact_id
        assert replace(read.manifest, files={}) == manifest()
        assert artefacts.file(artefact_id, "weights.json") == b"{}"

    def test_are_the_same_artefact_when_they_say_the_same(self, artefacts, tmp_path):
        first = artefacts.write(manifest(), files=FILES)
        again = artefacts.write(manifest(), files=dict(reversed(FILES.items())))

        assert again == first
        assert len(blobs(tmp_path)) == 2

    def test_share_files_that_are_equal(self, artefacts, tmp_path):
        artefacts.write(manifest("a"), files={"one.json": b"{}"})
        artefacts.write(manifest("b"), files={"two.json": b"{}"})

        assert len(blobs(tmp_path)) == 1

    @pytest.mark.parametrize(
        "name", ["../x", "a/b", "/etc/passwd", "..", ".hidden", "", "a\\b", "x" * 101, "a\n", "ë"]
    )
    def test_take_only_plain_file_names(self, artefacts, tmp_path, name):
        with pytest.raises(InvalidInput, match="name of a file"):
            artefacts.write(manifest(), files={name: b""})
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        "value", [np.arange(3), {10: 0, 9: 0}, float("nan"), {1, 2}, datetime.now(UTC)]
    )
    def test_take_only_manifests_that_json_keeps_whole(self, artefacts, value):
        with pytest.raises(InvalidInput, match="manifest of inflow-ensemble"):
            artefacts.write(replace(manifest(), parameters={"x": value}), files={})

    @pytest.mark.parametrize("artefact_id", ["", "0" * 63, "../../x", "0" * 64, "A" * 64])
    def test_are_not_found_under_another_name(self, artefacts, artefact_id):
        artefacts.write(manifest(), files=FILES)

        with pytest.raises(NotFound):
            artefacts.read(artefact_id)

    def test_have_no_file_of_another_name(self, artefacts):
        artefact_id = artefacts.write(manifest(), files=FILES)

        with pytest.raises(NotFound):
            artefacts.file(artefact_id, "other.json")


class TestDamage:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_of_a_single_bit_is_refused_and_writing_again_heals_it(self, artefacts, tmp_path, data):
        artefact_id = artefacts.write(manifest(), files=FILES)
        paths = [*blobs(tmp_path), tmp_path / "manifests" / f"{artefact_id}.json"]
        path = data.draw(st.sampled_from(paths))
        content = bytearray(path.read_bytes())
        bit = data.draw(st.integers(0, 8 * len(content) - 1))
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)

        with pytest.raises(DamagedArtefact, match=artefact_id):
            artefacts.read(artefact_id)
        artefacts.write(manifest(), files=FILES)
        assert dict(artefacts.read(artefact_id).files) == FILES

    def test_is_refused_when_a_file_is_cut_off_or_gone(self, artefacts, tmp_path):
        artefact_id = artefacts.write(manifest(), files={"a": b"12345"})
        (blob,) = blobs(tmp_path)

        blob.write_bytes(b"123")
        with pytest.raises(DamagedArtefact):
            artefacts.read(artefact_id)
        blob.unlink()
        with pytest.raises(DamagedArtefact):
            artefacts.read(artefact_id)

    def test_is_refused_when_a_manifest_was_edited(self, artefacts, tmp_path):
        artefact_id = artefacts.write(manifest(), files=FILES)
        path = tmp_path / "manifests" / f"{artefact_id}.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "seed": 8}))

        with pytest.raises(DamagedArtefact):
            artefacts.manifest(artefact_id)


class TestSweep:
    def test_removes_what_a_crash_left_but_not_what_is_being_written(self, artefacts, tmp_path):
        artefact_id = artefacts.write(manifest(), files=FILES)
        now = datetime.now(UTC)
        old, new = (tmp_path / "blobs" / f"{TEMPORARY}{name}" for name in ("old", "new"))
        for path, age in ((old, 2), (new, 0)):
            path.write_bytes(b"half")
            touched = (now - timedelta(hours=age)).timestamp()
            os.utime(path, (touched, touched))

        assert artefacts.sweep(before=now - timedelta(hours=1)) == 1
        assert (old.exists(), new.exists()) == (False, True)
        assert dict(artefacts.read(artefact_id).files) == FILES

    def test_has_nothing_to_do_when_writing_fails(self, tmp_path):
        (tmp_path / "taken").mkdir()

        with pytest.raises(OSError, match="taken"):
            write_durably(tmp_path / "taken", b"x")
        assert [path.name for path in tmp_path.iterdir()] == ["taken"]


WRITER = """
import sys
from pathlib import Path
from dataclasses import replace
from tests.figures import manifest
from training.store.artefacts import Artefacts

def naive(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for start in range(0, len(content), 4096):
            file.write(content[start : start + 4096])
            file.flush()

if sys.argv[2] == "naive":
    Artefacts._put = lambda self, path, content: naive(path, content)
artefacts = Artefacts(Path(sys.argv[1]))
print("ready", flush=True)
for number in range(1_000_000):
    content = number.to_bytes(4, "big") * 100_000
    artefacts.write(replace(manifest(), seed=number), files={"paths.npz": content})
"""


def torn_after_kill(folder, how, *, delay):
    """How many artefacts cannot be read after their writer was killed."""
    command = [sys.executable, "-c", WRITER, str(folder), how]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        writer.stdout.readline()
        time.sleep(delay)
        writer.send_signal(signal.SIGKILL)
    artefacts = Artefacts(folder)
    torn = 0
    for path in (folder / "manifests").glob("[0-9a-f]*.json"):
        try:
            artefacts.read(path.stem)
        except DamagedArtefact:
            torn += 1
    return torn + sum(not artefacts_blob_is_whole(blob) for blob in blobs(folder))


def artefacts_blob_is_whole(blob):
    return blob.name.startswith(TEMPORARY) or blob.stat().st_size == 400_000


class TestCrash:
    """A writer is killed at five moments; the naive writer shows that the test can fail."""

    MOMENTS = tuple(0.05 + 0.023 * step for step in range(5))

    def test_leaves_no_torn_artefact(self, tmp_path):
        assert [
            torn_after_kill(tmp_path / str(at), "durable", delay=at) for at in self.MOMENTS
        ] == [0] * len(self.MOMENTS)

    def test_would_leave_torn_artefacts_if_they_were_written_in_place(self, tmp_path):
        # One moment in between two writes shows nothing; the first torn artefact is enough.
        moments = (0.05 + 0.023 * step for step in range(40))

        assert any(torn_after_kill(tmp_path / str(at), "naive", delay=at) for at in moments)
