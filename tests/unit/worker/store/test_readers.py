"""Readers of record: rules and revocations narrow every snapshot at once, and nothing that is ingested undoes them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.access import EVERYONE, Audience, Readers, Ruling, Step
from domain.document import DocumentMeta, Kind
from domain.snapshot import Judgement, Published, Snapshot
from tests.deliveries import at
from worker.store.audit import Act
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.schema import upgrade
from worker.store.store import Store

KEYS = DocumentMeta("runbooks/keys.md", "runbooks", "keys.md", Kind.RUNBOOK, "Keys", frozenset({"ops", "security"}))
REVOKE = Act(at(1), "anna", "revoke", KEYS.id)
JUDGED = Judgement(True, False)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('readers')}/state.db")
    upgrade(database)
    store = Store(database, Policy())
    yield store
    store.close()


@pytest.fixture
def store(opened: Store) -> Store:
    empty(opened)
    return opened


def empty(store: Store) -> None:
    with store.database.write() as connection:
        for table in ("pointers", "documents", "snapshots", "rulings", "revocations", "withdrawals", "epochs", "audit"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - names of our own


def publish(store: Store, name: str, readers: Readers, minute: float = 0) -> None:
    """Publish a snapshot as a sync does: what it found rules first."""
    store.catalogue.rule({KEYS.id: Ruling((Step("source", readers),))})
    snapshot = Snapshot(name, at(minute), name, "f", 1, 1)
    store.catalogue.begin(Published(snapshot, (replace(KEYS, readers=readers),)))
    store.catalogue.publish(name, JUDGED, at(minute))


def readers(store: Store, snapshot: str) -> Readers | None:
    return store.catalogue.readers(snapshot, [KEYS.id]).get(KEYS.id)


def test_a_narrower_rule_holds_before_anything_is_built_and_in_older_snapshots_too(store: Store) -> None:
    publish(store, "s1", KEYS.readers)
    assert readers(store, "s1") == {"ops", "security"}
    store.catalogue.rule({KEYS.id: Ruling((Step("source", KEYS.readers), Step("front", frozenset({"security"}))))})
    assert readers(store, "s1") == {"security"}


def test_a_wider_rule_holds_only_with_the_snapshot_that_was_judged_with_it(store: Store) -> None:
    publish(store, "s1", frozenset({"security"}))
    store.catalogue.rule({KEYS.id: Ruling((Step("source", frozenset({EVERYONE})),))})
    assert readers(store, "s1") == {"security"}
    publish(store, "s2", frozenset({EVERYONE}), 1)
    assert readers(store, "s2") == {EVERYONE}


def test_a_revocation_survives_every_ingest_and_a_rollback_until_it_is_undone(store: Store) -> None:
    publish(store, "s1", KEYS.readers)
    assert store.readers.revoke(REVOKE, "ops") is True
    assert store.readers.revoke(REVOKE, "ops") is False
    publish(store, "s2", KEYS.readers, 1)
    assert [readers(store, name) for name in ("s1", "s2")] == [{"security"}, {"security"}]
    store.catalogue.roll_back("test")
    assert readers(store, "s1") == {"security"}
    assert store.readers.give_back(REVOKE, "ops") is True
    assert readers(store, "s1") == {"ops", "security"}
    assert [act.action for act in store.audit.acts()] == ["revoke", "revoke"]


def test_opening_a_document_to_everyone_does_not_bring_a_revoked_group_back(store: Store) -> None:
    publish(store, "s1", KEYS.readers)
    store.readers.revoke(REVOKE, "ops")
    publish(store, "s2", frozenset({EVERYONE, "security"}), 1)
    assert readers(store, "s2") == {"security"}
    assert not Audience.of(["ops"]).may_read(readers(store, "s2") or frozenset())


def test_the_epoch_grows_with_every_change_and_with_nothing_else(store: Store) -> None:
    publish(store, "s1", frozenset({"security"}))
    seen = [store.catalogue.epoch()]
    for change in (
        lambda: store.catalogue.rule({KEYS.id: Ruling((Step("source", KEYS.readers),))}),
        lambda: store.readers.revoke(REVOKE, "ops"),
        lambda: store.audit.withdraw(REVOKE),
        lambda: store.audit.give_back(REVOKE),
        lambda: store.readers.give_back(REVOKE, "ops"),
    ):
        change()
        seen.append(store.catalogue.epoch())
        change()
    assert seen == sorted(set(seen))
    same = store.catalogue.epoch()
    store.catalogue.rule({KEYS.id: Ruling((Step("source", KEYS.readers),))})
    assert store.catalogue.epoch() == same


GROUPS = st.frozensets(st.sampled_from([EVERYONE, "ops", "security"]))
MOVES = st.lists(
    st.tuples(st.just("publish"), GROUPS) | st.tuples(st.sampled_from(["revoke", "restore", "rule"]), GROUPS),
    max_size=8,
)


@given(MOVES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_whatever_happens_in_whatever_order_a_revoked_group_never_reads(
    store: Store, moves: list[tuple[str, Readers]]
) -> None:
    empty(store)
    publish(store, "s0", KEYS.readers)
    revoked: set[str] = set()
    for number, (move, groups) in enumerate(moves, start=1):
        if move == "publish":
            publish(store, f"s{number}", groups, number)
        elif move == "rule":
            store.catalogue.rule({KEYS.id: Ruling((Step("source", groups),))})
        for group in groups if move in ("revoke", "restore") else ():
            act = replace(REVOKE, action=move)
            store.readers.revoke(act, group) if move == "revoke" else store.readers.give_back(act, group)
            (revoked.add if move == "revoke" else revoked.discard)(group)
        for record in store.catalogue.records():
            now = readers(store, record.snapshot.id)
            assert now is not None
            assert not any(Audience.of([group]).may_read(now) for group in revoked)


def test_revoking_while_others_publish_never_brings_a_reader_back(store: Store) -> None:
    """Threads publish and roll back while one revokes; from the moment that returns, nobody sees the group again."""
    publish(store, "s0", KEYS.readers)
    revoked, done = threading.Event(), threading.Event()
    seen: list[Readers | None] = []

    def keep_publishing() -> None:
        number = 0
        while number < 25 or (len(seen) < 4 and number < 400):  # until somebody looked after it was revoked
            number += 1
            publish(store, f"s{number}", KEYS.readers, number)
        done.set()

    def watch() -> None:
        while not done.is_set():
            sure = revoked.is_set()
            live = store.catalogue.live()
            if live and sure:
                seen.append(readers(store, live.id))

    threads = [threading.Thread(target=keep_publishing), threading.Thread(target=watch)]
    for thread in threads:
        thread.start()
    store.readers.revoke(REVOKE, "ops")
    revoked.set()
    for thread in threads:
        thread.join()
    assert {frozenset(each or ()) for each in seen} == {frozenset({"security"})}
