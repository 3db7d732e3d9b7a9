"""The tables of money, of what is recorded for replay, and of answers that are kept for a while, and of votes."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from worker.store.columns import Name, UtcTime, Words
from worker.store.tables import metadata

spend = Table(
    "spend",
    metadata,
    Column("id", Name, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("day", String(10), nullable=False),
    Column("incident_id", Name, nullable=False),
    Column("team", Name, nullable=False),
    Column("service", Name, nullable=False),
    Column("model", Words, nullable=False),
    Column("prompt", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Words, nullable=False),
    Column("reserved_nanousd", BigInteger),  # null: the price is unknown, tokens are counted instead
    Column("reserved_tokens", Integer, nullable=False),
    Column("cost_nanousd", BigInteger),  # null: unknown
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("saved_nanousd", BigInteger),  # what a kept answer would have cost again
    Index("ix_spend_at", "at"),
    Index("ix_spend_incident_id", "incident_id"),
)

purses = Table(
    "purses",
    metadata,
    Column("id", Name, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("nanousd", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("told", Integer, nullable=False),  # the last mark, in percent, that was told of
    Index("ix_purses_at", "at"),
)

recordings = Table(
    "recordings",
    metadata,
    Column("id", Name, primary_key=True),  # the run's
    Column("at", UtcTime, nullable=False),
    Column("incident_id", Name, nullable=False),
    Column("channel_id", Name, nullable=False),
    Column("documents", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_recordings_at", "at"),
    Index("ix_recordings_incident_id", "incident_id"),
)

answers = Table(
    "answers",
    metadata,
    Column("id", Name, primary_key=True),  # a hash of audience, snapshot, model and prompt
    Column("at", UtcTime, nullable=False),
    Column("documents", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_answers_at", "at"),
)

cutlines = Table(
    "cutlines",
    metadata,
    Column("channel_id", Name, primary_key=True),
    Column("since", UtcTime, nullable=False),
    Column("lifted_at", UtcTime),
    Column("reason", Words, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("run_id", Name, primary_key=True),
    Column("voter", String(64), primary_key=True),  # a keyed hash of who it was
    Column("incident_id", Name, nullable=False),
    Column("channel_id", Name, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("up", Boolean, nullable=False),
    Index("ix_feedback_channel_id_at", "channel_id", "at"),
    Index("ix_feedback_at", "at"),
)
