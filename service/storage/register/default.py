# SPDX-License-Identifier: EUPL-1.2
"""The register that comes with the project; `build.py` made its file."""

from functools import cache
from pathlib import Path

from models.planning.register.locations import Location
from service.storage.register.csv_file import read_register

__all__ = ["DEFAULT_FILE", "default_register"]

DEFAULT_FILE = Path(__file__).with_name("default_register.csv")


@cache
def default_register() -> tuple[Location, ...]:
    """The real capacity of the 342 municipalities, November 2025, with stated assumptions."""
    return read_register(DEFAULT_FILE)
