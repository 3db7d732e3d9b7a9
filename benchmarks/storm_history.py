"""A longer past for the database: what one storm left there, many times over."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Insert, Table, insert, literal_column, select

from worker.store import tables as t
from worker.store.engine import open_database
from worker.store.money_tables import recordings

_OF_INCIDENTS = (
    t.incidents,
    t.alerts,
    t.episodes,
    t.outbox,
    t.messages,
    t.bodies,
    t.showings,
    t.replies,
    t.runs,
    recordings,
)
_NAMES = frozenset({"id", "incident_id", "group_id", "run_id", "group_key"})


def multiply(database_url: str, times: int) -> int:
    """Copy every incident with all that belongs to it until there are `times` of each; return how many there are."""
    database = open_database(database_url)
    for number in range(1, times):
        for table in _OF_INCIDENTS:
            with database.write() as connection:
                connection.execute(_copied(table, f"-{number}"))
    with database.write() as connection:
        incidents = len(connection.execute(select(t.incidents.c.id)).all())
    database.engine.dispose()
    return incidents


def _copied(table: Table, mark: str) -> Insert:
    """Return the statement that copies the rows of the first storm under other names."""
    ours = [column for column in table.primary_key if column.name in _NAMES]
    columns: list[ColumnElement[object]] = [
        (column + literal_column(f"'{mark}'")).label(column.name) if column.name in _NAMES else column
        for column in table.columns
    ]
    originals = select(*columns).where(ours[0].not_like("%-%"))
    return insert(table).from_select([column.name for column in table.columns], originals)
