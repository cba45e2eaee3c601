# SPDX-License-Identifier: EUPL-1.2
"""What a line of the register is used for in one half-year of a plan."""

from enum import StrEnum

__all__ = ["UseState"]


class UseState(StrEnum):
    """What a line is used for in one half-year."""

    OPEN = "open"
    RESERVE = "reserve"
    LENT = "lent"
    ABSENT = "absent"
