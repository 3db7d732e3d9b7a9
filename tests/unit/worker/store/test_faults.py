from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from domain.errors import BadInput, StoreUnavailable
from worker.store.faults import named


class Refused(Exception):
    """An error as psycopg gives it."""

    def __init__(self, told: str = "", sqlstate: str | None = None) -> None:
        super().__init__(told)
        self.sqlstate = sqlstate


def told(error: BaseException) -> str:
    wrapped = OperationalError("SELECT secret", {"password": "hunter2"}, error)
    found = named(wrapped, "postgresql://host/name")
    assert isinstance(found, StoreUnavailable)
    assert found.retryable
    assert "hunter2" not in str(found)
    assert "secret" not in str(found)
    return str(found)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Refused(sqlstate="53100"), "disk is full"),
        (Refused(sqlstate="53300"), "max_connections"),
        (Refused(sqlstate="25006"), "read-only"),
        (Refused(sqlstate="42P01"), "middlewatch db upgrade"),
        (Refused(sqlstate="28P01"), "the user or the password"),
        (Refused(sqlstate="40P01"), "Try again"),
        (Refused(sqlstate="XX000"), "cannot be reached"),
        (Refused('connection failed: FATAL: password authentication failed for user "x"'), "the user or the password"),
        (Refused('connection failed: FATAL:  role "x" does not exist'), "the user or the password"),
        (Refused("connection failed: FATAL: sorry, too many clients already"), "max_connections"),
        (Refused("connection is bad: Connection refused"), "Check that it runs"),
        (sqlite3.OperationalError("no such table: incidents"), "middlewatch db upgrade"),
    ],
)
def test_each_fault_says_what_to_do_next(error: BaseException, expected: str) -> None:
    assert expected in told(error)


def test_a_value_that_does_not_fit_is_bad_input_and_is_not_echoed() -> None:
    wrapped: DBAPIError = DataError("INSERT", {"x": "hunter2"}, Refused("value too long: hunter2"))
    found = named(wrapped, "where")
    assert isinstance(found, BadInput)
    assert not found.retryable
    assert "hunter2" not in str(found)
