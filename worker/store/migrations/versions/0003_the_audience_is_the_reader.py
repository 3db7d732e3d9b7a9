"""Readers are ruled and revoked apart from snapshots; audiences are computed; messages know what they rest on."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = sa.String(255)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rulings",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_rulings")),
    )
    op.create_table(
        "revocations",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("reader", NAME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "reader", name=op.f("pk_revocations")),
    )
    op.create_table(
        "epochs",
        sa.Column("name", NAME, nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_epochs")),
    )
    op.create_table(
        "audiences",
        sa.Column("channel_id", NAME, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("readers", sa.JSON(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_audiences")),
    )
    op.create_table(
        "showings",
        sa.Column("channel_id", NAME, nullable=False),
        sa.Column("incident_id", NAME, nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id", "incident_id"],
            ["messages.channel_id", "messages.incident_id"],
            name=op.f("fk_showings_channel_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", "incident_id", name=op.f("pk_showings")),
    )
    op.create_index("ix_showings_incident_id", "showings", ["incident_id"], unique=False)
    op.add_column("message_bodies", sa.Column("withheld", sa.Boolean(), nullable=False, server_default=sa.false()))
    _fill_showings()


def _fill_showings() -> None:
    """Note what the messages that are there rest on, so that they follow a revocation too."""
    connection = op.get_bind()
    newest = connection.execute(
        sa.text(
            "SELECT m.channel_id, m.incident_id, b.memory FROM messages m JOIN message_bodies b"
            " ON b.channel_id = m.channel_id AND b.incident_id = m.incident_id AND b.seq = m.seq"
        )
    )
    for channel, incident, stored in newest.all():
        memory = json.loads(stored) if isinstance(stored, str) else stored
        summary = memory.get("summary", {})
        named = {meta["id"] for meta in (*summary.get("sources", ()), *summary.get("nearest", ()))}
        connection.execute(
            sa.text("INSERT INTO showings VALUES (:channel, :incident, 'null', :documents)"),
            {"channel": channel, "incident": incident, "documents": json.dumps(sorted(named))},
        )


def downgrade() -> None:
    # The older release shows every text that a message has shown; those that are withheld must not come back.
    op.execute("DELETE FROM message_bodies WHERE withheld")
    op.execute("ALTER TABLE message_bodies DROP COLUMN withheld")
    op.drop_index("ix_showings_incident_id", table_name="showings")
    for table in ("showings", "audiences", "epochs", "revocations", "rulings"):
        op.drop_table(table)
