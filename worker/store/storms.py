"""Storms: where one message of a channel tells of many incidents.

A storm is kept as an incident of the sender "storm", one open one for each channel, without alerts of its own: so it
has a version, a row in the outbox with lease and token, and one message with every text that it has shown, as any
incident has. The incidents that it tells of stay what they are; each one's row in `messages` names the storm instead
of a post. That row is the claim on how the channel is told: an incident is told by itself or in a storm, never both.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, desc, func, literal, select, text, update

from domain.alert import Incident, Severity, Status
from worker.store.columns import UtcTime
from worker.store.engine import Database
from worker.store.ids import IdFactory, new_id
from worker.store.messages import Begun, Place, at_place, new_row
from worker.store.outbox import again
from worker.store.rows import group_id, incident_row
from worker.store.storm import PREFIX, SENDER, Look, Member, Storm
from worker.store.tables import incidents, messages, outbox

_BY_ITSELF = and_(messages.c.incident_id.not_like(f"{PREFIX}%"), messages.c.state != Begun.SILENT.value)


class Storms:
    """The storms of record."""

    def __init__(self, database: Database, ids: IdFactory = new_id) -> None:
        """Keep them in this database."""
        self._database = database
        self._ids = ids

    def look(self, place: Place, since: datetime, most: int) -> Look:
        """Return how things stand in a channel for an incident; incidents are counted from `since` on, up to `most`."""
        with self._database.read() as connection:
            row = connection.execute(select(messages).where(at_place(place))).mappings().first()
            storm = _open_in(connection, place.channel_id)
            recent = _recent(connection, place.channel_id, since, most)
        if row is None:
            return Look(recent, storm)
        state = Begun(row["state"])
        in_storm = state is Begun.STORM
        noted = row["held"].get("version", 0) if in_storm else 0
        return Look(recent, storm, state, noted, bool(row["storm_id"]) and not in_storm)

    def join(self, place: Place, member: Member, now: datetime) -> tuple[str, bool] | None:
        """Have an incident told by its channel's storm, and the storm's message brought up to date.

        Returns the storm's id and whether the storm begins with it. None: somebody has begun a message for it, or has
        taken it out of a storm.
        """
        with self._database.write() as connection:
            self._serialize(connection, place.channel_id)
            self._database.add(connection, messages, new_row(place, now) | {"state": Begun.FRESH.value})
            row = connection.execute(select(messages).where(at_place(place)).with_for_update()).mappings().one()
            state = Begun(row["state"])
            apart = state is not Begun.STORM and row["storm_id"]
            if apart or state in {Begun.AMBIGUOUS, Begun.POSTED}:
                return None
            known = row["storm_id"]
            storm = _existing(connection, known) or _open_in(connection, place.channel_id)
            begins = not storm
            storm = storm or self._begin(connection, place.channel_id, now)
            values: dict[str, Any] = {"state": Begun.STORM.value, "storm_id": storm, "held": _held(member)}
            values |= {"silent_until": None} if known else {"silent_until": None, "began_at": now}
            connection.execute(update(messages).where(at_place(place)).values(**values))
            self._raise(connection, storm, now)
        return storm, begins

    def leave(self, place: Place, now: datetime) -> str:
        """Let an incident have a message of its own from now on; return its storm's id, "" where it is in none."""
        with self._database.write() as connection:
            return self._leave(connection, place, now)

    def split(self, place: Place, now: datetime) -> str:
        """Let an incident have a message of its own, and have it told at once; return its storm's id, or "".

        Whoever works on it just now has seen it in the storm, so that work is fenced off. No post can be under way.
        """
        with self._database.write() as connection:
            storm = self._leave(connection, place, now)
            if storm:
                again(connection, place.incident_id, now, {"token": outbox.c.token + 1, "lease_until": None})
        return storm

    def get(self, storm_id: str, window_s: float = 0.0) -> Storm | None:
        """Return a storm with all that it tells of; `window_s` is how long before it its channel counts."""
        with self._database.read() as connection:
            row = (
                connection.execute(select(incidents).where(incidents.c.id == storm_id, incidents.c.sender == SENDER))
                .mappings()
                .first()
            )
            return None if row is None else _loaded(connection, row, window_s)

    def of_member(self, incident_id: str) -> tuple[Place, ...]:
        """Return where an incident is told by a storm."""
        query = select(messages.c.channel_id).where(
            messages.c.incident_id == incident_id, messages.c.state == Begun.STORM.value
        )
        with self._database.read() as connection:
            return tuple(Place(channel, incident_id) for channel in connection.execute(query).scalars())

    def recent(self, limit: int, channels: Collection[str] | None = None) -> tuple[Storm, ...]:
        """Return storms with all that they tell of, the newest first; of all channels, or of these."""
        query = select(incidents).where(incidents.c.sender == SENDER)
        if channels is not None:
            query = query.where(incidents.c.group_key.in_(sorted(channels)))
        query = query.order_by(desc(incidents.c.opened_at), desc(incidents.c.id)).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
            return tuple(_loaded(connection, row, 0.0) for row in rows)

    def calm(self, now: datetime, since: datetime, fewer_than: int) -> tuple[str, ...]:
        """End the storms of channels where fewer incidents than this began since; return the storms' ids."""
        ended = []
        with self._database.read() as connection:
            going_on = connection.execute(_open().order_by(incidents.c.id)).mappings().all()
        for row in going_on:
            with self._database.write() as connection:
                self._serialize(connection, row["group_key"])
                if _recent(connection, row["group_key"], since, fewer_than) >= fewer_than:
                    continue
                over = {"open": False, "status": Status.RESOLVED.value, "resolved_at": now}
                ours = and_(incidents.c.id == row["id"], incidents.c.open)
                if connection.execute(update(incidents).where(ours).values(**over)).rowcount == 1:
                    self._raise(connection, row["id"], now)
                    ended.append(row["id"])
        return tuple(ended)

    def going_on(self) -> int:
        """Return how many storms go on."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(_open().subquery())).scalar_one()

    def rest(self, storm_id: str, until: datetime) -> None:
        """Let a storm's message be until a time: what comes before it is told then, together."""
        with self._database.write() as connection:
            connection.execute(update(outbox).where(outbox.c.incident_id == storm_id).values(available_at=until))

    def _leave(self, connection: Connection, place: Place, now: datetime) -> str:
        self._serialize(connection, place.channel_id)
        held = and_(at_place(place), messages.c.state == Begun.STORM.value)
        taken = update(messages).where(held).values(state=Begun.FRESH.value).returning(messages.c.storm_id)
        storm = str(connection.execute(taken).scalar_one_or_none() or "")
        if storm:
            self._raise(connection, storm, now)
        return storm

    def _serialize(self, connection: Connection, channel_id: str) -> None:
        """Let one at a time change the storm of a channel; SQLite has one writer anyway."""
        if not self._database.is_sqlite:
            key = int(group_id(SENDER, channel_id)[:15], 16)
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    def _begin(self, connection: Connection, channel_id: str, now: datetime) -> str:
        storm = Incident(f"{PREFIX}{self._ids(now)}", SENDER, channel_id, Status.FIRING, now, None, 0, ())
        connection.execute(incidents.insert(), incident_row(storm, now))
        return storm.id

    def _raise(self, connection: Connection, storm_id: str, now: datetime) -> None:
        """Raise a storm's version, and have its message told; not before it has rested."""
        newer = {"version": incidents.c.version + 1, "heard_at": now}
        raised = update(incidents).where(incidents.c.id == storm_id).values(**newer).returning(incidents.c.version)
        version = connection.execute(raised).scalar_one_or_none()
        if version is None:  # purged: nobody tells of it any more
            return
        at = literal(now, UtcTime)
        row = {
            "incident_id": storm_id, "wanted_version": version, "done_version": 0, "waiting_since": now,
            "available_at": now, "token": 0, "attempts": 0, "reason": "",
        }  # fmt: skip
        was_done = outbox.c.done_version >= outbox.c.wanted_version
        upsert = (
            self._database.insert(outbox)
            .values(row)
            .on_conflict_do_update(
                index_elements=[outbox.c.incident_id],
                set_={
                    "wanted_version": version,
                    "waiting_since": case((was_done, at), else_=outbox.c.waiting_since),
                    "available_at": case((outbox.c.available_at > at, outbox.c.available_at), else_=at),
                    "attempts": 0,
                    "reason": "",
                    "dead_at": None,
                },
            )
        )
        connection.execute(upsert)


def _open() -> Any:
    return select(incidents).where(incidents.c.sender == SENDER, incidents.c.open)


def _open_in(connection: Connection, channel_id: str) -> str:
    group = group_id(SENDER, channel_id)
    query = select(incidents.c.id).where(incidents.c.group_id == group, incidents.c.open)
    return str(connection.execute(query).scalar_one_or_none() or "")


def _existing(connection: Connection, storm_id: str) -> str:
    query = select(incidents.c.id).where(incidents.c.id == storm_id)
    return str(connection.execute(query).scalar_one_or_none() or "") if storm_id else ""


def _recent(connection: Connection, channel_id: str, since: datetime, most: int) -> int:
    """Count the incidents that a channel was told of since, in whatever way, up to a number; silent ones are not."""
    told = select(literal(1)).where(messages.c.channel_id == channel_id, messages.c.began_at > since, _BY_ITSELF)
    return connection.execute(select(func.count()).select_from(told.limit(most).subquery())).scalar_one()


def _loaded(connection: Connection, row: Any, window_s: float) -> Storm:
    query = select(messages.c.incident_id, messages.c.state, messages.c.held)
    found = connection.execute(query.where(messages.c.storm_id == row["id"])).all()
    members = [(state == Begun.STORM.value, _member(name, held)) for name, state, held in found]
    members.sort(key=lambda each: (each[1].opened_at, each[1].incident_id))
    return Storm(
        id=row["id"],
        channel_id=row["group_key"],
        began_at=row["opened_at"],
        ended_at=row["resolved_at"],
        version=row["version"],
        members=tuple(member for within, member in members if within),
        apart=tuple(member for within, member in members if not within),
        alone=_alone(connection, row, window_s),
    )


def _alone(connection: Connection, row: Any, window_s: float) -> int:
    """Count the incidents of a storm's time that have messages of their own."""
    since = row["opened_at"] - timedelta(seconds=window_s)
    own = and_(messages.c.channel_id == row["group_key"], messages.c.began_at > since, _BY_ITSELF)
    own = and_(own, messages.c.state != Begun.STORM.value)
    if row["resolved_at"] is not None:
        own = and_(own, messages.c.began_at <= row["resolved_at"])
    return connection.execute(select(func.count()).select_from(messages).where(own)).scalar_one()


def _held(member: Member) -> dict[str, Any]:
    return asdict(member) | {"opened_at": member.opened_at.isoformat(), "services": list(member.services)}


def _member(incident_id: str, held: dict[str, Any]) -> Member:
    said = {
        "opened_at": datetime.fromisoformat(held["opened_at"]),
        "status": Status(held["status"]),
        "severity": Severity(held["severity"]),
        "services": tuple(held["services"]),
    }
    return Member(**(held | said | {"incident_id": incident_id}))
