# SPDX-License-Identifier: EUPL-1.2
"""Mixed-integer programmes in general: solving, relaxing, and finding what conflicts."""
