"""After a restore, what waited in the backup is looked for in the channel before it is posted."""

from __future__ import annotations

from domain.access import Audience
from tests.deliveries import at, delivery, firing
from worker.restore import after_restore
from worker.route import Channel
from worker.store.messages import Begun, Body, Place
from worker.store.store import Store

CHANNELS = (
    Channel("C1", "one", Audience.nobody(), match={"alertname": "waits"}, post_to="C1"),
    Channel("C2", "rest", Audience.nobody(), default=True, post_to="C2"),
)
BODY = Body(1, "text", (), "links", "r", {}, ())


def opened(store: Store, name: str) -> str:
    return store.inbox.receive(delivery(firing(name), group_key=name), at(0)).incidents[0]


def test_only_what_waits_and_is_not_known_to_be_posted_is_doubted(store: Store) -> None:
    waits, posted, done = (opened(store, name) for name in ("waits", "posted", "done"))
    store.messages.begin(Place("C2", posted), at(0))
    store.messages.posted(Place("C2", posted), "1.0", BODY, at(0))
    claim = store.outbox.claim(done, at(0), at(1) - at(0))
    assert claim is not None
    store.outbox.finish(claim, 1, at(0))
    assert after_restore(store, CHANNELS, at(60)) == 1
    doubted = store.messages.begin(Place("C1", waits), at(61))
    assert (doubted.state, doubted.began_at) == (Begun.AMBIGUOUS, at(-1))
    assert store.messages.last(Place("C2", waits)) is None  # it does not go there
    assert store.messages.last(Place("C2", done)) is None
    known = store.messages.last(Place("C2", posted))
    assert known is not None
    assert known.state is Begun.POSTED


def test_one_whose_post_had_failed_is_looked_for_too(store: Store) -> None:
    waits = opened(store, "waits")
    store.messages.failed(store.messages.begin(Place("C1", waits), at(0)))
    assert after_restore(store, CHANNELS, at(60)) == 1
    assert store.messages.begin(Place("C1", waits), at(61)).state is Begun.AMBIGUOUS
