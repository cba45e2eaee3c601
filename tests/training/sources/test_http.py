# SPDX-License-Identifier: EUPL-1.2
"""Asking a publisher: what is waited for, what is tried again, and what is refused."""

import gzip
import time

import numpy as np
import pytest

from models.errors import InvalidInput, SourceUnavailable
from tests.training.sources.local_server import Answer, serving
from training.sources.http import Patience, Publisher

QUICK = Patience(connect=1.0, silence=0.3, total=5.0, pause=0.01, longest_pause=1.5, largest=10_000)
GOOD = Answer.of({"value": [1]})


def ask(server, patience=QUICK):
    with Publisher("CBS", server.url, rng=np.random.default_rng(1), patience=patience) as publisher:
        return publisher.json("Perioden", {"$format": "json"})


def in_turn(*answers):
    """Each answer once, and the last one from then on."""
    return lambda _, before: answers[min(before, len(answers) - 1)]


class TestAGoodAnswer:
    def test_is_read_and_asked_for_once(self):
        with serving(GOOD) as server:
            assert ask(server) == {"value": [1]}
            assert [(asked.path, asked.query) for asked in server.asked] == [
                ("Perioden", {"$format": ["json"]})
            ]

    def test_may_be_compressed(self):
        body = gzip.compress(b'{"value": [1]}')
        with serving(Answer(body=body, headers={"Content-Encoding": "gzip"})) as server:
            assert ask(server) == {"value": [1]}


class TestAPassingFault:
    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_is_tried_again(self, status: int):
        with serving(in_turn(Answer(status=status), Answer(status=status), GOOD)) as server:
            assert ask(server) == {"value": [1]}
            assert len(server.asked) == 3

    def test_is_not_tried_for_ever(self):
        with serving(Answer(status=500)) as server:
            with pytest.raises(
                SourceUnavailable, match="CBS is not available now: it answered 500"
            ):
                ask(server)
            assert len(server.asked) == QUICK.attempts

    def test_of_a_body_that_breaks_off_is_tried_again(self):
        broken = Answer(body=GOOD.body, length=len(GOOD.body) + 100)
        with serving(in_turn(broken, GOOD)) as server:
            assert ask(server) == {"value": [1]}
            assert len(server.asked) == 2

    def test_of_a_body_that_always_breaks_off_yields_nothing(self):
        broken = Answer(body=GOOD.body, length=len(GOOD.body) + 100)
        with serving(broken) as server, pytest.raises(SourceUnavailable, match="connection failed"):
            ask(server)

    def test_of_silence_is_tried_again(self):
        with serving(in_turn(Answer(body=GOOD.body, delay=1.0), GOOD)) as server:
            assert ask(server) == {"value": [1]}

    def test_of_silence_ends_in_one_sentence(self):
        with serving(Answer(delay=1.0)) as server:
            with pytest.raises(SourceUnavailable, match="did not answer in time"):
                ask(server, Patience(silence=0.1, pause=0.01, attempts=2))
            assert len(server.asked) == 2

    def test_ends_when_time_is_up_whatever_attempts_are_left(self):
        patience = Patience(pause=0.2, total=0.5, attempts=1_000)
        with serving(Answer(status=503)) as server:
            began = time.monotonic()
            with pytest.raises(SourceUnavailable, match="time is up"):
                ask(server, patience)
            assert time.monotonic() - began < 5.0

    def test_of_a_port_where_nobody_listens(self):
        with serving(GOOD) as server:
            pass

        with pytest.raises(SourceUnavailable, match="connection failed"):
            ask(server)


class TestAskedToComeBackLater:
    def test_waits_as_long_as_asked(self):
        busy = Answer(status=429, headers={"Retry-After": "1"})
        with serving(in_turn(busy, GOOD)) as server:
            began = time.monotonic()

            assert ask(server) == {"value": [1]}
            assert time.monotonic() - began >= 1.0

    def test_understands_a_moment_as_well(self):
        # The server itself says what time it is: its Date header is the clock of the comparison.
        busy = Answer(status=429, headers={"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"})
        with serving(busy) as server:
            with pytest.raises(SourceUnavailable, match="it answered 429"):
                ask(server)
            assert len(server.asked) == 1

    def test_does_not_wait_for_hours(self):
        with serving(Answer(status=503, headers={"Retry-After": "86400"})) as server:
            with pytest.raises(SourceUnavailable, match="it answered 503"):
                ask(server)
            assert len(server.asked) == 1

    @pytest.mark.parametrize("asked", ["soon", "-5", "1e9", "٣"])
    def test_comes_back_soon_where_the_request_makes_no_sense(self, asked: str):
        busy = Answer(status=429, headers={"Retry-After": asked.encode().decode("latin-1")})
        with serving(in_turn(busy, GOOD)) as server:
            assert ask(server) == {"value": [1]}


class TestALastingFault:
    @pytest.mark.parametrize("status", [301, 400, 403, 404, 413])
    def test_is_not_tried_again(self, status: int):
        answer = Answer(status=status, headers={"Location": "http://127.0.0.1:9/"})
        with serving(answer) as server:
            with pytest.raises(SourceUnavailable, match=f"it answered {status}"):
                ask(server)
            assert len(server.asked) == 1


class TestAnAnswerThatCannotBeTrusted:
    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (Answer(body=b"<html>busy</html>", kind="text/html"), "answered text/html, not JSON"),
            (Answer(body=b"{}", kind=""), "answered something unnamed, not JSON"),
            (Answer(body=b"<html>busy</html>"), "broken JSON"),
            (Answer(body=b'{"value": [1'), "broken JSON"),
            (Answer(body=b""), "broken JSON"),
            (Answer(body=b'{"value": [NaN]}'), "NaN is no number"),
            (Answer(body=b'{"value": [1], "value": [2]}'), "stands twice"),
            (Answer(body=b'{"value": "\xff"}'), "broken JSON"),
            (Answer(body=b"[" * 9_000), "broken JSON"),
            (Answer(body=b" " * 10_001), "more than 10,000 bytes"),
            (
                Answer(body=gzip.compress(b" " * 10_001), headers={"Content-Encoding": "gzip"}),
                "more",
            ),
            (Answer(body=b"{}", headers={"Content-Encoding": "gzip"}), "damaged compression"),
        ],
    )
    def test_is_refused_and_not_asked_for_again(self, answer: Answer, reason: str):
        with serving(answer) as server:
            with pytest.raises(InvalidInput, match=reason):
                ask(server)
            assert len(server.asked) == 1

    @pytest.mark.parametrize("url", ["", "cbs", "file:///etc/passwd", "https://", "ftp://x"])
    def test_an_address_that_is_none_is_refused_before_asking(self, url: str):
        with pytest.raises(InvalidInput, match="is not an address"):
            Publisher("CBS", url, rng=np.random.default_rng(1))

    def test_an_address_that_cannot_be_looked_up_is_refused(self):
        url = f"http://{'x' * 100}.nl"
        with (
            Publisher("CBS", url, rng=np.random.default_rng(1), patience=QUICK) as publisher,
            pytest.raises(InvalidInput, match="is not an address"),
        ):
            publisher.json()
