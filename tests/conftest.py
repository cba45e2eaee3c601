# SPDX-License-Identifier: EUPL-1.2
"""What every test may ask for."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The figures beside the checkout; a test that asks for them is left out where they are not."""
    if not (SHARED / "data").is_dir():
        pytest.skip("left out: the shared figures do not lie beside this checkout")
    return SHARED
