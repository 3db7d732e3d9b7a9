"""A storm on record: one open one for each channel, an incident is told by itself or in it, never both."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from domain.alert import Incident
from tests.deliveries import at, delivery, firing, resolved
from worker.store.messages import Begun, Body, Place
from worker.store.purge import Retention
from worker.store.store import Store
from worker.store.storm import Member, is_storm

EVER = at(-60)


def opened(store: Store, name: str, minute: float = 0, severity: str = "warning") -> Incident:
    receipt = store.inbox.receive(delivery(firing(name, minute, severity), group_key=name), at(minute))
    found = store.incidents.get(receipt.incidents[0])
    assert found is not None
    return found


def join(store: Store, incident: Incident, minute: float = 0, channel: str = "C1") -> str:
    joined = store.storms.join(Place(channel, incident.id), Member.of(incident), at(minute))
    assert joined is not None
    return joined[0]


def post(store: Store, incident: Incident, minute: float = 0) -> None:
    place = Place("C1", incident.id)
    store.messages.begin(place, at(minute))
    assert store.messages.posted(place, f"{minute}.{incident.id}", Body(1, "text", []), at(minute))


def test_the_first_begins_a_storm_and_the_others_of_the_channel_join_it(store: Store) -> None:
    a, b, c = (opened(store, name) for name in "abc")
    storm = join(store, a)
    assert is_storm(storm)
    assert (join(store, b, 1), join(store, c, channel="C2") == storm) == (storm, False)
    found = store.storms.get(storm)
    assert found is not None
    assert [each.incident_id for each in found.members] == sorted((a.id, b.id))
    assert (found.channel_id, found.began_at, found.ended_at, found.version) == ("C1", at(0), None, 2)
    assert store.storms.going_on() == 2


def test_two_that_come_at_once_begin_one_storm(store: Store) -> None:
    incidents = [opened(store, f"a{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        storms = set(pool.map(lambda incident: join(store, incident), incidents))
    assert len(storms) == 1
    found = store.storms.get(storms.pop())
    assert found is not None
    assert (len(found.members), found.version) == (8, 8)


def test_its_message_is_due_at_once_and_after_it_has_rested(store: Store) -> None:
    storm = join(store, opened(store, "a"))
    assert storm in store.outbox.due(at(0), 10)
    claim = store.outbox.claim(storm, at(0), timedelta(seconds=20))
    assert claim is not None
    join(store, opened(store, "b"), 0.1)  # while it is being told
    store.storms.rest(storm, at(1))
    store.outbox.finish(claim, 1, at(0.2))
    assert storm not in store.outbox.due(at(0.9), 10)
    join(store, opened(store, "c"), 0.5)
    assert storm not in store.outbox.due(at(0.9), 10)
    assert storm in store.outbox.due(at(1), 10)


def test_an_incident_whose_post_was_begun_cannot_join(store: Store) -> None:
    incident = opened(store, "a")
    begun = store.messages.begin(Place("C1", incident.id), at(0))
    assert store.storms.join(Place("C1", incident.id), Member.of(incident), at(0)) is None
    store.messages.failed(begun)  # it certainly was not made: Slack asked to wait
    assert is_storm(join(store, incident))


def test_an_incident_that_has_joined_cannot_be_posted_until_it_leaves(store: Store) -> None:
    incident = opened(store, "a")
    place = Place("C1", incident.id)
    storm = join(store, incident)
    begun = store.messages.begin(place, at(1))
    assert begun.state is Begun.STORM
    assert not store.messages.posted(place, "1.0", Body(1, "text", []), at(1))
    store.messages.failed(begun)
    assert store.messages.begin(place, at(1)).state is Begun.STORM
    assert store.storms.of_member(incident.id) == (place,)
    assert store.storms.leave(place, at(2)) == storm
    assert store.storms.leave(place, at(2)) == ""
    begun = store.messages.begin(place, at(3))
    assert (begun.state, begun.began_at) == (Begun.FRESH, at(3))
    found = store.storms.get(storm)
    assert found is not None
    assert (found.members, [each.incident_id for each in found.apart]) == ((), [incident.id])


def test_a_look_counts_what_began_lately_and_knows_the_incident(store: Store) -> None:
    early, late, mine = (opened(store, name) for name in ("early", "late", "mine"))
    post(store, early, 0)
    post(store, late, 3)
    place = Place("C1", mine.id)
    assert (store.storms.look(place, at(-1), 9).recent, store.storms.look(place, at(1), 9).recent) == (2, 1)
    assert store.storms.look(place, at(-1), 1).recent == 1
    assert store.storms.look(Place("C2", mine.id), at(-1), 9).recent == 0
    storm = join(store, mine, 4)
    look = store.storms.look(place, at(1), 9)
    assert (look.recent, look.storm, look.state, look.noted, look.apart) == (2, storm, Begun.STORM, 1, False)
    store.storms.leave(place, at(5))
    assert store.storms.look(place, at(1), 9).apart


def test_the_storms_own_message_is_not_counted(store: Store) -> None:
    storm = join(store, opened(store, "a"))
    store.messages.begin(Place("C1", storm), at(0))
    assert store.storms.look(Place("C1", "x"), EVER, 9).recent == 1


def test_a_member_is_counted_as_it_was_last_told(store: Store) -> None:
    incident = opened(store, "a")
    storm = join(store, incident)
    store.inbox.receive(delivery(resolved("a", end=1), group_key="a"), at(1))
    now = store.incidents.get(incident.id)
    assert now is not None
    assert join(store, now, 1) == storm
    found = store.storms.get(storm)
    assert found is not None
    assert [(each.version, each.status) for each in found.members] == [(2, now.status)]


def test_it_is_over_when_few_begin_and_the_next_one_is_another(store: Store) -> None:
    storm = join(store, opened(store, "a"), 0)
    join(store, opened(store, "b"), 3)
    assert store.storms.calm(at(4), at(-1), 2) == ()
    assert store.storms.calm(at(6), at(1), 2) == (storm,)
    assert store.storms.calm(at(6), at(1), 2) == ()
    found = store.storms.get(storm)
    assert found is not None
    assert (found.ended_at, store.storms.going_on()) == (at(6), 0)
    assert join(store, opened(store, "c"), 7) != storm
    assert [each.id == storm for each in store.storms.recent(9)] == [False, True]


def test_what_changes_after_its_end_is_told_in_the_storm_it_belongs_to(store: Store) -> None:
    incident = opened(store, "a")
    storm = join(store, incident)
    store.storms.calm(at(6), at(1), 1)
    assert join(store, incident, 7) == storm


def test_the_messages_of_their_own_beside_it_are_counted(store: Store) -> None:
    for minute, name in ((-9, "before"), (-1, "just-before"), (1, "critical")):
        post(store, opened(store, name, 0), minute)
    storm = join(store, opened(store, "a"), 0)
    found = store.storms.get(storm, 300)
    assert found is not None
    assert found.alone == 2


def test_storms_are_not_listed_among_incidents(store: Store) -> None:
    incident = opened(store, "a")
    storm = join(store, incident)
    assert [each.id for each in store.incidents.recent(9)] == [incident.id]
    store.messages.begin(Place("C1", storm), at(0))
    assert [each.id for each in store.incidents.told_to(["C1"], 9)] == [incident.id]
    assert store.incidents.told_to(["C2"], 9) == ()


def test_a_member_of_a_storm_that_was_purged_is_told_in_another(store: Store) -> None:
    incident = opened(store, "a", 0)
    storm = join(store, incident, 0)
    store.inbox.receive(delivery(firing("b", 90), group_key="a"), at(90))
    store.purge(at(91), Retention.same(timedelta(hours=1)))
    assert store.storms.get(storm) is None
    assert join(store, incident, 92) != storm


@pytest.mark.parametrize("severity", ["warning", "error"])
def test_what_it_counts_is_what_the_alerts_say(store: Store, severity: str) -> None:
    member = Member.of(opened(store, "a", 2, severity))
    assert (member.name, member.services, member.severity.value, member.alerts) == ("a", ("orders",), severity, 1)
