# SPDX-License-Identifier: EUPL-1.2
"""The outside world: HTTP, pages, command line. It computes nothing of its own."""
