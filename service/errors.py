# SPDX-License-Identifier: EUPL-1.2
"""What can go wrong in the service itself, beside the errors of the domain.

GetijError
├── Busy               more work than fits; come back later
├── Unavailable        something the answer needs cannot be reached; come back later
├── NotAcceptable      no form the client accepts is on offer
├── UnsupportedMedia   a body in a form that is not read here
└── AddressTooLong     an address longer than any of ours
"""

from collections.abc import Sequence

from models.errors import GetijError

__all__ = ["AddressTooLong", "Busy", "NotAcceptable", "Unavailable", "UnsupportedMedia"]


class Busy(GetijError):
    """More work than fits; come back later."""

    def __init__(self, what: str, *, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"{what} Please try again in {retry_after} seconds.")


class Unavailable(GetijError):
    """Something the answer needs cannot be reached; come back later."""

    def __init__(self, what: str, *, retry_after: int = 3) -> None:
        self.retry_after = retry_after
        super().__init__(f"{what} cannot be reached now. Please try again shortly.")


class NotAcceptable(GetijError):
    """No form the client accepts is on offer."""

    def __init__(self, offers: Sequence[str]) -> None:
        self.offers = tuple(offers)
        super().__init__(f"This resource is available as {' or '.join(offers)}.")


class UnsupportedMedia(GetijError):
    """A body in a form that is not read here."""

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(f"A request body must be {expected}.")


class AddressTooLong(GetijError):
    """An address longer than any of ours."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"An address may have {limit} bytes at most.")
