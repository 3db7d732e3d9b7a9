"""Messages of which it is not known whether they were posted: after a restore, the record is older than the channel."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, update

from worker.store.engine import Database
from worker.store.messages import Begun, Place, at_place, new_row
from worker.store.tables import messages


def doubt(database: Database, place: Place, since: datetime) -> bool:
    """Record that a message may have been posted at or after `since`, so that it is looked for.

    False: it is on record that it was posted.
    """
    unposted = and_(at_place(place), messages.c.state.in_((Begun.FRESH.value, Begun.AMBIGUOUS.value)))
    values = {"state": Begun.AMBIGUOUS.value, "began_at": since}
    with database.write() as connection:
        if database.add(connection, messages, new_row(place, since)):
            return True
        return connection.execute(update(messages).where(unposted).values(**values)).rowcount == 1
