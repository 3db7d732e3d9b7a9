"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAME = sa.String(255)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("id", NAME, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("service", NAME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_at", "changes", ["at"], unique=False)
    op.create_index("ix_changes_service_at", "changes", ["service", "at"], unique=False)
    op.create_table(
        "episodes",
        sa.Column("id", NAME, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("incident_id", NAME, nullable=True),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", "status", name=op.f("pk_episodes")),
    )
    op.create_index("ix_episodes_seen_at", "episodes", ["seen_at"], unique=False)
    op.create_table(
        "incidents",
        sa.Column("id", NAME, nullable=False),
        sa.Column("group_id", NAME, nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("heard_at", TIME, nullable=False),
        sa.Column("resolved_at", TIME, nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("previous_id", NAME, nullable=False),
        sa.Column("truncated", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index("ix_incidents_group", "incidents", ["group_id", "opened_at"], unique=False)
    op.create_index("ix_incidents_heard_at", "incidents", ["heard_at"], unique=False)
    op.create_index("ix_incidents_opened_at", "incidents", ["opened_at"], unique=False)
    op.create_index(
        "uq_incidents_open",
        "incidents",
        ["group_id"],
        unique=True,
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "leases",
        sa.Column("name", NAME, nullable=False),
        sa.Column("owner", NAME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "refusals",
        sa.Column("id", NAME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("ignored", sa.Text(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusals")),
    )
    op.create_index("ix_refusals_at", "refusals", ["at"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", NAME, nullable=False),
        sa.Column("incident_id", NAME, nullable=False),
        sa.Column("channel_id", NAME, nullable=False),
        sa.Column("incident_version", sa.Integer(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("decision", sa.String(length=32), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("steps_ms", sa.JSON(), nullable=False),
        sa.Column("rung", sa.String(length=16), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("model_outcome", sa.Text(), nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("cost_nanousd", sa.BigInteger(), nullable=True),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.JSON(), nullable=False),
        sa.Column("first_message_at", TIME, nullable=True),
        sa.Column("resolved_at", TIME, nullable=True),
        sa.Column("message_ts", sa.String(length=64), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_incident_id", "runs", ["incident_id"], unique=False)
    op.create_index("ix_runs_started_at", "runs", ["started_at"], unique=False)
    op.create_table(
        "snapshots",
        sa.Column("id", NAME, nullable=False),
        sa.Column("built_at", TIME, nullable=False),
        sa.Column("content", NAME, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("commits", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "alerts",
        sa.Column("incident_id", NAME, nullable=False),
        sa.Column("fingerprint", NAME, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("annotations", sa.JSON(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_alerts_incident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("incident_id", "fingerprint", name=op.f("pk_alerts")),
    )
    op.create_table(
        "change_readers",
        sa.Column("change_id", NAME, nullable=False),
        sa.Column("reader", NAME, nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["changes.id"], name=op.f("fk_change_readers_change_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("change_id", "reader", name=op.f("pk_change_readers")),
    )
    op.create_table(
        "documents",
        sa.Column("snapshot_id", NAME, nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("readers", sa.JSON(), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshots.id"], name=op.f("fk_documents_snapshot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("snapshot_id", "document_id", name=op.f("pk_documents")),
    )
    op.create_table(
        "messages",
        sa.Column("channel_id", NAME, nullable=False),
        sa.Column("incident_id", NAME, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("posted_at", TIME, nullable=True),
        sa.Column("ts", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_messages_incident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", "incident_id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_incident_id", "messages", ["incident_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("incident_id", NAME, nullable=False),
        sa.Column("wanted_version", sa.Integer(), nullable=False),
        sa.Column("done_version", sa.Integer(), nullable=False),
        sa.Column("waiting_since", TIME, nullable=False),
        sa.Column("available_at", TIME, nullable=False),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("dead_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_outbox_incident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["available_at"],
        unique=False,
        sqlite_where=sa.text("done_version < wanted_version"),
        postgresql_where=sa.text("done_version < wanted_version"),
    )
    op.create_table(
        "pointers",
        sa.Column("name", NAME, nullable=False),
        sa.Column("snapshot_id", NAME, nullable=False),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.id"], name=op.f("fk_pointers_snapshot_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pointers")),
    )
    op.create_table(
        "replies",
        sa.Column("channel_id", NAME, nullable=False),
        sa.Column("incident_id", NAME, nullable=False),
        sa.Column("about", NAME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_replies_incident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", "incident_id", "about", name=op.f("pk_replies")),
    )
    op.create_index("ix_replies_incident_id", "replies", ["incident_id"], unique=False)
    op.create_table(
        "message_bodies",
        sa.Column("channel_id", NAME, nullable=False),
        sa.Column("incident_id", NAME, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("rung", sa.String(length=16), nullable=False),
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id", "incident_id"],
            ["messages.channel_id", "messages.incident_id"],
            name=op.f("fk_message_bodies_channel_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", "incident_id", "seq", name=op.f("pk_message_bodies")),
    )


def downgrade() -> None:
    op.drop_table("message_bodies")
    op.drop_index("ix_replies_incident_id", table_name="replies")
    op.drop_table("replies")
    op.drop_table("pointers")
    op.drop_index(
        "ix_outbox_pending",
        table_name="outbox",
        sqlite_where=sa.text("done_version < wanted_version"),
        postgresql_where=sa.text("done_version < wanted_version"),
    )
    op.drop_table("outbox")
    op.drop_index("ix_messages_incident_id", table_name="messages")
    op.drop_table("messages")
    op.drop_table("documents")
    op.drop_table("change_readers")
    op.drop_table("alerts")
    op.drop_table("snapshots")
    op.drop_index("ix_runs_started_at", table_name="runs")
    op.drop_index("ix_runs_incident_id", table_name="runs")
    op.drop_table("runs")
    op.drop_index("ix_refusals_at", table_name="refusals")
    op.drop_table("refusals")
    op.drop_table("leases")
    op.drop_index(
        "uq_incidents_open", table_name="incidents", sqlite_where=sa.text("open"), postgresql_where=sa.text("open")
    )
    op.drop_index("ix_incidents_opened_at", table_name="incidents")
    op.drop_index("ix_incidents_heard_at", table_name="incidents")
    op.drop_index("ix_incidents_group", table_name="incidents")
    op.drop_table("incidents")
    op.drop_index("ix_episodes_seen_at", table_name="episodes")
    op.drop_table("episodes")
    op.drop_index("ix_changes_service_at", table_name="changes")
    op.drop_index("ix_changes_at", table_name="changes")
    op.drop_table("changes")
