"""The metrics of a process that has no HTTP side."""

from __future__ import annotations

import socket
import urllib.request
from typing import Any

import pytest

from domain.errors import BadSettings
from worker.app import create_health
from worker.http.beside import Beside, address_of


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("127.0.0.1:9187", ("127.0.0.1", 9187)),
        (":9187", ("127.0.0.1", 9187)),
        ("9187", ("127.0.0.1", 9187)),
        ("0.0.0.0:1", ("0.0.0.0", 1)),  # noqa: S104 - what an operator may write
        ("[::1]:9187", ("::1", 9187)),
    ],
)
def test_an_address_is_host_and_port(listen: str, address: tuple[str, int]) -> None:
    assert address_of(listen) == address


@pytest.mark.parametrize("listen", ["nowhere", "127.0.0.1:", "127.0.0.1:99999", "a:b"])
def test_what_is_no_address_is_refused(listen: str) -> None:
    with pytest.raises(BadSettings, match="metrics_listen"):
        address_of(listen)


def test_it_serves_metrics_and_health_and_nothing_else(office: Any) -> None:
    port = free_port()
    beside = Beside(create_health(office.deps()), f"127.0.0.1:{port}")
    assert beside.start()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            assert b"middlewatch_outbox_pending" in answer.read()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            assert answer.status == 200
        with pytest.raises(OSError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/incidents", timeout=5)
        second = Beside(create_health(office.deps()), f"127.0.0.1:{port}")
        assert not second.start()
        second.stop()
    finally:
        beside.stop()
