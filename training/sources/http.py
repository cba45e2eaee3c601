# SPDX-License-Identifier: EUPL-1.2
"""Asking a publisher for JSON: patient within limits, and nothing of a broken answer is used."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from ssl import SSLContext
from types import TracebackType
from typing import Any, Self

import httpx
import numpy as np

from models.errors import InvalidInput, SourceUnavailable

__all__ = ["Patience", "Publisher"]

PASSING = frozenset({429, 500, 502, 503, 504})
"""Answers that may be different next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for a publisher, and how much to take from it.

    Attributes:
        connect: For a connection [s].
        silence: Between two parts of an answer [s].
        total: For one address, all attempts and pauses together [s].
        attempts: How often to ask for one address.
        pause: Before the second attempt; doubled before each later one [s].
        longest_pause: Whoever asks for a longer pause is asked another time [s].
        largest: Size of one answer [bytes].
    """

    connect: float = 5.0
    silence: float = 30.0
    total: float = 120.0
    attempts: int = 4
    pause: float = 1.0
    longest_pause: float = 30.0
    largest: int = 20_000_000


class _TryAgain(Exception):
    """An attempt that failed for a reason which may pass."""

    def __init__(self, reason: str, *, pause: float = 0.0) -> None:
        self.pause = pause
        super().__init__(reason)


class Publisher:
    """One publisher's address, asked for JSON.

    Args:
        name: Who it is, for messages.
        url: Address that every path is added to.
        rng: Spreads the pauses, so that many clients do not come back at once.
        patience: Limits on time and size.

    Raises:
        InvalidInput: the address is not one of the web.
    """

    def __init__(
        self, name: str, url: str, *, rng: np.random.Generator, patience: Patience | None = None
    ) -> None:
        self.name = name
        self._url = url.rstrip("/")
        self._rng = rng
        self._patience = Patience() if patience is None else patience
        try:
            parsed = httpx.URL(self._url)
        except httpx.InvalidURL:
            parsed = httpx.URL()
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise InvalidInput(f"{url!r} is not an address that begins with https://.")
        self._client = httpx.Client(
            headers={"Accept": "application/json", "User-Agent": "getij"},
            verify=_certificates(),
            timeout=httpx.Timeout(self._patience.silence, connect=self._patience.connect),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._client.close()

    def json(self, path: str = "", params: Mapping[str, Any] | None = None) -> Any:
        """What the publisher says at one address.

        Args:
            path: Added to the publisher's address.
            params: Query; a list stands for a repeated parameter.

        Raises:
            SourceUnavailable: it could not be reached, or would not answer, within the limits.
            InvalidInput: it answered, but not with whole and unambiguous JSON.
        """
        url = f"{self._url}/{path}" if path else self._url
        deadline = time.monotonic() + self._patience.total
        for attempt in range(1, self._patience.attempts + 1):
            try:
                body = self._ask(url, params, deadline=deadline)
            except _TryAgain as failure:
                pause = self._pause_after(attempt, failure, deadline=deadline)
                time.sleep(pause)
            else:
                return self._parse(body)
        raise AssertionError("the last attempt either answers or gives up")  # pragma: no cover

    def _pause_after(self, attempt: int, failure: _TryAgain, *, deadline: float) -> float:
        growing = self._patience.pause * 2.0 ** (attempt - 1) * self._rng.uniform(0.5, 1.5)
        pause = max(failure.pause, growing)
        last = attempt == self._patience.attempts
        if last or failure.pause > self._patience.longest_pause:
            raise SourceUnavailable(self.name, str(failure)) from failure
        if time.monotonic() + pause > deadline:
            raise SourceUnavailable(self.name, f"{failure}, and time is up") from failure
        return pause

    def _ask(self, url: str, params: Mapping[str, Any] | None, *, deadline: float) -> bytes:
        try:
            with self._client.stream("GET", url, params=params) as response:
                self._check_head(response)
                return self._read(response, deadline=deadline)
        except httpx.TimeoutException as error:
            raise _TryAgain("it did not answer in time") from error
        except httpx.TransportError as error:
            raise _TryAgain(f"the connection failed ({error or type(error).__name__})") from error
        except UnicodeError as error:
            raise InvalidInput(f"{url!r} is not an address: {error}.") from error
        except httpx.DecodingError as error:
            raise InvalidInput(f"{self.name} answered with damaged compression.") from error

    def _check_head(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in PASSING:
            raise _TryAgain(f"it answered {status}", pause=_retry_after(response))
        if status != HTTPStatus.OK:
            raise SourceUnavailable(self.name, f"it answered {status}")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise InvalidInput(f"{self.name} answered {kind or 'something unnamed'}, not JSON.")

    def _read(self, response: httpx.Response, *, deadline: float) -> bytes:
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > self._patience.largest:
                raise InvalidInput(
                    f"{self.name} answered with more than {self._patience.largest:,} bytes."
                )
            if time.monotonic() > deadline:
                raise _TryAgain("its answer took too long")
        return bytes(body)

    def _parse(self, body: bytes) -> Any:
        try:
            return json.loads(body, object_pairs_hook=_once_each, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"{self.name} answered with broken JSON: {error}.") from error


@cache
def _certificates() -> SSLContext:
    """Whom to trust; reading this takes longer than many an answer, so it is done once."""
    return httpx.create_ssl_context()


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which a name stands twice could be read in two ways."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _retry_after(response: httpx.Response) -> float:
    """The pause that was asked for [s]; 0 where none was, or none that can be understood."""
    asked = response.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        until, now = (parsedate_to_datetime(text) for text in (asked, response.headers["date"]))
        return max((until - now).total_seconds(), 0.0)
    except (KeyError, TypeError, ValueError):
        return 0.0
