"""Which revision the tables are at, without Alembic: its import costs more than an ingest that finds nothing to do."""

from __future__ import annotations

from sqlalchemy import inspect, text

from worker.store.engine import Database

LATEST = "0009"
"""The revision that this release reads; a test holds it to the newest of the migrations."""

_TABLE = "alembic_version"


def revision(database: Database) -> str:
    """Return the revision the tables are at, "" where there are none.

    Raises:
        StoreUnavailable: the database did not answer.
    """
    with database.read() as connection:
        if not inspect(connection).has_table(_TABLE):
            return ""
        return str(connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar() or "")  # noqa: S608
