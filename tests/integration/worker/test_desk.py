"""The desk when another worker was there: nothing older is shown, nothing stands twice, a reply is made once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from domain.access import Audience, Readers
from domain.alert import Incident
from domain.errors import MiddlewatchError, SlackUnavailable
from domain.summary import Rung, Summary
from tests.deliveries import at, delivery, firing, resolved
from worker.decide import decide
from worker.desk import Desk, Drawers
from worker.posting import HISTORY_LAGS, IN_DOUBT, Posting
from worker.readers.fit import Check
from worker.route import Channel
from worker.runs import Run
from worker.slack.message import Message
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.messages import Message as Posted
from worker.store.messages import Place
from worker.store.outbox import HELD
from worker.store.schema import upgrade
from worker.store.store import Store
from worker.telemetry import Metrics

CHANNEL = Channel("C1", "one", Audience.of([]), post_to="C1")
SUMMARY = Summary(Rung.EXTRACTIVE, (), ())
MINUTE = at(1)


@dataclass
class FakeSlack:
    """A channel by ts. `meanwhile` is what another worker does just when a call has taken effect."""

    shown: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    replies: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None
    looked: int = 0
    reply_fails: MiddlewatchError | None = None

    def post(self, channel_id: str, message: Message, marker: str) -> str:
        ts = f"{len(self.marks) + 1}.0"
        self.shown[ts], self.marks[ts] = message.text, marker
        self._interrupted()
        return ts

    def edit(self, channel_id: str, ts: str, message: Message) -> None:
        self.shown[ts] = message.text
        self._interrupted()

    def reply(self, channel_id: str, ts: str, text: str, broadcast: bool) -> str:
        if self.reply_fails:
            error, self.reply_fails = self.reply_fails, None
            raise error
        self.replies.append(text)
        return "reply"

    def find(self, channel_id: str, marker: str, since: datetime) -> str | None:
        self.looked += 1
        return next((ts for ts, mark in self.marks.items() if mark == marker and ts in self.shown), None)

    def delete(self, channel_id: str, ts: str) -> None:
        del self.shown[ts]

    def _interrupted(self) -> None:
        act, self.meanwhile = self.meanwhile, None
        if act:
            act()


class Nobody:
    """No document has readers."""

    def readers(self, document_ids: Sequence[str]) -> Mapping[str, Readers]:
        return {}


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("desk") / "state.db"
    database = open_database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


@pytest.fixture
def store(migrated: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(migrated, tmp_path)
    opened = Store(open_database(f"sqlite:///{tmp_path}/state.db"), Policy())
    yield opened
    opened.close()


@dataclass
class Office:
    store: Store
    slack: FakeSlack

    def take(self, *alerts: object) -> Incident:
        receipt = self.store.inbox.receive(delivery(*alerts), at(0))  # type: ignore[arg-type]
        incident = self.store.incidents.get(receipt.incidents[0])
        assert incident is not None
        return incident

    def deliver(self, incident: Incident, slack: FakeSlack | None = None, now: datetime = MINUTE) -> None:
        metrics = Metrics()
        drawers = Drawers(self.store.messages, self.store.changes, Check(Nobody(), metrics))
        post = slack or self.slack
        desk = Desk(post, drawers, Posting(post, self.store.messages, metrics, lambda: now), lambda: now)
        decision = decide(incident, desk.shown(incident, CHANNEL))
        desk.deliver(SUMMARY, Run("r", now, incident, CHANNEL, decision))


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store, FakeSlack())


def test_a_late_worker_does_not_put_an_older_state_over_a_newer(office: Office) -> None:
    old = office.take(firing())
    new = office.take(resolved(end=1))
    office.deliver(new)
    office.deliver(old)
    assert [text.split(" ")[0] for text in office.slack.shown.values()] == ["RESOLVED"]


def test_an_edit_that_lands_after_a_newer_one_is_put_right(office: Office) -> None:
    office.deliver(office.take(firing()))
    worse = office.take(firing(), firing("b", start=1))
    ended = office.take(resolved(end=1), resolved("b", start=1, end=1))
    office.slack.meanwhile = lambda: _and_then_the_older(office, ended)
    with pytest.raises(SlackUnavailable, match="edited"):
        office.deliver(worse)
    assert [text.split(" ")[0] for text in office.slack.shown.values()] == ["RESOLVED"]


def _and_then_the_older(office: Office, newer: Incident) -> None:
    """Let another worker show and record the newer state, and our own edit take effect only now."""
    (ts, ours), *_ = office.slack.shown.items()
    office.deliver(newer)
    office.slack.shown[ts] = ours


def test_an_edit_is_not_undone_where_the_other_worker_recorded_an_older_state(office: Office) -> None:
    office.deliver(office.take(firing()))
    older = office.take(firing(), firing("b", start=1))
    ended = office.take(resolved(end=1), resolved("b", start=1, end=1))
    office.slack.meanwhile = lambda: _and_then_the_older(office, older)
    with pytest.raises(SlackUnavailable, match="edited"):
        office.deliver(ended)
    assert [text.split(" ")[0] for text in office.slack.shown.values()] == ["RESOLVED"]


def test_a_second_post_is_taken_back(office: Office) -> None:
    incident = office.take(firing())
    unseen = FakeSlack(marks={"0.0": ""})  # the other worker's look finds nothing: our post has not landed yet
    office.slack.meanwhile = lambda: office.deliver(incident, unseen)
    with pytest.raises(SlackUnavailable, match="posted"):
        office.deliver(incident)
    assert (len(office.slack.shown), len(unseen.shown)) == (0, 1)


def test_a_message_that_two_workers_found_shows_the_newer_state_though_the_older_was_shown_last(office: Office) -> None:
    old = office.take(firing())
    new = office.take(resolved(end=1))
    office.store.messages.begin(Place(CHANNEL.id, old.id), at(0))  # a worker posted and died
    office.slack.marks["7.0"], office.slack.shown["7.0"] = f"{old.id}:{CHANNEL.id}", "the first state"
    office.slack.meanwhile = lambda: _and_then_the_older(office, new)
    with pytest.raises(SlackUnavailable, match="posted"):
        office.deliver(old)
    assert [text.split(" ")[0] for text in office.slack.shown.values()] == ["RESOLVED"]


def test_who_lost_the_lease_posts_nothing_new_and_leaves_nothing_in_doubt(office: Office) -> None:
    """Whoever has it now may have chosen the channels before this message was begun, and would never mend it."""
    incident = office.take(firing())
    late = office.store.outbox.claim(incident.id, at(0), timedelta(seconds=2))
    held = HELD.set(late)
    try:
        next_one = office.store.outbox.claim(incident.id, at(1), timedelta(seconds=2))
        assert next_one is not None
        with pytest.raises(SlackUnavailable, match="tells"):
            office.deliver(incident)
        assert office.slack.shown == {}
        HELD.set(next_one)
        office.deliver(incident)
    finally:
        HELD.reset(held)
    assert len(office.slack.shown) == 1


def test_a_late_worker_does_not_clear_the_doubt_about_another_ones_post(office: Office) -> None:
    """It lost its lease between its look and its post; the next has posted by then, and Slack broke off."""
    incident = office.take(firing())
    late = office.store.outbox.claim(incident.id, at(0), timedelta(seconds=2))
    messages, begin = office.store.messages, office.store.messages.begin

    def overtaken(place: Place, now: datetime) -> Posted:
        begun = begin(place, now)
        messages.begin = begin  # type: ignore[method-assign]
        HELD.set(office.store.outbox.claim(incident.id, at(1), timedelta(seconds=2)))
        office.slack.meanwhile = _break_off
        with pytest.raises(SlackUnavailable, match="broke off"):
            office.deliver(incident)
        HELD.set(late)
        return begun

    messages.begin = overtaken  # type: ignore[method-assign]
    held = HELD.set(late)
    try:
        with pytest.raises(SlackUnavailable, match="tells"):
            office.deliver(incident)
    finally:
        HELD.reset(held)
    office.deliver(incident, now=MINUTE + HISTORY_LAGS)
    assert (office.slack.looked, len(office.slack.shown)) == (2, 1)


def test_a_message_that_was_found_shows_what_is_recorded_before_it_is_recorded(office: Office) -> None:
    incident = office.take(firing())
    place = Place(CHANNEL.id, incident.id)
    office.store.messages.begin(place, at(0))  # a worker posted the first state and died
    office.slack.marks["7.0"], office.slack.shown["7.0"] = f"{incident.id}:{CHANNEL.id}", "an older state"

    def die() -> None:
        raise KeyboardInterrupt

    office.slack.meanwhile = die
    with pytest.raises(KeyboardInterrupt):
        office.deliver(incident)
    last = office.store.messages.last(place)
    assert last is not None
    assert last.newest is None
    office.deliver(incident)
    assert office.slack.shown["7.0"].startswith("WARNING")


def test_nobody_looks_for_a_message_before_the_history_can_show_it_however_urgent_the_news(office: Office) -> None:
    warning = office.take(firing())
    office.slack.meanwhile = _break_off
    with pytest.raises(SlackUnavailable, match="broke off"):
        office.deliver(warning, now=at(1))
    critical = office.take(firing(severity="critical"))
    too_early = at(1) + HISTORY_LAGS - timedelta(seconds=1)
    with pytest.raises(SlackUnavailable) as told:
        office.deliver(critical, now=too_early)
    assert (told.value.reason, told.value.retry_after) == (IN_DOUBT, 1.0)
    assert office.slack.looked == 0
    office.deliver(critical, now=at(1) + HISTORY_LAGS)
    assert [text.split(" ")[0] for text in office.slack.shown.values()] == ["CRITICAL"]


def test_each_post_that_breaks_off_is_waited_for_anew(office: Office) -> None:
    incident, lost = office.take(firing()), FakeSlack()
    for minute in (1, 2):
        lost.shown.clear()  # Slack did not take the one before
        lost.meanwhile = _break_off
        with pytest.raises(SlackUnavailable, match="broke off"):
            office.deliver(incident, lost, now=at(minute))
    with pytest.raises(SlackUnavailable) as told:
        office.deliver(incident, lost, now=at(2) + timedelta(seconds=1))
    assert told.value.reason == IN_DOUBT
    office.deliver(incident, lost, now=at(3))
    assert len(lost.shown) == 1


def _break_off() -> None:
    raise SlackUnavailable("Slack broke off.", ambiguous=True)


@pytest.mark.parametrize(("ambiguous", "said"), [(False, 1), (True, 0)])
def test_a_reply_is_made_again_only_where_it_was_certainly_not_made(office: Office, ambiguous: bool, said: int) -> None:
    office.deliver(office.take(firing()))
    worse = office.take(firing(severity="critical"))
    office.slack.reply_fails = SlackUnavailable("busy", ambiguous=ambiguous)
    with pytest.raises(SlackUnavailable):
        office.deliver(worse)
    office.deliver(worse)
    assert len(office.slack.replies) == said
    office.deliver(replace(worse, version=worse.version))
    assert len(office.slack.replies) == said
