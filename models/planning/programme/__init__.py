# SPDX-License-Identifier: EUPL-1.2
"""The location plan as a mixed-integer programme."""
