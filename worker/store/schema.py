"""Bring the tables to the form that this release reads, with Alembic; and refuse another form."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from domain.errors import BadSettings
from worker.store.engine import Database

_MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 0x6D696464  # any number that nobody else locks


def upgrade(database: Database) -> None:
    """Bring the schema to this release, in one transaction. Two processes may do it at once: one does, one waits.

    Raises:
        StoreUnavailable: the database did not answer.
    """
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        if _runs_on(_revision(connection)):
            return
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back to a revision of this release; what later ones added is dropped with all it holds.

    Raises:
        BadSettings: there is no such revision.
        StoreUnavailable: the database did not answer.
    """
    if revision not in _known():
        raise BadSettings("There is no such revision of the schema.", mend=f"Known: {', '.join(sorted(_known()))}.")
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def schema_version(database: Database) -> str:
    """Return the revision the tables are at, "" where there are none."""
    with database.read() as connection:
        return _revision(connection)


def check_schema(database: Database) -> None:
    """See that the tables have the form that this release reads.

    Raises:
        BadSettings: they are older or newer; says what to run.
        StoreUnavailable: the database did not answer.
    """
    found, wanted = schema_version(database), head()
    if found == wanted or _runs_on(found):
        return
    if found and found not in _known():
        raise BadSettings(
            "The database was made by a newer release.", reason="schema-too-new", mend="Install that release."
        )
    raise BadSettings(
        f"The database is at schema {found or 'none'}, this release needs {wanted}.",
        reason="schema-too-old",
        mend="Run `middlewatch db upgrade`.",
    )


def _known() -> frozenset[str]:
    return frozenset(script.revision for script in _scripts().walk_revisions())


def _runs_on(found: str) -> bool:
    """Tell whether this release runs on a newer schema that it does not know: one of its generation, the first digit.

    Within a generation migrations only add, so that processes of two releases can share a database for a while.
    """
    wanted = head()
    return len(found) == len(wanted) and found.isdigit() and found[:1] == wanted[:1] and found > wanted


def head() -> str:
    """Return the revision that this release reads."""
    return _scripts().get_current_head() or ""


def _revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
