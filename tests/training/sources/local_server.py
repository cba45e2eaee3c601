# SPDX-License-Identifier: EUPL-1.2
"""A real HTTP server on this machine that answers as a publisher would, or as badly as asked."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer; `length` may claim more bytes than are sent, and `delay` keeps waiting."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/json;odata=minimalmetadata;charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    delay: float = 0.0

    @classmethod
    def of(cls, content: object, **changes: object) -> "Answer":
        return cls(body=json.dumps(content, ensure_ascii=False).encode(), **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request: the end of its path, and its query."""

    path: str
    query: Mapping[str, list[str]]


Answers = Callable[[Asked, int], Answer]
"""What to answer, given the request and how often its path was asked for before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServer:
    url: str
    asked: list[Asked]


def handler_for(answers: Answers, asked: list[Asked]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            request = Asked(path=parts.path.rpartition("/")[2], query=parse_qs(parts.query))
            before = sum(earlier.path == request.path for earlier in asked)
            asked.append(request)
            answer = answers(request, before)
            time.sleep(answer.delay)
            self.send_response(answer.status)
            length = len(answer.body) if answer.length is None else answer.length
            headers = {"Content-Type": answer.kind, "Content-Length": str(length)}
            for name, text in {**headers, **answer.headers}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_):
            """Keep the output of the tests clean."""

    return Handler


@contextmanager
def serving(answers: Answers | Answer) -> Iterator[LocalServer]:
    """Serve until the block ends, on a port that the system chooses."""
    asked: list[Asked] = []
    chosen = (lambda *_: answers) if isinstance(answers, Answer) else answers
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(chosen, asked))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield LocalServer(url=f"http://127.0.0.1:{server.server_port}/table", asked=asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
