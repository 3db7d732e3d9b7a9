from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.document import DocumentMeta, Kind, SendToModel
from domain.errors import BadSettings
from domain.snapshot import Judgement, Loss, Published, Snapshot, State
from tests.deliveries import at
from worker.store.audit import Act
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


GOOD = Judgement(True, True, scores={"figures": {"success@1": {"value": 1.0, "n": 40}}}, policy="p1")
BAD = Judgement(False, True, ("success@1 fell",), (Loss("case-1", "it was removed", ("runbooks/a.md",)),), leaks=1)


def live(store: Store, name: str, minute: float, documents: tuple[DocumentMeta, ...]) -> None:
    store.catalogue.begin(Published(snapshot(name, minute), documents))
    store.catalogue.publish(name, GOOD, at(minute))


def states(store: Store) -> dict[str, State]:
    return {record.snapshot.id: record.state for record in store.catalogue.records()}


def test_before_anything_is_published_nothing_is_live(store: Store) -> None:
    assert store.catalogue.live() is None
    assert store.catalogue.snapshots() == ()


def test_a_snapshot_goes_live_with_its_documents(store: Store) -> None:
    live(store, "s1", 0, (RUNBOOK, SECRET))
    assert store.catalogue.live() == snapshot("s1")
    assert store.catalogue.documents("s1") == (SECRET, RUNBOOK)


def test_the_newest_published_is_live_and_the_others_stay_on_record(store: Store) -> None:
    live(store, "s1", 1, (RUNBOOK,))
    live(store, "s2", 2, (SECRET,))
    assert store.catalogue.live() == snapshot("s2", 2)
    assert store.catalogue.snapshots() == (snapshot("s2", 2), snapshot("s1", 1))
    assert store.catalogue.documents("s1") == (RUNBOOK,)
    store.catalogue.publish("s1", GOOD, at(3))
    assert store.catalogue.live() == snapshot("s1", 1)


def test_it_knows_the_readers_and_an_unknown_document_has_none(store: Store) -> None:
    live(store, "s1", 0, (RUNBOOK, SECRET))
    assert store.catalogue.readers("s1", [RUNBOOK.id, SECRET.id, "runbooks/unknown.md"]) == {
        RUNBOOK.id: frozenset({"payments", "orders"}),
        SECRET.id: frozenset(),
    }
    assert store.catalogue.readers("s0", [RUNBOOK.id]) == {}
    assert store.catalogue.readers("s1", []) == {}


def test_it_knows_the_readers_of_thousands(store: Store) -> None:
    many = tuple(replace(RUNBOOK, id=f"runbooks/{number}.md") for number in range(2000))
    live(store, "s1", 0, many)
    assert len(store.catalogue.readers("s1", [meta.id for meta in many])) == 2000


def test_a_snapshot_that_is_not_live_can_be_forgotten(store: Store) -> None:
    live(store, "s1", 1, (RUNBOOK,))
    live(store, "s2", 2, (RUNBOOK,))
    store.catalogue.forget("s1")
    assert store.catalogue.snapshots() == (snapshot("s2", 2),)
    assert store.catalogue.documents("s1") == ()
    with pytest.raises(BadSettings, match="Publish another"):
        store.catalogue.forget("s2")
    assert store.catalogue.live() == snapshot("s2", 2)


def test_what_is_being_built_is_on_record_and_not_live(store: Store) -> None:
    store.catalogue.begin(Published(snapshot("s1"), (RUNBOOK,)))
    assert (store.catalogue.live(), store.catalogue.unfinished(), store.catalogue.snapshots()) == (None, ("s1",), ())
    assert states(store) == {"s1": State.BUILDING}
    assert store.catalogue.readers("s1", [RUNBOOK.id]) == {RUNBOOK.id: RUNBOOK.readers}
    assert store.catalogue.same("content", "fingerprint") is None


def test_a_refused_snapshot_keeps_what_was_said_of_it(store: Store) -> None:
    live(store, "s1", 1, (RUNBOOK,))
    store.catalogue.begin(Published(snapshot("s2", 2), (SECRET,)))
    store.catalogue.refuse("s2", BAD)
    assert store.catalogue.live() == snapshot("s1", 1)
    assert states(store) == {"s1": State.LIVE, "s2": State.REFUSED}
    same = store.catalogue.same("content", "fingerprint")
    assert same is not None
    assert (same.snapshot, same.judgement, same.published_at) == (snapshot("s2", 2), BAD, None)
    assert store.catalogue.unfinished() == ()


def test_going_back_skips_what_was_refused_and_holds_what_was_left(store: Store) -> None:
    for number in (1, 2, 4):
        live(store, f"s{number}", number, (RUNBOOK,))
    store.catalogue.begin(Published(snapshot("s3", 3), (RUNBOOK,)))
    store.catalogue.refuse("s3", BAD)
    assert store.catalogue.roll_back("somebody") == (snapshot("s4", 4), snapshot("s2", 2))
    left = store.catalogue.record("s4")
    assert left is not None
    assert (left.state, left.held) == (State.KEPT, "somebody")
    assert store.catalogue.roll_back("somebody") == (snapshot("s2", 2), snapshot("s1", 1))
    with pytest.raises(BadSettings, match="before"):
        store.catalogue.roll_back("somebody")
    store.catalogue.publish("s4", GOOD, at(9))
    again = store.catalogue.live_record()
    assert again is not None
    assert (again.snapshot.id, again.held) == ("s4", "")


def test_only_what_is_on_record_can_be_published(store: Store) -> None:
    with pytest.raises(BadSettings, match="no such snapshot"):
        store.catalogue.publish("s1", GOOD, at(0))
    assert store.catalogue.live() is None


def test_a_withdrawn_document_has_no_readers_in_any_snapshot_until_it_is_given_back(store: Store) -> None:
    live(store, "s1", 1, (RUNBOOK, SECRET))
    act = Act(at(2), "somebody", "withdraw", RUNBOOK.id, "wrong volume")
    assert store.audit.withdraw(act)
    assert not store.audit.withdraw(act)
    live(store, "s2", 3, (RUNBOOK, SECRET))
    for name in ("s1", "s2"):
        assert store.catalogue.readers(name, [RUNBOOK.id, SECRET.id]) == {SECRET.id: frozenset()}
    assert store.audit.withdrawn() == (RUNBOOK.id,)
    undo = Act(at(4), "somebody else", "give-back", RUNBOOK.id)
    assert store.audit.give_back(undo)
    assert not store.audit.give_back(undo)
    assert store.catalogue.readers("s2", [RUNBOOK.id]) == {RUNBOOK.id: RUNBOOK.readers}
    assert store.audit.acts() == (undo, act)
