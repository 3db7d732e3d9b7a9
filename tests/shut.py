"""Runs `middlewatch` where every socket that is opened is an error: `python -m tests.shut COMMAND …`."""

from __future__ import annotations

import sys

from worker.cli.main import main


def _refuse(event: str, args: object) -> None:
    if event in {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        raise PermissionError(f"the network is shut: {event}")


if __name__ == "__main__":
    sys.addaudithook(_refuse)
    main()
