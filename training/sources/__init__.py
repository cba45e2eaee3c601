# SPDX-License-Identifier: EUPL-1.2
"""Where figures come from: one part per publisher, and the reference figures of the project."""
