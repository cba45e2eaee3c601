# SPDX-License-Identifier: EUPL-1.2
"""`getij plan`: a location plan from the latest forecast and the register."""

import os

from service.cli.console import problems_as_exit_code_2
from service.cli.house import ready_advice, ready_forecast, ready_store
from service.settings import Settings
from service.storage.desk import Desk

__all__ = ["plan"]


def plan() -> None:
    """Plan the locations on the latest forecast."""
    with problems_as_exit_code_2():
        settings = Settings.read(os.environ)
        with ready_store(settings) as store:
            ready_forecast(store)
            ready_advice(Desk.of(store), settings)
