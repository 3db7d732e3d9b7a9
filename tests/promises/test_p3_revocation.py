"""P3: who lost the right to read a document does not see it in the next summary, nor for long in what is posted."""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from domain.access import Audience
from retrieval.query import from_text
from tests.deliveries import firing
from tests.scale import scaled
from tests.watch import Watch, watch
from worker.store.messages import Place

SECRET_WORDS = "Rotate the vault seal before you restart"
RUNBOOK = f"# disk\n\nThe disk of orders is full.\n\n## Mitigation\n\n1. {SECRET_WORDS}.\n"
PUBLIC = "# Logs\n\nOld logs can go when the disk is full.\n"
FILLER = "Look at the graph and write down what it shows. " * 20
PAYMENTS = Audience.of(["payments"])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Watch]:
    with watch(tmp_path) as made:
        made.write("disk.md", RUNBOOK, "payments, storage")
        made.write("public.md", PUBLIC)
        made.ingest()
        yield made


def found(here: Watch, audience: Audience = PAYMENTS) -> set[str]:
    ranking = here.parts.search.ranking(from_text("disk is full"), audience)
    return {hit.meta.id for hit in ranking.runbooks}


def revoke(here: Watch) -> None:
    here.parts.rights.revoke("runbooks/disk.md", "payments", "test")


def test_a_revocation_edits_what_is_posted_and_keeps_the_original_for_the_audit_alone(here: Watch) -> None:
    incident = here.tell(firing())
    assert SECRET_WORDS in here.text("CPAY")
    assert SECRET_WORDS not in here.text("CALL")
    before = here.text("CALL")
    revoke(here)
    here.work()
    assert SECRET_WORDS not in here.text("CPAY")
    assert len(here.server.posts("CPAY")) == 1
    assert here.text("CALL") == before
    messages = here.parts.store.messages
    for message in messages.of_incident(incident):
        assert all(SECRET_WORDS not in edition.body.text for edition in messages.history(message.place))
    originals = here.parts.rights.originals(incident)
    assert [(place.channel_id, SECRET_WORDS in edition.body.text) for place, edition in originals] == [("CPAY", True)]
    assert [act.action for act in here.parts.store.audit.acts()] == ["originals", "revoke"]


def test_it_is_told_once_and_not_again(here: Watch) -> None:
    here.tell(firing())
    revoke(here)
    here.work()
    edits = len(here.server.called("chat.update"))
    here.parts.recall._seen = None
    here.work()
    assert len(here.server.called("chat.update")) == edits


def test_withdrawing_and_narrower_front_matter_and_deleting_do_the_same(here: Watch) -> None:
    here.tell(firing(), "one")
    here.parts.snapshots.withdraw("runbooks/disk.md")
    here.work()
    assert SECRET_WORDS not in here.text("CPAY")
    here.parts.snapshots.give_back("runbooks/disk.md")
    here.tell(firing("disk", 1), "two")
    assert SECRET_WORDS in here.text("CPAY")
    here.write("disk.md", RUNBOOK, "storage")
    here.ingest()
    here.work()
    assert all(SECRET_WORDS not in str(post) for post in here.server.posts("CPAY"))
    here.write("disk.md", RUNBOOK, "payments")
    here.ingest()
    here.tell(firing("disk", 2), "three")
    assert SECRET_WORDS in here.text("CPAY")
    (here.folder / "runbooks" / "disk.md").unlink()
    here.ingest()
    here.work()
    assert all(SECRET_WORDS not in str(post) for post in here.server.posts("CPAY"))


def test_front_matter_that_broke_means_nobody_at_once_even_where_the_new_snapshot_is_refused(tmp_path: Path) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text("- {id: disk, query: disk full, groups: [payments], expected: [runbooks/disk.md], must: true}\n")
    golden = {"paths": [cases], "baseline": tmp_path / "none.yaml", "min_cases": 1}
    with watch(tmp_path / "here", golden=golden) as here:
        here.write("disk.md", RUNBOOK, "payments")
        here.write("public.md", PUBLIC)
        here.ingest()
        here.tell(firing())
        live = here.parts.store.catalogue.live()
        (here.folder / "runbooks" / "disk.md").write_text(f"---\nallow: [payments\n---\n{RUNBOOK}")
        here.ingest()
        assert here.parts.store.catalogue.live() == live
        assert found(here) == {"runbooks/public.md"}
        here.work()
        assert SECRET_WORDS not in here.text("CPAY")


def test_no_ingest_and_no_rollback_brings_a_reader_back(here: Watch) -> None:
    assert found(here) == {"runbooks/disk.md", "runbooks/public.md"}
    revoke(here)
    for text in ("A", "B"):
        here.write("public.md", f"{PUBLIC}\n{text}")
        here.ingest()
        assert found(here) == {"runbooks/public.md"}
        assert found(here, Audience.of(["storage"])) == {"runbooks/disk.md", "runbooks/public.md"}
    here.parts.snapshots.rollback()
    assert found(here) == {"runbooks/public.md"}


def test_revoking_while_somebody_ingests_never_brings_a_reader_back(here: Watch) -> None:
    """An ingest builds and publishes again and again; searches after the revocation returned never see the document."""
    stop, leaks = threading.Event(), []

    def keep_ingesting() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            here.write("public.md", f"{PUBLIC}\nEdition {number}.")
            here.ingest()

    thread = threading.Thread(target=keep_ingesting)
    thread.start()
    rounds = scaled(2, 60)
    for _ in range(rounds):
        revoke(here)
        leaks += [name for _ in range(3) for name in found(here) if name == "runbooks/disk.md"]
        here.parts.rights.restore("runbooks/disk.md", "payments")
    stop.set()
    thread.join()
    assert leaks == []


def filled(here: Watch, chunks: int, n: int) -> int:
    """Ingest so many chunks, and n runbooks for an alert each; return how many chunks the index holds."""
    for number in range(chunks // 10):
        parts = (f"## Part {part}\n\nThe disk of service {number} fills, case {part}. {FILLER}" for part in range(10))
        here.write(f"many/{number}.md", "\n\n".join((f"# Service {number}", *parts)), "payments, storage")
    for number in range(n):
        here.write(f"one/{number}.md", RUNBOOK.replace("# disk", f"# volume{number}"), "payments")
    here.ingest()
    live = here.parts.store.catalogue.live()
    assert live is not None
    assert live.chunks >= chunks
    return live.chunks


def test_nothing_is_embedded_again_and_it_takes_less_than_five_seconds(
    here: Watch, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """p95 over n revocations, each of another document: until the next summary, and until the message is edited."""
    n = scaled(5, 40)
    chunks = filled(here, scaled(300, 5000), n)
    incidents = [here.tell(firing(f"volume{number}", number), f"g{number}") for number in range(n)]
    shown = {post["metadata"]["event_payload"]["incident_id"]: post for post in here.server.posts("CPAY")}
    assert all(SECRET_WORDS in str(shown[f"{incident}:CPAY"]) for incident in incidents)
    embedded = len(here.parts.embedder.embedded)  # type: ignore[attr-defined]
    took: dict[str, list[float]] = {"the next search": [], "the posted message is edited": []}
    for number, incident in enumerate(incidents):
        asked, name = from_text(f"volume{number} disk is full"), f"runbooks/one/{number}.md"
        began = time.perf_counter()
        here.parts.rights.revoke(name, "payments")
        assert name not in {hit.meta.id for hit in here.parts.search.ranking(asked, PAYMENTS, 20).runbooks}
        took["the next search"].append(time.perf_counter() - began)
        here.work()
        took["the posted message is edited"].append(time.perf_counter() - began)
        (now_shown,) = [s for s in here.parts.store.messages.showings() if s.place == Place("CPAY", incident)]
        assert name not in now_shown.documents
    assert len(here.parts.embedder.embedded) == embedded  # type: ignore[attr-defined]
    for what, seconds in took.items():
        p95 = statistics.quantiles(seconds, n=20)[-1]
        line = f"revoked until {what}: p95 {p95:.3f} s, n={n}, {chunks} chunks; a worker looks each second"
        record_property(what, line)
        with capsys.disabled():
            sys.stdout.write(f"\n{line}\n")
        assert p95 < 5
