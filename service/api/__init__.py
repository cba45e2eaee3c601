# SPDX-License-Identifier: EUPL-1.2
"""The HTTP API under /v1, after the Dutch API Design Rules: one file per resource."""

API_VERSION = "1.0.0"
"""Version of the API, sent with every answer; its major number is in the address."""
