"""Who may read a document and by which rule, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.access import Audience, Ruling, Step
from domain.document import DocumentMeta, Kind
from domain.errors import BadSettings
from domain.snapshot import Judgement, Published, Snapshot
from tests.deliveries import at
from worker.index.ingesting import Holder
from worker.readers.rights import Books, Rights, told
from worker.store.audit import Act
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.schema import upgrade
from worker.store.store import Store

KEYS = DocumentMeta("runbooks/keys.md", "runbooks", "keys.md", Kind.RUNBOOK, "Keys", frozenset({"ops", "security"}))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = open_database(f"sqlite:///{tmp_path}/state.db")
    upgrade(database)
    store = Store(database, Policy())
    store.catalogue.rule(
        {
            KEYS.id: Ruling((Step("its source", frozenset({"everyone"})), Step("a path rule", KEYS.readers))),
            "runbooks/broken.md": Ruling((Step("it cannot be understood", frozenset()),)),
        }
    )
    store.catalogue.begin(Published(Snapshot("s1", at(0), "c", "f", 1, 1), (KEYS,)))
    store.catalogue.publish("s1", Judgement(True, False), at(0))
    yield store
    store.close()


@pytest.fixture
def rights(store: Store) -> Rights:
    holder = Holder(store.locks, "test", lambda: at(1), timedelta(seconds=20))
    return Rights(Books(store.catalogue, store.readers, store.audit, store.messages), holder, "anna")


def test_it_says_by_which_rule_an_audience_is_kept_out_or_let_in(rights: Rights) -> None:
    explained = rights.explain(KEYS.id)
    assert [step.rule for step in explained.steps] == ["its source", "a path rule"]
    assert explained.verdict(Audience.of(["ops"])) == (True, "it holds ops")
    assert explained.verdict(Audience.of(["sales"])) == (False, "kept out by a path rule")
    assert explained.verdict(Audience.nobody())[0] is False
    assert told(explained.readers) == "ops, security"


def test_a_revocation_and_a_withdrawal_are_rules_like_the_others(rights: Rights, store: Store) -> None:
    done, explained = rights.revoke(KEYS.id, "ops", "it names the vault")
    assert (done, explained.readers) == (True, {"security"})
    assert explained.verdict(Audience.of(["ops"])) == (False, "kept out by `access revoke` of ops")
    store.audit.withdraw(Act(at(2), "anna", "withdraw", KEYS.id))
    assert rights.explain(KEYS.id).verdict(Audience.of(["security"])) == (False, "kept out by `withdraw`")
    assert [(act.action, act.who, act.reason) for act in store.audit.acts()][1] == (
        "revoke",
        "anna",
        "ops: it names the vault",
    )
    store.audit.give_back(Act(at(3), "anna", "give-back", KEYS.id))
    assert rights.restore(KEYS.id, "ops")[1].readers == KEYS.readers


def test_what_a_sync_could_not_understand_is_readable_by_nobody_and_says_so(rights: Rights) -> None:
    explained = rights.explain("runbooks/broken.md")
    assert (told(explained.readers), explained.live) == ("nobody", False)
    assert explained.steps[0].rule == "it cannot be understood"


def test_the_readers_of_the_published_index_bound_those_of_the_source(rights: Rights, store: Store) -> None:
    store.catalogue.rule({KEYS.id: Ruling((Step("its source", frozenset({"everyone"})),))})
    explained = rights.explain(KEYS.id)
    assert explained.readers == KEYS.readers
    assert explained.verdict(Audience.of([])) == (False, "kept out by the index as it was last published")


def test_a_document_that_nobody_knows_is_an_error(rights: Rights) -> None:
    with pytest.raises(BadSettings, match="no such document"):
        rights.explain("runbooks/none.md")
    with pytest.raises(BadSettings, match="no such document"):
        rights.revoke("runbooks/none.md", "ops")
