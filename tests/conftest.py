# SPDX-License-Identifier: EUPL-1.2
"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(__file__).resolve().parents[2] / "shared"

# One thread each, as the program takes: those of two processes stand in each other's way on two
# cores. Read when NumPy is imported, which nothing has done yet.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# A law holds or not, however long a busy machine takes over an example.
settings.register_profile("laws", settings(), deadline=None)
settings.load_profile("laws")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The figures beside the checkout; a test that asks for them is left out where they are not."""
    if not (SHARED / "data").is_dir():
        pytest.skip("left out: the shared figures do not lie beside this checkout")
    return SHARED
