"""What each channel was told: one message for each (channel, incident), and every text it has shown.

Slack's chat.postMessage knows no idempotency key, so a post is claimed before it is made and recorded after
it. A post that was begun and never recorded is *ambiguous*: whoever comes next looks for its marker in the
channel before posting again. An edit is recorded under the sequence number it started from, so that a late
worker cannot overwrite what a later one recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, desc, select, update

from worker.store.engine import Database
from worker.store.outbox import HELD
from worker.store.tables import bodies, messages, outbox, replies, showings

Block = Mapping[str, Any]


class Begun(StrEnum):
    """What is known of a message when somebody sets out to post it."""

    FRESH = "fresh"
    """It was never posted: post it."""
    AMBIGUOUS = "ambiguous"
    """An earlier attempt began and its end is unknown: look in the channel first."""
    POSTED = "posted"
    """It is there: edit it."""
    STORM = "storm"
    """The channel's storm message tells of the incident: post nothing."""
    SILENT = "silent"
    """It was held by a silence. To post it, it is as good as fresh."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: one channel, one incident."""

    channel_id: str
    incident_id: str


@dataclass(frozen=True, slots=True)
class Body:
    """What a message shows. `memory` is what the writer wants to find again, as JSON values.

    `documents` are those that it rests on."""

    version: int
    text: str
    blocks: Sequence[Block]
    rung: str = ""
    run_id: str = ""
    memory: Mapping[str, Any] = field(default_factory=dict)
    documents: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """One text that a message has shown: `seq` counts from 1."""

    seq: int
    at: datetime
    body: Body


@dataclass(frozen=True, slots=True)
class Message:
    """A channel's message about an incident. `newest` is what it shows, None as long as it is not posted.
    `began_at` is when the first attempt whose end is unknown began; `ts` is Slack's name of the message. `storm_id` is
    the storm that tells of the incident, or did until it was given a message of its own.
    """

    place: Place
    state: Begun
    attempts: int
    began_at: datetime
    posted_at: datetime | None
    ts: str
    newest: Edition | None
    storm_id: str = ""
    silent_until: datetime | None = None
    doubted_at: datetime | None = None
    """When Slack last broke off without saying whether it took the post."""

    @property
    def seq(self) -> int:
        """The sequence number that the next edit starts from."""
        return self.newest.seq if self.newest else 0


@dataclass(frozen=True, slots=True)
class Showing:
    """What a posted message rests on, and the groups it was made for; None where that is not on record."""

    place: Place
    documents: frozenset[str]
    audience: Sequence[str] | None


class Messages:
    """The memory of what was delivered."""

    def __init__(self, database: Database) -> None:
        """Keep it in this database."""
        self._database = database

    def begin(self, place: Place, now: datetime) -> Message:
        """Claim the post before it is made; `state` says whether to post, to look, or to edit.

        A message that stays FRESH or AMBIGUOUS is AMBIGUOUS to the next who begins, until it is recorded as
        posted or as failed.
        """
        with self._database.write() as connection:
            if self._database.add(connection, messages, new_row(place, now)):
                return Message(place, Begun.FRESH, 1, now, None, "", None)
            found = _one(connection, place)
            if found.state in {Begun.POSTED, Begun.STORM}:
                return found
            fresh = found.state is not Begun.AMBIGUOUS
            began_at = now if fresh else found.began_at
            values = {"state": Begun.AMBIGUOUS.value, "attempts": found.attempts + 1, "began_at": began_at}
            doubted_at = None if fresh else found.doubted_at
            values |= {"silent_until": None, "doubted_at": doubted_at}
            connection.execute(update(messages).where(at_place(place)).values(**values))
            state = Begun.FRESH if fresh else found.state
            return Message(place, state, found.attempts + 1, began_at, None, "", None, doubted_at=doubted_at)

    def lease_lost(self) -> bool:
        """Tell whether somebody else has claimed what the attempt that asks works on; False where nothing is claimed.

        Asked after a message was begun it leaves no gap: whoever claims later finds the message begun.
        """
        claim = HELD.get()
        if claim is None:
            return False
        with self._database.read() as connection:
            token = connection.execute(select(outbox.c.token).where(outbox.c.incident_id == claim.incident_id)).scalar()
        return token != claim.token

    def failed(self, begun: Message) -> None:
        """Record that the post was certainly not made: the next who begins may post at once.

        Where somebody else has begun one meanwhile, that one is in doubt still.
        """
        unposted = and_(
            at_place(begun.place), messages.c.state == Begun.AMBIGUOUS.value, messages.c.attempts == begun.attempts
        )
        with self._database.write() as connection:
            connection.execute(update(messages).where(unposted).values(state=Begun.FRESH.value))

    def doubted(self, place: Place, now: datetime) -> None:
        """Record that Slack broke off: the post may have been made."""
        unposted = and_(at_place(place), messages.c.state == Begun.AMBIGUOUS.value)
        with self._database.write() as connection:
            connection.execute(update(messages).where(unposted).values(doubted_at=now))

    def posted(self, place: Place, ts: str, body: Body, now: datetime) -> bool:
        """Record that the message is there. False: somebody else recorded it first, so look at `last`."""
        first = and_(at_place(place), messages.c.state.in_((Begun.AMBIGUOUS.value, Begun.FRESH.value)))
        values = {"state": Begun.POSTED.value, "ts": ts, "posted_at": now, "seq": 1}
        with self._database.write() as connection:
            if connection.execute(update(messages).where(first).values(**values)).rowcount != 1:
                return False
            connection.execute(bodies.insert(), _body_row(place, Edition(1, now, body)))
            self._show(connection, place, body)
        return True

    def edited(self, place: Place, seq: int, body: Body, now: datetime) -> bool:
        """Record an edit that started from edition `seq`.

        False: somebody recorded another edit meanwhile, and the channel may now show the older text; have
        the incident looked at again (`Outbox.again`).
        """
        ours = and_(at_place(place), messages.c.state == Begun.POSTED.value, messages.c.seq == seq)
        with self._database.write() as connection:
            if connection.execute(update(messages).where(ours).values(seq=seq + 1)).rowcount != 1:
                return False
            connection.execute(bodies.insert(), _body_row(place, Edition(seq + 1, now, body)))
            self._show(connection, place, body)
        return True

    def remember(self, place: Place, seq: int, memory: Mapping[str, Any]) -> None:
        """Keep something else with the text of edition `seq`; what the channel shows stays as it is."""
        named = (bodies.c.channel_id == place.channel_id, bodies.c.incident_id == place.incident_id)
        with self._database.write() as connection:
            connection.execute(update(bodies).where(*named, bodies.c.seq == seq).values(memory=dict(memory)))

    def last(self, place: Place) -> Message | None:
        """Return the channel's message about the incident, or None where none was begun."""
        with self._database.read() as connection:
            row = connection.execute(_with_body().where(at_place(place))).mappings().first()
        return None if row is None else _message(row)

    def of_incident(self, incident_id: str) -> tuple[Message, ...]:
        """Return an incident's messages in all channels."""
        query = _with_body().where(messages.c.incident_id == incident_id).order_by(messages.c.channel_id)
        with self._database.read() as connection:
            return tuple(_message(row) for row in connection.execute(query).mappings())

    def for_preview(self, limit: int, channel_id: str = "") -> tuple[Message, ...]:
        """Return posted messages, the newest first; of all channels, or of one."""
        query = _with_body().where(messages.c.state == Begun.POSTED.value)
        query = query.order_by(desc(messages.c.posted_at), messages.c.channel_id, messages.c.incident_id).limit(limit)
        if channel_id:
            query = query.where(messages.c.channel_id == channel_id)
        with self._database.read() as connection:
            return tuple(_message(row) for row in connection.execute(query).mappings())

    def history(self, place: Place) -> tuple[Edition, ...]:
        """Return every text that the message has shown, the oldest first, but those that are withheld."""
        return self._editions(place, bodies.c.withheld.is_(False))

    def originals(self, place: Place) -> tuple[Edition, ...]:
        """Return the texts that are withheld: each quotes what its channel may not read any more. For the audit."""
        return self._editions(place, bodies.c.withheld.is_(True))

    def withhold(self, place: Place, seqs: Collection[int]) -> None:
        """Keep these texts for the audit alone."""
        named = (bodies.c.channel_id == place.channel_id, bodies.c.incident_id == place.incident_id)
        with self._database.write() as connection:
            connection.execute(update(bodies).where(*named, bodies.c.seq.in_(seqs)).values(withheld=True))

    def showings(self) -> tuple[Showing, ...]:
        """Return what every posted message rests on, as it stands."""
        with self._database.read() as connection:
            rows = connection.execute(select(showings)).mappings().all()
        return tuple(
            Showing(Place(row["channel_id"], row["incident_id"]), frozenset(row["documents"]), row["audience"])
            for row in rows
        )

    def _show(self, connection: Connection, place: Place, body: Body) -> None:
        """Note what the message rests on."""
        told = {"audience": body.memory.get("audience"), "documents": sorted(body.documents)}
        row = {"channel_id": place.channel_id, "incident_id": place.incident_id, **told}
        upsert = self._database.insert(showings).values(row)
        connection.execute(upsert.on_conflict_do_update(index_elements=["channel_id", "incident_id"], set_=told))

    def _editions(self, place: Place, which: ColumnElement[bool]) -> tuple[Edition, ...]:
        query = select(bodies).where(
            bodies.c.channel_id == place.channel_id, bodies.c.incident_id == place.incident_id, which
        )
        with self._database.read() as connection:
            return tuple(_edition(row) for row in connection.execute(query.order_by(bodies.c.seq)).mappings())

    def reply_once(self, place: Place, about: str, now: datetime) -> bool:
        """Claim a reply in the thread, such as "reopened:2". True the first time, then never again."""
        row = {"channel_id": place.channel_id, "incident_id": place.incident_id, "about": about, "at": now}
        with self._database.write() as connection:
            return self._database.add(connection, replies, row)

    def not_replied(self, place: Place, about: str) -> None:
        """Give a reply's claim back: it was certainly not made."""
        ours = and_(replies.c.channel_id == place.channel_id, replies.c.incident_id == place.incident_id)
        with self._database.write() as connection:
            connection.execute(replies.delete().where(ours, replies.c.about == about))


def at_place(place: Place) -> Any:
    """Return what names the message of one channel about one incident."""
    return and_(messages.c.channel_id == place.channel_id, messages.c.incident_id == place.incident_id)


def _one(connection: Connection, place: Place) -> Message:
    query = _with_body().where(at_place(place)).with_for_update(of=messages)
    return _message(connection.execute(query).mappings().one())


def _with_body() -> Select[Any]:
    newest = and_(
        bodies.c.channel_id == messages.c.channel_id,
        bodies.c.incident_id == messages.c.incident_id,
        bodies.c.seq == messages.c.seq,
    )
    shown = [bodies.c[name] for name in ("at", "version", "text", "blocks", "rung", "run_id", "memory")]
    return select(messages, *shown).select_from(messages.outerjoin(bodies, newest))


def new_row(place: Place, now: datetime) -> dict[str, Any]:
    """Return the row of a message whose post begins now."""
    return {
        "channel_id": place.channel_id,
        "incident_id": place.incident_id,
        "state": Begun.AMBIGUOUS.value,
        "attempts": 1,
        "began_at": now,
        "ts": "",
        "seq": 0,
        "storm_id": "",
        "held": {},
    }


def _body_row(place: Place, edition: Edition) -> dict[str, Any]:
    body = edition.body
    return {
        "channel_id": place.channel_id,
        "incident_id": place.incident_id,
        "seq": edition.seq,
        "at": edition.at,
        "version": body.version,
        "text": body.text,
        "blocks": [dict(block) for block in body.blocks],
        "rung": body.rung,
        "run_id": body.run_id,
        "memory": dict(body.memory),
        "withheld": False,
    }


def _message(row: RowMapping) -> Message:
    return Message(
        place=Place(row["channel_id"], row["incident_id"]),
        state=Begun(row["state"]),
        attempts=row["attempts"],
        began_at=row["began_at"],
        posted_at=row["posted_at"],
        ts=row["ts"],
        newest=_edition(row) if row["seq"] else None,
        storm_id=row["storm_id"],
        silent_until=row["silent_until"],
        doubted_at=row["doubted_at"],
    )


def _edition(row: RowMapping) -> Edition:
    body = Body(row["version"], row["text"], row["blocks"], row["rung"], row["run_id"], row["memory"])
    return Edition(row["seq"], row["at"], body)
