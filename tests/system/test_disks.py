"""A disk that is full, and one that is read-only: no alert is acknowledged that is not stored, and it recovers.

The disk is a small file system of its own in the memory of a mount namespace, made with `unshare`; without the right to
make one these tests skip and say so.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.postgres import running_postgres
from tests.system.kit import Site, alert, free_port, group, until

NAMESPACE = ("unshare", "--mount", "--map-root-user", "--user")
ENTER = ("nsenter", "--mount", "--user", "--preserve-credentials")


def may_mount(folder: Path) -> bool:
    tried = subprocess.run(
        [*NAMESPACE, "mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)], capture_output=True, check=False
    )
    return tried.returncode == 0


class Disk:
    """An API whose data lie on a small disk of their own."""

    def __init__(self, folder: Path, stack: ExitStack, size: str) -> None:
        self.site = Site(folder, STORE__REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
        data = folder / "data"
        data.mkdir()
        mounted = f'mount -t tmpfs -o size={size} none {data} && {self.site_command("db upgrade")} && exec "$@"'
        self.process = stack.enter_context(self.site.start("api", *NAMESPACE, "sh", "-c", mounted, "sh"))
        self.site.answers()
        self.data = data

    @staticmethod
    def site_command(words: str) -> str:
        return f"{Path(sys.executable).with_name('middlewatch')} {words}"

    def inside(self, command: str) -> None:
        """Run something where the disk is."""
        subprocess.run(
            [
                "nsenter",
                "--target",
                str(self.process.pid),
                "--mount",
                "--user",
                "--preserve-credentials",
                "sh",
                "-c",
                command,
            ],
            check=True,
            capture_output=True,
        )

    def tell(self, name: str) -> tuple[int, Any]:
        return self.site.deliver(group(alert(name, annotations={"summary": "x" * 20_000}), key=name))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    probe = tmp_path / "probe"
    probe.mkdir()
    if not may_mount(probe):
        pytest.skip("no file system may be mounted here (unshare --mount)")
    return tmp_path


def test_a_full_disk_is_told_with_a_503_nothing_acknowledged_is_lost_and_it_recovers(
    folder: Path, stack: ExitStack
) -> None:
    disk = Disk(folder, stack, "6m")
    acknowledged = []
    for number in range(400):
        status, answer = disk.tell(f"Full{number:03d}")
        if status != 202:
            break
        acknowledged.append(f"Full{number:03d}")
    assert status == 503, "the disk never was full"
    assert (answer["reason"], "full" in answer["title"]) == ("store-unavailable", True)
    assert "space" in answer["detail"]
    assert len(acknowledged) > 5
    assert disk.tell("StillFull")[0] == 503
    disk.inside(f"mount -o remount,size=40m {disk.data}")
    until("room again", lambda: disk.tell("Roomy")[0] == 202)
    assert disk.site.group_keys() == {*acknowledged, "Roomy"}
    sys.stdout.write(f"a full disk: n={len(acknowledged)} acknowledged before it, 0 lost, 0 acknowledged while full\n")


def test_on_a_read_only_disk_it_says_so_and_does_not_start_and_nothing_is_gone(folder: Path) -> None:
    """A disk cannot turn read-only under a file that is open for writing, so it is at a start that this is met."""
    site = Site(folder, STORE__REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert site.run("db", "upgrade").returncode == 0
    with site.start("api"):
        site.answers()
        assert site.deliver(group(alert("Before"), key="before"))[0] == 202
    data = folder / "data"
    frozen = f'mount --bind {data} {data} && mount -o remount,ro,bind {data} && exec "$@"'
    site.log("api").unlink()
    with site.start("api", *NAMESPACE, "sh", "-c", frozen, "sh") as running:
        assert running.wait(60) != 0
    said = site.log("api").read_text()
    assert "[store-unavailable" in said
    assert "may be written to" in said
    assert "Traceback" not in said
    with site.start("api"):
        site.answers()
        assert site.group_keys() == {"before"}


def test_a_postgresql_that_is_read_only_is_told_and_recovers(tmp_path: Path) -> None:
    """As after a failover, when the address still leads to the old primary."""
    with ExitStack() as stack:
        url = stack.enter_context(running_postgres()).new_database()
        site = Site(tmp_path, STORE__DATABASE_URL=url, STORE__REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
        assert site.run("db", "upgrade").returncode == 0
        stack.enter_context(site.start("api"))
        site.answers()
        assert site.deliver(group(alert("Before"), key="before"))[0] == 202
        turn_read_only(url, "on")
        status, answer = site.deliver(group(alert("ReadOnly"), key="read-only"))
        assert (status, answer["reason"], "read-only" in answer["title"]) == (503, "store-unavailable", True)
        assert "primary" in answer["detail"]
        turn_read_only(url, "off")
        until("a primary", lambda: site.deliver(group(alert("After"), key="after"))[0] == 202)
        assert site.group_keys() == {"before", "after"}


def turn_read_only(url: str, how: str) -> None:
    """Turn a database read-only or back, and end its connections, as a failover does."""
    address = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        (name,) = connection.execute("SELECT current_database()").fetchone() or ("",)
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {how}")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            (name,),
        )
