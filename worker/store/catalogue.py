"""Which index snapshot is live, what documents are in each, and who may read them: the truth on readers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, desc, exists, literal, select, update
from sqlalchemy.sql.elements import ColumnElement

from domain.access import Readers, Ruling
from domain.document import DocumentMeta
from domain.errors import BadSettings
from domain.snapshot import Judgement, Loss, Published, Record, Snapshot, State
from worker.store.document_rows import document_meta, document_row
from worker.store.engine import Database
from worker.store.epochs import current_epoch
from worker.store.readers import ReadersOfRecord, effective
from worker.store.rows import in_batches
from worker.store.tables import documents, pointers, snapshots

_LIVE = "live"
_FIELDS = ("id", "built_at", "content", "fingerprint", "documents", "chunks", "commits")
_BUILDING, _KEPT, _REFUSED = State.BUILDING.value, State.KEPT.value, State.REFUSED.value


class Catalogue:
    """The snapshots and their documents."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database
        self._readers = ReadersOfRecord(database)
        self._behind: tuple[str, int, frozenset[str]] = ("", -1, frozenset())

    def live(self) -> Snapshot | None:
        """Return the snapshot that answers queries, or None where none was published."""
        with self._database.read() as connection:
            found = _live(connection)
        return found.snapshot if found else None

    def live_record(self) -> Record | None:
        """Return the record of the snapshot that answers queries."""
        with self._database.read() as connection:
            return _live(connection)

    def begin(self, published: Published) -> None:
        """Record a snapshot that is about to be built, with its documents; until it is published it is not live."""
        snapshot = published.snapshot
        rows = [document_row(snapshot.id, meta) for meta in published.documents]
        row = {name: getattr(snapshot, name) for name in _FIELDS} | {"commits": dict(snapshot.commits)}
        with self._database.write() as connection:
            self._database.add(connection, snapshots, row | {"state": _BUILDING, "held": ""})
            if rows:
                connection.execute(documents.insert(), rows)

    def publish(self, snapshot_id: str, judgement: Judgement, now: datetime) -> None:
        """Make a snapshot the live one, with what the golden queries said of it, in one transaction.

        Raises:
            BadSettings: there is no such snapshot.
        """
        values = {"state": _KEPT, "judgement": asdict(judgement), "published_at": now, "held": ""}
        with self._database.write() as connection:
            _set(connection, snapshot_id, values)
            self._point(connection, snapshot_id)

    def refuse(self, snapshot_id: str, judgement: Judgement) -> None:
        """Record that a snapshot may not go live, and why.

        Raises:
            BadSettings: there is no such snapshot.
        """
        with self._database.write() as connection:
            _set(connection, snapshot_id, {"state": _REFUSED, "judgement": asdict(judgement)})

    def roll_back(self, why: str) -> tuple[Snapshot, Snapshot]:
        """Make the snapshot live that was live before the one that is; return the one left, and the one taken.

        The one left is held: a sync that finds the same documents does not publish them again.

        Raises:
            BadSettings: nothing was live before.
        """
        with self._database.write() as connection:
            live = _live(connection)
            before = _before(connection, live)
            if live is None or before is None:
                raise BadSettings("No snapshot was live before this one.", mend="See `middlewatch index list`.")
            _set(connection, live.snapshot.id, {"held": why})
            self._point(connection, before.snapshot.id)
        return live.snapshot, before.snapshot

    def before(self) -> Record | None:
        """Return the snapshot that a rollback would make live."""
        with self._database.read() as connection:
            return _before(connection, _live(connection))

    def records(self) -> tuple[Record, ...]:
        """Return every snapshot on record, the newest first."""
        query = _recorded().order_by(desc(snapshots.c.built_at), desc(snapshots.c.id))
        with self._database.read() as connection:
            return tuple(_record(row) for row in connection.execute(query).mappings())

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return every finished snapshot, the newest first."""
        return tuple(record.snapshot for record in self.records() if record.state is not State.BUILDING)

    def record(self, snapshot_id: str) -> Record | None:
        """Return what is on record of a snapshot."""
        with self._database.read() as connection:
            return _first(connection, _recorded().where(snapshots.c.id == snapshot_id))

    def same(self, content: str, fingerprint: str) -> Record | None:
        """Return the newest finished snapshot of exactly these documents, built in exactly this way."""
        alike = (snapshots.c.content == content, snapshots.c.fingerprint == fingerprint)
        query = _recorded().where(*alike, snapshots.c.state != _BUILDING).order_by(desc(snapshots.c.built_at))
        with self._database.read() as connection:
            return _first(connection, query.limit(1))

    def unfinished(self) -> tuple[str, ...]:
        """Return the snapshots that were begun and came to no end."""
        query = select(snapshots.c.id).where(snapshots.c.state == _BUILDING)
        with self._database.read() as connection:
            return tuple(connection.execute(query).scalars())

    def documents(self, snapshot_id: str) -> tuple[DocumentMeta, ...]:
        """Return the documents of a snapshot, by id."""
        query = select(documents).where(documents.c.snapshot_id == snapshot_id).order_by(documents.c.document_id)
        with self._database.read() as connection:
            return tuple(document_meta(row) for row in connection.execute(query).mappings())

    def readers(self, snapshot: str, document_ids: Collection[str]) -> Mapping[str, Readers]:
        """Return who may read these documents; one that is withdrawn or unknown is absent, and nobody may read it."""
        built: dict[str, Readers] = {}
        with self._database.read() as connection:
            for batch in in_batches(sorted(document_ids)):
                query = select(documents.c.document_id, documents.c.readers).where(
                    documents.c.snapshot_id == snapshot, documents.c.document_id.in_(batch)
                )
                built.update({name: frozenset(readers) for name, readers in connection.execute(query)})
            return effective(connection, built)

    def built_with(self, snapshot_id: str, document_id: str) -> Readers | None:
        """Return the readers that a document of a snapshot was built with; None where it is not in it."""
        named = (documents.c.snapshot_id == snapshot_id, documents.c.document_id == document_id)
        with self._database.read() as connection:
            found = connection.execute(select(documents.c.readers).where(*named)).scalar()
        return None if found is None else frozenset(found)

    def epoch(self) -> int:
        """Return a number that has grown whenever who may read what has changed."""
        return self._readers.epoch()

    def rule(self, made: Mapping[str, Ruling]) -> None:
        """Let these rulings hold at once, in every snapshot: they narrow what it was built with."""
        self._readers.rule(made)

    def withheld(self, snapshot: str) -> frozenset[str]:
        """Return the documents that lost readers since this snapshot was written, so that its index is behind.

        Whatever the index returns outside an audience beside these is a leak.
        """
        with self._database.read() as connection:
            epoch = current_epoch(connection)
            known = self._behind
            if known[:2] != (snapshot, epoch):
                query = select(documents.c.document_id, documents.c.readers).where(documents.c.snapshot_id == snapshot)
                built = {name: frozenset(readers) for name, readers in connection.execute(query)}
                now = effective(connection, built)
                found = frozenset(name for name, readers in built.items() if now.get(name) != readers)
                self._behind = known = (snapshot, epoch, found)
            return known[2]

    def forget(self, snapshot_id: str) -> None:
        """Take a snapshot that is not live off the record.

        Raises:
            BadSettings: it is the live one.
        """
        with self._database.write() as connection:
            connection.execute(delete(snapshots).where(snapshots.c.id == snapshot_id, ~_is_live()))
            if connection.execute(select(snapshots.c.id).where(snapshots.c.id == snapshot_id)).first() is not None:
                raise BadSettings("The live snapshot cannot be forgotten.", mend="Publish another one first.")

    def _point(self, connection: Connection, snapshot_id: str) -> None:
        point = self._database.insert(pointers).values(name=_LIVE, snapshot_id=snapshot_id)
        connection.execute(
            point.on_conflict_do_update(index_elements=[pointers.c.name], set_={"snapshot_id": snapshot_id})
        )


def _is_live() -> ColumnElement[bool]:
    return exists().where(pointers.c.name == literal(_LIVE), pointers.c.snapshot_id == snapshots.c.id)


def _recorded() -> Select[Any]:
    return select(snapshots, _is_live().label("is_live"))


def _first(connection: Connection, query: Select[Any]) -> Record | None:
    row = connection.execute(query).mappings().first()
    return _record(row) if row else None


def _live(connection: Connection) -> Record | None:
    return _first(connection, _recorded().where(_is_live()))


def _before(connection: Connection, live: Record | None) -> Record | None:
    """Return what was live before: published earlier, and neither refused nor taken back since."""
    if live is None:
        return None
    fit = (snapshots.c.published_at < live.published_at, snapshots.c.state == _KEPT, snapshots.c.held == "")
    return _first(connection, _recorded().where(*fit).order_by(desc(snapshots.c.published_at)).limit(1))


def _set(connection: Connection, snapshot_id: str, values: Mapping[str, Any]) -> None:
    changed = connection.execute(update(snapshots).where(snapshots.c.id == snapshot_id).values(**values))
    if changed.rowcount != 1:
        raise BadSettings("There is no such snapshot.", mend="See `middlewatch index list`.")


def _record(row: RowMapping) -> Record:
    return Record(
        snapshot=Snapshot(**{name: row[name] for name in _FIELDS}),
        state=State.LIVE if row["is_live"] else State(row["state"]),
        judgement=_judgement(row["judgement"]),
        published_at=row["published_at"],
        held=row["held"],
    )


def _judgement(stored: Mapping[str, Any] | None) -> Judgement | None:
    if stored is None:
        return None
    losses = tuple(Loss(loss["query"], loss["why"], tuple(loss["documents"])) for loss in stored["losses"])
    return Judgement(**{**stored, "faults": tuple(stored["faults"]), "losses": losses})
