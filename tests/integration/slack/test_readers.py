"""Who reads a channel, asked of a Slack-compatible server: pages, guests, strangers, shared channels, rate limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.access import Audience
from domain.errors import Refused, SlackUnavailable
from tests.slack_faults import broken, rate_limited
from tests.slack_server import TOKEN, SlackServer
from worker.membership import Person
from worker.readers.audiences import Audiences, LiveChannels, Policy
from worker.readers.refresh import Holders, Refresher, Rounds
from worker.route import Channel
from worker.slack.client import web_client
from worker.slack.directory import Directory
from worker.store.engine import open_database
from worker.store.fold import Policy as Folding
from worker.store.schema import upgrade
from worker.store.store import Store
from worker.telemetry import Metrics

EVERY, TTL = timedelta(minutes=5), timedelta(minutes=15)
CHANNEL = Channel("C1", "payments", Audience.of(["payments", "ops"]), post_to="C1")


class World:
    """A workspace, a record, and a clock that is set by hand."""

    def __init__(self, server: SlackServer, store: Store) -> None:
        self.server, self.store, self.metrics = server, store, Metrics()
        self.at = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
        self.directory = Directory(web_client(TOKEN, server.base_url), frozenset({"UDEPLOYBOT"}), self.clock)
        self.audiences = Audiences(store.audiences, Policy(True, TTL), self.metrics, self.clock)
        server.groups = {"payments": ["UANNA", "UBEN"], "ops": ["UANNA"]}

    def clock(self) -> datetime:
        return self.at

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)

    def members(self, *members: str, channel: str = "C1") -> None:
        self.server.channels.pop(channel, None)
        self.server.add_channel(channel, members=(*members, "UBOT"))

    def refresher(self, owner: str = "one") -> Refresher:
        rounds = Rounds(("C1",), EVERY, owner, self.clock)
        books = (self.store.audiences, self.store.locks)
        return Refresher(self.directory, Holders(self.directory, "", True), books, rounds, self.metrics)

    def groups(self, channel: Channel = CHANNEL) -> frozenset[str]:
        return self.audiences.now(channel).groups


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = open_database(f"sqlite:///{tmp_path}/state.db")
    upgrade(database)
    store = Store(database, Folding())
    with SlackServer() as server:
        yield World(server, store)
    store.close()


def test_a_channel_s_audience_is_its_ceiling_within_what_all_its_members_hold(world: World) -> None:
    assert world.groups() == frozenset()
    world.members("UANNA")
    assert world.refresher().run() == 1
    assert world.groups() == {"payments", "ops", "everyone"}
    assert world.groups(Channel("C1", "", Audience.of(["ops"]), post_to="C1")) == {"ops", "everyone"}
    world.members("UANNA", "UBEN", "UDEPLOYBOT")
    world.later(minutes=5)
    world.refresher().run()
    assert world.groups() == {"payments", "everyone"}


@pytest.mark.parametrize(
    "person",
    [
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_stranger": True},
        {"team_id": "TOTHER"},
        {"is_bot": True},
        {"is_workflow_bot": True},
        {"is_restricted": None},
    ],
)
def test_a_guest_a_stranger_or_a_foreign_bot_leaves_what_is_for_everyone(
    world: World, person: dict[str, object]
) -> None:
    world.members("UANNA", "UBEN")
    world.server.people["UBEN"] = person
    world.refresher().run()
    assert world.groups() == {"everyone"}


def test_somebody_whom_slack_does_not_know_is_a_stranger_and_a_closed_account_reads_nothing(world: World) -> None:
    assert world.directory.person("UNOBODY") is Person.STRANGER
    world.members("UANNA", "UGONE")
    world.server.people["UGONE"] = {"deleted": True}
    world.refresher().run()
    assert world.groups() == {"payments", "ops", "everyone"}


@pytest.mark.parametrize(
    "flags",
    [
        {"is_shared": True},
        {"is_ext_shared": True},
        {"is_org_shared": True},
        {"is_pending_ext_shared": True},
        {"pending_connected_team_ids": ["TOTHER"]},
        {"connected_team_ids": ["TOTHER"]},
    ],
)
def test_a_channel_that_is_shared_or_about_to_be_reads_nothing_unless_the_settings_say_so(
    world: World, flags: dict[str, object]
) -> None:
    world.members("UANNA")
    world.server.flags["C1"] = flags
    world.refresher().run()
    assert world.groups() == frozenset()
    (live,) = world.audiences.live([CHANNEL])
    assert "shared with another organisation" in live.note
    policy = Policy(True, TTL, frozenset({"C1"}))
    assert Audiences(world.store.audiences, policy, world.metrics, world.clock).now(CHANNEL).groups == {"everyone"}


def test_an_answer_without_its_flags_is_not_believed(world: World) -> None:
    world.members("UANNA")
    world.server.flags["C1"] = {"is_shared": None}
    world.refresher().run()
    assert world.groups() == frozenset()


def test_every_page_of_members_is_read(world: World) -> None:
    world.server.page = 2
    world.server.groups["payments"] = [f"U{n:03}" for n in range(7)]
    world.members(*(f"U{n:03}" for n in range(7)))
    world.refresher().run()
    assert world.groups() == {"payments", "everyone"}
    world.server.people["U006"] = {"is_restricted": True}
    world.later(minutes=6)
    world.refresher().run()
    assert world.groups() == {"everyone"}


def test_where_slack_does_not_answer_what_was_known_holds_until_it_is_too_old_and_the_message_says_so(
    world: World,
) -> None:
    world.members("UANNA")
    world.refresher().run()
    world.server.fail("conversations.info", *[broken() for _ in range(99)])
    for _ in range(3):
        world.later(minutes=5)
        world.refresher().run()
    assert world.groups() == {"payments", "ops", "everyone"}
    world.later(seconds=1)
    assert world.groups() == frozenset()
    (live,) = LiveChannels([CHANNEL], world.audiences)
    assert live.note == "Readers of this channel could not be confirmed; this message is without documents."
    assert b'middlewatch_unconfirmed_total{reason="stale"} 2.0' in world.metrics.text()


def test_a_refresh_that_a_rate_limit_broke_off_waits_as_asked_and_goes_on_where_it_stopped(world: World) -> None:
    world.members("UANNA", "UBEN")
    world.server.fail("users.info", rate_limited(7))
    world.refresher().run()
    assert world.groups() == frozenset()
    asked = len(world.server.called("users.info"))
    world.later(seconds=29)
    assert world.refresher().run() == 1, "a new process asks at once"
    assert world.groups() == {"payments", "everyone"}
    assert len(world.server.called("users.info")) - asked == 2


def test_an_event_that_comes_while_slack_is_asked_is_not_lost(world: World) -> None:
    world.members("UANNA")
    refresher, asked = world.refresher(), world.directory.room

    def joined_meanwhile(channel_id: str) -> object:
        room = asked(channel_id)
        world.members("UANNA", "UGUEST")
        world.server.people["UGUEST"] = {"is_restricted": True}
        world.store.audiences.doubt(["C1"], world.at, "member_joined_channel")
        return room

    world.directory.room = joined_meanwhile  # type: ignore[method-assign, assignment]
    refresher.run()
    assert world.groups() == frozenset()
    world.directory.room = asked  # type: ignore[method-assign]
    assert refresher.run() == 1
    assert world.groups() == {"everyone"}


def test_two_processes_do_not_ask_the_same(world: World) -> None:
    world.members("UANNA")
    assert world.store.locks.acquire("audiences", "other", world.at, timedelta(minutes=1))
    assert world.refresher().run() == 0
    assert world.server.called("conversations.info") == []


def test_a_file_of_groups_that_changed_is_believed_at_once(world: World, tmp_path: Path) -> None:
    file = tmp_path / "groups.yaml"
    file.write_text("payments: [UANNA, UBEN]\n")
    world.members("UANNA", "UBEN")
    rounds = Rounds(("C1",), EVERY, "one", world.clock)
    books = (world.store.audiences, world.store.locks)
    refresher = Refresher(world.directory, Holders(world.directory, str(file), False), books, rounds, world.metrics)
    refresher.run()
    assert world.groups() == {"payments", "everyone"}
    file.write_text("payments: [UANNA]\n")
    refresher.run()
    assert world.groups() == {"everyone"}
    file.write_text("payments: UANNA")
    refresher.run()
    assert world.groups() == frozenset()


def test_in_shadow_mode_the_readers_of_the_test_channel_count_too(world: World) -> None:
    world.members("UANNA")
    world.members("UBEN", channel="CTEST")
    rounds = Rounds(("C1", "CTEST"), EVERY, "one", world.clock)
    holders = Holders(world.directory, "", True)
    books = (world.store.audiences, world.store.locks)
    Refresher(world.directory, holders, books, rounds, world.metrics).run()
    shadow = Channel("C1", "", Audience.of(["payments", "ops"]), post_to="CTEST", shadow=True)
    assert world.groups(shadow) == {"payments", "everyone"}


def test_a_missing_scope_is_a_final_no_that_says_what_to_do(world: World) -> None:
    world.server.token = "another"
    with pytest.raises(Refused, match="bot_token"):
        world.directory.room("C1")
    world.server.token = TOKEN
    world.server.fail("conversations.members", broken())
    with pytest.raises(SlackUnavailable):
        world.directory.room("C1")
