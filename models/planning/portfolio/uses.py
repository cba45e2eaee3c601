# SPDX-License-Identifier: EUPL-1.2
"""What a line of the register is used for in one half-year of a plan."""

from enum import StrEnum

__all__ = ["UseState"]


class UseState(StrEnum):
    """What a line is used for in one half-year."""

    OPEN = "open"
    EXPANDED = "expanded"
    """Open, with every place that it can have."""
    SHRUNK = "shrunk"
    """Open, with half of its places."""
    RESERVE = "reserve"
    LENT = "lent"
    ABSENT = "absent"

    @property
    def is_open(self) -> bool:
        """Whether asylum seekers live there, at whatever size."""
        return self in {UseState.OPEN, UseState.EXPANDED, UseState.SHRUNK}
