"""Who sees what over HTTP: an operator all of it, a reader what its audience covers, and no hint of the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.access import Audience
from domain.alert import Alert, Delivery, Incident, Status
from worker.http.ports import Access
from worker.http.window import Room, Window
from worker.route import Channel
from worker.store import schema
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.messages import Body, Place
from worker.store.runs import RunRecord
from worker.store.store import Store
from worker.store.tokens import Token

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PAYMENTS, EVERYONE = Audience.of(["payments"]), Audience.of([])
CANARY = "CANARY-7c1f"


@dataclass
class House:
    """A store with one incident told to two channels, one told to payments alone, and one told to nobody."""

    store: Store
    office: Any
    readers: dict[str, frozenset[str]] = field(default_factory=lambda: {"runbooks/p.md": frozenset({"payments"})})
    channels: tuple[Channel, ...] = (
        Channel("CALL", "all", EVERYONE),
        Channel("CPAY", "payments", PAYMENTS),
        Channel("CDARK", "not confirmed", Audience.nobody()),
    )
    incidents: dict[str, str] = field(default_factory=dict)

    def open(self, name: str, *channels: str) -> str:
        alert = Alert(name, Status.FIRING, {"alertname": name}, {}, AT)
        receipt = self.store.inbox.receive(Delivery("alertmanager", name, (alert,)), AT)
        self.incidents[name] = incident = receipt.incidents[0]
        for channel in channels:
            audience = next(each.audience for each in self.channels if each.id == channel)
            documents = ["runbooks/p.md"] if "payments" in audience.groups else []
            memory = {
                "audience": sorted(audience.groups),
                "given": documents,
                "summary": {"sources": [], "nearest": []},
            }
            text = f"{CANARY} for {channel}" if documents else f"open text for {channel}"
            run = RunRecord(f"run-{name}-{channel}", incident, channel, 1, audience.groups, "new", AT)
            self.store.runs.record(run)
            place = Place(channel, incident)
            self.store.messages.begin(place, AT)
            self.store.messages.posted(place, "1.0", Body(1, text, (), "extractive", run.id, memory), AT)
        return incident

    def of_record(self, document_ids: Any) -> dict[str, frozenset[str]]:
        return {name: self.readers[name] for name in document_ids if name in self.readers}

    def token(self, groups: list[str] | None = None, **more: Any) -> dict[str, str]:
        audience = Audience.nobody() if groups is None else Audience.of(groups)
        text = self.store.tokens.create(Token("", "panel", groups is None, audience, AT, "test", **more))
        return {"authorization": f"Bearer {text}"}

    def client(self, here: bool = False) -> Any:
        store = self.store
        record = type("Record", (), {"readers": staticmethod(self.of_record)})()
        room = Room(store.incidents, store.messages, store.runs, record, lambda: self.channels)
        self.office.access = Access(issued=store.tokens, api_tokens=("by-settings",), allow_unsigned_loopback=True)
        self.office.incidents, self.office.messages, self.office.runs = store.incidents, store.messages, store.runs
        self.office.more = {"window": lambda audience: Window(room, audience), "denials": store.denials}
        return self.office.here() if here else self.office.elsewhere()


@pytest.fixture
def house(tmp_path: Path, office: Any) -> House:
    database = open_database(f"sqlite:///{tmp_path / 'state.db'}")
    schema.upgrade(database)
    house = House(Store(database, Policy()), office)
    house.open("shared", "CALL", "CPAY")
    house.open("private", "CPAY")
    house.open("unheard")
    return house


def listed(client: Any, headers: dict[str, str], query: str = "") -> set[str]:
    return {row["id"] for row in client.get(f"/v1/incidents{query}", headers=headers).json()["incidents"]}


def test_a_reader_sees_the_incidents_and_messages_of_the_channels_that_its_audience_covers(house: House) -> None:
    client, ids = house.client(), house.incidents
    assert listed(client, house.token(["payments"])) == {ids["shared"], ids["private"]}
    outsider = house.token([])
    assert listed(client, outsider) == {ids["shared"]}
    assert listed(client, outsider, "?offset=1") == set()
    shown = client.get(f"/v1/incidents/{ids['shared']}", headers=outsider)
    assert [message["channel"] for message in shown.json()["messages"]] == ["CALL"]
    assert CANARY not in shown.text
    assert CANARY in client.get(f"/v1/incidents/{ids['shared']}", headers=house.token(["payments"])).text


def test_an_operator_sees_everything_by_settings_by_token_or_on_this_machine(house: House) -> None:
    everything = set(house.incidents.values())
    assert listed(house.client(), {"authorization": "Bearer by-settings"}) == everything
    assert listed(house.client(), house.token(None)) == everything
    assert listed(house.client(here=True), {}) == everything


def test_a_readers_token_narrows_what_is_seen_on_this_machine_too(house: House) -> None:
    assert listed(house.client(here=True), house.token([])) == {house.incidents["shared"]}


@pytest.mark.parametrize("kind", ["incidents", "runs"])
def test_what_may_not_be_seen_and_what_is_not_there_get_the_same_answer(house: House, kind: str) -> None:
    client, reader = house.client(), house.token([])
    hidden = house.incidents["private"] if kind == "incidents" else "run-private-CPAY"
    answers = [client.get(f"/v1/{kind}/{name}", headers=reader) for name in (hidden, "not-there")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert answers[0].headers["content-length"] == answers[1].headers["content-length"]


def test_every_denied_read_is_on_record_and_counted(house: House) -> None:
    client, reader = house.client(), house.token([])
    for path in (f"/v1/incidents/{house.incidents['private']}", "/v1/runs/none", "/metrics"):
        client.get(path, headers=reader)
    client.post("/v1/changes", headers=reader, json={})
    denials = house.store.denials.recent()
    assert {(each.what, each.subject, each.reason) for each in denials} == {
        ("incident", house.incidents["private"], "not-readable"),
        ("run", "none", "not-readable"),
        ("page", "/metrics", "operator-needed"),
        ("page", "/v1/changes", "operator-needed"),
    }
    assert {each.name for each in denials} == {"panel"}
    count = house.office.metrics.value
    assert count("middlewatch_denied_reads_total", what="incident", reason="not-readable") == 1
    assert count("middlewatch_denied_reads_total", what="page", reason="operator-needed") == 2


def test_a_denied_caller_without_a_good_token_is_counted_and_fills_no_table(house: House) -> None:
    client = house.client()
    assert client.get("/v1/incidents").status_code == 401
    assert client.get("/v1/incidents", headers={"authorization": "Bearer mw_x"}).status_code == 403
    assert house.store.denials.recent() == ()
    count = house.office.metrics.value
    assert count("middlewatch_denied_reads_total", what="page", reason="no-token") == 1
    assert count("middlewatch_denied_reads_total", what="page", reason="bad-token") == 1


@pytest.mark.parametrize("path", ["/metrics", "/v1/changes"])
def test_what_is_for_operators_is_refused_to_readers(house: House, path: str) -> None:
    client, reader = house.client(), house.token(["payments"])
    answer = client.post(path, headers=reader, json={}) if "changes" in path else client.get(path, headers=reader)
    assert (answer.status_code, answer.json()["reason"]) == (403, "operator-needed")


def spoil(secret: str) -> str:
    return secret[:-1] + ("A" if secret[-1] != "A" else "B")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: spoil(text),
        lambda text: text.upper(),
        lambda text: text[:-1],
        lambda text: text + " ",
        lambda text: text.replace("mw_", ""),
        lambda text: f"mw_{'0' * 22}_{text.split('_', 2)[2]}",
    ],
)
def test_a_token_that_is_not_quite_right_opens_nothing(house: House, change: Callable[[str], str]) -> None:
    text = house.token(["payments"])["authorization"].removeprefix("Bearer ")
    assert house.store.tokens.holder(text, AT) is not None
    assert house.store.tokens.holder(change(text), AT) is None


def test_a_token_is_replaced_while_both_are_valid_and_the_old_one_ends_when_it_is_revoked(house: House) -> None:
    client, old, new = house.client(), house.token([]), house.token([])
    assert [client.get("/v1/incidents", headers=each).status_code for each in (old, new)] == [200, 200]
    identity = old["authorization"].split("_")[1]
    assert house.store.tokens.revoke(identity, AT)
    assert not house.store.tokens.revoke(identity, AT)
    assert [client.get("/v1/incidents", headers=each).status_code for each in (old, new)] == [403, 200]


def test_a_token_ends_when_its_time_is_over(house: House) -> None:
    text = house.token([], expires_at=AT + timedelta(days=1))["authorization"].removeprefix("Bearer ")
    assert house.store.tokens.holder(text, AT)
    assert house.store.tokens.holder(text, AT + timedelta(days=1)) is None


def test_the_use_of_a_token_is_noted(house: House) -> None:
    text = house.token([])["authorization"].removeprefix("Bearer ")
    assert [token.last_used_at for token in house.store.tokens.all()] == [None]
    house.store.tokens.holder(text, AT)
    house.store.tokens.holder(text, AT + timedelta(seconds=30))
    assert [token.last_used_at for token in house.store.tokens.all()] == [AT]
    house.store.tokens.holder(text, AT + timedelta(seconds=90))
    assert [token.last_used_at for token in house.store.tokens.all()] == [AT + timedelta(seconds=90)]


def test_the_secret_of_a_token_is_nowhere_in_the_database(house: House, tmp_path: Path) -> None:
    secret = house.token([])["authorization"].split("_", 2)[2]
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert secret.encode() not in kept
    assert b"panel" in kept


def test_a_text_goes_from_the_window_when_a_document_behind_it_lost_its_reader(house: House) -> None:
    client, reader = house.client(), house.token(["payments"])
    house.readers["runbooks/p.md"] = frozenset({"security"})
    shown = client.get(f"/v1/incidents/{house.incidents['private']}", headers=reader)
    assert shown.json()["messages"][0]["editions"] == []
    assert CANARY not in shown.text


def test_a_text_made_for_more_readers_is_not_seen_after_its_channel_was_narrowed(house: House) -> None:
    house.channels = (Channel("CPAY", "payments", EVERYONE),)
    house.readers["runbooks/p.md"] = frozenset({"everyone"})
    shown = house.client().get(f"/v1/incidents/{house.incidents['private']}", headers=house.token([]))
    assert shown.status_code == 200
    assert CANARY not in shown.text


def test_the_incident_before_is_not_named_to_whom_it_was_not_told(house: House) -> None:
    room_of = house.client()
    hidden = house.incidents["unheard"]

    class Linked:
        def get(self, incident_id: str) -> Incident | None:
            found = house.store.incidents.get(incident_id)
            return replace(found, previous_id=hidden) if found else None

    room = Room(Linked(), house.store.messages, house.store.runs, None, lambda: house.channels)  # type: ignore[arg-type]
    assert room_of
    seen = Window(room, EVERYONE).incident(house.incidents["shared"])
    assert seen is not None
    assert seen.previous_id == ""


def test_a_reader_is_told_how_a_run_went_and_not_what_it_was_made_from(house: House) -> None:
    client = house.client()
    told = client.get("/v1/runs/run-private-CPAY", headers=house.token(["payments"])).json()
    assert told["channel_id"] == "CPAY"
    assert not {"details", "versions", "audience"} & told.keys()
    assert "details" in client.get("/v1/runs/run-private-CPAY", headers=house.token(None)).json()


def test_what_is_wrong_with_a_part_is_told_to_operators_only(house: House) -> None:
    from worker.http.ports import Probe  # noqa: PLC0415

    client = house.client()
    house.office.more |= {"probes": (Probe("index", lambda: f"{CANARY}: 166 documents"),)}
    client = house.office.elsewhere()
    for headers in ({}, house.token(["payments"]), {"authorization": "Bearer wrong"}):
        told = client.get("/readyz", headers=headers)
        assert told.json()["parts"] == [{"name": "index", "ok": True}]
    assert CANARY in client.get("/readyz", headers=house.token(None)).text
