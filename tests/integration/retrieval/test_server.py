"""What the server's adapter says when the server is away or refuses."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from domain.access import Audience
from domain.errors import IndexMissing, IndexUnavailable
from retrieval.access_filter import Scope
from retrieval.server import ServerIndex

EVERYONE = Scope(Audience.of([]))


class Answering(BaseHTTPRequestHandler):
    """Answers every call with the status of its server."""

    def do_POST(self) -> None:
        self.server.keys = [*getattr(self.server, "keys", []), self.headers["api-key"]]  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_PUT = do_POST

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_unreachable_server_is_unavailable_and_says_what_to_check() -> None:
    index = ServerIndex("http://127.0.0.1:9", timeout=2)
    with pytest.raises(IndexUnavailable, match="qdrant_url") as caught:
        index.read("s1", EVERYONE, ())
    assert caught.value.retryable
    with pytest.raises(IndexUnavailable):
        index.snapshots()
    index.close()


@pytest.mark.parametrize(("status", "error"), [(404, IndexMissing), (403, IndexUnavailable), (500, IndexUnavailable)])
def test_each_refusal_has_its_error_and_shows_nothing_of_what_was_sent(
    server: HTTPServer, status: int, error: type[Exception]
) -> None:
    server.status = status  # type: ignore[attr-defined]
    index = ServerIndex(f"http://127.0.0.1:{server.server_port}", timeout=5)
    with pytest.raises(error) as caught:
        index.read("s1", Scope(Audience.of(["secret-group"])), ())
    assert "secret-group" not in str(caught.value)
    index.close()


@pytest.mark.filterwarnings("ignore:Api key is used with an insecure connection")
def test_each_call_uses_the_key_that_the_settings_hold_by_now(server: HTTPServer) -> None:
    server.status = 404  # type: ignore[attr-defined]
    held = ["one"]
    index = ServerIndex(f"http://127.0.0.1:{server.server_port}", lambda: held[0], timeout=5)
    for key in ("one", "two", "two"):
        held[0] = key
        with pytest.raises(IndexMissing):
            index.read("s1", EVERYONE, ())
    assert server.keys == ["one", "two", "two"]  # type: ignore[attr-defined]
    index.close()
