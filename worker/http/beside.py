"""A small server beside the work: `/metrics`, `/healthz` and `/readyz` of a process that has no HTTP side."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import structlog
import uvicorn

from domain.errors import BadSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

log = structlog.get_logger()

_STOP_SECONDS = 5.0


def address_of(listen: str) -> tuple[str, int]:
    """Return host and port of "HOST:PORT"; a port alone is on this machine only.

    Raises:
        BadSettings: it is neither.
    """
    host, _, port = listen.rpartition(":")
    if not port.isdigit() or int(port) > 65_535:
        raise BadSettings("worker.metrics_listen is no address.", mend="Write HOST:PORT, such as 127.0.0.1:9187.")
    return host.strip("[]") or "127.0.0.1", int(port)


class Beside:
    """Serves an app in a thread of its own."""

    def __init__(self, app: FastAPI, listen: str) -> None:
        """`listen` is HOST:PORT.

        Raises:
            BadSettings: it is no address.
        """
        self._address = address_of(listen)
        config = uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False)
        self._server = uvicorn.Server(config)
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="beside", daemon=True)

    def start(self) -> bool:
        """Begin; False where the address is taken: the work is done all the same, and the log says so."""
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        try:
            self._socket = socket.create_server(self._address, family=family)
        except OSError as error:
            log.error(
                "the metrics are not served: give each process of this machine a port of its own",
                action="metrics_unserved",
                error=str(error.strerror),
            )
            return False
        self._thread.start()
        return True

    def stop(self) -> None:
        """End."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)
        if self._socket:
            self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket] if self._socket else None)
