"""Storms over HTTP: a reader sees those of the channels they cover, an operator parts them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.access import Audience
from domain.alert import Severity, Status
from worker.http import storms
from worker.http.ports import Access
from worker.http.window import Room, Window
from worker.route import Channel
from worker.store.storm import Member, Storm
from worker.store.tokens import Token

AT = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
MEMBER = Member("i1", 1, AT, Status.FIRING, Severity.WARNING, "DiskFull", ("orders",), 2)
STORMS = tuple(Storm(f"storm-{name}", name, AT, None, 3, (MEMBER,)) for name in ("C1", "C2"))


class FakeStorms:
    def recent(self, limit: int, channels: Collection[str] | None = None) -> tuple[Storm, ...]:
        return tuple(storm for storm in STORMS if channels is None or storm.channel_id in channels)[:limit]

    def get(self, storm_id: str) -> Storm | None:
        return next((storm for storm in STORMS if storm.id == storm_id), None)


class Issued:
    """One token, of a reader of C1's groups."""

    def holder(self, text: str, now: datetime) -> Token | None:
        return Token("t1", "reader", False, Audience.of(["a"]), AT, "me") if text == "reader" else None


@pytest.fixture
def parted() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def app(office: Any, parted: list[tuple[str, str]]) -> Any:
    channels = (Channel("C1", "", Audience.of(["a"])), Channel("C2", "", Audience.of(["b"])))
    room: Any = Room(None, None, None, None, lambda: channels)  # type: ignore[arg-type]

    def part(incident: str, who: str) -> int:
        parted.append((incident, who))
        return int(incident == "i1")

    office.access = Access(api_tokens=("operator",), issued=Issued())
    office.more = {"window": lambda audience: Window(room, audience)}
    stand_in: Any = FakeStorms()
    office.routers = (storms.router(office.deps(), stand_in, part),)
    return office.here()


def ask(app: Any, path: str, token: str) -> Any:
    return app.get(path, headers={"Authorization": f"Bearer {token}"})


def test_an_operator_sees_all_and_a_reader_those_of_their_channels(app: Any) -> None:
    listed = {
        token: [each["id"] for each in ask(app, "/v1/storms", token).json()["storms"]]
        for token in ("operator", "reader")
    }
    assert listed == {"operator": ["storm-C1", "storm-C2"], "reader": ["storm-C1"]}
    assert app.get("/v1/storms").status_code == 401


def test_a_storm_is_shown_with_its_incidents(app: Any) -> None:
    content = ask(app, "/v1/storms/storm-C1", "reader").json()
    assert (content["incidents"], content["alerts"], content["members"][0]["incident"]) == (1, 2, "i1")


def test_what_a_reader_may_not_see_and_what_is_not_there_answer_alike(app: Any) -> None:
    hidden, absent = (ask(app, f"/v1/storms/{name}", "reader") for name in ("storm-C2", "storm-C3"))
    assert (hidden.status_code, hidden.json()) == (404, absent.json())


def test_only_an_operator_parts_an_incident(app: Any, parted: list[tuple[str, str]]) -> None:
    assert app.post("/v1/incidents/i1/split", headers={"Authorization": "Bearer reader"}).status_code == 403
    assert parted == []
    done = app.post("/v1/incidents/i1/split", headers={"Authorization": "Bearer operator"})
    assert (done.status_code, done.json(), parted) == (202, {"split": 1}, [("i1", "intake.api_tokens")])
    nothing = app.post("/v1/incidents/i2/split", headers={"Authorization": "Bearer operator"})
    assert (nothing.status_code, nothing.json()["reason"]) == (404, "not-in-a-storm")
