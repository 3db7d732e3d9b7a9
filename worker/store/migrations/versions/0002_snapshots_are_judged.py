"""Snapshots are judged before they go live; documents can be withdrawn; who did what to the index is on record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME = sa.String(255)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Every snapshot so far went live when it was built.
    op.add_column("snapshots", sa.Column("state", sa.String(length=16), nullable=False, server_default="kept"))
    op.add_column("snapshots", sa.Column("judgement", sa.JSON(), nullable=True))
    op.add_column("snapshots", sa.Column("published_at", TIME, nullable=True))
    op.add_column("snapshots", sa.Column("held", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE snapshots SET published_at = built_at")
    op.create_table(
        "withdrawals",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_withdrawals")),
    )
    op.create_table(
        "audit",
        sa.Column("id", NAME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_at", table_name="audit")
    op.drop_table("audit")
    op.drop_table("withdrawals")
    # The older release knows only snapshots that were live.
    op.execute("DELETE FROM snapshots WHERE published_at IS NULL AND id NOT IN (SELECT snapshot_id FROM pointers)")
    for column in ("held", "published_at", "judgement", "state"):
        op.execute(f"ALTER TABLE snapshots DROP COLUMN {column}")  # in place: to copy the table would lose documents
