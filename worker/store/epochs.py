"""The epoch of the readers: a number that grows whenever who may read what has changed."""

from __future__ import annotations

from sqlalchemy import Connection, select

from worker.store.engine import Database
from worker.store.tables import epochs

_READERS = "readers"


def current_epoch(connection: Connection) -> int:
    """Return the epoch of the readers."""
    return int(connection.execute(select(epochs.c.value).where(epochs.c.name == _READERS)).scalar() or 0)


def raise_epoch(database: Database, connection: Connection) -> None:
    """Say that who may read what has changed, in the transaction that changed it."""
    first = database.insert(epochs).values(name=_READERS, value=1)
    connection.execute(first.on_conflict_do_update(index_elements=["name"], set_={"value": epochs.c.value + 1}))
