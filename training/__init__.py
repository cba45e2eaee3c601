# SPDX-License-Identifier: EUPL-1.2
"""Data and learning: from raw figures to published artefacts."""
