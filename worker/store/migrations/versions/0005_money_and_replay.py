"""Calls to models are paid from purses with caps; runs are recorded whole, so that they can be replayed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = sa.String(255)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "spend",
        sa.Column("id", NAME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("incident_id", NAME, nullable=False),
        sa.Column("team", NAME, nullable=False),
        sa.Column("service", NAME, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reserved_nanousd", sa.BigInteger(), nullable=True),
        sa.Column("reserved_tokens", sa.Integer(), nullable=False),
        sa.Column("cost_nanousd", sa.BigInteger(), nullable=True),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("saved_nanousd", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spend")),
    )
    op.create_index("ix_spend_at", "spend", ["at"], unique=False)
    op.create_index("ix_spend_incident_id", "spend", ["incident_id"], unique=False)
    op.create_table(
        "purses",
        sa.Column("id", NAME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("nanousd", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purses")),
    )
    op.create_index("ix_purses_at", "purses", ["at"], unique=False)
    op.create_table(
        "recordings",
        sa.Column("id", NAME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("incident_id", NAME, nullable=False),
        sa.Column("channel_id", NAME, nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
    )
    op.create_index("ix_recordings_at", "recordings", ["at"], unique=False)
    op.create_index("ix_recordings_incident_id", "recordings", ["incident_id"], unique=False)
    op.create_table(
        "answers",
        sa.Column("id", NAME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_at", "answers", ["at"], unique=False)
    op.create_table(
        "cutlines",
        sa.Column("channel_id", NAME, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("lifted_at", TIME, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_cutlines")),
    )


def downgrade() -> None:
    for table in ("cutlines", "answers", "recordings", "purses", "spend"):
        op.drop_table(table)
