"""The one place that turns a driver's error into ours, with what to do next.

SQLite result codes: https://www.sqlite.org/rescode.html. PostgreSQL codes: its manual, appendix A.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError

from domain.errors import BadInput, MiddlewatchError, StoreUnavailable

_UPGRADE = "Run `middlewatch db upgrade`."
_DAMAGED = (
    "the file is damaged or is not an SQLite database",
    "Restore a backup, or move the file away.",
)
_READ_ONLY = ("the database is read-only", "Give the process the right to write to the file and its folder.")
_FULL = ("the disk is full", "Free some space; nothing that was acknowledged is lost.")
_LOCKED = ("another process holds the database", "Try again; if it lasts, find the process that holds the file open.")
_NO_TABLES = ("its tables are missing or old", _UPGRADE)
_UNREACHABLE = ("it cannot be reached", "Check that it runs and that [store] database_url names it.")

_SQLITE = {
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_FULL": _FULL,
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_CANTOPEN": ("the file cannot be opened", "Check that the folder exists and may be written to."),
    "SQLITE_IOERR": ("the disk does not answer properly", "Check the disk that holds the file."),
    "SQLITE_PERM": _READ_ONLY,
}

_POSTGRESQL = {
    "53100": _FULL,
    "53300": ("it has no connection left", "Raise max_connections, or run fewer processes."),
    "25006": ("the database is read-only", "Point [store] database_url at the primary."),
    "42P01": _NO_TABLES,
    "42703": _NO_TABLES,
    "3D000": ("there is no database of that name", "Create it, or correct [store] database_url."),
    "40P01": ("two of its users waited for each other", "Try again."),
    "55P03": ("another process holds what is needed", "Try again; if it lasts, look at pg_locks."),
    "57014": ("it took too long to answer", "Try again; if it lasts, look at what else it is doing."),
}

_CONNECT = (
    (("database", "does not exist"), "3D000"),
    (("role", "does not exist"), "28000"),
    (("authentication failed",), "28P01"),
    (("too many clients",), "53300"),
    (("remaining connection slots",), "53300"),
)


def named(error: DBAPIError, where: str) -> MiddlewatchError:
    """Return our error for a driver's, to be raised from it. `where` names the database without its password."""
    if isinstance(error, DataError):
        return BadInput("A value does not fit into the database.", reason="does-not-fit")
    what, mend = _explained(error.orig)
    return StoreUnavailable(f"The database {where} did not answer: {what}.", mend=mend)


def _explained(error: BaseException | None) -> tuple[str, str]:
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    code = getattr(error, "sqlstate", None) or _code_of_connect(str(error))
    if code.startswith("28"):
        return "it refuses the user or the password", "Correct [store] database_url."
    return _POSTGRESQL.get(code, _UNREACHABLE)


def _code_of_connect(told: str) -> str:
    """Return the code of a refused connection, for which libpq gives words only."""
    return next((code for words, code in _CONNECT if all(word in told for word in words)), "")


def _of_sqlite(error: sqlite3.Error) -> tuple[str, str]:
    name = getattr(error, "sqlite_errorname", "")
    for prefix, explained in _SQLITE.items():
        if name.startswith(prefix):
            return explained
    if "no such" in str(error) or "has no column" in str(error):
        return _NO_TABLES
    return _UNREACHABLE
