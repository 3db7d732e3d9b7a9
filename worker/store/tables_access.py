"""The tables of who may come in over HTTP, and of what was denied."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, String, Table

from worker.store.columns import Name, UtcTime, Words
from worker.store.tables import metadata

tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Name, primary_key=True),
    Column("digest", String(64), nullable=False),  # SHA-256 of the secret, in hexadecimal
    Column("name", Words, nullable=False),
    Column("operator", Boolean, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", Words, nullable=False),
    Column("expires_at", UtcTime),
    Column("last_used_at", UtcTime),
    Column("revoked_at", UtcTime),
)

denied_reads = Table(
    "denied_reads",
    metadata,
    Column("id", Name, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("token_id", Name, nullable=False),
    Column("name", Words, nullable=False),
    Column("what", String(32), nullable=False),
    Column("subject", Words, nullable=False),
    Column("reason", String(64), nullable=False),
    Index("ix_denied_reads_at", "at"),
)
