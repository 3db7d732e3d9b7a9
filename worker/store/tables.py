"""The tables: what the database holds. `migrations/` builds them; a test says that the two agree."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    text,
)

from worker.store.columns import Name, Usd, UtcTime, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

_ID = Name


def _of_incident() -> ForeignKey:
    return ForeignKey("incidents.id", ondelete="CASCADE")


incidents = Table(
    "incidents",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("group_id", _ID, nullable=False),  # a hash: a group key may be longer than an index takes
    Column("sender", Words, nullable=False),
    Column("group_key", Words, nullable=False),
    Column("status", String(16), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("heard_at", UtcTime, nullable=False),
    Column("resolved_at", UtcTime),
    Column("open", Boolean, nullable=False),  # false: resolved, or silent for so long that another took its place
    Column("version", Integer, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("previous_id", _ID, nullable=False),
    Column("truncated", Integer, nullable=False),
    Index("ix_incidents_group", "group_id", "opened_at"),
    Index("ix_incidents_opened_at", "opened_at"),
    Index("ix_incidents_heard_at", "heard_at"),
)
Index(
    "uq_incidents_open",
    incidents.c.group_id,
    unique=True,
    sqlite_where=text("open"),
    postgresql_where=text("open"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("incident_id", _ID, _of_incident(), primary_key=True),
    Column("fingerprint", Name, primary_key=True),
    Column("status", String(16), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime),
    Column("labels", JSON, nullable=False),
    Column("annotations", JSON, nullable=False),
    Column("link", Words, nullable=False),
)

episodes = Table(
    "episodes",
    metadata,
    Column("id", _ID, primary_key=True),  # a hash of sender, group key, fingerprint and start
    Column("status", String(16), primary_key=True),
    Column("incident_id", _ID),
    Column("seen_at", UtcTime, nullable=False),
    Index("ix_episodes_seen_at", "seen_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("incident_id", _ID, _of_incident(), primary_key=True),
    Column("wanted_version", Integer, nullable=False),
    Column("done_version", Integer, nullable=False),
    Column("waiting_since", UtcTime, nullable=False),
    Column("available_at", UtcTime, nullable=False),
    Column("lease_until", UtcTime),
    Column("token", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    Column("dead_at", UtcTime),
    Column("done_at", UtcTime),  # when work on it last came to its end; empty for what an older release did
    Index("ix_outbox_done_at", "done_at"),
)
_PENDING = text("done_version < wanted_version")
Index("ix_outbox_pending", outbox.c.available_at, sqlite_where=_PENDING, postgresql_where=_PENDING)

messages = Table(
    "messages",
    metadata,
    Column("channel_id", _ID, primary_key=True),
    Column("incident_id", _ID, _of_incident(), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("began_at", UtcTime, nullable=False),
    Column("posted_at", UtcTime),
    Column("ts", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("storm_id", _ID, nullable=False),  # the storm that tells, or told, of the incident; or ""
    Column("held", JSON, nullable=False),  # what that storm counts of it
    Column("silent_until", UtcTime),
    Column("doubted_at", UtcTime),  # when Slack last broke off without saying whether it took the post
    Index("ix_messages_incident_id", "incident_id"),
    Index("ix_messages_channel_id_began_at", "channel_id", "began_at"),
    Index("ix_messages_storm_id", "storm_id"),
    Index("ix_messages_silent_until", "silent_until"),
)

bodies = Table(
    "message_bodies",
    metadata,
    Column("channel_id", _ID, primary_key=True),
    Column("incident_id", _ID, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", Words, nullable=False),
    Column("blocks", JSON, nullable=False),
    Column("rung", String(16), nullable=False),
    Column("run_id", _ID, nullable=False),
    Column("memory", JSON, nullable=False),
    Column("withheld", Boolean, nullable=False),  # it quotes what its channel may not read any more
    ForeignKeyConstraint(
        ["channel_id", "incident_id"], ["messages.channel_id", "messages.incident_id"], ondelete="CASCADE"
    ),
)

showings = Table(  # what each message rests on, as it stands
    "showings",
    metadata,
    Column("channel_id", _ID, primary_key=True),
    Column("incident_id", _ID, primary_key=True),
    Column("audience", JSON, nullable=False),
    Column("documents", JSON, nullable=False),
    ForeignKeyConstraint(
        ["channel_id", "incident_id"], ["messages.channel_id", "messages.incident_id"], ondelete="CASCADE"
    ),
    Index("ix_showings_incident_id", "incident_id"),
)

replies = Table(
    "replies",
    metadata,
    Column("channel_id", _ID, primary_key=True),
    Column("incident_id", _ID, _of_incident(), primary_key=True),
    Column("about", Name, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Index("ix_replies_incident_id", "incident_id"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("incident_id", _ID, nullable=False),
    Column("channel_id", _ID, nullable=False),
    Column("incident_version", Integer, nullable=False),
    Column("audience", JSON, nullable=False),
    Column("decision", String(32), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("versions", JSON, nullable=False),
    Column("steps_ms", JSON, nullable=False),
    Column("rung", String(16), nullable=False),
    Column("model", Words, nullable=False),
    Column("model_outcome", Words, nullable=False),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cost_nanousd", Usd),
    Column("kept", Integer, nullable=False),
    Column("dropped", JSON, nullable=False),
    Column("first_message_at", UtcTime),
    Column("resolved_at", UtcTime),
    Column("message_ts", String(64), nullable=False),
    Column("error", Words, nullable=False),
    Column("details", JSON, nullable=False),
    Index("ix_runs_incident_id", "incident_id"),
    Index("ix_runs_started_at", "started_at"),
)

changes = Table(
    "changes",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("who", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("service", Name, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("link", Words, nullable=False),
    Index("ix_changes_service_at", "service", "at"),
    Index("ix_changes_at", "at"),
)

change_readers = Table(
    "change_readers",
    metadata,
    Column("change_id", _ID, ForeignKey("changes.id", ondelete="CASCADE"), primary_key=True),
    Column("reader", Name, primary_key=True),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("built_at", UtcTime, nullable=False),
    Column("content", _ID, nullable=False),
    Column("fingerprint", Words, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("commits", JSON, nullable=False),
    Column("state", String(16), nullable=False),  # building, kept or refused; the live one is pointed at
    Column("judgement", JSON),
    Column("published_at", UtcTime),
    Column("held", Words, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("snapshot_id", _ID, ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True),
    Column("document_id", Words, primary_key=True),
    Column("readers", JSON, nullable=False),
    Column("meta", JSON, nullable=False),
)

pointers = Table(
    "pointers",
    metadata,
    Column("name", _ID, primary_key=True),
    Column("snapshot_id", _ID, ForeignKey("snapshots.id"), nullable=False),
)

rulings = Table(  # who may read a document by its source as it was last read, and by which rules
    "rulings",
    metadata,
    Column("document_id", Words, primary_key=True),
    Column("steps", JSON, nullable=False),
)

revocations = Table(
    "revocations",
    metadata,
    Column("document_id", Words, primary_key=True),
    Column("reader", Name, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Words, nullable=False),
    Column("reason", Words, nullable=False),
)

epochs = Table(  # raised whenever who may read what has changed
    "epochs",
    metadata,
    Column("name", _ID, primary_key=True),
    Column("value", Integer, nullable=False),
)

audiences = Table(  # the groups that all members of a channel hold, as they were last asked for
    "audiences",
    metadata,
    Column("channel_id", _ID, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("readers", JSON, nullable=False),
    Column("members", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    Column("confirmed_at", UtcTime),
    Column("due_at", UtcTime, nullable=False),
    Column("seq", Integer, nullable=False),  # raised by every event, so that an answer from before it is not kept
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("document_id", Words, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Words, nullable=False),
    Column("reason", Words, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Words, nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Index("ix_audit_at", "at"),
)

refusals = Table(
    "refusals",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("sender", Words, nullable=False),
    Column("delivery_id", Words, nullable=False),
    Column("ignored", Words, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("details", JSON, nullable=False),
    Index("ix_refusals_at", "at"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", _ID, primary_key=True),
    Column("owner", Name, nullable=False),
    Column("until", UtcTime, nullable=False),
)
