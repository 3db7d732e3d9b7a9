"""Many incidents at once are told in one message of their channel; some are not told while a silence lasts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = sa.String(255)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("messages", sa.Column("storm_id", NAME, nullable=False, server_default=""))
    op.add_column("messages", sa.Column("held", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("messages", sa.Column("silent_until", TIME, nullable=True))
    op.create_index("ix_messages_channel_id_began_at", "messages", ["channel_id", "began_at"], unique=False)
    op.create_index("ix_messages_storm_id", "messages", ["storm_id"], unique=False)
    op.create_index("ix_messages_silent_until", "messages", ["silent_until"], unique=False)


def downgrade() -> None:
    # The older release knows neither: what still fires and has no message of its own gets one from it.
    op.execute(
        "UPDATE outbox SET done_version = wanted_version - 1 WHERE done_version >= wanted_version AND incident_id IN"
        " (SELECT m.incident_id FROM messages m JOIN incidents i ON i.id = m.incident_id"
        " WHERE m.state IN ('storm', 'silent') AND i.status = 'firing')"
    )
    op.execute("UPDATE messages SET state = 'fresh' WHERE state IN ('storm', 'silent')")
    op.execute("DELETE FROM incidents WHERE sender = 'storm'")
    op.drop_index("ix_messages_silent_until", table_name="messages")
    op.drop_index("ix_messages_storm_id", table_name="messages")
    op.drop_index("ix_messages_channel_id_began_at", table_name="messages")
    for column in ("silent_until", "held", "storm_id"):
        op.execute(
            f"ALTER TABLE messages DROP COLUMN {column}"
        )  # in place: to copy the table would lose what hangs on it
