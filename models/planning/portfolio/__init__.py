# SPDX-License-Identifier: EUPL-1.2
"""Places in use over the half-years of a plan, and what comes of them on every path."""
