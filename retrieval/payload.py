"""Payloads: what a point carries so that documents and chunks are rebuilt from it, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.document import Chunk, DocumentMeta, Kind, SendToModel
from retrieval.access_filter import DOCUMENT, KIND, READERS, ROLE

CHUNK_ROLE, DOCUMENT_ROLE = "chunk", "document"


def of_document(meta: DocumentMeta, headings: tuple[str, ...]) -> dict[str, Any]:
    """Return the payload of a document's own point; `headings` are all that stand in it."""
    return {**_meta(meta), ROLE: DOCUMENT_ROLE, "headings": list(headings)}


def of_chunk(chunk: Chunk) -> dict[str, Any]:
    """Return the payload of a chunk."""
    return {
        **_meta(chunk.meta),
        ROLE: CHUNK_ROLE,
        "ordinal": chunk.ordinal,
        "start": chunk.start,
        "end": chunk.end,
        "text": chunk.text,
        "headings": list(chunk.headings),
    }


def _meta(meta: DocumentMeta) -> dict[str, Any]:
    return {
        DOCUMENT: meta.id,
        READERS: sorted(meta.readers),
        KIND: meta.kind.value,
        "source": meta.source,
        "path": meta.path,
        "title": meta.title,
        "link": meta.link,
        "date": meta.date.isoformat() if meta.date else "",
        "reviewed": meta.reviewed.isoformat() if meta.reviewed else "",
        "commit": meta.commit,
        "services": list(meta.services),
        "tags": list(meta.tags),
        "send_to_model": meta.send_to_model.value,
        "content_hash": meta.content_hash,
    }


def document_of(payload: Mapping[str, Any]) -> DocumentMeta:
    """Return the document that a payload tells of. A payload without readers is readable by nobody."""
    return DocumentMeta(
        id=payload[DOCUMENT],
        source=payload["source"],
        path=payload["path"],
        kind=Kind(payload[KIND]),
        title=payload["title"],
        readers=frozenset(payload.get(READERS) or ()),
        link=payload["link"],
        date=_date(payload["date"]),
        reviewed=_date(payload["reviewed"]),
        commit=payload["commit"],
        services=tuple(payload["services"]),
        tags=tuple(payload["tags"]),
        send_to_model=SendToModel(payload["send_to_model"]),
        content_hash=payload["content_hash"],
    )


def chunk_of(point_id: str, payload: Mapping[str, Any], meta: DocumentMeta) -> Chunk:
    """Return the chunk that a payload holds, under its document."""
    return Chunk(
        id=point_id,
        meta=meta,
        ordinal=payload["ordinal"],
        start=payload["start"],
        end=payload["end"],
        text=payload["text"],
        headings=tuple(payload["headings"]),
    )


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
