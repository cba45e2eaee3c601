# SPDX-License-Identifier: EUPL-1.2
"""A store with a few series, and a way to offer it files."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.catalogue import Measure, Place, PlaceKind
from models.periods import Frequency
from tests.figures import INFLOW, NOW, definition
from training.store import Store, open_store
from training.store.migrate import migrate

CATALOGUE = (
    INFLOW,
    definition("nl.quarterly", frequency=Frequency.QUARTER),
    definition("nl.half_year", frequency=Frequency.HALF_YEAR),
    definition("nl.year", frequency=Frequency.YEAR),
    definition("nl.occupancy", measure=Measure.OCCUPANCY, frequency=Frequency.DATED),
    definition("nl.rate", measure=Measure.RATE, unit="percent"),
    definition("nl.target", measure=Measure.HOUSING_TARGET, frequency=Frequency.HALF_YEAR),
    definition(
        "coa.weekly",
        measure=Measure.OCCUPANCY,
        frequency=Frequency.WEEK,
        place=Place(kind=PlaceKind.LOCATION, code="COA-001"),
    ),
)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the catalogue and no figures; every test works on its own copy."""
    folder = tmp_path_factory.mktemp("empty")
    url = f"sqlite:///{folder / 'getij.db'}"
    migrate(url)
    with open_store(url, folder) as store:
        store.series.define(CATALOGUE)
    return folder / "getij.db"


@pytest.fixture
def store(tmp_path: Path, empty_database: Path) -> Iterator[Store]:
    """A store whose clock stands at 22 November 2026, half past nine."""
    copy = shutil.copy(empty_database, tmp_path)
    with open_store(f"sqlite:///{copy}", tmp_path, clock=lambda: NOW) as store:
        yield store


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file from text, or from bytes as they are."""

    def write(content: str | bytes, name: str = "figures.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
