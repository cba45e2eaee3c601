# SPDX-License-Identifier: EUPL-1.2
"""The register of locations: what there is, on which terms, and what it is worth."""
