"""The bundled Redis: real server, started, adopted after a crash, stopped."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from domain.errors import BrokerUnavailable
from worker.bundled_redis import BundledRedis


def test_it_keeps_what_is_queued_over_a_restart_and_never_evicts(tmp_path: Path) -> None:
    server = BundledRedis(tmp_path)
    assert not server.start()
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        client.rpush("queue", "work")
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    server.stop()
    server.start()
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        assert client.lrange("queue", 0, -1) == [b"work"]
    server.stop()


def test_one_that_a_crash_left_behind_is_adopted(tmp_path: Path) -> None:
    left_behind = BundledRedis(tmp_path)
    left_behind.start()
    heir = BundledRedis(tmp_path)
    assert heir.start()
    heir.stop()  # it did not start it, so it leaves it
    with redis.Redis(unix_socket_path=str(heir.socket)) as client:
        assert client.ping()
    left_behind.stop()


def test_a_deep_folder_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    server = BundledRedis(deep)
    assert len(str(server.socket)) < 108
    server.start()
    server.stop()


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "redis.log").mkdir()
    with pytest.raises(BrokerUnavailable, match="did not start"):
        BundledRedis(tmp_path).start()
