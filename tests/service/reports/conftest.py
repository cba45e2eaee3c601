# SPDX-License-Identifier: EUPL-1.2
"""A desk with the real reference figures, and a real browser, as for the page."""

from tests.service.web.conftest import browser, desk, settings

__all__ = ["browser", "desk", "settings"]
