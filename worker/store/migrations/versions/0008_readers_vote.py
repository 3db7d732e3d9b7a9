"""Readers vote on messages: a thumb up or down for each run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME = sa.String(255)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("voter", sa.String(64), nullable=False),
        sa.Column("incident_id", NAME, nullable=False),
        sa.Column("channel_id", NAME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("up", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "voter", name=op.f("pk_feedback")),
    )
    op.create_index("ix_feedback_channel_id_at", "feedback", ["channel_id", "at"], unique=False)
    op.create_index("ix_feedback_at", "feedback", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("feedback")
