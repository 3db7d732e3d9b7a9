"""Which index snapshot is live, what documents are in each, and who may read them: the truth on readers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, delete, desc, exists, select

from domain.access import Readers
from domain.document import DocumentMeta, Kind, SendToModel
from domain.errors import BadSettings
from domain.snapshot import Published, Snapshot
from worker.store.engine import Database
from worker.store.rows import in_batches
from worker.store.tables import documents, pointers, snapshots

_LIVE = "live"


class Catalogue:
    """The snapshots and their documents."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def live(self) -> Snapshot | None:
        """Return the snapshot that answers queries, or None where none was published."""
        pointed = select(pointers.c.snapshot_id).where(pointers.c.name == _LIVE)
        with self._database.read() as connection:
            row = connection.execute(
                select(snapshots).where(snapshots.c.id == pointed.scalar_subquery())
            ).mappings().first()  # fmt: skip
        return None if row is None else Snapshot(**row)

    def publish(self, published: Published) -> None:
        """Record a snapshot with its documents and make it the live one, in one transaction."""
        snapshot = published.snapshot
        rows = [_document_row(snapshot.id, meta) for meta in published.documents]
        names = ("id", "built_at", "content", "fingerprint", "documents", "chunks")
        row = {name: getattr(snapshot, name) for name in names} | {"commits": dict(snapshot.commits)}
        point = self._database.insert(pointers).values(name=_LIVE, snapshot_id=snapshot.id)
        point = point.on_conflict_do_update(index_elements=[pointers.c.name], set_={"snapshot_id": snapshot.id})
        with self._database.write() as connection:
            self._database.add(connection, snapshots, row)
            connection.execute(delete(documents).where(documents.c.snapshot_id == snapshot.id))
            if rows:
                connection.execute(documents.insert(), rows)
            connection.execute(point)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return every snapshot on record, the newest first."""
        query = select(snapshots).order_by(desc(snapshots.c.built_at), desc(snapshots.c.id))
        with self._database.read() as connection:
            return tuple(Snapshot(**row) for row in connection.execute(query).mappings())

    def documents(self, snapshot_id: str) -> tuple[DocumentMeta, ...]:
        """Return the documents of a snapshot, by id."""
        query = select(documents).where(documents.c.snapshot_id == snapshot_id).order_by(documents.c.document_id)
        with self._database.read() as connection:
            return tuple(_meta(row) for row in connection.execute(query).mappings())

    def readers(self, snapshot: str, document_ids: Collection[str]) -> Mapping[str, Readers]:
        """Return who may read these documents; one that is not on record is absent, and nobody may read it."""
        found: dict[str, Readers] = {}
        with self._database.read() as connection:
            for batch in in_batches(sorted(document_ids)):
                query = select(documents.c.document_id, documents.c.readers).where(
                    documents.c.snapshot_id == snapshot, documents.c.document_id.in_(batch)
                )
                found.update({name: frozenset(readers) for name, readers in connection.execute(query)})
        return found

    def forget(self, snapshot_id: str) -> None:
        """Take a snapshot that is not live off the record.

        Raises:
            BadSettings: it is the live one.
        """
        pointed = exists().where(pointers.c.snapshot_id == snapshots.c.id)
        with self._database.write() as connection:
            connection.execute(delete(snapshots).where(snapshots.c.id == snapshot_id, ~pointed))
            if connection.execute(select(snapshots.c.id).where(snapshots.c.id == snapshot_id)).first() is not None:
                raise BadSettings("The live snapshot cannot be forgotten.", mend="Publish another one first.")


def _document_row(snapshot_id: str, meta: DocumentMeta) -> dict[str, Any]:
    return {
        "snapshot_id": snapshot_id,
        "document_id": meta.id,
        "readers": sorted(meta.readers),
        "meta": {
            "source": meta.source,
            "path": meta.path,
            "kind": meta.kind.value,
            "title": meta.title,
            "link": meta.link,
            "date": meta.date.isoformat() if meta.date else None,
            "reviewed": meta.reviewed.isoformat() if meta.reviewed else None,
            "commit": meta.commit,
            "services": list(meta.services),
            "tags": list(meta.tags),
            "send_to_model": meta.send_to_model.value,
            "content_hash": meta.content_hash,
        },
    }


def _meta(row: RowMapping) -> DocumentMeta:
    meta = row["meta"]
    return DocumentMeta(
        id=row["document_id"],
        source=meta["source"],
        path=meta["path"],
        kind=Kind(meta["kind"]),
        title=meta["title"],
        readers=frozenset(row["readers"]),
        link=meta["link"],
        date=date.fromisoformat(meta["date"]) if meta["date"] else None,
        reviewed=date.fromisoformat(meta["reviewed"]) if meta["reviewed"] else None,
        commit=meta["commit"],
        services=tuple(meta["services"]),
        tags=tuple(meta["tags"]),
        send_to_model=SendToModel(meta["send_to_model"]),
        content_hash=meta["content_hash"],
    )
