"""What is known of each channel's readers: the groups that all its members hold, as they were last asked for.

An event raises `seq`, so that an answer which was asked for before it is not taken for one from after it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from domain.access import Readers
from worker.membership import Found, State
from worker.store.engine import Database
from worker.store.epochs import raise_epoch
from worker.store.tables import audiences


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one channel. `confirmed_at` is None where it was never confirmed since the last doubt."""

    channel_id: str
    state: State
    groups: Readers
    members: int
    reason: str
    confirmed_at: datetime | None
    due_at: datetime
    seq: int


class AudienceBook:
    """The record of audiences."""

    def __init__(self, database: Database) -> None:
        """Keep it in this database."""
        self._database = database

    def all(self) -> dict[str, Known]:
        """Return what is known, by channel id."""
        with self._database.read() as connection:
            rows = connection.execute(select(audiences)).mappings().all()
        return {row["channel_id"]: _known(row) for row in rows}

    def doubt(self, channel_ids: Collection[str], now: datetime, reason: str) -> None:
        """Believe nothing of these channels any more until they are asked for again, which is due at once.

        That is no change of who may read what is posted: whether somebody lost it is known when they are asked for.
        """
        values = {"state": State.UNKNOWN.value, "reason": reason, "confirmed_at": None, "due_at": now}
        self._happened(channel_ids, now, values)

    def hurry(self, channel_ids: Collection[str], now: datetime) -> None:
        """Have these channels asked for again at once; what is known stands meanwhile."""
        self._happened(channel_ids, now, {"due_at": now})

    def confirm(self, known: Known, found: Found, now: datetime, due_at: datetime) -> bool:
        """Record what was found. False: something happened since `known` was read, so it is asked for again."""
        values = {
            "state": found.state.value,
            "readers": sorted(found.groups),
            "members": found.members,
            "reason": "",
            "confirmed_at": now,
            "due_at": due_at,
        }
        changed = (known.state, known.groups) != (found.state, found.groups) or known.confirmed_at is None
        changed = changed or bool(known.reason)  # while Slack did not answer, messages went without documents
        with self._database.write() as connection:
            done = connection.execute(_ours(known).values(**values)).rowcount == 1
            if done and changed:
                raise_epoch(self._database, connection)
        return done

    def failed(self, known: Known, reason: str, due_at: datetime) -> None:
        """Record that a channel could not be asked for; what is known stands until it is too old."""
        with self._database.write() as connection:
            connection.execute(_ours(known).values(reason=reason, due_at=due_at))

    def _happened(self, channel_ids: Collection[str], now: datetime, values: dict[str, Any]) -> None:
        with self._database.write() as connection:
            for channel_id in sorted(channel_ids):
                fresh = {"channel_id": channel_id, "state": State.UNKNOWN.value, "readers": [], "members": 0}
                row = {"reason": "", "confirmed_at": None, "due_at": now, "seq": 1, **fresh, **values}
                upsert = self._database.insert(audiences).values(row)
                raised = {**values, "seq": audiences.c.seq + 1}
                connection.execute(upsert.on_conflict_do_update(index_elements=["channel_id"], set_=raised))


def _ours(known: Known) -> Any:
    return update(audiences).where(audiences.c.channel_id == known.channel_id, audiences.c.seq == known.seq)


def _known(row: Any) -> Known:
    return Known(
        channel_id=row["channel_id"],
        state=State(row["state"]),
        groups=frozenset(row["readers"]),
        members=row["members"],
        reason=row["reason"],
        confirmed_at=row["confirmed_at"],
        due_at=row["due_at"],
        seq=row["seq"],
    )
