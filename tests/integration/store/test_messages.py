from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.deliveries import at, delivery, firing
from worker.store.messages import Begun, Body, Place
from worker.store.store import Store


def body(text: str, version: int = 1) -> Body:
    return Body(version, text, [{"type": "section", "text": {"type": "mrkdwn", "text": text}}], "extractive", "run")


@pytest.fixture
def place(store: Store) -> Place:
    return Place("C1", store.inbox.receive(delivery(firing()), at(0)).incidents[0])


def test_the_first_who_begins_may_post_and_the_next_must_look(store: Store, place: Place) -> None:
    assert store.messages.begin(place, at(0)).state is Begun.FRESH
    second = store.messages.begin(place, at(5))
    assert (second.state, second.attempts, second.began_at) == (Begun.AMBIGUOUS, 2, at(0))
    third = store.messages.begin(place, at(9))
    assert (third.state, third.attempts, third.began_at) == (Begun.AMBIGUOUS, 3, at(0))


def test_of_many_who_begin_one_may_post(store: Store, place: Place) -> None:
    with ThreadPoolExecutor(8) as pool:
        states = [message.state for message in pool.map(lambda _: store.messages.begin(place, at(0)), range(8))]
    assert states.count(Begun.FRESH) == 1
    assert states.count(Begun.AMBIGUOUS) == 7


def test_a_post_that_certainly_failed_may_be_made_again(store: Store, place: Place) -> None:
    store.messages.failed(store.messages.begin(place, at(0)))
    again = store.messages.begin(place, at(5))
    assert (again.state, again.began_at) == (Begun.FRESH, at(5))
    assert store.messages.begin(place, at(6)).state is Begun.AMBIGUOUS


def test_a_posted_message_is_edited_from_then_on(store: Store, place: Place) -> None:
    store.messages.begin(place, at(0))
    assert store.messages.posted(place, "1700.1", body("first"), at(1))
    found = store.messages.begin(place, at(2))
    assert (found.state, found.ts, found.seq) == (Begun.POSTED, "1700.1", 1)
    assert found.newest is not None
    assert found.newest.body == body("first")


def test_a_post_that_failed_leaves_another_that_was_begun_meanwhile_in_doubt(store: Store, place: Place) -> None:
    first = store.messages.begin(place, at(0))
    store.messages.begin(place, at(1))
    store.messages.failed(first)
    assert store.messages.begin(place, at(2)).state is Begun.AMBIGUOUS


def test_a_message_is_recorded_as_posted_once(store: Store, place: Place) -> None:
    begun = store.messages.begin(place, at(0))
    assert store.messages.posted(place, "1700.1", body("first"), at(1))
    assert not store.messages.posted(place, "1700.2", body("second"), at(2))
    store.messages.failed(begun)
    last = store.messages.last(place)
    assert last is not None
    assert (last.state, last.ts) == (Begun.POSTED, "1700.1")


def test_a_late_worker_never_overwrites_a_newer_text(store: Store, place: Place) -> None:
    store.messages.begin(place, at(0))
    store.messages.posted(place, "1700.1", body("first"), at(1))
    assert store.messages.edited(place, 1, body("newer", 2), at(2))
    assert not store.messages.edited(place, 1, body("late", 1), at(3))
    last = store.messages.last(place)
    assert last is not None
    assert last.newest is not None
    assert (last.newest.body.text, last.newest.body.version, last.seq) == ("newer", 2, 2)


def test_an_edit_of_what_is_not_posted_is_refused(store: Store, place: Place) -> None:
    assert not store.messages.edited(place, 0, body("early"), at(0))
    store.messages.begin(place, at(0))
    assert not store.messages.edited(place, 0, body("early"), at(0))


def test_every_text_it_has_shown_is_kept(store: Store, place: Place) -> None:
    store.messages.begin(place, at(0))
    store.messages.posted(place, "1700.1", body("one"), at(1))
    store.messages.edited(place, 1, body("two"), at(2))
    store.messages.edited(place, 2, body("three", 2), at(3))
    editions = store.messages.history(place)
    assert [(one.seq, one.at, one.body.text) for one in editions] == [
        (1, at(1), "one"),
        (2, at(2), "two"),
        (3, at(3), "three"),
    ]


def test_what_the_writer_wants_to_remember_comes_back(store: Store, place: Place) -> None:
    store.messages.begin(place, at(0))
    memory = {"shown": {"version": 3, "services": ["a"]}, "none": None}
    store.messages.posted(place, "1700.1", Body(3, "t\0\ud800", [], memory=memory), at(1))
    last = store.messages.last(place)
    assert last is not None
    assert last.newest is not None
    assert last.newest.body.memory == memory


def test_the_preview_shows_posted_messages_newest_first(store: Store) -> None:
    for number in range(3):
        incident_id = store.inbox.receive(delivery(firing(), group_key=f"g{number}"), at(0)).incidents[0]
        for channel in ("C1", "C2"):
            where = Place(channel, incident_id)
            store.messages.begin(where, at(number))
            if number < 2:
                store.messages.posted(where, f"17{number}", body(f"text {number}"), at(number))
    assert [(m.place.channel_id, m.ts) for m in store.messages.for_preview(3)] == [
        ("C1", "171"),
        ("C2", "171"),
        ("C1", "170"),
    ]
    assert [m.ts for m in store.messages.for_preview(9, "C2")] == ["171", "170"]


def test_an_incident_knows_its_messages_in_all_channels(store: Store, place: Place) -> None:
    store.messages.begin(place, at(0))
    store.messages.begin(Place("C0", place.incident_id), at(0))
    assert [message.place.channel_id for message in store.messages.of_incident(place.incident_id)] == ["C0", "C1"]


def test_a_reply_is_made_once_for_each_thing_it_is_about(store: Store, place: Place) -> None:
    assert store.messages.reply_once(place, "reopened:1", at(0))
    assert not store.messages.reply_once(place, "reopened:1", at(1))
    assert store.messages.reply_once(place, "reopened:2", at(2))


def test_where_nothing_was_begun_there_is_nothing(store: Store, place: Place) -> None:
    assert store.messages.last(place) is None
    assert store.messages.history(place) == ()
