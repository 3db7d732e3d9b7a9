"""One process from its first line to its last: what is opened, in which order, and closed again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from worker.bundled_redis import BundledRedis
from worker.settings import Settings
from worker.store import schema
from worker.store.engine import open_database
from worker.wiring import Parts


def migrate(settings: Settings) -> str:
    """Bring the database to this version's schema and return its revision."""
    database = open_database(settings.database_url)
    try:
        schema.upgrade(database)
        return schema.schema_version(database)
    finally:
        database.close()


def migrate_back(settings: Settings, revision: str) -> str:
    """Take the database back to an earlier schema and return its revision."""
    database = open_database(settings.database_url)
    try:
        schema.downgrade(database, revision)
        return schema.schema_version(database)
    finally:
        database.close()


@contextmanager
def running(settings: Settings, *, migrated: bool = True, bundled_redis: bool = False) -> Iterator[Parts]:
    """Open the parts of one process and close them again; nothing is built before it is used.

    `migrated` refuses an old schema; without it the schema is brought up to date first.

    Raises:
        BadSettings: the settings do not hold together, or the schema is old.
        StoreUnavailable: the database does not answer.
    """
    with ExitStack() as stack:
        parts = Parts(settings, stack)
        if migrated:
            schema.check_schema(parts.store.database)
        else:
            schema.upgrade(parts.store.database)
        if bundled_redis and not settings.store.redis_url:
            parts.bundled_redis = _bundled_redis(settings, stack)
        yield parts


def _bundled_redis(settings: Settings, stack: ExitStack) -> str:
    server = BundledRedis(settings.store.data_dir)
    server.start()
    stack.callback(server.stop)
    return server.url
