from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.document import DocumentMeta, Kind, SendToModel
from domain.errors import BadSettings
from domain.snapshot import Published, Snapshot
from tests.deliveries import at
from worker.store.store import Store

RUNBOOK = DocumentMeta(
    id="runbooks/storage/VolumeFilling.md",
    source="runbooks",
    path="storage/VolumeFilling.md",
    kind=Kind.RUNBOOK,
    title="Volume filling",
    readers=frozenset({"payments", "orders"}),
    link="https://wiki.example.com/storage/VolumeFilling.md",
    date=date(2025, 1, 2),
    reviewed=date(2026, 1, 2),
    commit="abc",
    services=("orders",),
    tags=("disk",),
    send_to_model=SendToModel.ANY,
    content_hash="0" * 64,
)
SECRET = DocumentMeta("runbooks/secret.md", "runbooks", "secret.md", Kind.POSTMORTEM, "Secret", frozenset())


def snapshot(name: str, minute: float = 0) -> Snapshot:
    return Snapshot(name, at(minute), "content", "fingerprint", 2, 9, {"runbooks": "abc"})


def test_before_anything_is_published_nothing_is_live(store: Store) -> None:
    assert store.catalogue.live() is None
    assert store.catalogue.snapshots() == ()


def test_a_snapshot_goes_live_with_its_documents(store: Store) -> None:
    store.catalogue.publish(Published(snapshot("s1"), (RUNBOOK, SECRET)))
    assert store.catalogue.live() == snapshot("s1")
    assert store.catalogue.documents("s1") == (SECRET, RUNBOOK)


def test_the_newest_published_is_live_and_the_others_stay_on_record(store: Store) -> None:
    store.catalogue.publish(Published(snapshot("s1", 1), (RUNBOOK,)))
    store.catalogue.publish(Published(snapshot("s2", 2), (SECRET,)))
    assert store.catalogue.live() == snapshot("s2", 2)
    assert store.catalogue.snapshots() == (snapshot("s2", 2), snapshot("s1", 1))
    assert store.catalogue.documents("s1") == (RUNBOOK,)
    store.catalogue.publish(Published(snapshot("s1", 1), (RUNBOOK,)))
    assert store.catalogue.live() == snapshot("s1", 1)


def test_it_knows_the_readers_and_an_unknown_document_has_none(store: Store) -> None:
    store.catalogue.publish(Published(snapshot("s1"), (RUNBOOK, SECRET)))
    assert store.catalogue.readers("s1", [RUNBOOK.id, SECRET.id, "runbooks/unknown.md"]) == {
        RUNBOOK.id: frozenset({"payments", "orders"}),
        SECRET.id: frozenset(),
    }
    assert store.catalogue.readers("s0", [RUNBOOK.id]) == {}
    assert store.catalogue.readers("s1", []) == {}


def test_it_knows_the_readers_of_thousands(store: Store) -> None:
    many = tuple(replace(RUNBOOK, id=f"runbooks/{number}.md") for number in range(2000))
    store.catalogue.publish(Published(snapshot("s1"), many))
    assert len(store.catalogue.readers("s1", [meta.id for meta in many])) == 2000


def test_a_snapshot_that_is_not_live_can_be_forgotten(store: Store) -> None:
    store.catalogue.publish(Published(snapshot("s1", 1), (RUNBOOK,)))
    store.catalogue.publish(Published(snapshot("s2", 2), (RUNBOOK,)))
    store.catalogue.forget("s1")
    assert store.catalogue.snapshots() == (snapshot("s2", 2),)
    assert store.catalogue.documents("s1") == ()
    with pytest.raises(BadSettings, match="Publish another"):
        store.catalogue.forget("s2")
    assert store.catalogue.live() == snapshot("s2", 2)
