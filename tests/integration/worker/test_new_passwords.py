"""Passwords of the stores and keys of models are changed under a process that runs: each new connection uses them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from sqlalchemy import text

from domain.errors import StoreUnavailable
from tests.postgres import running_postgres
from tests.system.kit import redis, redis_server
from worker import broker
from worker.store.engine import open_database


class Held:
    """What the settings hold by now."""

    def __init__(self, value: str) -> None:
        self.value = value

    def __call__(self) -> str:
        return self.value


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[int]:
    with redis_server(tmp_path) as port:
        assert redis(port, "CONFIG", "SET", "requirepass", "p@ss one").startswith(b"+OK")
        yield port


def change(port: int, old: str, new: str) -> None:
    """Change Redis's password and cut every connection, as a failover does."""
    assert redis(port, "AUTH", old, then=("CONFIG", "SET", "requirepass", new)).startswith(b"+OK")
    redis(port, "AUTH", new, then=("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))


def rings(app: Celery) -> bool:
    try:
        app.send_task(broker.HANDLE, ("i1",), queue=broker.ONLINE)
    except OperationalError:
        return False
    return True


def test_redis_is_rung_with_the_password_that_the_settings_hold_by_now(secured: int) -> None:
    held = Held(f"redis://:p%40ss%20one@127.0.0.1:{secured}/0")
    app = broker.make_celery(held.value, held)
    assert rings(app)
    change(secured, "p@ss one", "two")
    assert not rings(app)
    held.value = f"redis://:two@127.0.0.1:{secured}/0"
    assert rings(app)


def test_a_user_of_redis_is_taken_over_with_the_password(secured: int) -> None:
    acl = ("ACL", "SETUSER", "second", "on", ">two", "~*", "&*", "+@all")
    assert redis(secured, "AUTH", "p@ss one", then=acl).startswith(b"+OK")
    held = Held(f"redis://:p%40ss%20one@127.0.0.1:{secured}/0")
    app = broker.make_celery(held.value, held)
    assert rings(app)
    held.value = f"redis://second:two@127.0.0.1:{secured}/0"
    change(secured, "p@ss one", "three")
    assert rings(app)


def test_postgresql_takes_new_connections_with_the_password_of_now_and_keeps_open_ones() -> None:
    with running_postgres() as server:
        url = server.new_database(user="rotating", password="one")
        held = Held(url)
        database = open_database(url, held)
        with database.read() as kept:
            server.change_password("rotating", "two")
            assert kept.execute(text("SELECT 1")).scalar_one() == 1
        with database.read() as reused:  # from the pool
            assert reused.execute(text("SELECT 1")).scalar_one() == 1
        database.engine.dispose()
        with pytest.raises(StoreUnavailable), database.read():
            pass
        held.value = url.replace(":one@", ":two@")
        with database.read() as fresh:
            assert fresh.execute(text("SELECT current_user")).scalar_one() == "rotating"
        database.close()
