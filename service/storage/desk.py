# SPDX-License-Identifier: EUPL-1.2
"""Everything a use case reaches for: the shelf that training fills, and the service's own files."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from service.errors import Unavailable
from service.storage.advices import Advices
from service.storage.registers import Registers
from service.storage.scenarios import Scenarios
from service.storage.tasks import Tasks
from training.store import Store
from training.store.forecasts import ForecastQuantiles

__all__ = ["Desk", "FrontDesk", "OpenStore"]

OpenStore = Callable[[], AbstractContextManager[Store]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The store and the archive together.

    Attributes:
        store: What training has put on the shelf.
        registers: Versions of the location register.
        advices: Advices that were given.
        scenarios: Scenarios that were made.
        tasks: Work that was asked for.
        quantiles: Quantiles of an issued forecast by id; the last few are remembered, since
            what was issued never changes.
    """

    store: Store
    registers: Registers
    advices: Advices
    scenarios: Scenarios
    tasks: Tasks
    quantiles: Callable[[str], ForecastQuantiles]

    @classmethod
    def of(cls, store: Store) -> "Desk":
        """The desk of an open store."""
        return cls(
            store=store,
            registers=Registers(store.engine),
            advices=Advices(store.engine),
            scenarios=Scenarios(store.engine),
            tasks=Tasks(store.engine),
            quantiles=lru_cache(maxsize=8)(store.forecasts.quantiles),
        )

    def now(self) -> datetime:
        """The moment, aware UTC."""
        return self.store.clock()


class FrontDesk:
    """Opens the store when it is first needed, so that a service starts whatever is broken."""

    def __init__(self, open_store: OpenStore) -> None:
        self._open_store = open_store
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._desk: Desk | None = None

    def desk(self) -> Desk:
        """The open desk.

        Raises:
            Unavailable: the store cannot be opened now.
        """
        with self._lock:
            if self._desk is None:
                try:
                    store = self._stack.enter_context(self._open_store())
                except OSError:
                    raise Unavailable("The store") from None
                self._desk = Desk.of(store)
            return self._desk

    def close(self) -> None:
        """Close the store if it was opened."""
        with self._lock:
            self._desk = None
            self._stack.close()
