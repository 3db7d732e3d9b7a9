"""Documents of a snapshot as rows, and back."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import RowMapping

from domain.document import DocumentMeta, Kind, SendToModel


def document_row(snapshot_id: str, meta: DocumentMeta) -> dict[str, Any]:
    """Return the row of one document in one snapshot."""
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


def document_meta(row: RowMapping) -> DocumentMeta:
    """Return the document that a row holds."""
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
