# SPDX-License-Identifier: EUPL-1.2
"""The page: need against capacity, the buffer and the plan, in Dutch and English."""
