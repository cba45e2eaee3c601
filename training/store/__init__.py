# SPDX-License-Identifier: EUPL-1.2
"""The shelf between training and service: figures, artefacts, forecasts and champions."""

from training.store.store import Store, open_store

__all__ = ["Store", "open_store"]
