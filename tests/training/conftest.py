# SPDX-License-Identifier: EUPL-1.2
"""What the tests of training share."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from training.sources.reference import load_reference
from training.store import open_store
from training.store.migrate import migrate
from training.store.records import Snapshot

NOVEMBER = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def as_known_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Snapshot]]:
    """The reference figures, as they were known at any moment; on 22 November 2026 if none."""
    folder = tmp_path_factory.mktemp("reference")
    url = f"sqlite:///{folder / 'getij.sqlite'}"
    migrate(url)
    with open_store(url, folder, clock=lambda: NOVEMBER) as store:
        reference = load_reference()
        store.take_in(
            "reference",
            sha256="",
            definitions=reference.definitions,
            observations=reference.observations,
        )
        yield lambda moment=NOVEMBER: store.observations.as_known_at(moment)
