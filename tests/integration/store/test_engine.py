from __future__ import annotations

import sqlite3
import threading
import time
import traceback
from pathlib import Path

import pytest
from sqlalchemy import select, text

from domain.errors import BadSettings, MiddlewatchError, StoreUnavailable
from tests.deliveries import at, delivery, firing
from tests.postgres import Server
from worker.store.engine import Database, open_database
from worker.store.fold import Policy
from worker.store.schema import upgrade
from worker.store.store import Store, open_store
from worker.store.tables import changes

CHANGE = {"id": "c", "who": "w", "what": "w", "service": "s", "at": at(0), "link": ""}


class Stop(Exception):
    pass


def test_what_fails_half_way_did_not_happen(database: Database) -> None:
    def fail_half_way() -> None:
        with database.write() as connection:
            connection.execute(changes.insert(), CHANGE)
            raise Stop

    with pytest.raises(Stop):
        fail_half_way()
    with database.read() as connection:
        assert connection.execute(select(changes)).all() == []


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as writing:
        writing.execute(changes.insert(), CHANGE)
        with database.read() as reading:
            assert reading.execute(select(changes)).all() == []


def test_an_sqlite_commit_survives_a_power_cut_and_cascades_are_kept(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/state.db")
    with database.read() as connection:
        found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
        assert found == ["wal", 2]
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    database.close()


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path}/not/yet/there/state.db").close()
    assert (tmp_path / "not/yet/there/state.db").exists()


def one_line(error: MiddlewatchError) -> str:
    told = str(error)
    assert "\n" not in told
    assert len(told) < 400
    assert error.__cause__ is not None
    return told


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="cannot be made") as raised:
        open_database(f"sqlite:///{tmp_path}/file/below/state.db")
    assert "data_dir" in one_line(raised.value)


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be opened") as raised:
        open_database(f"sqlite:///{tmp_path}/state.db")
    assert "Check that the folder" in one_line(raised.value)


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be read" * 100, b"\0" * 4096])
def test_a_file_that_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.db").write_bytes(content)
    with pytest.raises(StoreUnavailable, match="damaged") as raised:
        open_database(f"sqlite:///{tmp_path}/state.db")
    assert "Restore a backup" in one_line(raised.value)


def test_a_damaged_page_is_told(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/state.db", Policy())
    upgrade(store.database)
    store.inbox.receive(delivery(*(firing(f"a{number}") for number in range(500))), at(0))
    store.close()
    whole = bytearray((tmp_path / "state.db").read_bytes())
    whole[8192:] = b"\xff" * (len(whole) - 8192)
    (tmp_path / "state.db").write_bytes(whole)
    with pytest.raises(StoreUnavailable, match="damaged") as raised:
        open_store(f"sqlite:///{tmp_path}/state.db", Policy()).incidents.recent(9)
    one_line(raised.value)


def test_a_read_only_database_is_told(tmp_path: Path) -> None:
    upgrade(open_database(f"sqlite:///{tmp_path}/state.db"))
    with pytest.raises(StoreUnavailable, match="read-only") as raised:
        open_database(f"sqlite:///file:{tmp_path}/state.db?mode=ro&uri=true")
    assert "right to write" in one_line(raised.value)


def test_a_full_disk_is_told_and_nothing_of_the_delivery_stays(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/state.db", Policy())
    upgrade(store.database)
    with store.database.read() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    with store.database.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreUnavailable, match="disk is full") as raised:
        store.inbox.receive(delivery(*(firing(f"a{number}") for number in range(2000))), at(0))
    one_line(raised.value)
    with store.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert store.incidents.recent(9) == ()
    assert store.inbox.receive(delivery(firing()), at(0)).accepted == 1
    store.close()


def test_a_file_that_another_process_holds_is_told(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/state.db?timeout=0.1")
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="another process") as raised, database.write():
        pass
    one_line(raised.value)
    other.execute("ROLLBACK")
    other.close()
    with database.write() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    database.close()


def test_writers_of_one_process_take_turns(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/state.db?timeout=0")  # nobody may find it locked
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(20):
                with database.write() as connection:
                    connection.execute(text("SELECT 1"))
                    time.sleep(0.001)
        except StoreUnavailable as error:
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    database.close()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://root@localhost/x", "oracle+cx://x", "redis://x"]
)
def test_a_url_that_names_no_usable_database_is_refused(url: str) -> None:
    with pytest.raises(BadSettings, match="database_url"):
        open_database(url)


def test_a_postgresql_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be reached") as raised:
        open_database(f"postgresql://someone:hunter2@/name?host={tmp_path}")
    told = one_line(raised.value)
    assert "Check that it runs" in told
    assert "hunter2" not in told


def test_a_postgresql_without_that_database_is_told(postgres: Server) -> None:
    url = postgres.new_database()
    with pytest.raises(StoreUnavailable, match="no database of that name"):
        open_database(url.replace("middlewatch_", "elsewhere_"))


def test_a_connection_that_the_server_closed_costs_nobody_an_error(postgres: Server) -> None:
    database = open_database(postgres.new_database())
    upgrade(database)
    store = Store(database, Policy())
    store.inbox.receive(delivery(firing("a")), at(0))
    killer = open_database(postgres.new_database())
    with killer.write() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"))
    assert store.inbox.receive(delivery(firing("a"), firing("b")), at(1)).accepted == 1
    killer.close()
    database.close()


def test_an_error_of_the_database_does_not_say_what_was_to_be_written(database: Database) -> None:
    canary = "CNRY-what-a-message-says"
    with pytest.raises(StoreUnavailable) as fault, database.write() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:words)"), {"words": canary})
    told = "".join(traceback.format_exception(fault.value))
    assert "nowhere" in told
    assert canary not in told
